"""Heads stay with their people, looks change with the day."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest

from mindveil.corpus.sample.faces import Head, draw_head, draw_look
from mindveil.corpus.sample.lives import draw_persona
from mindveil.corpus.sample.rendering import SIZE, picture_bytes, render
from mindveil.errors import MissingWeights
from mindveil.features import weights
from mindveil.features.face_detection import detect_faces
from mindveil.randomness import stream


def _head(number: int) -> Head:
    return draw_head(draw_persona(5, number), stream(5, "head", str(number)))


@cache
def _picture(number: int, visit: int) -> np.ndarray:
    look = draw_look(0.6, (0.0,) * 5, stream(5, "look", str(number), str(visit)))
    return render(_head(number), look, stream(5, "grain", str(visit)))


def test_people_differ_and_the_same_person_does_not() -> None:
    assert _head(1) == _head(1)
    assert len({_head(i) for i in range(1, 30)}) == 29


def test_depressed_people_smile_less_and_frown_more() -> None:
    rng = np.random.default_rng(0)
    well = [draw_look(0.6, (-1.5, 0, 0, 0, 0), rng) for _ in range(300)]
    low = [draw_look(0.6, (1.5, 0, 0, 0, 0), rng) for _ in range(300)]
    assert np.mean([look.smile for look in well]) > np.mean([look.smile for look in low]) + 0.1
    assert np.mean([look.frown for look in well]) < np.mean([look.frown for look in low]) - 0.2


def test_a_picture_is_drawn_again_the_same_and_visits_differ() -> None:
    first = _picture(1, 1)
    assert first.shape == (SIZE, SIZE, 3)
    assert first.std() > 20
    np.testing.assert_array_equal(first, _picture.__wrapped__(1, 1))
    assert np.abs(first.astype(int) - _picture(1, 2)).mean() > 3


def test_a_picture_file_is_small_and_says_nothing() -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    content = picture_bytes(_picture(1, 1))
    assert len(content) <= 8_192
    with image.open(io.BytesIO(content)) as opened:
        assert not opened.getexif()
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_detector_takes_the_drawings_as_faces() -> None:
    pytest.importorskip("ai_edge_litert", reason="mindveil[face] is not installed")
    try:
        weights.locate("blazeface")
    except MissingWeights as missing:
        pytest.skip(str(missing))
    boxes = detect_faces(_picture(1, 1))
    assert len(boxes) == 1
    assert boxes[0].bottom - boxes[0].top > SIZE / 3
