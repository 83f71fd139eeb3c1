"""People who do not exist, for questions that must cost nobody anything.

They come from a public model: rows with a falling spectrum, and a planted direction that tells
their score on the PHQ-9 as well as the best reading of free text is known to. The same question is
always asked of the same people.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from mindveil.errors import InputError
from mindveil.randomness import stream
from mindveil.train.base import Floats, Lessons, Part, Scale

_PHQ9 = Scale(lowest=0, highest=27, edge=9.5)

_SPREAD = 6.0
"""Points of the PHQ-9 in one standard deviation, as among people who seek help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """The public model of made-up people; nothing in it was learnt from anybody's data.

    ``correlation`` is that of the best linear reading of a row with the questionnaire, ``cases``
    the share of cases, ``spread`` the standard deviation of one entry of a row. Symptoms go
    together, so that there is one way in which rows differ most and which tells most: the variance
    of the principal components falls like 1 / rank ** ``decay``, and what they tell of severity
    like its square. A correlation of .77 is an AUC of about .87.
    """

    correlation: float = 0.77
    cases: float = 0.45
    spread: float = 0.5
    decay: float = 1.0

    def __post_init__(self) -> None:
        if not (0.0 < self.correlation < 1.0 and 0.0 < self.cases < 1.0 and self.spread > 0.0):
            raise InputError(
                f"people with correlation {self.correlation!r}, a share of cases of "
                f"{self.cases!r} and a spread of {self.spread!r} cannot be made up: the first two "
                "lie between 0 and 1, the third is above 0"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUp:
    """Where made-up people come from: rows of so many columns, scores of a PHQ-9."""

    columns: int
    supposed: Supposed

    def draw(self, people: int, name: str) -> Lessons:
        """Return people who are the same for the same number and name."""
        rng = stream(0, "outlook", name, str(people), str(self.columns))
        shape, supposed = (people, self.columns), self.supposed
        variance = 1.0 / np.arange(1, self.columns + 1) ** supposed.decay
        variance *= self.columns * supposed.spread**2 / variance.sum()
        direction = variance / math.sqrt(np.square(variance).sum())
        parts = rng.standard_normal(shape)
        read = supposed.correlation
        latent = read * (parts @ direction)
        latent += math.sqrt(1.0 - read**2) * rng.standard_normal(people)
        middle = _PHQ9.edge - _SPREAD * NormalDist().inv_cdf(1.0 - supposed.cases)
        totals = np.clip(np.rint(middle + _SPREAD * latent), _PHQ9.lowest, _PHQ9.highest)
        return Lessons(
            ids=tuple(map(str, range(people))),
            rows=(parts * np.sqrt(variance)) @ self._axes(),
            totals=totals,
            labels=(totals > _PHQ9.edge).astype(np.float64),
            scale=_PHQ9,
            parts=(Part(modality="text", name="made up", width=self.columns),),
        )

    def _axes(self) -> Floats:
        """Return the principal axes, shape (columns, columns): the same for everybody."""
        rng = stream(0, "outlook", "axes", str(self.columns))
        axes: Floats = np.linalg.qr(rng.standard_normal((self.columns, self.columns)))[0]
        return axes
