"""``scales/linkage`` on hand-made tables, planted people, strangers and shuffled people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.anonymise.scales_anonymise import ScalesAnonymise
from mindveil.attack.base import ATTACKERS, Knowledge
from mindveil.attack.scales_linkage import ScalesLinkage, draw_known
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.features.scales import latest_table
from mindveil.release import DataRelease

COLUMNS = {
    "name": Column(role="identifier", kind="text"),
    "age": Column(role="quasi", kind="number"),
    "town": Column(role="quasi", kind="nominal"),
    "diagnosis": Column(role="sensitive", kind="nominal"),
}
HEADLINE, TRAITS, ANSWERS = range(3)


def person(name, age, town, items):
    return Participant(
        participant_id=name,
        attributes={"age": age, "town": town},
        sessions=(Session(session_id="1", responses={"phq9": Response(items=tuple(items))}),),
    )


def toy(*people):
    return Corpus(name="toy", participants=tuple(people), columns=COLUMNS)


def cohort(people, rng, prefix="P"):
    made = []
    for i in range(people):
        severity = rng.normal()
        answers = np.clip(np.round(1.2 + severity + rng.normal(0, 0.9, 16)), 0, 3).astype(int)
        town = str(rng.choice(list("abcdefgh"), p=[0.4, 0.2, 0.1] + [0.06] * 5))
        made.append(person(f"{prefix}{i:04d}", float(rng.integers(18, 66)), town, answers.tolist()))
    return toy(*made)


def same(corpus, rng):
    return corpus


def shifted(corpus, rng):
    """Every town becomes the next one, ages are off by up to two years."""
    following = dict(zip("abcdefgh", "bcdefgha", strict=True))

    def change(one):
        age = one.attributes["age"] + int(rng.integers(-2, 3))
        return replace(one, attributes={"age": age, "town": following[one.attributes["town"]]})

    return corpus.with_people(change(p) for p in corpus.participants)


def published(corpus, rng):
    """The release under pseudonyms in another order, and whose each record is."""
    order = rng.permutation(len(corpus.participants))
    names = {f"R{i:04d}": corpus.ids[j] for i, j in enumerate(order)}
    people = [
        replace(corpus.participants[j], participant_id=n) for n, j in zip(names, order, strict=True)
    ]
    return DataRelease(name="toy", corpus=corpus.with_people(people)), names


def attack(protect, attacker, rng, people=240):
    released, absent = cohort(people, rng), cohort(people // 3, rng, "H")
    release, person_of = published(protect(released, rng), rng)
    knowledge = Knowledge(
        attacker=attacker,
        known=released.with_people((*absent.participants, *released.participants)),
        reference=cohort(people, rng, "A"),
        protect=protect,
    )
    return ScalesLinkage().run(release, knowledge, rng), person_of


def rank1(scores, person_of):
    """How often the right record comes first, ties shared."""
    place = {q: i for i, q in enumerate(scores.queries)}
    found = []
    for column, record in enumerate(scores.candidates):
        line = scores.scores[place[person_of[record]]]
        found.append((line[column] == line.max()) / (line == line[column]).sum())
    return float(np.mean(found))


def test_scores_by_hand():
    known = toy(person("P1", 30.0, "a", [0, 1]), person("P2", 60.0, "b", [3, 3]))
    release = toy(
        person("R1", "30-39", "a", [0, 1]),
        person("R2", "30-39", "b", [0, 1]),
        person("R3", "*", "*", [3, 3]),
        person("R4", "60-69", "a|b", [3, 2]),
    )
    knowledge = Knowledge(attacker="lazy-informed", known=known, reference=toy(), protect=None)
    found = ScalesLinkage(known_answers=(0, 2)).run(
        DataRelease(name="toy", corpus=release), knowledge, np.random.default_rng(0)
    )
    assert [s.setting for s in found] == [
        "known answers: 2 + demographics",
        "demographics alone",
        "known answers: 2 alone",
    ]
    assert all(s.whole_table and s.queries_are == "people" for s in found)
    best = [[s.candidates[i] for i in s.scores.argmax(axis=1)] for s in found]
    assert best == [["R1", "R3"], ["R1", "R4"], ["R1", "R3"]]
    # Her record may be the suppressed one: what contradicts nothing comes before what does.
    traits = found[TRAITS].scores
    assert traits[0].argsort()[::-1].tolist()[:2] == [0, 2]
    # Equal answers stay tied.
    assert found[ANSWERS].scores[0, 0] == found[ANSWERS].scores[0, 1]


def test_each_person_is_known_by_answers_of_her_own_in_random_order():
    people = [person(f"P{i}", 30.0, "a", [0, None, 2, 3]) for i in range(200)]
    known = draw_known(latest_table(toy(*people)), np.random.default_rng(0))
    assert known.traits == ("age", "town")
    assert (known.drawn[:, 1] == -1).all()
    first = (known.drawn == 0).mean(axis=0)
    assert first[1] == 0
    assert np.abs(first[[0, 2, 3]] - 1 / 3).max() < 0.1
    assert (np.sort(known.drawn, axis=1) == [-1, 0, 1, 2]).all()


def test_a_total_is_an_answer_only_where_there_are_no_items():
    session = Session(
        session_id="1",
        responses={"gad7": Response(total=9.0), "phq9": Response(items=(1, 2), total=3.0)},
    )
    table = latest_table(toy(Participant(participant_id="P1", sessions=(session,))))
    assert draw_known(table, np.random.default_rng(0)).answers == (
        "gad7_total",
        "phq9_01",
        "phq9_02",
    )


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 999), st.sampled_from(ATTACKERS))
def test_equal_records_are_tied_wherever_they_stand(seed, attacker):
    rng = np.random.default_rng(seed)
    people = cohort(30, rng)
    twins = [replace(p, participant_id=f"T{i}") for i, p in enumerate(people.participants)]
    release = DataRelease(name="toy", corpus=toy(*people.participants, *reversed(twins)))
    knowledge = Knowledge(attacker=attacker, known=people, reference=people, protect=same)
    for found in ScalesLinkage().run(release, knowledge, rng):
        np.testing.assert_array_equal(found.scores[:, :30], found.scores[:, :29:-1])


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_glass_a_copy_is_linked(attacker):
    found, person_of = attack(same, attacker, np.random.default_rng(1))
    assert len(person_of) == 240
    assert rank1(found[HEADLINE], person_of) >= 0.95


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_null_shuffled_people_are_found_by_chance(attacker):
    rng = np.random.default_rng(2)
    found, person_of = attack(same, attacker, rng)
    shuffled = dict(zip(person_of, rng.permutation(list(person_of.values())), strict=True))
    # Chance is 1 in 240; five or more hits happen once in 300 times.
    assert all(rank1(scores, shuffled) < 5 / 240 for scores in found)


def test_strangers_are_found_by_chance():
    rng = np.random.default_rng(3)
    strangers, targets = cohort(240, rng, "S"), cohort(240, rng)
    release, person_of = published(strangers, rng)
    paired = dict(zip(person_of, rng.permutation(list(targets.ids)), strict=True))
    knowledge = Knowledge(
        attacker="lazy-informed", known=targets, reference=strangers, protect=None
    )
    found = ScalesLinkage().run(release, knowledge, rng)
    assert all(rank1(scores, paired) < 5 / 240 for scores in found)


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_k_anonymity_hides_traits_but_not_answers(attacker):
    found, person_of = attack(ScalesAnonymise(k=5).apply, attacker, np.random.default_rng(4))
    assert rank1(found[TRAITS], person_of) <= 1 / 5
    if attacker != "ignorant":
        assert rank1(found[HEADLINE], person_of) > 0.75


def test_the_better_informed_attacker_finds_no_fewer():
    for protect in (same, shifted, ScalesAnonymise(k=5).apply, ScalesAnonymise(level=1).apply):
        reached = {}
        for attacker in ATTACKERS:
            found, person_of = attack(protect, attacker, np.random.default_rng(5))
            reached[attacker] = rank1(found[HEADLINE], person_of)
        assert reached["semi-informed"] >= max(reached.values()) - 0.03


def test_the_semi_informed_attacker_learns_what_values_became():
    reached = {}
    for attacker in ATTACKERS:
        found, person_of = attack(shifted, attacker, np.random.default_rng(6))
        reached[attacker] = rank1(found[TRAITS], person_of)
        assert {s.tier for s in found} == {"trained" if attacker == "semi-informed" else "light"}
    assert reached["semi-informed"] > 3 * reached["lazy-informed"]


def test_with_nothing_to_learn_from_the_semi_informed_attacker_is_the_lazy_one():
    def renamed(corpus, rng):
        return published(corpus, rng)[0].corpus

    def refuse(corpus, rng):
        raise InputError("too few people")

    people = cohort(80, np.random.default_rng(7))
    release = DataRelease(name="toy", corpus=people)
    made = [
        ScalesLinkage().run(
            release,
            Knowledge(attacker=attacker, known=people, reference=people, protect=protect),
            np.random.default_rng(8),
        )
        for attacker, protect in (
            ("lazy-informed", same),
            ("semi-informed", None),
            ("semi-informed", renamed),
            ("semi-informed", refuse),
        )
    ]
    for other in made[1:]:
        assert {s.tier for s in other} == {"light"}
        for mine, lazy in zip(other, made[0], strict=True):
            np.testing.assert_array_equal(mine.scores, lazy.scores)


def test_only_questions_that_can_be_asked_are_asked():
    people = cohort(12, np.random.default_rng(9))
    bare = people.with_people(replace(p, attributes={}) for p in people.participants)
    release = DataRelease(name="toy", corpus=replace(bare, columns={}))
    knowledge = Knowledge(attacker="lazy-informed", known=people, reference=people, protect=None)
    rng = np.random.default_rng(0)
    assert [s.setting for s in ScalesLinkage().run(release, knowledge, rng)] == [
        "known answers: 7 alone"
    ]
    with pytest.raises(InvalidMeasurement, match="neither quasi-identifiers nor answers"):
        ScalesLinkage(known_answers=(0,)).run(release, knowledge, rng)
    whole = DataRelease(name="toy", corpus=people)
    alone = ScalesLinkage(demographics=False, known_answers=(3, 9)).run(whole, knowledge, rng)
    assert [s.setting for s in alone] == ["known answers: 9 alone", "known answers: 3 alone"]


@pytest.mark.parametrize("answers", [(), (-1,)])
def test_settings_that_cannot_be_are_refused(answers):
    with pytest.raises(InputError, match="known_answers"):
        ScalesLinkage(known_answers=answers)
