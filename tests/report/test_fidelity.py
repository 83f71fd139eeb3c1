"""The tables of what a questionnaire still measures, and of what a release adds."""

from __future__ import annotations

import pytest
from tests.report.dossiers import dossier_of
from tests.report.synthetic import STEPS, measured, row

from mindveil.report.fidelity import addition_groups, fidelity_groups
from mindveil.report.html import render
from mindveil.report.tables import utility_groups


def group_of(*rows):
    (group,) = fidelity_groups(dossier_of(list(rows), STEPS))
    return group


def cell(change, **fields):
    group = group_of(*measured("original", 0.0), *measured("private", change, **fields))
    return group.lines[0].cells[3]


def test_limited_figures_come_first_score_by_score_then_those_of_the_whole():
    group = group_of(*measured("original", 0.0), *measured("copula", 0.001))
    assert group.name == "What the DASS-42 measures"
    assert [line.name for line in group.lines] == [
        "Depression",
        "Depression with anxiety",
        "Depression ≥ 14",
        "Tucker's congruence of factors",
        "Synthetic told from real records (AUROC, 0.5 is not at all)",
    ]
    assert "Cronbach's alpha within 0.02" in group.rule
    assert "within 2 points" in group.rule


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (0.0, "still the same"),
        (0.0099, "still the same"),
        (0.0101, "cannot tell"),
        (-0.0299, "cannot tell"),
        (-0.0301, "not the same"),
        (0.0301, "not the same"),
    ],
)
def test_the_whole_interval_of_the_change_decides(change, word):
    assert cell(change).word == word


def test_change_and_control_stand_beside_the_figure():
    seen = cell(0.005)
    assert seen.figure.value == "0.900"
    assert (seen.second_word, seen.second.value) == ("change", "+0.005")
    assert seen.remarks == ("another sample of real people: −0.013 to +0.012",)


def test_prevalence_changes_in_points():
    line = group_of(*measured("original", 0.0), *measured("private", 0.0)).lines[2]
    private = line.cells[3]
    assert private.figure.value == "40.0%"
    assert private.second.value == "+0.4 points"
    assert private.second.interval == "−0.6 to +1.4 points"
    assert private.remarks == ("another sample of real people: −1.3 to +1.2 points",)


def test_the_original_is_the_reference_and_others_are_not_run():
    line = group_of(*measured("original", 0.0), *measured("private", 0.0)).lines[0]
    assert [c.level for c in line.cells] == ["reference", "absent", "absent", "met"]


def test_a_figure_without_a_limit_is_measured():
    group = group_of(*measured("original", 0.0), *measured("private", 0.0))
    assert group.lines[-1].cells[3].word == "measured"


def test_a_release_without_any_figure_says_why():
    hole = row("private", "psychometrics/dass42", "", 0.0, status="invalid", note="too few people")
    group = group_of(*measured("original", 0.0), hole)
    assert group.lines[0].cells[3].gaps == ("invalid: too few people",)


def test_nine_people_are_withheld():
    few = [row("private", "psychometrics/dass42", "alpha@total", 0.9, n=9)]
    assert group_of(*few).lines[0].cells[3].figure is None


def added(gain):
    task = "augment/phq9>=10"
    return [
        row("private", task, "auroc@100", 0.8, baseline=0.78),
        row("private", task, "auroc-gain@100", gain),
    ]


@pytest.mark.parametrize(
    ("gain", "word"),
    [(0.02, "better with it"), (-0.02, "worse with it"), (0.005, "cannot tell")],
)
def test_what_is_added_is_told_by_its_interval(gain, word):
    (group,) = addition_groups(dossier_of(added(gain), STEPS))
    (line,) = group.lines
    assert line.name == "100 real people"
    assert line.cells[0].word == "does not apply"
    assert line.cells[3].word == word
    assert line.cells[3].remarks == ("alone 0.780",)


def test_neither_clutters_the_table_of_clinical_use():
    rows = [
        *measured("private", 0.0),
        *added(0.02),
        row("private", "detect/phq9>=10", "auroc", 0.8),
    ]
    groups = utility_groups(dossier_of(rows, STEPS))
    assert [g.measure for g in groups] == ["detect/phq9>=10"]


def test_the_page_has_both_sections_where_there_is_something_to_show():
    page = render(dossier_of([*measured("private", 0.0), *added(0.02)], STEPS))
    assert "Does it still measure the same?" in page
    assert "What it adds to real people" in page
    assert "A released questionnaire must measure the same" in page
    assert "Does it still measure the same?" not in render(dossier_of(added(0.02), STEPS))
