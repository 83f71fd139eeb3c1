"""The steward's page: for each release whether it may go out, why, its weakest link, until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.frontier import Point, is_undefended
from mindveil.evidence.policy import Finding, Policy
from mindveil.evidence.scorecard import Row
from mindveil.evidence.verdict import Decision, ReleaseVerdict, State
from mindveil.report import charts, figures, names
from mindveil.report import steward_words as told
from mindveil.report.charts import POINT, Bar
from mindveil.report.detectors import is_twin, twins_last
from mindveil.report.figures import Figure, shown
from mindveil.report.people import counted
from mindveil.report.sweeps import is_point
from mindveil.report.traces import row_at
from mindveil.report.weakest_link import Link, Next, link, next_to_protect

_DECIDING: Mapping[Decision, State] = {
    "DO NOT RELEASE": "missed",
    "INCONCLUSIVE": "unknown",
    "CONTROLLED": "caps",
    "RELEASE": "met",
}
_ORDER: tuple[Decision, ...] = ("RELEASE", "CONTROLLED", "INCONCLUSIVE", "DO NOT RELEASE")
_WIDE = frozenset({"open", "registered"})
_MOST = 2
"""Reasons a steward reads; all of them stand with the conditions."""
_USE = frozenset({"use-wanted", "use-kept"})
_SHARES = frozenset({"match", "advantage", "names", "leaks", "risk-reduction", "contamination"})
_SHARES_OF_PEOPLE = frozenset(
    {"groups-told", "people-exposed", "group-risk", "unusual-people", "coverage"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One figure that decided: what it is, its number, and what it was held against."""

    about: str
    of: str
    figure: Figure | None
    limit: str
    bar: Bar | None
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a data steward asks of one release."""

    name: str
    anchor: str
    """Where on the page more is said of it."""
    decision: Decision
    access: str
    needed: str
    why: tuple[Why, ...]
    weakest: Link | None
    protect: Next


def answers(dossier: Dossier) -> tuple[Answer, ...]:
    """Return the answers for every release that is offered, the best candidate first.

    Best is who may go furthest; of equals whom the frontier's bend recommends, then who risks
    least. The undefended original comes last: it is there to be compared with.
    """
    points = {p.release: p for p in dossier.judgement.frontier}
    listed = [v.release for v in dossier.judgement.releases if not is_point(v.release)]
    places = {name: f"release-{i}" for i, name in enumerate(twins_last(listed), start=1)}
    offered = [v for v in dossier.judgement.releases if not is_twin(v.release)]
    ranked = sorted(offered, key=lambda v: _rank(v, points.get(v.release)))
    return tuple(_answer(dossier, v, places.get(v.release, "sweeps")) for v in _one_a_sweep(ranked))


def _one_a_sweep(ranked: Iterable[ReleaseVerdict]) -> list[ReleaseVerdict]:
    """Return the verdicts with the best point of each sweep only."""
    kept: dict[str, ReleaseVerdict] = {}
    for verdict in ranked:
        base, _, varied = verdict.release.partition(POINT)
        kept.setdefault(f"{base}{POINT}" if varied else base, verdict)
    return list(kept.values())


def _rank(verdict: ReleaseVerdict, point: Point | None) -> tuple[bool, int, int, bool, float, str]:
    risk = point.risk.high if point and point.risk else 2.0
    return (
        is_undefended(verdict.release),
        _ORDER.index(verdict.decision),
        -len(verdict.passes),
        not (point and point.knee),
        risk,
        verdict.release,
    )


def _answer(dossier: Dossier, verdict: ReleaseVerdict, anchor: str) -> Answer:
    return Answer(
        name=verdict.release,
        anchor=anchor,
        decision=verdict.decision,
        access=_access(verdict, dossier.policy.context),
        needed=_needed(dossier, verdict),
        why=tuple(_why(dossier, f) for f in _reasons(verdict)),
        weakest=link(verdict),
        protect=next_to_protect(dossier, verdict),
    )


def _needed(dossier: Dossier, verdict: ReleaseVerdict) -> str:
    needed, people = verdict.people_needed, dossier.corpus.people
    if not needed:
        return ""
    if verdict.decision == "CONTROLLED":
        context = dossier.policy.context
        return told.NEEDED_MORE.format(needed, told.ACCESS.get(context, context), people)
    return told.NEEDED.format(needed, people)


def _access(verdict: ReleaseVerdict, wanted: str) -> str:
    """Return for whom a release will do, in one sentence."""
    context = told.ACCESS.get(wanted, wanted)
    lesser = [c for c in verdict.passes if c != wanted]
    if verdict.decision == "RELEASE":
        return told.YES.format(context)
    if verdict.decision == "CONTROLLED":
        return told.UNDER.format(context) if wanted in _WIDE else told.UNDER_ONLY
    other = names.capitalised(told.ACCESS.get(lesser[0], lesser[0])) if lesser else ""
    if verdict.decision == "INCONCLUSIVE":
        return told.UNKNOWN_BUT.format(context, other) if other else told.UNKNOWN
    if other:
        return told.NO_BUT.format(other)
    return told.NO.format(context.partition(" (")[0]) if wanted in _WIDE else told.NO_ALONE


def _reasons(verdict: ReleaseVerdict) -> tuple[Finding, ...]:
    """Return the one or two conditions that decided, those with a figure first.

    Where all was met, the risk that comes nearest to its limit, and what is kept of the use.
    """
    because = verdict.deciding or tuple(
        f for f in verdict.findings if f.state == _DECIDING[verdict.decision]
    )
    with_figure = [f for f in because if shown(f.figure)] or list(because)
    if verdict.decision == "RELEASE":
        use = [f for f in with_figure if f.kind in _USE]
        risks = sorted((f for f in with_figure if _is_risk(f)), key=_nearness, reverse=True)
        return (*risks[:1], *use[:1])
    first = with_figure[:1]
    others = [f for f in with_figure[1:] if f.kind != first[0].kind] or with_figure[1:]
    return (*first, *others[: _MOST - 1])


def _why(dossier: Dossier, finding: Finding) -> Why:
    row = row_at(dossier.rows, finding.row, finding.figure)
    scale = _scale(finding, row)
    seen = finding.figure
    # A limit on a gain is held against what stands in another line than the attack's headline.
    stands = row if row is not None and row.estimate == seen else None
    bar = None
    if seen is not None and shown(seen) and finding.limit is not None and _is_risk(finding):
        bar = charts.bar(seen, finding.limit)
    return Why(
        about=_about(dossier, finding, row),
        of=names.measure_name(row.measure) if row else "",
        figure=counted(stands) if stands is not None else figures.figure(seen, scale),
        limit=_limit(finding, row, scale) + _whose(finding, dossier.policy),
        bar=bar,
        state=finding.state,
    )


def _nearness(finding: Finding) -> float:
    """Return how much of its limit a risk takes up, at its upper end."""
    seen = finding.figure
    return seen.high / finding.limit if seen and finding.limit else 0.0


def _is_cut_of_unusual(finding: Finding, row: Row | None) -> bool:
    """Whether it is the cut in risk of the most unusual people, computed from the row's figure."""
    return finding.kind == "unusual-people" and row is not None and row.estimate != finding.figure


