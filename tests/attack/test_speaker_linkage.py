"""Speaker linkage: planted voices are found, protections are learned through, silence is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.attack.voices import Toy, corpus_of, rows_by_path
from tests.harness.toys import see, stage

from mindveil.attack import voices
from mindveil.attack.base import ATTACKERS, Knowledge
from mindveil.attack.practice import practise
from mindveil.attack.speaker_linkage import SpeakerLinkage, sense_of
from mindveil.attack.voices import hear
from mindveil.corpus.model import MediaFile
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.linkage import measure_linkage, name_pairs
from mindveil.harness.attacks import meet

ATTACK = SpeakerLinkage()


def copies(corpus, rng=None):
    """Protect as the toys do: every recording becomes a new one of another file name."""

    def changed(_, session):
        new = tuple(
            MediaFile(path=m.path.with_name(m.path.name.replace("_voice", "~1_voice")))
            for m in session.media["voice"]
        )
        return replace(session, media={"voice": new})

    return corpus.map_sessions(changed)


def fight(
    toy, attacker, seed, monkeypatch, *, shift=None, shuffled=False, protect=None, curves=False
):
    """Return the figures of one attacker; the release is protected where ``protect`` is given."""
    monkeypatch.setattr(voices, "read_rows", rows_by_path(toy, seed, shift))
    corpus, rng = corpus_of(toy), np.random.default_rng(seed)
    shown = stage(corpus, rng, shuffled=shuffled)
    if protect is not None:
        shown = replace(shown, release=replace(shown.release, corpus=protect(shown.release.corpus)))
    again = None if attacker == "ignorant" else (protect or (lambda c, _: c))
    bout = meet(ATTACK, attacker, see(corpus, ATTACK, shown), again, rng)
    linked = name_pairs(bout.guesses[0], bout.truth)
    found = measure_linkage([replace(linked, curves=curves)], 100, frozenset(), rng)
    return bout.guesses, {m.metric: m for m in found}


# --- what is refused --------------------------------------------------------------------------


def test_another_language_is_invalid_and_never_low_risk(monkeypatch):
    toy = Toy(people=30)
    monkeypatch.setattr(voices, "read_rows", rows_by_path(toy, 0))
    corpus = replace(corpus_of(toy), language="de")
    seen = see(corpus, ATTACK, stage(corpus, np.random.default_rng(0)))
    with pytest.raises(InvalidMeasurement, match="English"):
        meet(ATTACK, "ignorant", seen, None, np.random.default_rng(0))


def test_silence_is_invalid(monkeypatch):
    def silent(channel, path, row, rng):
        return row * np.nan

    with pytest.raises(InvalidMeasurement, match="no voice"):
        fight(Toy(people=30), "ignorant", 0, monkeypatch, shift=silent)


def test_one_session_is_nothing_to_enrol_on(monkeypatch):
    with pytest.raises(InvalidMeasurement, match="two sessions"):
        fight(Toy(people=30, sessions=1), "ignorant", 0, monkeypatch)


def test_a_silent_recording_matches_nobody_and_the_rest_still_stand(monkeypatch):
    def shift(channel, path, row, rng):
        return row * np.nan if path.name.startswith("P0003_1") else row

    guesses, found = fight(Toy(people=60), "ignorant", 0, monkeypatch, shift=shift)
    silent = ~np.isfinite(guesses[0].scores).any(axis=1)
    assert silent.sum() in {0, 2}  # where she is released: both her recordings
    assert found["rank1"].estimate.value >= 0.95


# --- planted voices ---------------------------------------------------------------------------


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_every_attacker_wins_on_glass(attacker, monkeypatch):
    guesses, found = fight(Toy(people=340, recordings=1), attacker, 1, monkeypatch, curves=True)
    assert found["rank1"].estimate.n >= 200
    assert found["rank1"].estimate.value >= 0.95
    assert found["advantage"].estimate.low > 0.9
    assert found["eer"].estimate.value < 0.03
    assert found["linkability"].estimate.value > 0.9
    assert guesses[0].tier == ("trained" if attacker == "semi-informed" else "light")
    assert [g.setting for g in guesses] == ["", "ge2e", "dvector", "prosody"]
    assert [g.curves for g in guesses] == [True, False, False, False]


def test_each_question_of_its_own_can_be_won(monkeypatch):
    rng = np.random.default_rng(0)
    for attacker in ATTACKERS:
        monkeypatch.setattr(voices, "read_rows", rows_by_path(Toy(), 2))
        corpus = corpus_of(Toy())
        seen = see(corpus, ATTACK, stage(corpus, np.random.default_rng(2)))
        protect = None if attacker == "ignorant" else (lambda c, _: c)
        bout = meet(ATTACK, attacker, seen, protect, rng)
        for asked in bout.guesses[1:]:
            found = measure_linkage([name_pairs(asked, bout.truth)], 100, frozenset(), rng)
            assert found[0].estimate.value >= 0.9, (attacker, asked.setting)


def distorted(channel, path, row, rng):
    """Add a large change, new each time, along six directions that are the same for everybody."""
    if "~" not in path.name:
        return row
    axes = np.random.default_rng(99).normal(size=(6, len(row)))
    return row + 4 * rng.normal(size=6) @ axes / np.sqrt(6) * (channel != "prosody")


def test_who_practises_on_protected_voices_hears_through_a_distortion(monkeypatch):
    toy = Toy(people=120, recordings=3, noise=0.4)
    rank = {}
    for attacker in ATTACKERS:
        _, found = fight(toy, attacker, 3, monkeypatch, shift=distorted, protect=copies)
        rank[attacker] = found["rank1"].estimate
    assert rank["lazy-informed"].value < 0.6
    assert rank["semi-informed"].value >= 0.95


def test_prosody_that_survives_is_found_out(monkeypatch):
    def noise(channel, path, row, rng):
        """Replace what encoders hear, leave the prosody."""
        changed = "~" in path.name and channel != "prosody"
        return rng.normal(size=len(row)) if changed else row

    toy = Toy(people=120)
    _, lazy = fight(toy, "lazy-informed", 4, monkeypatch, shift=noise, protect=copies)
    _, semi = fight(toy, "semi-informed", 4, monkeypatch, shift=noise, protect=copies)
    assert lazy["rank1"].estimate.value < 0.15
    assert semi["rank1"].estimate.value > 0.8


def test_originals_are_compared_with_where_protected_copies_tell_less(monkeypatch):
    def noise(channel, path, row, rng):
        """Add so much noise that a copy of a copy is lost, but a copy of an original is not."""
        return row + 1.2 * rng.normal(size=len(row)) if "~" in path.name else row

    toy, rank = Toy(people=150, recordings=1), {}
    for attacker in ATTACKERS:
        _, found = fight(toy, attacker, 5, monkeypatch, shift=noise, protect=copies)
        rank[attacker] = found["rank1"].estimate.value
    assert rank["semi-informed"] >= max(rank["ignorant"], rank["lazy-informed"]) - 0.05


def test_few_teachers_make_him_lazy_and_light(monkeypatch):
    toy = Toy(people=35)  # a fifth, 7, teach
    semi, _ = fight(toy, "semi-informed", 6, monkeypatch)
    lazy, _ = fight(toy, "lazy-informed", 6, monkeypatch)
    assert semi[0].tier == "light"
    assert semi[0].scores.tolist() == lazy[0].scores.tolist()


def test_an_encoder_of_ones_own_joins_the_others(monkeypatch):
    monkeypatch.setattr(voices, "read_rows", rows_by_path(Toy(), 7))
    attack, corpus = SpeakerLinkage(encoder="mine"), corpus_of(Toy())
    seen = see(corpus, attack, stage(corpus, np.random.default_rng(7)))
    guesses = meet(attack, "ignorant", seen, None, np.random.default_rng(7)).guesses
    assert [g.setting for g in guesses] == ["", "ge2e", "dvector", "own", "prosody"]
    assert {g.tier for g in guesses} == {"external"}


def test_a_copy_that_lost_somebody_still_keeps_the_line_up(monkeypatch):
    monkeypatch.setattr(voices, "read_rows", rows_by_path(Toy(), 8))
    corpus = corpus_of(Toy())
    seen = see(corpus, ATTACK, stage(corpus, np.random.default_rng(8)))
    lost = seen.known.ids[0]

    def protect(given, _):
        return given.select(set(given.ids) - {lost})

    guesses = meet(ATTACK, "lazy-informed", seen, protect, np.random.default_rng(8)).guesses
    assert guesses[0].candidates == seen.known.ids
    assert (guesses[0].scores[:, 0] == -np.inf).all()


def test_the_same_seed_gives_the_same_scores(monkeypatch):
    one, _ = fight(Toy(), "semi-informed", 9, monkeypatch)
    two, _ = fight(Toy(), "semi-informed", 9, monkeypatch)
    assert one[0].scores.tobytes() == two[0].scores.tobytes()


def test_nothing_is_learned_from_reference_people_without_a_second_recording(monkeypatch):
    toy = Toy(people=20, sessions=1, recordings=1)
    monkeypatch.setattr(voices, "read_rows", rows_by_path(toy, 0))
    knowledge = Knowledge(
        attacker="semi-informed",
        known=corpus_of(toy),
        reference=corpus_of(toy),
        protect=lambda c, _: c,
    )
    assert practise(knowledge, sense_of(""), np.random.default_rng(0)) is None


def test_prosody_is_put_on_one_scale_and_gaps_stand_in_the_middle(monkeypatch):
    table = np.array([[1.0, 10.0], [3.0, np.nan], [np.nan, np.nan], [5.0, 30.0]])
    monkeypatch.setattr(voices, "read_rows", lambda c, p, e: table)
    seen = hear("prosody", corpus_of(Toy(people=2)))
    assert seen.plain[1].tolist() == [0.0, 0.0]
    assert seen.plain[0] == pytest.approx([-np.sqrt(1.5), -1.0])
    assert np.isnan(seen.plain[2]).all()


# --- none -------------------------------------------------------------------------------------


def exclusions(attacker, seeds, monkeypatch):
    """Return in how many null corpora the interval of the advantage excludes 0, either way."""
    outside = 0
    for seed in range(seeds):
        _, found = fight(Toy(people=45), attacker, 100 + seed, monkeypatch, shuffled=True)
        gain = found["advantage"].estimate
        outside += gain.low > 0 or gain.high < 0
    return outside


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_shuffled_people_are_not_found(attacker, monkeypatch):
    assert exclusions(attacker, 4, monkeypatch) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("attacker", ATTACKERS)
def test_shuffled_people_are_not_found_in_40_corpora(attacker, monkeypatch):
    assert exclusions(attacker, 40, monkeypatch) <= 5
