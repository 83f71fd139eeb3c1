"""Made-up lives: possible, distinct, and the same whoever else is drawn."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.corpus.sample.lives import INTERVIEW_YEAR, draw_persona, words, world
from mindveil.corpus.sample.personas import FEMALE_VOICES, VOICES

PEOPLE = [draw_persona(5, n) for n in range(1, 301)]


@given(st.integers(0, 2**32), st.integers(1, 999))
@settings(deadline=None)
def test_a_person_depends_on_the_seed_and_the_number_alone(seed: int, number: int) -> None:
    assert draw_persona(seed, number) == draw_persona(seed, number)
    assert draw_persona(seed, number) != draw_persona(seed + 1, number)


def test_contacts_and_record_numbers_are_nobody_elses() -> None:
    for key in ("phone", "record"):
        assert len({getattr(p.identity, key) for p in PEOPLE}) == len(PEOPLE)
    assert len({p.identity.email for p in PEOPLE}) >= 0.99 * len(PEOPLE)


def test_birth_dates_agree_with_ages_and_are_past() -> None:
    for persona in PEOPLE:
        day, month, year = persona.identity.birth_date
        assert INTERVIEW_YEAR - year == persona.identity.age
        assert 18 <= persona.identity.age <= 89
        assert 1 <= day <= 28
        assert 1 <= month <= 10


def test_households_are_consistent() -> None:
    for persona in PEOPLE:
        life = persona.life
        paired = life.marital in {"with partner", "married"}
        assert bool(life.partner) == bool(life.partner_name) == paired
        assert bool(life.child) == bool(life.child_name) == (life.children > 0)
        names = [persona.identity.first, life.partner_name, life.friend.split()[0]]
        assert len(set(names)) == 3


def test_voices_fit_the_person_and_are_all_used() -> None:
    for persona in PEOPLE:
        if persona.identity.sex != "other":
            is_woman = persona.body.voice_id in FEMALE_VOICES
            assert is_woman == (persona.identity.sex == "female")
    assert {p.body.voice_id for p in PEOPLE} == set(range(VOICES))
    assert len(FEMALE_VOICES) == 15


def test_some_come_twice_and_some_three_times() -> None:
    thrice = sum(p.sessions == 3 for p in PEOPLE)
    assert {p.sessions for p in PEOPLE} == {2, 3}
    assert 0.35 * len(PEOPLE) < thrice < 0.65 * len(PEOPLE)


def test_some_people_are_guarded() -> None:
    guarded = sum(p.manner.indiscretion == 0 for p in PEOPLE)
    assert 0.04 * len(PEOPLE) < guarded < 0.18 * len(PEOPLE)


@pytest.mark.parametrize("table", ["origins", "towns", "sectors", "invented", "given", "abroad"])
def test_no_list_of_the_world_repeats_itself(table: str) -> None:
    for key, entries in world()[table].items():
        inner = entries.values() if isinstance(entries, dict) else [entries]
        for found in inner:
            if isinstance(found, list):
                assert len({str(e) for e in found}) == len(found), key


def test_everybody_from_abroad_has_somewhere_to_come_from() -> None:
    for origin in world()["origins"]:
        assert origin == "British" or words(world()["abroad"], origin)
