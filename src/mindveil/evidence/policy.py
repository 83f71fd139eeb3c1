"""What a release must show, and what was found of each condition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from mindveil.evidence.estimate import Estimate, more_people
from mindveil.evidence.scorecard import Row

_MOST_USEFUL = 100_000
"""People beyond whom it is no use to say how many would be needed."""

State = Literal["met", "missed", "unknown", "caps"]

Kind = Literal[
    "match",
    "advantage",
    "names",
    "promise",
    "leaks",
    "risk-reduction",
    "unmeasured",
    "contamination",
    "people-exposed",
    "group-risk",
    "group-use",
    "unusual-people",
    "light-attackers",
    "power",
    "strongest-attacker",
    "audit",
    "groups-told",
    "use-wanted",
    "use-kept",
    "use-above-chance",
    "coverage",
    "faithfulness",
]
"""What kind of condition a finding is about."""

ABSOLUTE: frozenset[Kind] = frozenset({"promise", "leaks", "names"})
"""Conditions that no agreement with the receiver makes up for, once they are surely missed."""

TOLERANCES: Mapping[str, float] = MappingProxyType({"alpha": 0.02, "r": 0.03, "prevalence": 0.02})
"""By how much the psychometrics of a released table may differ from its people's."""
CONGRUENCE = 0.95
"""Factors are taken as equal from here (Lorenzo-Seva & ten Berge 2006, Methodology 2:57-64)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits on risk of one kind of access; see :mod:`mindveil.evidence.contexts`."""

    max_match: float
    max_advantage: float
    min_risk_reduction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a release must show; the fields are those of [policy] and [utility] in the study.

    ``others`` holds the limits of the other kinds of access, by which it is told for whom a
    release would do that is not fit for the one that was wanted.
    """

    context: str
    max_match: float
    max_advantage: float
    min_risk_reduction: float
    min_utility: Mapping[str, Mapping[str, float]]
    margin: float
    months_valid: int = 12
    tolerances: Mapping[str, float] = field(default_factory=lambda: dict(TOLERANCES))
    min_congruence: float = CONGRUENCE
    others: Mapping[str, Limits] = field(default_factory=dict)

    def within(self, context: str) -> Policy:
        """Return the policy of the same study for another kind of access."""
        if context == self.context:
            return self
        limits = self.others[context]
        return replace(
            self,
            context=context,
            max_match=limits.max_match,
            max_advantage=limits.max_advantage,
            min_risk_reduction=limits.min_risk_reduction,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKey:
    """Which line of the scorecard a figure stands in."""

    release: str
    measure: str
    modality: str
    attacker: str
    metric: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One condition of the policy: was it met, missed, or can these people not tell?

    ``figure`` is what was held against ``limit``, and ``row`` the line of the scorecard that it
    stands in or was computed from.
    """

    state: State
    sentence: str
    people_needed: int | None = None
    kind: Kind = "unmeasured"
    figure: Estimate | None = None
    limit: float | None = None
    row: RowKey | None = None

    def about(self, kind: Kind, row: Row | None = None) -> Finding:
        """Return the finding with the kind of its condition, and the line that it rests on."""
        return replace(self, kind=kind, row=key_of(row) if row else self.row)


def key_of(row: Row) -> RowKey:
    """Return by what a line of the scorecard is found again."""
    return RowKey(
        release=row.release,
        measure=row.measure,
        modality=row.modality,
        attacker=row.attacker,
        metric=row.metric,
    )


def row_number(rows: Iterable[Row], key: RowKey) -> int | None:
    """Return the place of a line in the scorecard, from 0; None where it is not there."""
    return next((i for i, row in enumerate(rows) if key_of(row) == key), None)


def percent(share: float) -> str:
    """Return a limit as it was set.

    >>> percent(0.09), percent(0.125)
    ('9%', '12.5%')
    """
    return f"{100 * share:.10g}%"


def at_least(seen: Estimate, floor: float, sentence: str) -> Finding:
    """Return how a figure stands to the least that is wanted of it."""
    found = Finding(state="met", sentence=sentence, figure=seen, limit=floor)
    if seen.low >= floor:
        return found
    if seen.high < floor:
        return replace(found, state="missed")
    room = seen.value - floor
    needed = more_people(seen.n, seen.value - seen.low, room) if room > 0 else None
    if needed and needed > _MOST_USEFUL:
        needed = None  # so near the limit that no study will tell
    return _untold(found, needed)


def within(seen: Estimate, limit: float, sentence: str) -> Finding:
    """Return whether a change is surely no larger than the limit, in either direction.

    >>> within(Estimate(value=0.0, low=-0.01, high=0.01, n=9), 0.02, "Kept.").state
    'met'
    """
    found = Finding(state="met", sentence=sentence, figure=seen, limit=limit)
    if -limit <= seen.low and seen.high <= limit:
        return found
    if seen.low > limit or seen.high < -limit:
        return replace(found, state="missed")
    room = limit - abs(seen.value)
    reach = max(seen.high - seen.value, seen.value - seen.low)
    return _untold(found, more_people(seen.n, reach, room) if room > 0 else None)


def _untold(found: Finding, needed: int | None) -> Finding:
    """Return a finding of which these people cannot tell, and how many could."""
    more = f" About {needed:,} people would be needed to tell." if needed else ""
    return replace(found, state="unknown", sentence=f"{found.sentence}{more}", people_needed=needed)
