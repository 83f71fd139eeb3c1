"""The conditions on risk: what attackers reached, and what their result may be taken for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import isnan

from mindveil.attack.base import OF_TRAINERS
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.canaries import CLAIM_REFUTED
from mindveil.evidence.caps import STRONGER, is_untried
from mindveil.evidence.estimate import Estimate, risk_reduction
from mindveil.evidence.frontier import (
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
from mindveil.evidence.policy import Finding, Kind, Policy, at_least, key_of, percent
from mindveil.evidence.risk_words import called, ended, reached, source
from mindveil.evidence.scorecard import Row
from mindveil.study import ORIGINAL

LEAKS = "release/leaks"
"""The search of the files of a release for what should not stand in them."""
_LEAKS_FOUND = "leaks-found"
_CONTAMINATION = "contamination/"
_NO_NUMBER = "its figure is no number"


def risk_findings(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    """Return for every attack whether its worst question lies under the limit."""
    return [_risk(r, rows, policy) for r in headlines(rows, release)]


def refuted(rows: Iterable[Row], release: str) -> list[Finding]:
    """Return whether an audit showed that a promise was not kept: then nothing else counts."""
    return [
        Finding(
            state="missed",
            sentence=ended(f"The promise is refuted: {r.note}"),
            kind="promise",
            figure=r.estimate,
            row=key_of(r),
        )
        for r in rows
        if (r.release, r.metric, r.status) == (release, CLAIM_REFUTED, "ok") and r.value == 1.0
    ]


def leaks(rows: Iterable[Row], release: str) -> list[Finding]:
    """Return whether files of the release hold what no attack is needed to read.

    One is enough: whoever opens the file has it, whatever the attacks on the rest of it found.
    """
    searched = [
        r
        for r in rows
        if (r.release, r.measure, r.status) == (release, LEAKS, "ok")
        if asked(r.metric).figure == _LEAKS_FOUND and r.value is not None
    ]
    return [_leaking(r) if r.value else _tight(r) for r in searched]


def _leaking(row: Row) -> Finding:
    sentence = f"Files of this release tell who somebody is ({row.note.partition(';')[0]})."
    return _of_files(Finding(state="missed", sentence=sentence), row)


def _tight(row: Row) -> Finding:
    sentence = f"Nothing that tells who somebody is was found in {row.n} files of this release."
    return _of_files(Finding(state="met", sentence=sentence), row)


def _of_files(found: Finding, row: Row) -> Finding:
    return replace(found, figure=row.estimate, limit=0.0).about("leaks", row)


def contaminated(rows: Iterable[Row]) -> list[Finding]:
    """Return that the same was recorded twice: it may stand on both sides of a split.

    Then neither what attackers reached nor what detectors tell of new people can be believed.
    """
    return [
        Finding(
            state="unknown",
            sentence=(
                f"{row.value:.1%} of people have a duplicate in the {row.modality} of the original: "
                "the same may stand on both sides of a split, and no figure can be believed."
            ),
            kind="contamination",
            figure=row.estimate,
            limit=0.0,
            row=key_of(row),
        )
        for row in rows
        if row.release == ORIGINAL and row.measure.startswith(_CONTAMINATION)
        if row.status == "ok" and asked(row.metric).figure == "duplicates"
        if row.value is not None and row.value > 0
    ]


def with_numbers(rows: Iterable[Row]) -> list[Row]:
    """Return the rows with every figure that is no number marked as not to be believed.

    What is no number lies neither below a limit nor above it, and would pass for harmless.
    """
    return [
        replace(r, value=None, low=None, high=None, status="invalid", note=_NO_NUMBER)
        if any(x is not None and isnan(x) for x in (r.value, r.low, r.high))
        else r
        for r in rows
    ]


def unmeasured(rows: Iterable[Row], release: str) -> list[Finding]:
    """Return what could not be measured: an attack that did not work is never low risk.

    An attack that worked but whose every answer stands in the release anyhow is not missing.
    """
    mine = [r for r in rows if (r.release, r.kind) == (release, "attack") and not is_untried(r)]
    told = {r.row.measure for r in headlines(mine, release)}
    stated = {r.measure for r in mine if asked(r.metric).figure == STATED and r.status == "ok"}
    lost = {r.measure for r in mine if r.measure == LEAKS and r.status != "ok"}
    searched = {f.row.measure for f in leaks(mine, release) if f.row} - lost
    found = []
    asked_better = {weak for weak, strong in STRONGER.items() if strong in told}
    answered = told | stated | searched | OF_TRAINERS | asked_better
    for name in sorted({r.measure for r in mine} - answered):
        bad = next((r for r in mine if r.measure == name and r.status != "ok"), None)
        why = bad.note if bad else ""
        sentence = f"{name} gave no figure that can be believed{f': {why}' if why else ''}"
        finding = Finding(state="unknown", sentence=ended(sentence))
        found.append(finding.about("leaks" if name == LEAKS else "unmeasured", bad))
    for row in (r for r in mine if r.note == _NO_NUMBER and r.measure in answered):
        sentence = f"{row.measure} gave a figure that is no number ({row.metric})."
        found.append(Finding(state="unknown", sentence=sentence).about("unmeasured", row))
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
        where = "the release" if not here else called(twin)
        sentence = f"No cut in risk can be shown: no attack on {where} has a figure above chance."
        return None, _no_cut(sentence, goal)
    try:
        cuts = [risk_reduction(gain, undefended) for gain in here]
    except InvalidMeasurement:
        sentence = (
            f"No cut in risk can be shown: even the strongest attack on {called(twin)} finds no "
            "more people than chance does."
        )
        return None, _no_cut(sentence, goal)
    short, unsure = [c for c in cuts if c.high < goal], [c for c in cuts if c.low < goal]
    cut = min(short or unsure or cuts, key=lambda c: (c.value, c.low))
    sentence = (
        f"The gain of the strongest attack is cut by {cut.value:.1%} [{cut.low:.1%}, {cut.high:.1%}]"
        f" against {called(twin)}, n = {cut.n}; at least {percent(goal)} was wanted."
    )
    row = _row_of(rows, release, here[cuts.index(cut)])
    return cut, [at_least(cut, goal, sentence).about("risk-reduction", row)] if goal else []


def _no_cut(sentence: str, goal: float) -> list[Finding]:
    found = Finding(state="unknown", sentence=sentence, kind="risk-reduction", limit=goal)
    return [found] if goal else []


def _row_of(rows: Iterable[Row], release: str, gain: Estimate) -> Row | None:
    """Return the line in which a gain stands."""
    return next(
        (
            r
            for r in rows
            if (r.release, r.kind, r.status) == (release, "attack", "ok") and r.estimate == gain
            if asked(r.metric).figure in {"advantage", STATED}
        ),
        None,
    )


def _risk(risk: Risk, rows: Sequence[Row], policy: Policy) -> Finding:
    match = is_match(risk.row)
    seen = risk.estimate if match else risk.advantage
    kind: Kind = "advantage"
    if match:
        kind = "names" if risk.row.measure in NAMED else "match"
    if seen is None:
        sentence = f"{risk.row.measure} has no figure above its control."
        return Finding(state="unknown", sentence=sentence).about(kind, risk.row)
    limit = policy.max_match if match else policy.max_advantage
    of_measure = [r for r in rows if r.measure == risk.row.measure]
    stands = risk.row if match else _row_of(of_measure, risk.row.release, seen) or risk.row
    found = Finding(state="met", sentence="", figure=seen, limit=limit).about(kind, stands)
    figure = f"{reached(risk.row, seen)} {source(risk.row)}"
    if seen.high <= limit:
        return replace(found, sentence=f"{figure}; the limit is {percent(limit)}.")
    if seen.low > limit:
        sentence = f"{figure}; that is above the limit of {percent(limit)}."
        return replace(found, state="missed", sentence=sentence)
    needed = targets_needed(seen, limit)
    more = (
        f"About {needed:,} people would be needed to tell."
        if needed
        else "More people alone would not bring it below."
    )
    return replace(
        found,
        state="unknown",
        sentence=f"{figure}; the limit of {percent(limit)} lies within this range. {more}",
        people_needed=needed,
    )
