"""Numbers with a fixed point: real vectors as whole numbers that add without rounding.

Masks live among the whole numbers modulo 2**64, where adding and taking away is exact. A client
therefore counts its vector in steps of a public size, 2**-bits; the server counts the sum back.
Each entry is rounded once, by half a step at most, so that the sum of n clients is wrong by at
most n half steps, whatever the masks were. The sum must stay inside the signed 64 bits: the size
of a step follows from the number of clients and from the bound that each entry keeps to, and a
bound that leaves no fine enough step is refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError

LARGEST_ERROR = 1e-6
"""The sum of all clients must be right to this, in absolute terms."""

FINEST = 40
"""Bits behind the point where there is room: finer steps than 2**-40 help no sum of updates."""

ROOM = 62
"""The sum stays below 2**62, so that half-step rounding cannot carry it over the sign bit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedPoint:
    """How the clients of a round count: in steps of ``2**-fraction_bits``, up to ``bound``.

    ``bound`` is the largest magnitude of an entry of one client. All clients and the server hold
    the same one; it is public, and it must not be chosen from the data.
    """

    clients: int
    bound: float
    fraction_bits: int

    def __post_init__(self) -> None:
        """Refuse a scale under which a sum could overflow or be too coarse."""
        if self.clients < 1:
            raise InputError(f"a sum of {self.clients} clients has nothing to add; give 1 or more")
        if not (math.isfinite(self.bound) and self.bound > 0.0):
            raise InputError(f"a bound of {self.bound!r} holds no vector; give a number above 0")
        if math.log2(self.clients) + math.log2(self.bound) + self.fraction_bits > ROOM:
            raise InputError(
                f"{self.clients} vectors of entries up to {self.bound:g} could overflow 64 bits "
                f"in steps of 2**-{self.fraction_bits}; clip them lower or use fewer bits"
            )
        if self.error > LARGEST_ERROR:
            raise InputError(
                f"steps of 2**-{self.fraction_bits} let a sum of {self.clients} clients be wrong "
                f"by {self.error:.2g}, more than {LARGEST_ERROR:g}; clip lower than "
                f"{self.bound:g} and use more bits"
            )

    @property
    def error(self) -> float:
        """How far the sum of all clients can be from the sum of the real numbers, at most."""
        return math.ldexp(float(self.clients), -self.fraction_bits - 1)

    def encode(self, values: NDArray[np.float64]) -> NDArray[np.uint64]:
        """Return the values as whole numbers modulo 2**64, of the same shape.

        Raises InputError where an entry is not a number or is beyond the bound: clipping is the
        business of whoever promised the bound, and a silent one here would change the sum.
        """
        largest = float(np.max(np.abs(values), initial=0.0))
        if not largest <= self.bound:
            raise InputError(
                f"a vector holds an entry beyond the bound of {self.bound:g}, or one that is "
                "not a number; clip it before it is masked"
            )
        steps = np.rint(np.ldexp(values, self.fraction_bits)).astype(np.int64)
        return steps.view(np.uint64)

    def decode(self, total: NDArray[np.uint64]) -> NDArray[np.float64]:
        """Return a sum of encoded vectors as real numbers, of the same shape."""
        signed = np.ascontiguousarray(total, dtype=np.uint64).view(np.int64)
        return np.ldexp(signed.astype(np.float64), -self.fraction_bits)


def fixed_point(clients: int, bound: float, fraction_bits: int | None = None) -> FixedPoint:
    """Return the finest scale (up to 2**-40) in which these clients cannot overflow.

    >>> fixed_point(10, 4.0).fraction_bits, fixed_point(1000, 1e6).fraction_bits
    (40, 32)
    """
    if fraction_bits is None and clients >= 1 and math.isfinite(bound) and bound > 0.0:
        room = ROOM - math.log2(clients) - math.log2(bound)
        fraction_bits = min(FINEST, math.floor(room))
    return FixedPoint(clients=clients, bound=bound, fraction_bits=fraction_bits or 0)
