"""A student of noisy teachers: nobody but teachers sees people, and only noisy votes are learnt.

PATE, private aggregation of teacher ensembles (Papernot et al., "Semi-supervised knowledge
transfer for deep learning from private training data", 2017; "Scalable private learning with
PATE", 2018). Teachers are sites, or groups by lot where nobody says whose site a person is.
Each learns a ridge of the severity from its own people, and is asked about rows of nobody; a
student learns from the answers of all teachers together, through noise. A person teaches one
teacher, so that one teacher's answers are all that a person can change. Where teachers are sites,
the same noise hides a whole site.

The line from what the student says to log-odds is bought with a part of the budget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.dp.accounting import DRAWS, Budget, statement
from mindveil.dp.noise import Noise
from mindveil.errors import InputError
from mindveil.train.base import Flags, Floats, Lessons, Recipe, Taught
from mindveil.train.corrected_line import corrected, corrected_shadows, scored
from mindveil.train.noisy_line import head_of, log_odds_of
from mindveil.train.plain import PlainRidge
from mindveil.train.teachers import Lots, lots_of, taught_teachers
from mindveil.train.unit_rows import REACH, bound_of, unit_rows
from mindveil.train.votes import Answer, Ballot, noisy_votes, public_rows, student_of

LINE = 0.13
"""The share of the budget for the line; votes have the rest."""

PENALTY = 0.5
"""Of a teacher, weaker than one on everybody: how strongly it votes is bounded anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pate:
    """A line that a student learnt from the noisy votes of teachers.

    ``teachers`` is public: as many groups are made by lot, or as many sites have a teacher of
    their own (any more share one). ``queries`` public rows are asked. ``answer`` "share" lets a
    teacher say how severe each row is, and the student sees noisy sums; "label" is the paper's
    GNMax: a teacher votes case or no case, and the student sees which of two noisy counts is
    larger. ``reach`` is public: a row longer than ``reach`` times the root of its number of
    columns is shortened to that. ``small_cohort`` asks by name for a delta of 1 / (10 people) or
    more.
    """

    name: ClassVar[str] = "pate"
    budget: Budget
    teachers: int = 50
    queries: int = 512
    answer: Answer = "share"
    reach: float = REACH
    small_cohort: bool = False

    def __post_init__(self) -> None:
        if self.teachers < 1 or not 2 <= self.queries <= DRAWS // 4:
            raise InputError(
                f"{self.teachers} teachers cannot be asked {self.queries} questions; give at "
                f"least one teacher and 2 to {DRAWS // 4} questions"
            )

    def fit(self, lessons: Lessons, noise: Noise, rng: np.random.Generator) -> Taught:
        """Return the head that the student learnt, and the promise it keeps.

        Only lots are drawn from ``rng``: whoever knows them learns nothing of people.

        Raises:
            RefusedError: delta is too large for so few people.
        """
        rows, severity = unit_rows(lessons.rows, self.reach), lessons.scale.severity(lessons.totals)
        sites = _sites(lessons)
        lots = sites % self.teachers if sites.size else lots_of(lessons.ids, self.teachers, rng)
        everybody = np.ones((len(rows), 1), dtype=np.bool_)
        ballot, sigma = self._ballot(rows.shape[1])
        counted = self._counted(ballot, (rows, severity), lots[:, None], everybody)
        votes = noisy_votes(counted[0], sigma, noise)
        weights = student_of(ballot, votes[None].astype(np.float64), sigma)
        seen = scored(rows, (weights, np.zeros(1)))
        lines = corrected(seen, severity, self.budget.share(LINE), noise)
        guarantee = statement(
            self.budget,
            self._mechanisms(by_site=bool(sites.size)),
            noise.proved,
            people=int(lines.count[0]),
            small_cohort=self.small_cohort,
        )
        bound = bound_of(rows.shape[1], self.reach)
        return Taught(head=head_of(lines, lessons.scale, bound), guarantee=guarantee)

    def shadows(
        self, lessons: Lessons, inside: Flags, asked: Floats, rng: np.random.Generator
    ) -> Floats:
        """Return the log-odds of many heads, shape (asked, heads), each with lots of its own."""
        rows, severity = unit_rows(lessons.rows, self.reach), lessons.scale.severity(lessons.totals)
        sites = _sites(lessons)
        lots = (
            np.broadcast_to(sites[:, None] % self.teachers, inside.shape)
            if sites.size
            else rng.integers(self.teachers, size=inside.shape)
        )
        ballot, sigma = self._ballot(rows.shape[1])
        counted = self._counted(ballot, (rows, severity), lots, inside)
        votes = counted + sigma * rng.standard_normal(counted.shape)
        weights = student_of(ballot, votes, sigma)
        seen = scored(rows, (weights, np.zeros(inside.shape[1])))
        teaching = (severity, inside.astype(np.float64))
        lines = corrected_shadows(seen, teaching, self.budget.share(LINE), rng)
        return log_odds_of(lines, unit_rows(asked, self.reach))

    def twin(self) -> Recipe:
        """Return the same without noise: one teacher whom everybody teaches."""
        return PlainRidge()

    def _ballot(self, columns: int) -> tuple[Ballot, float]:
        """Return what is asked, and the noise of an answer."""
        rows = public_rows(columns, self.queries, self.reach)
        ballot = Ballot(rows=rows, answer=self.answer, teachers=self.teachers)
        return ballot, ballot.sigma(self.budget.share(1.0 - LINE))

    def _counted(
        self, ballot: Ballot, people: tuple[Floats, Floats], lots: Lots, inside: Flags
    ) -> Lots:
        taught = taught_teachers(people, lots, inside, self.teachers, PENALTY)
        return np.concatenate([ballot.counted(weights) for weights in taught])

    def _mechanisms(self, *, by_site: bool) -> list[str]:
        what = "sum of the answers" if self.answer == "share" else "count of the labels (GNMax)"
        votes = f"one Gaussian {what} of {self.teachers} teachers on {self.queries} public rows"
        if by_site:
            votes += "; a teacher is a site, so that these hide a whole site at this epsilon too"
        return [
            votes,
            "one Gaussian sum of the moments of one score and the severity, hiding one person",
        ]


def _sites(lessons: Lessons) -> Lots:
    """Return everybody's site, shape (people,), or nothing where nobody says."""
    return np.array(lessons.sites, dtype=np.int64)
