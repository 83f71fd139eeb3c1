"""Every row of the scorecard as text, and what each attack could not have seen."""

from __future__ import annotations

from dataclasses import dataclass

from mindveil.evidence.attack_names import OF_TRAINERS
from mindveil.evidence.canaries import CLAIM_REFUTED
from mindveil.evidence.dossier import Dossier
from mindveil.evidence.scorecard import Kind, Row
from mindveil.report import figures, names
from mindveil.report.figures import LEAST_SHOWN

_NOTE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the scorecard as text."""

    row: Row
    attacker: str
    metric: str
    value: str
    interval: str
    low: str
    high: str
    people: str
    baseline: str
    control: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """All rows of one attack or task."""

    kind: Kind
    name: str
    measure: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blind:
    """What one attack could not have seen."""

    name: str
    measure: str
    people: str
    unseen: str


def parts(dossier: Dossier, most: int) -> tuple[Part, ...]:
    """Return the rows of each attack and task, the first ``most`` rows of the study only."""
    kept = dossier.rows[:most]
    return tuple(
        Part(
            kind=kind,
            name=names.capitalised(names.measure_name(measure)),
            measure=measure,
            entries=tuple(entry(r) for r in kept if (r.kind, r.measure) == (kind, measure)),
        )
        for kind, measure in dict.fromkeys((r.kind, r.measure) for r in kept)
    )


def blind_spots(dossier: Dossier) -> tuple[Blind, ...]:
    """Return for each attack how many people it had and what zero hits would still allow."""
    found = []
    for measure, (n, unseen) in dossier.judgement.resolution.items():
        few = n < LEAST_SHOWN
        found.append(
            Blind(
                name=names.capitalised(names.measure_name(measure)),
                measure=measure,
                people=f"fewer than {LEAST_SHOWN}" if few else f"{n:,}",
                unseen="withheld" if few else figures.number(unseen, "rate"),
            )
        )
    return tuple(found)


def entry(row: Row) -> Entry:
    """Return a row of the scorecard as text, without figures of small groups."""
    scale = figures.scale_of(row.metric)
    few = row.n is not None and row.n < LEAST_SHOWN
    seen = None if few else figures.figure(row.estimate, scale)

    def alone(value: float | None) -> str:
        return figures.DASH if value is None or few else figures.number(value, scale)

    return Entry(
        row=row,
        attacker=row.attacker or figures.DASH,
        metric=names.metric_name(row.metric) or figures.DASH,
        value="withheld" if few else seen.value if seen else figures.DASH,
        interval=_interval(row, seen),
        low=alone(row.low) if seen else figures.DASH,
        high=alone(row.high) if seen else figures.DASH,
        people=f"< {LEAST_SHOWN}" if few else figures.DASH if row.n is None else f"{row.n:,}",
        baseline=alone(row.baseline),
        control=alone(row.control),
        note=note_of(row),
    )


def _interval(row: Row, seen: figures.Figure | None) -> str:
    """Return an interval; of a test of the training, whose bounds may be none, a dash."""
    audited = row.measure in OF_TRAINERS and row.metric in {"epsilon-lower", CLAIM_REFUTED}
    return figures.DASH if seen is None or audited else seen.interval


def note_of(row: Row) -> str:
    """Return what the row says of itself: small counts masked, never a page long."""
    note = figures.discreet(row.note)
    return note if len(note) <= _NOTE else f"{note[: _NOTE - 1]}…"
