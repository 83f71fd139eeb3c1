"""May it leave? From upper bounds on risk and lower bounds on utility, never from point values.

RELEASE, CONTROLLED, DO NOT RELEASE, or INCONCLUSIVE where there are not enough people to tell.
A verdict is evidence about the attacks that were run; it never says "anonymous" or "compliant".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.frontier import (
    Point,
    draw,
    headlines,
    is_match,
    leading_task,
    resolutions,
)
from mindveil.evidence.policy import Finding, Policy, State
from mindveil.evidence.risks import caps, reduction, refuted, risk_findings, unmeasured
from mindveil.evidence.scorecard import Row
from mindveil.evidence.usefulness import usefulness

__all__ = [
    "Decision",
    "Finding",
    "Judgement",
    "Policy",
    "ReleaseVerdict",
    "State",
    "judge",
]

Decision = Literal["RELEASE", "CONTROLLED", "DO NOT RELEASE", "INCONCLUSIVE"]

_DECIDING: Mapping[Decision, State] = {
    "DO NOT RELEASE": "missed",
    "INCONCLUSIVE": "unknown",
    "CONTROLLED": "caps",
    "RELEASE": "met",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseVerdict:
    """The decision for one release, why, and what it rests on."""

    release: str
    decision: Decision
    sentence: str
    findings: tuple[Finding, ...]
    weakest_modality: str
    worst: Row | None
    reduction: Estimate | None
    people_needed: int | None
    not_tested: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdicts of a study, the frontier they lie on, and when they end."""

    releases: tuple[ReleaseVerdict, ...]
    frontier: tuple[Point, ...]
    resolution: Mapping[str, tuple[int, float]]
    made: date
    expires: date


def judge(rows: Sequence[Row], releases: Sequence[str], policy: Policy, today: date) -> Judgement:
    """Return the verdict on every release of a study."""
    months = today.month - 1 + policy.months_valid
    expires = date(today.year + months // 12, months % 12 + 1, min(today.day, 28))
    return Judgement(
        releases=tuple(_judge_one(rows, name, policy) for name in releases),
        frontier=draw(rows, releases, leading_task(rows)),
        resolution=resolutions(rows),
        made=today,
        expires=expires,
    )


def _judge_one(rows: Sequence[Row], release: str, policy: Policy) -> ReleaseVerdict:
    cut, reduced = reduction(rows, release, policy)
    findings = (
        *refuted(rows, release),
        *risk_findings(rows, release, policy),
        *unmeasured(rows, release),
        *reduced,
        *caps(rows, release, policy),
        *usefulness(rows, release, policy),
    )
    decision = _decide(findings)
    needed = [f.people_needed for f in findings if f.state == "unknown" and f.people_needed]
    risks = headlines(rows, release)
    matches = [r for r in risks if is_match(r.row)] or risks
    worst = matches[0].row if matches else None
    return ReleaseVerdict(
        release=release,
        decision=decision,
        sentence=_sentence(release, decision, findings, policy),
        findings=findings,
        weakest_modality=worst.modality if worst else "",
        worst=worst,
        reduction=cut,
        people_needed=max(needed) if decision == "INCONCLUSIVE" and needed else None,
        not_tested=tuple(
            f"{r.measure} ({r.attacker or r.modality}): {r.note}"
            for r in rows
            if r.release == release and r.status != "ok"
        ),
    )


def _decide(findings: Sequence[Finding]) -> Decision:
    states = {f.state for f in findings}
    if "missed" in states:
        return "DO NOT RELEASE"
    if "unknown" in states or "met" not in states:
        return "INCONCLUSIVE"
    return "CONTROLLED" if "caps" in states else "RELEASE"


def _sentence(release: str, decision: Decision, findings: Sequence[Finding], policy: Policy) -> str:
    """Return the decision in words, and the first condition that decided it."""
    because = [f.sentence for f in findings if f.state == _DECIDING[decision]]
    opening = {
        "DO NOT RELEASE": f"“{release}” should not be released ({policy.context} access).",
        "INCONCLUSIVE": f"There are too few people or figures to decide on “{release}”.",
        "CONTROLLED": f"The evidence allows “{release}” under access control only.",
        "RELEASE": f"The evidence is for releasing “{release}” ({policy.context} access).",
    }[decision]
    return f"{opening} {because[0]}" if because else opening
