"""How the training of detectors was tested: audits, made-up people, shares of groups, a liar.

These figures are no risk of any person, so they stand apart from the risks to people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mindveil.evidence.attack_names import OF_TRAINERS
from mindveil.evidence.canaries import CLAIM_REFUTED
from mindveil.evidence.dossier import Dossier
from mindveil.evidence.frontier import asked
from mindveil.evidence.scorecard import Row
from mindveil.report import federation_words, figures, names
from mindveil.report.detector_words import UNIT
from mindveil.report.records import note_of

_AUDITED = "epsilon-lower"
_NO_POWER = "no power"
_LIAR = "updates/poisoning"
_LOST, _LEFT, _SIGN = "auroc-lost", "auroc-poisoned", "backdoor-success"
_TOLD: Mapping[str, frozenset[str]] = {
    "model/one-run-audit": frozenset({_AUDITED, CLAIM_REFUTED}),
    "model/exposure": frozenset({"exposure"}),
    "model/property-inference": frozenset({"advantage"}),
    _LIAR: frozenset({_LOST, _SIGN}),
}
"""The figures of each test that are told; the others say the same in another unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One figure of a test, in words: what it is, how large, of how many, and what that means."""

    release: str
    what: str
    value: str
    span: str
    counted: str
    note: str
    accuses: bool = False
    """Whether it shows that a promise was broken."""
    row: Row | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainerTest:
    """One test of how detectors are made."""

    name: str
    measure: str
    question: str
    told: tuple[Told, ...]


def trainer_tests(dossier: Dossier) -> tuple[TrainerTest, ...]:
    """Return the tests of a study, audits of promises first."""
    mine = [r for r in dossier.rows if r.kind == "attack" and r.measure in OF_TRAINERS]
    return tuple(
        TrainerTest(
            name=names.capitalised(names.measure_name(measure)),
            measure=measure,
            question=names.question(measure, dossier.questions),
            told=told,
        )
        for measure in (*_TOLD, *sorted(OF_TRAINERS - _TOLD.keys()))
        if (told := tuple(_told(r, mine) for r in mine if r.measure == measure and _counts(r)))
    )


def span_of(row: Row) -> str:
    """Return how sure a figure is: of an audit what is sure and what could have been shown.

    Its bounds are no interval about the value, and must not be read as one.
    """
    if row.low is None or row.high is None:
        return figures.DASH
    metric = asked(row.metric).figure
    if metric == CLAIM_REFUTED:
        return figures.DASH
    low, high = (figures.number(x, figures.scale_of(row.metric)) for x in (row.low, row.high))
    if metric == _AUDITED:
        return f"for sure {low}; at most {high} could be shown"
    return f"{low} to {high}"


def value_of(row: Row) -> str:
    """Return a figure of a test of the training."""
    if row.value is None:
        return figures.DASH
    if asked(row.metric).figure == CLAIM_REFUTED:
        return "yes" if row.value else _NO_POWER if row.note.startswith(_NO_POWER) else "no"
    return figures.number(row.value, figures.scale_of(row.metric))


def _counts(row: Row) -> bool:
    figure = asked(row.metric).figure
    return row.status != "ok" or figure in _TOLD.get(row.measure, {figure})


def _told(row: Row, rows: Sequence[Row]) -> Told:
    if row.status != "ok":
        dash = figures.DASH
        what = "no figure"
        return Told(
            release=row.release, what=what, value=dash, span=dash, counted=dash, note=note_of(row)
        )
    few = row.n is not None and row.n < figures.LEAST_SHOWN
    unit = UNIT.get(row.measure, "")
    return Told(
        release=row.release,
        what=names.capitalised(_what(row)),
        value="withheld" if few else value_of(row),
        span=figures.DASH if few else span_of(row),
        counted=f"< {figures.LEAST_SHOWN} {unit}" if few else f"{row.n or 0:,} {unit}",
        note=_beside(row, rows) or note_of(row).removesuffix("; tier: trained"),
        row=row,
        accuses=row.value == 1.0 and asked(row.metric).figure == CLAIM_REFUTED,
    )


def _what(row: Row) -> str:
    """Return what a figure is; the question of a headline stands at the end of its note."""
    what = asked(row.metric)
    if row.measure == "model/property-inference":
        said = what.setting or row.note.rpartition("; ")[2]
        return f"{said}: told beyond chance" if said.startswith("share") else "told beyond chance"
    if what.figure == _SIGN:
        return names.metric_name(_SIGN)
    if what.figure == _LOST:
        return f"{names.metric_name(what.figure)}: {names.setting_name(_lie(row))}"
    return names.metric_name(row.metric)


def _lie(row: Row) -> str:
    """Return what the client did that lied."""
    return asked(row.metric).setting or row.note.rpartition("; ")[2]


def _beside(row: Row, rows: Sequence[Row]) -> str:
    """Return what is left beside what was lost, or what the same would be without a lie."""
    figure = asked(row.metric).figure
    if figure == _SIGN and row.control is not None:
        return federation_words.UNSIGNED.format(figures.number(row.control, "rate"))
    left = next(
        (
            r
            for r in rows
            if (r.release, r.measure, asked(r.metric).figure) == (row.release, _LIAR, _LEFT)
            if _lie(r) == _lie(row)
        ),
        None,
    )
    if figure != _LOST or left is None or left.value is None or left.control is None:
        return ""
    told = (figures.number(x, "score") for x in (left.value, left.control))
    return federation_words.LEFT.format(*told)
