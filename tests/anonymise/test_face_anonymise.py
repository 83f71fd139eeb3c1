"""The dial for faces: each level hides the picture, and what the face did is beside it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.anonymise.faces import faces, is_red, scene, see_squares, seen, still, stored, video
from tests.anonymise.voices import corpus, person

from mindveil.anonymise import face_series
from mindveil.anonymise.face_anonymise import FaceAnonymise
from mindveil.anonymise.face_blur import FaceBlur
from mindveil.anonymise.face_mask import FaceMask
from mindveil.corpus.manifest import load_corpus, save_corpus
from mindveil.corpus.media import read_frames
from mindveil.errors import InputError
from mindveil.features.expression import EXPRESSIONS, Series, read_series
from mindveil.features.face_boxes import Box
from mindveil.utility.recordings import pairs_of

pytest.importorskip("cv2")
RNG = np.random.default_rng(1)


@pytest.fixture(autouse=True)
def squares(monkeypatch):
    """Let the only measure of a picture be how far right its square is."""

    def measured(file):
        if file.kind == "expression":
            return read_series(file)
        frames = list(read_frames(file.path))
        left = [float(np.nonzero(is_red(f.pixels))[1].mean()) for f in frames]
        return Series(
            seconds=np.array([f.seconds for f in frames]),
            values=np.repeat(np.array(left)[:, None], len(EXPRESSIONS), axis=1),
        )

    see_squares(monkeypatch)
    monkeypatch.setattr(face_series, "read_series", measured)


def pictures(folder):
    return (
        still(folder, "1_face.png", scene((20, 20)), "sad"),
        still(folder, "2_face.png", scene((80, 20)), "happy"),
        video(folder, "3_face.mp4", [scene((50, 20))] * 3, "angry"),
    )


@pytest.mark.parametrize("level", [0, 3, 4])
def test_levels_that_cannot_be_made_are_refused(level):
    with pytest.raises(InputError, match=f"level {level} does not exist"):
        FaceAnonymise(level=level)


def test_level_1_blurs_and_level_2_covers_the_head():
    box = [Box(left=40, top=30, right=56, bottom=46, score=0.9)]
    assert np.array_equal(
        FaceAnonymise(level=1).hide(scene((40, 30)), box),
        FaceBlur(share=1.0).hide(scene((40, 30)), box),
    )
    assert np.array_equal(
        FaceAnonymise(level=2).hide(scene((40, 30)), box),
        FaceMask(margin=1.8).hide(scene((40, 30)), box),
    )


@pytest.mark.parametrize("level", [1, 2])
def test_each_picture_has_a_series_read_off_the_original_in_its_order(tmp_path, level):
    before = corpus(person("A", {"face": pictures(tmp_path)}))
    after = FaceAnonymise(level=level).apply(before, RNG)
    assert [(f.kind, f.task) for f in faces(after)] == [
        ("still", "sad"),
        ("still", "happy"),
        ("video", "angry"),
        ("expression", "sad"),
        ("expression", "happy"),
        ("expression", "angry"),
    ]
    series = [read_series(f).values[:, 0] for f in faces(after)[3:]]
    assert [len(one) for one in series] == [1, 1, 3]
    assert np.concatenate(series).mean() == pytest.approx(0, abs=1e-5)
    assert [one.mean() for one in series] == pytest.approx([-28, 32, -1.5], abs=2)
    pairs = pairs_of(after, before, "face")
    assert [copy.task for _, copy in pairs] == [heard.file.task for heard, _ in pairs]
    assert all(copy.kind == "expression" for _, copy in pairs)


def test_a_saved_release_pairs_alike(tmp_path):
    (tmp_path / "source").mkdir()
    before = corpus(person("A", {"face": pictures(tmp_path / "source")}))
    save_corpus(before, tmp_path / "before")
    before = load_corpus(tmp_path / "before")
    after = FaceAnonymise().apply(before, RNG)
    save_corpus(after, tmp_path / "after")
    pairs = pairs_of(load_corpus(tmp_path / "after"), before, "face")
    assert [copy.task for _, copy in pairs] == [heard.file.task for heard, _ in pairs]
    assert len(pairs) == 3


def test_a_session_with_series_is_given_no_more(tmp_path):
    there = stored(tmp_path, "1_expression.parquet", [1, 3], "sad")
    media = (*pictures(tmp_path), there)
    before = corpus(person("A", {"face": media}))
    after = FaceAnonymise().apply(before, RNG)
    assert [f.kind for f in faces(after)] == ["still", "still", "video", "expression"]
    assert read_series(faces(after)[3]).values[:, 0].tolist() == [-1, 1]
    assert [copy.task for _, copy in pairs_of(after, before, "face")] == ["sad"]


def test_nothing_of_a_face_is_left_at_level_2(tmp_path):
    before = corpus(person("A", {"face": pictures(tmp_path)}))
    after = FaceAnonymise(level=2).apply(before, RNG)
    assert not any(is_red(seen(f)).any() for f in faces(after)[:3])
    assert all(is_red(seen(f)).any() for f in faces(before))
