"""Variables outside scales: their place beside the scales, the order of categories, gaps."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.dp.noise import seeded
from mindveil.synthesise.block_factors import solved
from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.dp_outside import measure_outside
from mindveil.synthesise.dp_scales import Lengths, Scales, Standing

ITEMS = tuple(
    Variable(name=f"q{i}", kind="ordinal", levels=tuple("0123"), block="s") for i in range(8)
)
GROUP = Variable(name="group", kind="nominal", levels=("a", "b", "c", "d"))
AGE = Variable(name="age", kind="number", edges=(18.0, 30.0, 45.0, 60.0, 80.0))
LONG = Lengths(products=5.0, outside=5.0)


def table(people, seed, strength):
    """Return severity items, a group whose order of severity is c, a, d, b, and an age."""
    rng = np.random.default_rng(seed)
    severity = rng.standard_normal(people)
    items = 0.8 * severity[:, None] + 0.6 * rng.standard_normal((people, 8))
    place = np.digitize(strength * severity + rng.standard_normal(people), [-0.7, 0.0, 0.7])
    age = np.digitize(-strength * severity + rng.standard_normal(people), [-0.7, 0.0, 0.7])
    group = np.array([2, 0, 3, 1])[place]
    return np.column_stack([np.digitize(items, [-0.7, 0.0, 0.7]), group, age]).astype(np.int16)


def measured(codes, rhos=(1e4, 1e4), item_gone=None):
    shares = [np.bincount(c[c >= 0], minlength=4) / (c >= 0).sum() for c in codes.T]
    held = Standing(
        codes=codes,
        codebook=Codebook(variables=(*ITEMS, GROUP, AGE)),
        people=float(len(codes)),
        margins=tuple(shares),
        scale_gone=np.zeros(1),
        item_gone=np.zeros(10) if item_gone is None else item_gone,
        margin_noise=0.01,
    )
    z = held.scores()[1]
    between = z.T @ z / len(z)
    factors = solved(np.ones((8, 1)), np.ones((8, 1)) * between, between, np.zeros((8, 0)))
    scales = Scales(factors=factors, between=between, gain=1.0)
    return measure_outside(held, scales, rhos, LONG, seeded(np.random.default_rng(0)))


def test_categories_are_put_in_the_order_of_their_severity():
    found = measured(table(4000, 1, 1.0))
    assert found.variables == (8, 9)
    assert found.orders[0].tolist() == [2, 0, 3, 1]
    assert found.orders[1].tolist() == [0, 1, 2, 3]
    # The group goes up with severity, age goes down, so they go against each other.
    assert found.with_scales[0, 0] > 0.3 > -0.3 > found.with_scales[1, 0]
    assert found.among[0, 1] < -0.25
    assert found.among[0, 1] == found.among[1, 0]


def test_what_has_nothing_to_do_with_severity_is_given_nothing():
    found = measured(table(4000, 2, 0.0))
    assert np.abs(found.with_scales).max() < 0.05
    assert abs(found.among[0, 1]) < 0.05


def test_noise_does_not_become_a_finding():
    """With hardly any budget, categories of nothing must not be ordered into a correlation."""
    found = measured(table(1000, 3, 0.0), rhos=(1e-3, 1e-3))
    assert np.abs(found.with_scales).max() < 0.4


def test_who_is_missing_has_a_curve_of_his_own():
    codes = table(6000, 4, 0.5)
    severe = codes[:, :8].sum(axis=1) > 14
    codes[severe & (np.random.default_rng(5).random(6000) < 0.6), 9] = -1
    gone = np.zeros(10)
    gone[9] = (codes[:, 9] < 0).mean()
    found = measured(codes, item_gone=gone)
    assert found.gaps == ((9,),)
    assert found.gap_shares.tolist() == [gone[9]]
    assert found.with_scales[2, 0] > 0.2
    assert found.with_scales.shape == (3, 1)
    assert found.among.shape == (3, 3)


@pytest.mark.parametrize("rhos", [(0.0, 1.0), (1.0, 0.0)])
def test_what_is_not_paid_for_is_not_measured(rhos):
    found = measured(table(500, 6, 1.0), rhos=rhos)
    if not rhos[0]:
        assert not found.with_scales.any()
    else:
        assert found.among.tolist() == np.eye(2).tolist()


def test_a_group_that_nearly_everybody_is_in_can_be_measured():
    codes = table(600, 4, 0.0)[:, :9]
    codes[:, 8] = 0
    codes[:3, 8] = 1
    margin = np.array([0.995, 0.005, 0.0, 0.0])
    held = Standing(
        codes=codes,
        codebook=Codebook(variables=(*ITEMS, GROUP)),
        people=600.0,
        margins=(*(np.full(4, 0.25) for _ in ITEMS), margin),
        scale_gone=np.zeros(1),
        item_gone=np.zeros(9),
        margin_noise=0.01,
    )
    between = np.eye(1)
    factors = solved(np.ones((8, 1)), np.ones((8, 1)), between, np.zeros((8, 0)))
    scales = Scales(factors=factors, between=between, gain=1.0)
    noise = seeded(np.random.default_rng(0))
    found = measure_outside(held, scales, (1.0, 0.0), Lengths(), noise)
    assert np.isfinite(found.with_scales).all()
