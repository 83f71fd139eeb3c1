"""Can these numbers be believed? What was checked of the evidence itself."""

from __future__ import annotations

from dataclasses import dataclass

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.scorecard import Row
from mindveil.evidence.validity import is_validity
from mindveil.report import figures, names
from mindveil.report.figures import Figure
from mindveil.report.people import counted
from mindveil.report.records import note_of
from mindveil.report.tables import LEAKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One figure of a check: of which release and recording, what it is, and its remark."""

    release: str
    modality: str
    what: str
    figure: Figure | None
    note: str
    bad: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """One check and its figures."""

    name: str
    measure: str
    found: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """How many figures there are, and how many were refused because they cannot be believed."""

    made: int
    refused: int


def checks(dossier: Dossier) -> tuple[Checks, ...]:
    """Return every check of the evidence: duplicates, identity, the interviewer, the files."""
    mine = [r for r in dossier.rows if is_validity(r.measure) or r.measure == LEAKS]
    return tuple(
        Checks(
            name=names.capitalised(names.measure_name(measure)),
            measure=measure,
            found=tuple(_check(r) for r in mine if r.measure == measure),
        )
        for measure in dict.fromkeys(r.measure for r in mine)
    )


def failures(dossier: Dossier) -> Failures:
    """Return how many figures were refused, of how many."""
    refused = sum(r.status != "ok" for r in dossier.rows)
    return Failures(made=len(dossier.rows) - refused, refused=refused)


def _check(row: Row) -> Check:
    return Check(
        release=row.release,
        modality=names.modality_name(row.modality),
        what=names.capitalised(names.metric_name(row.metric)) if row.metric else row.status,
        figure=counted(row) if row.status == "ok" else figures.figure_of(row),
        note=note_of(row),
        bad=row.status != "ok" or (row.measure == LEAKS and bool(row.value)),
    )
