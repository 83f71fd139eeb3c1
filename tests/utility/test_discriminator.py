"""Which table is it from: copies and the same people cannot be told, another shape can."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mindveil.errors import InvalidMeasurement
from mindveil.utility.discriminator import told_apart


def table(people, rng, r=0.7, items=6):
    shared = rng.normal(size=(people, 1))
    return np.sqrt(r) * shared + np.sqrt(1 - r) * rng.normal(size=(people, items))


def area(one, two):
    return roc_auc_score([1] * len(one) + [0] * len(two), np.concatenate([one, two]))


def test_a_copy_is_not_told_from_what_it_copies():
    rng = np.random.default_rng(1)
    rows = table(400, rng)
    made = told_apart(rows, rows.copy(), rng)
    assert made.released == pytest.approx(made.original)
    assert area(made.released, made.original) == pytest.approx(0.5)


def test_people_of_the_same_kind_are_not_told_apart():
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        made = told_apart(table(300, rng), table(300, rng), rng)
        found.append((area(made.released, made.original), area(made.one_half, made.other_half)))
    assert np.mean(found, axis=0) == pytest.approx(0.5, abs=0.03)


def test_answers_that_no_longer_hang_together_are_seen():
    rng = np.random.default_rng(2)
    rows = table(600, rng)
    made = told_apart(rng.permuted(rows, axis=0), rows, rng)
    assert area(made.released, made.original) > 0.85
    assert area(made.one_half, made.other_half) < 0.6


def test_gaps_are_seen_and_do_not_break_it():
    rng = np.random.default_rng(3)
    rows, holed = table(300, rng), table(300, rng)
    holed[rng.random(300) < 0.5, 2] = np.nan
    made = told_apart(holed, rows, rng)
    assert area(made.released, made.original) > 0.7
    empty = np.full((300, 6), np.nan)
    assert (
        area(*[getattr(told_apart(empty, rows, rng), k) for k in ("released", "original")]) > 0.99
    )


def test_too_few_records_are_refused():
    with pytest.raises(InvalidMeasurement, match="9 released and 50 original"):
        told_apart(np.zeros((9, 2)), np.zeros((50, 2)), np.random.default_rng(0))
