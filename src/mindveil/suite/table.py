"""The tables of a benchmark, for a terminal, a paper and a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.scorecard import csv_text
from mindveil.store.files import write_bytes, write_text
from mindveil.suite.ranking import (
    AttackerLine,
    DefenceLine,
    rank_attackers,
    rank_defences,
)
from mindveil.suite.score_sheet import ScoreSheet, TrackSheet

MARKDOWN, DEFENCES, ATTACKERS = "table.md", "defences.csv", "attackers.csv"
SHOWN_OF_A_DIGEST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as words: a title, a head, rows."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(sheet: ScoreSheet) -> list[Table]:
    """Return for each track a table of defences and one of attackers."""
    return [t for track in sheet.tracks for t in (_defences(track), _attackers(track))]


def made_by(sheet: ScoreSheet) -> list[str]:
    """Return what stands under the tables: which suite, which code, what was not run."""
    made = sheet.made_with
    versions = ", ".join(
        f"{k.removeprefix('version ')} {v}" for k, v in made.items() if k.startswith("version ")
    )
    held = ", ".join(
        f"{k.removeprefix('weights ')} {v}" for k, v in made.items() if k.startswith("weights ")
    )
    told = [
        f"Suite: {sheet.suite.title}, digest {sheet.suite.digest}",
        f"Code {made.get('code', 'unknown')}; {versions}",
        f"Weights: {held or 'none'}",
        f"Score sheet {sheet.digest}",
    ]
    told += [
        f"Track {track.track}: {len(track.entered_attacks)} attacks entered beside the frozen "
        "ones; compare risks only with sheets that have them too"
        for track in sheet.tracks
        if track.entered_attacks
    ]
    return told + [f"Not run: {n.track}, {n.what}: {n.why}" for n in sheet.not_run]


def markdown(sheet: ScoreSheet) -> str:
    """Return all tables as Markdown."""
    parts = [f"# {sheet.suite.title}\n"]
    for table in tables(sheet):
        parts.append(f"## {table.title}\n")
        lines = [table.head, tuple("---" for _ in table.head), *table.rows]
        parts.append("".join(f"| {' | '.join(map(_safe, line))} |\n" for line in lines))
    parts.append("".join(f"- {_safe(line)}\n" for line in made_by(sheet)))
    return "\n".join(parts)


def write_tables(sheet: ScoreSheet, out: Path) -> None:
    """Write table.md, defences.csv and attackers.csv."""
    defences = [x for t in sheet.tracks for x in rank_defences(t)]
    attackers = [x for t in sheet.tracks for x in rank_attackers(t)]
    write_text(out / MARKDOWN, markdown(sheet))
    write_bytes(out / DEFENCES, csv_text(_defence_cells(defences, sheet)).encode())
    write_bytes(out / ATTACKERS, csv_text(_attacker_cells(attackers, sheet)).encode())


def _defences(track: TrackSheet) -> Table:
    asked = f"{track.headline}, {track.metric}" if track.headline else "no question"
    return Table(
        title=f"{track.track}: {track.people} people, N = {track.lineup} ({asked})",
        head=(
            "rank",
            "defence",
            "worst risk",
            "figure",
            "n",
            "by",
            "risk cut",
            "utility",
            "remark",
        ),
        rows=tuple(
            (
                _rank(x),
                x.defence,
                shown(x.risk),
                x.figure,
                str(x.risk.n) if x.risk else "",
                x.best,
                shown(x.reduction),
                shown(x.utility),
                "; ".join(x.remarks),
            )
            for x in rank_defences(track)
        ),
    )


def _attackers(track: TrackSheet) -> Table:
    return Table(
        title=f"{track.track}: attackers, where nothing is defended",
        head=("rank", "attack", "attacker", "power", "n", "tier", "entered"),
        rows=tuple(
            (
                _rank(x),
                x.measure,
                x.attacker,
                shown(x.power),
                str(x.power.n) if x.power else "",
                x.tier,
                "yes" if x.entered else "",
            )
            for x in rank_attackers(track)
        ),
    )


def shown(found: Estimate | None) -> str:
    """Return a figure with its interval.

    >>> shown(Estimate(value=0.25, low=0.125, high=0.5, n=8))
    '0.250 [0.125, 0.500]'
    """
    return "" if found is None else f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _rank(line: DefenceLine | AttackerLine) -> str:
    return "" if line.rank is None else f"{line.rank} [{line.first}-{line.last}]"


def _defence_cells(lines: Sequence[DefenceLine], sheet: ScoreSheet) -> list[tuple[object, ...]]:
    head = ("suite", "track", "rank", "rank_low", "rank_high", "defence", "figure", "by")
    figures = tuple(f"{w}{e}" for w in ("risk", "reduction", "utility") for e in _ENDS)
    return [
        (*head, *figures, "remark"),
        *(
            (
                *(sheet.suite.digest[:SHOWN_OF_A_DIGEST], x.track, x.rank, x.first, x.last),
                *(x.defence, x.figure, x.best),
                *_numbers(x.risk),
                *_numbers(x.reduction),
                *_numbers(x.utility),
                "; ".join(x.remarks),
            )
            for x in lines
        ),
    ]


def _attacker_cells(lines: Sequence[AttackerLine], sheet: ScoreSheet) -> list[tuple[object, ...]]:
    head = ("suite", "track", "rank", "rank_low", "rank_high", "attack", "attacker")
    return [
        (*head, *(f"power{e}" for e in _ENDS), "tier", "entered"),
        *(
            (
                *(sheet.suite.digest[:SHOWN_OF_A_DIGEST], x.track, x.rank, x.first, x.last),
                *(x.measure, x.attacker),
                *_numbers(x.power),
                x.tier,
                x.entered,
            )
            for x in lines
        ),
    ]


_ENDS = ("", "_low", "_high", "_n")


def _numbers(found: Estimate | None) -> tuple[object, ...]:
    return (found.value, found.low, found.high, found.n) if found else (None,) * 4


def _safe(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
