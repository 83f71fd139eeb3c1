"""From what one person moved back to the row of numbers that she is, and how sure that is.

The gradient of a layer is what is wrong behind it times what came in. For one person all rows of
the first layer's gradient are her own row, times a number of each unit that is the gradient of
the unit's constant: dividing the one by the other gives the row, whatever the labels were and
however many steps she took (Phong et al. 2018; Geiping et al. 2020; for labels Zhao et al. 2020).

Under noise of a known size the row has a prior, the mean and spread of reference people, and the
numbers of the units have one as well: those that reference people would have. The posterior mean
of both is the best guess in squares that anybody can make under these (linear-Gaussian) beliefs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mindveil.train.base import Floats

_SMALL = 1e-12
_LEVELS = 41
"""Values of a unit's number that are tried."""
_ANY = 0.1
"""How much of the spread is the same in all directions, for few reference people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """Where rows lie before anything was seen: a mean (columns,) and a spread along axes.

    ``axes`` (columns, columns) are orthonormal columns, ``spread`` (columns,) variances.
    """

    mean: Floats
    axes: Floats
    spread: Floats

    @classmethod
    def of(cls, rows: Floats) -> Prior:
        """Learn it from rows (people, columns) of reference people."""
        centred = rows - rows.mean(axis=0)
        every = centred.T @ centred / max(len(rows) - 1, 1)
        spread, axes = np.linalg.eigh(every)
        spread = np.maximum(spread, 0.0)
        mixed = (1.0 - _ANY) * spread + _ANY * max(float(spread.mean()), _SMALL)
        return cls(mean=rows.mean(axis=0), axes=axes, spread=mixed)


def exact_rows(layers: Floats) -> Floats:
    """Return the row behind each signal from the unit that moved most, (signals, columns).

    ``layers`` (signals, units, columns + 1) are moves of the first layer, of all rounds; the
    constant is last. A row whose constant did not move has no length and no sign: it has length 1.

    >>> exact_rows(np.array([[[0.1, 0.0, 0.1], [-0.6, -0.3, -1.0]]])).tolist()
    [[0.6, 0.3]]
    """
    strength = np.square(layers).sum(axis=2)
    best = strength.argmax(axis=1)
    return ratio_rows(layers[np.arange(len(layers)), best])


def ratio_rows(moves: Floats) -> Floats:
    """Return moves (..., columns + 1) over the constant's, no longer than 1; zeros stay zeros.

    >>> ratio_rows(np.array([[3.0, 4.0, 0.0], [1.0, 0.0, -2.0]])).round(9).tolist()
    [[0.6, 0.8], [-0.5, -0.0]]
    """
    into, constant = moves[..., :-1], moves[..., -1:]
    length = np.linalg.norm(into, axis=-1, keepdims=True)
    sign = np.where(constant < 0.0, -1.0, 1.0)
    return np.asarray(sign * into / np.maximum(np.maximum(np.abs(constant), length), _SMALL))


def common_numbers(profiles: Floats, there: Floats) -> Floats:
    """Return what units' numbers of anybody may be: the commonest pattern, more or less of it.

    ``profiles`` (people, units) are the numbers of reference people, ``there`` (signals, units) is
    0 for units of rounds that a signal lacks. The result is (signals, ways, units).
    """
    pattern = np.linalg.svd(profiles, full_matrices=False)[2][0]
    size = np.quantile(profiles @ pattern, np.linspace(0.0, 1.0, _LEVELS))
    return np.asarray(size[None, :, None] * (pattern * there)[:, None, :])


def likely_rows(layers: Floats, numbers: Floats, prior: Prior, noise: float) -> Floats:
    """Return the posterior mean of the row behind each signal, (signals, columns).

    ``layers`` (signals, units, columns + 1) carry Gaussian noise of this standard deviation in
    each entry; ``numbers`` (signals, ways, units) are what units' numbers may be. Given them the posterior is that of a linear model, in which all
    units count by what they carry; possibilities are weighed by how well they explain what was
    seen, against the possibility that nothing is there but noise.
    """
    size = np.linalg.norm(numbers, axis=2)
    along = np.matmul(numbers, layers) / np.maximum(size, _SMALL)[:, :, None]
    seen = along[:, :, :-1] @ prior.axes
    middle, loud = prior.mean @ prior.axes, noise * noise
    every = np.square(size)[:, :, None] * prior.spread + loud
    left = seen - size[:, :, None] * middle
    told = np.square(seen) / loud - np.square(left) / every - np.log(every / loud)
    fits = 0.5 * told.sum(axis=2)
    fits += (along[:, :, -1] * size - 0.5 * np.square(size)) / loud
    weight = np.exp(fits - fits.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    each = middle + prior.spread * size[:, :, None] / every * left
    return np.asarray(np.matmul(weight[:, None, :], each)[:, 0] @ prior.axes.T)


def shrunk_rows(moves: Floats, prior: Prior, noise: float) -> Floats:
    """Return rows behind moves (rows, columns + 1) whose constants tell how much they carry.

    For sums over people: the constant's move, less the noise in it, stands for all that they move.
    """
    if not noise:
        return ratio_rows(moves)
    constant = moves[:, -1:]
    carried = constant * np.square(constant) / (np.square(constant) + noise * noise)
    left = (moves[:, :-1] - carried * prior.mean) @ prior.axes
    gain = prior.spread * carried / (np.square(carried) * prior.spread + noise * noise)
    return np.asarray(prior.mean + (gain * left) @ prior.axes.T)
