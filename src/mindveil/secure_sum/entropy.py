"""Where secrets come from: the operating system, or a seed where a study has to be repeated.

A deployed client draws its secrets from the operating system and nobody can draw them again. A
simulated round may draw them from a seed: the same study then gives the same bytes, and whoever
knows the seed can take every mask away. What a seed made is a measurement, never a protection.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import numpy as np

Entropy = Callable[[int], bytes]
"""A source of this many secret bytes."""


def operating_system(count: int) -> bytes:
    """Return secret bytes that nobody can draw again.

    >>> len(operating_system(16))
    16
    """
    return secrets.token_bytes(count)


def seeded(rng: np.random.Generator) -> Entropy:
    """Return a source that a seed repeats: for simulated rounds only.

    >>> seeded(np.random.default_rng(1))(4) == seeded(np.random.default_rng(1))(4)
    True
    """
    return rng.bytes
