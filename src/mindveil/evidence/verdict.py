"""May it leave? From upper bounds on risk and lower bounds on utility, never from point values.

RELEASE, CONTROLLED, DO NOT RELEASE, or INCONCLUSIVE where there are not enough people to tell.
A verdict is evidence about the attacks that were run; it never says "anonymous" or "compliant".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Estimate, risk_reduction
from mindveil.evidence.frontier import (
    Point,
    Risk,
    draw,
    headlines,
    is_match,
    leading_task,
    resolutions,
    strongest,
    targets_needed,
    utility_of,
)
from mindveil.evidence.scorecard import Row

Decision = Literal["RELEASE", "CONTROLLED", "DO NOT RELEASE", "INCONCLUSIVE"]
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
    risks = headlines(rows, release)
    reduction, reduced = _reduction(rows, release, policy)
    findings = (
        *(_risk_finding(r, policy) for r in risks if not r.row.metric.endswith("-unusual")),
        *_unmeasured(rows, release),
        *reduced,
        *_unusual(rows, release, policy),
        *_tiers(rows, release, policy),
        *_utility(rows, release, policy),
    )
    decision = _decide(findings)
    needed = [f.people_needed for f in findings if f.state == "unknown" and f.people_needed]
    matches = [r for r in risks if is_match(r.row)] or risks
    worst = matches[0].row if matches else None
    return ReleaseVerdict(
        release=release,
        decision=decision,
        sentence=_sentence(release, decision, findings, policy),
        findings=findings,
        weakest_modality=worst.modality if worst else "",
        worst=worst,
        reduction=reduction,
        people_needed=max(needed) if decision == "INCONCLUSIVE" and needed else None,
        not_tested=tuple(
            f"{r.measure} ({r.attacker or r.modality}): {r.note}"
            for r in rows
            if r.release == release and r.status in {"invalid", "failed"}
        ),
    )


def _decide(findings: Sequence[Finding]) -> Decision:
    states = {f.state for f in findings}
    if "missed" in states:
        return "DO NOT RELEASE"
    if "unknown" in states or not findings:
        return "INCONCLUSIVE"
    return "CONTROLLED" if "caps" in states else "RELEASE"


def _sentence(release: str, decision: Decision, findings: Sequence[Finding], policy: Policy) -> str:
    wanted: dict[Decision, State] = {
        "DO NOT RELEASE": "missed",
        "INCONCLUSIVE": "unknown",
        "CONTROLLED": "caps",
        "RELEASE": "met",
    }
    because = [f.sentence for f in findings if f.state == wanted[decision]]
    opening = {
        "DO NOT RELEASE": f"“{release}” should not be released ({policy.context} access)",
        "INCONCLUSIVE": f"There are too few people or figures to decide on “{release}”",
        "CONTROLLED": f"The evidence allows “{release}” under access control only",
        "RELEASE": f"The evidence is for releasing “{release}” ({policy.context} access)",
    }[decision]
    return f"{opening}: {because[0]}" if because else f"{opening}."


def _risk_finding(risk: Risk, policy: Policy) -> Finding:
    row = risk.row
    seen = risk.estimate if is_match(row) else risk.advantage
    if seen is None:
        return Finding(state="unknown", sentence=f"{row.measure} has no figure above its control.")
    limit = policy.max_match if is_match(row) else policy.max_advantage
    what = "match the right person" if is_match(row) else "single people out"
    figure = f"{seen.value:.1%} [{seen.low:.1%}, {seen.high:.1%}], n = {seen.n}"
    by = f"{row.measure}" + (f", {row.attacker} attacker" if row.attacker else "")
    if seen.high <= limit:
        return Finding(
            state="met", sentence=f"attackers {what} in {figure} ({by}); limit {limit:.0%}."
        )
    if seen.low > limit:
        return Finding(
            state="missed",
            sentence=f"attackers {what} in {figure} ({by}), above the limit of {limit:.0%}.",
        )
    needed = targets_needed(seen, limit)
    more = (
        f"about {needed} people would be needed to tell"
        if needed
        else "the value itself is not below it, so more people alone will not help"
    )
    return Finding(
        state="unknown",
        sentence=f"{by} finds {figure}; the limit of {limit:.0%} lies inside, {more}.",
        people_needed=needed,
    )


def _unmeasured(rows: Sequence[Row], release: str) -> list[Finding]:
    """Return what could not be measured: an attack that did not work is never low risk."""
    mine = [r for r in rows if r.release == release and r.kind == "attack"]
    worked = {r.measure for r in mine if r.status == "ok"}
    failed = {r.measure: r for r in mine if r.status != "ok" and r.measure not in worked}
    found = [
        Finding(state="unknown", sentence=f"{name} could not be run: {row.note}")
        for name, row in sorted(failed.items())
    ]
    if not worked:
        found.append(Finding(state="unknown", sentence="no attack was run on it."))
    return found


def _reduction(
    rows: Sequence[Row], release: str, policy: Policy
) -> tuple[Estimate | None, list[Finding]]:
    worst, undefended = strongest(rows, release), strongest(rows, "original")
    if worst is None or undefended is None or not policy.min_risk_reduction:
        return None, []
    try:
        cut = risk_reduction(worst, undefended)
    except InvalidMeasurement:
        return None, [
            Finding(
                state="unknown",
                sentence="the undefended data cannot be told from its control, "
                "so there is no risk to reduce.",
            )
        ]
    figure = f"{cut.value:.1%} [{cut.low:.1%}, {cut.high:.1%}]"
    if release == "original":
        return None, []
    goal = policy.min_risk_reduction
    if cut.low >= goal:
        state: State = "met"
    elif cut.high < goal:
        state = "missed"
    else:
        state = "unknown"
    return cut, [
        Finding(
            state=state,
            sentence=f"the strongest attack is cut by {figure} against the original; "
            f"wanted {goal:.0%}.",
        )
    ]


def _unusual(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    """Return caps for the pre-specified most unusual people, who are hurt first."""
    found = []
    for row in rows:
        if row.release == release and row.metric.endswith("-unusual") and row.status == "ok":
            seen = row.estimate
            if seen is not None and seen.high > policy.max_match:
                found.append(
                    (
                        seen.high,
                        f"among the most unusual people {row.measure} finds "
                        f"{seen.value:.1%} [{seen.low:.1%}, {seen.high:.1%}], n = {seen.n}.",
                    )
                )
    return [Finding(state="caps", sentence=max(found)[1])] if found else []


def _tiers(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    """Return the cap of attacks at the light tier: a pass there is not sold as safe."""
    if policy.context != "open":
        return []
    light = sorted(
        {
            r.row.measure
            for r in headlines(rows, release)
            if not any(
                "tier: trained" in o.note or "tier: external" in o.note
                for o in rows
                if (o.release, o.measure, o.status) == (release, r.row.measure, "ok")
            )
        }
    )
    return (
        [
            Finding(
                state="caps",
                sentence=f"{', '.join(light)} was attacked at the light tier only.",
            )
        ]
        if light
        else []
    )


def _utility(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    found: list[Finding] = []
    for task, floors in policy.min_utility.items():
        for metric, floor in floors.items():
            row = utility_of(rows, release, task, metric)
            seen = row.estimate if row else None
            name = f"{metric} of {task}"
            if seen is None:
                found.append(Finding(state="unknown", sentence=f"{name} was not measured."))
            else:
                found.append(_above(name, seen, floor, "wanted at least"))
    tasks = dict.fromkeys(r.measure for r in rows if r.kind == "utility" and r.release == release)
    for task in tasks if release != "original" else ():
        metric = "ccc-change" if task.startswith("severity/") else "auroc-change"
        row = utility_of(rows, release, task, metric)
        if row and row.estimate:
            name = f"{metric.removesuffix('-change')} of {task} against the original"
            found.append(_above(name, row.estimate, -policy.margin, "allowed down to"))
    return found


def _above(name: str, seen: Estimate, floor: float, wording: str) -> Finding:
    figure = f"{seen.value:.3f} [{seen.low:.3f}, {seen.high:.3f}], n = {seen.n}"
    if seen.low >= floor:
        return Finding(state="met", sentence=f"{name} is {figure}; {wording} {floor:.2f}.")
    if seen.high < floor:
        return Finding(state="missed", sentence=f"{name} is {figure}; {wording} {floor:.2f}.")
    half, room = (seen.high - seen.low) / 2, seen.value - floor
    needed = int(seen.n * (half / room) ** 2) + 1 if room > 0 else None
    more = f"; about {needed} people would be needed to tell" if needed else ""
    return Finding(
        state="unknown",
        sentence=f"{name} is {figure}; {wording} {floor:.2f}{more}.",
        people_needed=needed,
    )
