"""Protected faces of real people: nobody is found any more, and what a face did is still there."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PIL import Image
from tests.anonymise.faces import faces, seen, still, video
from tests.anonymise.voices import corpus, person

from mindveil.anonymise.face_anonymise import FaceAnonymise
from mindveil.anonymise.face_blur import FaceBlur
from mindveil.anonymise.face_mask import FaceMask
from mindveil.corpus.media import metadata_of
from mindveil.errors import MissingWeights
from mindveil.features import weights
from mindveil.features.expression import EXPRESSIONS, read_series
from mindveil.features.face_detection import detect_faces
from mindveil.features.face_encoder import embed_faces

for package in ("cv2", "dlib", "ai_edge_litert"):
    pytest.importorskip(package)
pytestmark = [pytest.mark.realdata, pytest.mark.slow]

DID = ("sleepy", "surprised", "happy")
RNG = np.random.default_rng(1)


@pytest.fixture(autouse=True)
def networks():
    try:
        for key in ("blazeface", "centerface", "face-resnet"):
            weights.locate(key)
    except MissingWeights as missing:
        pytest.skip(str(missing))


def picture(path):
    with Image.open(path) as opened:
        return np.asarray(opened.convert("RGB"))


@pytest.fixture
def sitters(real_data, tmp_path):
    """Return six people, each with three expressions, in one session."""
    people = []
    for number in range(3, 15, 2):
        name = f"subject{number:02d}"
        media = tuple(
            still(
                tmp_path,
                f"{name}-{did}_face.png",
                picture(real_data / "yale_faces" / f"{name}.{did}.gif"),
                did,
            )
            for did in DID
        )
        people.append(person(name, {"face": media}))
    return corpus(*people)


def files(release, *kinds):
    return [f for p in release.participants for f in p.sessions[0].files("face", *kinds)]


def test_after_a_mask_no_face_is_found_and_nobody_is_embedded(sitters):
    release = FaceMask(portraits="masked").apply(sitters, RNG)
    masked = files(release, "still")
    left = [detect_faces(seen(f)[0], thorough=True) for f in masked]
    assert np.mean([not boxes for boxes in left]) >= 0.95
    assert np.isfinite(embed_faces([f.path for f in files(sitters, "still")])).all()
    assert np.isnan(embed_faces([f.path for f in masked])).all()
    # the mask is no whole picture: faces were found
    assert all(np.mean(np.all(seen(f)[0] == 128, axis=2)) < 0.9 for f in masked)
    # these are portraits: by itself the mask covers them whole
    assert all(np.ptp(seen(f)[0]) == 0 for f in files(FaceMask().apply(sitters, RNG), "still"))


def cells(pixels):
    """Return a picture as 16 x 16 cells of one length: light and shade."""
    small = np.asarray(Image.fromarray(pixels).convert("L").resize((16, 16)), dtype=np.float64)
    small = (small - small.mean()).ravel()
    return small / max(np.linalg.norm(small), 1e-9)


def test_a_blur_hides_nobody_from_a_gallery_that_is_blurred_alike(sitters):
    def told(release):
        rows = np.stack([cells(seen(f)[0]) for f in files(release, "still")])
        near = rows @ rows.T
        np.fill_diagonal(near, -np.inf)
        people = np.repeat(np.arange(6), 3)
        return np.mean(people[near.argmax(axis=1)] == people)

    assert told(FaceBlur().apply(sitters, RNG)) >= 0.7
    assert told(FaceMask(shape="whole").apply(sitters, RNG)) <= 0.2


def test_level_2_keeps_what_a_face_did_and_not_its_resting_level(sitters):
    release = FaceAnonymise(level=2).apply(sitters, RNG)
    series = files(release, "expression")
    assert [f.task for f in series] == list(DID) * 6
    assert {metadata_of(f.path) for f in files(release)} == {()}
    rows = np.stack([read_series(f).values[0] for f in series]).reshape(6, 3, len(EXPRESSIONS))
    assert np.isfinite(rows).all()
    assert np.abs(rows.mean(axis=1)).max() < 1e-4
    eyes = rows[:, :, EXPRESSIONS.index("eye-opening")]
    assert np.mean(eyes[:, 1] > eyes[:, 0]) >= 5 / 6  # surprised eyes are wider than sleepy ones


def test_small_pictures_that_a_face_fills_are_covered(real_data, tmp_path):
    media = tuple(
        still(tmp_path, f"{path.parent.name}{n}_face.png", picture(path))
        for n, path in enumerate(sorted((real_data / "orl_faces").rglob("*.pgm"))[::40])
    )
    assert len(media) >= 8
    masked = faces(FaceMask().apply(corpus(person("A", {"face": media})), RNG))
    assert np.mean([not detect_faces(seen(f)[0], thorough=True) for f in masked]) >= 0.95
    assert np.isnan(embed_faces([f.path for f in masked])).all()


def test_a_face_that_goes_through_a_video_is_covered_in_every_frame_at_a_low_price(
    real_data, tmp_path
):
    face = picture(real_data / "yale_faces" / "subject05.normal.gif")[:, 60:280]
    pictures = []
    for n in range(30):
        frame = np.full((720, 1280, 3), 90, dtype=np.uint8)
        frame[200 : 200 + face.shape[0], 200 + 10 * n :][:, : face.shape[1]] = face
        pictures.append(frame)
    source = video(tmp_path, "a_face.mp4", pictures)
    assert all(detect_faces(frame) for frame in seen(source)[::10])
    start = time.process_time()
    (copy,) = faces(FaceMask().apply(corpus(person("A", {"face": (source,)})), RNG))
    price = (time.process_time() - start) / 30
    assert not any(detect_faces(frame) for frame in seen(copy))
    assert np.isnan(embed_faces([copy.path])).all()
    assert price < 0.1
