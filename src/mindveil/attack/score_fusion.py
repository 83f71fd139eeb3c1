"""Several channels, one answer: scores on one scale, added by weights that were learned.

A channel is one way of comparing (an encoder, a set of measures). Weights are learned on other
people, and only what names more of them than the plain choice is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_TINY = 1e-9
_SURER = 1.2
"""Times the gap that chance leaves: below, a channel is not believed to know anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some people's queries against each other: ``channels`` (k, q, c), and who each is of.

    ``own`` (q,) is the column of each query's own person.
    """

    channels: Floats
    own: NDArray[np.intp]


def both_ways(scores: Floats) -> Floats:
    """Return scores normalised by row and by column: this takes out who is like everybody.

    The line-up is its own cohort. What is ruled out (-inf) stays out and counts in no mean.
    """
    there = np.isfinite(scores)
    if not there.any():
        return scores
    seen = np.where(there, scores, np.nan)
    both = (_standard(seen, 1) + _standard(seen, 0)) / 2
    return np.where(there, both, -np.inf)


def fuse(channels: Floats, weights: Floats) -> Floats:
    """Return the weighted sum of channels (k, q, c) that :func:`both_ways` put on one scale.

    A channel that has nothing of a pair says nothing of it (0, the middle of the scale); a pair
    of which no channel with weight has anything is ruled out.
    """
    there = np.isfinite(channels)
    total = np.tensordot(weights, np.where(there, channels, 0.0), axes=1)
    heard = there[weights > 0].any(axis=0)
    return np.where(heard, total, -np.inf)


def sure(channels: Floats, weights: Floats) -> Floats:
    """Return weights that count a channel the more, the surer it is of its own answers.

    A channel that knows people gives each query one candidate far above all others; one that
    guesses has a best and a second best that lie as close as chance leaves them. Nothing but the
    scores (k, q, c) of :func:`both_ways` is needed for it, no truth and no other people. Where no
    channel is surer than chance the weights stay. Source of the expected gap of the two largest
    of c normal numbers: Gumbel's limit, 1 / sqrt(2 ln c).
    """
    chance = 1 / np.sqrt(2 * np.log(max(channels.shape[2], 2)))
    gain = np.array([max(_gap(scores) - _SURER * chance, 0.0) ** 2 for scores in channels])
    found = weights * gain
    return np.asarray(found / found.sum() if found.sum() > 0 else weights, dtype=np.float64)


def _gap(scores: Floats) -> float:
    """Return how far the best candidate of a query lies above the second best, on average."""
    if scores.shape[1] < 2:
        return 0.0
    best = np.partition(scores, -2, axis=1)[:, -2:]
    there = np.isfinite(best).all(axis=1)
    return float((best[there, 1] - best[there, 0]).mean()) if there.any() else 0.0


def places(scores: Floats, own: NDArray[np.intp]) -> Floats:
    """Return for each query the share of others that its own person beats, ties counting half.

    >>> places(np.array([[0.9, 0.1, 0.5], [0.2, 0.2, 0.1]]), np.array([2, 0])).tolist()
    [0.5, 0.75]
    """
    right = scores[np.arange(len(scores)), own][:, None]
    others = max(scores.shape[1] - 1, 1)
    below, level = (scores < right).sum(axis=1), (scores == right).sum(axis=1) - 1
    return np.asarray((below + level / 2) / others, dtype=np.float64)


def by_person(values: Floats, own: NDArray[np.intp]) -> Floats:
    """Return the mean over each person's queries, one value a person.

    >>> by_person(np.array([1.0, 0.0, 0.5]), np.array([4, 4, 2])).tolist()
    [0.5, 0.5]
    """
    _, place = np.unique(own, return_inverse=True)
    return np.asarray(np.bincount(place, weights=values) / np.bincount(place), dtype=np.float64)


def clearly_better(gain: Floats) -> bool:
    """Whether a paired gain, one a person, is above 0 by more than its standard error."""
    if len(gain) < 2:
        return False
    return bool(gain.mean() > max(gain.std(ddof=1) / np.sqrt(len(gain)), _TINY))


def learn_weights(blocks: Sequence[Block], plain: Sequence[Floats]) -> tuple[Floats, bool]:
    """Return the weights of channels that tell people apart best, and whether they were learned.

    ``plain`` are the choices that need no learning, the safest first, and are used as
    :func:`sure` makes them for the scores at hand. Learned weights come from a logistic
    regression on the other blocks, and are measured on the block that it has not seen; they, or
    a plain choice, replace the first choice only where they do better for sure.
    """
    learned = [_mixed(_logistic([o for o in blocks if o is not b]), plain[0]) for b in blocks]
    options = [[sure(b.channels, choice) for b in blocks] for choice in plain] + [learned]
    found = [
        np.concatenate([_worth(b, w) for b, w in zip(blocks, weights, strict=True)])
        for weights in options
    ]
    best = 0
    for i in range(1, len(options)):
        if clearly_better(found[i] - found[best]):
            best = i
    if best < len(plain):
        return plain[best], False
    return _mixed(_logistic(blocks), plain[0]), True


def _worth(block: Block, weights: Floats) -> Floats:
    return by_person(places(fuse(block.channels, weights), block.own), block.own)


def _logistic(blocks: Sequence[Block]) -> Floats | None:
    """Return non-negative weights that sum to 1; None where no channel tells anything."""
    if not blocks:
        return None
    pairs = [np.moveaxis(b.channels, 0, -1).reshape(-1, len(b.channels)) for b in blocks]
    same = np.concatenate([_same(b).ravel() for b in blocks])
    rows = np.concatenate(pairs)
    rows = np.where(np.isfinite(rows), rows, 0.0)
    if same.all() or not same.any():
        return None
    model = LogisticRegression(C=0.1, class_weight="balanced", max_iter=500).fit(rows, same)
    weights = np.maximum(model.coef_[0], 0.0)
    return np.asarray(weights / weights.sum(), dtype=np.float64) if weights.sum() > 0 else None


def _mixed(learned: Floats | None, plain: Floats) -> Floats:
    """Return learned weights drawn a little towards the plain ones: few people taught them."""
    return plain if learned is None else 0.8 * learned + 0.2 * plain


def _same(block: Block) -> Bools:
    same = np.zeros(block.channels.shape[1:], dtype=bool)
    same[np.arange(len(same)), block.own] = True
    return same


def _standard(seen: Floats, axis: int) -> Floats:
    there = ~np.isnan(seen)
    count = np.maximum(there.sum(axis=axis, keepdims=True), 1)
    mean = np.where(there, seen, 0.0).sum(axis=axis, keepdims=True) / count
    gap = np.where(there, seen - mean, 0.0)
    spread = np.sqrt((gap**2).sum(axis=axis, keepdims=True) / count)
    return np.asarray(gap / (spread + _TINY), dtype=np.float64)
