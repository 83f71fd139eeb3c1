"""Plain names for what the scorecard calls by identifiers."""

from __future__ import annotations

import pytest

from mindveil import catalog
from mindveil.report import names, vocabulary


@pytest.mark.parametrize(
    ("measure", "name"),
    [
        ("text/authorship", "writing-style matching"),
        ("detect/phq9>=10", "detection of depression (PHQ-9 ≥ 10)"),
        ("detect/dass42.anxiety>=10", "detection of anxiety (DASS-42 ≥ 10)"),
        ("detect/who5<13", "detection of WHO5 (WHO5 < 13)"),
        ("severity/gad7", "severity of anxiety (GAD-7 total)"),
        ("model/membership-lira", "membership test by likelihood ratio"),
        ("my_lab.attacks:Gait", "my_lab.attacks:Gait"),
        ("psychometrics/dass42", "what the DASS-42 measures"),
        ("augment/phq9>=10", "detection of depression (PHQ-9 ≥ 10), beside real people"),
        ("rest/phq9>=10", "rest of a scale told by its other items (PHQ-9 ≥ 10)"),
        (
            "screener/dass42.anxiety>=10[3,5]",
            "screener shortening, part-whole (DASS-42 anxiety ≥ 10, from items 3,5)",
        ),
    ],
)
def test_measures_have_plain_names(measure, name):
    assert names.measure_name(measure) == name


@pytest.mark.parametrize("measure", sorted(catalog.ATTACKS))
def test_every_attack_of_the_catalog_has_a_name_and_a_question(measure):
    assert names.measure_name(measure) != measure
    assert names.question(measure, {}).endswith("?")


def test_the_words_of_the_study_come_first():
    assert (
        names.question("text/authorship", {"text/authorship": "Who wrote it?"}) == "Who wrote it?"
    )
    assert names.question("my/attack", {}) == ""
    assert names.question("my/attack", {"my/attack": "Find them."}) == "Find them."


def test_a_study_that_asks_nothing_of_a_known_attack_is_asked_in_our_words():
    said = names.question("text/authorship", {"text/authorship": "Name the person."})
    assert said == vocabulary.ATTACKS["text/authorship"][1]


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        ("rank1", "right person ranked first"),
        (
            "rank1-unusual@demographics alone",
            "right person ranked first, most unusual people (demographics alone)",
        ),
        ("cohesion", "cohesion"),
        ("alpha@depression", "Cronbach's alpha (depression)"),
        (
            "r-change@depression~gad7",
            "correlation, change against the original (depression with GAD-7)",
        ),
        (
            "band@total=moderately-severe",
            "share of people in this band of severity (total: moderately severe)",
        ),
        ("accuracy-gap@sex", "accuracy, gap between groups (sex)"),
        ("auroc-gain@100", "AUROC, gained by adding the release (100)"),
        (
            "advantage-unusual@wide kernels",
            "gain above the control, most unusual people (wide kernels)",
        ),
        ("tpr@fpr=0.01", "members told (where 1% of others are taken for members)"),
        (
            "tpr@fpr=0.1@whitened",
            "members told (where 10% of others are taken for members, whitened)",
        ),
        ("", ""),
    ],
)
def test_metrics_have_plain_names(metric, name):
    assert names.metric_name(metric) == name


def test_a_finding_is_told_in_plain_words():
    said = names.in_plain_words(
        "the CCC of severity/phq9 against the original is -0.017 [-0.038, 0.005], n = 400 "
        "(text/authorship, semi-informed attacker); see anonymised-2.",
        ["severity/phq9", "text/authorship"],
    )
    assert said == (
        "The CCC of severity of depression (PHQ-9 total) against the original is \u22120.017 "
        "[\u22120.038, 0.005], n\u00a0=\u00a0400 (writing-style matching, semi-informed attacker); "
        "see anonymised-2."
    )


def test_a_longer_measure_is_not_cut_by_a_shorter_one():
    assert "≥ 100" in names.in_plain_words(
        "auroc of detect/x>=100", ["detect/x>=10", "detect/x>=100"]
    )


def test_part_and_whole_are_never_called_detection():
    assert "detection" not in names.measure_name("screener/phq9>=10")


@pytest.mark.parametrize("family", sorted(catalog.FAMILIES))
def test_every_family_of_questions_has_a_name(family):
    measure = f"{family}/voice" if family in catalog.SIGNALS else f"{family}/phq9>=10"
    assert names.measure_name(measure) != measure


def test_scores_within_a_sentence_have_plain_names_and_releases_keep_theirs():
    said = names.in_plain_words("“phq9” keeps gad7 and stress>=19 (dass42).", [])
    assert said == "“phq9” keeps GAD-7 and stress ≥ 19 (DASS-42)."
