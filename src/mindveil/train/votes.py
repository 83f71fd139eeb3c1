"""What teachers say of rows that are nobody's, in whole numbers, and what a student makes of it.

The rows that are asked follow from a public rule, and so does what a teacher may say at most: a
vote a row ("label"; the noisy counts of GNMax, Papernot et al., "Scalable private learning with
PATE", 2018), or how severe each row is, all answers together of one length ("share"). The noise
is that of all answers at once, as a person more or less may turn all answers of one teacher.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.accounting import Share
from mindveil.dp.clipping import whole
from mindveil.dp.noise import Noise
from mindveil.randomness import stream
from mindveil.train.base import Floats
from mindveil.train.corrected_line import times
from mindveil.train.moments import UNITS
from mindveil.train.unit_rows import unit_rows, with_constant

Answer = Literal["share", "label"]
Integers = NDArray[np.int64]

SPREAD = 0.5
"""The standard deviation of an entry of a row, of which most lie within -1..1."""

_AGREED = 0.5
"""As strong as this are the answers of all teachers together expected to be, in one teacher's."""

_LEAST = 0.2
"""A student is never believed less than this before people are looked at again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """The public rows that are asked, unit rows of shape (queries, columns), and how."""

    rows: Floats
    answer: Answer
    teachers: int

    @property
    def sensitivity(self) -> float:
        """How far all answers of one teacher can be from all that it would say otherwise (L2)."""
        if self.answer == "share":
            return 2.0 * UNITS
        return math.sqrt(2.0 * len(self.rows))

    def sigma(self, share: Share) -> float:
        """Return the noise of one number for this share of a budget."""
        return share.sigma(self.sensitivity)

    def counted(self, weights: Floats) -> Integers:
        """Return the sums over teachers, whose weights are (heads, teachers, columns + 1).

        "share": (heads, queries), every teacher's answers ``UNITS`` long; "label": votes for no
        case and for a case, (heads, 2, queries). A teacher of nobody says nothing.
        """
        heads, teachers, columns = weights.shape
        flat = weights.reshape(heads * teachers, columns).T
        if self.answer == "share":
            said = times(with_constant(self.rows)[:, :-1], flat[:-1])
            length = np.sqrt(np.square(said).sum(axis=0))
            full = np.where(length > 1e-9, said / np.maximum(length, 1e-9), 0.0)
            full[np.abs(full) < 1e-9] = 0.0  # ``whole`` would refuse what is hardly a number.
            votes = whole(full.T, UNITS, UNITS).reshape(heads, teachers, -1)
            return np.asarray(votes.sum(axis=1), dtype=np.int64)
        said = times(with_constant(self.rows), flat).T.reshape(heads, teachers, -1)
        return np.stack([np.sum(said < 0.0, axis=1), np.sum(said > 0.0, axis=1)], axis=1)

    def answers(self, noisy: Floats) -> Floats:
        """Return what the student is told, -1..1 but for the noise, shape (heads, queries)."""
        if self.answer == "share":
            return noisy * (math.sqrt(len(self.rows)) / (UNITS * self.teachers))
        return np.where(noisy[:, 1] > noisy[:, 0], 1.0, -1.0)

    def uncertainty(self, sigma: float) -> float:
        """Return the standard deviation of an answer that is noise; a label is one at most."""
        if self.answer == "share":
            return sigma * math.sqrt(len(self.rows)) / (UNITS * self.teachers)
        return 1.0


def public_rows(columns: int, queries: int, reach: float) -> Floats:
    """Return unit rows of nobody, shape (queries, columns): for each the opposite is asked too.

    >>> rows = public_rows(3, 4, 0.7)
    >>> rows[2].tolist() == (-rows[0]).tolist(), len(rows)
    (True, 4)
    """
    half = stream(0, "public rows", str(columns)).standard_normal(((queries + 1) // 2, columns))
    return unit_rows(SPREAD * np.vstack([half, -half])[:queries], reach)


def noisy_votes(counted: Integers, sigma: float, noise: Noise) -> Integers:
    """Return the counts of one head with the noise that protects whoever taught a teacher."""
    return counted + noise.gaussian(sigma, counted.shape)


def student_of(ballot: Ballot, noisy: Floats, sigma: float) -> Floats:
    """Return severity's weights on unit rows, shape (columns, heads), from noisy counts alone.

    Ridge regression of the answers; their direction is what was learnt. All weights together are
    about 1 long, what half of the severity's variance asks for, and are shortened by the part of
    them that noise explains.
    """
    answers = ballot.answers(noisy)
    answers = answers - answers.mean(axis=1, keepdims=True)
    rows, unsure = ballot.rows - ballot.rows.mean(axis=0), ballot.uncertainty(sigma)
    within = rows.T @ rows
    length = float(np.trace(within)) / len(rows)
    penalty = unsure**2 * length / _AGREED**2 + 1e-9
    solver = np.linalg.inv(within + penalty * np.eye(len(within))) @ rows.T
    weights = solver @ answers.T
    noise = unsure**2 * float(np.square(solver).sum())
    square = np.maximum(np.square(weights).sum(axis=0), 1e-300)
    steep = np.sqrt(np.clip(1.0 - noise / square, _LEAST**2, 1.0))
    return np.asarray(weights * (steep / np.sqrt(square)))
