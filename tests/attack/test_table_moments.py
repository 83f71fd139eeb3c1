"""Moments of a table: by hand, and as many as there is room for."""

from __future__ import annotations

import numpy as np
import pytest
from tests.attack.tables import cohort
from tests.attack.test_table_space import toy

from mindveil.attack.table_moments import MOST_MOMENTS, moments_of
from mindveil.attack.table_space import rows_of


def test_by_hand():
    people = toy(*[(20.0, "a", "low", 0), (30.0, "a", "high", 2)] * 3, (40.0, "b", "high", 2))
    space, (rows,) = rows_of(people)
    moments = moments_of(space, rows, np.random.default_rng(0))
    values = moments.values(rows)
    # Age, town, school and the item: a town is one value, by how severe its people are.
    assert values.shape == (7, 4)
    assert values.mean(axis=0) == pytest.approx(0)
    assert values.std(axis=0) == pytest.approx(1)
    sums = moments.sums(rows)
    # Two cuts of age, one of each town, of school and of the item; ten products.
    assert sums.shape == (7, 4 + 6 + 10)
    assert sums[:, :4] == pytest.approx(values, abs=1e-6)
    assert (np.abs(sums[0, 4:10]) <= 1).all()
    products = {round(float(x), 5) for x in sums[0, 10:]}
    wanted = {round(float(values[0, i] * values[0, j]), 5) for i in range(4) for j in range(i)}
    assert wanted <= products
    assert round(float(values[0, 0] ** 2 / np.sqrt(2)), 5) in products
    many = np.tile(rows, (900, 1))
    assert moments.mean(many) == pytest.approx(sums.mean(axis=0, dtype=np.float64), abs=1e-5)
    # Means of ordered and of nominal columns, products of ordered ones, products with a town.
    assert np.bincount(moments.groups).tolist() == [3 + 4, 1 + 2, 6, 4]


def test_of_many_columns_some_products_are_drawn():
    rng = np.random.default_rng(1)
    space, (rows,) = rows_of(cohort(60, rng, items=80))
    moments = moments_of(space, rows, rng)
    assert moments.sums(rows).shape[1] == len(moments.groups) == MOST_MOMENTS
    pairs = set(zip(*(p.tolist() for p in moments.pairs), strict=True))
    assert len(pairs) == len(moments.pairs[0])
