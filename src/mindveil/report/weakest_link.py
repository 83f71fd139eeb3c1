"""Which recording gives people away: risk by one kind alone, by all, and by all but one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.frontier import asked, headlines, is_match
from mindveil.evidence.scorecard import Row
from mindveil.evidence.verdict import ReleaseVerdict
from mindveil.evidence.weakest import BACKGROUND
from mindveil.report import figures, names
from mindveil.report import steward_words as told
from mindveil.report.charts import Bar, bar
from mindveil.report.detectors import is_twin
from mindveil.report.figures import Figure, shown
from mindveil.report.tables import pooled

FUSED = "fused/linkage"
CROSS = "fused/cross-modal"
_ALONE, _WITHOUT = " alone", "without "
MOST = 12
"""Releases that are drawn; the figures of all stand in the tables."""
_ALL = ("rank1", "rank1@with demographics")
_ORDER = ("text", "voice", "face", "scales")

What = Literal["all", "alone", "without"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a release is weakest: the recording, the attack, who attacks, and what he reaches."""

    modality: str
    attack: str
    attacker: str
    figure: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What to protect next, and what it adds to an attacker's success where that is known."""

    words: str
    figure: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One bar of a picture: how often the right person is found by what an attacker holds."""

    what: What
    word: str
    figure: Figure
    bar: Bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The bars of one release, and what to protect next."""

    release: str
    attacker: str
    strips: tuple[Strip, ...]
    next: Next
    joined: bool
    """Whether one attacker held everything; else each attack stands alone."""


def link(verdict: ReleaseVerdict) -> Link | None:
    """Return the weakest link of a release; None where no attack gave a figure."""
    row = verdict.worst
    if row is None:
        return None
    return Link(
        modality=names.capitalised(names.modality_name(verdict.weakest_modality or row.modality)),
        attack=names.measure_name(row.measure),
        attacker=f"{row.attacker} attacker" if row.attacker else "",
        figure=figures.figure_of(row),
    )


def next_to_protect(dossier: Dossier, verdict: ReleaseVerdict) -> Next:
    """Return the recording whose protection would help most, and what says so."""
    row, limit = verdict.worst, dossier.policy.max_match
    if row is None or row.estimate is None or not shown(row.estimate):
        return Next(words=told.NO_ATTACK)
    if is_match(row) and row.estimate.high <= limit:
        return Next(words=told.NOTHING_NEXT)
    weakest = names.capitalised(names.modality_name(verdict.weakest_modality))
    lost = _lost(dossier, verdict)
    if row.measure != FUSED or verdict.weakest_modality == BACKGROUND:
        return Next(words=f"{weakest}.")
    said = figures.figure_of(lost)
    if lost is None or lost.low is None or lost.low <= 0 or said is None or said.withheld:
        return Next(words=told.SEVERAL.format(weakest))
    return Next(words=told.ADDS.format(weakest), figure=said)


def panels(dossier: Dossier) -> tuple[Panel, ...]:
    """Return the bars of the releases that are offered and were attacked by matching."""
    found = []
    for verdict in dossier.judgement.releases:
        if is_twin(verdict.release):
            continue
        strips, attacker = _joined(dossier, verdict.release)
        joined = bool(strips)
        strips = strips or _single(dossier, verdict.release)
        if strips:
            found.append(
                Panel(
                    release=verdict.release,
                    attacker=attacker,
                    strips=strips,
                    next=next_to_protect(dossier, verdict),
                    joined=joined,
                )
            )
    return tuple(found[:MOST])


def strongest_of(rows: Iterable[Row], release: str, measure: str) -> Row | None:
    """Return the headline of the attacker who does best with all he holds, or with more."""
    mine = [
        r
        for r in rows
        if (r.release, r.measure, r.status) == (release, measure, "ok") and r.metric in _ALL
        if r.estimate is not None
    ]
    if not mine:
        return None
    plain: dict[str, float] = {}
    for row in mine:
        if row.metric == _ALL[0]:
            plain[row.attacker] = max(plain.get(row.attacker, 0.0), row.high or 0.0)
    # Where background finds everybody, attackers differ by what recordings alone tell them.
    best = max(mine, key=lambda r: (r.high or 0.0, plain.get(r.attacker, 0.0), r.attacker))
    own = [r for r in mine if r.attacker == best.attacker and r.metric == "rank1"]
    return max(own or [best], key=lambda r: r.high or 0.0)


