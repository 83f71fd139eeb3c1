"""A line from noisy sums: exact where there is no noise, modest where there is much."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.train.taught_people import PHQ9

from mindveil.train.linear_head import PROBIT
from mindveil.train.moments import SHARES, contributions, moments_of
from mindveil.train.noisy_line import (
    LEAST_COUNT,
    SPREAD,
    Lines,
    head_of,
    lines_of,
    log_odds_of,
)


def lines_from(rows, severity, sigma=1e-9, penalty=1e-9):
    sums = contributions(rows, severity, SHARES).sum(axis=0)[None]
    return lines_of(moments_of(sums, rows.shape[1], SHARES, sigma), penalty)


def test_without_noise_it_is_the_line_of_least_squares():
    # Twenty people on the line severity = .1 + .5 x.
    rows = np.linspace(-1, 1, 20)[:, None]
    found = lines_from(rows, 0.1 + 0.5 * rows[:, 0])
    assert found.weights[0].tolist() == pytest.approx([0.5])
    assert found.middle.tolist() == pytest.approx([0.1])
    assert found.count.tolist() == [20.0]
    assert found.spread[0] < SPREAD


def test_several_columns_agree_with_least_squares():
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(400, 3)) / 5
    severity = np.clip(rows @ [1.0, -0.5, 0.2] + 0.2 + 0.3 * rng.normal(size=400), -1, 1)
    full = np.hstack([rows, np.ones((400, 1))])
    best = np.linalg.lstsq(full, severity, rcond=None)[0]
    found = lines_from(rows, severity)
    assert found.weights[0].tolist() == pytest.approx(best[:3].tolist(), abs=1e-4)
    assert found.middle[0] == pytest.approx(best[3], abs=1e-4)
    # Thirty people's worth of .45 is mixed into a spread of .3.
    assert found.spread[0] == pytest.approx(
        np.sqrt((400 * 0.3**2 + 30 * SPREAD**2) / 430), abs=0.03
    )


def test_under_much_noise_nothing_is_believed():
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(50, 4)) / 6
    severity = np.clip(rows.sum(axis=1) * 3, -1, 1)
    sums = contributions(rows, severity, SHARES).sum(axis=0)[None] * np.ones((500, 1))
    sums += 40.0 * rng.normal(size=sums.shape)
    found = lines_of(moments_of(sums, 4, SHARES, 40.0), 2.0)
    assert np.all((found.spread >= 0.2) & (found.spread <= 1.0))
    assert np.all(np.abs(found.middle) < 3.0)
    # Said of a person with a row of length 1: less than a unit of severity, most of the time.
    assert np.median(np.linalg.norm(found.weights, axis=1)) < 0.5


@given(
    seed=st.integers(0, 5000),
    people=st.sampled_from([0, 1, 2, 20]),
    columns=st.integers(1, 6),
    sigma=st.floats(0.01, 1e6),
)
def test_few_people_and_any_noise_give_finite_lines(seed, people, columns, sigma):
    rng = np.random.default_rng(seed)
    rows = rng.uniform(-1, 1, size=(people, columns)) / columns
    sums = contributions(rows, rng.uniform(-2, 2, people), SHARES).sum(axis=0)[None]
    sums = sums + sigma * rng.normal(size=sums.shape)
    found = lines_of(moments_of(sums, columns, SHARES, sigma), 2.0)
    for part in (found.middle, found.weights, found.spread, found.count):
        assert np.isfinite(part).all()
    assert found.count[0] >= 1.0
    assert LEAST_COUNT > 0


def test_the_head_says_what_the_line_expects():
    lines = Lines(
        middle=np.array([0.1]),
        weights=np.array([[0.5, -0.25]]),
        spread=np.array([0.4]),
        count=np.array([20.0]),
    )
    rows = np.array([[0.8, 0.6], [0.0, 0.2]])
    head = head_of(lines, PHQ9, 2.0)
    # .1 + .4 - .15 = .35 and .1 - .05 = .05, in spreads of .4; ten points a severity.
    assert log_odds_of(lines, rows)[:, 0].tolist() == pytest.approx(
        [PROBIT * 0.35 / 0.4, PROBIT * 0.05 / 0.4]
    )
    assert head.log_odds(2 * rows).tolist() == pytest.approx(
        log_odds_of(lines, rows)[:, 0].tolist()
    )
    assert head.severity(2 * rows).tolist() == pytest.approx([13.0, 10.0])
