"""The shipped media are what the studio makes, as far as that can be made without a synthesiser."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from mindveil.corpus.sample import studio as module
from mindveil.corpus.sample.build import SEED
from mindveil.corpus.sample.media import MEDIA, MEDIA_TRUTH, load_media_truth, unpack_media
from mindveil.corpus.sample.recordings import Take
from mindveil.corpus.sample.speaking import Utterance
from mindveil.corpus.sample.studio import main, make_faces, words_table
from mindveil.corpus.sample.truth import MediaTruth


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    pytest.importorskip("PIL", reason="Pillow is not installed")
    return make_faces(SEED, people=1)


def test_two_files_a_visit_and_no_third_visit(made: dict[str, bytes]) -> None:
    assert sorted(made) == [
        f"sub-P001/ses-{visit}/face/sub-P001_ses-{visit}_{ending}"
        for visit in ("01", "02")
        for ending in ("expression.parquet", "face.jpg")
    ]


def test_the_shipped_faces_are_those_that_are_made(made: dict[str, bytes], tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    unpack_media(tmp_path)
    for name, content in made.items():
        shipped = (tmp_path / name).read_bytes()
        if name.endswith(".parquet"):
            before, after = (pq.read_table(io.BytesIO(c)) for c in (shipped, content))
            assert before.column_names == after.column_names
            for column in before.column_names:
                np.testing.assert_allclose(before[column], after[column], atol=1e-4)
        else:
            pixels = [np.asarray(image.open(io.BytesIO(c)), float) for c in (shipped, content)]
            assert np.abs(pixels[0] - pixels[1]).mean() < 2  # other processors round otherwise


def test_a_list_of_words_worked_by_hand() -> None:
    said = Utterance(turn=1, words=("Hi,", "Jo."), breaks=(0,))
    take = Take(samples=np.zeros(16_000, np.float32), rate=16_000, times=((0.1, 0.25), (0.5, 0.9)))
    assert words_table(said, take) == b"word\tstart\tend\nHi\t0.100\t0.250\nJo\t0.500\t0.900\n"


def test_the_command_writes_both_archives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = MediaTruth(seed=1, people={})
    monkeypatch.setattr(module, "make_voices", lambda seed, voices: ({"a": b"1"}, truth))
    monkeypatch.setattr(module, "make_faces", lambda seed: {"b": b"2"})
    assert main([str(tmp_path), str(tmp_path / "new")]) == 0
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == [MEDIA, MEDIA_TRUTH]
    assert MEDIA in capsys.readouterr().out


def test_the_shipped_truth_is_of_the_shipped_cohort() -> None:
    assert load_media_truth().seed == SEED