def told_of(dossier: Dossier, release: str) -> Row | None:
    """Return the headline by which the parts of the joint attack are told of, everywhere alike.

    It is that of the attacker who decided where all recordings did, else of the strongest one.
    """
    worst = next((v.worst for v in dossier.judgement.releases if v.release == release), None)
    if worst is not None and (worst.measure, worst.metric) == (FUSED, _ALL[0]):
        of_worst = [r for r in dossier.rows if r.attacker == worst.attacker]
        found = strongest_of(of_worst, release, FUSED)
        if found is not None:
            return found
    return strongest_of(dossier.rows, release, FUSED)


def by_attacker(rows: Iterable[Row], top: Row) -> dict[str, Row]:
    """Return the figures of one attacker on one release, by the name of the figure.

    Those with as many recordings of a person as he did best with, as they are told of together.
    """
    key = (top.release, top.measure, top.attacker, "ok")
    mine = [r for r in rows if (r.release, r.measure, r.attacker, r.status) == key]
    return {r.metric: r for r in mine if pooled(r) in {None, pooled(top)}}


def modalities(mine: Iterable[str], figure: str) -> tuple[str, ...]:
    """Return the recordings that a figure is told of, in their usual order."""
    there = {asked(m).setting for m in mine if asked(m).figure == figure}
    return tuple(sorted(there, key=lambda m: (_ORDER.index(m) if m in _ORDER else 9, m)))


def _lost(dossier: Dossier, verdict: ReleaseVerdict) -> Row | None:
    """Return what is lost without the weakest recording, by the attacker whose bars are drawn."""
    top = told_of(dossier, verdict.release)
    mine = by_attacker(dossier.rows, top) if top is not None else {}
    return mine.get(f"lost-without@{verdict.weakest_modality}")


def _joined(dossier: Dossier, release: str) -> tuple[tuple[Strip, ...], str]:
    top = told_of(dossier, release)
    if top is None:
        return (), ""
    mine, limit = by_attacker(dossier.rows, top), dossier.policy.max_match
    settings = {asked(m).setting for m in mine if asked(m).figure == "rank1"}
    kinds = {s.removesuffix(_ALONE) for s in settings if s.endswith(_ALONE)}
    kinds |= {s.removeprefix(_WITHOUT) for s in settings if s.startswith(_WITHOUT)}
    wanted: list[tuple[What, str, str]] = [
        ("all", "All together", _ALL[0]),
        ("all", "and background", _ALL[1]),
    ]
    for kind in sorted(kinds, key=lambda m: (_ORDER.index(m) if m in _ORDER else 9, m)):
        name = names.modality_name(kind)
        wanted.append(("alone", f"{names.capitalised(name)} alone", f"rank1@{kind}{_ALONE}"))
        wanted.append(("without", f"without {name}", f"rank1@{_WITHOUT}{kind}"))
    made = [_strip(what, word, mine.get(metric), limit) for what, word, metric in wanted]
    return tuple(s for s in made if s is not None), top.attacker


def _single(dossier: Dossier, release: str) -> tuple[Strip, ...]:
    """Return the worst attack by matching on each kind of recording."""
    worst: dict[str, Row] = {}
    for risk in headlines(dossier.rows, release):
        if is_match(risk.row):
            worst.setdefault(risk.row.modality, risk.row)
    order = sorted(worst, key=lambda m: (_ORDER.index(m) if m in _ORDER else 9, m))
    made = [
        _strip(
            "alone",
            names.capitalised(names.modality_name(kind)),
            worst[kind],
            dossier.policy.max_match,
        )
        for kind in order
    ]
    return tuple(s for s in made if s is not None)


def _strip(what: What, word: str, row: Row | None, limit: float) -> Strip | None:
    seen = row.estimate if row else None
    figure = figures.figure_of(row)
    if seen is None or figure is None or figure.withheld:
        return None
    return Strip(what=what, word=word, figure=figure, bar=bar(seen, limit))
