"""RMIA: the model has grown surer of her, compared with other people; of how many of them?

For each person the probability that the model gives her true class is divided by what models give
it that she may or may not have taught; a person is suspect if her ratio exceeds those of most
other people (Zarifzadeh, Liu & Shokri 2024, "Low-cost high-power membership inference attacks").

The paper asks whether one ratio exceeds another by a factor gamma > 1. With two classes ratios
seldom differ by a fixed factor, and then everybody's score is 0. Gamma is 1 here and a tie counts
half: the score is the place of her ratio among those of others, and never dead unless all are
equal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from mindveil.attack.model_signals import ROUNDING, log_chance, share_below
from mindveil.errors import InvalidMeasurement
from mindveil.train.base import Flags, Floats

_OFFSETS = np.linspace(0.0, 1.0, 11)
_REHEARSALS = 16
"""Shadow heads that are attacked in play, to choose the offset."""
_USUAL_OFFSET = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Scores (people,) with heads on either side, and with those without the person only.

    ``offset`` is the paper's a: how far the probability moves by teaching her, for lack of heads
    that she taught.
    """

    online: Floats
    offline: Floats
    offset: float


def relative_membership(
    target: Floats, shadows: Floats, inside: Flags, others: Flags | None = None
) -> Relative:
    """Return the share of other people whose ratio lies below each person's, NaN for want of heads.

    ``target`` (people,), ``shadows`` and ``inside`` (people, heads): confidence as in LiRA.
    ``others`` (people,) names the population she is compared with; everybody if not given.

    Raises:
        InvalidMeasurement: there is no shadow head.
    """
    if not shadows.shape[1]:
        raise InvalidMeasurement("a relative measure needs shadow models; there is none")
    crowd = np.ones(len(target), dtype=np.bool_) if others is None else others
    hers, told = log_chance(target), log_chance(shadows)
    with_her, without = _log_mean(told, inside), _log_mean(told, ~inside)
    offset = chosen_offset(told, inside)
    with np.errstate(invalid="ignore"):  # NaN where there are no heads on a side
        online = hers - (np.logaddexp(with_her, without) - np.log(2.0))
        offline = hers - _expected(without, offset)
    return Relative(online=_place(online, crowd), offline=_place(offline, crowd), offset=offset)


def chosen_offset(told: Floats, inside: Flags) -> float:
    """Return the offset with which shadow heads are attacked best, by one another.

    ``told`` (people, heads) are logarithms of probabilities. Each of a few heads is the target
    in turn and the others are its shadows; the truth about them is known. The usual .3 where too
    few heads or people allow no rehearsal.
    """
    heads = min(_REHEARSALS, told.shape[1])
    gains = np.zeros(len(_OFFSETS))
    played = 0
    for head in range(heads):
        outside = ~inside
        outside[:, head] = False
        without = _log_mean(told, outside)
        there = ~np.isnan(without)
        member = inside[there, head]
        if not there.any() or member.all() or not member.any():
            continue
        ratios = told[there, head][None, :] - np.stack(
            [_expected(without[there], a) for a in _OFFSETS]
        )
        gains += rankdata(ratios, axis=1)[:, member].mean(axis=1) / len(member)
        played += 1
    return float(_OFFSETS[int(np.argmax(gains))]) if played else _USUAL_OFFSET


def _expected(without: Floats, offset: float) -> Floats:
    """Return log of ((1 + a) p_out + 1 - a) / 2, the paper's stand-in for both kinds of heads."""
    moved = np.logaddexp(without + np.log1p(offset), np.log(max(1 - offset, 1e-300)))
    return np.asarray(moved - np.log(2.0), dtype=np.float64)


def _log_mean(told: Floats, chosen: Flags) -> Floats:
    """Return the log of the mean probability over the chosen heads, NaN where there is none."""
    count = chosen.sum(axis=1)
    most = told.max(axis=1)
    total = np.einsum("ph,ph->p", np.exp(told - most[:, None]), chosen.astype(np.float64))
    mean = np.full(len(told), np.nan)
    here = count > 0
    # Far below the surest head a sum may come out as 0, whose logarithm is too much to ask.
    mean[here] = most[here] + np.log(np.maximum(total[here], 1e-300) / count[here])
    return mean


def _place(ratios: Floats, crowd: Flags) -> Floats:
    # A place makes much of little: what differs by rounding only is the same.
    ratios = np.round(ratios / ROUNDING) * ROUNDING
    known = ~np.isnan(ratios)
    placed = np.full(len(ratios), np.nan)
    others = ratios[known & crowd]
    if len(others):
        placed[known] = share_below(others, ratios[known])
    return placed
