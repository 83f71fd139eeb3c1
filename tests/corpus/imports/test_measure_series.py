from __future__ import annotations

import numpy as np
import pytest
from tests.corpus.imports.layouts import text

from mindveil.corpus.imports.measure_series import joined, read_measures, write_series
from mindveil.corpus.media import metadata_of, read_columns
from mindveil.errors import InputError

AUS = "frame, timestamp, AU01_r\n1, 0, 0.5\n2, 0.5, -1.#IND\n3, 1, Inf\n4, 1.5, 2\n"


def test_a_table_by_hand(tmp_path):
    table = read_measures(text(tmp_path / "a.txt", AUS), text=("frame",))
    assert list(table) == ["timestamp", "AU01_r"]
    np.testing.assert_array_equal(table["AU01_r"], np.array([0.5, np.nan, np.nan, 2], np.float32))
    headless = read_measures(text(tmp_path / "b.csv", "1,2\n3,NaN\n"), names=("x", "y"))
    np.testing.assert_array_equal(headless["x"], [1, 3])
    named = text(tmp_path / "c.csv", "name;frameTime;F0\n'unknown';0.01;100\n")
    assert list(read_measures(named, separator=";", text=("name",))) == ["frameTime", "F0"]


def test_series_side_by_side_end_with_the_shortest(tmp_path):
    left = {"x": np.arange(4, dtype=np.float32)}
    right = {"y": np.arange(3, dtype=np.float32), "x": np.zeros(3, dtype=np.float32)}
    series = joined([left, right], 100.0)
    assert list(series.measures) == ["x", "y"]
    np.testing.assert_allclose(series.seconds, [0, 0.01, 0.02])
    np.testing.assert_array_equal(series.measures["x"], [0, 1, 2])  # the first one named it
    timed = joined([{"t": np.array([0.0, 0.5], np.float32), "y": left["x"][:2]}], "t")
    assert list(timed.measures) == ["y"]
    np.testing.assert_array_equal(timed.seconds, [0, 0.5])
    with pytest.raises(InputError, match="has no column 'frameTime'"):
        joined([left], "frameTime")


def test_parts_are_timed_from_their_start():
    series = joined([{"x": np.arange(10, dtype=np.float32)}], 2.0)
    part = series.between(1.0, 3.0)
    np.testing.assert_array_equal(part.seconds, [0, 0.5, 1, 1.5])
    np.testing.assert_array_equal(part.measures["x"], [2, 3, 4, 5])


def test_nothing_but_numbers_is_written(tmp_path):
    series = joined([read_measures(text(tmp_path / "a.txt", AUS), text=("frame",))], "timestamp")
    path = tmp_path / "x_features.parquet"
    write_series(path, series)
    assert metadata_of(path) == ()
    columns = read_columns(path)
    assert list(columns) == ["seconds", "AU01_r"]
    np.testing.assert_array_equal(columns["seconds"], [0, 0.5, 1, 1.5])
    np.testing.assert_array_equal(columns["AU01_r"], [0.5, np.nan, np.nan, 2])


@pytest.mark.parametrize("content", ["a,b\n1,Ann\n", "a,b\n1,2,3\n4\n", ""])
def test_other_tables_are_refused(tmp_path, content):
    with pytest.raises(InputError) as raised:
        read_measures(text(tmp_path / "a.csv", content))
    assert "a.csv is not the table of" in str(raised.value)
    assert "Ann" not in str(raised.value)
    with pytest.raises(InputError, match="not the table of 3 columns"):
        read_measures(text(tmp_path / "b.csv", "1,2\n"), names=("x", "y", "z"))
