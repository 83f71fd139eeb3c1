"""Inversion of measures: planted contents are read back, and nothing is read from noise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.harness.toys import see, stage

from mindveil.attack import feature_inversion
from mindveil.attack.base import Knowledge
from mindveil.attack.feature_inversion import (
    Inverter,
    TextInversion,
    VoiceInversion,
    meanings,
    require_measures_alone,
)
from mindveil.corpus.model import Corpus, MediaFile, Participant, Session, Turn
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.linkage import measure_linkage, name_pairs
from mindveil.features.feature_only import with_rows
from mindveil.features.measures import MEASURED
from mindveil.harness.attacks import meet
from mindveil.release import DataRelease

WIDTH = 40


def rng(seed=7):
    return np.random.default_rng(seed)


def spoken(text):
    return Session(session_id="01", transcript=(Turn(speaker="participant", text=text),))


def corpus(count, kind="text"):
    """Return people with two visits each; who and when stands where words would."""

    def visit(person, number):
        session = replace(spoken(f"{person} {number}"), session_id=f"{number:02d}")
        if kind == "text":
            return session
        return replace(
            session,
            transcript=(),
            media={"voice": (MediaFile(path=Path(f"/toy/{person}_{number}_voice.flac")),)},
        )

    return Corpus(
        name="toy",
        participants=tuple(
            Participant(
                participant_id=f"P{n:03d}", sessions=tuple(visit(f"P{n:03d}", v) for v in (1, 2))
            )
            for n in range(count)
        ),
    )


def planted(seed, measures=12, telling=12, noise=0.2):
    """Return contents by visit, and measures of them: linear in what they tell."""
    source = np.random.default_rng(seed)
    axes = source.standard_normal((telling, WIDTH))
    mixing = source.standard_normal((telling, measures))

    def latent(visit):
        person, number = visit.transcript[0].text.split()
        own = np.random.default_rng([seed, int(person[1:])]).standard_normal(telling)
        other = np.random.default_rng([seed, int(person[1:]), int(number)])
        return own + 0.2 * other.standard_normal(telling)

    def contents(visits):
        return np.stack([latent(v) @ axes for v in visits])

    def measured(visits, kind):
        rows = np.stack([latent(v) @ mixing for v in visits])
        return rows + noise * np.random.default_rng(len(visits)).standard_normal(rows.shape)

    return contents, measured


def fight(monkeypatch, attacker, *, noise=0.2, shuffled=False, people=150, seed=3):
    """Return the figures of one attacker against a release of measures."""
    contents, measured = planted(seed, noise=noise)
    monkeypatch.setattr(feature_inversion, "visit_rows", measured)
    monkeypatch.setattr(feature_inversion, "meanings", contents)
    monkeypatch.setattr(feature_inversion, "require_measures_alone", lambda *_: None)
    everybody, source = corpus(people), rng(seed)
    shown = stage(everybody, source, shuffled=shuffled)
    again = None if attacker == "ignorant" else (lambda c, _: c)
    attack = TextInversion()
    bout = meet(attack, attacker, see(everybody, attack, shown), again, source)
    found = measure_linkage([name_pairs(bout.guesses[0], bout.truth)], 100, frozenset(), source)
    return {m.metric: m for m in found}


def test_an_exact_relation_is_inverted_by_hand():
    source = rng()
    measures = source.standard_normal((60, 3))
    contents = measures @ source.standard_normal((3, 5)) + 2.0
    inverter = Inverter.of(measures, contents)
    assert np.allclose(inverter.reconstructed(measures), contents, atol=0.05)
    fits = inverter.fit_of(measures, contents)
    assert (fits.argmax(axis=1) == np.arange(60)).all()
    gaps = np.full((1, 3), np.nan)
    assert np.isnan(inverter.reconstructed(gaps)).all()
    assert (inverter.fit_of(gaps, contents) == -np.inf).all()
    assert (inverter.fit_of(measures, np.full((1, 5), np.nan)) == -np.inf).all()


def test_the_fit_is_the_ratio_of_normal_densities():
    from scipy.stats import norm  # noqa: PLC0415

    inverter = Inverter.of(
        (x := rng().standard_normal((80, 2))), x + 0.5 * rng(1).standard_normal((80, 2))
    )
    one, other = np.array([[0.3, -1.0]]), np.array([[0.5, 0.2]])
    told = (inverter.reconstructed(one) - inverter.middle) @ inverter.axes.T
    place = (other - inverter.middle) @ inverter.axes.T
    ratio = norm.logpdf(place, told, np.sqrt(inverter.missed)).sum()
    ratio -= norm.logpdf(place, 0, np.sqrt(inverter.whole)).sum()
    level = 0.5 * np.log(inverter.whole / inverter.missed).sum()
    assert inverter.fit_of(one, other)[0, 0] == pytest.approx(ratio - level)


def test_measures_of_noise_tell_nothing():
    inverter = Inverter.of(rng().standard_normal((60, 5)), rng(1).standard_normal((60, 30)))
    explained = 1 - inverter.missed.sum() / inverter.whole.sum()
    assert explained < 0.1


def test_few_people_teach_nothing():
    with pytest.raises(InvalidMeasurement, match="19 people have both"):
        Inverter.of(np.zeros((19, 2)), np.zeros((19, 3)))


@pytest.mark.parametrize("attacker", ["ignorant", "semi-informed"])
def test_planted_people_are_named(attacker, monkeypatch):
    figures = fight(monkeypatch, attacker)
    assert figures["rank1"].estimate.low > 0.3


def test_nobody_is_named_where_measures_are_noise(monkeypatch):
    figures = fight(monkeypatch, "semi-informed", noise=1e4)
    assert figures["rank1"].estimate.low <= figures["rank1"].baseline


def test_nobody_is_named_in_another_order(monkeypatch):
    figures = fight(monkeypatch, "semi-informed", shuffled=True)
    assert figures["rank1"].estimate.low <= figures["rank1"].baseline


def measured_only(session, kind="text"):
    return with_rows(session, {kind: np.ones(len(MEASURED[kind]))})


def released(*sessions):
    people = tuple(
        Participant(participant_id=f"R{n}", sessions=(s,)) for n, s in enumerate(sessions)
    )
    return Corpus(name="r", participants=people)


def test_words_are_not_inverted():
    words, measures = spoken("I slept well."), measured_only(spoken("I slept well."))
    require_measures_alone(released(measures, measures), "text")
    with pytest.raises(InvalidMeasurement, match="the words themselves"):
        require_measures_alone(released(measures, words), "text")
    with pytest.raises(InvalidMeasurement, match="no measures of voice"):
        require_measures_alone(released(measures), "voice")


def test_a_release_of_words_is_no_low_risk():
    everybody = corpus(30)
    knowledge = Knowledge(attacker="ignorant", known=everybody, reference=everybody, protect=None)
    with pytest.raises(InvalidMeasurement, match="nothing to invert"):
        TextInversion().run(DataRelease(name="x", corpus=everybody), knowledge, rng())


def test_voices_of_another_language_are_invalid():
    german = replace(corpus(30, "voice"), language="de")
    knowledge = Knowledge(attacker="ignorant", known=german, reference=german, protect=None)
    with pytest.raises(InvalidMeasurement, match="English"):
        VoiceInversion().run(DataRelease(name="x", corpus=german), knowledge, rng())


def test_words_become_vectors():
    near, far = meanings(
        [spoken("I cannot sleep at night."), spoken("The train to Leeds is late.")]
    )
    assert near.shape == (384,)
    again = meanings([spoken("I lie awake every night.")])[0]
    assert near @ again > far @ again


def test_measures_of_real_words_tell_a_little():
    """Visits of two kinds of people: the measures see how much and of what they speak."""
    ill = [f"I never sleep. I am always sad and tired, for {n} weeks now." for n in range(3, 15)]
    well = [f"Work was fine and we went out to dance with {n} friends." for n in range(3, 15)]
    visits = [spoken(t) for t in (*ill, *well)]
    inverter = Inverter.of(feature_inversion.visit_rows(visits, "text"), meanings(visits))
    assert inverter.missed[0] < 0.3 * inverter.whole[0]


def test_visits_without_a_recording_have_no_speaker(monkeypatch):
    def heard(paths, key):
        assert key == "ge2e"
        return np.stack([np.full(3, float(len(str(p)))) for p in paths])

    monkeypatch.setattr(feature_inversion, "embed_recordings", heard)
    visit = corpus(1, "voice").participants[0].sessions[0]
    rows = feature_inversion.speakers([visit, spoken("no tape")])
    assert rows[0].tolist() == [22.0] * 3
    assert np.isnan(rows[1]).all()
    assert np.isnan(feature_inversion.speakers([spoken("no tape")])).all()
