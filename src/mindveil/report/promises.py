"""The formal guarantees as small cards: what each private release promises, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mindveil.evidence.dossier import Dossier, ReleaseFacts
from mindveil.evidence.scorecard import Row
from mindveil.report import figures, names, words

_NEIGHBOUR = "neighbour: "
_LINES = {"Epsilon": "epsilon", "Delta": "delta", "Largest advantage": "advantage-permitted"}
"""In which metric an item of a card stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One private release: what it promises in a sentence, and the items of its card."""

    release: str
    sentence: str
    label: str
    items: tuple[tuple[str, str, Row | None], ...]
    """What each item is, what it says, and the line of the scorecard that says it."""
    mechanisms: tuple[str, ...]
    """What was measured of the people, in order, each paid for."""


def promises(dossier: Dossier) -> tuple[Promise, ...]:
    """Return a card for every release that carries a formal guarantee."""
    found = [_promise(facts, _rows(dossier, facts.name)) for facts in dossier.releases]
    return tuple(p for p in found if p is not None)


def _rows(dossier: Dossier, release: str) -> dict[str, Row]:
    return {
        r.metric: r
        for r in dossier.rows
        if (r.release, r.kind, r.status) == (release, "guarantee", "ok")
    }


def _promise(facts: ReleaseFacts, rows: Mapping[str, Row]) -> Promise | None:
    if not rows and not facts.guarantee:
        return None
    first = next(iter(rows.values()), None)
    if first is None:
        return Promise(
            release=facts.name, sentence=facts.guarantee, label="", items=(), mechanisms=()
        )
    neighbour, accountant, mechanisms = _taken_apart(first.note)
    told = {
        "Epsilon": _number(rows, "epsilon"),
        "Delta": _delta(rows),
        "Largest advantage": _ceiling(rows),
        "Unit": words.UNITS.get(first.unit, first.unit),
        "Neighbours": neighbour,
        "Label": words.LABELS[first.label],
        "Accountant": accountant,
        "Made by": first.measure,
    }
    return Promise(
        release=facts.name,
        sentence=facts.guarantee,
        label=first.label,
        items=tuple(
            (item, said, rows.get(_LINES.get(item, ""))) for item, said in told.items() if said
        ),
        mechanisms=mechanisms,
    )


def _taken_apart(note: str) -> tuple[str, str, tuple[str, ...]]:
    """Return neighbours, accountant and mechanisms, as the note of a guarantee lists them."""
    parts = [part for part in note.split("; ") if part]
    neighbour = ""
    if parts and parts[0].startswith(_NEIGHBOUR):
        neighbour = parts.pop(0).removeprefix(_NEIGHBOUR)
    accountant = parts.pop(0) if parts else ""
    return neighbour, accountant, tuple(names.capitalised(part) for part in parts)


def _number(rows: Mapping[str, Row], metric: str) -> str:
    value = rows[metric].value if metric in rows else None
    return "" if value is None else figures.number(value, figures.scale_of(metric))


def _delta(rows: Mapping[str, Row]) -> str:
    """Return delta as a number and as one in so many."""
    said, row = _number(rows, "delta"), rows.get("delta")
    return f"{said}, or 1 in {1 / row.value:,.0f}" if row and row.value else said


def _ceiling(rows: Mapping[str, Row]) -> str:
    said = _number(rows, "advantage-permitted")
    return said and words.CEILING.format(said)
