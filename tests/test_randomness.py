from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mindveil.randomness import stream


@given(st.integers(0, 2**40), st.lists(st.text(), max_size=4))
def test_a_purpose_has_one_stream(seed, purpose):
    assert stream(seed, *purpose).integers(2**60) == stream(seed, *purpose).integers(2**60)


def test_other_seeds_purposes_and_word_boundaries_give_other_streams():
    draws = {
        int(stream(seed, *purpose).integers(2**60))
        for seed in (0, 1)
        for purpose in (("a", "b"), ("ab",), ("b", "a"), ("a",), ())
    }
    assert len(draws) == 10


def test_the_stream_is_frozen():
    # A change here changes every number of every user's study.
    drawn = stream(20261122, "folds", "0").integers(10**6, size=3)
    assert drawn.tolist() == [507463, 783107, 617674]
