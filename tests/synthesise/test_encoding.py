"""A corpus as a coded table and back: visits, several questionnaires, and what must not move."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.corpus.checks import check_corpus
from mindveil.corpus.instruments import get, score
from mindveil.corpus.manifest import load_corpus, save_corpus
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.corpus.sample.load import load_sample
from mindveil.errors import InputError
from mindveil.synthesise.encoding import Encoding, Reading
from mindveil.synthesise.encoding_layout import VISITS

COLUMNS = {
    "name": Column(role="identifier", kind="text"),
    "sex": Column(role="quasi", kind="nominal", levels=("female", "male")),
    "schooling": Column(role="quasi", kind="ordinal", levels=("school", "bachelor", "doctor")),
    "age": Column(role="quasi", kind="number", low=18, high=40),
    "entered": Column(role="quasi", kind="text", low=2020, high=2022),
}


def rng():
    return np.random.default_rng(7)


def visit(number, **responses):
    return Session(session_id=f"{number:02d}", responses=responses)


def phq2(*items):
    return Response(items=items, total=score(get("phq2"), items))


@pytest.fixture
def three():
    """Three people: two visits, one visit, and two visits of which one is without gad2."""
    told = [
        ("Ann", "female", "doctor", 30.0, "2020-05-01"),
        ("Bob", "male", None, 18.0, "2022-12-31"),
        ("Cy", None, "school", None, None),
    ]
    visits = [
        (visit(1, phq2=phq2(0, 1), gad2=Response(items=(3, 3))), visit(2, phq2=phq2(2, 2))),
        (visit(1, phq2=phq2(None, 1), gad2=Response(items=(0, 0))),),
        (visit(1, phq2=phq2(3, 3)), visit(2, phq2=phq2(1, 1), gad2=Response(items=(1, 2)))),
    ]
    return Corpus(
        name="three",
        participants=tuple(
            Participant(
                participant_id=f"P{n}",
                attributes=dict(zip(COLUMNS, row, strict=True)),
                sessions=sessions,
            )
            for n, (row, sessions) in enumerate(zip(told, visits, strict=True))
        ),
        columns=COLUMNS,
        language="de",
        licence="none",
        consent={"scales": "research"},
    )


def answers(corpus):
    return [[s.responses for s in p.sessions] for p in corpus.participants]


def test_the_layout_by_hand(three):
    encoding = Encoding.of(three)
    assert encoding.codebook.names == (
        *("sex", "schooling", "age", "entered", VISITS),
        *("gad2 present", "gad2_01", "gad2_02", "phq2_01", "phq2_02"),
        *("gad2@2 present", "gad2_01@2", "gad2_02@2", "phq2_01@2", "phq2_02@2"),
    )
    assert encoding.encode(three).tolist() == [
        [0, 2, 12, 3, 1, 1, 3, 3, 0, 1, 0, -1, -1, 2, 2],
        [1, -1, 0, 31, 0, 1, 0, 0, -1, 1, 0, -1, -1, -1, -1],
        [-1, 0, -1, -1, 1, 0, -1, -1, 3, 3, 1, 1, 2, 1, 1],
    ]
    assert not any(v.found for v in encoding.codebook.variables)
    assert encoding.codebook.blocks["phq2@2"] == (13, 14)


def test_people_come_back_under_new_names(three):
    encoding = Encoding.of(three)
    made = encoding.decode(encoding.encode(three), rng())
    assert made.ids == ("SYN-0001", "SYN-0002", "SYN-0003")
    assert answers(made) == answers(three)
    assert made.synthetic
    assert (made.language, made.licence, made.consent) == ("de", "none", {"scales": "research"})
    assert made.columns == {n: c for n, c in COLUMNS.items() if n != "name"}
    first = made.participants[0].attributes
    assert (first["sex"], first["schooling"], first["age"]) == ("female", "doctor", 30.0)
    assert "2020-04-01" <= first["entered"] <= "2020-06-01"
    assert made.participants[2].attributes == {
        "sex": None,
        "schooling": "school",
        "age": None,
        "entered": None,
    }


def test_nobody_answers_at_a_visit_that_did_not_take_place(three):
    encoding = Encoding.of(three)
    codes = np.zeros((1, 15), dtype=np.int16)
    codes[0, [5, 10]] = 1
    (person,) = encoding.decode(codes, rng()).participants
    assert [sorted(s.responses) for s in person.sessions] == [["gad2", "phq2"]]
    codes[0, 4] = 1
    (person,) = encoding.decode(codes, rng()).participants
    assert [sorted(s.responses) for s in person.sessions] == [["gad2", "phq2"]] * 2
    codes[0, [5, 11, 12]] = 0, -1, -1
    (person,) = encoding.decode(codes, rng()).participants
    assert [sorted(s.responses) for s in person.sessions] == [["phq2"]] * 2


def test_a_visit_without_questionnaires_is_counted(three):
    spoken = replace(three.participants[1], sessions=(visit(1), visit(2, phq2=phq2(1, 1))))
    corpus = three.with_people([spoken, *three.participants])
    encoding = Encoding.of(corpus)
    made = encoding.decode(encoding.encode(corpus), rng())
    assert answers(made) == answers(corpus)
    assert [s.session_id for s in made.participants[0].sessions] == ["01", "02"]


def test_somebody_who_never_came(three):
    absent = Participant(participant_id="X", attributes={"sex": "male"})
    corpus = three.with_people([absent, *three.participants])
    encoding = Encoding.of(corpus)
    made = encoding.decode(encoding.encode(corpus), rng())
    assert [len(p.sessions) for p in made.participants] == [0, 2, 1, 2]
    assert answers(made) == answers(corpus)


def test_with_a_guarantee_the_codebook_says_nothing_of_one_person(three):
    """Whoever is left out, the variables are the same, but for the design of the study."""
    twice = three.with_people([*three.participants, *three.participants])
    whole = Encoding.of(twice, private=True)
    for n in range(6):
        rest = [p for i, p in enumerate(twice.participants) if i != n]
        assert Encoding.of(twice.with_people(rest), private=True) == whole
    assert all(v.may_miss for v in whole.codebook.variables if "_" in v.name)
    made = whole.decode(whole.encode(three), rng())
    assert answers(made) == answers(three)


def test_attributes_alone_and_nothing_at_all(three):
    bare = three.with_people(replace(p, sessions=()) for p in three.participants)
    encoding = Encoding.of(bare)
    made = encoding.decode(encoding.encode(bare), rng())
    assert [p.sessions for p in made.participants] == [()] * 3
    nothing = Corpus(name="none", participants=bare.participants, columns={})
    empty = nothing.with_people(replace(p, attributes={}) for p in bare.participants)
    with pytest.raises(InputError, match="no columns and no answers"):
        Encoding.of(empty)


def test_two_things_of_one_name_are_refused(three):
    people = [replace(p, attributes={"phq2_01": "male"}) for p in three.participants]
    clash = replace(three, columns={"phq2_01": COLUMNS["sex"]}).with_people(people)
    with pytest.raises(InputError, match="phq2_01"):
        Encoding.of(clash)


def test_numbers_from_recordings_enter_and_come_back(three):
    told = (
        Reading(name="pauses", values=np.array([0.5, np.nan, 2.5]), block="voice", low=0, high=4),
        Reading(name="pauses", values=np.array([1.0, 3.9, np.nan]), block="voice", visit=2),
    )
    encoding = Encoding.of(three, readings=told)
    first, second = encoding.codebook.variables[-2:]
    assert (first.name, first.block, first.found, first.cells) == ("pauses", "voice", False, 32)
    assert (second.name, second.block, second.found) == ("pauses@2", "voice@2", True)
    codes = encoding.encode(three, told)
    assert codes[:, -2].tolist() == [4, -1, 20]
    one, two = encoding.readings(codes, rng())
    assert (two.name, two.visit, two.block) == ("pauses", 2, "voice")
    # The second person was there once: nothing can be heard at a second visit.
    assert np.isnan(two.values).tolist() == [False, True, True]
    assert np.all(
        (one.values[[0, 2]] - [0.5, 2.5] >= 0) & (one.values[[0, 2]] - [0.5, 2.5] < 0.125)
    )
    assert encoding.encode(three)[:, -2:].max() == -1


def test_json_there_and_back(three):
    readings = (Reading(name="pauses", values=np.array([0.5, np.nan, 2.5]), block="voice"),)
    for encoding in (Encoding.of(three, readings=readings), Encoding.of(load_sample())):
        text = json.dumps(encoding.to_json(), allow_nan=False)
        assert Encoding.from_json(json.loads(text)) == encoding


@pytest.mark.parametrize("spoil", ["rules", "codebook", "at", "kind", "first", "visits", "levels"])
def test_a_spoilt_encoding_is_refused(three, spoil):
    stored = Encoding.of(three).to_json()
    if spoil == "rules":
        stored["rules"] = [
            {"gates": [0], "cells": [0], "target": 99, "allowed": [0], "otherwise": 0}
        ]
    elif spoil == "codebook":
        del stored["layout"]["codebook"]
    elif spoil == "at":
        stored["layout"]["fields"][0]["at"] = 400
    elif spoil == "first":
        stored["layout"]["forms"][0]["first"] = 0
    elif spoil == "visits":
        stored["layout"]["visits"] = 10**9
    elif spoil == "levels":
        stored["layout"]["codebook"]["variables"][6]["levels"] = ["a", "b", "c", "d"]
    else:
        stored["layout"]["codebook"]["variables"][0]["kind"] = "colour"
    with pytest.raises(InputError):
        Encoding.from_json(stored)


def test_no_word_of_anybody_is_kept():
    """The encoding of the sample names levels and tools, never a name, an id or a free text."""
    sample = load_sample()
    text = json.dumps(Encoding.of(sample).to_json())
    for person in sample.participants:
        assert person.participant_id not in text
        assert not any(str(person.attributes[n]) in text for n in sample.roles("identifier"))


def test_the_sample_cohort_comes_back():
    sample = load_sample()
    encoding = Encoding.of(sample)
    codes = encoding.encode(sample)
    assert codes.shape == (150, 212)
    made = encoding.decode(codes, rng())
    assert answers(made) == answers(sample)
    exact = [n for n, c in made.columns.items() if c.kind != "number"]
    assert len(exact) == 8
    for name in exact:
        told = [[p.attributes[name] for p in c.participants] for c in (made, sample)]
        assert told[0] == told[1]
    assert np.array_equal(encoding.encode(made), codes)


def test_a_synthetic_cohort_passes_the_check(tmp_path):
    sample = load_sample()
    encoding = Encoding.of(sample)
    codes = encoding.encode(sample)
    generator = rng()
    shuffled = np.column_stack([generator.permutation(column) for column in codes.T])
    made = encoding.decode(shuffled, generator)
    save_corpus(made, tmp_path / "made")
    findings = check_corpus(tmp_path / "made")
    assert [f for f in findings if f.severity == "error"] == []
    loaded = load_corpus(tmp_path / "made")
    assert answers(loaded) == answers(made)
    assert loaded.columns == made.columns
    assert np.array_equal(encoding.encode(loaded), encoding.consistent(shuffled))


def test_the_same_stream_makes_the_same_people(three):
    encoding = Encoding.of(three)
    codes = encoding.encode(three)
    assert encoding.decode(codes, rng()) == encoding.decode(codes, rng())


DRAFTS = {
    "sex": COLUMNS["sex"],
    "age": Column(role="quasi", kind="number"),
    "pulse": Column(role="other", kind="number"),
    "arm": Column(role="other", kind="nominal", found=True),
    "seen": Column(role="quasi", kind="text"),
}


def any_corpus(seed, people, gaps):
    """Return people at random: what is missing, who came how often and what was asked."""
    generator = np.random.default_rng(seed)

    def told(value):
        return None if generator.random() < gaps else value

    def answers_to(size, high):
        return Response(items=tuple(told(int(generator.integers(high + 1))) for _ in range(size)))

    def person(n):
        days = np.datetime64("2001-01-31") + generator.integers(0, 4000)
        attributes = {
            "sex": told(str(generator.choice(["female", "male"]))),
            "age": told(float(generator.integers(18, 100))),
            "pulse": told(round(float(generator.normal(70, 12)), 1)),
            "arm": told("abc"[generator.integers(3)]),
            "seen": told(str(days)),
        }
        asked = [
            {
                "phq2": answers_to(2, 3),
                "pq16": answers_to(32, 1),
                "phq9": Response(total=float(generator.integers(28))),
            }
            for _ in range(generator.integers(4))
        ]
        kept = [{t: r for t, r in tools.items() if told(True)} for tools in asked]
        return Participant(
            participant_id=f"P{n}",
            attributes=attributes,
            sessions=tuple(visit(i, **tools) for i, tools in enumerate(kept, start=1)),
        )

    everybody = tuple(person(n) for n in range(people))
    return Corpus(name="any", participants=everybody, columns=DRAFTS)


corpora = st.builds(
    any_corpus, st.integers(0, 2**32), st.integers(4, 30), st.sampled_from([0.0, 0.1, 0.4])
)
several = settings(deadline=None, max_examples=40)


@several
@given(corpora, st.booleans())
def test_answers_and_levels_come_back_exactly(corpus, private):
    encoding = Encoding.of(corpus, private=private)
    codes = encoding.encode(corpus)
    made = encoding.decode(codes, rng())
    for old, new in zip(corpus.participants, made.participants, strict=True):
        assert new.attributes["sex"] == old.attributes["sex"]
        if private:
            assert new.attributes["arm"] == old.attributes["arm"]
        for tool in ("phq2", "phq9"):
            told = [_plain(s.responses.get(tool)) for s in old.sessions]
            got = [_plain(s.responses.get(tool)) for s in new.sessions]
            size = min(len(told), len(got))
            assert got[:size] == told[:size]
            assert not any(told[size:])
            assert not any(got[size:])
    if not private:
        assert np.array_equal(encoding.encode(made), codes)


def _plain(response):
    if response is None or (
        response.total is None and not any(x is not None for x in response.items)
    ):
        return None
    return response


@several
@given(corpora, st.booleans(), st.integers(0, 2**32))
def test_any_codes_become_people_who_are_coded_the_same(corpus, private, seed):
    encoding = Encoding.of(corpus, private=private)
    generator = np.random.default_rng(seed)
    codes = np.column_stack(
        [generator.integers(-1, v.cells, 8) for v in encoding.codebook.variables]
    ).astype(np.int16)
    kept = encoding.consistent(codes)
    assert np.array_equal(encoding.consistent(kept), kept)
    made = encoding.decode(codes, generator)
    assert np.array_equal(encoding.encode(made), kept)
    assert Encoding.from_json(json.loads(json.dumps(encoding.to_json()))) == encoding
