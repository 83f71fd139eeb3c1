"""Are the factors of a released questionnaire those of the original?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mindveil.utility.base import Answered, Fidelity
from mindveil.utility.factors import congruence, loadings, simple, turned_to

Floats = NDArray[np.float64]

_CHUNK = 20
_PEOPLE_AN_ITEM = 2


def factor_levels(fidelity: Fidelity, side: Answered, weights: Floats) -> Floats | None:
    """Return unrotated loadings of every resample, shape (resamples, items, factors).

    Of people who answered every item; None where they are fewer than two an item, or where
    there are fewer than three items a factor.
    """
    rows = side.items[:, list(fidelity.factor_items)]
    there = np.isfinite(rows).all(axis=1)
    if there.sum() < _PEOPLE_AN_ITEM * rows.shape[1] or rows.shape[1] < 3 * fidelity.factors:
        return None
    rows, weights = rows[there] - rows[there].mean(axis=0), weights[:, there]
    found = [
        loadings(_correlations(rows, weights[start : start + _CHUNK]), fidelity.factors)
        for start in range(0, len(weights), _CHUNK)
    ]
    return np.concatenate(found)


def agreement(fidelity: Fidelity, released: Floats, original: Floats) -> dict[str, Floats]:
    """Return Tucker's congruence of every factor, and the lowest of them.

    Both are turned: the original's to the published subscales (or to simple structure), the
    release's onto the original's.
    """
    target = _pattern(fidelity)
    if target is not None:
        turned = turned_to(original, target)
    else:
        turned = np.stack([simple(one) for one in original])
    phi = congruence(turned_to(released, turned), turned)
    found = {"congruence": phi.min(axis=-1)}
    if fidelity.factors > 1:
        names = _names(fidelity)
        found |= {f"congruence@{name}": phi[:, i] for i, name in enumerate(names)}
    return found


def _names(fidelity: Fidelity) -> list[str]:
    public = [s.name for s in fidelity.scores if s.public]
    if len(public) == fidelity.factors:
        return public
    return [f"factor-{i + 1}" for i in range(fidelity.factors)]


def _pattern(fidelity: Fidelity) -> Floats | None:
    """Return 1 where an item belongs to a published subscale, shape (items, factors)."""
    public = [s for s in fidelity.scores if s.public]
    if len(public) != fidelity.factors or len(public) < 2:
        return None
    place = {item: i for i, item in enumerate(fidelity.factor_items)}
    pattern = np.zeros((len(place), len(public)))
    for column, sheet in enumerate(public):
        pattern[[place[i] for i in sheet.items], column] = 1.0
    return pattern


def _correlations(rows: Floats, weights: Floats) -> Floats:
    """Return weighted correlation matrices; an item that does not vary correlates with none."""
    share = weights / weights.sum(axis=1, keepdims=True)
    mean = share @ rows
    product = (rows.T[None] * share[:, None, :]) @ rows
    cover = product - mean[:, :, None] * mean[:, None, :]
    spread = np.sqrt(np.maximum(np.diagonal(cover, axis1=1, axis2=2), 0.0))
    scale = np.where(spread > 1e-9, spread, np.inf)
    found = cover / scale[:, :, None] / scale[:, None, :]
    size = np.arange(rows.shape[1])
    found[:, size, size] = 1.0
    return np.asarray(found)
