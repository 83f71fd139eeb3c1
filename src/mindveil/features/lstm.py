"""A long short-term memory in plain NumPy: what a recurrent network remembers of a series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One LSTM layer (Hochreiter & Schmidhuber 1997), time steps outside, windows inside.

    ``matrix`` has the shape (4 x hidden, inputs + hidden) and ``offset`` (4 x hidden, 1), the
    gates in torch's order: in, forget, candidate, out. The three gates come halved, for the
    logistic function is 1/2 + tanh(x/2) / 2: one tanh serves all four.
    """

    matrix: Floats
    offset: Floats

    def __call__(self, series: Floats) -> Floats:
        """Return what the layer remembers at each step, shape (steps, hidden, windows)."""
        steps, inputs, count = series.shape
        hidden = len(self.matrix) // 4
        joined = np.zeros((inputs + hidden, count), dtype=np.float32)
        cell = np.zeros((hidden, count), dtype=np.float32)
        gates = np.empty((4 * hidden, count), dtype=np.float32)
        opened, kept, new, shown = gates.reshape(4, hidden, count)
        opened_or_kept = gates[: 2 * hidden]
        found = np.empty((steps, hidden, count), dtype=np.float32)
        for step in range(steps):
            joined[:inputs] = series[step]
            np.matmul(self.matrix, joined, out=gates)
            gates += self.offset
            np.tanh(gates, out=gates)
            opened_or_kept += 1
            shown += 1
            # each gate is now twice what it should be
            cell *= kept
            cell += opened * new
            cell *= np.float32(0.5)
            np.tanh(cell, out=found[step])
            found[step] *= shown
            found[step] *= np.float32(0.5)
            joined[inputs:] = found[step]
        return found
