"""The resting face leaves a series: one mean a session, known before anything is taken away."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.anonymise.faces import stored

from mindveil.anonymise.face_series import centred, written_series
from mindveil.corpus.media import metadata_of
from mindveil.features.expression import EXPRESSIONS, Series, read_series

NAN = float("nan")


def series(*columns):
    values = np.array(columns, dtype=np.float64).T
    return Series(seconds=np.arange(len(values)) / 25, values=values)


def test_by_hand_the_mean_is_over_all_frames_of_the_session():
    rest, smile = centred([series([2, 2, NAN]), series([6, 6])])
    assert rest.values.ravel().tolist() == pytest.approx([-2, -2, NAN], nan_ok=True)
    assert smile.values.ravel().tolist() == [2, 2]


def test_by_hand_the_first_frames_do_not_show_the_resting_face():
    (one,) = centred([series([8, 8, 8, 16])])
    assert one.values.ravel().tolist() == [-2, -2, -2, 6]


def test_a_measure_that_was_never_read_stays_unread():
    (one,) = centred([series([NAN, NAN], [1, 3])])
    assert np.isnan(one.values[:, 0]).all()
    assert one.values[:, 1].tolist() == [-1, 1]
    assert centred([]) == ()


VALUES = arrays(np.float64, (5, 3), elements=st.floats(-10, 10))


@given(VALUES, VALUES, arrays(np.float64, 3, elements=st.floats(-100, 100)))
def test_property_two_people_who_move_alike_give_the_same_series(first, second, bones):
    seconds = np.arange(5.0)
    one, other = (
        centred([Series(seconds=seconds, values=v + shift) for v in (first, second)])
        for shift in (0, bones)
    )
    assert np.allclose(np.stack([s.values for s in one]), np.stack([s.values for s in other]))
    assert np.allclose(np.concatenate([s.values for s in one]).mean(axis=0), 0)
    assert np.allclose(
        one[0].values.mean(0) - one[1].values.mean(0), first.mean(0) - second.mean(0)
    )


def test_written_series_keep_order_task_time_and_differences(tmp_path):
    files = [
        stored(tmp_path, "b_expression.parquet", [1, 1, 4], "sad"),
        stored(tmp_path, "a_expression.parquet", [6], "happy"),
    ]
    copies = written_series(files, "centred")
    assert [c.task for c in copies] == ["sad", "happy"]
    assert all(metadata_of(c.path) == () for c in copies)
    assert {c.path.parent for c in copies}.isdisjoint({tmp_path})
    first, second = (read_series(c) for c in copies)
    assert np.allclose(first.values[:, 0], [-2, -2, 1])
    assert np.allclose(second.values, 3)
    assert np.allclose(first.seconds, [0, 0.04, 0.08])


def test_series_stay_or_go_as_asked(tmp_path):
    file = stored(tmp_path, "a_expression.parquet", [1, 2])
    (copy,) = written_series([file], "kept")
    assert np.allclose(read_series(copy).values, read_series(file).values)
    assert written_series([file], "dropped") == ()


def test_planted_bones_are_found_before_and_not_after():
    rng = np.random.default_rng(3)
    bones = rng.normal(size=(20, len(EXPRESSIONS)))

    def means(change):
        rows = []
        for own in bones:
            values = own + 0.5 * rng.normal(size=(30, len(EXPRESSIONS)))
            rows.append(change([series(*values.T)])[0].values.mean(axis=0))
        return np.array(rows)

    def first_ranks(change):
        known, asked = means(change), means(change)
        apart = np.linalg.norm(asked[:, None] - known[None], axis=2)
        return np.mean(apart.argmin(axis=1) == np.arange(20))

    assert first_ranks(lambda given: given) == 1
    # float dust decides who is nearest when every mean is zero
    assert np.abs(means(centred)).max() < 1e-12
