"""What a site measures of a detector on its own people, and which of these numbers may leave.

A detector that came back is asked about those who never taught it, and attacked as the policy
allows, by name. Only figures leave, each with its interval and its number of people, and only
where no group behind one is small. No promise of a study covers them: a site gives them once for
each study, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import TypeAdapter, ValidationError

from mindveil import catalog
from mindveil.attack.base import Membership, ModelKnowledge
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.evidence.detection_scores import CUT, auroc, balanced_accuracy
from mindveil.evidence.estimate import Estimate, Weights, bootstrap, exact_at_ends, share
from mindveil.evidence.measured import Truth
from mindveil.evidence.membership import measure_membership
from mindveil.evidence.paired import Metric
from mindveil.federation.agreement import Agreement
from mindveil.federation.site_people import SitePeople
from mindveil.federation.site_policy import SitePolicy
from mindveil.store.files import Json
from mindveil.train.base import Floats, Head
from mindveil.train.detector import Detector, ModelRelease
from mindveil.train.ridge import probability_of

MEASURE = "detect/"
_RESAMPLED: tuple[tuple[str, Metric], ...] = (
    ("auroc", auroc),
    ("balanced-accuracy", balanced_accuracy),
)
_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteEstimate:
    """One number that leaves a site: what was measured, its interval, and of how many people."""

    measure: str
    metric: str
    value: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, measure: str, metric: str, found: Estimate) -> SiteEstimate:
        """Return an estimate as it leaves: to three digits."""
        value, low, high = (round(x, _DIGITS) for x in (found.value, found.low, found.high))
        return cls(measure=measure, metric=metric, value=value, low=low, high=high, n=found.n)

    def to_json(self) -> dict[str, Json]:
        """Return it as it is sent."""
        return {
            "measure": self.measure,
            "metric": self.metric,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "n": self.n,
        }


def estimates_from(told: Sequence[Json]) -> tuple[SiteEstimate, ...]:
    """Return the estimates that a site sent.

    Raises:
        InputError: they are none.
    """
    try:
        return TypeAdapter(tuple[SiteEstimate, ...]).validate_python(told)
    except ValidationError:
        raise InputError("what was sent as estimates is none; ask the site again") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The numbers of a site that may leave, and a sentence for each that may not."""

    estimates: tuple[SiteEstimate, ...] = ()
    refused: tuple[str, ...] = ()

    def and_more(self, more: Figures) -> Figures:
        """Return both together."""
        return Figures(
            estimates=self.estimates + more.estimates, refused=self.refused + more.refused
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What a coordinator wants to know: of which head, and which attacks on it by name."""

    head: Head
    attacks: tuple[str, ...] = ()


def figures_of(
    policy: SitePolicy,
    agreement: Agreement,
    people: SitePeople,
    asked: Questions,
    rng: np.random.Generator,
) -> Figures:
    """Return what a head is worth on people who are held out, and what attacks find of the others."""
    detector = Detector(reader=people.reader, head=asked.head)
    found = _detection(policy, people, asked.head, rng)
    for attack in dict.fromkeys(asked.attacks):
        found = found.and_more(_membership(policy, agreement, people, (detector, attack), rng))
    return found


def _detection(
    policy: SitePolicy, people: SitePeople, head: Head, rng: np.random.Generator
) -> Figures:
    tested = people.tested
    cases = int((tested.labels > 0).sum())
    measure = f"{MEASURE}{people.reader.target}"
    if why := policy.count_refused(cases, len(tested.ids) - cases):
        return Figures(refused=(f"{measure}: {why}",))
    told = probability_of(head.log_odds(tested.rows))
    fewer = min(cases, len(tested.ids) - cases)
    right = ((told >= CUT) == (tested.labels > 0)).astype(np.float64)
    made = [SiteEstimate.of(measure, "accuracy", share(right))]
    for metric, score in _RESAMPLED:

        def statistic(weights: Weights, score: Metric = score) -> Floats:
            return score(tested.labels, told, weights)

        # So many pairs of a case and another share nobody: each is a trial of its own.
        seen = exact_at_ends(bootstrap(statistic, len(tested.ids), rng), fewer)
        made.append(SiteEstimate.of(measure, metric, seen))
    return Figures(estimates=tuple(made))


def _membership(
    policy: SitePolicy,
    agreement: Agreement,
    people: SitePeople,
    asked: tuple[Detector, str],
    rng: np.random.Generator,
) -> Figures:
    """Put one attack on who taught a detector to the people of this site."""
    detector, name = asked
    inside, outside = people.taught, people.tested
    if why := policy.attack_refused(name) or policy.count_refused(
        len(inside.ids), len(outside.ids)
    ):
        return Figures(refused=(why,))
    known = people.corpus.select(people.everybody.ids)
    truth = Truth(
        person_of={},
        released=known.select(inside.ids),
        absent=known.select(outside.ids),
    )
    knowledge = ModelKnowledge(
        attacker="ignorant",
        known=known,
        reference=known.select(()),
        recipe=agreement.training.recipe(),
    )
    try:
        attack = catalog.MODEL_ATTACKS[name]()
        guesses = attack.run(ModelRelease(name="federation", model=detector), knowledge, rng)
        first = guesses[0]
        assert isinstance(first, Membership)
        found = measure_membership([(first, truth)], frozenset(), rng)
    except InvalidMeasurement:
        return Figures(refused=(f"{name}: cannot be measured on the people of {policy.site}",))
    return Figures(
        estimates=tuple(SiteEstimate.of(name, each.metric, each.estimate) for each in found)
    )
