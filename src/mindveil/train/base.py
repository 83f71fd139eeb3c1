"""The seams of training: what people teach, who learns from it, and what is learnt.

    corpus --reader--> lessons (rows, totals, labels) --recipe--> head

A **reader** turns people into rows of numbers by rules that are public: nothing in it was learnt
from the people who teach. A **recipe** learns a head from lessons, and says what it promises
them. A **head** is all that was learnt: a few numbers. Reader and head together are a detector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import compress
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.accounting import Budget
from mindveil.dp.noise import Noise
from mindveil.release import Guarantee
from mindveil.store.cache import Json

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Where a questionnaire's score lies: public, from its authors' scoring.

    ``edge`` lies between the last score of others and the first of cases (9.5 for ``phq9>=10``);
    cases are above it (``rising``), or below.
    """

    lowest: float
    highest: float
    edge: float
    rising: bool = True

    @property
    def unit(self) -> float:
        """Points of the questionnaire in one unit of severity: ten points of the PHQ-9."""
        return (self.highest - self.lowest) * 10.0 / 27.0

    def severity(self, totals: Floats) -> Floats:
        """Return scores as -1..1 around the edge, cases above 0.

        >>> phq9 = Scale(lowest=0, highest=27, edge=9.5)
        >>> phq9.severity(np.array([9.5, 4.5, 27.0])).tolist()
        [0.0, -0.5, 1.0]
        """
        sign = 1.0 if self.rising else -1.0
        return np.clip(sign * (totals - self.edge) / self.unit, -1.0, 1.0)

    def total(self, severity: Floats) -> Floats:
        """Return severities as scores of the questionnaire, within its range."""
        sign = 1.0 if self.rising else -1.0
        return np.clip(self.edge + sign * self.unit * severity, self.lowest, self.highest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Columns of a row that belong together: of one modality, by one way of reading it."""

    modality: str
    name: str
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """What people teach, one row a person.

    ``rows`` has shape (people, columns), finite, centred and scaled by public constants so that
    most entries lie within -1..1; ``totals`` (people,) are scores of the questionnaire,
    ``labels`` (people,) 1 for cases and 0 for others. ``parts`` divide the columns, left to right.
    ``sites`` holds the number of each person's site, from 0; empty where nobody says who was where.
    """

    ids: tuple[str, ...]
    rows: Floats
    totals: Floats
    labels: Floats
    scale: Scale
    parts: tuple[Part, ...]
    sites: tuple[int, ...] = ()

    def of(self, chosen: Flags) -> Lessons:
        """Return what some of the people teach; ``chosen`` has shape (people,)."""
        return replace(
            self,
            ids=tuple(compress(self.ids, chosen)),
            rows=self.rows[chosen],
            totals=self.totals[chosen],
            labels=self.labels[chosen],
            sites=tuple(compress(self.sites, chosen)),
        )


@runtime_checkable
class Head(Protocol):
    """What was learnt: a frozen dataclass of few numbers, none of them about one person.

    ``tensors`` and ``facts`` are all there is to it: they are what is saved.
    """

    kind: ClassVar[str]

    def log_odds(self, rows: Floats) -> Floats:
        """Return the calibrated log-odds of being a case, shape (people,)."""
        ...

    def severity(self, rows: Floats) -> Floats:
        """Return the expected score of the questionnaire, shape (people,)."""
        ...

    def tensors(self) -> Mapping[str, Floats]:
        """Return the learnt numbers by name."""
        ...

    def facts(self) -> Mapping[str, Json]:
        """Return whatever else is needed to use them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """A head, and what was promised to those who taught it, if anything was.

    ``inside`` are the leave-one-out log-odds of those who taught it, shape (people,), where the
    recipe has them: a rule for abstaining is learnt from them, and they are never saved.
    """

    head: Head
    guarantee: Guarantee | None = None
    inside: Floats | None = None


class Recipe(Protocol):
    """A way to learn a head; a frozen dataclass of its settings."""

    name: ClassVar[str]

    @property
    def budget(self) -> Budget | None:
        """What one head spends; none where nothing is promised."""
        ...

    def fit(self, lessons: Lessons, noise: Noise, rng: np.random.Generator) -> Taught:
        """Return a head for these people.

        Noise (and sampling of people) that carries a guarantee comes from ``noise``, everything
        else from ``rng``.

        Raises:
            InvalidMeasurement: too few people of either class, where the recipe must know.
        """
        ...

    def shadows(
        self, lessons: Lessons, inside: Flags, asked: Floats, rng: np.random.Generator
    ) -> Floats:
        """Return the log-odds of many heads, shape (asked, heads); all noise is seeded.

        Head ``h`` learns from the people whom ``inside[:, h]`` (people, heads) names. ``asked``
        holds rows of anybody. For attackers and for sweeps: many heads are trained at once
        where the recipe can, and none of them may be released.
        """
        ...
