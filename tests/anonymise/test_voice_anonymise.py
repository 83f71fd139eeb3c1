"""The dial for voices: levels, one pseudo-voice a session, nobody's copy hanging on others."""

from __future__ import annotations

import numpy as np
import pytest
from tests.anonymise.voices import RATE, corpus, heard, melody, noise, person, recorded, vowel

from mindveil.anonymise.voice_anonymise import VoiceAnonymise
from mindveil.anonymise.voice_mcadams import VoiceMcadams
from mindveil.anonymise.voice_pseudo_voice import VoicePseudoVoice
from mindveil.corpus.digest import file_digest
from mindveil.corpus.media import Audio, read_audio, write_audio
from mindveil.corpus.workshop import workshop
from mindveil.errors import InputError

pytest.importorskip("soundfile")

EVERY = [VoiceMcadams(), VoicePseudoVoice(), VoiceAnonymise(level=1), VoiceAnonymise(level=2)]


def speaker(folder, name, level):
    voice = vowel(melody(0.6, level=level))
    return person(name, {"voice": (recorded(folder, f"{name}_voice.flac", voice),)})


@pytest.mark.parametrize("level", [0, 3, 4])
def test_levels_that_cannot_be_made_are_refused(level):
    with pytest.raises(InputError, match=f"level {level} does not exist"):
        VoiceAnonymise(level=level)


@pytest.mark.parametrize("protection", EVERY, ids=lambda p: f"{p.name}-{getattr(p, 'level', '')}")
def test_each_person_is_treated_alone_and_alike(tmp_path, protection):
    one, two = speaker(tmp_path, "A", 110.0), speaker(tmp_path, "B", 210.0)
    alone = protection.apply(corpus(one), np.random.default_rng(1))
    first = protection.apply(corpus(one, two), np.random.default_rng(1))
    last = protection.apply(corpus(two, one), np.random.default_rng(1))
    other = protection.apply(corpus(one), np.random.default_rng(2))
    assert first.ids == ("A", "B")

    def digests(release):
        return {
            p.participant_id: file_digest(p.sessions[0].media["voice"][0].path)
            for p in release.participants
        }

    assert digests(first)["A"] == digests(alone)["A"] == digests(last)["A"]
    assert digests(first)["B"] == digests(last)["B"]
    assert digests(other)["A"] != digests(alone)["A"]
    assert not np.array_equal(heard(alone)["A", "1"][0], heard(corpus(one))["A", "1"][0])


@pytest.mark.parametrize("protection", EVERY, ids=lambda p: f"{p.name}-{getattr(p, 'level', '')}")
def test_length_and_loudness_are_kept_and_nothing_is_clipped(tmp_path, protection):
    shouted = np.clip(4 * vowel(melody(1)), -0.95, 0.95)
    media = tuple(
        recorded(tmp_path, f"run-0{n}_voice.flac", wave.astype(np.float32))
        for n, wave in enumerate((shouted, 0.01 * vowel(melody(1)), noise(0.01), np.zeros(800)))
    )
    before = corpus(person("A", {"voice": media}))
    after = heard(protection.apply(before, np.random.default_rng(1)))["A", "1"]
    for old, new in zip(heard(before)["A", "1"], after, strict=True):
        assert len(new) == len(old)
        assert np.all(np.isfinite(new))
        assert np.max(np.abs(new), initial=0) < 0.995
    levels = [np.sqrt(np.mean(v**2)) for v in (*heard(before)["A", "1"][:2], *after[:2])]
    assert levels[3] == pytest.approx(levels[1], rel=0.02)
    assert 0.8 < levels[2] / levels[0] < 1.01
    assert not after[3].any()


def test_level_two_does_more_than_level_one(tmp_path):
    one = corpus(speaker(tmp_path, "A", 110.0))
    made = [
        heard(VoiceAnonymise(level=n).apply(one, np.random.default_rng(1)))["A", "1"][0]
        for n in (1, 2)
    ]
    assert not np.allclose(made[0], made[1], atol=0.01)


def test_any_rate_and_number_of_channels_becomes_sixteen_kilohertz(tmp_path):
    soundfile = pytest.importorskip("soundfile")
    t = np.arange(48_000) / 48_000
    soundfile.write(tmp_path / "a_voice.wav", np.stack([np.sin(900 * t)] * 2, axis=1) / 4, 48_000)
    recording = recorded(tmp_path, "b_voice.flac", noise(0.1))
    changed = recorded(tmp_path, "c_voice.flac", noise(0.1))
    media = (type(recording)(path=tmp_path / "a_voice.wav", task="happy"), recording, changed)
    release = VoiceMcadams().apply(corpus(person("A", {"voice": media})), np.random.default_rng(1))
    files = release.participants[0].sessions[0].media["voice"]
    assert [f.task for f in files] == ["happy", "", ""]
    sound = read_audio(files[0].path, None)
    assert (sound.rate, len(sound.samples)) == (RATE, RATE)


def test_new_files_lie_in_the_workshop_and_features_of_the_original_go(tmp_path):
    source = recorded(tmp_path, "a_voice.flac", noise(0.2))
    features = type(source)(path=tmp_path / "a_features.parquet")
    one = corpus(person("A", {"voice": (source, features)}))
    with workshop(tmp_path / "shop") as shop:
        release = VoiceMcadams().apply(one, np.random.default_rng(1))
    (file,) = release.participants[0].sessions[0].media["voice"]
    assert file.path.parent == shop
    assert file_digest(source.path) != file_digest(file.path)


def test_a_broken_recording_is_named(tmp_path):
    (tmp_path / "a_voice.flac").write_bytes(b"fLaC but not really")
    source = recorded(tmp_path, "b_voice.flac", noise(0.1))
    broken = type(source)(path=tmp_path / "a_voice.flac")
    with pytest.raises(InputError, match=r"a_voice\.flac"):
        VoiceMcadams().apply(corpus(person("A", {"voice": (broken,)})), np.random.default_rng(1))


def test_null_who_has_no_voice_is_left_as_is(tmp_path):
    write_audio(tmp_path / "x.flac", Audio(samples=noise(0.1), rate=RATE))
    silent = corpus(person("A", {}), person("B"))
    for protection in EVERY:
        assert protection.apply(silent, np.random.default_rng(1)) == silent
