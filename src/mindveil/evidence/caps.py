"""What limits a release to people under an agreement, however low its figures are.

A pass that rests on weak attackers, on the average person alone or on most groups alone is no
pass for the open: somebody in particular would pay for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite

from scipy import stats

from mindveil.attack.base import ANSWER_ALONE, ATTACKERS, OF_GENERATORS, OF_MEASURES, SEARCHES
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import LEVEL, risk_reduction
from mindveil.evidence.frontier import (
    asked,
    gains,
    headlines,
    is_undefended,
    strongest,
    undefended_of,
)
from mindveil.evidence.policy import Finding, Kind, Policy, key_of, percent
from mindveil.evidence.risk_words import called, doing, ended, of_whom, source
from mindveil.evidence.scorecard import Row

STRONGER: Mapping[str, str] = {
    "model/membership-label-only": "model/membership-lira",
    "synthetic/nearest-record": "synthetic/shadow-membership",
}
"""Weak tests, and the trained attack that asks the same of more."""

EXPOSED = "people-exposed"
"""The figure of people whom an attacker names rightly nearly whatever is drawn anew."""
WORST_GROUP = "rank1-worst"
"""The figure of the group of people who are found most often."""
UNTRIED = "and no attack on it was asked"
"""How the note of a modality ends that goes out and that the study lets nobody look at."""
SMALL = 10
"""Fewer people than this are never counted out."""


def caps(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    """Return what limits a release to people under agreement, however low its figures are."""
    found = [*_exposed(rows, release), *_groups_found(rows, release, policy)]
    found += [*_unusual(rows, release, policy), *_uneven(rows, release, policy)]
    found += [*_silent(rows, release), *_not_audited(rows, release)]
    if policy.context in {"open", "registered"}:
        found += _untried(rows, release)
    if policy.context == "open":
        found += [*_light(rows, release), *_powerless(rows, release)]
        found += _groups_told(rows, release, policy)
    return found


def is_untried(row: Row) -> bool:
    """Whether a row tells of a modality that goes out and that no attack was asked about."""
    return row.note.endswith(UNTRIED)


def cap(kind: Kind, sentence: str, row: Row | None = None, limit: float | None = None) -> Finding:
    """Return a condition that limits a release to people under agreement."""
    return Finding(
        state="caps",
        sentence=sentence,
        kind=kind,
        figure=row.estimate if row else None,
        limit=limit,
        row=key_of(row) if row else None,
    )


def _untried(rows: Sequence[Row], release: str) -> list[Finding]:
    """Return the modalities that go out and were attacked by nobody: nothing is known of them."""
    mine = [r for r in rows if r.release == release and is_untried(r)]
    return [cap("unmeasured", ended(r.note[:1].upper() + r.note[1:]), r) for r in mine]


def _unusual(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    """Return the pre-specified most unusual people, who are hurt first."""
    mine = [(seen.high, row) for row in _of_unusual(rows, release) if (seen := row.estimate)]
    if not mine and headlines(rows, release) and policy.context == "open":
        told = "The risk of the most unusual people is not known: they were too few to look at."
        return [cap("unusual-people", told)]
    over = [(high, row) for high, row in mine if high > _limit(row, policy)]
    if not over:
        return []
    _, row = max(over, key=lambda pair: (pair[0], pair[1].measure, pair[1].metric))
    seen = row.estimate
    assert seen is not None
    figure = f"{seen.value:.1%} [{seen.low:.1%}, {seen.high:.1%}], n = {seen.n}"
    told = f"Among the most unusual people, attackers {doing(row)} {figure} {source(row)}."
    return [cap("unusual-people", told, row, _limit(row, policy))]


def _limit(row: Row, policy: Policy) -> float:
    return policy.max_match if asked(row.metric).figure == "rank1" else policy.max_advantage


def _of_unusual(rows: Sequence[Row], release: str) -> list[Row]:
    """Return what a limit applies to: matches and advantages, or what was singled out.

    What is reached of unusual people who were not behind the table is no harm to them: where an
    advantage over them is told, success alone is not judged, and an area under a curve never is.
    """
    mine = [
        r
        for r in rows
        if (r.release, r.kind, r.status) == (release, "attack", "ok")
        if asked(r.metric).unusual and r.estimate is not None
        if asked(r.metric).setting != ANSWER_ALONE
    ]
    above = {_question(r) for r in mine if asked(r.metric).figure == "advantage"}
    return [
        r
        for r in mine
        if asked(r.metric).figure in {"rank1", "advantage"}
        or (asked(r.metric).figure == "success" and _question(r) not in above)
    ]


def _question(row: Row) -> tuple[str, str, str]:
    return row.measure, row.attacker, asked(row.metric).setting


def _exposed(rows: Sequence[Row], release: str) -> list[Finding]:
    """Return that somebody is named with certainty, however few: an average hides one person."""
    found = [
        r
        for r in rows
        if (r.release, r.kind, r.status) == (release, "attack", "ok")
        if asked(r.metric).figure == EXPOSED and r.value and _is_more_than_luck(r)
    ]
    if not found:
        return []
    row = max(found, key=lambda r: (r.value or 0.0, r.measure, r.metric))
    people = round((row.value or 0.0) * (row.n or 0))
    some = f"At least one person, and fewer than {SMALL},"
    many = f"{people} of {row.n} people" if people >= SMALL else some
    return [cap("people-exposed", f"{many} can be named with certainty {source(row)}.", row, 0.0)]


def _is_more_than_luck(row: Row) -> bool:
    """Whether as many people are hardly ever named so by guessing, of whom ``baseline`` tells.

    Of few people one is soon named by luck: then nothing is certain but the next draw.
    """
    known = row.baseline if row.baseline is not None and isfinite(row.baseline) else 0.0
    people, share = row.n or 0, min(known, 1.0)
    named = round((row.value or 0.0) * people)
    return float(stats.binom.sf(named - 1, people, share)) <= (1 - LEVEL) / 2


def _groups_found(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    """Return the group of people who are surely found more often than the limit allows."""
    over = [
        r
        for r in rows
        if (r.release, r.kind, r.status) == (release, "attack", "ok")
        if asked(r.metric).figure == WORST_GROUP
        if r.low is not None and r.low > policy.max_match
    ]
    if not over:
        return []
    row = max(over, key=lambda r: (r.low or 0.0, r.measure, r.metric))
    seen = row.estimate
    if seen is None:
        return []
    told = (
        f"In one group by {of_whom(row)}, attackers find the right person in {seen.value:.1%} of "
        f"cases [{seen.low:.1%}, {seen.high:.1%}], n = {seen.n} ({row.measure}); that is above the "
        f"limit of {percent(policy.max_match)}."
    )
    return [cap("group-risk", told, row, policy.max_match)]


def _groups_told(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    """Return that a detector gives away what kind of people taught it, none of them by name."""
    told = [
        r
        for r in rows
        if (r.release, r.measure, r.status) == (release, "model/property-inference", "ok")
        if asked(r.metric).figure == "advantage" and r.low is not None
    ]
    return [
        cap(
            "groups-told",
            "Detectors made in this way tell the share of a group among those who taught them "
            f"({asked(r.metric).setting or r.measure}): gain {r.value:.1%} "
            f"[{r.low:.1%}, {r.high:.1%}].",
            r,
            policy.max_advantage,
        )
        for r in told
        if r.low is not None and r.low > policy.max_advantage
    ][:1]


def _uneven(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    """Return that the cut in risk holds for the average person and not for the most unusual."""
    undefended = strongest(rows, undefended_of(rows, release))
    goal = policy.min_risk_reduction
    if is_undefended(release) or not goal or undefended is None:
        return []
    try:
        rare = gains(rows, release, unusual=True)
        cuts = [risk_reduction(g, undefended) for g in rare]
    except InvalidMeasurement:
        return []  # said of everybody already: nothing can be cut where nothing was gained
    short = [c for c in cuts if c.low < goal]
    if not short:
        return []
    cut = min(short, key=lambda c: (c.low, c.value))
    gain = rare[cuts.index(cut)]
    row = next((r for r in rows if r.release == release and r.estimate == gain), None)
    sentence = (
        "For the most unusual people the gain of the strongest attack is cut by less: "
        f"{cut.value:.1%} [{cut.low:.1%}, {cut.high:.1%}], n = {cut.n}; "
        f"at least {percent(goal)} was wanted."
    )
    return [replace(cap("unusual-people", sentence, row, goal), figure=cut)]


def _silent(rows: Sequence[Row], release: str) -> list[Finding]:
    """Return the attacks whose strongest attacker gave no result: only weaker ones counted."""
    mine = [r for r in rows if (r.release, r.kind) == (release, "attack") and r.attacker]
    found = []
    for measure in sorted({r.measure for r in mine}):
        of = [r for r in mine if r.measure == measure]
        worked = {r.attacker for r in of if r.status == "ok"}
        stronger = [
            kind
            for kind in {r.attacker for r in of} - worked
            if worked and _strength(kind) > max(map(_strength, worked))
        ]
        if stronger:
            kind = max(stronger, key=_strength)
            told = (
                f"The {kind} attacker of {measure} gave no valid result: "
                "only weaker ones were counted."
            )
            found.append(cap("strongest-attacker", told))
    return found


def _not_audited(rows: Sequence[Row], release: str) -> list[Finding]:
    """Return that a promise was to be tested and was not: nobody knows whether it is kept."""
    mine = [r for r in rows if r.release == release]
    tried = [r for r in mine if r.measure == "model/one-run-audit"]
    promised = any(r.kind == "guarantee" for r in mine)
    if not promised or not tried or any(r.status == "ok" for r in tried):
        return []
    told = ended(f"Whether the promise is kept could not be tested: {tried[0].note}")
    return [cap("audit", told, tried[0])]


def _strength(attacker: str) -> int:
    return next((i for i, kind in enumerate(ATTACKERS) if kind == attacker), -1)


def _light(rows: Sequence[Row], release: str) -> list[Finding]:
    """Return the attacks tried at the light tier only: a pass there is not sold as safe."""
    tiers = tiers_of(rows, release)
    trained = {measure for measure, tier in tiers.items() if tier in {"trained", "external"}}
    tried = {r.row.measure for r in headlines(rows, release)}
    light = sorted(m for m in tried - trained if STRONGER.get(m) not in trained)
    if not light:
        return []
    told = f"Only light attackers were tried ({', '.join(light)}): open access asks for stronger."
    return [cap("light-attackers", told)]


def tiers_of(rows: Sequence[Row], release: str) -> dict[str, str]:
    """Return for each attack that worked the strongest tier at which it was tried.

    Empty where an attack does not say how strong it is.
    """
    found: dict[str, str] = {}
    for row in rows:
        if (row.release, row.kind, row.status) != (release, "attack", "ok"):
            continue
        told = next((t for t in _TIERS if f"tier: {t}" in row.note), "")
        found[row.measure] = max(found.get(row.measure, ""), told, key=_of_tier)
    return dict(sorted(found.items()))


_TIERS = ("light", "trained", "external")


def _of_tier(tier: str) -> int:
    return _TIERS.index(tier) if tier in _TIERS else -1


def _powerless(rows: Sequence[Row], release: str) -> list[Finding]:
    """Return the attacks that find nobody even in the original: their failure shows little."""
    if is_undefended(release):
        return []
    weak, twin = [], undefended_of(rows, release)
    for measure in sorted(
        {r.row.measure for r in headlines(rows, release)} - OF_GENERATORS - SEARCHES - OF_MEASURES
    ):
        won = gains([r for r in rows if r.measure == measure], twin)
        if not any(e.low > 0 for e in won):
            weak.append(measure)
    if not weak:
        return []
    names = ", ".join(weak)
    told = f"Even in {called(twin)}, {names} finds no more than chance: its failure shows little."
    return [cap("power", told)]
