"""Tensors out of a torch archive, without unpickling: a reader that understands data and nothing else.

``torch.save`` writes pickles, and a pickle is a program that can call anything. Here its
instructions are listed with the standard library's disassembler (which executes nothing) and
followed by a small machine that knows dictionaries, lists, tuples, texts, numbers and torch's
notation of a tensor. Whatever else stands in the file, it is refused.

The format is the one that torch wrote before 1.6: five pickles (a magic number, a version, facts
about the machine, the object itself, the keys of its storages), then for each key the number of
elements as eight bytes and the elements, little-endian.
"""

from __future__ import annotations

import io
import math
import pickletools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError

Floats = NDArray[np.float32]
Word = Literal["mapping", "tensor", "storage"]

MAGIC = 0x1950A86A20F9469CFC6C
VERSION = 1001
MOST_BYTES = 1 << 30

WORDS: Mapping[str, Word] = {
    "collections OrderedDict": "mapping",
    "torch._utils _rebuild_tensor_v2": "tensor",
    "torch FloatStorage": "storage",
}
"""The only names that a file may use; each is a word of the notation here, never an import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name that the file uses; nothing is looked up by it."""

    word: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """A run of numbers at the end of the file."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """How a storage is to be looked at: from where, in which shape, with which steps."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    steps: tuple[int, ...]


def read_tensors(path: Path, entry: str) -> dict[str, Floats]:
    """Return the tensors of the dictionary that the archive holds under ``entry``, by name.

    Raises:
        InputError: the file is missing, is not of this format, or holds anything but data.
    """
    try:
        return _tensors(_open(path), entry)
    # what a damaged file makes of the machine's stack is one kind of fault: not this format
    except (OSError, ValueError, LookupError, TypeError, OverflowError) as fault:
        raise InputError(
            f"{path}: no tensors can be read ({type(fault).__name__}: {str(fault)[:80]}); "
            "install the weights again"
        ) from fault


def _open(path: Path) -> BinaryIO:
    if path.stat().st_size > MOST_BYTES:
        raise ValueError("larger than 1 GB")
    return io.BytesIO(path.read_bytes())


def _tensors(stream: BinaryIO, entry: str) -> dict[str, Floats]:
    if _read(stream) != MAGIC or _read(stream) != VERSION:
        raise ValueError("not an archive of torch")
    about, content, keys = (_read(stream) for _ in range(3))
    if not isinstance(about, dict) or about.get("little_endian") is not True:
        raise ValueError("numbers not little-endian")
    found = content.get(entry) if isinstance(content, dict) else None
    if not isinstance(found, dict) or not isinstance(keys, list):
        raise TypeError(f"no entry {entry}")
    storages = _storages(stream, keys)
    return {
        name: _look(tensor, storages)
        for name, tensor in found.items()
        if isinstance(name, str) and isinstance(tensor, Tensor)
    }


def _storages(stream: BinaryIO, keys: Sequence[object]) -> dict[object, Floats]:
    storages: dict[object, Floats] = {}
    for key in keys:
        count = int.from_bytes(stream.read(8), "little")
        # a count made up reads to the end of the file at most
        numbers = stream.read(min(4 * count, MOST_BYTES))
        if len(numbers) != 4 * count or not isinstance(key, str):
            raise ValueError("the file ends too early")
        storages[key] = np.frombuffer(numbers, dtype="<f4").astype(np.float32, copy=False)
    return storages


def _look(tensor: Tensor, storages: Mapping[object, Floats]) -> Floats:
    numbers = storages[tensor.storage.key]
    reach = tensor.offset + sum(
        (n - 1) * step for n, step in zip(tensor.shape, tensor.steps, strict=True)
    )
    # no view may leave its storage, and none may blow up a few numbers by steps of zero
    if math.prod(tensor.shape) > len(numbers) or reach >= len(numbers):
        raise ValueError("a tensor leaves its storage")
    view = np.lib.stride_tricks.as_strided(
        numbers[tensor.offset :], tensor.shape, [4 * step for step in tensor.steps]
    )
    return view.copy()


def _read(stream: BinaryIO) -> object:
    """Follow one pickle from the stream and return what it describes."""
    machine = _Machine()
    for code, value, _ in pickletools.genops(stream):
        if (follow := CODES.get(code.name)) is None:
            raise ValueError(f"instruction {code.name} is not data")
        follow(machine, value)
    return machine.stack.pop()


