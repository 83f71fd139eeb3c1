"""People who were made up to be found again: rows that stand out, and answers by the toss of a coin.

Nothing about them can be told from anybody else. If a trained model treats them as if it knew
them, it is because they taught it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import ModelKnowledge
from mindveil.errors import InvalidMeasurement
from mindveil.train.base import Floats, Lessons
from mindveil.train.detector import ModelRelease

_TYPICAL = 0.99


def teachers(release: ModelRelease, knowledge: ModelKnowledge) -> Lessons:
    """Return what everybody whom an attacker holds could teach, as the model reads them.

    Raises:
        InvalidMeasurement: nobody has both the answer and something to read.
    """
    reader = release.model.reader
    one, two = reader.lessons(knowledge.reference), reader.lessons(knowledge.known)
    fresh = ~np.isin(two.ids, one.ids)
    both = joined(one, two.of(fresh))
    if not both.ids:
        raise InvalidMeasurement(
            f"nobody has answered {release.model.target} and holds something that the model reads"
        )
    return both


def joined(one: Lessons, two: Lessons) -> Lessons:
    """Return what two groups of people teach together, the first group first."""
    return replace(
        one,
        ids=(*one.ids, *two.ids),
        rows=np.vstack([one.rows, two.rows]),
        totals=np.concatenate([one.totals, two.totals]),
        labels=np.concatenate([one.labels, two.labels]),
    )


def length_of(lessons: Lessons) -> float:
    """Return how long the row of a made-up person is: as the longest of people, nearly.

    Never shorter than a row of -1 and 1: that is what public scaling makes of an extreme person.
    """
    lengths = np.linalg.norm(lessons.rows, axis=1)
    return float(max(np.quantile(lengths, _TYPICAL), np.sqrt(lessons.rows.shape[1])))


def apart(count: int, columns: int, rng: np.random.Generator) -> Floats:
    """Return directions of length one, shape (count, columns), at right angles where they can be.

    Where there are more of them than columns, each set of as many as there are columns is at
    right angles in itself.
    """
    sets = []
    for _ in range(-(-count // columns)):
        turned, stretch = np.linalg.qr(rng.standard_normal((columns, columns)))
        sets.append((turned * np.sign(np.diag(stretch))).T)
    return np.vstack(sets)[:count]


def made_up(rows: Floats, labels: NDArray[np.float64], like: Lessons) -> Lessons:
    """Return what made-up people teach: the most extreme score on their side of the cut-off."""
    scale = like.scale
    severe, mild = (scale.highest, scale.lowest) if scale.rising else (scale.lowest, scale.highest)
    return replace(
        like,
        ids=tuple(f"canary-{number:05d}" for number in range(len(rows))),
        rows=rows,
        totals=np.where(labels > 0, severe, mild),
        labels=labels,
    )
