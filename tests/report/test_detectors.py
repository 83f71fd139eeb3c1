"""Detectors in the report: what they are, what stands beside them, what their answers give away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report.detecting import STEPS, detecting
from tests.report.dossiers import dossier_of, study
from tests.report.pages import Page

from mindveil import catalog
from mindveil.attack import base
from mindveil.evidence import attack_names
from mindveil.report import attacks, cards, detector_words, detectors, picture, tables
from mindveil.report.html import render
from mindveil.report.promises import promises
from mindveil.report.vocabulary import ATTACKS


@pytest.fixture(scope="module")
def dossier():
    return dossier_of(detecting(), STEPS)


@pytest.fixture(scope="module")
def page(dossier):
    return Page.of(render(dossier))


def test_attacks_are_called_as_they_call_themselves():
    """The report may not import attacks: the evidence hands their names on."""
    for name in ("OF_MODELS", "OF_UPDATES", "OF_TRAINERS", "OF_MEASURES", "ANSWER_ALONE"):
        assert getattr(attack_names, name) == getattr(base, name)
    on_training = {*catalog.MODEL_ATTACKS, *catalog.UPDATE_ATTACKS}
    assert not {*catalog.ATTACKS, *on_training} - ATTACKS.keys()
    assert all(ATTACKS[name][1].endswith("?") for name in on_training)


def test_a_detector_is_known_by_its_step_or_by_its_attacks(dossier):
    found = [name for name in STEPS if detectors.is_detector(dossier, name)]
    assert found == ["dp", "dp.undefended"]
    own = dossier_of(detecting(), dict.fromkeys(STEPS, ("my_lab.teachers:Teacher",)))
    assert detectors.is_detector(own, "dp")
    assert not detectors.is_detector(own, "masked")
    assert not any(detectors.is_detector(study(), r.name) for r in study().releases)


def test_a_twin_is_no_plea_and_stands_last(dossier):
    steps = {name: STEPS[name] for name in ("original", "dp.undefended", "masked", "dp")}
    made = cards.cards(dossier_of(detecting(), steps))
    assert [c.name for c in made] == ["original", "masked", "dp", "dp.undefended"]
    assert [c.compared for c in made] == [False, False, False, True]
    twin = made[-1]
    assert twin.sentence == detector_words.TWIN.format("dp")
    assert (twin.lines, twin.people_needed) == ((), "")
    assert twin.facts[1].plain == "This is what “dp” is compared with."


def test_the_cut_in_risk_of_a_detector_is_held_against_its_twin(dossier):
    made = {c.name: c for c in cards.cards(dossier)}
    worst, reduction, _ = made["dp"].facts
    assert worst.figure.value == "4.0%"
    assert "membership test by likelihood ratio" in worst.plain
    assert reduction.plain.startswith("Of what the strongest attack gains on the same detector")


def test_a_detector_that_promises_nothing_is_compared_with_nothing():
    steps = {"original": (), "plain": ("train/central",)}
    rows = [replace(r, release="plain") for r in detecting() if r.release == "dp.undefended"]
    card = cards.cards(dossier_of(rows, steps))[1]
    assert card.facts[1].plain == detector_words.NO_PROMISE
    assert not card.compared


def test_a_twin_is_held_against_no_limit_and_shows_power(dossier):
    lines = {line.measure: line for line in attacks.attack_lines(dossier)}
    twin = lines["model/inversion"].cells[3]
    assert (twin.level, twin.word) == ("reference", detector_words.POWER[True])
    assert lines["model/inversion"].cells[2].level == "met"
    rows = [
        replace(r, value=0.0, low=-0.05, high=0.05)
        if (r.release, r.measure) == ("dp.undefended", "model/membership-lira")
        else r
        for r in detecting()
    ]
    weak = {line.measure: line for line in attacks.attack_lines(dossier_of(rows, STEPS))}
    assert weak["model/membership-lira"].cells[3].word == detector_words.POWER[False]


def test_attacks_ask_detectors_or_records_and_never_miss_the_other(dossier):
    words_of = {li.measure: [c.word for c in li.cells] for li in attacks.attack_lines(dossier)}
    moot = "does not apply"
    assert [w == moot for w in words_of["scales/linkage"]] == [False, False, True, True]
    assert [w == moot for w in words_of["model/inversion"]] == [True, True, False, False]
    assert [g.name for g in attacks.attack_groups(dossier)] == [
        "Whose record is it?",
        detector_words.GROUP,
    ]


def test_an_attack_of_ones_own_on_detectors_is_known_by_what_it_looks_at():
    own = replace(detecting()[-1], kind="attack", label="", metric="advantage", modality="model")
    own = replace(own, measure="my_lab.model_attacks:Surest", value=0.1, low=0.05, high=0.15)
    dossier = dossier_of([*detecting(), own], STEPS)
    assert attacks.attack_groups(dossier)[1].lines[-1].measure == own.measure
    alone = dossier_of([own], dict.fromkeys(STEPS, ("my_lab.teachers:Teacher",)))
    assert detectors.is_detector(alone, "dp")


def test_what_is_rebuilt_from_measures_is_missing_nowhere(dossier):
    rows = [*detecting(), replace(detecting()[0], release="masked", measure="text/inversion")]
    lines = {li.measure: li.cells for li in attacks.attack_lines(dossier_of(rows, STEPS))}
    moot = [cell.word == "does not apply" for cell in lines["text/inversion"]]
    assert moot == [True, False, True, True]


def test_a_column_to_which_nothing_applies_is_left_out():
    rows = [r for r in detecting() if r.measure != "scales/linkage"]
    groups = attacks.attack_groups(dossier_of(rows, STEPS))
    assert tables.columns(groups, list(STEPS)) == ("dp", "dp.undefended")
    assert tables.columns((), list(STEPS)) == tuple(STEPS)


def test_answers_alone_are_told_apart_and_count_for_no_cell(dossier):
    found = {h.release: h for h in detectors.answers_handed_out(dossier.rows)}
    assert found["dp"].figure.value == "90.0%"
    assert found["dp"].guess == "1.0%"
    lines = {line.measure: line for line in attacks.attack_lines(dossier)}
    cell = lines["model/inversion"].cells[2]
    assert cell.figure.value == "2.0%"
    assert cell.rare is None or cell.rare.value != "97.0%"


def test_answers_of_few_people_are_withheld():
    few = [replace(r, n=9) for r in detecting()]
    assert detectors.answers_handed_out(few) == ()


def test_all_are_drawn_by_what_is_gained_and_a_twin_betters_nobody(dossier):
    drawn = picture.drawing(dossier)
    assert {p.release: round(p.risk.value, 3) for p in drawn.points} == {
        "original": 0.49,
        "masked": 0.49,
        "dp": 0.04,
        "dp.undefended": 0.94,
    }
    assert "dp.undefended" not in drawn.goal.decisions
    assert detector_words.AXIS in picture.caption(drawn)
    twin = picture.table_row(drawn.points[3], drawn, dossier.rows)
    assert twin["decision"] == "for comparison"
    assert not any("dp.undefended" in p.dominated_by for p in drawn.points)


def test_a_detector_is_asked_its_own_question_only(dossier):
    other = replace(detecting()[-4], release="original", measure="detect/gad7>=10", metric="auroc")
    other = replace(other, kind="utility", modality="text", label="")
    groups = {g.measure: g for g in tables.utility_groups(dossier_of([*detecting(), other], STEPS))}
    cells = groups["detect/gad7>=10"].lines[0].cells
    assert [c.level for c in cells[1:]] == ["absent", "moot", "moot"]
    own = groups["detect/phq9>=10"].lines[0].cells
    assert [(c.level, c.word) for c in own][3] == ("reference", "without a promise")


def test_its_promise_has_a_card(dossier):
    (card,) = promises(dossier)
    assert (card.release, {i: said for i, said, _ in card.items}["Made by"]) == ("dp", "train/dp")
    assert card.mechanisms == ("One Gaussian sum of the moments of 4 columns and the severity",)


def test_the_page_tells_twins_tests_and_answers(page):
    assert detector_words.SUMMARY in page.words
    assert detector_words.TESTED in page.words
    assert detector_words.ANSWERS in page.words
    assert detector_words.READING["Without a promise"] in page.words
    assert "should not be released" not in page.words.partition("dp.undefended FOR COMPARISON")[2]
    assert detector_words.TESTED not in Page.of(render(study())).words
