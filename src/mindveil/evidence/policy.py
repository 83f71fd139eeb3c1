"""What a release must show, and what was found of each condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mindveil.evidence.estimate import Estimate, more_people

State = Literal["met", "missed", "unknown", "caps"]


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
    more = f" About {needed:,} people would be needed to tell." if needed else ""
    return Finding(state="unknown", sentence=f"{sentence}{more}", people_needed=needed)
