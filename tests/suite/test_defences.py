from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.anonymise.base import Protection
from mindveil.corpus.instruments import get
from mindveil.corpus.media import read_audio, read_still
from mindveil.corpus.model import Corpus, Participant, Response, Session, Turn
from mindveil.corpus.sample.load import load_sample
from mindveil.errors import InvalidMeasurement
from mindveil.suite import defences
from mindveil.suite.defences import AsProtected, IndependentNoise, VerbatimCopy


def rng(seed=1):
    return np.random.default_rng(seed)


def person(name, words, answers):
    said = tuple(Turn(speaker="participant", text=w) for w in words)
    visit = Session(session_id="01", transcript=said, responses={"phq9": Response(items=answers)})
    return Participant(participant_id=name, attributes={"age": 50.0}, sessions=(visit,))


def two(first=("hello there",), answers=(3,) * 9):
    people = (person("P1", first, answers), person("P2", ("no",), (0,) * 9))
    return Corpus(name="two", participants=people)


def test_all_are_protections_that_look_at_one_person_at_a_time():
    for made in (VerbatimCopy(), IndependentNoise(), AsProtected(digest="x")):
        assert isinstance(made, Protection)
        assert made.alone


def test_a_verbatim_copy_changes_nothing():
    assert VerbatimCopy().apply(two(), rng()) == two()


@settings(max_examples=20, deadline=None)
@given(
    words=st.lists(st.text("abc ", min_size=1), min_size=1, max_size=9),
    answers=st.lists(st.integers(0, 3), min_size=9, max_size=9),
    seed=st.integers(0, 9),
)
def test_noise_is_the_same_whatever_a_person_said_and_answered(words, answers, seed):
    made = IndependentNoise().apply(two(tuple(words), tuple(answers)), rng(seed))
    other = IndependentNoise().apply(two(), rng(seed))
    assert made == other


def test_noise_keeps_sessions_and_the_range_of_a_form_and_no_trait():
    made = IndependentNoise().apply(two(), rng())
    assert made.ids == ("P1", "P2")
    for one in made.participants:
        assert not one.attributes
        visit = one.sessions[0]
        assert len(visit.transcript) == defences.TURNS
        items = visit.responses["phq9"].items
        assert len(items) == 9
        ranges = get("phq9").ranges
        assert all(low <= x <= high for x, (low, high) in zip(items, ranges, strict=True))
        assert visit.responses["phq9"].items != (3,) * 9


def test_noise_has_mild_and_bad_cases():
    many = Corpus(
        name="n", participants=tuple(person(f"P{i}", ("x",), (0,) * 9) for i in range(99))
    )
    made = IndependentNoise().apply(many, rng())
    totals = [sum(p.sessions[0].responses["phq9"].items) for p in made.participants]
    assert 0.4 < np.mean(np.array(totals) >= 10) < 0.9


def test_an_unknown_form_is_left_without_answers():
    first = two().participants[0]
    visit = replace(first.sessions[0], responses={"own": Response(items=(1, 2))})
    corpus = two().with_people((replace(first, sessions=(visit,)),))
    made = IndependentNoise().apply(corpus, rng())
    assert made.participants[0].sessions[0].responses["own"].items == (None, None)


def test_noise_of_recordings_is_of_one_length_and_other_bytes_each_time(tmp_path):
    sample = load_sample(tmp_path)
    seen = [p for p in sample.participants if any(s.media for s in p.sessions)][:2]
    made = IndependentNoise().apply(sample.with_people(seen), rng())
    visits = [s for p in made.participants for s in p.sessions if s.media]
    assert len(visits) >= 4
    heard = [read_audio(s.media["voice"][0].path).samples for s in visits]
    assert {len(x) for x in heard} == {defences.SECONDS * 16_000}
    assert max(abs(np.corrcoef(heard[0], heard[1])[0, 1]), 0) < 0.05
    pictures = [read_still(s.media["face"][0].path) for s in visits]
    assert not np.array_equal(pictures[0], pictures[1])
    assert {len(s.media) for s in visits} == {2}  # no timed words are left


def test_a_folder_protects_those_it_holds_while_it_is_at_hand():
    step, corpus = AsProtected(digest="abc"), two()
    with defences.given("abc", corpus.with_people(corpus.participants)):
        assert step.apply(corpus, rng()) == corpus
        with pytest.raises(InvalidMeasurement, match="enter a callable"):
            step.apply(corpus.select(["P1"]), rng())
    with pytest.raises(InvalidMeasurement, match="enter a callable"):
        step.apply(corpus, rng())
