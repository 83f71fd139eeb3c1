"""People drawn anew, with replacement, as weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def resamples(people: int, times: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return how often each person counts: everybody once, then in so many resamples.

    >>> resamples(3, 1, np.random.default_rng(1)).sum(axis=1).tolist()
    [3.0, 3.0]
    """
    who = rng.integers(people, size=(times, people)) + people * np.arange(times)[:, None]
    drawn = np.bincount(who.reshape(-1), minlength=people * times).reshape(times, people)
    return np.vstack([np.ones((1, people)), drawn.astype(np.float64)])
