"""How the scores of several scales go together: noisy products of them, as bell curves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.accounting import Share
from mindveil.dp.clipping import clip_norm, exact_sum, whole
from mindveil.dp.noise import Noise
from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.latent import (
    Latent,
    curve_correlation,
    gap_series,
    nearest_correlation,
    series,
    smoothed,
)
from mindveil.synthesise.marginal_tables import Column

Floats = NDArray[np.float64]

_FARTHEST = 3.0
"""Standard deviations at which a score is cut before products are made."""

_LONGEST = 4.0
"""Bound of the root mean square of one person's products."""

_STEPS = 1000
"""Whole steps a unit of product is counted in."""


def latent_scores(
    scores: Sequence[Column],
    counts: Sequence[Floats],
    people: float,
    share: Share,
    noise: Noise,
) -> Latent:
    """Return the joint distribution of scores: noisy margins, and bell curves behind them.

    ``counts`` are noisy histograms, those missing last, and 0 there where nobody is taken to be
    missing. Means and standard deviations are theirs.
    """
    margins = tuple(smoothed(c[:-1]) for c in counts[: len(scores)])
    gaps = [i for i in range(len(scores)) if counts[i][-1] > 0.0]
    gone = np.array([np.clip(counts[i][-1] / people, 1e-3, 1.0 - 1e-3) for i in gaps])
    standard = [_standard(m) for m in margins]
    columns = [np.append(s, 0.0)[c.codes] for s, c in zip(standard, scores, strict=True)]
    spread = np.sqrt(gone * (1.0 - gone))
    columns += [
        ((scores[i].codes == scores[i].cells) - p) / s
        for i, p, s in zip(gaps, gone, spread, strict=True)
    ]
    covariance = _products(np.column_stack(columns), people, share, noise)
    absent = np.zeros(len(scores))
    absent[gaps] = gone
    together = np.zeros((len(scores), len(scores)))
    inner = covariance[len(scores) :, len(scores) :]
    together[np.ix_(gaps, gaps)] = np.outer(gone, gone) + inner * np.outer(spread, spread)
    both = 1.0 - absent[:, None] - absent + together
    size = len(scores)
    covariance[:size, :size] /= np.clip(both, 0.05, 1.0)
    covariance[size:, :] *= spread[:, None]
    covariance[:, size:] *= spread
    curves = [series(m, s) for m, s in zip(margins, standard, strict=True)]
    coefficients = np.vstack([np.array(curves), gap_series(gone)])
    return Latent(
        codebook=scores_codebook([c.cells for c in scores]),
        margins=margins,
        orders=tuple(np.arange(c.cells) for c in scores),
        gaps=tuple((i,) for i in gaps),
        gap_shares=gone,
        correlation=nearest_correlation(curve_correlation(coefficients, covariance)),
    )


def scores_codebook(cells: Sequence[int]) -> Codebook:
    """Return scores as variables, in the order of their scales."""
    return Codebook(
        variables=tuple(
            Variable(name=f"score {i}", kind="ordinal", levels=tuple(map(str, range(c))))
            for i, c in enumerate(cells, 1)
        )
    )


def _standard(margin: Floats) -> Floats:
    values = np.arange(len(margin), dtype=np.float64)
    centred = values - margin @ values
    return np.asarray(
        np.clip(centred / math.sqrt(max(float(margin @ centred**2), 1e-9)), -_FARTHEST, _FARTHEST)
    )


def _products(columns: Floats, people: float, share: Share, noise: Noise) -> Floats:
    """Return the mean product of each two columns, with noise; the diagonal is 1.

    One person's products are one row, cut to a length before it is made of whole numbers and
    again after: that length is the L2 sensitivity of their sum.
    """
    size = columns.shape[1]
    first, second = np.triu_indices(size, 1)
    found = np.eye(size)
    if not len(first):
        return found
    bound = _LONGEST * math.sqrt(len(first))
    limit = math.ceil(bound * _STEPS)
    cut = np.clip(columns, -_FARTHEST, _FARTHEST)
    products = np.round(cut[:, first] * cut[:, second], 9)
    rows = whole(clip_norm(products, bound), _STEPS, limit)
    total = exact_sum(rows) + noise.gaussian(share.sigma(limit), (len(first),))
    found[first, second] = found[second, first] = total / (_STEPS * people)
    return found
