"""One network that promises nothing, on the rows of its own people alone.

A shadow heeds a part of the people. In a batch that all shadows share, each of them computes the
rest too and throws it away; alone, it multiplies nothing but its own rows, and what it works with
stays in a processor's cache. It is the same training: who is in a step is drawn for all of them
together, and whom a model does not heed is left out before the products instead of after.

Memory is laid for the products: the first layer lies with its columns first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.train.head_steps import Course
from mindveil.train.residuals import Wanted, residuals
from mindveil.train.windows import Batch

Singles = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoneSteps:
    """Room for one network of one hidden layer, without a limit on what a person teaches.

    Tensors are (1, hidden, columns + 1) and (1, outputs, hidden + 1), constants last; ``units``,
    ``awake`` and ``back`` are (most rows, hidden). Everybody has one row, and counts in full.
    """

    outputs: int
    columns: int
    hidden: int
    units: Singles
    awake: Singles
    back: Singles

    @classmethod
    def of(cls, outputs: int, layers: tuple[int, int], most: int) -> LoneSteps:
        """Return room for a network of (columns, hidden), and so many rows at a time."""
        columns, hidden = layers
        units, awake, back = np.empty((3, most, hidden), np.float32)
        return cls(
            outputs=outputs, columns=columns, hidden=hidden, units=units, awake=awake, back=back
        )

    @property
    def memory(self) -> Literal["C", "F"]:
        """How tensors lie in memory: first layers are read column after column."""
        return "F"

    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Return the shapes of what is learnt."""
        return ((1, self.hidden, self.columns + 1), (1, self.outputs, self.hidden + 1))

    def spread(self) -> tuple[float, ...]:
        """Return how wide the numbers lie at the start: as is usual, narrow by what comes in."""
        return (math.sqrt(1.0 / (3 * self.columns)), math.sqrt(1.0 / (3 * self.hidden)))

    def odds(self, tensors: tuple[Singles, ...], rows: Singles) -> Singles:
        """Return what the network says: (rows, 1, outputs); hidden units stay in ``units``."""
        units, awake = self.units[: len(rows)], self.awake[: len(rows)]
        np.matmul(rows, tensors[0][0].T, out=units)
        # Comparing is faster than taking the larger, and who is awake is asked for again.
        np.greater(units, np.float32(0.0), out=awake, casting="unsafe")
        units *= awake
        last = tensors[1][0]
        said: Singles = np.matmul(units, last[:, :-1].T)
        said += last[:, -1]
        return said[:, None, :]

    def gradients(
        self,
        tensors: tuple[Singles, ...],
        batch: Batch,
        wanted: Wanted,
        out: tuple[Singles, ...],
    ) -> None:
        """Write the sum over people of what each of them teaches, times the unit."""
        size = len(batch.rows)
        units, back = self.units[:size], self.back[:size]
        wrong = residuals(self.odds(tensors, batch.rows), batch, wanted)[:, 0]
        wrong *= wanted.unit
        # One column times one row is no work for a matrix product.
        outer = np.multiply if self.outputs == 1 else np.matmul
        outer(wrong, tensors[1][0, :, :-1], out=back)
        back *= self.awake[:size]
        np.matmul(batch.rows.T, back, out=out[0][0].T)
        np.matmul(wrong.T, units, out=out[1][0, :, :-1])
        np.add.reduce(wrong, axis=0, out=out[1][0, :, -1])


def own_people(course: Course) -> Course:
    """Return the course of one model without those whom it does not heed at all."""
    weights = course.wanted.weights
    if weights is None:
        return course
    inside = weights[:, 0] > 0.0
    everybody = np.flatnonzero(inside)
    return replace(
        course,
        # No limit is kept, so that no lengths are asked for.
        windows=replace(course.windows, grams={}),
        chosen=[everybody if c is None else c[inside[c]] for c in course.chosen],
        wanted=replace(course.wanted, weights=None),
    )
