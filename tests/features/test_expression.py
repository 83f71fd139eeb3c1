"""Series of expressions: written and read back, summed up, and missing where no face is."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mindveil.corpus.media import Frame, metadata_of, write_still
from mindveil.corpus.model import MediaFile
from mindveil.errors import InputError, MindveilError
from mindveil.features import expression, weights
from mindveil.features.expression import (
    EXPRESSIONS,
    Series,
    expression_rows,
    measure_pixels,
    read_series,
    summary,
    write_series,
)
from mindveil.features.face_mesh import Mesh
from mindveil.features.shelf import shelf


@pytest.fixture(scope="module")
def networks():
    pytest.importorskip("cv2", reason="the face extra is not installed")
    pytest.importorskip("ai_edge_litert", reason="the face extra is not installed")
    try:
        return weights.locate("blazeface"), weights.locate("centerface")
    except MindveilError as missing:
        pytest.skip(str(missing))


def series(rows, start=0.0):
    values = np.tile(np.arange(len(EXPRESSIONS), dtype=float), (len(rows), 1))
    return Series(seconds=start + np.arange(len(rows)) / 4, values=values + np.array(rows)[:, None])


def stored(tmp_path, one, name="sub-01_ses-01_expression.parquet"):
    write_series(tmp_path / name, one)
    return MediaFile(path=tmp_path / name)


def test_twelve_measures_have_names_of_their_own():
    assert len(set(EXPRESSIONS)) == len(EXPRESSIONS) == 12
    assert EXPRESSIONS[-4:] == ("eye-opening", "head-yaw", "head-pitch", "head-roll")


def test_a_series_is_read_as_it_was_written(tmp_path):
    one = series([0.0, 0.5, np.nan, 2.0])
    back = read_series(stored(tmp_path, one))
    np.testing.assert_array_equal(back.seconds, one.seconds)
    np.testing.assert_array_equal(back.values, one.values)


def test_a_written_series_holds_small_numbers_and_nothing_else(tmp_path):
    file = stored(tmp_path, series([0.0, 1.0]))
    page = pq.ParquetFile(file.path)
    assert page.schema_arrow.names == ["seconds", *EXPRESSIONS]
    assert set(page.schema_arrow.types) == {pa.float32()}
    assert not page.metadata.metadata
    assert metadata_of(file.path) == ()
    again = stored(tmp_path, series([0.0, 1.0]), "again_expression.parquet")
    assert again.path.read_bytes() == file.path.read_bytes()


def test_a_summary_by_hand():
    row = summary(series([0.0, 1.0, np.nan, 2.0]))
    np.testing.assert_allclose(row[:12], np.arange(12) + 1.0)
    np.testing.assert_allclose(row[12:], np.sqrt(2 / 3))
    assert np.isnan(summary(series([np.nan]))).all()
    assert np.isnan(summary(Series(seconds=np.zeros(0), values=np.zeros((0, 12))))).all()


def test_rows_are_means_then_deviations_and_are_kept(tmp_path, monkeypatch):
    files = [stored(tmp_path, series([n, n + 2.0]), f"s{n}_expression.parquet") for n in (0, 5)]
    (tmp_path / "shelf").mkdir()
    with shelf(tmp_path / "shelf"):
        rows = expression_rows(files)
        monkeypatch.setattr(expression, "read_series", None)
        np.testing.assert_array_equal(expression_rows(files[::-1]), rows[::-1])
    assert rows.shape == (2, 24)
    np.testing.assert_allclose(rows[1] - rows[0], [5] * 12 + [0] * 12)
    assert expression_rows([]).shape == (0, 24)


def test_a_column_that_is_missing_is_named(tmp_path):
    path = tmp_path / "sub-01_expression.parquet"
    pq.write_table(pa.table({"seconds": [0.0], "brow-height": [0.1]}), path)
    with pytest.raises(InputError, match=r"sub-01_expression\.parquet: column brow-gap is missing"):
        read_series(MediaFile(path=path))


def test_sound_has_no_expression(tmp_path):
    with pytest.raises(InputError, match=r"a\.flac: .* \(audio\); give a picture"):
        read_series(MediaFile(path=tmp_path / "a.flac"))


def test_a_video_has_one_row_a_frame_and_gaps_where_the_face_is_lost(monkeypatch, tmp_path):
    pictures = [np.full((4, 4, 3), n, dtype=np.uint8) for n in range(4)]
    given_before = []

    def fake(pixels, before=None):
        given_before.append(None if before is None else before.score)
        number = int(pixels[0, 0, 0])
        return None if number == 2 else Mesh(points=np.zeros((468, 3)), score=1.0 + number)

    monkeypatch.setattr(
        expression, "read_frames", lambda path: (Frame(pixels=p, seconds=0.1) for p in pictures)
    )
    monkeypatch.setattr(expression, "follow_mesh", fake)
    monkeypatch.setattr(expression, "eye_openings", lambda pixels, mesh: (0.1, 0.3))
    found = read_series(MediaFile(path=tmp_path / "a.mp4"))
    assert np.isnan(found.values).all(axis=1).tolist() == [False, False, True, False]
    assert given_before == [None, 1.0, 2.0, None]
    assert found.values[0, EXPRESSIONS.index("eye-opening")] == pytest.approx(0.2)


def test_a_picture_of_nobody_has_no_expression(networks, tmp_path):
    wall = np.full((80, 60, 3), 90, dtype=np.uint8)
    assert np.isnan(measure_pixels(wall)).all()
    write_still(tmp_path / "wall.png", wall)
    row = expression_rows([MediaFile(path=tmp_path / "wall.png")])
    assert row.shape == (1, 24)
    assert np.isnan(row).all()
