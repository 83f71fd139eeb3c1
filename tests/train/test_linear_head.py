"""A head that adds up says the same however many are asked, and comes back from its numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.train.taught_people import PHQ9

from mindveil.errors import InputError
from mindveil.train.base import Head, Scale
from mindveil.train.linear_head import LinearHead, shortened


def head(**changed):
    settings = {
        "weights": np.array([2.0, -1.0]),
        "intercept": 0.5,
        "slope": 0.2,
        "offset": 0.1,
        "scale": PHQ9,
    }
    return LinearHead(**{**settings, **changed})


def test_two_people_by_hand():
    rows = np.array([[1.0, 0.0], [0.0, 2.5]])
    # .5 + 2 = 2.5 and .5 - 2.5 = -2; severity .1 + .5 = .6 and .1 - .4 = -.3; 9.5 + 10 x that.
    assert head().log_odds(rows).tolist() == [2.5, -2.0]
    assert head().severity(rows).tolist() == pytest.approx([15.5, 6.5])


def test_long_rows_are_shortened_and_short_ones_are_not():
    rows = np.array([[30.0, 40.0], [0.3, 0.4]])
    short = head(bound=1.0).log_odds(rows)
    assert short.tolist() == pytest.approx([0.5 + 1.2 - 0.8, 0.5 + 0.6 - 0.4])


def test_a_score_that_falls_with_severity_and_the_ends_of_its_range():
    falling = Scale(lowest=0, highest=100, edge=49.5, rising=False)
    low = head(scale=falling).severity(np.array([[1.0, 0.0], [500.0, 0.0], [-500.0, 0.0]]))
    assert low.tolist() == pytest.approx([49.5 - 0.6 * falling.unit, 0.0, 100.0])


def test_it_is_a_head_and_comes_back_from_its_numbers():
    made = head(bound=1.5)
    assert isinstance(made, Head)
    facts = json.loads(json.dumps(made.facts()))
    back = LinearHead.from_parts(dict(made.tensors()), facts)
    rows = np.random.default_rng(1).normal(size=(20, 2))
    assert back.log_odds(rows).tobytes() == made.log_odds(rows).tobytes()
    assert back.severity(rows).tobytes() == made.severity(rows).tobytes()
    assert LinearHead.from_parts(made.tensors(), head().facts()).bound is None


@pytest.mark.parametrize(
    ("tensors", "facts"),
    [
        ({}, {}),
        ({"weights": np.array([np.nan, 1.0])}, {}),
        ({"weights": np.ones((2, 2))}, {}),
        ({}, {"intercept": None}),
        ({}, {"slope": True}),
        ({}, {"offset": float("inf")}),
        ({}, {"scale": 3}),
        ({}, {"bound": "far"}),
    ],
)
def test_a_broken_head_is_refused(tensors, facts):
    whole = {"weights": np.ones(2)} if facts else {}
    with pytest.raises(InputError):
        LinearHead.from_parts({**whole, **tensors}, {**head().facts(), **facts})


def test_rows_of_another_width_are_refused():
    for rows in (np.zeros((3, 3)), np.zeros(2)):
        with pytest.raises(InputError, match="do not fit a head of 2 columns"):
            head().log_odds(rows)


@given(seed=st.integers(0, 1000), people=st.integers(1, 40), bound=st.floats(0.1, 10.0))
def test_who_else_is_asked_changes_no_last_bit(seed, people, bound):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(people, 7)) * 10.0 ** rng.integers(-3, 3, size=(people, 1))
    made = head(weights=rng.normal(size=7), bound=bound)
    together = made.log_odds(rows)
    assert together.tolist() == [float(made.log_odds(row[None])[0]) for row in rows]
    length = np.sqrt(np.square(shortened(rows, bound)).sum(axis=1))
    assert np.all(length <= bound * (1 + 1e-12))


def test_rows_of_nothing_and_of_huge_numbers_stay_finite():
    rows = np.array([[0.0, 0.0], [1e200, -1e200], [5e-320, 0.0]])
    assert np.isfinite(shortened(rows, 1.0)).all()
    assert shortened(rows, 1.0)[1].tolist() == pytest.approx([2**-0.5, -(2**-0.5)])
