"""The table of what can still be heard and seen: a row a class or measure, never only the mean."""

from __future__ import annotations

from dataclasses import replace

from tests.report.dossiers import dossier_of

from mindveil import catalog
from mindveil.evidence.frontier import leading_task
from mindveil.evidence.scorecard import Row
from mindveil.evidence.signals import FAMILIES
from mindveil.features.prosody import MEASURES
from mindveil.report import vocabulary
from mindveil.report.html import render
from mindveil.report.signals import signal_groups

STEPS = {"original": (), "warped": ("voice/mcadams",)}


def row(release, metric, value, **fields):
    blank = Row(
        release=release,
        kind="utility",
        measure="recognition/voice",
        modality="voice",
        metric=metric,
        value=value,
        low=value - 0.1,
        high=value + 0.1,
        n=24,
        baseline=0.125,
    )
    return replace(blank, **fields)


EMOTIONS = [
    row("original", "uar", 0.6),
    row("original", "recall@sad", 0.7),
    row("warped", "uar", 0.5),
    row("warped", "recall@sad", 0.1),
]
KEPT = [
    row("warped", "between@f0-level", 0.3, measure="retention/voice", baseline=None),
    row("warped", "within@f0-level", 0.8, measure="retention/voice", baseline=None),
]


def test_the_families_are_those_of_the_catalog():
    assert set(FAMILIES) == set(catalog.SIGNALS)


def test_every_measure_of_a_voice_has_a_plain_name():
    assert set(vocabulary.HEARD) == set(MEASURES)


def test_every_class_has_a_row():
    (group,) = signal_groups(dossier_of(EMOTIONS, STEPS))
    assert group.name == "Emotions and expressions in the voice"
    assert "guessing reaches 12.5%" in group.rule
    assert [line.name for line in group.lines] == ["Mean over classes", "Sad"]
    sad = group.lines[1].cells
    assert [c.figure.value for c in sad] == ["70.0%", "10.0%"]
    assert [c.level for c in sad] == ["reference", "none"]


def test_agreement_within_people_stands_beside_that_between():
    (group,) = signal_groups(dossier_of(KEPT, STEPS))
    (line,) = group.lines
    assert line.name == "Pitch"
    original, warped = line.cells
    assert original.level == "absent"
    assert warped.figure.value == "0.300"
    assert (warped.second_word, warped.second.value) == ("within people", "0.800")


def test_a_question_without_an_answer_says_why():
    empty = {"metric": "", "value": None, "low": None, "high": None, "n": None}
    hole = replace(row("warped", "uar", 0.5), **empty, status="invalid", note="x")
    (group,) = signal_groups(dossier_of([hole], STEPS))
    assert group.lines[0].name == "No figure"
    assert group.lines[0].cells[1].gaps == ("x",)


def test_few_people_are_withheld():
    (group,) = signal_groups(dossier_of([row("warped", "uar", 0.5, n=9)], STEPS))
    assert group.lines[0].cells[1].figure is None


def test_the_page_shows_them_and_the_frontier_is_drawn_for_people():
    page = render(dossier_of(EMOTIONS + KEPT, STEPS))
    assert "What can still be heard and seen" in page
    assert "<b>Sad</b>" in page
    assert 'href="#signals"' in page
    detect = row("original", "auroc", 0.8, measure="detect/phq9>=10")
    assert leading_task([*EMOTIONS, detect]) == "detect/phq9>=10"
    assert leading_task(EMOTIONS) == ""
