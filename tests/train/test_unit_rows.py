"""Nobody is further out than the unit ball, the constant included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.train.unit_rows import CONSTANT, bound_of, unit_rows, with_constant


def test_two_people_by_hand():
    # Four columns at reach .5: rows up to a length of 1 stay, the longer one is halved.
    assert bound_of(4, 0.5) == 1.0
    rows = np.array([[1.0, 1.0, 1.0, 1.0], [0.1, 0.0, 0.0, 0.2]])
    assert unit_rows(rows, 0.5).round(9).tolist() == [[0.5] * 4, [0.1, 0.0, 0.0, 0.2]]
    full = with_constant(unit_rows(rows, 0.5))
    assert full[:, -1].tolist() == [CONSTANT, CONSTANT]
    assert np.square(full[0]).sum() == pytest.approx(1.0)


@given(seed=st.integers(0, 1000), columns=st.integers(1, 30), size=st.floats(1e-3, 1e6))
def test_nobody_is_outside_and_nobody_depends_on_another(seed, columns, size):
    rows = np.random.default_rng(seed).standard_cauchy((8, columns)) * size
    full = with_constant(unit_rows(rows, 0.7))
    assert np.square(full).sum(axis=1).max() <= 1.0 + 1e-12
    one = with_constant(unit_rows(rows[3:4], 0.7))
    assert one.tobytes() == full[3:4].tobytes()
