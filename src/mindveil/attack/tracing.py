"""``synthetic/tracing``: "do the sums of this table lean towards her?"."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Attacker, Guesses, Holding, Knowledge, Membership
from mindveil.attack.table_moments import Moments, Sums, moments_of
from mindveil.attack.table_space import rows_of
from mindveil.attack.table_whitening import likeliest, whitened
from mindveil.corpus.model import Modality
from mindveil.errors import InvalidMeasurement
from mindveil.release import DataRelease

Floats = NDArray[np.float64]

CANDIDATES = "candidates hold the members"
REFERENCE = "reference people"

_FEWEST = 10
_USUAL = 3.0
"""A squared gap of so many times what is usual is still believed."""
_MEDIAN = 0.455
"""Of a squared standard normal number (chi-square with one degree of freedom)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticTracing:
    """Trace each person in the first and second moments of a synthetic table.

    Whoever was in the training table has pulled its means, its shares and its products of two
    answers a little towards her own. The attacker takes the moments of the release, subtracts
    those of people of the same kind, and asks along whose own moments the rest points, each
    direction weighted by how far it varies between people (whitened) plus a noise that he
    estimates from the release itself: where a private generator added noise, it shows, and
    directions that vary less are not believed. That is the likelihood ratio of moments that are
    nearly Gaussian.

    First question: the comparison is with all candidates, whom he holds, of whom most are in the
    release; what members share with each other but not with the rest is then seen without the
    noise of a small reference, and the moments act as equations for who was in. Second: with
    reference people alone, as where one target is known and nobody else.

    Sources: Homer et al. 2008 (means of a group betray its members); Sankararaman et al. 2009
    (the likelihood ratio); Dwork et al. 2015 (robust traceability).

    Limits: It sees averages and pairs of variables alone: what a table gives away in other ways is
    left to other attacks. It is strongest against somebody who knows all candidates, which few do.
    """

    name: ClassVar[str] = "synthetic/tracing"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"scales"})
    modality: ClassVar[str] = "scales"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("ignorant",)

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return how far the release leans towards each known person, two questions.

        Raises:
            InvalidMeasurement: fewer than 10 records or people, or all of them alike.
        """
        corpora = (knowledge.known, knowledge.reference, release.corpus)
        space, (known, reference, released) = rows_of(*corpora)
        moments = moments_of(space, np.concatenate([known, reference]), rng)
        size = len(released)
        if size < _FEWEST:
            raise InvalidMeasurement(f"a release of {size} records has no moments to speak of")
        trail = Trail.of(moments, known, reference)
        mean = moments.mean(released)
        people = knowledge.known.ids
        scores, doubt = trail.lean(mean)
        found = [Membership(people=people, scores=scores, setting=CANDIDATES)]
        if len(reference) >= _FEWEST:
            scores = trail.lean_beyond(mean, doubt)
            found.append(Membership(people=people, scores=scores, setting=REFERENCE))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What was found out about a release: a factor a moment, the noise of each group of them."""

    belief: Floats
    noise: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Moments of candidates and reference people; made once, asked about one release or more.

    ``known`` and ``others`` have shape (people, moments), each centred on its own mean
    (``centre`` and ``middle``).
    """

    known: Sums
    others: Sums
    centre: Floats
    middle: Floats
    groups: NDArray[np.intp]

    @classmethod
    def of(cls, moments: Moments, known: Floats, reference: Floats) -> Trail:
        """Hold candidates against each other and against reference people (rows of a space)."""
        if len(known) < _FEWEST:
            raise InvalidMeasurement(f"{len(known)} known people are too few to be traced")
        mine, theirs = moments.sums(known), moments.sums(reference)
        centre = mine.mean(axis=0, dtype=np.float64)
        middle = theirs.mean(axis=0, dtype=np.float64) if len(theirs) else centre
        return cls(
            known=mine - centre.astype(np.float32),
            others=theirs - middle.astype(np.float32),
            centre=centre,
            middle=middle,
            groups=moments.groups,
        )

    def lean(self, mean: Floats) -> tuple[Floats, Doubt]:
        """Return how far a release leans towards each candidate, against all candidates.

        Second, how much each moment of the release was found to deserve belief.
        """
        if not np.ptp(self.known):
            raise InvalidMeasurement("all known people are alike: nobody can be traced")
        gap = mean - self.centre
        belief = self._belief(gap)
        known = self.known * belief.astype(np.float32)
        lean, noise = likeliest(known, gap * belief, self.groups)
        return _along(known, lean), Doubt(belief=belief, noise=noise)

    def lean_beyond(self, mean: Floats, doubt: Doubt) -> Floats:
        """Return the same against reference people; candidates lend their spread only."""
        belief = doubt.belief.astype(np.float32)
        known = self.known * belief
        spread = np.concatenate([known, self.others * belief])
        gap = (mean - self.middle) * doubt.belief
        return _along(known, whitened(spread, gap, self.groups, doubt.noise))

    def _belief(self, gap: Floats) -> Floats:
        """Return a factor a moment, below 1 where it is off far more than others of its group.

        What a generator does not keep at all would drown what it keeps. To shrink a moment and
        its gap alike is to give it that much more noise.
        """
        spread = self.known.std(axis=0, dtype=np.float64)
        off = np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0) ** 2
        usual = np.ones_like(off)
        for group in np.unique(self.groups):
            usual[self.groups == group] = np.median(off[self.groups == group]) / _MEDIAN
        excess = np.divide(off, usual, out=np.zeros_like(off), where=usual > 0) - _USUAL
        return np.asarray(1 / np.sqrt(1 + np.maximum(excess, 0.0)), dtype=np.float64)


def _along(known: Sums, lean: Floats) -> Floats:
    return np.asarray(known @ lean.astype(np.float32), dtype=np.float64)
