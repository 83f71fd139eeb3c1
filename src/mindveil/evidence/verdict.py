"""May it leave? From upper bounds on risk and lower bounds on utility, never from point values.

RELEASE for the access that was wanted; CONTROLLED where it is not fit for that and holds what
controlled access asks; DO NOT RELEASE where it does not hold that either; INCONCLUSIVE where there
are not enough people to tell. A verdict is evidence about the attacks that were run; it never says
"anonymous" or "compliant".

A pass needs every condition at once, each with its whole interval on the right side, so that asking
more makes it harder to pass and no correction for many questions is due (an intersection-union
test: Berger 1982, Technometrics 24:295-300).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from mindveil.evidence.caps import caps, tiers_of
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.frontier import (
    Point,
    draw,
    headlines,
    is_match,
    leading_task,
    resolutions,
)
from mindveil.evidence.operating_points import placed
from mindveil.evidence.policy import ABSOLUTE, Finding, Policy, State
from mindveil.evidence.risks import (
    contaminated,
    leaks,
    reduction,
    refuted,
    risk_findings,
    unmeasured,
    with_numbers,
)
from mindveil.evidence.scorecard import Row
from mindveil.evidence.usefulness import groups_left, remarks, usefulness
from mindveil.evidence.weakest import weakest_modality
from mindveil.randomness import stream
from mindveil.study import ORIGINAL, UNDEFENDED

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

_OPEN_TO_MANY = frozenset({"open", "registered"})
"""Kinds of access beside which controlled access is the stricter choice of whoever releases."""
_UNDER_AGREEMENT = "controlled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseVerdict:
    """The decision for one release, why, and what it rests on.

    ``findings`` are the conditions of the access that was wanted, ``deciding`` those that decided
    (of controlled access, where that was what remained to be asked). ``passes`` are the kinds of
    access whose conditions the release holds, the strictest first. ``tiers`` says of each attack
    how strong it was. ``remarks`` should be known and decide nothing.
    """

    release: str
    decision: Decision
    sentence: str
    findings: tuple[Finding, ...]
    weakest_modality: str
    worst: Row | None
    reduction: Estimate | None
    people_needed: int | None
    not_tested: tuple[str, ...]
    deciding: tuple[Finding, ...] = ()
    context: str = ""
    passes: tuple[str, ...] = ()
    tiers: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdicts of a study, the frontier they lie on, and when they end.

    ``hypervolume`` is the area between the frontier and the worst there could be.
    """

    releases: tuple[ReleaseVerdict, ...]
    frontier: tuple[Point, ...]
    resolution: Mapping[str, tuple[int, float]]
    made: date
    expires: date
    hypervolume: Estimate | None = None


