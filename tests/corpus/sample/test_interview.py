"""Whole interviews: what every one of them must be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from mindveil.corpus.model import Corpus, Participant, Session
from mindveil.corpus.sample.build import build_sample
from mindveil.corpus.sample.identifiers import THINGS, heard, surfaces, thing
from mindveil.corpus.sample.interview import WORDS
from mindveil.corpus.sample.phrases import MENTIONS
from mindveil.corpus.sample.topics import TURNS
from mindveil.corpus.sample.truth import Truth


@cache
def cohort() -> tuple[Corpus, Truth]:
    return build_sample(seed=8, people=60)


def visits() -> Iterator[tuple[Participant, Session, bool]]:
    corpus, truth = cohort()
    for person in corpus.participants:
        known = truth.people[person.participant_id].visits
        for session, visit in zip(person.sessions, known, strict=True):
            yield person, session, visit.automatic


def sentences(session: Session) -> list[str]:
    """Long enough sentences of the participant, without case and marks."""
    cut = [s for t in session.said() for s in re.split(r"[.?!] ", t.lower())]
    return [re.sub(r"[^\w' ]", "", s).strip() for s in cut if len(s.split()) > 5]


def test_turns_are_as_many_and_as_long_as_in_an_interview() -> None:
    for _, session, _ in visits():
        said = session.said()
        assert TURNS[0] <= len(said) <= TURNS[1]
        lengths = [len(t.split()) for t in said]
        assert min(lengths) >= WORDS[0]
        assert max(lengths) <= WORDS[1]


def test_interviewer_and_participant_take_turns_in_time() -> None:
    for _, session, _ in visits():
        speakers = [t.speaker for t in session.transcript]
        assert speakers == ["interviewer", "participant"] * (len(speakers) // 2)
        times = [x for t in session.transcript for x in (t.start, t.end)]
        assert all(a is not None and b is not None and a < b for a, b in pairwise(times))


def test_every_annotated_stretch_is_the_identifier_it_says() -> None:
    _, truth = cohort()
    for person, session, automatic in visits():
        persona = truth.people[person.participant_id].persona
        written = surfaces(persona)
        for entity in session.entities:
            text = session.transcript[entity.turn].text[entity.start : entity.end]
            kind = THINGS[entity.entity]
            assert (entity.type, entity.role) == (kind.type, kind.role)
            mentions = [m for m in MENTIONS if thing(m, persona).entity == entity.entity]
            forms = {heard(m, persona) if automatic else written[m] for m in mentions}
            assert text in forms or text[0].lower() + text[1:] in forms


def test_no_name_place_or_number_is_spoken_without_annotation() -> None:
    _, truth = cohort()
    kinds = ("self_full", "partner_first", "child_first", "friend_full", "doctor", "manager_full")
    places = ("town", "birthplace", "employer", "school", "phone", "email", "address", "record")
    for person, session, automatic in visits():
        persona = truth.people[person.participant_id].persona
        say = (lambda m, p=persona: heard(m, p)) if automatic else surfaces(persona).__getitem__
        names = {w for m in kinds for w in say(m).split()} | {say(m) for m in places}
        spans = {(e.turn, e.start, e.end) for e in session.entities}
        for index, turn in enumerate(session.transcript):
            for name in names - {""}:
                for found in re.finditer(rf"\b{re.escape(name)}\b", turn.text):
                    inside = any(
                        t == index and s <= found.start() and found.end() <= e for t, s, e in spans
                    )
                    assert inside, (person.participant_id, session.session_id, index)


def test_an_asr_wrote_down_whole_interviews_and_about_a_third_of_them() -> None:
    share = []
    for _, session, automatic in visits():
        text = " ".join(t.text for t in session.transcript)
        assert bool(re.fullmatch(r"[a-z' ]+", text)) == automatic
        share.append(automatic)
    assert 0.2 < np.mean(share) < 0.47


def test_nobody_says_the_same_sentence_at_two_visits() -> None:
    corpus, _ = cohort()
    for person in corpus.participants:
        by_visit = [set(sentences(s)) for s in person.sessions]
        shared = by_visit[0] & set().union(*by_visit[1:])
        assert not shared, person.participant_id


def test_two_people_rarely_say_the_same_sentence() -> None:
    corpus, _ = cohort()
    said: Counter[str] = Counter()
    for person in corpus.participants:
        said.update({x for s in person.sessions for x in sentences(s)})
    assert len(said) > 1500
    assert np.mean([n > 1 for n in said.values()]) < 0.04


def test_no_template_shows_through() -> None:
    for _, session, _ in visits():
        for turn in session.transcript:
            assert not set("{}<>[]|_/") & set(turn.text)
            assert "  " not in turn.text
            assert not any(0xE000 <= ord(c) <= 0xF8FF for c in turn.text)


def test_the_depressed_pause_longer_before_they_answer() -> None:
    corpus, truth = cohort()
    pauses, traits = [], []
    for person in corpus.participants:
        turns = person.sessions[0].transcript
        gaps = [(b.start or 0) - (a.end or 0) for a, b in zip(turns[::2], turns[1::2], strict=True)]
        pauses.append(np.mean(gaps))
        traits.append(truth.people[person.participant_id].persona.factors[0])
    assert np.corrcoef(pauses, traits)[0, 1] > 0.5


@pytest.mark.parametrize("role", ["direct", "quasi"])
def test_most_people_leak_and_guarded_ones_nothing_direct(role: str) -> None:
    _, truth = cohort()
    leaking = [bool(p.leaks(role)) for p in truth.people.values()]
    assert np.mean(leaking) > 0.8
    for person in truth.people.values():
        if person.persona.manner.indiscretion == 0:
            assert not person.leaks("direct")
