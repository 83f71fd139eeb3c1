"""Answers and background between -1 and 1, by what is publicly known and by nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.instruments import all_instruments, meets, parse_target
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.errors import InputError
from mindveil.train.public_scales import Ruler, rulers_of, scale_parts, scale_rows, score_scale

COLUMNS = {
    "name": Column(role="identifier", kind="nominal", levels=("X", "Y")),
    "notes": Column(role="other", kind="text"),
    "age": Column(role="quasi", kind="number", low=18, high=88),
    "income": Column(role="quasi", kind="number"),
    "sex": Column(role="quasi", kind="nominal", levels=("f", "m")),
    "town": Column(role="quasi", kind="nominal", levels=("a", "b"), found=True),
    "school": Column(role="quasi", kind="ordinal", levels=("none", "some", "much")),
}


def person(name, attributes, **answers):
    responses = {tool: Response(items=items) for tool, items in answers.items()}
    session = Session(session_id="01", responses=responses)
    return Participant(participant_id=name, attributes=attributes, sessions=(session,))


def corpus(*people):
    return Corpus(name="toy", participants=people, columns=COLUMNS)


ATTRIBUTES = {"name": "X", "age": 18.0, "income": 3.0, "sex": "f", "town": "a", "school": "much"}
TWO = corpus(
    person("A", {**ATTRIBUTES, "shoe": 40.0}, phq9=(3,) * 9, gad7=(0, 1, 2, 3, 0, 0, 0)),
    person("B", {"age": 200.0, "sex": "x", "school": "some"}, phq9=(0,) * 9),
)


@pytest.mark.parametrize(
    ("target", "edge", "rising"),
    [
        ("phq9>=10", 9.5, True),
        ("phq9>9", 9.5, True),
        ("phq9>=9.2", 9.5, True),
        ("phq9<10", 9.5, False),
        ("phq9<=9", 9.5, False),
        ("phq9<=9.9", 9.5, False),
        ("gad7>=10", 9.5, True),
        ("pcl5>=31", 30.5, True),
        ("dass21.depression>=14", 13.0, True),  # scores are doubled: 12 is followed by 14
        ("dass42.depression>=14", 13.5, True),
    ],
)
def test_the_edge_lies_between_the_last_of_the_others_and_the_first_case(target, edge, rising):
    found = score_scale(parse_target(target))
    assert (found.edge, found.rising) == (edge, rising)


@given(st.data())
def test_cases_are_above_zero_whatever_the_question(data):
    tool = data.draw(st.sampled_from(all_instruments()))
    scale = data.draw(st.sampled_from(tool.scales))
    low, high = tool.total_range(scale.name)
    parts = [tool.scale(name) for name in scale.parts] or [scale]
    step = 1 if scale.rule == "mdq" else parts[0].multiplier
    scores = np.arange(low, high + 1, step, dtype=np.float64)
    name = tool.key if scale.name == "total" else f"{tool.key}.{scale.name}"
    op = data.draw(st.sampled_from([">=", ">", "<=", "<"]))
    tenths = data.draw(st.integers(10 * low + (op in {">=", "<"}), 10 * high - (op in {">", "<="})))
    goal = parse_target(f"{name}{op}{tenths / 10}")
    severity = score_scale(goal).severity(scores)
    np.testing.assert_array_equal(severity > 0, meets(goal, scores) > 0)
    assert not (severity == 0).any()


def test_a_questionnaire_of_ones_own_has_no_public_range():
    with pytest.raises(InputError, match="'mood' is not in the table"):
        score_scale(parse_target("mood>=3"))


def test_only_what_is_declared_is_read_and_nothing_of_the_target():
    found = rulers_of(TWO, parse_target("phq9>=10"))
    assert [r.name for r in found] == [f"gad7_{i:02d}" for i in range(1, 8)] + [
        "age",
        "sex",
        "school",
    ]
    assert [(p.name, p.width) for p in scale_parts(found)] == [("answers", 7), ("background", 4)]


def test_other_forms_of_the_target_are_hidden():
    answers = {"phq9": (1,) * 9, "phq8": (1,) * 8, "dass21": (1,) * 21, "dass42": (1,) * 42}
    both = corpus(person("A", {}, **answers))

    def read(target):
        return {r.name for r in rulers_of(both, parse_target(target)) if r.source == "item"}

    assert {name[:4] for name in read("phq9>=10")} == {"dass"}
    assert {name[:4] for name in read("dass42>=20")} == {"phq9", "phq8"}
    one = read("dass21.depression>=14")
    assert "dass21_03" not in one  # an item of the target
    assert "dass42_03" not in one  # the same question on the longer form
    assert {"dass21_01", "phq9_01"} <= one


def test_a_stated_total_lies_between_its_ends():
    told = Session(
        session_id="01", responses={"gad7": Response(total=21.0), "phq9": Response(total=3)}
    )
    people = (Participant(participant_id="A", sessions=(told,)),)
    only = Corpus(name="toy", participants=people)
    found = rulers_of(only, parse_target("phq9>=10"))
    assert [(r.name, r.low, r.high) for r in found] == [("gad7_total", 0.0, 21.0)]
    assert scale_rows(only, found).tolist() == [[1.0]]


def test_a_total_that_one_person_has_beside_items_changes_no_ruler():
    """The rulers leave with the model: they would name her as surely as a row of hers."""
    told = {"gad7": Response(total=21.0), "phq9": Response(items=(1,) * 9)}
    session = Session(session_id="01", responses=told)
    stated = Participant(participant_id="C", sessions=(session,))
    goal = parse_target("phq9>=10")
    assert rulers_of(corpus(*TWO.participants, stated), goal) == rulers_of(TWO, goal)


def test_numbers_ranks_and_levels_by_hand():
    rows = scale_rows(TWO, rulers_of(TWO, parse_target("phq9>=10")))
    third = 1 / 3
    # gad7 0 1 2 3 0 0 0, the youngest, f of two, much of three
    np.testing.assert_allclose(
        rows[0], [-1, -third, third, 1, -1, -1, -1, -1, 0.5, -0.5, 1], atol=1e-12
    )
    # no gad7, beyond the oldest, a level that was never declared, some
    np.testing.assert_allclose(rows[1], [*[np.nan] * 7, 1, np.nan, np.nan, 0])


def test_new_people_are_measured_with_the_old_rulers():
    old = rulers_of(TWO, parse_target("phq9>=10"))
    other = replace(TWO, columns={"age": Column(role="quasi", kind="number", low=0, high=1)})
    np.testing.assert_array_equal(scale_rows(other, old), scale_rows(TWO, old))
    assert scale_rows(corpus(person("C", {})), old).shape == (1, 11)
    assert np.isnan(scale_rows(corpus(person("C", {})), old)).all()


ANSWER = st.one_of(st.none(), st.integers(0, 3))


@st.composite
def cohorts(draw):
    made = []
    for number in range(draw(st.integers(1, 6))):
        attributes = {
            "age": draw(st.one_of(st.none(), st.floats(-1e6, 1e6), st.just("20-29"), st.just("*"))),
            "sex": draw(st.sampled_from(["f", "m", "f|m", "*", None, "other"])),
            "school": draw(st.sampled_from(["none", "some|much", None, "*"])),
        }
        answers = {
            "phq9": tuple(draw(st.lists(ANSWER, min_size=9, max_size=9))),
            "gad7": tuple(draw(st.lists(ANSWER, min_size=7, max_size=7))),
        }
        made.append(person(f"P{number}", attributes, **answers))
    return corpus(*made)


RULERS = rulers_of(TWO, parse_target("phq9>=10"))


@given(cohorts(), st.data())
def test_a_row_is_bounded_and_depends_on_nobody_else(cohort, data):
    rows = scale_rows(cohort, RULERS)
    assert not (np.abs(rows) > 1).any()
    kept = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    ids = [p for p, k in zip(cohort.ids, kept, strict=True) if k]
    np.testing.assert_array_equal(scale_rows(cohort.select(ids), RULERS), rows[np.array(kept)])


@given(cohorts())
def test_the_answers_in_question_are_never_read(cohort):
    def silent(session):
        return {tool: r for tool, r in session.responses.items() if tool != "phq9"}

    without = cohort.map_sessions(lambda _, s: replace(s, responses=silent(s)))
    np.testing.assert_array_equal(scale_rows(without, RULERS), scale_rows(cohort, RULERS))


def test_a_level_takes_a_column_and_a_rank_takes_one():
    assert Ruler(name="a", source="attribute", kind="nominal", levels=("x", "y", "z")).width == 3
    assert Ruler(name="a", source="attribute", kind="ordinal", levels=("x", "y", "z")).width == 1
