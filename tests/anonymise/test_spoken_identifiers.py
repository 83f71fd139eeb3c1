"""Names that are timed fall silent, in every voice protection and whatever the text became."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.anonymise.voices import RATE, corpus, heard, noise, person, recorded, timed

from mindveil.anonymise.spoken_identifiers import FADE, PAD, mute, spoken_identifiers
from mindveil.anonymise.text_anonymise import TextAnonymise
from mindveil.anonymise.text_redact import TextRedact
from mindveil.anonymise.voice_anonymise import VoiceAnonymise
from mindveil.anonymise.voice_mcadams import VoiceMcadams
from mindveil.anonymise.voice_pseudo_voice import VoicePseudoVoice
from mindveil.corpus.model import Column
from mindveil.errors import InputError

pytest.importorskip("soundfile")

ROWS = [
    *(("i", 0.1, 0.2), ("rang", 0.2, 0.5), ("my", 0.5, 0.7), ("sister", 0.7, 1.0)),
    *(("nicole", 1.2, 1.6), ("and", 1.8, 1.9), ("slept", 2.0, 2.4), ("badly", 2.4, 2.9)),
]
EVERY = [VoiceMcadams(), VoicePseudoVoice(), VoiceAnonymise(level=1), VoiceAnonymise(level=2)]


def planted(folder, rows=ROWS, seconds=3.0):
    """Return a corpus of one recording with these timed words."""
    voice = recorded(folder, "sub-A_ses-1_voice.flac", noise(seconds))
    words = timed(folder, "sub-A_ses-1_words.tsv", rows)
    return corpus(person("A", {"voice": (voice,), "text": (words,)}))


def silences(one):
    return spoken_identifiers(one.participants[0], one)


def energy(samples, start, end):
    return float(np.sum(np.square(samples[int(start * RATE) : int(end * RATE)])))


@pytest.mark.parametrize(
    ("silent", "wanted"),
    [
        ((), [1, 1, 1, 1, 1, 1, 1, 1]),
        (((0.03, 0.05),), [1, 1, 0.5, 0, 0, 0.5, 1, 1]),
        (((0.0, 0.01), (0.06, math.inf)), [0, 0.5, 1, 1, 1, 0.5, 0, 0]),
        (((0.02, 0.03), (0.04, 0.05)), [1, 0.5, 0, 0.5, 0, 0.5, 1, 1]),
        (((2.0, 3.0),), [1, 1, 1, 1, 1, 1, 1, 1]),
    ],
)
def test_hand_table_muting_at_a_hundred_samples_a_second(silent, wanted):
    assert mute(np.ones(8, dtype=np.float32), silent, 100).tolist() == wanted


@given(
    times=st.lists(st.tuples(st.floats(0, 3), st.floats(0, 1)), max_size=4),
    seconds=st.floats(0, 3),
)
def test_nothing_sounds_inside_and_all_sounds_outside(times, seconds):
    samples = np.ones(int(seconds * RATE), dtype=np.float32)
    silent = tuple((start, start + length) for start, length in times)
    muted = mute(samples, silent, RATE)
    at = np.arange(len(samples)) / RATE
    far = np.ones(len(samples), dtype=bool)
    for start, end in silent:
        assert not muted[(at >= start) & (at < end)].any()
        far &= (at < start - FADE - 2 / RATE) | (at > end + FADE + 2 / RATE)
    assert np.all(muted[far] == 1)
    assert np.all((muted >= 0) & (muted <= 1))


@pytest.mark.usefixtures("model")
def test_a_name_is_found_by_its_time(tmp_path):
    assert silences(planted(tmp_path)) == {"1": ((pytest.approx((1.2 - PAD, 1.6 + PAD)),),)}


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    "mark", ["[PERSON]", "[PERSON_2]'s", "[NAME]", "<scrubbed_entry>", "[redacted]"]
)
def test_what_was_hidden_before_is_muted(tmp_path, mark):
    rows = [("well", 0.2, 0.5), (mark, 0.6, 0.9), ("called", 1.0, 1.4)]
    (muted,) = silences(planted(tmp_path, rows))["1"]
    assert muted == (pytest.approx((0.55, 0.95)),)


@pytest.mark.usefixtures("model")
def test_what_is_no_identifier_is_heard(tmp_path):
    rows = [
        ("<laughter>", 0.2, 0.5),
        ("[laughs]", 0.6, 0.9),
        ("for", 1.0, 1.2),
        ("weeks", 1.2, 1.5),
    ]
    assert silences(planted(tmp_path, rows)) == {"1": ((),)}


@pytest.mark.usefixtures("model")
def test_a_name_without_a_time_is_muted_between_its_neighbours(tmp_path):
    rows = [*ROWS[:4], ("nicole", "n/a", "n/a"), *ROWS[5:]]
    (muted,) = silences(planted(tmp_path, rows))["1"]
    assert muted == (pytest.approx((1.0 - PAD, 1.8 + PAD)),)
    (muted,) = silences(planted(tmp_path, [("nicole", "n/a", "n/a")]))["1"]
    assert muted == ((0.0, math.inf),)


@pytest.mark.usefixtures("model")
def test_what_the_table_of_people_knows_is_muted(tmp_path):
    one = planted(tmp_path, [("call", 0.2, 0.5), ("zithernut", 0.6, 0.9), ("again", 1.0, 1.4)])
    (person_,) = one.participants
    known = replace(
        one,
        participants=(replace(person_, attributes={"name": "Zithernut Quince"}),),
        columns={"name": Column(role="identifier", kind="text")},
    )
    assert silences(known) == {"1": ((pytest.approx((0.55, 0.95)),),)}


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("protection", EVERY, ids=lambda p: f"{p.name}-{getattr(p, 'level', '')}")
def test_planted_no_energy_is_left_where_the_name_was(tmp_path, protection):
    one = planted(tmp_path)
    assert energy(heard(one)["A", "1"][0], 1.2, 1.6) > 1
    (voice,) = heard(protection.apply(one, np.random.default_rng(1)))["A", "1"]
    assert energy(voice, 1.2 - PAD, 1.6 + PAD) == 0
    assert energy(voice, 0.2, 1.0) > 1
    assert energy(voice, 2.0, 2.9) > 1


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    "text",
    [TextRedact(), TextRedact(operator="surrogate"), TextAnonymise(), TextAnonymise(level=2)],
    ids=["tag", "surrogate", "level 1", "level 2"],
)
@pytest.mark.parametrize("first", ["text", "voice"])
def test_planted_in_either_order_neither_words_nor_audio_hold_the_name(tmp_path, text, first):
    one, rng = planted(tmp_path), np.random.default_rng(1)
    steps = (text, VoiceMcadams()) if first == "text" else (VoiceMcadams(), text)
    for step in steps:
        one = step.apply(one, rng)
    (session,) = one.participants[0].sessions
    (words,) = session.files("text", "words")
    written = words.path.read_text(encoding="utf-8").lower()
    assert "nicole" not in written
    assert "[person" in written
    assert "slept\t2\t2.4" in written
    (voice,) = heard(one)["A", "1"]
    assert energy(voice, 1.2 - PAD, 1.6 + PAD) == 0
    assert energy(voice, 0.2, 1.0) > 1


@pytest.mark.usefixtures("model")
def test_runs_are_told_apart_by_name_and_else_by_order(tmp_path):
    def released(words, voices):
        media = {
            "text": tuple(timed(tmp_path, w, ROWS) for w in words),
            "voice": tuple(recorded(tmp_path, v, noise(3)) for v in voices),
        }
        return [bool(s) for s in silences(corpus(person("A", media)))["1"]]

    runs = ["run-01_voice.flac", "run-02_voice.flac", "run-03_voice.flac"]
    runs = [f"sub-A_ses-1_{run}" for run in runs]
    assert released(["sub-A_ses-1_run-02_words.tsv"], runs) == [False, True, False]
    assert released(["a_words.tsv"], ["b_voice.flac"]) == [True]
    assert released(["a_words.tsv"], ["sub-A_ses-1_run-01_voice.flac"]) == [True]
    assert released(["a_words.tsv", "b_words.tsv"], ["x_voice.flac", "y_voice.flac"]) == [True] * 2
    with pytest.raises(InputError, match=r"1 \*_words.tsv and 3 recordings"):
        released(["sub-A_ses-1_words.tsv"], runs)
    with pytest.raises(InputError, match="name each table after its recording"):
        released(["sub-A_ses-1_run-07_words.tsv"], runs)


@pytest.mark.usefixtures("model")
def test_a_run_is_still_known_after_the_text_was_protected(tmp_path):
    voices = tuple(
        recorded(tmp_path, f"sub-A_ses-1_run-0{n}_voice.flac", noise(3)) for n in (1, 2, 3)
    )
    words = timed(tmp_path, "sub-A_ses-1_run-02_words.tsv", ROWS)
    one = TextAnonymise().apply(
        corpus(person("A", {"text": (words,), "voice": voices})), np.random.default_rng(1)
    )
    assert [bool(s) for s in silences(one)["1"]] == [False, True, False]


@pytest.mark.usefixtures("model")
def test_times_beyond_the_recording_are_refused(tmp_path):
    rows = [(word, 1000 * start, 1000 * end) for word, start, end in ROWS]
    with pytest.raises(InputError, match="seconds from its start") as caught:
        VoiceMcadams().apply(planted(tmp_path, rows), np.random.default_rng(1))
    assert "nicole" not in str(caught.value)


def test_another_language_is_refused_rather_than_passed_by(tmp_path):
    one = replace(planted(tmp_path), language="de")
    with pytest.raises(InputError, match="English only"):
        VoiceMcadams().apply(one, np.random.default_rng(1))


def test_null_without_timed_words_nothing_is_muted(tmp_path):
    media = {"voice": (recorded(tmp_path, "a_voice.flac", noise(1)),)}
    one = replace(corpus(person("A", media)), language="de")
    assert silences(one) == {}
    (voice,) = heard(VoiceMcadams().apply(one, np.random.default_rng(1)))["A", "1"]
    assert np.all(np.sum(voice.reshape(-1, 160) ** 2, axis=1) > 0)