def _about(dossier: Dossier, finding: Finding, row: Row | None) -> str:
    """Return what a condition is about; one without a figure says it in its own sentence."""
    if finding.figure is None:
        return _plain(dossier, finding)
    if _is_cut_of_unusual(finding, row):
        return told.UNUSUAL_CUT
    return told.SHORT[finding.kind]


def _plain(dossier: Dossier, finding: Finding) -> str:
    """Return the sentence of a finding that has no figure of its own."""
    return names.in_plain_words(
        figures.discreet(finding.sentence), {r.measure for r in dossier.rows}
    )


def _is_risk(finding: Finding) -> bool:
    return finding.kind in {"match", "advantage", "names"}


def _scale(finding: Finding, row: Row | None) -> figures.Scale:
    if finding.kind in _SHARES | _SHARES_OF_PEOPLE or row is None:
        return "rate"
    if finding.kind in told.LOSSES:
        return "change"
    return figures.scale_of(row.metric)


def _whose(finding: Finding, policy: Policy) -> str:
    """Return of which access a limit is, where it is not that of the access that was wanted."""
    own = {
        "match": policy.max_match,
        "names": policy.max_match,
        "advantage": policy.max_advantage,
        "risk-reduction": policy.min_risk_reduction,
    }
    wanted = own.get(finding.kind, finding.limit)
    return "" if finding.limit == wanted else told.UNDER_AGREEMENT


def _limit(finding: Finding, row: Row | None, scale: figures.Scale) -> str:
    """Return what a figure was held against, in words."""
    if finding.limit is None or finding.kind in told.UNLIMITED:
        return ""
    if finding.kind in told.LOSSES:
        return f"a loss of {figures.number(abs(finding.limit), 'score')} is allowed"
    said = figures.number(finding.limit, scale)
    least = finding.kind in told.AT_LEAST or _is_cut_of_unusual(finding, row)
    return f"wanted: at least {said}" if least else f"limit {said}"
