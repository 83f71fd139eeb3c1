"""Questions about recordings: planted emotions are told, muffled ones are not; errors by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.utility.voices import muffled, read, speakers

from mindveil.corpus.model import Turn
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.signals import measure_signal
from mindveil.utility import intelligibility, recognition, retention
from mindveil.utility.base import Trial
from mindveil.utility.intelligibility import Intelligibility, word_errors
from mindveil.utility.recognition import Recognition
from mindveil.utility.retention import Retention

RNG = np.random.default_rng(1)


def rows(signal):
    return {m.metric: m.estimate for m in measure_signal([signal], np.random.default_rng(2))}


def trial(*, protected: bool) -> Trial:
    learn, check = speakers(12), speakers(10, first=12)
    change = muffled if protected else (lambda corpus: corpus)
    return Trial(training=change(learn), test=change(check), original=check)


@pytest.fixture
def emotions(monkeypatch):
    monkeypatch.setattr(recognition, "prosody_rows", lambda paths: read(paths, noise=0.3))
    monkeypatch.setattr(recognition, "embed_recordings", lambda paths, _: read(paths, noise=0.3))


@pytest.mark.usefixtures("emotions")
def test_planted_emotions_are_recognised_in_people_never_seen():
    found = rows(Recognition(modality="voice").measure(trial(protected=False), RNG))
    assert found["uar"].value > 0.9
    assert found["uar"].n == 10
    assert set(found) == {"uar", "recall@angry", "recall@happy", "recall@sad"}


@pytest.mark.usefixtures("emotions")
def test_where_nothing_is_left_recognition_is_chance():
    found = rows(Recognition(modality="voice").measure(trial(protected=True), RNG))
    assert found["uar"].low < 1 / 3 < found["uar"].high


@pytest.mark.usefixtures("emotions")
def test_unlabelled_recordings_teach_nothing():
    bare = trial(protected=False)
    unlabelled = bare.training.map_sessions(
        lambda _, s: replace(
            s, media={"voice": tuple(replace(f, task="") for f in s.files("voice"))}
        )
    )
    with pytest.raises(InvalidMeasurement, match="recordings of 0 tasks"):
        Recognition(modality="voice").measure(replace(bare, training=unlabelled), RNG)


def test_retention_of_what_was_kept_and_of_what_was_not(monkeypatch):
    monkeypatch.setattr(retention, "MEASURES", ("level", "swing"))
    monkeypatch.setattr(retention, "prosody_rows", read)
    kept = rows(Retention(modality="voice").measure(trial(protected=False), RNG))
    assert kept["between@level"].value == pytest.approx(1.0)
    assert kept["within@swing"].value == pytest.approx(1.0)
    lost = rows(Retention(modality="voice").measure(trial(protected=True), RNG))
    assert lost["within@swing"].low < 0 < lost["within@swing"].high


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("dogs are sitting", "dogs are sitting", 0),
        ("dogs are sitting", "", 3),
        ("", "dogs", 1),
        ("dogs are sitting by the door", "dog are sitting by door", 2),
        ("a b c", "c a b", 2),
        ("a b", "x y z", 3),
    ],
)
def test_word_errors_by_hand(said, heard, errors):
    assert word_errors(said.split(), heard.split()) == errors


def test_words_are_compared_with_the_only_turn_or_with_the_original(monkeypatch):
    heard = {False: "kids are talking by the door", True: "kids are walking by door"}
    monkeypatch.setattr(
        intelligibility, "transcribe", lambda paths: [heard[p.name.startswith("m")] for p in paths]
    )
    there = trial(protected=True)
    by_ear = rows(Intelligibility(modality="voice").measure(there, RNG))
    assert by_ear["wer"].value == pytest.approx(2 / 6)
    turn = Turn(speaker="participant", text="Kids are talking, by the front door.")
    told = there.original.map_sessions(lambda _, s: replace(s, transcript=(turn,)))
    by_word = rows(Intelligibility(modality="voice").measure(replace(there, original=told), RNG))
    assert by_word["wer"].value == pytest.approx(3 / 7)
    with pytest.raises(InvalidMeasurement, match="no words to hear in a face"):
        Intelligibility(modality="face").measure(there, RNG)
