"""Item answers: their range, their structure, and how they last from visit to visit."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from mindveil.corpus.sample.answers import FORMS, answer, states
from mindveil.corpus.sample.lives import FACTOR_CORRELATION, draw_persona
from mindveil.corpus.sample.personas import FACTORS

HIGHEST = {"phq9": 3, "gad7": 3, "pcl5": 4, "pq16": 1}
ITEMS = {"phq9": 9, "gad7": 7, "pcl5": 20, "mdq": 15, "pq16": 16}


@cache
def tables(people: int = 500) -> dict[str, NDArray[np.float64]]:
    """Answers of the last visit, missing ones as 0."""
    rows: dict[str, list[list[float]]] = {tool: [] for tool in FORMS}
    for number in range(1, people + 1):
        persona = draw_persona(2, number)
        last = persona.sessions - 1
        for tool, given in answer(2, persona, last, states(2, persona)[last]).items():
            rows[tool].append([float(v or 0) for v in given.items])
    return {tool: np.array(row) for tool, row in rows.items()}


def alpha(table: NDArray[np.float64]) -> float:
    """Cronbach's alpha."""
    items = table.shape[1]
    apart, together = table.var(axis=0, ddof=1).sum(), table.sum(axis=1).var(ddof=1)
    return float(items / (items - 1) * (1 - apart / together))


def test_alpha_of_a_table_by_hand() -> None:
    # Item variances 1/3 each, total variance 4/3: alpha = 2 (1 - (2/3) / (4/3)) = 1.
    assert alpha(np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 1.0], [0.0, 0.0]])) == pytest.approx(1.0)


def test_every_answer_is_one_that_the_form_allows() -> None:
    for tool, table in tables().items():
        assert table.shape[1] == ITEMS[tool]
        if tool == "mdq":
            assert table[:, :14].max() == 1
            assert table[:, 14].max() == 3
        else:
            assert table.max() == HIGHEST[tool]
        assert table.min() == 0


def test_a_worse_trait_never_lowers_an_answer() -> None:
    persona = draw_persona(2, 5)
    mild = answer(2, persona, 0, (-1.0,) * 5)
    severe = answer(2, persona, 0, (1.5,) * 5)
    for tool in FORMS:
        pairs = zip(mild[tool].items, severe[tool].items, strict=True)
        assert all(a is None or b is None or a <= b for a, b in pairs)  # type: ignore[operator]


def test_a_hopeless_and_a_carefree_trait_reach_both_ends() -> None:
    persona = draw_persona(2, 6)
    for state, expected in (((-30.0,) * 5, 0), ((30.0,) * 5, 3)):
        items = answer(2, persona, 0, state)["phq9"].items
        assert {i for i in items if i is not None} == {expected}


def test_questionnaires_hang_together_as_published_ones_do() -> None:
    table = tables()
    assert 0.84 <= alpha(table["phq9"]) <= 0.91
    assert 0.86 <= alpha(table["gad7"]) <= 0.93
    assert 0.90 <= alpha(table["pcl5"]) <= 0.96
    related = np.corrcoef(table["phq9"].sum(axis=1), table["gad7"].sum(axis=1))[0, 1]
    # .65-.75 in the population; the standard error at 500 people is .02.
    assert 0.61 <= related <= 0.79


def test_about_as_many_are_above_the_cut_offs_as_in_help_seekers() -> None:
    table = tables()
    assert 0.32 <= np.mean(table["phq9"].sum(axis=1) >= 10) <= 0.44
    assert 0.26 <= np.mean(table["gad7"].sum(axis=1) >= 10) <= 0.38
    assert 0.15 <= np.mean(table["pcl5"].sum(axis=1) >= 31) <= 0.36
    assert 0.08 <= np.mean(table["pq16"].sum(axis=1) >= 6) <= 0.26


def test_habits_make_two_visits_alike_beyond_the_trait() -> None:
    state = (0.3,) * 5

    def agreement(first: int, second: int) -> float:
        one = answer(2, draw_persona(2, first), 0, state)["pcl5"].items
        two = answer(2, draw_persona(2, second), 1, state)["pcl5"].items
        return float(np.mean([a == b for a, b in zip(one, two, strict=True)]))

    same = np.mean([agreement(n, n) for n in range(1, 60)])
    other = np.mean([agreement(n, n + 1) for n in range(1, 60)])
    assert same > other + 0.05


def test_a_few_answers_are_missing() -> None:
    people = [draw_persona(4, n) for n in range(1, 80)]
    given = [answer(4, p, 0, p.factors) for p in people]
    items = [i for g in given for r in g.values() for i in r.items]
    assert 0.004 <= np.mean([i is None for i in items]) <= 0.02


def test_traits_of_the_day_stay_near_those_that_last() -> None:
    people = [draw_persona(2, n) for n in range(1, 401)]
    drawn = [states(2, p) for p in people]
    assert all(len(s) == p.sessions for s, p in zip(drawn, people, strict=True))
    first = np.array([s[0] for s in drawn])
    base = np.array([p.factors for p in people])
    for factor in range(len(FACTORS)):
        assert np.corrcoef(first[:, factor], base[:, factor])[0, 1] > 0.85


def test_traits_are_drawn_with_the_correlations_that_are_stated() -> None:
    assert np.linalg.eigvalsh(FACTOR_CORRELATION).min() > 0
    base = np.array([draw_persona(2, n).factors for n in range(1, 401)])
    assert np.abs(np.corrcoef(base.T) - FACTOR_CORRELATION).max() < 0.15


def test_answers_do_not_depend_on_what_else_is_drawn() -> None:
    persona = draw_persona(2, 9)
    more = replace(persona, sessions=persona.sessions + 1)
    assert states(2, more)[: persona.sessions] == states(2, persona)
