"""How much of a detector's accuracy is recognising the person?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.instruments import meets, parse_target
from mindveil.corpus.model import MODALITIES, Corpus, Modality, Participant, Session, Stream
from mindveil.errors import InvalidMeasurement
from mindveil.features.blocks import Blocks, blocks_of
from mindveil.features.cases import Cases, cases_of
from mindveil.features.measures import is_measured_only
from mindveil.train.ridge import LEAST_PEOPLE, fit_ridge
from mindveil.utility.base import Predictions
from mindveil.utility.forecast import needs_of
from mindveil.utility.validity import Family, Meeting, words_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Tell whether a detector knows the illness, or the people who taught it.

    A detector is taught with one visit of each released person and meets their next visit
    (overlapping), and the same visit of people whom it never saw (disjoint). It is the very same
    detector, so that both have the same number of people to learn from; what it does better on
    those it has met is identity: ``identity-share``. ``target`` is a questionnaire, an operator
    and a cut, as in ``phq9>=10``.

    Where a single recording was cut into parts, the parts stand for visits. Words are counted, all
    else is read as the detectors do. People are ranked by what the ridge regression says before it
    is calibrated: calibration silences whoever learnt nothing of others.

    Source: Yeh et al. 2026, "Who is speaking or who is depressed?" (arXiv 2604.14354): speakers on
    both sides of a split inflate results on the DAIC-WOZ interviews.

    Limits: needs two visits with answers of the same people. A larger network remembers people
    better than this detector, so that results of others who let people overlap may owe more to
    identity than is shown. Where the illness itself lasts, a lasting way of speaking that comes
    with it counts as identity.
    """

    family: ClassVar[Family] = "identity"
    target: str
    modality: Stream = "fused"

    @property
    def name(self) -> str:
        """Return the measure, as in ``identity/phq9>=10``."""
        return f"identity/{self.target}"

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        return needs_of(self.modality)

    def tell(self, meeting: Meeting, rng: np.random.Generator) -> Mapping[str, Predictions]:
        """Return what is predicted of the next visit of the same people, and of others.

        Raises:
            InvalidMeasurement: too few people have two visits with answers.
        """
        _ = rng  # nothing is drawn: the same people always give the same heads
        learn = self._cases(meeting.training, -2)
        again = self._cases(meeting.again.select(learn.ids), -1)
        fresh = self._cases(meeting.fresh, -1)
        target = parse_target(self.target)
        labels = meets(target, learn.totals)
        ones = int(labels.sum())
        if min(ones, len(labels) - ones) < LEAST_PEOPLE:
            raise InvalidMeasurement(
                f"{len(labels)} people to learn from have two visits with answers, {ones} of them "
                f"cases; at least {LEAST_PEOPLE} of either kind are needed"
            )
        return {
            name: Predictions(
                ids=check.ids,
                truth=meets(target, check.totals),
                predicted=ranks_of(learn, check, self._parts(meeting.training)),
                guess=np.full(len(check.ids), labels.mean()),
            )
            for name, check in (("overlapping", again), ("disjoint", fresh))
        }

    def _parts(self, corpus: Corpus) -> tuple[Modality, ...]:
        """Return what is read of a visit; answers that were given once are no other visit's."""
        if self.modality != "fused":
            return (self.modality,)
        return tuple(m for m in MODALITIES if m != "scales" or not corpus.pseudo_sessions)

    def _cases(self, corpus: Corpus, place: int) -> Cases:
        """Return everybody as seen at the last visit with answers (-1), or the one before (-2)."""
        target = parse_target(self.target)
        pooled, kept = bool(corpus.pseudo_sessions), []
        if pooled and self.modality == "scales":
            raise InvalidMeasurement("questionnaires were filled in once: there is no other visit")
        for person in corpus.participants:
            visits = _visits(person, target.tool, pooled=pooled)
            seen = [s for s in visits if self.modality == "fused" or s.has(self.modality)]
            if len(seen) > 1:
                kept.append(replace(person, sessions=(seen[place],)))
        return cases_of(corpus.with_people(kept), target.tool, target.subscale, self.modality)


def ranks_of(training: Cases, test: Cases, parts: Sequence[Modality]) -> Floats:
    """Return how far above the average total each tested person is expected to be, (people,).

    The mean over the modalities that a person has, each a ridge regression on the total.

    Raises:
        InvalidMeasurement: nothing to predict from, or nobody to predict.
    """
    if not len(training.ids) or not len(test.ids):
        raise InvalidMeasurement("nobody has both two visits with answers and what to tell them by")
    expected = []
    why = InvalidMeasurement("the two sides share no modality to predict from")
    for part in parts:
        try:
            learn, check = _blocks(training, test, part)
            expected.append(_above_average(learn, check, training.totals))
        except InvalidMeasurement as fault:
            why = fault
    if not expected:
        raise why
    told = np.stack(expected)
    there = np.isfinite(told)
    total = np.where(there, told, 0.0).sum(axis=0)
    return np.asarray(total / np.maximum(there.sum(axis=0), 1), dtype=np.float64)


def _above_average(learn: Blocks, check: Blocks, totals: Floats) -> Floats:
    recorded = np.all([np.isfinite(block).all(axis=1) for block in learn], axis=0)
    if recorded.sum() < 2 * LEAST_PEOPLE:
        raise InvalidMeasurement(
            f"{int(recorded.sum())} people to learn from were recorded twice; at least "
            f"{2 * LEAST_PEOPLE} are needed"
        )
    ridges = [fit_ridge(block[recorded], totals[recorded])[0] for block in learn]
    told = [ridge(block) - ridge.mean for ridge, block in zip(ridges, check, strict=True)]
    return np.asarray(np.mean(told, axis=0), dtype=np.float64)


def _blocks(training: Cases, test: Cases, part: Modality) -> tuple[Blocks, Blocks]:
    visits = [s for cases in (training, test) for mine in cases.visits for s in mine]
    if part == "text" and not any(is_measured_only(s, "text") for s in visits):
        if not any(map(len, training.documents)):
            raise InvalidMeasurement("nobody said anything at the visits with answers")
        learn, check = words_of(training.documents, test.documents)
        return [learn], [check]
    return blocks_of(training, test, part)[0]


def _visits(person: Participant, tool: str, *, pooled: bool) -> list[Session]:
    """Return the visits with answers; all parts of one recording have the answers that go with it."""
    answer = person.latest(tool)
    if not pooled or answer is None:
        return [s for s in person.sessions if tool in s.responses]
    return [replace(s, responses={tool: answer}) for s in person.sessions]
