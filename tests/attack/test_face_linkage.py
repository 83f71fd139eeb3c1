"""Face linkage: planted faces are found, protections are learned through, nothing is invented."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from tests.attack.voices import Toy, corpus_of
from tests.harness.toys import see, stage

from mindveil.attack import faces
from mindveil.attack.base import ATTACKERS, Knowledge
from mindveil.attack.face_linkage import FaceLinkage, sense_of
from mindveil.attack.faces import (
    PIXEL_CHANNELS,
    SHADES,
    cells,
    count,
    even_light,
    look,
    moved,
    pixel_cells,
    recordings_of,
)
from mindveil.attack.practice import practise
from mindveil.corpus.media import write_still
from mindveil.corpus.model import MediaFile, Session
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.linkage import measure_linkage, name_pairs
from mindveil.features.expression import EXPRESSIONS, Series, write_series
from mindveil.harness.attacks import meet

ATTACK = FaceLinkage()
SIDES = {"face": 8, "picture": 8, "shades": 6}
SIZES = {"embedding": 24, "expression": 10, "own": 8} | {c: n**2 for c, n in SIDES.items()}


def people(toy):
    return corpus_of(toy, "face", "_face.png")


def plant(monkeypatch, read):
    """Let planted rows, of few cells, stand in for what is read off pictures."""
    monkeypatch.setattr(faces, "read_rows", read)
    monkeypatch.setattr(faces, "SIDES", SIDES)


def rows_by_path(toy, seed, shift=None):
    """Return a reader of rows: each recording's own, drawn from the name of its file alone."""

    def row(channel, path):
        size, key = SIZES[channel], [*SIZES].index(channel)
        name = path.name.partition("_face")[0].partition("_expression")[0]
        person = int(name[1:5])
        mine = np.random.default_rng([seed, key, person]).normal(size=size)
        numbers = [int(n) for n in name[1:].replace("~", "_9").split("_")]
        rng = np.random.default_rng([seed, key, 7, *numbers])
        made = toy.identity * mine + toy.noise * rng.normal(size=size)
        return made if shift is None else shift(channel, path, made, rng)

    def read(channel, recordings, encoder=""):
        found = np.full((len(recordings), SIZES[channel]), np.nan)
        for i, recording in enumerate(recordings):
            file = recording.picture
            if channel == "expression":
                file = recording.series or recording.picture
            if file is not None:
                found[i] = row(channel, file.path)
        return found if np.isfinite(found).any() else found[:, :1]  # as where nothing is read

    return read


def copies(corpus, rng=None):
    """Protect as the toys do: every recording becomes a new one of another file name."""

    def changed(_, session):
        new = tuple(
            MediaFile(path=m.path.with_name(m.path.name.replace("_face", "~1_face")))
            for m in session.media["face"]
        )
        return replace(session, media={"face": new})

    return corpus.map_sessions(changed)


def only_series(corpus, rng=None):
    """Release what was measured in place of the pictures."""

    def changed(_, session):
        new = tuple(
            MediaFile(
                path=m.path.with_name(m.path.name.replace("_face.png", "_expression.parquet"))
            )
            for m in session.media["face"]
        )
        return replace(session, media={"face": new})

    return corpus.map_sessions(changed)


@dataclass(frozen=True, kw_only=True)
class Fight:
    """A toy corpus, what a protection does to rows, and to the files of a corpus."""

    toy: Toy
    shift: object = None
    protect: object = None
    shuffled: bool = False
    attack: FaceLinkage = ATTACK

    def run(self, attacker, seed, monkeypatch, *, curves=False):
        """Return the guesses and the figures of one attacker."""
        plant(monkeypatch, rows_by_path(self.toy, seed, self.shift))
        corpus, rng = people(self.toy), np.random.default_rng(seed)
        shown = stage(corpus, rng, shuffled=self.shuffled)
        if self.protect is not None:
            released = self.protect(shown.release.corpus)
            shown = replace(shown, release=replace(shown.release, corpus=released))
        again = None if attacker == "ignorant" else (self.protect or (lambda c, _: c))
        bout = meet(self.attack, attacker, see(corpus, self.attack, shown), again, rng)
        linked = name_pairs(bout.guesses[0], bout.truth)
        found = measure_linkage([replace(linked, curves=curves)], 100, frozenset(), rng)
        return bout, {m.metric: m for m in found}


def rank1(fight, attacker, seed, monkeypatch):
    return fight.run(attacker, seed, monkeypatch)[1]["rank1"].estimate.value


# --- by hand ----------------------------------------------------------------------------------


