"""The comparison as aligned text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from tables.attackers import ALL, UNUSUAL
from tables.runs import Made, Method, Missing
from tables.sources import Source

Seed = Mapping[str, float]

GOALS = (
    ("alpha off", "alpha within .02", 0.02),
    ("r off", "r within .03", 0.03),
    ("cases off", "prevalence within 2 points", 0.02),
    ("not congruent", "congruence at least .95", 0.05),
    ("auc lost", "TSTR AUC at least .95 of real", 0.05),
)
PAIRS = (
    ("copula", "SDV copula"),
    ("copula", "SDV copula, told"),
    ("GAN", "SDV CTGAN"),
    ("DP copula e1", "MST e1"),
    ("DP copula e3", "MST e3"),
    ("DP copula e3", "AIM e3"),
    ("DP marginals e1", "MST e1"),
    ("DP marginals e3", "MST e3"),
    ("DP GAN e3", "DP-CTGAN e3"),
    ("DP GAN e3", "PATE-CTGAN e3"),
    ("DP copula e3", "DP-CTGAN e3"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """All that was measured of one method: figures of each seed, or why there are none."""

    label: str
    seeds: tuple[Seed, ...] = ()
    people: int = 0
    why: str = ""

    def values(self, key: str) -> list[float]:
        """Return one figure, seed by seed."""
        return [seed[key] for seed in self.seeds if key in seed]

    def mean(self, key: str) -> float:
        """Return its mean; nan where it was not measured."""
        return float(np.mean(self.values(key))) if self.values(key) else float("nan")

    def first(self, count: int) -> Row:
        """Return the row of the first seeds alone, to be set beside one of fewer."""
        return replace(self, seeds=self.seeds[:count])

    def worst(self, who: str) -> str | None:
        """Return the question that gave most away, on average over seeds."""
        asked = sorted({k for s in self.seeds for k in s if k.startswith(who)})
        return max(asked, key=self.mean) if asked else None


def spread(values: Sequence[float], digits: int = 3) -> str:
    """Return mean and half a 95 % interval over seeds (Student's t); the mean alone of one.

    >>> spread([0.1, 0.3])
    '.200±1.271'
    """
    if not values:
        return "-"
    text = _short(float(np.mean(values)), digits)
    if len(values) < 2:
        return text
    half = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / len(values) ** 0.5
    return f"{text}±{_short(float(half), digits)}"


def told(source: Source, rows: Sequence[Row]) -> None:
    """Print everything about one data set."""
    print(f"\n=== {source.name}")
    there = [row for row in rows if row.seeds]
    scales = list(there[0].seeds[0])
    for title, keys in (
        ("Fidelity (off: the worst scale's distance from the real table)", _FIDELITY),
        ("Alpha of each scale", [k for k in scales if k.startswith("alpha ") and "off" not in k]),
        ("r between scales", [k for k in scales if k.startswith("r ") and "off" not in k]),
        ("Share of cases", [k for k in scales if k.startswith("cases ") and "off" not in k]),
        ("Use: cases told by a logistic regression trained on the table, tested on others", _USE),
    ):
        head = ["method", "people", "seeds", *(_plain(k) for k in keys)]
        lines = [
            [r.label, str(r.people), str(len(r.seeds)), *(spread(r.values(k)) for k in keys)]
            for r in there
        ]
        aligned(title, head, lines)
    aligned("Who was in it? (worst of 8 questions) and what it cost", _RISK, [*map(_risk, there)])
    for row in rows:
        if row.why:
            print(f"MISSING {row.label}: {row.why}")
    _ahead({row.label: row for row in there})


_FIDELITY = ["1-TV", "alpha off", "r off", "cases off", "congruence"]
_USE = ["auc", "auc change", "accuracy", "accuracy change", "balanced", "balanced change"]
_RISK = ["method", "seeds", "TPR-FPR", "by", "unusual 10 %", "by", "CPU-s fit", "draw", "MB"]


def _risk(row: Row) -> list[str]:
    cells = [row.label, str(len(row.seeds))]
    for who in (ALL, UNUSUAL):
        worst = row.worst(who)
        cells += [spread(row.values(worst)), worst.removeprefix(who)] if worst else "--"
    return [
        *cells,
        *(spread(row.values(k), d) for k, d in (("fit", 2), ("sample", 2), ("peak", 0))),
    ]


def _ahead(rows: Mapping[str, Row]) -> None:
    """Print how many times nearer and cheaper ours is than each peer, and which goals it meets."""
    lines = []
    for mine, theirs in PAIRS:
        if mine in rows and theirs in rows:
            shared = min(len(rows[mine].seeds), len(rows[theirs].seeds))
            one, other = rows[mine].first(shared), rows[theirs].first(shared)
            nearer = [
                f"{other.mean(k) / max(one.mean(k), 1e-4):.1f}"
                for k in ("alpha off", "r off", "cases off", "not congruent", "margins off")
            ]
            cheaper = (
                f"{_cpu(other) / _cpu(one):.1f}",
                f"{other.mean('peak') / one.mean('peak'):.1f}",
            )
            auc = f"{one.mean('auc') - other.mean('auc'):+.3f}"
            lines.append([mine, theirs, *nearer, auc, *cheaper])
    head = ["ours", "peer", "alpha", "r", "cases", "congruence", "margins", "AUC", "CPU", "memory"]
    aligned(
        "Ours ahead by, same tables (peer's error / ours; AUC ours - peer; peer's cost / ours)",
        head,
        lines,
    )
    aligned(
        "Goals (mean over seeds of the worst scale)",
        ["method", *(goal for _, goal, _ in GOALS)],
        [[label, *(_met(row, key, most) for key, _, most in GOALS)] for label, row in rows.items()],
    )


def _met(row: Row, key: str, most: float) -> str:
    found = row.mean(key)
    return f"{'met' if found <= most else 'NOT MET'} ({_short(found, 3)})"


def _cpu(row: Row) -> float:
    return max(row.mean("fit") + row.mean("sample"), 1e-3)


def aligned(title: str, head: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Print a table with columns as wide as they must be."""
    if not lines:
        return
    widths = [max(len(row[i]) for row in (head, *lines)) for i in range(len(head))]
    print(f"\n{title}")
    for row in (head, *lines):
        cells = (
            c.ljust(w) if i == 0 else c.rjust(w)
            for i, (c, w) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join(cells).rstrip())


def row_of(method: Method, found: Sequence[tuple[Made | Missing, Seed]]) -> Row:
    """Return a method's seeds together; a seed that failed is told where none worked."""
    good = [(made, seed) for made, seed in found if isinstance(made, Made)]
    bad = [made.why for made, _ in found if isinstance(made, Missing)]
    return Row(
        label=method.label,
        seeds=tuple(seed for _, seed in good),
        people=len(good[0][0].codes) if good else 0,
        why=f"{len(bad)} of {len(found)} seeds: {bad[0]}" if bad else "",
    )


def _plain(key: str) -> str:
    """Return a figure's name as short as its title allows."""
    if key in (*_FIDELITY, *_USE):
        return key
    return key.partition(" ")[2].replace("dass42.", "")


def _short(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.{digits}f}"
