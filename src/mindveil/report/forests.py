"""For whom is it worse? The worst group and the gap, for clinical use and for risk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.frontier import Asked, asked
from mindveil.evidence.scorecard import Kind, Row
from mindveil.report import figures, names
from mindveil.report.curves import strongest
from mindveil.report.detectors import is_twin
from mindveil.report.figures import Figure
from mindveil.report.tables import measures_of

_WORST, _GAP, _CHANGE = "-worst", "-gap", "-change"
_GROUP = re.compile(r"^\w+ = ([^;]+)")
_GROUPS = re.compile(r"^\w+: ([^;]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One line of a forest: a figure of one group, and where its interval lies from 0 to 100."""

    release: str
    what: str
    kind: str
    group: str
    figure: Figure
    low: float
    at: float
    high: float
    whole: float | None
    """Where the same figure of everybody lies."""
    zero: float | None
    """Where nothing lost and no gap lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """The groups of one attack or one clinical question."""

    name: str
    measure: str
    risk: bool
    branches: tuple[Branch, ...]


def forests(dossier: Dossier, kind: Kind) -> tuple[Forest, ...]:
    """Return the groups of every attack, or of every task, that tells of any."""
    found = []
    releases = [r.name for r in dossier.releases if not is_twin(r.name)]
    for measure in measures_of(dossier.rows, kind):
        mine = [r for r in dossier.rows if (r.kind, r.measure) == (kind, measure)]
        branches = tuple(b for name in releases for b in _branches(mine, name))
        if branches:
            name = names.capitalised(names.measure_name(measure))
            risk = kind == "attack"
            found.append(Forest(name=name, measure=measure, risk=risk, branches=branches))
    return tuple(found)


def _branches(rows: Sequence[Row], release: str) -> list[Branch]:
    here = [r for r in rows if r.release == release and r.status == "ok"]
    figures_told = dict.fromkeys(asked(r.metric).figure for r in here if _is_of_groups(r.metric))
    found: list[Branch] = []
    for told in figures_told:
        mine = [r for r in _leading(here, told) if asked(r.metric).figure == told]
        found += [b for r in mine if (b := _branch(r, here)) is not None]
    return found


def _leading(rows: Sequence[Row], figure: str) -> list[Row]:
    """Return the rows of one attacker or of all recordings, by everybody's figure."""
    whole = _everybody(figure)
    top = strongest(rows, whole) or strongest(rows, figure)
    own = [r for r in top if asked(r.metric).figure == figure]
    return own or strongest(rows, figure)


def _everybody(figure: str) -> str:
    return figure.removesuffix(_WORST).removesuffix(_GAP).removesuffix(_CHANGE)


def _is_of_groups(metric: str) -> bool:
    what = asked(metric)
    return bool(what.setting) and what.figure.endswith((_WORST, _GAP))


def _branch(row: Row, here: Iterable[Row]) -> Branch | None:
    seen, what = figures.figure_of(row), asked(row.metric)
    estimate = row.estimate
    if seen is None or seen.withheld or estimate is None:
        return None
    moved = what.figure.endswith(_GAP) or _CHANGE in what.figure
    return Branch(
        release=row.release,
        what=names.capitalised(_named(what)),
        kind=what.setting,
        group=_group(row.note),
        figure=seen,
        low=_place(estimate.low, moved=moved),
        at=_place(estimate.value, moved=moved),
        high=_place(estimate.high, moved=moved),
        whole=None if moved else _whole(row, here),
        zero=50.0 if moved else None,
    )


def _named(what: Asked) -> str:
    return names.metric_name(what.figure)


def _group(note: str) -> str:
    found = _GROUP.match(note) or _GROUPS.match(note)
    return found[1].strip() if found else ""


def _whole(row: Row, here: Iterable[Row]) -> float | None:
    wanted = _everybody(asked(row.metric).figure)
    key = (wanted, row.attacker, row.modality)
    same = [r for r in here if (r.metric, r.attacker, r.modality) == key and r.value is not None]
    return _place(same[0].value or 0.0, moved=False) if same else None


def _place(value: float, *, moved: bool) -> float:
    """Return where a figure lies from 0 to 100: a share from 0 to 1, a difference about 50."""
    part = (value + 1) / 2 if moved else value
    return round(100 * min(max(part, 0.0), 1.0), 1)
