"""One figure over folds: whether releases follow their people, and the width that this leaves."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.evidence.pooled_figures import Seen, control_of, following, pooled


def fold(value, rng, *, new=None, old=None, people=range(100), spread=0.1):
    old = rng.normal(size=50) if old is None else old
    new = old if new is None else new
    return Seen(
        people=frozenset(map(str, people)),
        released={"x-change@s": np.append(value, value + rng.normal(scale=spread, size=400))},
        drawn={"x-change@s": rng.normal(scale=spread, size=400)},
        original={},
        control={"x-change@s": rng.normal(scale=spread, size=400)},
        told=(new, new, old, old),
    )


def rng():
    return np.random.default_rng(5)


def test_releases_that_repeat_their_people_follow_them():
    draw = rng()
    assert following([fold(0.0, draw) for _ in range(5)]) == pytest.approx(1.0)


def test_releases_of_strangers_do_not():
    draw = rng()
    folds = [fold(0.0, draw, new=draw.normal(size=50)) for _ in range(5)]
    assert following(folds) < 0.3


def test_halfway_is_in_between_and_never_overstated():
    draw = rng()
    told = []
    for _ in range(40):
        olds = [draw.normal(size=50) for _ in range(5)]
        told.append(
            following([fold(0.0, draw, new=o / 2 + draw.normal(size=50), old=o) for o in olds])
        )
    assert 0.2 < np.mean(told) < 0.5
    # a lower end: above the truth in few of many
    assert np.mean(np.array(told) > 0.5) <= 0.15


def test_margins_alone_are_not_enough():
    draw = rng()
    folds = []
    for _ in range(5):
        old = draw.normal(size=50)
        folds.append(
            Seen(
                people=frozenset("ab"), released={}, drawn={}, original={}, control={},
                told=(old, draw.normal(size=50), old, old),
            )
        )  # fmt: skip
    assert following(folds) < 0.3


def test_a_single_fold_says_nothing():
    assert following([fold(0.0, rng())] * 3) == 0.0


def test_the_doubt_of_the_people_counts_where_they_are_not_followed():
    draw = rng()
    folds = [fold(0.0, draw) for _ in range(5)]
    tight = pooled("x-change@s", folds, 1.0, rng())
    wide = pooled("x-change@s", folds, 0.0, rng())
    assert tight.value == wide.value == pytest.approx(0.0)
    # five draws of .1: 1.96 x .1 / sqrt(5); with one more draw of .1 beside them
    assert (tight.high - tight.low) / 2 == pytest.approx(1.96 * 0.1 / np.sqrt(5), rel=0.15)
    assert (wide.high - wide.low) / 2 == pytest.approx(1.96 * 0.1 * np.sqrt(1.2), rel=0.15)


def test_more_people_over_all_folds_leave_less_doubt_of_them():
    draw = rng()
    folds = [fold(0.0, draw, people=range(100 * i, 100 * i + 100), spread=0.1) for i in range(4)]
    seen = pooled("x-change@s", folds, 0.0, rng())
    assert seen.n == 400
    # one fold's doubt of .1 is .05 of four times the people
    reach = 1.96 * np.sqrt(0.1**2 / 4 + 0.05**2)
    assert (seen.high - seen.low) / 2 == pytest.approx(reach, rel=0.15)


def test_folds_that_differ_widen_the_interval():
    draw = rng()
    same = pooled("x-change@s", [fold(0.0, draw, spread=0.01) for _ in range(6)], 1.0, rng())
    apart = pooled("x-change@s", [fold(v, draw, spread=0.01) for v in (-0.3, 0.3) * 3], 1.0, rng())
    assert apart.high - apart.low > 10 * (same.high - same.low)


def test_what_does_not_exist_in_every_fold_is_no_figure():
    draw = rng()
    gone = fold(float("nan"), draw)
    assert pooled("x-change@s", [fold(0.0, draw), gone], 1.0, rng()) is None
    assert pooled("other", [fold(0.0, draw)], 1.0, rng()) is None
    assert control_of("other", [fold(0.0, draw)], 9) is None


def test_the_control_is_what_real_samples_differ_by():
    control = control_of("x-change@s", [fold(0.5, rng())], 100)
    assert control.value == pytest.approx(0.0, abs=0.02)
    assert control.high == pytest.approx(0.196, rel=0.15)
