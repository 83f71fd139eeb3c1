"""What would leave the building, as the adversary sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mindveil.corpus.model import Corpus

Label = Literal["proved", "accounted", "empirical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """A differential privacy statement: unit, neighbour relation, epsilon, delta, accountant."""

    epsilon: float
    delta: float
    unit: Literal["person"] = "person"
    neighbour: Literal["add-remove", "replace"] = "add-remove"
    accountant: str = ""
    label: Label = "accounted"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRelease:
    """A corpus under pseudonyms, in an order that says nothing."""

    name: str
    corpus: Corpus
    guarantee: Guarantee | None = None
