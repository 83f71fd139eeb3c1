"""Voices and faces between -1 and 1, by typical values that anybody may know."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mindveil.features.measures import MEASURED
from mindveil.train.public_measures import REACH, TYPICAL, measure_parts, measure_rows


@pytest.mark.parametrize("modality", ["voice", "face"])
def test_every_measure_has_a_typical_value_and_a_spread(modality):
    assert set(TYPICAL[modality]) == set(MEASURED[modality])
    assert all(spread > 0 for _, spread in TYPICAL[modality].values())
    (part,) = measure_parts(modality)
    assert (part.modality, part.width) == (modality, len(MEASURED[modality]))


@pytest.mark.parametrize("modality", ["voice", "face"])
def test_the_typical_is_the_middle_and_three_spreads_are_the_end(modality):
    centre, spread = np.array([TYPICAL[modality][n] for n in MEASURED[modality]]).T
    rows = np.stack(
        [centre, centre + REACH * spread, centre - spread, centre + 1e9, centre * np.nan]
    )
    found = measure_rows(rows, modality)
    expected = [0, 1, -1 / 3, 1, np.nan]
    np.testing.assert_allclose(found, np.repeat([expected], len(centre), axis=0).T, atol=1e-9)


@given(arrays(np.float64, (3, len(MEASURED["voice"])), elements=st.floats(-1e9, 1e9)))
def test_rows_are_bounded_and_depend_on_nobody_else(rows):
    found = measure_rows(rows, "voice")
    assert (np.abs(found) <= 1).all()
    np.testing.assert_array_equal(measure_rows(rows[1:2], "voice"), found[1:2])
