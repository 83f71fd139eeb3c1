from __future__ import annotations

import numpy as np
import pytest

from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.gan_moments import LEAST_SPREAD, lesson_of

LEVELS = ("0", "1", "2")
BOOK = Codebook(
    variables=(
        Variable(name="a", kind="ordinal", levels=LEVELS, block="x"),
        Variable(name="b", kind="ordinal", levels=LEVELS, block="x", may_miss=True),
        Variable(name="land", kind="nominal", levels=("p", "q")),
    )
)
CODES = np.array([[0, 0, 0], [1, 1, 0], [2, 2, 1], [1, -1, 1]], dtype=np.int16)


def test_a_table_worked_by_hand():
    lesson = lesson_of(CODES, BOOK)
    # a >= 1, 2 | b >= 1, 2 | land p, q | b gone
    assert lesson.margins.tolist() == [0.75, 0.25, 0.5, 0.25, 0.5, 0.5, 0.25]
    # b's gap is filled with 1: scores 0, 2, 4, 2. The median is 2, so that 3 or more is high.
    assert lesson.sums[0].cut == 3.0
    assert lesson.cells.tolist() == [0, 0, 1, 0]
    assert lesson.shares.tolist() == [0.75, 0.25]
    assert lesson.centre.tolist() == [1.0, 1.0, 0.5, 0.5, 0.25, 2.0]
    at = dict(zip(lesson.scores[0].tolist(), lesson.reached[0].tolist(), strict=True))
    assert at[2.0] == 0.75
    assert at[4.0] == 0.25


def test_second_moments_are_correlations():
    lesson = lesson_of(CODES, BOOK)
    features = np.array(
        [[0, 0, 1, 0, 0, 0], [1, 1, 1, 0, 0, 2], [2, 2, 0, 1, 0, 4], [1, 1, 0, 1, 1, 2]]
    )
    assert lesson.second == pytest.approx(np.corrcoef(features.T))


def test_pairs_that_share_a_variable_tell_nothing_but_a_scales_own_square():
    told = lesson_of(CODES, BOOK).told > 0
    # Features: a, b, land p, land q, b gone, score.
    assert told.astype(int).tolist() == [
        [0, 1, 1, 1, 1, 0],
        [1, 0, 1, 1, 0, 0],
        [1, 1, 0, 0, 1, 1],
        [1, 1, 0, 0, 1, 1],
        [1, 0, 1, 1, 0, 0],
        [0, 0, 1, 1, 0, 1],
    ]


def test_rare_answers_do_not_weigh_more_than_frequent_ones():
    codes = np.zeros((1000, 3), dtype=np.int16)
    codes[0, 2] = 1
    assert lesson_of(codes, BOOK).spread.min() == LEAST_SPREAD
