"""``scales/singling-out`` on hand-made tables, planted people, strangers and shuffled people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.anonymise.scales_anonymise import ScalesAnonymise
from mindveil.attack.base import ATTACKERS, Knowledge
from mindveil.attack.scales_singling_out import ScalesSinglingOut, Tactic, form, telling_fields
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.features.scales import latest_table, matches
from mindveil.release import DataRelease

COLUMNS = {
    "age": Column(role="quasi", kind="number"),
    "town": Column(role="quasi", kind="nominal"),
    "sex": Column(role="quasi", kind="nominal"),
}


def small(rows):
    people = tuple(
        Participant(
            participant_id=f"R{i}",
            attributes={"age": age, "town": town},
            sessions=(Session(session_id="1", responses={"q": Response(items=(item,))}),),
        )
        for i, (age, town, item) in enumerate(rows)
    )
    return latest_table(Corpus(name="toy", participants=people, columns=COLUMNS))


def cohort(people, rng, prefix="P"):
    """People with a latent severity, so that their answers hang together."""
    made = []
    for i in range(people):
        severity = rng.normal()
        answers = np.clip(np.round(1.2 + severity + rng.normal(0, 0.9, 16)), 0, 3).astype(int)
        made.append(
            Participant(
                participant_id=f"{prefix}{i:04d}",
                attributes={
                    "age": float(rng.integers(18, 66)),
                    "town": str(rng.choice(list("abcdefgh"), p=[0.4, 0.2, 0.1] + [0.06] * 5)),
                    "sex": str(rng.choice(["f", "m"])),
                },
                sessions=(
                    Session(
                        session_id="1",
                        responses={
                            "phq9": Response(items=tuple(answers[:9].tolist())),
                            "gad7": Response(items=tuple(answers[9:].tolist())),
                        },
                    ),
                ),
            )
        )
    return Corpus(name="toy", participants=tuple(made), columns=COLUMNS)


def same(corpus, rng):
    return corpus


def noisy(corpus, rng):
    """Ages off by up to two years, towns replaced half of the time, answers kept."""

    def change(person):
        age = person.attributes["age"] + int(rng.integers(-2, 3))
        town = "a" if rng.random() < 0.5 else person.attributes["town"]
        return replace(person, attributes=dict(person.attributes) | {"age": age, "town": town})

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
    released, absent = cohort(people, rng), cohort(people, rng, "H")
    reference = cohort(people, rng, "A")
    release, person_of = published(protect(released, rng), rng)
    knowledge = Knowledge(attacker=attacker, known=absent, reference=reference, protect=protect)
    (found,) = ScalesSinglingOut().run(release, knowledge, rng)
    return found, person_of, latest_table(released), latest_table(absent)


def success(found, person_of, originals):
    place = {person: i for i, person in enumerate(originals.ids)}
    hits = 0
    for predicate in found.made:
        fits = np.flatnonzero(matches(predicate.terms, originals))
        hits += fits.tolist() == [place[person_of[predicate.record]]]
    return hits / found.records


def alone(found, table):
    return sum(int(matches(p.terms, table).sum()) == 1 for p in found.made) / found.records


def test_predicates_by_hand():
    table = small([(30.0, "a", 0), (30.0, "b", 0), (40.0, "a", 0), (40.0, "a", 1)])
    made = {
        p.record: dict(p.terms) for p in form(table, Tactic(margin=0), np.random.default_rng(0))
    }
    assert made["R1"] == {"town": "b"}
    assert made["R3"] == {"q_01": 1}
    assert made["R0"] == {"age": 30.0, "town": "a"}
    # Nothing but the answer tells R2 from R3, and only the age from R0.
    assert made["R2"] == {"age": 40.0, "q_01": 0}


def test_nobody_is_described_who_cannot_be_told_apart():
    table = small([(30.0, "a", 0), (30.0, "a", 0), ("*", "a", 0)])
    assert form(table, Tactic(margin=0), np.random.default_rng(0)) == ()


def test_bands_are_terms_unless_they_may_fit_somebody_else():
    table = small([("30-39", "a", 0), ("35-45", "a", 0), ("50-59", "a", 0), (55.0, "b", 0)])
    made = {
        p.record: dict(p.terms) for p in form(table, Tactic(margin=0), np.random.default_rng(0))
    }
    assert "R0" not in made  # 37 lies in both bands
    assert made["R2"] == {"age": "50-59", "town": "a"}
    assert made["R3"] == {"town": "b"}
    raw = form(table, Tactic(margin=0, raw=True), np.random.default_rng(0))
    assert {p.record for p in raw} == {"R3"}


def test_a_total_beside_its_exact_answers_is_no_term():
    def table(items):
        response = Response(items=items, total=3.0)
        session = Session(session_id="1", responses={"q": response})
        people = (Participant(participant_id="R0", sessions=(session,)),)
        return latest_table(Corpus(name="toy", participants=people))

    assert [f.name for f in telling_fields(table((1, 2)))] == ["q_01", "q_02"]
    assert [f.name for f in telling_fields(table(("0-1", "2-3")))][-1] == "q_total"


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, 20.0, 30.0, "20-29", "*"]),
            st.sampled_from(["a", "b", "a|b"]),
            st.sampled_from([0, 1, "0-1"]),
        ),
        min_size=1,
        max_size=12,
    ),
    st.integers(0, 2),
)
def test_a_predicate_fits_its_own_record_and_no_other(rows, margin):
    table = small(rows)
    for predicate in form(table, Tactic(margin=margin), np.random.default_rng(0)):
        fits = matches(predicate.terms, table)
        assert fits.sum() == 1
        assert table.ids[int(np.argmax(fits))] == predicate.record


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_glass_a_copy_singles_out_everybody(attacker):
    found, person_of, originals, absent = attack(same, attacker, np.random.default_rng(1))
    assert found.records == 240
    assert success(found, person_of, originals) >= 0.95
    assert alone(found, absent) < 0.15


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_null_shuffled_people_are_not_singled_out(attacker):
    rng = np.random.default_rng(2)
    found, person_of, originals, _ = attack(same, attacker, rng)
    people = rng.permutation(list(person_of.values()))
    assert success(found, dict(zip(person_of, people, strict=True)), originals) <= 0.02


def test_strangers_are_isolated_no_more_often_than_the_control():
    rng = np.random.default_rng(3)
    strangers, released, absent = (cohort(300, rng, prefix) for prefix in "SPH")
    release, person_of = published(strangers, rng)
    paired = dict(zip(person_of, rng.permutation(list(released.ids)), strict=True))
    knowledge = Knowledge(attacker="lazy-informed", known=released, reference=absent, protect=None)
    (found,) = ScalesSinglingOut().run(release, knowledge, rng)
    assert success(found, paired, latest_table(released)) <= 0.01
    isolated, control = alone(found, latest_table(released)), alone(found, latest_table(absent))
    assert abs(isolated - control) < 0.08


def test_k_anonymous_traits_do_not_help_where_the_answers_are_kept():
    protect = ScalesAnonymise(k=5).apply
    found, person_of, originals, _ = attack(protect, "lazy-informed", np.random.default_rng(4))
    assert success(found, person_of, originals) > 0.9


def test_the_semi_informed_attacker_learns_which_fields_lie():
    outcome = {}
    for attacker in ATTACKERS:
        found, person_of, originals, _ = attack(noisy, attacker, np.random.default_rng(5))
        outcome[attacker] = success(found, person_of, originals)
        assert found.tier == ("trained" if attacker == "semi-informed" else "light")
    assert outcome["semi-informed"] > outcome["lazy-informed"] + 0.2
    assert outcome["semi-informed"] > 0.5


def test_with_nothing_to_learn_from_the_semi_informed_attacker_is_the_lazy_one():
    def refuse(corpus, rng):
        raise InputError("too few people")

    corpus = cohort(80, np.random.default_rng(6))
    release = DataRelease(name="toy", corpus=corpus)
    made = [
        ScalesSinglingOut().run(
            release,
            Knowledge(attacker=attacker, known=corpus, reference=corpus, protect=protect),
            np.random.default_rng(7),
        )[0]
        for attacker, protect in (
            ("lazy-informed", same),
            ("semi-informed", None),
            ("semi-informed", refuse),
        )
    ]
    assert {m.tier for m in made} == {"light"}
    assert made[0].made == made[1].made == made[2].made


def test_a_release_without_fields_cannot_be_attacked():
    empty = Corpus(name="toy", participants=(Participant(participant_id="R0"),))
    knowledge = Knowledge(attacker="ignorant", known=empty, reference=empty, protect=None)
    with pytest.raises(InvalidMeasurement, match="neither attributes nor answers"):
        ScalesSinglingOut().run(
            DataRelease(name="toy", corpus=empty), knowledge, np.random.default_rng(0)
        )


def test_a_negative_margin_is_refused():
    with pytest.raises(InputError, match="margin = -1"):
        ScalesSinglingOut(margin=-1)


def test_where_records_keep_no_link_the_rehearsal_counts_anybody_isolated():
    def copied(corpus, rng):
        return published(corpus, rng)[0].corpus

    found, _, originals, absent = attack(copied, "semi-informed", np.random.default_rng(8))
    assert found.tier == "trained"
    assert alone(found, originals) >= 0.95
    assert alone(found, absent) < 0.15


def test_a_rehearsal_on_strangers_invents_nothing():
    def strangers(corpus, rng):
        return cohort(len(corpus.ids), rng, "X")

    found, person_of, originals, _ = attack(strangers, "semi-informed", np.random.default_rng(8))
    assert found.tier == "trained"
    assert success(found, dict(zip(person_of, originals.ids, strict=True)), originals) <= 0.02
