"""Attacks by release: what asks nothing of a release does not apply, and is not missing."""

from __future__ import annotations

from tests.report.dossiers import dossier_of, study
from tests.report.synthetic import STEPS, attack, attacked

from mindveil.report import attacks


def synthetic_lines():
    lines = attacks.attack_lines(dossier_of(attacked(), STEPS))
    return {line.measure: line.cells for line in lines}


def test_attacks_do_not_apply_where_they_ask_nothing():
    cells = synthetic_lines()
    words_of = {measure: [c.word for c in line] for measure, line in cells.items()}
    moot = "does not apply"
    assert [w == moot for w in words_of["scales/linkage"]] == [False, False, True, True]
    assert [w == moot for w in words_of["synthetic/linkage"]] == [False, True, False, False]
    assert [w == moot for w in words_of["synthetic/stolen-model"]] == [True, True, False, False]


def test_an_attack_that_should_have_run_is_not_called_moot():
    rows = [r for r in attacked() if (r.release, r.measure) != ("private", "synthetic/linkage")]
    lines = attacks.attack_lines(dossier_of(rows, STEPS))
    (line,) = [one for one in lines if one.measure == "synthetic/linkage"]
    assert line.cells[3].word == "not run"


def test_of_records_of_nobody_the_gain_stands_first():
    cell = synthetic_lines()["synthetic/linkage"][2]
    assert (cell.figure.value, cell.second.value, cell.second_word) == ("1.4%", "30.0%", "right")


def test_unusual_people_are_told_by_the_figure_that_decides():
    cell = synthetic_lines()["synthetic/linkage"][2]
    assert cell.rare_word == "most unusual people: gain"
    assert cell.rare.line == "2.0% (1.0% to 3.0%), n\u00a0=\u00a030"
    assert cell.rare.row.metric == "advantage-unusual"


def test_attacks_on_records_and_on_nobody_stand_apart():
    groups = attacks.attack_groups(dossier_of(attacked(), STEPS))
    assert [g.name for g in groups] == [
        "Whose record is it?",
        "Who is behind the synthetic people?",
    ]
    (plain,) = attacks.attack_groups(study())
    assert plain.name == ""
    assert attacks.attack_groups(dossier_of([], STEPS)) == ()


def test_a_release_is_of_nobody_by_its_step_or_by_its_attacks():
    dossier = dossier_of(attacked(), STEPS)
    found = {name: attacks.is_of_nobody(dossier, name) for name in STEPS}
    assert found == {"original": False, "masked": False, "copula": True, "private": True}
    own = dossier_of(attacked(), dict.fromkeys(STEPS, ("my_lab.makers:Maker",)))
    assert attacks.is_of_nobody(own, "copula")
    assert not attacks.is_of_nobody(own, "masked")


def test_an_attack_of_ones_own_is_known_by_what_it_ran_on():
    own = [attack(r, "my_lab.tables:Averages", "advantage", 0.1) for r in ("original", "copula")]
    dossier = dossier_of([*attacked(), *own], STEPS)
    (line,) = [one for one in attacks.attack_lines(dossier) if one.measure == own[0].measure]
    assert [c.word == "does not apply" for c in line.cells] == [False, True, False, False]
    assert line in attacks.attack_groups(dossier)[1].lines


def test_a_gain_has_no_chance_beside_it():
    own = attack("copula", "synthetic/tracing", "advantage", 0.1, baseline=0.0)
    (line,) = attacks.attack_lines(dossier_of([own], STEPS))
    assert line.cells[2].remarks == ("ignorant attacker",)
