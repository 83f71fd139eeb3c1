"""What a release must show, and what was found of each condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from mindveil.evidence.estimate import Estimate, more_people

_MOST_USEFUL = 100_000
"""People beyond whom it is no use to say how many would be needed."""

State = Literal["met", "missed", "unknown", "caps"]

TOLERANCES: Mapping[str, float] = MappingProxyType({"alpha": 0.02, "r": 0.03, "prevalence": 0.02})
"""By how much the psychometrics of a released table may differ from its people's."""
CONGRUENCE = 0.95
"""Factors are taken as equal from here (Lorenzo-Seva & ten Berge 2006, Methodology 2:57-64)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a release must show; the fields are those of [policy] and [utility] in the study."""

    context: str
    max_match: float
    max_advantage: float
    min_risk_reduction: float
    min_utility: Mapping[str, Mapping[str, float]]
    margin: float
    months_valid: int = 12
    tolerances: Mapping[str, float] = field(default_factory=lambda: dict(TOLERANCES))
    min_congruence: float = CONGRUENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One condition of the policy: was it met, missed, or can these people not tell?"""

    state: State
    sentence: str
    people_needed: int | None = None


def percent(share: float) -> str:
    """Return a limit as it was set.

    >>> percent(0.09), percent(0.125)
    ('9%', '12.5%')
    """
    return f"{100 * share:.10g}%"


def at_least(seen: Estimate, floor: float, sentence: str) -> Finding:
    """Return how a figure stands to the least that is wanted of it."""
    if seen.low >= floor:
        return Finding(state="met", sentence=sentence)
    if seen.high < floor:
        return Finding(state="missed", sentence=sentence)
    room = seen.value - floor
    needed = more_people(seen.n, seen.value - seen.low, room) if room > 0 else None
    if needed and needed > _MOST_USEFUL:
        needed = None  # so near the limit that no study will tell
    more = f" About {needed:,} people would be needed to tell." if needed else ""
    return Finding(state="unknown", sentence=f"{sentence}{more}", people_needed=needed)


def within(seen: Estimate, limit: float, sentence: str) -> Finding:
    """Return whether a change is surely no larger than the limit, in either direction.

    >>> within(Estimate(value=0.0, low=-0.01, high=0.01, n=9), 0.02, "Kept.").state
    'met'
    """
    if -limit <= seen.low and seen.high <= limit:
        return Finding(state="met", sentence=sentence)
    if seen.low > limit or seen.high < -limit:
        return Finding(state="missed", sentence=sentence)
    room = limit - abs(seen.value)
    reach = max(seen.high - seen.value, seen.value - seen.low)
    needed = more_people(seen.n, reach, room) if room > 0 else None
    more = f" About {needed:,} people would be needed to tell." if needed else ""
    return Finding(state="unknown", sentence=f"{sentence}{more}", people_needed=needed)
