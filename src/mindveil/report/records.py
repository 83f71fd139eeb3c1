"""Every line of the scorecard as text, and what each attack could not have seen.

The lines of one attack or task stand together, those of one attacker on one release under a
heading of their own, and a remark that many lines share stands once: so several thousand lines fit
into one page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mindveil.evidence.attack_names import OF_TRAINERS
from mindveil.evidence.canaries import CLAIM_REFUTED
from mindveil.evidence.dossier import Dossier
from mindveil.evidence.frontier import asked
from mindveil.evidence.scorecard import Kind, Row
from mindveil.report import figures, names
from mindveil.report.figures import LEAST_SHOWN
from mindveil.report.traces import FIRST

_NOTE = 400
_COUNTED = frozenset({"people-above", "people-exposed", "duplicates"})
"""Shares of people that count those at risk: small counts are told as such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the scorecard as text."""

    number: int
    metric: str
    value: str
    interval: str
    people: str
    baseline: str
    control: str
    bad: bool
    note: str
    remark: int
    """Which remark below the table is its own; 0 where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The lines of one attacker, or of one kind of recording, on one release."""

    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """All lines of one attack or task, and the remarks that they refer to."""

    kind: Kind
    name: str
    measure: str
    blocks: tuple[Block, ...]
    remarks: tuple[str, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All lines."""
        return tuple(e for block in self.blocks for e in block.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blind:
    """What one attack could not have seen."""

    name: str
    measure: str
    people: str
    unseen: str


def parts(dossier: Dossier, most: int) -> tuple[Part, ...]:
    """Return the lines of each attack and task, the first ``most`` lines of the study only."""
    kept = list(enumerate(dossier.rows[:most], start=FIRST))
    of: dict[tuple[Kind, str], list[tuple[int, Row]]] = {}
    for number, row in kept:
        of.setdefault((row.kind, row.measure), []).append((number, row))
    return tuple(_part(kind, measure, mine) for (kind, measure), mine in of.items())


def _part(kind: Kind, measure: str, mine: Iterable[tuple[int, Row]]) -> Part:
    remarks: dict[str, int] = {}
    blocks: dict[str, list[Entry]] = {}
    for number, row in mine:
        note = note_of(row)
        if note:
            remarks.setdefault(note, len(remarks) + 1)
        made = entry(row, number, remarks.get(note, 0))
        blocks.setdefault(_heading(row), []).append(made)
    return Part(
        kind=kind,
        name=names.capitalised(names.measure_name(measure)),
        measure=measure,
        blocks=tuple(Block(heading=h, entries=tuple(found)) for h, found in blocks.items()),
        remarks=tuple(remarks),
    )


def _heading(row: Row) -> str:
    seen = "" if row.measure.startswith(row.modality) else row.modality
    who = f"{row.attacker} attacker" if row.attacker else ""
    unit = f"unit: {row.unit}" if row.unit not in {"", "person"} else ""
    label = row.label if row.label != "empirical" else ""
    return " · ".join(part for part in (row.release, seen, who, unit, label) if part)


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


def few_of(row: Row) -> str:
    """Return in words how many people a share counts, where they are few; else nothing.

    >>> few_of(Row(release="r", kind="attack", measure="m", modality="text",
    ...            metric="people-exposed", value=0.02, low=0.0, high=0.1, n=100))
    'fewer than 10 of 100'
    """
    if asked(row.metric).figure not in _COUNTED or not row.value or not row.n:
        return ""
    few = round(row.value * row.n) < LEAST_SHOWN
    return f"fewer than {LEAST_SHOWN} of {row.n:,}" if few else ""


def entry(row: Row, number: int = 0, remark: int = 0) -> Entry:
    """Return a line of the scorecard as text, without figures of small groups."""
    scale = figures.scale_of(row.metric)
    few = row.n is not None and row.n < LEAST_SHOWN
    seen = None if few else figures.figure(row.estimate, scale)
    counted = few_of(row)
    value = "withheld" if few else counted or (seen.value if seen else figures.DASH)

    def alone(value: float | None) -> str:
        return figures.DASH if value is None or few else figures.number(value, scale)

    return Entry(
        number=number,
        metric=names.metric_name(row.metric) or figures.DASH,
        value=value if row.status == "ok" else row.status if not seen else f"{row.status}: {value}",
        interval=figures.DASH if counted else _interval(row, seen),
        people=f"< {LEAST_SHOWN}" if few else figures.DASH if row.n is None else f"{row.n:,}",
        baseline=alone(row.baseline),
        control=alone(row.control),
        bad=row.status != "ok",
        note=note_of(row),
        remark=remark,
    )


def _interval(row: Row, seen: figures.Figure | None) -> str:
    """Return an interval; of a test of the training, whose bounds may be none, a dash."""
    audited = row.measure in OF_TRAINERS and row.metric in {"epsilon-lower", CLAIM_REFUTED}
    return figures.DASH if seen is None or audited else seen.interval


def note_of(row: Row) -> str:
    """Return what the row says of itself: small counts masked, never a page long."""
    note = figures.discreet(row.note)
    return note if len(note) <= _NOTE else f"{note[: _NOTE - 1]}…"