def judge(rows: Sequence[Row], releases: Sequence[str], policy: Policy, today: date) -> Judgement:
    """Return the verdict on every release of a study."""
    rows = with_numbers(rows)
    months = today.month - 1 + policy.months_valid
    expires = date(today.year + months // 12, months % 12 + 1, min(today.day, 28))
    seed = rows[0].seed if rows else 0
    points, area = placed(draw(rows, releases, leading_task(rows)), stream(seed, "frontier"))
    return Judgement(
        releases=tuple(_judge_one(_about(rows, name), name, policy) for name in releases),
        frontier=points,
        resolution=resolutions(rows),
        made=today,
        expires=expires,
        hypervolume=area,
    )


def _about(rows: Sequence[Row], release: str) -> list[Row]:
    """Return what a verdict on a release rests on: itself, the original, and its twin."""
    known = {release, ORIGINAL, f"{release.removesuffix(UNDEFENDED)}{UNDEFENDED}"}
    return [r for r in rows if r.release in known]


def _judge_one(rows: Sequence[Row], release: str, policy: Policy) -> ReleaseVerdict:
    cut, own = _conditions(rows, release, policy)
    asked = {policy.context: own}
    for other in policy.others:
        asked[other] = _conditions(rows, release, policy.within(other))[1]
    wider = policy.context in _OPEN_TO_MANY
    under = asked.get(_UNDER_AGREEMENT, own) if wider else own
    decision, deciding = _decide(own, under)
    even = ", even for controlled access" if wider and _UNDER_AGREEMENT in asked else ""
    needed = [f.people_needed for f in deciding if f.state == "unknown" and f.people_needed]
    risks = headlines(rows, release)
    matches = [r for r in risks if is_match(r.row)] or risks
    worst = matches[0].row if matches else None
    return ReleaseVerdict(
        release=release,
        decision=decision,
        sentence=_sentence(f"“{release}”", decision, deciding, (policy.context, even)),
        findings=own,
        weakest_modality=weakest_modality(rows, worst),
        worst=worst,
        reduction=cut,
        people_needed=max(needed, default=None),
        not_tested=tuple(
            f"{r.measure} ({r.attacker or r.modality}): {r.note}"
            for r in rows
            if r.release == release and r.status != "ok"
        ),
        deciding=deciding,
        context=policy.context,
        passes=tuple(c for c in _ORDER if c in asked and _is_held(asked[c], c)),
        tiers=tiers_of(rows, release),
        remarks=tuple(remarks(rows, release, policy)),
    )


_ORDER = ("open", "registered", "controlled", "internal")


def _conditions(
    rows: Sequence[Row], release: str, policy: Policy
) -> tuple[Estimate | None, tuple[Finding, ...]]:
    """Return the cut in risk, and every condition of one kind of access."""
    cut, reduced = reduction(rows, release, policy)
    return cut, (
        *refuted(rows, release),
        *leaks(rows, release),
        *risk_findings(rows, release, policy),
        *unmeasured(rows, release),
        *contaminated(rows),
        *reduced,
        *caps(rows, release, policy),
        *groups_left(rows, release, policy),
        *usefulness(rows, release, policy),
    )


def _decide(
    own: Sequence[Finding], under: Sequence[Finding]
) -> tuple[Decision, tuple[Finding, ...]]:
    """Return the decision and what decided it: of the access wanted, then of access under agreement.

    A release that is not fit for all, or of which that cannot be told, is asked whether it holds
    what controlled access asks; only what it does not hold there either must stay.
    """
    wanted, least = _by_state(own), _by_state(under)
    absolute = tuple(f for f in wanted["missed"] if f.kind in ABSOLUTE)
    if absolute or least["missed"]:
        return "DO NOT RELEASE", absolute or wanted["missed"] or least["missed"]
    if least["unknown"] or not wanted["met"]:
        return "INCONCLUSIVE", least["unknown"] or wanted["unknown"]
    for state in ("missed", "unknown", "caps"):
        if wanted[state]:
            return "CONTROLLED", wanted[state]
    return "RELEASE", wanted["met"]


def _by_state(found: Sequence[Finding]) -> dict[str, tuple[Finding, ...]]:
    states: tuple[State, ...] = ("missed", "unknown", "caps", "met")
    return {state: tuple(f for f in found if f.state == state) for state in states}


def _is_held(found: Sequence[Finding], context: str) -> bool:
    """Whether a kind of access may be given: nothing missed, unknown, or capped below it."""
    states = _by_state(found)
    capped = context in _OPEN_TO_MANY and states["caps"]
    return bool(states["met"]) and not (states["missed"] or states["unknown"] or capped)


def _sentence(
    release: str, decision: Decision, because: Sequence[Finding], access: tuple[str, str]
) -> str:
    """Return the decision in words, and the first condition that decided it."""
    context, even = access
    opening = {
        "DO NOT RELEASE": f"{release} should not be released ({context} access).",
        "INCONCLUSIVE": f"There are too few people or figures to decide on {release}{even}.",
        "CONTROLLED": f"The evidence allows {release} under access control only.",
        "RELEASE": f"The evidence is for releasing {release} ({context} access).",
    }[decision]
    return f"{opening} {because[0].sentence}" if because else opening
