"""Both tables of a questionnaire: scored by the rules, at the right visit, bands and gaps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.utility.answers import answered, cohort, renamed, table

from mindveil.corpus.model import Response, Session
from mindveil.errors import InvalidMeasurement
from mindveil.utility.psychometrics import Psychometrics


def compared(release, original, tool="hads"):
    return Psychometrics(target=tool).compare(release, original, np.random.default_rng(7))


def rng():
    return np.random.default_rng(11)


def test_scores_and_pairs_of_two_questionnaires():
    people = cohort(60, rng())
    made = compared(renamed(people), people)
    assert [s.name for s in made.scores] == ["total", "anxiety", "depression", "gad7"]
    named = [(made.scores[a].name, made.scores[b].name) for a, b in made.pairs]
    # a total and its own part share items
    assert named == [
        ("anxiety", "depression"),
        ("total", "gad7"),
        ("anxiety", "gad7"),
        ("depression", "gad7"),
    ]
    first = people.participants[0].latest("hads").items
    assert made.original.scores[0].tolist()[:3] == [sum(first), sum(first[::2]), sum(first[1::2])]
    assert made.factors == 2
    assert made.factor_items == tuple(range(14))


def test_questionnaires_that_share_questions_are_no_pair():
    draw = rng()
    phq9 = answered(40, 9, draw)
    people = table({"phq9": phq9, "phq2": [r[:2] for r in phq9], "gad7": answered(40, 7, draw)})
    made = compared(people, people, "phq9")
    assert [(made.scores[a].name, made.scores[b].name) for a, b in made.pairs] == [
        ("total", "gad7")
    ]


def test_reversed_items_are_turned():
    ill = [4, 4, 4, 0, 0, 4, 0, 0, 4, 4]
    people = table({"pss10": [ill] * 12})
    made = compared(people, people, "pss10")
    assert made.original.items.tolist() == [[4.0] * 10] * 12
    assert made.original.scores[:, 0].tolist() == [40.0] * 12


def test_bands_are_their_middle_and_share_the_cells_they_cover():
    people = table({"phq9": answered(20, 9, rng())})
    banded = table({"phq9": [["0-1", "*", None, "2|3", 3, 0, 0, 0, 0]] * 20})
    made = compared(banded, people, "phq9")
    first = made.released.items[0]
    assert first[[0, 3, 4]].tolist() == [0.5, 2.5, 3.0]
    assert np.isnan(first[[1, 2]]).all()
    # cells 0, 1, 2, 3 and "missing or other" of the first four items
    assert made.released.margins[0][:20].reshape(4, 5).tolist() == [
        [0.5, 0.5, 0, 0, 0],
        [0, 0, 0, 0, 1],
        [0, 0, 0, 0, 1],
        [0, 0, 0.5, 0.5, 0],
    ]


def test_cells_of_every_variable_sum_to_one_in_both_tables():
    people = cohort(80, rng())
    vague = people.with_people(
        replace(p, attributes={"age": "30-50", "gender": "x"}) for p in people.participants
    )
    made = compared(vague, people)
    ends = np.cumsum([v.cells for v in made.variables])
    for side in (made.released, made.original):
        shares = np.add.reduceat(side.margins, [0, *ends[:-1]], axis=1)
        assert shares == pytest.approx(1.0)
    assert {v.name for v in made.variables if v.background} == {"age", "gender"}


def test_of_several_visits_the_last_with_the_questionnaire():
    people = table({"phq9": [[1] * 9] * 12})
    twice = people.with_people(
        replace(
            p,
            sessions=(
                *p.sessions,
                Session(
                    session_id="02",
                    responses={
                        "phq9": Response(items=(2,) * 9),
                        "gad7": Response(items=(1,) * 7),
                    },
                ),
                Session(session_id="03", responses={"gad7": Response(items=(3,) * 7)}),
            ),
        )
        for p in people.participants
    )
    made = compared(people, twice, "phq9")
    assert made.original.scores[0].tolist() == [18.0, 7.0]
    # nobody in the release was asked the other one
    assert np.isnan(made.released.scores[0, 1])


def test_where_only_totals_are_known():
    people = table({"phq9": [[]] * 12})
    totals = people.with_people(
        replace(
            p, sessions=(Session(session_id="01", responses={"phq9": Response(total=float(i))}),)
        )
        for i, p in enumerate(people.participants)
    )
    made = compared(totals, totals, "phq9")
    assert made.original.scores[:, 0].tolist() == list(map(float, range(12)))
    assert np.isnan(made.original.items).all()


def test_a_questionnaire_that_is_not_in_the_table():
    people = table({"own": answered(40, 5, rng(), of=(1, 5))})
    made = compared(people, people, "own")
    assert made.original.scores[0, 0] == sum(people.participants[0].latest("own").items)
    assert made.scores[0].cutoff is None


def test_too_few_answers_are_refused():
    people = table({"phq9": [[1] * 9] * 12})
    few = people.with_people(people.participants[:9])
    with pytest.raises(InvalidMeasurement, match="9 people of the release answered phq9"):
        compared(few, people, "phq9")
    with pytest.raises(InvalidMeasurement, match="0 people of the release answered hads"):
        compared(people, people, "hads")


def test_the_name_and_what_it_needs():
    task = Psychometrics(target="dass42")
    assert (task.name, task.needs, task.family) == (
        "psychometrics/dass42",
        frozenset({"scales"}),
        "psychometrics",
    )