def test_a_series_goes_with_the_picture_it_was_read_off():
    files = [Path(n) for n in ("a_face.png", "b_face.mp4", "c_expression.parquet", "d_words.tsv")]
    session = Session(session_id="01", media={"face": tuple(MediaFile(path=p) for p in files)})
    one, two = recordings_of(session)
    assert (one.picture.path.name, one.series.path.name) == ("a_face.png", "c_expression.parquet")
    assert (two.picture.path.name, two.series) == ("b_face.mp4", None)
    assert count(Session(session_id="02")) == 0


def test_cells_by_hand():
    grey = np.kron(np.array([[10.0, 20.0], [30.0, 40.0]]), np.ones((8, 8)))
    spread = np.sqrt(125.0)
    assert cells(grey, 2) == pytest.approx(np.array([-15, -5, 5, 15]) / spread)


def test_a_picture_in_which_nothing_varies_is_nothing():
    flat = np.full((64, 48, 3), 90, dtype=np.uint8)
    assert np.isnan(pixel_cells(SHADES, flat)).all()
    assert np.isnan(even_light(flat[..., 0].astype(float), 32)).all()
    almost = flat.copy()
    almost[::2, ::3] += 1  # the noise of a codec is not a face
    assert np.isnan(pixel_cells("picture", almost)).all()


def test_the_light_is_taken_out():
    rng = np.random.default_rng(0)
    face = np.kron(rng.uniform(60, 190, (16, 16)), np.ones((8, 8)))
    lit = face + np.linspace(-50, 50, 128)[None, :]
    alike = np.corrcoef(even_light(face, 32), even_light(lit, 32))[0, 1]
    assert alike > 0.97
    assert alike > np.corrcoef(cells(face, 32), cells(lit, 32))[0, 1]


def test_a_picture_that_is_moved_is_still_the_same():
    rng = np.random.default_rng(0)
    wide = rng.normal(size=(20, 20))
    one, two = wide[:18, :18].reshape(1, -1), wide[1:19, 1:19].reshape(1, -1)
    gaps = [np.abs((found - two).reshape(18, 18)[:17, :17]).max() for found in moved(one, SHADES)]
    assert len(gaps) == 9
    assert min(gaps) == 0.0
    assert sum(gap == 0.0 for gap in gaps) == 1


# --- what is refused --------------------------------------------------------------------------


def test_empty_pictures_are_invalid_and_never_low_risk(monkeypatch):
    def blank(channel, path, row, rng):
        return row * np.nan

    with pytest.raises(InvalidMeasurement, match="nothing can be seen"):
        Fight(toy=Toy(people=30), shift=blank).run("ignorant", 0, monkeypatch)


def test_one_session_is_nothing_to_enrol_on(monkeypatch):
    with pytest.raises(InvalidMeasurement, match="two sessions"):
        Fight(toy=Toy(people=30, sessions=1)).run("ignorant", 0, monkeypatch)


# --- planted faces ----------------------------------------------------------------------------


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_every_attacker_wins_on_glass(attacker, monkeypatch):
    bout, found = Fight(toy=Toy(people=340, recordings=1)).run(
        attacker, 1, monkeypatch, curves=True
    )
    assert found["rank1"].estimate.n >= 200
    assert found["rank1"].estimate.value >= 0.95
    assert found["advantage"].estimate.low > 0.9
    assert found["eer"].estimate.value < 0.03
    assert {g.tier for g in bout.guesses} == {"trained" if attacker == "semi-informed" else "light"}
    assert [g.setting for g in bout.guesses] == ["", "embedding", "pixels", "expression"]
    assert [g.curves for g in bout.guesses] == [True, False, False, False]


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_each_question_of_its_own_can_be_won(attacker, monkeypatch):
    bout, _ = Fight(toy=Toy()).run(attacker, 2, monkeypatch)
    for asked in bout.guesses[1:]:
        linked = name_pairs(asked, bout.truth)
        found = measure_linkage([linked], 100, frozenset(), np.random.default_rng(0))
        assert found[0].estimate.value >= 0.9, asked.setting


def noisy(*channels):
    """Replace what these channels see of protected copies, leave the others."""

    def shift(channel, path, row, rng):
        changed = "~" in path.name and channel in channels
        return rng.normal(size=len(row)) if changed else row

    return shift


def test_pixels_give_away_what_an_encoder_does_not_see(monkeypatch):
    fight = Fight(toy=Toy(people=80), shift=noisy("embedding", "expression"), protect=copies)
    assert rank1(fight, "ignorant", 3, monkeypatch) < 0.15
    assert rank1(fight, "lazy-informed", 3, monkeypatch) >= 0.85
    assert rank1(fight, "semi-informed", 3, monkeypatch) >= 0.95


def test_proportions_that_survive_are_found_out(monkeypatch):
    fight = Fight(toy=Toy(people=80), shift=noisy("embedding", *PIXEL_CHANNELS), protect=copies)
    assert rank1(fight, "lazy-informed", 4, monkeypatch) < 0.15
    assert rank1(fight, "semi-informed", 4, monkeypatch) > 0.8


