"""Skip logic: what authors say, what is found, and what is not taken for a rule."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.encoding import Encoding
from mindveil.synthesise.encoding_answers import Form
from mindveil.synthesise.encoding_rules import Rule, follow, found_rules, public_rules


def book_of(*cells):
    levels = [tuple(str(x) for x in range(n)) for n in cells]
    return Codebook(
        variables=tuple(
            Variable(name=f"q{n}", kind="ordinal", levels=told) for n, told in enumerate(levels)
        )
    )


def table(*rows):
    return np.array(rows, dtype=np.int16)


def test_distress_is_rated_for_experiences_that_were_had():
    rules = public_rules(Form(tool="pq16", visit=1, width=32, first=2))
    assert [(r.gates, r.target) for r in rules[:2]] == [((2,), 18), ((3,), 19)]
    codes = np.zeros((1, 34), dtype=np.int16)
    codes[0, 2] = 1
    codes[0, 18:] = 3
    assert follow(rules, codes)[0, 18:].tolist() == [3] + [0] * 15
    assert public_rules(Form(tool="pq16", visit=1, width=16, first=2)) == []


def test_several_symptoms_at_once_take_more_than_one():
    (rule,) = public_rules(Form(tool="mdq", visit=1, width=15, first=0))
    rows = np.zeros((4, 15), dtype=np.int16)
    rows[:, 13:] = 1
    rows[1, 0] = rows[2, 0] = rows[2, 5] = 1
    rows[3, :2] = -1  # may have been two
    assert rule.broken(rows).tolist() == [True, True, False, False]
    assert follow([rule], rows)[:, 13].tolist() == [0, 0, 1, 1]
    assert follow([rule], rows)[:, 14].tolist() == [1] * 4
    rows[0, 13] = -1  # not asked: as good as no
    assert not rule.broken(rows)[0]


@pytest.mark.parametrize("cell", [-1, 0])
def test_a_question_that_was_not_asked_is_found(cell):
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 3, (200, 3)).astype(np.int16)
    codes[codes[:, 0] == 0, 2] = cell
    (rule,) = found_rules(codes, book_of(3, 3, 3), range(3))
    assert rule == Rule(gates=(0,), cells=(0,), target=2, allowed=(cell,), otherwise=cell)
    fresh = table([0, 1, 2], [1, 1, 2])
    assert follow([rule], fresh).tolist() == [[0, 1, cell], [1, 1, 2]]


def test_gates_of_one_question_are_one_rule():
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 4, (400, 2)).astype(np.int16)
    codes[codes[:, 0] < 2, 1] = -1
    (rule,) = found_rules(codes, book_of(4, 4), range(2))
    assert rule.cells == (0, 1)


def test_a_chain_of_rules_holds_after_once_following_it():
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 2, (400, 3)).astype(np.int16)
    codes[codes[:, 0] == 0, 1] = 0
    codes[codes[:, 1] == 0, 2] = -1
    rules = found_rules(codes, book_of(2, 2, 2), range(3))
    drawn = rng.integers(0, 2, (500, 3)).astype(np.int16)
    once = follow(rules, drawn)
    assert np.array_equal(follow(rules, once), once)
    assert not any(rule.broken(once).any() for rule in rules)
    assert np.all(once[once[:, 0] == 0, 1:] == [0, -1])


def test_one_person_who_answered_all_the_same_makes_it_no_rule():
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 2, (200, 2)).astype(np.int16)
    codes[codes[:, 0] == 0, 1] = 0
    codes[0] = (0, 1)
    assert found_rules(codes, book_of(2, 2), range(2)) == []


def test_a_rare_answer_is_no_rule():
    rng = np.random.default_rng(4)
    codes = (rng.random((300, 12)) < 0.03).astype(np.int16)
    assert found_rules(codes, book_of(*[2] * 12), range(12)) == []


def test_nothing_is_found_in_independent_answers():
    rng = np.random.default_rng(5)
    for _ in range(20):
        codes = rng.integers(-1, 4, (120, 15)).astype(np.int16)
        assert found_rules(codes, book_of(*[4] * 15), range(15)) == []


def test_too_few_people_show_nothing():
    codes = table(*[[0, -1]] * 19, *[[1, 1]] * 19)
    assert found_rules(codes, book_of(2, 2), range(2)) == []


def skippers(seed, empty):
    """Return people with rules: distress only after an experience, a dose only with a drug."""
    generator = np.random.default_rng(seed)
    people = []
    for n in range(300):
        drug = str(generator.choice(["none", "ssri", "snri"]))
        dose = None if drug == "none" else float(generator.integers(1, 9) * 10)
        had = generator.integers(0, 2, 16)
        rated = [int(generator.integers(1, 4)) if yes else empty for yes in had]
        response = Response(items=(*had.tolist(), *rated))
        people.append(
            Participant(
                participant_id=f"P{n}",
                attributes={"drug": drug, "dose": dose},
                sessions=(Session(session_id="01", responses={"pq16": response}),),
            )
        )
    columns = {
        "drug": Column(role="quasi", kind="nominal", levels=("none", "ssri", "snri")),
        "dose": Column(role="other", kind="number", low=0, high=100),
    }
    return Corpus(name="skippers", participants=tuple(people), columns=columns)


@pytest.mark.parametrize("empty", [0, None])
@pytest.mark.parametrize("private", [False, True])
def test_skip_logic_is_kept_in_people_who_do_not_exist(empty, private):
    corpus = skippers(4, empty)
    encoding = Encoding.of(corpus, private=private)
    codes = encoding.encode(corpus)
    assert np.array_equal(encoding.consistent(codes), codes)
    generator = np.random.default_rng(5)
    shuffled = np.column_stack([generator.permutation(column) for column in codes.T])
    made = encoding.decode(shuffled, generator)
    for person in made.participants:
        items = person.sessions[0].responses["pq16"].items
        # Under a guarantee only what the authors say is followed: 0, or not asked.
        allowed = {0, None} if private else {empty}
        assert all(
            rated in allowed for had, rated in zip(items[:16], items[16:], strict=True) if had == 0
        )
    doses = [p.attributes["dose"] for p in made.participants if p.attributes["drug"] == "none"]
    assert all(d is None for d in doses) is not private
    assert len(encoding.rules) == (16 if private else 17)
