"""A fitted generator on disk: see :mod:`mindveil.store.number_files` for the two files it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from mindveil.errors import InputError
from mindveil.release import Guarantee, restored_guarantee
from mindveil.store.cache import Json
from mindveil.store.number_files import (
    FACTS_FILE,
    TENSORS_FILE,
    load_facts,
    load_tensors,
    save_numbers,
    shapes_of,
)
from mindveil.synthesise.base import TableModel, Tensors
from mindveil.synthesise.codebook import Codebook, from_json, to_json

__all__ = ["FACTS_FILE", "FORMAT", "KINDS", "TENSORS_FILE", "load_model", "save_model"]

FORMAT = 1
"""Version of the layout; a reader refuses a newer one."""

_FIELDS = ("codebook", "facts", "format", "guarantee", "kind", "people")


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
    facts: dict[str, Json] = {
        "codebook": to_json(model.codebook),  # type: ignore[dict-item]
        "facts": dict(model.facts()),
        "format": FORMAT,
        "guarantee": None if model.guarantee is None else asdict(model.guarantee),
        "kind": model.kind,
        "people": model.people,
    }
    save_numbers(folder, model.tensors(), facts)


def load_model(folder: Path, kinds: Mapping[str, Callable[[], Restorable]] = KINDS) -> TableModel:
    """Return the generator that was saved in a folder.

    Raises:
        InputError: a file is missing, broken, of a newer format or an unknown kind, or its
            tensors are not those that ``model.json`` names.
    """
    where = folder / FACTS_FILE
    stored = load_facts(folder, FORMAT, _FIELDS)
    kind = stored["kind"]
    if not isinstance(kind, str) or kind not in kinds:
        raise InputError(
            f"{where} is of the kind {kind!r}; known kinds are {', '.join(sorted(kinds))}"
        )
    tensors = load_tensors(folder, stored["tensors"])
    try:
        codebook = from_json(stored["codebook"])  # type: ignore[arg-type]
        guarantee = restored_guarantee(stored["guarantee"])
    except (AttributeError, InputError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{where}: the codebook or the guarantee is broken; save it again"
        ) from error
    people, facts = stored["people"], stored["facts"]
    if type(people) is not int or people < 1 or not isinstance(facts, dict):
        raise InputError(f"{where}: people or facts are broken; save the model again")
    try:
        made = kinds[kind]().restored(codebook, people, guarantee, tensors, facts)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{where}: its tensors or facts do not fit its codebook") from error
    if shapes_of(made.tensors()) != shapes_of(tensors):
        raise InputError(f"{where}: its tensors do not fit its codebook; save the model again")
    return made
