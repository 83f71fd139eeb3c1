"""Which kind of recording gives a person away most easily."""

from __future__ import annotations

from collections.abc import Iterable

from mindveil.attack.fused_linkage import WITH_BACKGROUND
from mindveil.evidence.frontier import asked, is_match
from mindveil.evidence.scorecard import Row

FUSED = "fused"
BACKGROUND = "background"
"""The columns that tell of a person's life: no recording, and often what finds her first."""

_LOST = "lost-without"
_ALONE = " alone"
_ACROSS = " to "


def weakest_modality(rows: Iterable[Row], worst: Row | None) -> str:
    """Return the modality of the strongest attack; of one that joins all, the one it lives on.

    That is the one without which it surely loses most. Where it loses nothing for sure without any
    one of them, several give the same away, and the one that finds most people alone is told; of
    an attack across modalities the one whose recordings are looked up. Where the attack does not
    say what it lives on, the strongest attack on one modality does; empty where there is none.
    Where it lives on age, sex and the like, ``background``.
    """
    if worst is None or worst.modality != FUSED:
        return worst.modality if worst else ""
    of_release = [
        r for r in rows if (r.release, r.kind, r.status) == (worst.release, "attack", "ok")
    ]
    mine = [
        r
        for r in of_release
        if (r.measure, r.attacker) == (worst.measure, worst.attacker) and r.value is not None
    ]
    if _lives_on_background(worst, mine):
        return BACKGROUND
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
    looked_up, across, _ = asked(worst.metric).setting.partition(_ACROSS)
    return looked_up if across else _strongest_single(of_release)


def _lives_on_background(worst: Row, mine: Iterable[Row]) -> bool:
    """Whether the attack finds surely more with age, sex and the like than with recordings alone."""
    if asked(worst.metric).setting != WITH_BACKGROUND or worst.low is None:
        return False
    without = [r.high for r in mine if r.metric == "rank1" and r.high is not None]
    return bool(without) and worst.low > max(without)


def _strongest_single(rows: Iterable[Row]) -> str:
    """Return the modality of the attack that finds most people, of those on one modality."""
    single = [r for r in rows if r.modality != FUSED and r.high is not None and is_match(r)]
    if not single:
        return ""
    return max(single, key=lambda r: (r.high or 0.0, r.measure, r.metric)).modality


def _worth(row: Row) -> tuple[float, str]:
    return row.value or 0.0, row.metric
