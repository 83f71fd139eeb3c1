"""What is drawn: people found, or what is gained where records are nobody's."""

from __future__ import annotations

import pytest
from tests.report.dossiers import POLICY, dossier_of, study
from tests.report.synthetic import STEPS, attacked, row

from mindveil.report import words
from mindveil.report.picture import caption, drawing, table_row

USE = [row(name, "detect/phq9>=10", "auroc", 0.8) for name in STEPS]


@pytest.fixture(scope="module")
def drawn():
    return drawing(dossier_of([*attacked(), *USE], STEPS))


def test_releases_of_people_are_drawn_by_how_often_people_are_found():
    plain = drawing(study())
    assert plain.points == tuple(study().judgement.frontier)
    assert plain.goal.limit == POLICY.max_match
    assert plain.across == words.TEXT["axis_across"]
    assert words.TEXT["frontier_gains"] not in caption(plain)


def test_where_one_is_synthetic_all_are_drawn_by_what_is_gained(drawn):
    gained = {p.release: p.risk.value for p in drawn.points}
    assert gained == {"original": 0.49, "masked": 0.49, "copula": 0.2, "private": 0.2}
    assert {p.release: p.worst for p in drawn.points}["copula"] == "synthetic/stolen-model"
    assert drawn.goal.limit == POLICY.max_advantage
    assert drawn.across == words.TEXT["axis_gain"]
    assert words.TEXT["frontier_gains"] in caption(drawn)


def test_who_is_better_is_found_on_the_same_axis(drawn):
    better = {p.release: p.dominated_by for p in drawn.points}
    assert better["original"] == ("copula", "private")
    assert better["copula"] == ()


def test_the_table_below_has_the_same_figures(drawn):
    found = table_row(drawn.points[2], drawn, [*attacked(), *USE])
    assert found["risk"].value == "20.0%"
    assert found["risk"].row.measure == "synthetic/stolen-model"
    assert found["utility"].row.metric == "auroc"
    assert found["worst"] == "Membership test on the stolen generator"


def test_what_cannot_be_drawn_is_named():
    shown = drawing(dossier_of(attacked(), STEPS))
    assert "Not drawn, because a figure is missing or withheld: original" in caption(shown)
