"""Ways of comparing that are learned: long rows in their principal axes."""

from __future__ import annotations

import numpy as np

from mindveil.attack.back_ends import Projection, lda
from mindveil.attack.practice import Axes, lesson_of


def test_long_rows_are_learned_from_in_their_principal_axes():
    rng = np.random.default_rng(0)
    who = np.repeat(np.arange(12), 4)
    axes = rng.normal(size=(3, 900))
    rows = rng.normal(size=(12, 3))[who] @ axes + 2 * rng.normal(size=(48, 1)) @ rng.normal(
        size=(1, 900)
    )
    lesson = lesson_of(rows, [f"P{w}" for w in who], 1.0, Axes.of(rows))
    assert lesson is not None
    assert len(lesson.spread.centre) < 60
    found = lesson.back_end(lda)
    assert isinstance(found, Projection)
    assert found.matrix.shape[0] == found.centre.shape[0] == 900
    scores = found.score(rows, rows) - 2 * np.eye(48)
    assert (who[scores.argmax(axis=1)] == who).all()