def distorted(channel, path, row, rng):
    """Add a large change, new each time, along six directions that are the same for everybody."""
    if "~" not in path.name:
        return row
    axes = np.random.default_rng(99).normal(size=(6, len(row)))
    return row + 4 * rng.normal(size=6) @ axes / np.sqrt(6) * (channel != "expression")


def test_who_practises_on_protected_faces_sees_through_a_distortion(monkeypatch):
    fight = Fight(toy=Toy(people=80, recordings=3, noise=0.4), shift=distorted, protect=copies)
    lazy, semi = (rank1(fight, a, 5, monkeypatch) for a in ATTACKERS[1:])
    assert lazy < 0.85
    assert semi >= 0.95


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_a_release_of_measures_alone_is_attacked(attacker, monkeypatch):
    bout, found = Fight(toy=Toy(people=120), protect=only_series).run(attacker, 6, monkeypatch)
    assert found["rank1"].estimate.value >= 0.9
    assert [g.setting for g in bout.guesses] == ["", "expression"]


def test_few_teachers_make_him_lazy_and_light(monkeypatch):
    fight = Fight(toy=Toy(people=35))  # a fifth, 7, teach
    (semi, _), (lazy, _) = (fight.run(a, 7, monkeypatch) for a in ("semi-informed", ATTACKERS[1]))
    assert semi.guesses[0].tier == "light"
    assert semi.guesses[0].scores.tolist() == lazy.guesses[0].scores.tolist()


def test_nothing_is_learned_from_people_without_a_second_recording(monkeypatch):
    toy = Toy(people=20, sessions=1, recordings=1)
    plant(monkeypatch, rows_by_path(toy, 0))
    knowledge = Knowledge(
        attacker="semi-informed",
        known=people(toy),
        reference=people(toy),
        protect=lambda c, _: c,
    )
    assert practise(knowledge, sense_of(""), np.random.default_rng(0)) is None


def test_an_encoder_of_ones_own_joins_the_others(monkeypatch):
    fight = Fight(toy=Toy(), attack=FaceLinkage(encoder="mine"))
    bout, _ = fight.run("ignorant", 8, monkeypatch)
    assert [g.setting for g in bout.guesses] == ["", "embedding", "own", "pixels", "expression"]
    assert {g.tier for g in bout.guesses} == {"external"}


def test_a_copy_that_lost_somebody_still_keeps_the_line_up(monkeypatch):
    plant(monkeypatch, rows_by_path(Toy(), 9))
    corpus = people(Toy())
    seen = see(corpus, ATTACK, stage(corpus, np.random.default_rng(9)))
    lost = seen.known.ids[0]

    def protect(given, _):
        return given.select(set(given.ids) - {lost})

    guesses = meet(ATTACK, "lazy-informed", seen, protect, np.random.default_rng(9)).guesses
    assert guesses[0].candidates == seen.known.ids
    assert (guesses[0].scores[:, 0] == -np.inf).all()


def test_the_same_seed_gives_the_same_scores(monkeypatch):
    one, two = (
        Fight(toy=Toy(people=45)).run("semi-informed", 10, monkeypatch)[0] for _ in range(2)
    )
    assert one.guesses[0].scores.tobytes() == two.guesses[0].scores.tobytes()


# --- files ------------------------------------------------------------------------------------


def test_whole_pictures_and_series_are_read_from_files(tmp_path):
    rng = np.random.default_rng(0)
    still, series = tmp_path / "a_face.png", tmp_path / "b_expression.parquet"
    write_still(still, rng.integers(0, 255, (40, 30, 3), dtype=np.uint8))
    values = rng.normal(size=(5, len(EXPRESSIONS)))
    write_series(series, Series(seconds=np.arange(5.0), values=values))
    files = (MediaFile(path=still), MediaFile(path=series))
    corpus = people(Toy(people=1)).map_sessions(
        lambda _, s: replace(s, media={"face": files if s.session_id == "01" else files[1:]})
    )
    whole_picture = look(SHADES, corpus)
    assert whole_picture.plain.shape == (2, 324)
    assert np.isfinite(whole_picture.plain[0]).all()
    assert np.isnan(whole_picture.plain[1]).all()
    # the series that stands beside a picture speaks for it, so that no network is needed
    both = look("expression", corpus).plain
    assert both.shape == (2, 2 * len(EXPRESSIONS))
    assert both[0].tolist() == both[1].tolist()


# --- none -------------------------------------------------------------------------------------


def exclusions(attacker, seeds, monkeypatch):
    """Return in how many null corpora the interval of the advantage excludes 0, either way."""
    outside = 0
    for seed in range(seeds):
        _, found = Fight(toy=Toy(people=45), shuffled=True).run(attacker, 100 + seed, monkeypatch)
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
