"""Attribute inference: planted sexes and ages are guessed, absent ones are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.attack.voices import SIZES, Toy, corpus_of
from tests.harness.toys import see, stage

from mindveil.attack import attribute_inference, voices
from mindveil.attack.attribute_inference import FaceAttributes, VoiceAttributes, classify
from mindveil.attack.attribute_levels import common_levels, level_of
from mindveil.corpus.model import MediaFile
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.inference import measure_inference
from mindveil.harness.attacks import meet

VOICE, FACE = VoiceAttributes(), FaceAttributes()


def person_of(path):
    return int(path.name.partition("_")[0][1:])


def people(count, seed, *, modality="voice", ending="_voice.flac", told=("sex", "age")):
    """Return people with a sex and an age that do not hang together."""
    rng = np.random.default_rng([seed, 5])
    corpus = corpus_of(Toy(people=count, sessions=1), modality, ending)
    sexes, ages = rng.integers(2, size=count), rng.integers(18, 80, size=count)
    made = tuple(
        replace(
            p,
            attributes={
                k: v for k, v in {"sex": "fm"[sexes[i]], "age": float(ages[i])}.items() if k in told
            },
        )
        for i, p in enumerate(corpus.participants)
    )
    return replace(corpus, participants=made), sexes, ages


def rows_reader(sexes, ages, seed, strength):
    """Return a reader whose first axis is the sex and whose second is the age."""

    def read(channel, paths, encoder=""):
        size = SIZES.get(channel, 20)
        found = []
        for path in paths:
            i = person_of(path)
            rng = np.random.default_rng([seed, size, i, len(path.name), ord(path.name[-8])])
            row = rng.normal(size=size)
            row[0] += strength * (2 * sexes[i] - 1)
            row[1] += strength * (ages[i] - 49) / 9
            found.append(row)
        return np.stack(found)

    return read


def fight(
    attack,
    attacker,
    seed,
    monkeypatch,
    *,
    count=340,
    strength=6.0,
    change=None,
    told=("sex", "age"),
):
    """Return the guesses and the figures of one attacker on one undefended fold."""
    face = attack is FACE
    corpus, sexes, ages = people(
        count, seed, told=told, **({"modality": "face", "ending": "_face.png"} if face else {})
    )
    read = rows_reader(sexes, ages, seed, strength)
    monkeypatch.setattr(voices, "read_rows", read)
    monkeypatch.setattr(attribute_inference, "read_rows", read)
    for name in ("faces", "expressions"):
        monkeypatch.setattr(
            attribute_inference, f"read_{name}", lambda f, n=name: read(n, [m.path for m in f])
        )
    corpus = change(corpus) if change else corpus
    rng = np.random.default_rng(seed)
    protect = None if attacker == "ignorant" else (lambda c, _: c)
    bout = meet(attack, attacker, see(corpus, attack, stage(corpus, rng)), protect, rng)
    found = measure_inference([(bout.guesses[0], bout.truth)], rng)
    return bout.guesses[0], {m.metric: m for m in found}


# --- by hand ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "level"),
    [
        ("age", 29.9, "under 30"), ("age", 30, "30-44"), ("age", 44.0, "30-44"),
        ("age", 45.0, "45-59"), ("age", 60.0, "60 or over"), ("age", "18-29", "under 30"),
        ("age", "45-49|50-59", "45-59"), ("age", "40-49", ""), ("age", "*", ""),
        ("age", None, ""), ("age", "30|n/a", ""), ("sex", "F", "female"), ("sex", "man", "male"),
        ("sex", "non-binary", "non-binary"), ("sex", "f|m", ""), ("sex", None, ""),
        ("sex", "n/a", ""), ("gender", 1.0, "1.0"), ("gender", "1-2", ""),
    ],
)  # fmt: skip
def test_levels_by_hand(field, value, level):
    assert level_of(field, value) == level


def test_common_levels_by_hand():
    assert common_levels(["f", "m", "f", "", "x", "m"], 2) == ("f", "m")


def test_a_rare_level_is_not_learned():
    rng = np.random.default_rng(0)
    rows = np.array([[-1.0]] * 5 + [[1.0]] * 5 + [[9.0]])
    levels = ["f"] * 5 + ["m"] * 5 + ["x"]
    assert classify(rows, levels, np.array([[-1.0], [1.0], [9.0]]), rng) == ("f", "m", "m")


def test_too_few_teachers_of_two_levels_are_invalid():
    rng = np.random.default_rng(0)
    with pytest.raises(InvalidMeasurement, match="too few"):
        classify(np.zeros((8, 1)), ["f"] * 6 + ["m"] * 2, np.zeros((1, 1)), rng)
    with pytest.raises(InvalidMeasurement, match="too few"):
        classify(np.zeros((7, 1)), ["f"] * 4 + ["m"] * 3, np.zeros((1, 1)), rng)


# --- planted ----------------------------------------------------------------------------------


@pytest.mark.parametrize("attack", [VOICE, FACE], ids=lambda a: a.name)
@pytest.mark.parametrize("attacker", VOICE.attackers)
def test_a_planted_sex_is_guessed_and_a_planted_age_mostly(attack, attacker, monkeypatch):
    guesses, found = fight(attack, attacker, 1, monkeypatch)
    assert guesses.tier == ("light" if attacker == "ignorant" else "trained")
    seen = found["accuracy@sex"].estimate
    assert seen.n >= 200
    assert seen.value >= 0.95
    assert found["advantage-stated@sex"].estimate.low > 0.8  # the toy's own table states it
    assert found["accuracy@age"].estimate.value > 0.75


def test_what_the_release_hides_is_inferred_and_what_it_states_is_not(monkeypatch):
    monkeypatch.setattr(voices, "read_rows", None)
    corpus, sexes, ages = people(100, 2)
    read = rows_reader(sexes, ages, 2, 6.0)
    monkeypatch.setattr(attribute_inference, "read_rows", read)
    rng = np.random.default_rng(2)
    shown = stage(corpus, rng)
    hidden = tuple(
        replace(p, attributes={"sex": "*", "age": p.attributes["age"]})
        for p in shown.release.corpus.participants
    )
    released = replace(shown.release.corpus, participants=hidden)
    shown = replace(shown, release=replace(shown.release, corpus=released))
    bout = meet(VOICE, "ignorant", see(corpus, VOICE, shown), None, rng)
    found = {m.metric for m in measure_inference([(bout.guesses[0], bout.truth)], rng)}
    assert {"advantage@sex", "advantage-stated@age"} <= found
    assert bout.guesses[0].stated["sex"] == (False,) * 60
    assert all(bout.guesses[0].stated["age"])


def test_who_learns_on_protected_voices_follows_where_the_ignorant_one_is_led_astray(monkeypatch):
    corpus, sexes, ages = people(200, 3)
    plain = rows_reader(sexes, ages, 3, 6.0)

    def read(channel, paths, encoder=""):
        """Turn the sexes around in whatever was protected."""
        rows = plain(channel, paths)
        changed = np.array(["~" in p.name for p in paths])
        rows[changed, 0] *= -1
        return rows

    def protect(given, _=None):
        return given.map_sessions(
            lambda _, s: replace(
                s,
                media={
                    "voice": tuple(
                        MediaFile(path=m.path.with_name(m.path.name.replace("_voice", "~_voice")))
                        for m in s.media["voice"]
                    )
                },
            )
        )

    monkeypatch.setattr(attribute_inference, "read_rows", read)
    accuracy = {}
    for attacker in VOICE.attackers:
        rng = np.random.default_rng(3)
        shown = stage(corpus, rng)
        release = replace(shown.release, corpus=protect(shown.release.corpus))
        seen = see(corpus, VOICE, replace(shown, release=release))
        bout = meet(VOICE, attacker, seen, None if attacker == "ignorant" else protect, rng)
        found = measure_inference([(bout.guesses[0], bout.truth)], rng)
        accuracy[attacker] = found[0].estimate.value
    assert accuracy["ignorant"] < 0.1
    assert accuracy["semi-informed"] > 0.95


def test_a_face_that_left_only_expressions_is_guessed_from_those(monkeypatch):
    def only_expressions(corpus):
        return corpus.map_sessions(
            lambda p, s: replace(
                s,
                media={
                    "face": (
                        MediaFile(path=s.media["face"][0].path.with_name(
                            f"{p.participant_id}_expression.parquet")),
                    )
                },
            )
        )  # fmt: skip

    _, found = fight(FACE, "ignorant", 4, monkeypatch, change=only_expressions)
    assert found["accuracy@sex"].estimate.value >= 0.95


def test_a_silent_person_is_guessed_at_and_all_silent_is_invalid(monkeypatch):
    corpus, sexes, ages = people(100, 5)
    plain = rows_reader(sexes, ages, 5, 6.0)
    silent = {3}

    def read(channel, paths, encoder=""):
        rows = plain(channel, paths)
        rows[[person_of(p) in silent for p in paths]] = np.nan
        return rows

    monkeypatch.setattr(attribute_inference, "read_rows", read)
    rng = np.random.default_rng(5)
    shown = stage(corpus, rng)
    bout = meet(VOICE, "ignorant", see(corpus, VOICE, shown), None, rng)
    assert all(bout.guesses[0].guesses["sex"])
    silent |= set(range(100))
    with pytest.raises(InvalidMeasurement, match="nothing can be heard"):
        meet(VOICE, "ignorant", see(corpus, VOICE, shown), None, rng)


def test_without_known_attributes_it_is_invalid(monkeypatch):
    corpus, _, _ = people(100, 6, told=())
    seen = see(corpus, VOICE, stage(corpus, np.random.default_rng(6)))
    with pytest.raises(InvalidMeasurement, match="nobody teaches"):
        meet(VOICE, "ignorant", seen, None, np.random.default_rng(6))


def test_another_language_is_invalid(monkeypatch):
    corpus, _, _ = people(100, 7)
    corpus = replace(corpus, language="fr")
    seen = see(corpus, VOICE, stage(corpus, np.random.default_rng(7)))
    with pytest.raises(InvalidMeasurement, match="English"):
        meet(VOICE, "ignorant", seen, None, np.random.default_rng(7))


# --- none -------------------------------------------------------------------------------------


def exclusions(attacker, seeds, monkeypatch):
    """Return in how many null corpora the interval excludes 0: above, and either way."""
    above = below = 0
    for seed in range(seeds):
        _, found = fight(
            VOICE, attacker, 100 + seed, monkeypatch, count=80, strength=0.0, told=("sex",)
        )
        gain = found["advantage-stated@sex"].estimate
        above += gain.low > 0
        below += gain.high < 0
    return above, above + below


@pytest.mark.parametrize("attacker", VOICE.attackers)
def test_voices_that_say_nothing_give_no_advantage(attacker, monkeypatch):
    assert exclusions(attacker, 4, monkeypatch)[0] == 0


@pytest.mark.slow
@pytest.mark.parametrize("attacker", VOICE.attackers)
def test_voices_that_say_nothing_give_no_advantage_in_40_corpora(attacker, monkeypatch):
    above, outside = exclusions(attacker, 40, monkeypatch)
    assert above <= 2
    assert outside <= 5


def test_an_age_that_is_not_in_the_voice_is_not_guessed(monkeypatch):
    _, found = fight(VOICE, "ignorant", 8, monkeypatch, count=200, strength=0.0)
    assert found["advantage-stated@age"].estimate.low <= 0
