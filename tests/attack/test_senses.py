"""Ways of comparing: recordings one by one or their mean, and channels that have nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mindveil.attack.groups import Group, by_direction
from mindveil.attack.senses import Way


def test_nothing_is_compared_with_what_was_not_seen_at_all():
    released, known = look_of(np.full((2, 1), np.nan)), look_of(np.eye(4))
    way = Way(channel="any", side="original", back_end=None)
    queries = [Group(person="r", rows=(0, 1))]
    people = [Group(person=f"P{i}", rows=(i,)) for i in range(4)]
    assert way.score(released, queries, known, people).tolist() == [[-np.inf] * 4]
    assert way.score(known, people, released, queries).tolist() == [[-np.inf]] * 4


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
