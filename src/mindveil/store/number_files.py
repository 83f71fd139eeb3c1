"""A model on disk: ``model.safetensors`` for its numbers, ``model.json`` for the rest.

Nothing else is written, nothing is pickled, and the same model is the same bytes. The tensors are
put in place first and ``model.json``, which carries their digest, last: after a killed save the
two do not match and the folder is refused, so half a model is never loaded. The digest guards
against accidents; whoever can write both files can write any model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as read_tensors
from safetensors.numpy import save as tensor_bytes

from mindveil.errors import InputError
from mindveil.store.cache import Json
from mindveil.store.files import json_text, write_bytes, write_text

Tensors = Mapping[str, NDArray[np.float64] | NDArray[np.float32] | NDArray[np.int64]]

TENSORS_FILE = "model.safetensors"
FACTS_FILE = "model.json"

MOST_BYTES = 1 << 30
"""A file larger than this is no model of people and is not read."""

_DTYPES = ("float64", "float32", "int64")


def save_numbers(folder: Path, tensors: Tensors, facts: Mapping[str, Json]) -> None:
    """Write both files into a folder, which is made where it is missing; overwrites old ones."""
    held = {name: np.asarray(t, order="C") for name, t in tensors.items()}
    for name, tensor in held.items():
        if tensor.dtype.name not in _DTYPES or not tensor.dtype.isnative:
            raise InputError(f"tensor {name} is {tensor.dtype}; a model holds {', '.join(_DTYPES)}")
    packed = tensor_bytes(held)
    told: Json = {"sha256": hashlib.sha256(packed).hexdigest(), "held": shapes_of(held)}
    write_bytes(folder / TENSORS_FILE, packed)
    write_text(folder / FACTS_FILE, json_text({**facts, "tensors": told}))


def load_facts(folder: Path, format_known: int, fields: tuple[str, ...]) -> dict[str, Json]:
    """Read ``model.json`` as far as it can be judged without the tensors.

    Raises:
        InputError: it is missing, no description of a model, of a newer format, or has not
            exactly these fields beside ``tensors``.
    """
    path = folder / FACTS_FILE
    try:
        stored = json.loads(_bytes(path))
    except (RecursionError, ValueError) as error:
        raise InputError(f"{path} is not JSON; save the model again") from error
    version = stored.get("format") if isinstance(stored, dict) else None
    if type(version) is not int:
        raise InputError(f"{path} is not the description of a model")
    if version > format_known:
        raise InputError(
            f"{path} has format {version}, this version of Mindveil reads up to {format_known}; "
            "install a newer one"
        )
    if set(stored) != {*fields, "tensors"}:
        raise InputError(
            f"{path} has not the fields of format {format_known}; save the model again"
        )
    return dict(stored)


def load_tensors(folder: Path, expected: Json) -> Tensors:
    """Read the tensors if they are the ones that were saved with ``expected``.

    Raises:
        InputError: they are missing, broken, others, or hold what is no number.
    """
    path = folder / TENSORS_FILE
    packed = _bytes(path)
    if not isinstance(expected, dict) or set(expected) != {"held", "sha256"}:
        raise InputError(f"{folder / FACTS_FILE} does not say which tensors belong to it")
    try:
        held = read_tensors(packed)
    except (SafetensorError, KeyError, ValueError) as error:
        raise InputError(f"{path} is broken; save the model again") from error
    if shapes_of(held) != expected["held"]:
        raise InputError(f"{path} holds other tensors than its {FACTS_FILE} names; save it again")
    if hashlib.sha256(packed).hexdigest() != expected["sha256"]:
        raise InputError(f"{path} was changed after it was saved, or the save was killed; redo it")
    for name, tensor in held.items():
        if tensor.dtype.name not in _DTYPES or np.isnan(tensor).any():
            raise InputError(f"{path}: tensor {name} is no table of numbers; save the model again")
    found: Tensors = held
    return found


def shapes_of(tensors: Mapping[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]) -> Json:
    """Return the type and shape of each tensor, as ``model.json`` holds them."""
    return {name: [t.dtype.name, *t.shape] for name, t in tensors.items()}


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} is larger than {MOST_BYTES >> 20} MB: no model of people")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
