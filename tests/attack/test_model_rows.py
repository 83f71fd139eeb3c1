"""From a change of a head back to a row."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mindveil.attack.model_rows import rows_behind, standard, steadied, unit


def changed(rows, residuals, asked, rng):
    """What people change by their residuals and rows, through one matrix."""
    half = rng.normal(size=(rows.shape[1], 2 * rows.shape[1]))
    return (residuals[:, None] * rows) @ np.linalg.inv(half @ half.T) @ asked.T


@given(st.integers(0, 30))
def test_a_row_comes_back_up_to_sign_and_length(seed):
    rng = np.random.default_rng(seed)
    teachers, hidden = rng.normal(size=(40, 5)), rng.normal(size=(6, 5))
    asked = np.concatenate([rng.normal(size=(10, 5)), teachers])
    both = changed(np.concatenate([hidden, teachers]), rng.normal(size=46), asked, rng)
    found = rows_behind(both[:6], both[6:], teachers, slice(10, 50))
    assert (np.abs(np.einsum("ij,ij->i", found, unit(hidden))) > 0.95).all()


def test_of_people_who_change_nothing_nothing_is_learnt():
    found = rows_behind(np.ones((2, 3)), np.zeros((3, 3)), np.ones((3, 4)), slice(0, 3))
    assert found.tolist() == np.zeros((2, 4)).tolist()


def test_calibration_is_taken_out_and_nothing_else():
    rng = np.random.default_rng(0)
    said, change = rng.normal(size=20), rng.normal(size=(3, 20))
    moved = change + 3 * said - 2
    assert np.allclose(steadied(moved, said), steadied(change, said))
    assert not np.allclose(steadied(change, said), 0)


def test_reference_people_set_the_units():
    rows = np.array([[5.0, 1.0], [1.0, 1.0], [3.0, 1.0]])
    assert standard(rows, 1).tolist() == [[3.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [1.0, 0.0, 1.0]]
    assert standard(rows, 3).tolist() == [[*row, 1.0] for row in rows.tolist()]
