"""Rest scores and screeners: who is a case, from which items, and what destroyed answers show."""

from __future__ import annotations

import numpy as np
import pytest
from tests.utility.answers import table

from mindveil.errors import InputError, InvalidMeasurement
from mindveil.utility.screening import PART_WHOLE, RestScore, Screener


def corpus(rows, tool="phq9", prefix="P"):
    return table({tool: rows}, prefix=prefix)


def answers(people, rng, items=9, shift=0.0):
    trait = rng.normal(size=(people, 1)) + shift
    noise = rng.normal(scale=0.7, size=(people, items))
    return np.clip(np.round(trait + noise + 1.0), 0, 3).astype(int).tolist()


def shuffled(rows, rng):
    return rng.permuted(np.array(rows), axis=0).tolist()


def rng():
    return np.random.default_rng(8)


def right(made):
    return float(((made.predicted >= 0.5) == (made.truth > 0)).mean())


def test_the_label_is_the_rest_by_hand():
    # items 1-4 are asked; the rest is items 5-9 at a cut of 6 (10 x 5/9 = 5.6)
    learn = corpus([[3] * 9] * 6 + [[0] * 9] * 6)
    check = corpus([[0, 0, 0, 0, 2, 2, 2, 0, 0], [3, 3, 3, 3, 1, 1, 1, 1, 1]])
    made = RestScore(target="phq9>=10").predict(learn, check, rng())
    assert made.truth.tolist() == [1.0, 0.0]
    assert (made.predicted >= 0.5).tolist() == [False, True]
    assert made.guess.tolist() == [0.5, 0.5]
    # the same people's full scores are 6 and 17
    whole = Screener(target="phq9>=10").predict(learn, check, rng())
    assert whole.truth.tolist() == [0.0, 1.0]


def test_items_that_lean_the_other_way_are_turned():
    # items 4, 5, 7 and 8 of the PSS-10 are reversed: 0 there is much stress
    ill, well = [4, 4, 4, 0, 0, 4, 0, 0, 4, 4], [0, 0, 0, 4, 4, 0, 4, 4, 0, 0]
    learn = corpus([ill] * 6 + [well] * 6, "pss10")
    made = RestScore(target="pss10>=20").predict(learn, corpus([ill, well], "pss10"), rng())
    assert made.truth.tolist() == [1.0, 0.0]
    assert (made.predicted >= 0.5).tolist() == [True, False]


def test_doubled_sums_keep_their_cut():
    # the short DASS doubles: items 1, 0 ... of the rest count 2 each
    ill, well = [0] * 21, [0] * 21
    for item in (13, 16, 17, 21):
        ill[item - 1] = 1  # rest sum 4, doubled 8; cut 14 x 4/7 = 8
    learn = corpus([[3] * 21] * 6 + [[0] * 21] * 6, "dass21")
    made = RestScore(target="dass21.depression>=14").predict(
        learn, corpus([ill, well], "dass21"), rng()
    )
    assert made.truth.tolist() == [1.0, 0.0]


def test_people_with_gaps_are_told_where_the_scale_allows_it():
    learn = corpus([[3] * 9] * 6 + [[0] * 9] * 6)
    some = [
        [3, None, 3, 3, 3, None, 3, 3, 3],  # one of five missing: the rule allows 2 of 9, so 1
        [3, 3, 3, 3, None, None, 3, 3, 3],  # two of five: no rest score
        [None] * 4 + [3] * 5,  # nothing asked
    ]
    made = RestScore(target="phq9>=10").predict(learn, corpus(some), rng())
    assert made.ids == ("P00000",)
    assert made.truth.tolist() == [1.0]


def test_banded_answers_of_a_release_teach():
    bands = [["2-3"] * 9] * 8 + [["0-1"] * 9] * 8
    made = RestScore(target="phq9>=10").predict(corpus(bands), corpus([[3] * 9, [0] * 9]), rng())
    assert (made.predicted >= 0.5).tolist() == [True, False]


def test_what_hangs_together_is_found_and_what_does_not_is_not():
    draw = rng()
    rows, held = answers(600, draw), corpus(answers(400, draw), prefix="T")
    task = RestScore(target="phq9>=10")
    kept = task.predict(corpus(rows), held, draw)
    lost = task.predict(corpus(shuffled(rows, draw)), held, draw)
    assert right(kept) > 0.8
    # nothing to learn from: everybody gets the share of cases, give or take
    assert np.ptp(lost.predicted) < 0.35
    assert set(kept.ids) == set(held.ids)


def test_a_screener_is_never_called_detection():
    task = Screener(target="phq9>=10")
    assert task.name == "screener/phq9>=10"
    assert "part-whole" in task.remark == PART_WHOLE
    assert "detect" not in task.name


def test_what_cannot_be_asked_is_said():
    with pytest.raises(InvalidMeasurement, match="nobody answered"):
        RestScore(target="phq9>=10").predict(corpus([[1] * 7], "gad7"), corpus([[1] * 9]), rng())
    with pytest.raises(InvalidMeasurement, match="0 of 12 people"):
        RestScore(target="phq9>=10").predict(corpus([[0] * 9] * 12), corpus([[1] * 9]), rng())
    with pytest.raises(InputError, match="not in the table"):
        RestScore(target="own>=2").predict(corpus([[1] * 9]), corpus([[1] * 9]), rng())
