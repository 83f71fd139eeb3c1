"""The conditions on risk: what attackers reached, and what their result may be taken for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mindveil.attack.base import (
    ANSWER_ALONE,
    ATTACKERS,
    OF_GENERATORS,
    OF_MEASURES,
    OF_TRAINERS,
    SEARCHES,
)
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.canaries import CLAIM_REFUTED
from mindveil.evidence.estimate import Estimate, risk_reduction
from mindveil.evidence.frontier import (
    GUESSING,
    NAMED,
    STATED,
    Risk,
    asked,
    gains,
    headlines,
    is_match,
    is_undefended,
    strongest,
    targets_needed,
    undefended_of,
)
from mindveil.evidence.policy import Finding, Policy, at_least, percent
from mindveil.evidence.scorecard import Row
from mindveil.study import ORIGINAL

_DESCRIBING = "/singling-out"

_STRONGER: Mapping[str, str] = {
    "model/membership-label-only": "model/membership-lira",
    "synthetic/nearest-record": "synthetic/shadow-membership",
}
"""Weak tests, and the trained attack that asks the same of more."""


def risk_findings(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    """Return for every attack whether its worst question lies under the limit."""
    return [_risk(r, policy) for r in headlines(rows, release)]


def refuted(rows: Iterable[Row], release: str) -> list[Finding]:
    """Return whether an audit showed that a promise was not kept: then nothing else counts."""
    return [
        Finding(state="missed", sentence=_ended(f"The promise is refuted: {r.note}"))
        for r in rows
        if (r.release, r.metric, r.status) == (release, CLAIM_REFUTED, "ok") and r.value == 1.0
    ]


def unmeasured(rows: Iterable[Row], release: str) -> list[Finding]:
    """Return what could not be measured: an attack that did not work is never low risk.

    An attack that worked but whose every answer stands in the release anyhow is not missing.
    """
    mine = [r for r in rows if (r.release, r.kind) == (release, "attack")]
    told = {r.row.measure for r in headlines(mine, release)}
    stated = {r.measure for r in mine if asked(r.metric).figure == STATED and r.status == "ok"}
    found = []
    asked_better = {weak for weak, strong in _STRONGER.items() if strong in told}
    answered = told | stated | OF_TRAINERS | asked_better
    for name in sorted({r.measure for r in mine} - answered):
        why = next((r.note for r in mine if r.measure == name and r.status != "ok"), "")
        sentence = f"{name} gave no figure that can be believed{f': {why}' if why else ''}"
        found.append(Finding(state="unknown", sentence=_ended(sentence)))
    if not told:
        why = "No attack on this release worked." if mine else "No attack was put to this release."
        found.append(Finding(state="unknown", sentence=why))
    return found


def reduction(
    rows: Sequence[Row], release: str, policy: Policy
) -> tuple[Estimate | None, list[Finding]]:
    """Return by how much the risk fell, and whether that is enough.

    Every question of every attack must be cut far enough against the strongest one on the
    original. A pass needs them all, so that asking more makes it harder and no correction is due
    (an intersection-union test: Berger 1982, Technometrics 24:295-300); a miss is that of the
    worst, which luck alone makes likelier the more is asked.
    """
    if is_undefended(release):
        return None, []
    twin = undefended_of(rows, release)
    here, undefended, goal = (
        gains(rows, release),
        strongest(rows, twin),
        policy.min_risk_reduction,
    )
    if not here or undefended is None:
        where = "the release" if not here else _called(twin)
        sentence = f"No cut in risk can be shown: no attack on {where} has a figure above chance."
        return None, [Finding(state="unknown", sentence=sentence)] if goal else []
    try:
        cuts = [risk_reduction(gain, undefended) for gain in here]
    except InvalidMeasurement:
        sentence = (
            f"No cut in risk can be shown: even the strongest attack on {_called(twin)} finds no "
            "more people than chance does."
        )
        return None, [Finding(state="unknown", sentence=sentence)] if goal else []
    short, unsure = [c for c in cuts if c.high < goal], [c for c in cuts if c.low < goal]
    cut = min(short or unsure or cuts, key=lambda c: (c.value, c.low))
    sentence = (
        f"The gain of the strongest attack is cut by {cut.value:.1%} [{cut.low:.1%}, {cut.high:.1%}]"
        f" against {_called(twin)}, n = {cut.n}; at least {percent(goal)} was wanted."
    )
    return cut, [at_least(cut, goal, sentence)] if goal else []


def caps(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    """Return what limits a release to people under agreement, however low its figures are."""
    found = [*_unusual(rows, release, policy), *_uneven(rows, release, policy)]
    found += [*_silent(rows, release), *_not_audited(rows, release)]
    if policy.context == "open":
        found += [*_light(rows, release), *_powerless(rows, release)]
        found += _groups_told(rows, release, policy)
    return [Finding(state="caps", sentence=sentence) for sentence in found]


def _called(twin: str) -> str:
    """Return what the undefended release is called in a sentence."""
    return "the original" if twin == ORIGINAL else "the same detector without a promise"


def _risk(risk: Risk, policy: Policy) -> Finding:
    match = is_match(risk.row)
    seen = risk.estimate if match else risk.advantage
    if seen is None:
        sentence = f"{risk.row.measure} has no figure above its control."
        return Finding(state="unknown", sentence=sentence)
    limit = policy.max_match if match else policy.max_advantage
    figure = f"{_found(risk.row, seen)} {_source(risk.row)}"
    if seen.high <= limit:
        return Finding(state="met", sentence=f"{figure}; the limit is {percent(limit)}.")
    if seen.low > limit:
        sentence = f"{figure}; that is above the limit of {percent(limit)}."
        return Finding(state="missed", sentence=sentence)
    needed = targets_needed(seen, limit)
    more = (
        f"About {needed:,} people would be needed to tell."
        if needed
        else "More people alone would not bring it below."
    )
    return Finding(
        state="unknown",
        sentence=f"{figure}; the limit of {percent(limit)} lies within this range. {more}",
        people_needed=needed,
    )


def _found(row: Row, seen: Estimate) -> str:
    """Return a risk in words, with its interval and people."""
    value = f"{seen.value:.1%}"
    doubt = f"[{seen.low:.1%}, {seen.high:.1%}], n = {seen.n}"
    if row.measure in NAMED:
        return f"A name, an address or a number can still be read for {value} of people {doubt}"
    if is_match(row):
        return f"Attackers find the right person in {value} of cases {doubt}"
    what = _doing(row)
    if row.measure.endswith(GUESSING):
        what = f"guess the {asked(row.metric).setting or 'hidden answer'} of"
    if seen.value <= 0:
        return f"Attackers {what} no more people than chance does: {value} {doubt}"
    return f"Attackers {what} {value} of people beyond chance {doubt}"


def _doing(row: Row) -> str:
    return "single out" if row.measure.endswith(_DESCRIBING) else "find"


def _source(row: Row) -> str:
    """Return which attack it was, in brackets."""
    setting = asked(row.metric).setting
    who = f"{row.attacker} attacker" if row.attacker else ""
    return f"({', '.join(part for part in (row.measure, setting, who) if part)})"


def _unusual(rows: Sequence[Row], release: str, policy: Policy) -> list[str]:
    """Return the pre-specified most unusual people, who are hurt first."""
    mine = [(seen.high, row) for row in _of_unusual(rows, release) if (seen := row.estimate)]
    if not mine and headlines(rows, release) and policy.context == "open":
        return ["The risk of the most unusual people is not known: they were too few to look at."]
    over = [
        (high, row)
        for high, row in mine
        if high
        > (policy.max_match if asked(row.metric).figure == "rank1" else policy.max_advantage)
    ]
    if not over:
        return []
    _, row = max(over, key=lambda pair: (pair[0], pair[1].measure, pair[1].metric))
    seen = row.estimate
    assert seen is not None
    what = _doing(row)
    figure = f"{seen.value:.1%} [{seen.low:.1%}, {seen.high:.1%}], n = {seen.n}"
    return [f"Among the most unusual people, attackers {what} {figure} {_source(row)}."]


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


def _groups_told(rows: Sequence[Row], release: str, policy: Policy) -> list[str]:
    """Return that a detector gives away what kind of people taught it, none of them by name."""
    told = [
        r
        for r in rows
        if (r.release, r.measure, r.status) == (release, "model/property-inference", "ok")
        if asked(r.metric).figure == "advantage" and r.low is not None
    ]
    return [
        f"Detectors made in this way tell the share of a group among those who taught them "
        f"({asked(r.metric).setting or r.measure}): gain {r.value:.1%} [{r.low:.1%}, {r.high:.1%}]."
        for r in told
        if r.low is not None and r.low > policy.max_advantage
    ][:1]


def _uneven(rows: Sequence[Row], release: str, policy: Policy) -> list[str]:
    """Return that the cut in risk holds for the average person and not for the most unusual."""
    undefended = strongest(rows, undefended_of(rows, release))
    goal = policy.min_risk_reduction
    if is_undefended(release) or not goal or undefended is None:
        return []
    try:
        cuts = [risk_reduction(g, undefended) for g in gains(rows, release, unusual=True)]
    except InvalidMeasurement:
        return []  # said of everybody already: nothing can be cut where nothing was gained
    short = [c for c in cuts if c.low < goal]
    if not short:
        return []
    cut = min(short, key=lambda c: (c.low, c.value))
    figure = f"{cut.value:.1%} [{cut.low:.1%}, {cut.high:.1%}], n = {cut.n}"
    sentence = (
        "For the most unusual people the gain of the strongest attack is cut by less: "
        f"{figure}; at least {percent(goal)} was wanted."
    )
    return [sentence]


def _silent(rows: Sequence[Row], release: str) -> list[str]:
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
            found.append(
                f"The {kind} attacker of {measure} gave no valid result: "
                "only weaker ones were counted."
            )
    return found


def _not_audited(rows: Sequence[Row], release: str) -> list[str]:
    """Return that a promise was to be tested and was not: nobody knows whether it is kept."""
    mine = [r for r in rows if r.release == release]
    tried = [r for r in mine if r.measure == "model/one-run-audit"]
    promised = any(r.kind == "guarantee" for r in mine)
    if not promised or not tried or any(r.status == "ok" for r in tried):
        return []
    return [_ended(f"Whether the promise is kept could not be tested: {tried[0].note}")]


def _strength(attacker: str) -> int:
    return next((i for i, kind in enumerate(ATTACKERS) if kind == attacker), -1)


def _light(rows: Sequence[Row], release: str) -> list[str]:
    """Return the attacks tried at the light tier only: a pass there is not sold as safe."""
    trained = {
        r.measure
        for r in rows
        if (r.release, r.kind, r.status) == (release, "attack", "ok")
        if "tier: trained" in r.note or "tier: external" in r.note
    }
    tried = {r.row.measure for r in headlines(rows, release)}
    light = sorted(m for m in tried - trained if _STRONGER.get(m) not in trained)
    if not light:
        return []
    return [f"Only light attackers were tried ({', '.join(light)}): open access asks for stronger."]


def _powerless(rows: Sequence[Row], release: str) -> list[str]:
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
    return [
        f"Even in {_called(twin)}, {names} finds no more than chance: its failure shows little."
    ]


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
