"""Every picture of every session: what is covered in videos, and which files are left."""

from __future__ import annotations

import numpy as np
import pytest
from tests.anonymise.faces import faces, is_red, scene, see_squares, seen, still, stored, video
from tests.anonymise.voices import corpus, person

from mindveil.anonymise.face_blur import FaceBlur
from mindveil.anonymise.face_mask import FaceMask
from mindveil.anonymise.face_work import FaceWork, hide_faces
from mindveil.corpus.digest import file_digest
from mindveil.corpus.media import metadata_of, probe
from mindveil.corpus.model import MediaFile
from mindveil.corpus.workshop import workshop
from mindveil.errors import InputError
from mindveil.features.expression import read_series

pytest.importorskip("cv2")
RNG = np.random.default_rng(1)


@pytest.fixture(autouse=True)
def squares(monkeypatch):
    see_squares(monkeypatch)


def masked(*media, protection=None):
    one = corpus(person("A", {"face": media}))
    return faces((protection or FaceMask()).apply(one, RNG))


def moving(blind, others=(), frames=30):
    """Return pictures of a square that goes right by one pixel each; some hide it from detectors."""
    return [scene((30 + n, 30), *others, blind=n in blind, seed=n % 2 + 5) for n in range(frames)]


def test_a_moving_face_is_covered_while_it_is_lost(tmp_path):
    pictures = moving(blind=range(12, 18))
    source = video(tmp_path, "a_face.mp4", pictures, "talk", rate=12)
    assert all(is_red(p).sum() > 200 for p in seen(source))
    (copy,) = masked(source)
    after = seen(copy)
    assert len(after) == len(pictures)
    assert not is_red(after).any()
    assert (copy.task, copy.kind, probe(copy.path).rate) == ("talk", "video", 12)
    # and the rest of the picture is still there, to the quality of the coding
    assert np.abs(after[:, 70:].astype(int) - seen(source)[:, 70:]).mean() < 12


def test_frames_before_a_face_was_found_are_looked_at_again(tmp_path):
    (copy,) = masked(video(tmp_path, "a_face.mp4", moving(blind=range(5))))
    assert not is_red(seen(copy)).any()


def test_a_bystander_who_comes_late_is_covered_as_well(tmp_path):
    pictures = moving(blind=())[:15] + moving(blind=(), others=[(100, 70)])[15:]
    source = video(tmp_path, "a_face.mp4", pictures)
    assert is_red(seen(source)[20][66:90, 95:]).sum() > 200
    assert not is_red(seen(masked(source)[0])).any()


def test_a_video_in_which_no_face_is_found_is_covered_whole(tmp_path):
    (copy,) = masked(video(tmp_path, "a_face.mp4", moving(blind=range(30))))
    after = seen(copy).astype(int)
    assert np.ptp(after, axis=(0, 1, 2)).tolist() == [0, 0, 0]
    assert np.abs(after - 128).max() <= 6  # what coding makes of grey


def test_null_a_video_whose_faces_are_not_hidden_shows_them(tmp_path):
    one = corpus(person("A", {"face": (video(tmp_path, "a_face.mp4", moving(blind=())),)}))
    release = hide_faces(one, FaceWork(hide=lambda pixels, _: pixels))
    assert all(is_red(p).sum() > 200 for p in seen(faces(release)[0]))


def test_landmarks_and_features_go_and_series_are_centred_in_their_place(tmp_path):
    media = (
        still(tmp_path, "1_face.png", scene((20, 20)), "happy"),
        MediaFile(path=tmp_path / "1_landmarks.parquet", task="happy"),
        stored(tmp_path, "1_expression.parquet", [4, 6], "happy"),
        still(tmp_path, "2_face.png", scene((50, 20)), "sad"),
        stored(tmp_path, "2_expression.parquet", [8], "sad"),
        MediaFile(path=tmp_path / "2_features.parquet"),
    )
    copies = masked(*media)
    assert [(c.kind, c.task) for c in copies] == [
        ("still", "happy"),
        ("expression", "happy"),
        ("still", "sad"),
        ("expression", "sad"),
    ]
    assert [metadata_of(c.path) for c in copies] == [()] * 4
    levels = [read_series(c).values[:, 0].tolist() for c in copies[1::2]]
    assert levels == [[-2, 0], [2]]
    assert {m.path for m in media}.isdisjoint({c.path for c in copies})
    kept = masked(*media, protection=FaceMask(series="kept"))
    assert read_series(kept[1]).values[:, 0].tolist() == [4, 6]
    dropped = masked(*media, protection=FaceBlur(series="dropped"))
    assert [c.kind for c in dropped] == ["still", "still"]


def test_each_session_has_a_mean_of_its_own(tmp_path):
    one, two = (
        {"face": (stored(tmp_path, f"{n}_expression.parquet", values),)}
        for n, values in enumerate(([1, 3], [10, 20]))
    )
    release = FaceMask().apply(corpus(person("A", one, two)), RNG)
    assert read_series(faces(release)[0]).values[:, 0].tolist() == [-1, 1]
    assert read_series(faces(release, session=1)[0]).values[:, 0].tolist() == [-5, 5]


@pytest.mark.parametrize("protection", [FaceMask(), FaceBlur()], ids=lambda p: p.name)
def test_each_person_is_treated_alone_and_the_same_bytes_come_out(tmp_path, protection):
    one, two = (
        person(
            name,
            {
                "face": (
                    still(tmp_path, f"{name}.png", scene((left, 20))),
                    video(tmp_path, f"{name}.mp4", moving(blind=(), frames=12)),
                )
            },
        )
        for name, left in (("A", 10), ("B", 60))
    )

    def digests(*people, seed=1):
        release = protection.apply(corpus(*people), np.random.default_rng(seed))
        return {
            p.participant_id: [file_digest(f.path) for f in p.sessions[0].media["face"]]
            for p in release.participants
        }

    both = digests(one, two)
    assert both["A"] == digests(one)["A"] == digests(two, one, seed=2)["A"]
    assert both["A"][0] != both["B"][0]


def test_new_files_lie_in_the_workshop_without_metadata(tmp_path):
    media = (
        still(tmp_path, "a.png", scene((20, 20))),
        video(tmp_path, "b.mp4", moving(blind=(), frames=3)),
    )
    with workshop(tmp_path / "shop") as shop:
        copies = masked(*media)
    assert [c.path.parent for c in copies] == [shop, shop]
    assert [metadata_of(c.path) for c in copies] == [(), ()]


def test_a_broken_picture_is_named(tmp_path):
    (tmp_path / "a_face.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    with pytest.raises(InputError, match=r"a_face\.png"):
        masked(MediaFile(path=tmp_path / "a_face.png"))


def test_null_who_has_no_face_is_left_as_is(tmp_path):
    landmarks = {"face": (MediaFile(path=tmp_path / "a_landmarks.parquet"),)}
    nobody = corpus(person("A", {}), person("B"))
    assert FaceMask().apply(nobody, RNG) == nobody
    assert faces(FaceMask().apply(corpus(person("A", landmarks)), RNG)) == ()
