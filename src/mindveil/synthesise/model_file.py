"""A fitted generator on disk: ``model.safetensors`` for its numbers, ``model.json`` for the rest.

Nothing else is written, nothing is pickled, and the same model is the same bytes. The tensors are
put in place first and ``model.json``, which carries their digest, last: after a killed save the
two do not match and the folder is refused, so half a model is never loaded. The digest guards
against accidents; whoever can write both files can write any model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as read_tensors
from safetensors.numpy import save as tensor_bytes

from mindveil.errors import InputError
from mindveil.release import Guarantee
from mindveil.store.cache import Json
from mindveil.store.files import json_text, write_bytes, write_text
from mindveil.synthesise.base import TableModel, Tensors
from mindveil.synthesise.codebook import Codebook, from_json, to_json

TENSORS_FILE = "model.safetensors"
FACTS_FILE = "model.json"
FORMAT = 1
"""Version of the layout; a reader refuses a newer one."""

MOST_BYTES = 1 << 30
"""A file larger than this is no generator of questionnaire tables and is not read."""

_DTYPES = ("float64", "float32", "int64")
_FIELDS = ("codebook", "facts", "format", "guarantee", "kind", "people", "tensors")


class Restorable(Protocol):
    """A class of models that can be put together again from what was saved of one."""

    def restored(
        self,
        codebook: Codebook,
        people: int,
        guarantee: Guarantee | None,
        tensors: Tensors,
        facts: Mapping[str, Json],
    ) -> TableModel:
        """Return the model, or raise InputError where a tensor does not fit the codebook."""
        ...


def _copula() -> Restorable:
    from mindveil.synthesise.copula import CopulaModel  # noqa: PLC0415 - scipy is slow to import

    return CopulaModel


def _dp_copula() -> Restorable:
    from mindveil.synthesise.dp_copula import DpCopulaModel  # noqa: PLC0415 - as above

    return DpCopulaModel


def _gan() -> Restorable:
    from mindveil.synthesise.gan_model import GanModel  # noqa: PLC0415 - as above

    return GanModel


def _dp_marginals() -> Restorable:
    from mindveil.synthesise.marginals import MarginalsModel  # noqa: PLC0415 - as above

    return MarginalsModel


KINDS: Mapping[str, Callable[[], Restorable]] = {
    "copula": _copula,
    "dp-copula": _dp_copula,
    "dp-marginals": _dp_marginals,
    "gan": _gan,
}
"""The model class of each kind; imported only when one is loaded."""


def save_model(model: TableModel, folder: Path) -> None:
    """Write a generator into a folder, which is made where it is missing; overwrites an old one."""
    held = {name: np.asarray(t, order="C") for name, t in model.tensors().items()}
    for name, tensor in held.items():
        if tensor.dtype.name not in _DTYPES or not tensor.dtype.isnative:
            raise InputError(f"tensor {name} is {tensor.dtype}; a model holds {', '.join(_DTYPES)}")
    packed = tensor_bytes(held)
    facts = json_text(
        {
            "codebook": to_json(model.codebook),  # type: ignore[dict-item]
            "facts": model.facts(),
            "format": FORMAT,
            "guarantee": None if model.guarantee is None else asdict(model.guarantee),
            "kind": model.kind,
            "people": model.people,
            "tensors": {"sha256": hashlib.sha256(packed).hexdigest(), "held": _shapes(held)},
        }
    )
    write_bytes(folder / TENSORS_FILE, packed)
    write_text(folder / FACTS_FILE, facts)


def load_model(folder: Path, kinds: Mapping[str, Callable[[], Restorable]] = KINDS) -> TableModel:
    """Return the generator that was saved in a folder.

    Raises:
        InputError: a file is missing, broken, of a newer format or an unknown kind, or its
            tensors are not those that ``model.json`` names.
    """
    stored = _facts(folder / FACTS_FILE, kinds)
    tensors = _tensors(folder / TENSORS_FILE, stored["tensors"])
    where = folder / FACTS_FILE
    try:
        codebook = from_json(stored["codebook"])  # type: ignore[arg-type]
        guarantee = _guarantee(stored["guarantee"])
    except (AttributeError, InputError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{where}: the codebook or the guarantee is broken; save it again"
        ) from error
    people, facts, kind = stored["people"], stored["facts"], stored["kind"]
    if type(people) is not int or people < 1 or not isinstance(facts, dict):
        raise InputError(f"{where}: people or facts are broken; save the model again")
    model_class = kinds[str(kind)]()
    try:
        made = model_class.restored(codebook, people, guarantee, tensors, facts)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{where}: its tensors or facts do not fit its codebook") from error
    if _shapes(made.tensors()) != _shapes(tensors):
        raise InputError(f"{where}: its tensors do not fit its codebook; save the model again")
    return made


def _facts(path: Path, kinds: Mapping[str, Callable[[], Restorable]]) -> dict[str, Json]:
    """Read ``model.json`` as far as it can be judged without the tensors."""
    try:
        stored = json.loads(_bytes(path))
    except (RecursionError, ValueError) as error:
        raise InputError(f"{path} is not JSON; save the model again") from error
    version = stored.get("format") if isinstance(stored, dict) else None
    if type(version) is not int:
        raise InputError(f"{path} is not the description of a generator")
    if version > FORMAT:
        raise InputError(
            f"{path} has format {version}, this version of Mindveil reads up to {FORMAT}; "
            "install a newer one"
        )
    if tuple(sorted(stored)) != _FIELDS:
        raise InputError(f"{path} has not the fields of format {FORMAT}; save the model again")
    if not isinstance(stored["kind"], str) or stored["kind"] not in kinds:
        raise InputError(
            f"{path} is of the kind {stored['kind']!r}; known kinds are {', '.join(sorted(kinds))}"
        )
    return dict(stored)


def _tensors(path: Path, expected: Json) -> Tensors:
    """Read the tensors if they are the ones that were saved with this description."""
    packed = _bytes(path)
    if not isinstance(expected, dict) or set(expected) != {"held", "sha256"}:
        raise InputError(f"{path.parent / FACTS_FILE} does not say which tensors belong to it")
    try:
        held = read_tensors(packed)
    except (SafetensorError, KeyError, ValueError) as error:
        raise InputError(f"{path} is broken; save the model again") from error
    if _shapes(held) != expected["held"]:
        raise InputError(f"{path} holds other tensors than its {FACTS_FILE} names; save it again")
    if hashlib.sha256(packed).hexdigest() != expected["sha256"]:
        raise InputError(f"{path} was changed after it was saved, or the save was killed; redo it")
    for name, tensor in held.items():
        if tensor.dtype.name not in _DTYPES or np.isnan(tensor).any():
            raise InputError(f"{path}: tensor {name} is no table of numbers; save the model again")
    return held


def _shapes(tensors: Mapping[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]) -> Json:
    return {name: [t.dtype.name, *t.shape] for name, t in tensors.items()}


def _guarantee(stored: Json) -> Guarantee | None:
    if stored is None:
        return None
    if not isinstance(stored, dict):
        raise TypeError
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in stored.items()}
    made = Guarantee(**fields)  # type: ignore[arg-type]
    for number in (made.epsilon, made.delta, made.advantage):
        if not isinstance(number, int | float) or number < 0:
            raise TypeError
    return made


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} is larger than {MOST_BYTES >> 20} MB: no generator")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
