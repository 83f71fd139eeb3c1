"""Surfaces that are known everywhere: what share of their frontier few points show."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mindveil.evidence.design import Seen, first_points, forecast, next_points
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.hypervolume import covered


def estimate(value, reach=0.05):
    return Estimate(value=value, low=value - reach, high=value + reach, n=100)


def surface(shape, rng, noise=0.01):
    """Return the places of a grid, and a risk and a use that fall with every setting."""
    places = list(itertools.product(*map(range, shape)))
    unit = np.array(places) / np.maximum(np.array(shape) - 1, 1)
    pull, cost = rng.gamma(1.0, 2.0, len(shape)), rng.gamma(1.0, 0.05, len(shape))
    bend = rng.uniform(0.4, 2.5, len(shape))
    risk = 1 / (1 + np.exp(-(2.0 - (unit**bend) @ pull + rng.normal(0, 0.1, len(places)))))
    use = 0.85 - (unit ** (1 / bend)) @ cost + rng.normal(0, noise, len(places))
    return places, [Seen(risk=estimate(r), use=estimate(u)) for r, u in zip(risk, use, strict=True)]


def area(seen):
    return float(covered(*(np.array(v) for v in zip(*seen, strict=True)), 0.5))


def both(seen):
    return seen.risk.value, seen.use.value


def explored(places, truth, budget, first):
    tried = first_points(places, first)
    while len(tried) < budget:
        seen = {i: truth[i] for i in tried}
        more = next_points(places, seen, tried, 1, 0.5)
        if not more:
            break
        tried += more
    return tried


@pytest.mark.parametrize(
    ("places", "count", "chosen"),
    [
        ([(0,), (1,), (2,), (3,), (4,)], 3, {0, 4, 2}),
        ([(0, 0), (0, 1), (1, 0), (1, 1)], 4, {0, 1, 2, 3}),
        ([(0, 0), (0, 1), (1, 0)], 2, {0, 1}),
        ([(0, 0)], 5, {0}),
    ],
)
def test_the_first_points_hold_the_ends_and_span_the_room(places, count, chosen):
    assert set(first_points(places, count)) == chosen


def test_what_is_measured_anyhow_comes_first_and_counts():
    assert first_points([(0,), (1,), (2,), (3,)], 3, [1]) == [1, 0, 3]


def test_an_additive_surface_is_foretold_from_its_corners():
    places = list(itertools.product(range(3), range(3)))
    use = {p: 0.9 - 0.1 * p[0] - 0.02 * p[1] for p in places}
    seen = {
        i: Seen(risk=estimate(0.5, 0.01), use=estimate(use[p], 0.001))
        for i, p in enumerate(places)
        if p in {(0, 0), (2, 0), (0, 2), (2, 2)}
    }
    told = forecast(places, seen)[1]
    assert told.mean == pytest.approx([use[p] for p in places], abs=0.02)
    corner, middle = places.index((0, 0)), places.index((1, 1))
    assert told.deviation[corner] < told.deviation[middle]


def test_it_stops_where_nothing_can_gain():
    places = [(i,) for i in range(9)]
    flat = Seen(risk=estimate(0.3, 1e-4), use=estimate(0.8, 1e-4))
    assert next_points(places, dict.fromkeys(range(0, 9, 2), flat), range(0, 9, 2), 3, 0.5) == []


def test_nothing_is_chosen_without_figures_or_without_open_points():
    assert next_points([(0,), (1,)], {}, [0], 2, 0.5) == []
    one = Seen(risk=estimate(0.3), use=estimate(0.8))
    assert next_points([(0,), (1,)], {0: one, 1: one}, [0, 1], 2, 0.5) == []


def test_a_round_chooses_each_point_once_and_the_same_again():
    places, truth = surface((4, 3, 3), np.random.default_rng(4))
    seen = {i: truth[i] for i in first_points(places, 8)}
    chosen = next_points(places, seen, list(seen), 4, 0.5)
    assert len(set(chosen)) == len(chosen) <= 4
    assert not set(chosen) & set(seen)
    assert next_points(places, seen, list(seen), 4, 0.5) == chosen


@pytest.mark.parametrize("shape", [(4, 4), (4, 3, 3), (2, 2, 2, 2, 2)])
def test_two_fifths_of_the_cells_show_nearly_all_of_the_frontier_and_luck_does_not(shape):
    shares, by_luck = [], []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        places, truth = surface(shape, rng)
        budget, whole = int(0.4 * len(places)), area(map(both, truth))
        tried = explored(places, truth, budget, len(shape) + 1)
        assert len(tried) <= budget
        shares.append(area(both(truth[i]) for i in tried) / whole)
        lucky = rng.choice(len(places), budget, replace=False)
        by_luck.append(area(both(truth[i]) for i in lucky) / whole)
    assert np.mean(shares) > 0.96
    assert np.mean(shares) > np.mean(by_luck) + 0.02
    assert min(shares) > 0.85
