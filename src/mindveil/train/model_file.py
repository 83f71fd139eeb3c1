"""A detector on disk: see :mod:`mindveil.store.number_files` for the two files it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from mindveil.corpus.targets import parse_target
from mindveil.errors import InputError
from mindveil.release import restored_guarantee
from mindveil.store.cache import Json
from mindveil.store.number_files import (
    FACTS_FILE,
    Tensors,
    load_facts,
    load_tensors,
    save_numbers,
    shapes_of,
)
from mindveil.train.base import Head
from mindveil.train.detector import Detector
from mindveil.train.reader import Reader

FORMAT = 1
"""Version of the layout; a reader refuses a newer one."""

_FIELDS = ("before", "facts", "format", "guarantee", "kind", "least", "reader")

Restored = Callable[[Tensors, Mapping[str, Json]], Head]


def _linear(tensors: Tensors, facts: Mapping[str, Json]) -> Head:
    from mindveil.train.linear_head import LinearHead  # noqa: PLC0415 - loaded when it is met

    return LinearHead.from_parts(tensors, facts)


def _mlp(tensors: Tensors, facts: Mapping[str, Json]) -> Head:
    from mindveil.train.mlp_head import MlpHead  # noqa: PLC0415 - as above

    return MlpHead.from_parts(tensors, facts)


def _stack(tensors: Tensors, facts: Mapping[str, Json]) -> Head:
    from mindveil.train.stack_head import StackHead  # noqa: PLC0415 - as above

    return StackHead.from_parts(tensors, facts)


KINDS: Mapping[str, Restored] = {"linear": _linear, "mlp": _mlp, "stack": _stack}
"""How a head of each kind is put together again."""


def save_detector(detector: Detector, folder: Path) -> None:
    """Write a detector into a folder, which is made where it is missing; overwrites an old one."""
    guarantee = detector.guarantee
    facts: dict[str, Json] = {
        "before": list(detector.before),
        "facts": dict(detector.head.facts()),
        "format": FORMAT,
        "guarantee": None if guarantee is None else asdict(guarantee),
        "kind": detector.head.kind,
        "least": detector.least,
        "reader": detector.reader.to_json(),
    }
    save_numbers(folder, detector.head.tensors(), facts)


def load_detector(folder: Path, kinds: Mapping[str, Restored] = KINDS) -> Detector:
    """Return the detector that was saved in a folder.

    Raises:
        InputError: a file is missing, broken, of a newer format or an unknown kind, or its
            numbers are not those that ``model.json`` names.
    """
    where = folder / FACTS_FILE
    stored = load_facts(folder, FORMAT, _FIELDS)
    kind, facts, least = stored["kind"], stored["facts"], stored["least"]
    if not isinstance(kind, str) or kind not in kinds:
        raise InputError(
            f"{where} is a detector of the kind {kind!r}; known kinds are {', '.join(kinds)}"
        )
    tensors = load_tensors(folder, stored["tensors"])
    before = stored["before"]
    if not isinstance(before, list) or not isinstance(facts, dict):
        raise InputError(f"{where}: its steps or facts are broken; save the detector again")
    if not isinstance(least, int | float) or not least >= 0:
        raise InputError(f"{where}: least = {least!r} is no limit; save the detector again")
    try:
        guarantee = restored_guarantee(stored["guarantee"])
        reader = Reader.from_json(stored["reader"])  # type: ignore[arg-type]
        head = kinds[kind](tensors, facts)
        parse_target(reader.target)
        tried = head.log_odds(np.zeros((1, sum(part.width for part in reader.parts))))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{where}: its parts do not fit each other; save it again") from error
    if not np.isfinite(tried).all():
        raise InputError(f"{where}: its numbers say nothing of anybody; save the detector again")
    if shapes_of(head.tensors()) != shapes_of(tensors):
        raise InputError(f"{where}: its numbers are of another shape; save the detector again")
    return Detector(
        reader=reader, head=head, guarantee=guarantee, least=float(least), before=tuple(before)
    )
