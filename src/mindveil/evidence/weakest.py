"""Which kind of recording gives a person away most easily."""

from __future__ import annotations

from collections.abc import Iterable

from mindveil.evidence.frontier import asked
from mindveil.evidence.scorecard import Row

FUSED = "fused"
_LOST = "lost-without"
_ALONE = " alone"


def weakest_modality(rows: Iterable[Row], worst: Row | None) -> str:
    """Return the modality of the strongest attack; of one that joins all, the one it lives on.

    That is the one without which it surely loses most. Where it loses nothing for sure without any
    one of them, several give the same away, and the one that finds most people alone is told.
    """
    if worst is None or worst.modality != FUSED:
        return worst.modality if worst else ""
    mine = [
        r
        for r in rows
        if (r.release, r.measure, r.status) == (worst.release, worst.measure, "ok")
        if r.value is not None
    ]
    lost = [r for r in mine if asked(r.metric).figure == _LOST and r.low is not None and r.low > 0]
    if lost:
        return asked(max(lost, key=_worth).metric).setting
    alone = [
        r
        for r in mine
        if asked(r.metric).figure == "rank1" and not asked(r.metric).unusual
        if asked(r.metric).setting.endswith(_ALONE)
    ]
    if alone:
        return asked(max(alone, key=_worth).metric).setting.removesuffix(_ALONE)
    return worst.modality


def _worth(row: Row) -> tuple[float, str]:
    return row.value or 0.0, row.metric
