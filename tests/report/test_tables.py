"""Releases by attacks, releases by clinical questions, and every row as text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report.dossiers import POLICY, TASK, dossier_of, small_study, study

from mindveil.evidence.scorecard import Row
from mindveil.report import attacks, tables

STEPS = {"original": (), "masked": ("text/redact",)}


def row(**fields):
    blank = Row(release="masked", kind="attack", measure="text/authorship", modality="text")
    return replace(blank, **fields)


def rank(low, value, high, **fields):
    return row(**{"metric": "rank1", "low": low, "value": value, "high": high, "n": 50} | fields)


def attack_cell(*rows):
    (line,) = attacks.attack_lines(dossier_of(list(rows), STEPS))
    return line.cells[1]


def change(low, value, high):
    base = {"kind": "utility", "measure": TASK, "modality": "fused", "n": 50}
    return [
        row(**base, metric="auroc", low=0.7, value=0.8, high=0.9),
        row(**base, metric="auroc-change", low=low, value=value, high=high),
    ]


@pytest.mark.parametrize(
    ("low", "value", "high", "level"),
    [
        (0.0, 0.03, 0.09, "met"),
        (0.0, 0.03, 0.0901, "unknown"),
        (0.0899, 0.12, 0.2, "unknown"),
        (0.0901, 0.12, 0.2, "missed"),
    ],
)
def test_a_match_is_held_against_its_limit_by_the_whole_interval(low, value, high, level):
    assert attack_cell(rank(low, value, high)).level == level


def test_singling_out_is_held_against_its_gain():
    found = row(measure="scales/singling-out", metric="success", low=0.2, value=0.3, high=0.4, n=50)
    gain = replace(found, metric="advantage", low=-0.02, value=0.01, high=0.05)
    cell = attack_cell(found, gain)
    assert (cell.level, cell.figure.value, cell.second.value) == ("met", "30.0%", "1.0%")
    assert cell.bar.limit == pytest.approx(100 * POLICY.max_advantage**0.5, abs=0.1)


def test_an_attack_that_finds_nobody_is_held_against_its_gain():
    gain = row(measure="synthetic/membership", metric="advantage", low=0.2, value=0.3, high=0.4)
    cell = attack_cell(replace(gain, n=50))
    assert (cell.level, cell.figure.value, cell.second) == ("missed", "30.0%", None)


def test_the_attacker_with_the_highest_upper_bound_wins():
    weak = rank(0.3, 0.5, 0.7, attacker="ignorant")
    strong = rank(0.4, 0.5, 0.6, attacker="semi-informed")
    assert attack_cell(weak, strong).remarks[0] == "ignorant attacker"


def test_control_guess_and_strength_are_told():
    cell = attack_cell(rank(0.3, 0.5, 0.7, control=0.02, baseline=0.01, note="tier: light; N = 50"))
    assert cell.remarks == ("control 2.0%, guess 1.0%", "strength: light")


def test_the_most_unusual_people_stand_in_the_cell():
    rare = rank(0.2, 0.5, 0.8, n=12, metric="rank1-unusual")
    cell = attack_cell(rank(0.0, 0.01, 0.02), rare)
    assert cell.rare_word == "most unusual people"
    assert cell.rare.line == "50.0% (20.0% to 80.0%), n\u00a0=\u00a012"
    assert cell.rare.row == rare
    assert attack_cell(rank(0.0, 0.01, 0.02), replace(rare, n=5)).rare.withheld


def test_a_hole_says_why():
    cell = attack_cell(row(status="invalid", attacker="ignorant", note="all scores are equal"))
    assert (cell.level, cell.figure) == ("hole", None)
    assert cell.gaps == ("ignorant attacker invalid: all scores are equal",)


def test_a_stronger_attacker_that_failed_is_shown_beside_the_figure():
    cell = attack_cell(
        rank(0.0, 0.01, 0.02, attacker="ignorant"),
        row(status="failed", attacker="semi-informed", note="out of memory"),
    )
    assert cell.level == "met"
    assert cell.gaps == ("semi-informed attacker failed: out of memory",)


def test_what_was_not_run_is_empty():
    (line,) = attacks.attack_lines(dossier_of([rank(0.0, 0.1, 0.2)], STEPS))
    assert line.cells[0].level == "absent"


def test_nine_people_are_withheld_in_both_tables():
    dossier = small_study()
    cells = [c for line in attacks.attack_lines(dossier) for c in line.cells]
    cells += [c for g in tables.utility_groups(dossier) for line in g.lines for c in line.cells]
    assert {c.level for c in cells} == {"withheld", "absent", "hole"}
    assert all(c.figure is None and c.bar is None and c.second is None for c in cells)


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (-0.05, 0.02, "kept"),
        (-0.0501, 0.02, "cannot tell"),
        (-0.2, -0.0501, "lost"),
        (-0.2, -0.05, "cannot tell"),
    ],
)
def test_the_margin_decides_what_was_kept(low, high, word):
    (group,) = tables.utility_groups(dossier_of(change(low, (low + high) / 2, high), STEPS))
    assert group.lines[0].cells[1].word == word


def test_the_deciding_kind_of_recording_comes_first():
    group = tables.utility_groups(study())[0]
    assert [line.name for line in group.lines] == ["Everything together", "Questionnaires", "Text"]
    assert "guessing reaches 0.500; wanted: at least 0.750" in group.rule


def test_guessing_is_read_from_the_note():
    rows = [replace(r, note="guessing reaches 0.613; 9 cases") for r in change(-0.01, 0, 0.01)]
    assert "guessing reaches 0.613" in tables.utility_groups(dossier_of(rows, STEPS))[0].rule
