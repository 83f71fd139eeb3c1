"""Which recording carries the risk, and which recording leads to which."""

from __future__ import annotations

from dataclasses import dataclass

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.frontier import asked
from mindveil.report import figures, names
from mindveil.report.figures import Figure
from mindveil.report.weakest_link import CROSS, by_attacker, modalities, told_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one recording adds to an attacker who holds all of them."""

    release: str
    attacker: str
    modality: str
    alone: Figure | None
    without: Figure | None
    lost: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What joining all recordings adds to the best single one."""

    release: str
    together: Figure | None
    best: str
    gained: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Whether one released recording leads to another of the same person."""

    release: str
    attacker: str
    way: str
    figure: Figure
    guess: str


def attribution(dossier: Dossier) -> tuple[Share, ...]:
    """Return what each recording adds, release by release, to the strongest attacker."""
    found: list[Share] = []
    for facts in dossier.releases:
        top = told_of(dossier, facts.name)
        if top is None:
            continue
        mine = by_attacker(dossier.rows, top)
        found += [
            Share(
                release=facts.name,
                attacker=top.attacker,
                modality=names.capitalised(names.modality_name(kind)),
                alone=figures.figure_of(mine.get(f"rank1@{kind} alone")),
                without=figures.figure_of(mine.get(f"rank1@without {kind}")),
                lost=figures.figure_of(mine[f"lost-without@{kind}"]),
            )
            for kind in modalities(mine, "lost-without")
        ]
    return tuple(found)


def joined(dossier: Dossier) -> tuple[Joined, ...]:
    """Return what joining adds to the best single recording, release by release."""
    found = []
    for facts in dossier.releases:
        top = told_of(dossier, facts.name)
        mine = by_attacker(dossier.rows, top) if top else {}
        for metric, row in mine.items():
            what = asked(metric)
            if what.figure == "over-best-single":
                found.append(
                    Joined(
                        release=facts.name,
                        together=figures.figure_of(top),
                        best=names.capitalised(names.modality_name(what.setting)),
                        gained=figures.figure_of(row),
                    )
                )
    return tuple(found)


def crossings(dossier: Dossier) -> tuple[Crossing, ...]:
    """Return which recording leads to which, by every attacker."""
    found = []
    offered = {r.name for r in dossier.releases}
    for row in dossier.rows:
        what, seen = asked(row.metric), figures.figure_of(row)
        if row.measure != CROSS or what.figure != "rank1" or what.unusual or seen is None:
            continue
        if row.release in offered and what.setting:
            guess = "" if row.baseline is None else figures.number(row.baseline, "rate")
            found.append(
                Crossing(
                    release=row.release,
                    attacker=row.attacker,
                    way=names.capitalised(_way(what.setting)),
                    figure=seen,
                    guess="" if seen.withheld else guess,
                )
            )
    return tuple(found)


def _way(setting: str) -> str:
    one, between, other = setting.partition(" to ")
    return f"{names.modality_name(one)}{between}{names.modality_name(other)}"
