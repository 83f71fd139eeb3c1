"""What encoders and detectors make of the shipped recordings: honest work for an attacker.

Bounds are wide: they say that the cohort is neither trivial nor hopeless, not what it scores.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from mindveil.corpus.model import Corpus, Participant
from mindveil.corpus.sample.load import load_sample, load_truth
from mindveil.corpus.sample.studio import RECORDED, VISITS
from mindveil.errors import MissingWeights
from mindveil.features import weights
from mindveil.features.face_encoder import embed_faces
from mindveil.features.prosody import MEASURES, prosody_rows
from mindveil.features.speakers import embed_recordings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    for needed in ("soundfile", "onnxruntime", "dlib", "ai_edge_litert"):
        pytest.importorskip(needed, reason="mindveil[voice,face] is not installed")
    return load_sample(tmp_path_factory.mktemp("media"))


def _people(cohort: Corpus) -> tuple[Participant, ...]:
    return cohort.participants[:RECORDED]


def _voices(cohort: Corpus) -> list[Path]:
    return [
        s.files("voice", "audio")[0].path for p in _people(cohort) for s in p.sessions[-VISITS:]
    ]


@cache
def _state(trait: int) -> np.ndarray:
    truth = load_truth()
    people = list(truth.people.values())[:RECORDED]
    return np.array([np.mean([v.state[trait] for v in p.visits[-VISITS:]]) for p in people])


def _needs(*keys: str) -> None:
    for key in keys:
        try:
            weights.locate(key)
        except MissingWeights as missing:
            pytest.skip(str(missing))


def _found(rows: np.ndarray) -> float:
    """Return how often the second visit's nearest first visit is the same person's."""
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    scores = unit[1::2] @ unit[::2].T
    return float((scores.argmax(axis=1) == np.arange(len(scores))).mean())


@pytest.fixture(scope="module")
def prosody(cohort: Corpus) -> dict[str, np.ndarray]:
    """Measures a person, averaged over the visits."""
    rows = prosody_rows(_voices(cohort)).reshape(RECORDED, VISITS, -1)
    return dict(zip(MEASURES, rows.mean(axis=1).T, strict=True))


@pytest.mark.parametrize(
    ("measure", "trait", "sign"),
    [
        ("f0-variability", 0, -1),
        ("energy-variability", 0, -1),
        ("speech-rate", 0, -1),
        ("pause-share", 0, 1),
    ],
)
def test_severity_moves_what_is_measured_in_the_planted_direction(
    prosody: dict[str, np.ndarray], measure: str, trait: int, sign: int
) -> None:
    known = np.isfinite(prosody[measure])
    state, values = _state(trait)[known], prosody[measure][known]
    assert known.sum() >= 0.8 * RECORDED
    rng = np.random.default_rng(0)
    picks = rng.integers(len(values), size=(1000, len(values)))
    ranks = [sign * spearmanr(state[i], values[i]).statistic for i in picks]
    assert np.quantile(ranks, 0.05) > 0  # one-sided 95 % by resampling people


@pytest.mark.parametrize("key", ["ge2e", "dvector"])
def test_voices_are_found_again_mostly_but_not_always(cohort: Corpus, key: str) -> None:
    _needs(key)
    assert 0.7 <= _found(embed_recordings(_voices(cohort), key)) < 1.0


def test_every_drawing_is_taken_as_one_face_and_found_again(cohort: Corpus) -> None:
    _needs("blazeface", "centerface", "face-resnet")
    paths = [
        s.files("face", "still")[0].path for p in _people(cohort) for s in p.sessions[-VISITS:]
    ]
    rows = embed_faces(paths)
    assert np.isfinite(rows).all(axis=1).mean() >= 0.95
    assert _found(rows) >= 0.8
