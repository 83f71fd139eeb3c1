"""Ways of comparing that are learned: long rows, and recordings that are compared one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mindveil.attack.back_ends import Projection, lda
from mindveil.attack.groups import Group, by_direction
from mindveil.attack.practice import Axes, Way, lesson_of


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


@given(arrays(np.float64, (6, 5), elements=st.floats(-9, 9, allow_nan=False)))
def test_comparing_singly_never_scores_below_any_single_picture(rows):
    seen = look_of(rows)
    queries = [Group(person="r", rows=(0,))]
    one = Way(channel="any", side="original", back_end=None, changes=lambda r: [r])
    together = one.score(seen, queries, seen, [Group(person="a", rows=(1, 2, 3))])
    for row in (1, 2, 3):
        assert together >= one.score(seen, queries, seen, [Group(person="a", rows=(row,))])


def look_of(rows):
    return by_direction(rows, [f"P{i}" for i in range(len(rows))])
