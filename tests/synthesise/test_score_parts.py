"""Parts of a known score: by hand, sums kept exactly, and weights that give what was wanted."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.synthesise.score_parts import Parts, added, calibrated, pick


def rng(seed=7):
    return np.random.default_rng(seed)


def items(*weights):
    tables = tuple(np.array(w, dtype=float) for w in weights)
    return Parts(values=tuple(added(t.shape[1], t.shape[1]) for t in tables), weights=tables)


def test_two_items_by_hand():
    # Sum 1 is (0, 1) with .5 x .2 or (1, 0) with .5 x .8: one in five has answered (0, 1).
    parts = items([[0.5, 0.5]], [[0.8, 0.2]])
    nobody = np.zeros(20_000, dtype=np.int64)
    drawn = parts.draw(nobody, nobody + 1, rng())
    assert drawn.sum(axis=1).tolist() == [1] * 20_000
    assert (drawn[:, 1] == 1).mean() == pytest.approx(0.2, abs=0.01)
    shares = parts.shares(np.array([[0.0, 1.0, 0.0]]))
    assert shares[0] == pytest.approx(np.array([[0.2, 0.8]]))
    assert shares[1] == pytest.approx(np.array([[0.8, 0.2]]))


def test_an_item_without_answer_adds_nothing():
    parts = Parts(
        values=(added(2, 3), added(2, 2)),
        weights=(np.array([[0.0, 0.0, 1.0]]), np.array([[0.5, 0.5]])),
    )
    drawn = parts.draw(np.zeros(2, dtype=np.int64), np.array([0, 1]), rng())
    assert drawn.tolist() == [[2, 0], [2, 1]]


@settings(max_examples=40)
@given(seed=st.integers(0, 1000), sizes=st.lists(st.integers(2, 4), min_size=1, max_size=5))
def test_every_sum_is_kept_and_shares_are_those_of_all_answers(seed, sizes):
    source = rng(seed)
    parts = items(*[source.dirichlet(np.ones(size), 2) + 0.01 for size in sizes])
    group = source.integers(0, 2, 200)
    total = source.integers(0, parts.most + 1, 200)
    assert (parts.draw(group, total, source).sum(axis=1) == total).all()
    given_sums = source.dirichlet(np.ones(parts.most + 1), 2)
    due = [np.zeros_like(w) for w in parts.weights]
    for g in range(2):
        joint = {
            cells: np.prod([w[g, c] for w, c in zip(parts.weights, cells, strict=True)])
            for cells in itertools.product(*map(range, sizes))
        }
        of_sum = np.zeros(parts.most + 1)
        for cells, chance in joint.items():
            of_sum[sum(cells)] += chance
        for cells, chance in joint.items():
            for part, cell in enumerate(cells):
                due[part][g, cell] += chance / of_sum[sum(cells)] * given_sums[g, sum(cells)]
    for found, expected in zip(parts.shares(given_sums), due, strict=True):
        assert found == pytest.approx(expected, abs=1e-9)


def test_calibrated_weights_give_back_the_shares_of_real_answers():
    source = rng()
    latent = source.standard_normal((4000, 1)) + source.standard_normal((4000, 6))
    answers = np.digitize(latent, (-0.5, 0.5, 1.5))
    sums = answers.sum(axis=1)
    group = (sums > 8).astype(np.int64)
    wanted = [
        np.stack([np.bincount(a[group == g], minlength=4) / (group == g).sum() for g in (0, 1)])
        for a in answers.T
    ]
    of_sum = np.stack([np.bincount(sums[group == g], minlength=19) for g in (0, 1)])
    parts = calibrated([added(4, 4)] * 6, wanted, of_sum / of_sum.sum(axis=1, keepdims=True))
    for found, due in zip(parts.shares(of_sum / of_sum.sum(axis=1)[:, None]), wanted, strict=True):
        assert found == pytest.approx(due, abs=0.01)
    drawn = parts.draw(group, sums, source)
    assert (drawn.sum(axis=1) == sums).all()
    assert drawn.var(axis=0).sum() == pytest.approx(answers.var(axis=0).sum(), rel=0.03)


def test_noisy_shares_that_do_not_fit_the_sum_are_tilted_until_they_do():
    wanted = [np.array([[0.9, 0.1]]), np.array([[0.8, 0.2]])]
    given_sums = np.array([[0.1, 0.4, 0.5]])
    parts = calibrated([added(2, 2)] * 2, wanted, given_sums)
    assert sum(s[0, 1] for s in parts.shares(given_sums)) == pytest.approx(1.4)
    assert parts.shares(given_sums)[1][0, 1] > parts.shares(given_sums)[0][0, 1]


def test_an_empty_answer_is_raised_so_that_every_sum_can_be_reached():
    parts = calibrated([added(2, 2)] * 2, [np.array([[1.0, 0.0]])] * 2, np.array([[0.9, 0.0, 0.1]]))
    assert parts.draw(np.array([0]), np.array([2]), rng()).tolist() == [[1, 1]]


def test_pick_follows_weights_and_never_takes_an_empty_column():
    weights = np.tile([0.0, 1.0, 3.0, 0.0], (20_000, 1))
    drawn = pick(weights, rng())
    assert set(drawn.tolist()) == {1, 2}
    assert (drawn == 2).mean() == pytest.approx(0.75, abs=0.015)
