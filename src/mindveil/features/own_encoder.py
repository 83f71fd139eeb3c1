"""An encoder of one's own in place of the built-in ones: a network in a file, or a function.

The attacks are as strong as what they see with. Who has a stronger encoder of voices or faces
names it in the study file, and its figures say ``tier: external``. It is given as

- the path of an ``.onnx`` file: one input, ``(1, samples)``, ``(batch, samples)`` or ``(samples,)``
  of 32-bit numbers for voices, ``(batch, height, width, 3)`` of bytes for faces; its first output
  is ``(batch, dimensions)``. Each item is given alone;
- ``package.module:function``: a function that takes a list of arrays, one an item, and returns an
  array ``(items, dimensions)``. It runs with all rights of the user, as any program does.

A voice is mono at 16 kHz within -1 and 1, a face a crop of red, green and blue bytes. A function
may answer NaN for an item in which it finds nobody.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError
from mindveil.features.archives import sha256_of
from mindveil.features.onnx_network import open_network
from mindveil.features.speaker_encoders import RATE, checked, unit_rows
from mindveil.features.speech import spoken

Item = NDArray[np.float32] | NDArray[np.uint8]
Rows = NDArray[np.float64]
Kind = Literal["voice", "face"]
Run = Callable[[Sequence[Item]], Rows]

FACE = 112
"""Pixels along each side of the grey picture that a face encoder is tried on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEncoder:
    """A user's own encoder; made by ``load_own``.

    ``key`` is how it was named, ``digest`` the SHA-256 of its file.
    """

    key: str
    kind: Kind
    digest: str
    dimensions: int
    run: Run

    def embed(self, clips: Sequence[Item]) -> Rows:
        """Return one row of length one an item, shape (items, dimensions).

        Where nobody speaks for 0.3 s, or the encoder itself answers NaN, the row is NaN.

        Raises:
            InputError: the encoder failed, or answered with something else than such rows.
        """
        rows = np.full((len(clips), self.dimensions), np.nan)
        there = [i for i, clip in enumerate(clips) if self.kind == "face" or _speaks(clip)]
        if there:
            found = _ask(self.key, self.run, [clips[i] for i in there])
            if found.shape[1] != self.dimensions:
                raise InputError(
                    f"own encoder {self.key}: {found.shape[1]} numbers an item where there were "
                    f"{self.dimensions}; always return as many"
                )
            rows[there] = unit_rows(found)
        return rows


def load_own(spec: str, *, kind: Kind = "voice") -> OwnEncoder:
    """Return the encoder that ``spec`` names: an ``.onnx`` file or ``package.module:function``.

    It is tried on one item (a second of a hum, a grey picture), which tells its dimensions.

    Raises:
        InputError: there is no such file or function, or it does not answer as it should.
    """
    digest = own_digest(spec)
    run = _opened(_file(spec), kind, digest) if _is_file(spec) else _function(spec)[0]
    found = _ask(spec, run, [_trial(kind)])
    return OwnEncoder(key=spec, kind=kind, digest=digest, dimensions=found.shape[1], run=run)


def own_digest(spec: str) -> str:
    """Return the SHA-256 of what ``spec`` names, without asking it: a file, or a function's module.

    Raises:
        InputError: there is no such file or function.
    """
    return sha256_of(_file(spec) if _is_file(spec) else _function(spec)[1])


def _is_file(spec: str) -> bool:
    return spec.endswith(".onnx")


def _file(spec: str) -> Path:
    path = Path(spec).expanduser().absolute()
    if not path.is_file():
        raise InputError(f"own encoder {spec}: there is no such file; mend the path")
    return path


@cache
def _opened(path: Path, kind: Kind, digest: str) -> Run:
    _ = digest  # another content under the same name is another network
    session = open_network(path)
    (given, *more) = session.get_inputs()
    shapes = {"voice": ("tensor(float)", (1, 2)), "face": ("tensor(uint8)", (4,))}
    numbers, ranks = shapes[kind]
    if more or given.type != numbers or len(given.shape) not in ranks:
        raise InputError(
            f"{path}: takes {given.type} of shape {given.shape}"
            f"{' and more' if more else ''}; a {kind} encoder takes one {numbers} with "
            f"{' or '.join(map(str, ranks))} dimensions"
        )
    alone = len(given.shape) == 1

    def run(items: Sequence[Item]) -> Rows:
        rows = [
            session.run(None, {given.name: np.ascontiguousarray(item if alone else item[None])})[0]
            for item in items
        ]
        return np.stack([np.asarray(row, dtype=np.float64).reshape(-1) for row in rows])

    return run


def _function(spec: str) -> tuple[Run, Path]:
    module_name, _, name = spec.partition(":")
    if not all(part.isidentifier() for part in [*module_name.split("."), name]):
        raise InputError(
            f"own encoder {spec!r}: give the path of an .onnx file or package.module:function"
        )
    try:
        module = import_module(module_name)
    except Exception as fault:  # whatever a module of the user's raises while it is imported
        raise InputError(
            f"own encoder {spec}: {module_name} cannot be imported ({type(fault).__name__}); "
            "install it beside mindveil or put its folder on PYTHONPATH"
        ) from fault
    file = getattr(sys.modules[module_name], "__file__", None)
    run = getattr(module, name, None)
    if not callable(run) or file is None:
        raise InputError(f"own encoder {spec}: {module_name} holds no function {name}")
    return run, Path(file)


def _ask(spec: str, run: Run, items: Sequence[Item]) -> Rows:
    try:
        rows = np.asarray(run(list(items)), dtype=np.float64)
    except Exception as fault:  # whatever the user's own code raises
        raise InputError(
            f"own encoder {spec}: failed on {len(items)} items ({type(fault).__name__}); "
            "try it alone on such items"
        ) from fault
    if rows.ndim != 2 or len(rows) != len(items) or not rows.shape[1]:
        raise InputError(
            f"own encoder {spec}: answered {len(items)} items with shape {rows.shape}; "
            "return one row an item"
        )
    if np.isinf(rows).any():
        raise InputError(f"own encoder {spec}: answered with infinite numbers")
    return rows


def _trial(kind: Kind) -> Item:
    if kind == "face":
        return np.full((FACE, FACE, 3), 128, dtype=np.uint8)
    turn = 2 * np.pi * 150 * np.arange(RATE) / RATE
    hum: NDArray[np.float32] = (0.1 * np.sin(turn)).astype(np.float32)
    return hum


def _speaks(clip: Item) -> bool:
    return len(spoken(checked(clip.astype(np.float32, copy=False)))) > 0
