from __future__ import annotations

import numpy as np
import pytest

from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.gan_calibration import calibrated
from mindveil.synthesise.gan_gaps import Gaps
from mindveil.synthesise.gan_layout import layout_of
from mindveil.synthesise.gan_model import GanModel

BOOK = Codebook(
    variables=(
        Variable(name="q", kind="ordinal", levels=("0", "1", "2", "3"), may_miss=True),
        Variable(name="land", kind="nominal", levels=("a", "b", "c"), may_miss=True),
        Variable(name="p", kind="ordinal", levels=("0", "1")),
    )
)
GAPS = Gaps(groups=((0,), (1,)))
LAYOUT = layout_of(BOOK, GAPS)


def network(rng):
    outputs, inputs, hidden = LAYOUT.outputs, 4 + 2, 5
    made = {
        "skip": rng.standard_normal((inputs, outputs)),
        "bias": rng.standard_normal(outputs),
        "first": rng.standard_normal((inputs, hidden)),
        "first.bias": rng.standard_normal(hidden),
        "second": rng.standard_normal((hidden, hidden)),
        "second.bias": rng.standard_normal(hidden),
        "last": rng.standard_normal((hidden, outputs)),
        "noise": np.array([0.5, 2.0]),
        "thresholds": rng.standard_normal(4),
        "cells": np.array([0.3, 0.7]),
    }
    return {name: w.astype(np.float32) for name, w in made.items()}


# q >= 1, 2, 3 | p >= 1 | land a, b, c | q gone, land gone; shares of all people.
MARGINS = np.array([0.6, 0.3, 0.0, 0.05, 0.5, 0.3, 0.1, 0.2, 0.1])


@pytest.mark.parametrize("seed", range(3))
def test_margins_are_met_whatever_the_network(seed):
    weights = calibrated(
        network(np.random.default_rng(seed)), LAYOUT, MARGINS, np.random.default_rng(9)
    )
    model = GanModel(codebook=BOOK, people=1, weights=weights, settings={}, gaps=GAPS)
    rows = LAYOUT.rows(model.draw(60_000, np.random.default_rng(8)))
    assert rows.mean(axis=0) == pytest.approx(MARGINS, abs=0.012)


def test_thresholds_rise_and_nothing_else_moves():
    weights = network(np.random.default_rng(1))
    made = calibrated(weights, LAYOUT, MARGINS, np.random.default_rng(9))
    assert np.all(np.diff(made["thresholds"][:3]) >= 0)
    for name in set(weights) - {"bias", "thresholds"}:
        assert np.array_equal(made[name], weights[name])
    assert np.array_equal(made["bias"][:2], weights["bias"][:2])
