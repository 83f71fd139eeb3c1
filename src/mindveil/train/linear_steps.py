"""Logistic heads, many at once: their log-odds, and the sum of their people's clipped gradients.

A head is a row of weights, a constant last; all heads are rows of one matrix. The gradient of one
row of data is (residual x row), so that a person's length needs residuals and inner products of
his rows only, and no gradient of one person is ever formed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.train.residuals import Wanted, residuals, shortening
from mindveil.train.windows import Batch

Singles = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearSteps:
    """Room for so many logistic heads; a tensor (models, outputs, columns + 1)."""

    models: int
    outputs: int
    columns: int

    @property
    def memory(self) -> Literal["C", "F"]:
        """How tensors lie in memory: model after model."""
        return "C"

    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Return the shapes of what is learnt."""
        return ((self.models, self.outputs, self.columns + 1),)

    def spread(self) -> tuple[float, ...]:
        """Return how wide the numbers lie at the start: logistic heads start from zero."""
        return (0.0,)

    def odds(self, tensors: tuple[Singles, ...], rows: Singles) -> Singles:
        """Return what the models say: (rows, models, outputs)."""
        flat = tensors[0].reshape(-1, self.columns + 1)
        told: Singles = np.matmul(rows, flat.T)
        return told.reshape(rows.shape[0], self.models, self.outputs)

    def gradients(
        self,
        tensors: tuple[Singles, ...],
        batch: Batch,
        wanted: Wanted,
        out: tuple[Singles, ...],
    ) -> None:
        """Write the sum over people of what each of them teaches, clipped, times the unit."""
        wrong = residuals(self.odds(tensors, batch.rows), batch, wanted)
        if wanted.clip is None:
            wrong *= wanted.unit[:, None]
        else:
            squares, bounds = self._squares(wrong, batch)
            factor = shortening(squares, bounds, wanted)
            wrong *= batch.by_row(factor)[:, :, None]
        flat = wrong.reshape(wrong.shape[0], self.models * self.outputs)
        np.matmul(flat.T, batch.rows, out=out[0].reshape(-1, self.columns + 1))

    def _squares(self, wrong: Singles, batch: Batch) -> tuple[Singles, Singles | None]:
        squares = np.empty((batch.people.size, self.models), np.float32)
        bounds = None if batch.single else np.zeros_like(squares)
        for group in batch.groups:
            some = wrong[group.rows]
            if group.windows == 1:
                np.vecdot(some, some, out=squares[group.people])
                squares[group.people] *= group.grams[:, 0]
                continue
            blocks = some.reshape(-1, group.windows, self.models * self.outputs)
            pairs, alone = quadratic(group.grams, blocks)
            shape = (-1, self.models, self.outputs)
            squares[group.people] = pairs.reshape(shape).sum(axis=2)
            if bounds is not None:
                bounds[group.people] = alone.reshape(shape).sum(axis=2)
        return squares, bounds


def quadratic(grams: Singles, blocks: Singles) -> tuple[Singles, Singles]:
    """Return each person's and column's sum over pairs of windows i, j of gram_ij v_i v_j.

    Beside it what the sum is at most: windows x the sum over i of gram_ii v_i v_i. ``grams`` is
    (people, windows, windows), ``blocks`` (people, windows, columns).
    """
    mixed = np.matmul(grams, blocks)
    mixed *= blocks
    pairs: Singles = mixed.sum(axis=1)
    np.multiply(blocks, blocks, out=mixed)
    mixed *= np.diagonal(grams, axis1=1, axis2=2)[:, :, None]
    alone: Singles = mixed.sum(axis=1)
    alone *= np.float32(grams.shape[1])
    return pairs, alone
