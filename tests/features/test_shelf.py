"""Features that were read once are kept, and nothing is kept without a shelf."""

from __future__ import annotations

import numpy as np

from mindveil.features.shelf import rows_of, shelf


def test_a_row_is_read_once_and_comes_back_the_same(tmp_path):
    read = []

    def reader(indices):
        read.extend(indices)
        return np.array([[i + 0.5, np.nan] for i in indices])

    with shelf(tmp_path / "kept"):
        first = rows_of(["a", "b"], reader, "model 1")
        again = rows_of(["b", "c", "a"], reader, "model 1")
    assert read == [0, 1, 1]
    assert np.array_equal(again[[2, 0]], first, equal_nan=True)


def test_another_maker_reads_again(tmp_path):
    calls = []

    def reader(indices):
        calls.append(len(indices))
        return np.zeros((len(indices), 1))

    with shelf(tmp_path):
        rows_of(["a"], reader, "model 1")
        rows_of(["a"], reader, "model 2")
    assert calls == [1, 1]


def test_without_a_shelf_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows_of(["a"], lambda indices: np.zeros((len(indices), 1)), "model")
    assert not list(tmp_path.iterdir())


def test_file_names_say_nothing_about_the_words(tmp_path):
    with shelf(tmp_path):
        rows_of(["Maria"], lambda indices: np.zeros((1, 1)), "model")
    (path,) = tmp_path.iterdir()
    assert "Maria" not in path.name
    assert path.stat().st_mode & 0o077 == 0
