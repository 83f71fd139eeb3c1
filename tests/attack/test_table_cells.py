"""Cells of a table and pairs of them, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.attack.tables import cohort
from tests.attack.test_table_space import toy

from mindveil.attack.table_cells import cells_of, indicators_of, pair_shares
from mindveil.attack.table_space import rows_of


def test_by_hand():
    people = toy((20.0, "a", "low", 0), (30.0, None, "high", None), (40.0, "b", "high", 2))
    space, (rows,) = rows_of(people)
    cells = cells_of(space, rows)
    codes = cells.codes(rows) - cells.first[:-1]
    # Age, town (a, b, neither), whether it is missing, school, the item, whether it is missing.
    assert codes[:, [0, 1, 2, 3, 5]].tolist() == [[0, 0, 0, 0, 0], [1, 2, 1, 1, 1], [2, 1, 0, 1, 0]]
    assert np.diff(cells.first).tolist() == [3, 3, 2, 2, 3, 2]
    told = indicators_of(cells.codes(rows), cells)
    assert told.shape == (3, cells.count)
    # The first and the third person differ in age, town, school and the item.
    assert ((told[0] - told[2]) ** 2).sum() == pytest.approx(4)
    shares = pair_shares(cells.codes(rows), cells, np.full((cells.count, cells.count), 0.5))
    high, town_b = cells.first[3] + 1, cells.first[1] + 1
    assert shares[high, town_b] == pytest.approx((1 + 0.5) / 4)
    assert shares[high, high] == pytest.approx((2 + 0.5) / 4)


def test_a_number_has_a_dozen_cells():
    space, (rows,) = rows_of(cohort(300, np.random.default_rng(0)))
    cells = cells_of(space, rows)
    codes = cells.codes(rows)
    assert len(np.unique(codes[:, 0])) == 12
    assert codes.max() < cells.count
    assert (codes >= cells.first[:-1]).all()
    assert (codes < cells.first[1:]).all()