@dataclass(slots=True)
class _Machine:
    stack: list[object] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    memory: dict[object, object] = field(default_factory=dict)

    def since_mark(self) -> list[object]:
        start = self.marks.pop()
        taken = self.stack[start:]
        del self.stack[start:]
        return taken

    def last(self, count: int) -> list[object]:
        if count > len(self.stack):
            raise LookupError("nothing on the stack")
        taken = self.stack[-count:]
        del self.stack[-count:]
        return taken

    def keep(self, value: object) -> None:
        self.memory[value] = self.stack[-1]

    def recall(self, value: object) -> None:
        self.stack.append(self.memory[value])

    def extend(self, values: Sequence[object]) -> None:
        target = self.stack[-1]
        if not isinstance(target, list):
            raise TypeError("no list to add to")
        target += values

    def enter(self, values: Sequence[object]) -> None:
        target = self.stack[-1]
        if not isinstance(target, dict):
            raise TypeError("no dictionary to enter into")
        for key, value in zip(values[::2], values[1::2], strict=True):
            if not isinstance(key, str | int):
                raise TypeError("a key that is neither text nor number")
            target[key] = value

    def name(self, value: object) -> None:
        if value not in WORDS:
            raise ValueError("a name that is not data")
        self.stack.append(Name(word=WORDS[str(value)]))

    def call(self) -> None:
        name, arguments = self.last(2)
        if name == Name(word="mapping") and arguments in ((), ([],)):
            self.stack.append({})
        elif name == Name(word="tensor") and isinstance(arguments, tuple):
            self.stack.append(_tensor(*arguments[:4]))
        else:
            raise ValueError("a call that is not data")

    def find(self) -> None:
        (about,) = self.last(1)
        if not isinstance(about, tuple) or len(about) < 3:
            raise TypeError("no storage")
        kind, what, key = about[:3]
        if kind != "storage" or what != Name(word="storage") or not isinstance(key, str):
            raise ValueError("a storage of another kind")
        self.stack.append(Storage(key=key))

    def build(self) -> None:
        # torch hangs a table of versions on the dictionary of a model; it changes no tensor
        self.last(1)
        if not isinstance(self.stack[-1], dict):
            raise TypeError("a state of something else than a dictionary")


def _tensor(storage: object, offset: object, shape: object, steps: object) -> Tensor:
    if not isinstance(storage, Storage) or not isinstance(shape, tuple):
        raise TypeError("no tensor")
    if not isinstance(steps, tuple):
        raise TypeError("no tensor")
    return Tensor(
        storage=storage,
        offset=_whole(offset),
        shape=tuple(map(_whole, shape)),
        steps=tuple(map(_whole, steps)),
    )


def _whole(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value <= MOST_BYTES:
        raise ValueError("a size out of range")
    return value


def _push(machine: _Machine, value: object) -> None:
    machine.stack.append(value)


Follow = Callable[[_Machine, object], None]
CODES: Mapping[str, Follow] = {
    "PROTO": lambda _, __: None,
    "STOP": lambda _, __: None,
    "MARK": lambda m, _: m.marks.append(len(m.stack)),
    **dict.fromkeys(("BINUNICODE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"), _push),
    "NONE": lambda m, _: m.stack.append(None),
    "NEWTRUE": lambda m, _: m.stack.append(True),
    "NEWFALSE": lambda m, _: m.stack.append(False),
    "EMPTY_DICT": lambda m, _: m.stack.append({}),
    "EMPTY_LIST": lambda m, _: m.stack.append([]),
    "EMPTY_TUPLE": lambda m, _: m.stack.append(()),
    "TUPLE": lambda m, _: m.stack.append(tuple(m.since_mark())),
    "TUPLE1": lambda m, _: m.stack.append(tuple(m.last(1))),
    "TUPLE2": lambda m, _: m.stack.append(tuple(m.last(2))),
    "TUPLE3": lambda m, _: m.stack.append(tuple(m.last(3))),
    "APPEND": lambda m, _: m.extend(m.last(1)),
    "APPENDS": lambda m, _: m.extend(m.since_mark()),
    "SETITEM": lambda m, _: m.enter(m.last(2)),
    "SETITEMS": lambda m, _: m.enter(m.since_mark()),
    **dict.fromkeys(("BINPUT", "LONG_BINPUT"), _Machine.keep),
    **dict.fromkeys(("BINGET", "LONG_BINGET"), _Machine.recall),
    "GLOBAL": _Machine.name,
    "REDUCE": lambda m, _: m.call(),
    "BINPERSID": lambda m, _: m.find(),
    "BUILD": lambda m, _: m.build(),
}
"""The instructions that only describe data; OBJ, INST, NEWOBJ, STACK_GLOBAL and the like are not."""
