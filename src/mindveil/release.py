"""What would leave the building, as the adversary sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mindveil.corpus.model import Corpus
from mindveil.store.cache import Json

Label = Literal["proved", "accounted", "empirical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """A differential privacy statement about everything that was looked at to make a release.

    ``advantage`` is the largest membership advantage (true minus false positive rate) that the
    statement permits anybody, whatever he knows; ``mechanisms`` says what was run and paid for,
    in order. The unit is a person, or a whole client of a federation; ``advantage`` is about persons
    either way. ``proved`` means integer contributions, exact sums and discrete noise from the
    operating system.
    """

    epsilon: float
    delta: float
    unit: Literal["person", "client"] = "person"
    neighbour: Literal["add-remove", "replace"] = "add-remove"
    accountant: str = ""
    label: Label = "accounted"
    advantage: float = 1.0
    mechanisms: tuple[str, ...] = ()


def restored_guarantee(stored: Json) -> Guarantee | None:
    """Return the guarantee that was saved as plain data.

    Raises:
        TypeError: it is none.
    """
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRelease:
    """A corpus under pseudonyms, in an order that says nothing.

    Where the people of the corpus do not exist, ``model`` is the folder of the generator that
    drew them: some attackers have stolen it.
    """

    name: str
    corpus: Corpus
    guarantee: Guarantee | None = None
    model: Path | None = None
