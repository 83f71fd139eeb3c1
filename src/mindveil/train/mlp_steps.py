"""Networks of one hidden layer, many at once: all their hidden units share one matrix product.

The gradient of a layer for one row is (what is wrong behind it x what came in), so that its
length is a product of two lengths, and for several rows of one person a sum over pairs of them.
No gradient of one person is ever formed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.train.linear_steps import quadratic
from mindveil.train.residuals import Wanted, residuals, shortening
from mindveil.train.windows import Batch

Singles = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class MlpSteps:
    """Room for so many networks of one hidden layer.

    Tensors are (models, hidden, columns + 1) and (models, outputs, hidden + 1), constants last;
    ``units`` and ``back`` are (most rows, models, hidden).
    """

    models: int
    outputs: int
    columns: int
    hidden: int
    units: Singles
    back: Singles

    @classmethod
    def of(cls, models: int, outputs: int, layers: tuple[int, int], most: int) -> MlpSteps:
        """Return room for so many networks of (columns, hidden), and so many rows at a time."""
        columns, hidden = layers
        return cls(
            models=models,
            outputs=outputs,
            columns=columns,
            hidden=hidden,
            units=np.empty((most, models, hidden), np.float32),
            back=np.empty((most, models, hidden), np.float32),
        )

    @property
    def memory(self) -> Literal["C", "F"]:
        """How tensors lie in memory: model after model."""
        return "C"

    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Return the shapes of what is learnt."""
        return (
            (self.models, self.hidden, self.columns + 1),
            (self.models, self.outputs, self.hidden + 1),
        )

    def spread(self) -> tuple[float, ...]:
        """Return how wide the numbers lie at the start: as is usual, narrow by what comes in."""
        return (math.sqrt(1.0 / (3 * self.columns)), math.sqrt(1.0 / (3 * self.hidden)))

    def odds(self, tensors: tuple[Singles, ...], rows: Singles) -> Singles:
        """Return what the networks say: (rows, models, outputs); hidden units stay in ``units``."""
        first, last = tensors
        units = self.units[: rows.shape[0]]
        flat = first.reshape(-1, self.columns + 1)
        np.matmul(rows, flat.T, out=units.reshape(rows.shape[0], self.models * self.hidden))
        np.maximum(units, np.float32(0.0), out=units)
        said = np.matmul(units.transpose(1, 0, 2), last[:, :, :-1].transpose(0, 2, 1))
        said += last[:, :, -1][:, None, :]
        return np.ascontiguousarray(said.transpose(1, 0, 2))

    def gradients(
        self,
        tensors: tuple[Singles, ...],
        batch: Batch,
        wanted: Wanted,
        out: tuple[Singles, ...],
    ) -> None:
        """Write the sum over people of what each of them teaches, clipped, times the unit."""
        size = batch.rows.shape[0]
        units, back = self.units[:size], self.back[:size]
        wrong = residuals(self.odds(tensors, batch.rows), batch, wanted)
        self._sent_back(wrong, tensors[1], units, back)
        if wanted.clip is None:
            factor = np.broadcast_to(wanted.unit, wrong.shape[:2])
        else:
            squares, bounds = self._squares(wrong, units, back, batch)
            factor = batch.by_row(shortening(squares, bounds, wanted))
        back *= factor[:, :, None]
        wrong *= factor[:, :, None]
        flat = back.reshape(size, self.models * self.hidden)
        np.matmul(flat.T, batch.rows, out=out[0].reshape(-1, self.columns + 1))
        out[1][:, :, :-1] = np.matmul(wrong.transpose(1, 2, 0), units.transpose(1, 0, 2))
        out[1][:, :, -1] = wrong.sum(axis=0)

    def _sent_back(self, wrong: Singles, last: Singles, units: Singles, back: Singles) -> None:
        """Write what is wrong about each hidden unit: units that are silent pass nothing on."""
        np.minimum(units, np.float32(1.0), out=back)
        np.ceil(back, out=back)
        if self.outputs == 1:
            back *= last[:, 0, :-1]
            back *= wrong
        else:
            back *= np.matmul(wrong.transpose(1, 0, 2), last[:, :, :-1]).transpose(1, 0, 2)

    def _squares(
        self, wrong: Singles, units: Singles, back: Singles, batch: Batch
    ) -> tuple[Singles, Singles | None]:
        squares = np.empty((batch.people.size, self.models), np.float32)
        bounds = None if batch.single else np.zeros_like(squares)
        for group in batch.groups:
            behind, inside, ahead = back[group.rows], units[group.rows], wrong[group.rows]
            if group.windows == 1:
                length = np.vecdot(behind, behind)
                length *= group.grams[:, 0]
                second = np.vecdot(inside, inside)
                second += np.float32(1.0)
                second *= np.vecdot(ahead, ahead)
                np.add(length, second, out=squares[group.people])
                continue
            blocks = behind.reshape(-1, group.windows, self.models * self.hidden)
            pairs, alone = quadratic(group.grams, blocks)
            shape = (-1, self.models, self.hidden)
            squares[group.people] = pairs.reshape(shape).sum(axis=2)
            squares[group.people] += self._second(inside, ahead, group.windows)
            if bounds is not None:
                bounds[group.people] = alone.reshape(shape).sum(axis=2)
        return squares, bounds

    def _second(self, inside: Singles, ahead: Singles, windows: int) -> Singles:
        """Return squared lengths of the second layer's gradients, formed: they are short."""
        units = inside.reshape(-1, windows, self.models, self.hidden).transpose(0, 2, 1, 3)
        wrong = ahead.reshape(-1, windows, self.models, self.outputs).transpose(0, 2, 3, 1)
        formed = np.matmul(wrong, units)
        constant = wrong.sum(axis=3)
        lengths: Singles = np.einsum("pmoh,pmoh->pm", formed, formed)
        lengths += np.vecdot(constant, constant)
        return lengths
