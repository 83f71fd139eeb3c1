from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.gan_gaps import Gaps, Repeat, found_gaps, gaps_from_json, gaps_to_json

BOOK = Codebook(
    variables=(
        Variable(name="asked", kind="ordinal", levels=("no", "yes")),
        *(
            Variable(name=n, kind="ordinal", levels=("0", "1"), block=block, may_miss=True)
            for n, block in (("a1", "a"), ("a2", "a"), ("b1", "b"), ("b2", "b"), ("lone", ""))
        ),
    )
)


def table(*rows):
    return np.array(rows, dtype=np.int16)


def test_scales_that_are_missing_together_are_one_gap_and_what_is_missing_besides_another():
    codes = table(
        [0, -1, -1, -1, -1, -1],
        [1, 0, 1, 0, -1, -1],
        [1, 1, 1, -1, 1, 0],
        [1, 0, 0, 0, -1, 1],
    )
    gaps = found_gaps(codes, BOOK)
    assert gaps.groups == ((1, 2, 3, 4), (3,), (4,), (5,))
    assert gaps.repeats == (Repeat(variable=0, codes=(0, 1), groups=(0,)),)


def test_a_scale_that_is_missing_alone_is_a_gap_of_its_own():
    codes = table([1, -1, -1, 0, 0, 0], [0, 0, 0, -1, -1, 0], [1, 1, 1, 1, 1, 1])
    gaps = found_gaps(codes, BOOK)
    assert gaps.groups == ((1, 2), (3, 4))
    assert gaps.repeats == (Repeat(variable=0, codes=(0, 1), groups=(1,)),)


def test_how_many_visits_there_were_is_told_by_what_is_missing():
    visits = Variable(name="visits", kind="ordinal", levels=("0", "1", "2", "3"))
    later = [
        Variable(name=n, kind="ordinal", levels=("0", "1"), block=n[0], may_miss=True)
        for n in ("x1", "x2", "y1", "y2")
    ]
    codes = table([1, -1, -1, -1, -1], [2, 0, 1, -1, -1], [3, 1, 0, 0, 1], [3, 1, 1, 0, 1])
    gaps = found_gaps(codes, Codebook(variables=(visits, *later)))
    assert gaps.groups == ((1, 2), (3, 4))
    assert gaps.repeats == (Repeat(variable=0, codes=(1, 2, 3), groups=(0, 1)),)


def test_a_full_table_has_no_gaps():
    assert found_gaps(np.zeros((5, 6), dtype=np.int16), BOOK) == Gaps()


def test_what_nobody_answered_repeats_nothing():
    codes = table([0, 0, 0, 0, 0, -1], [0, 1, 1, 1, 1, -1])
    assert found_gaps(codes, BOOK) == Gaps(groups=((5,),))


@given(st.lists(st.lists(st.integers(-1, 1), min_size=5, max_size=5), min_size=1, max_size=12))
def test_every_gap_of_every_person_is_told_and_comes_back_from_disk(answers):
    codes = np.column_stack([np.ones(len(answers)), answers]).astype(np.int16)
    gaps = found_gaps(codes, BOOK)
    told = np.zeros(codes.shape, dtype=bool)
    for group in gaps.groups:
        gone = (codes[:, list(group)] < 0).all(axis=1)
        assert gone.any()
        told[np.ix_(gone, np.array(group))] = True
    assert np.array_equal(told, codes < 0)
    assert gaps_from_json(json.loads(json.dumps(gaps_to_json(gaps))), BOOK) == gaps
