"""What would leave the building, as the adversary sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mindveil.corpus.model import Corpus

Label = Literal["proved", "accounted", "empirical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """A differential privacy statement about everything that was looked at to make a release.

    ``advantage`` is the largest membership advantage (true minus false positive rate) that the
    statement permits anybody, whatever he knows; ``mechanisms`` says what was run and paid for,
    in order. ``proved`` means integer contributions, exact sums and discrete noise from the
    operating system.
    """

    epsilon: float
    delta: float
    unit: Literal["person"] = "person"
    neighbour: Literal["add-remove", "replace"] = "add-remove"
    accountant: str = ""
    label: Label = "accounted"
    advantage: float = 1.0
    mechanisms: tuple[str, ...] = ()


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
