"""The sentences of the report: all are used, and none promises what no study can show."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from typing import get_args

import pytest

from mindveil.evidence.verdict import Decision, State
from mindveil.report import words

SOURCE = "".join(
    path.read_text(encoding="utf-8")
    for path in files("mindveil.report").iterdir()
    if path.name.endswith((".py", ".html")) and path.name != "words.py"
)
SAID = [*words.TEXT.values(), *words.READING.values(), *words.MEANINGS.values()]


@pytest.mark.parametrize("name", sorted(words.TEXT))
def test_every_sentence_is_used(name):
    assert re.search(rf"text\.{name}\b|TEXT\[\"{name}\"\]", SOURCE)


def test_every_decision_and_state_has_words():
    assert set(words.MEANINGS) == set(words.SHAPES) == set(get_args(Decision))
    assert set(words.STATES) == set(get_args(State))


@pytest.mark.parametrize("promise", ["compliant", "certified", "guaranteed", "fully", "safe to"])
def test_nothing_is_promised(promise):
    assert not any(promise in said.lower() for said in SAID)


@pytest.mark.parametrize("jargon", ["rank-1", "epsilon", "cohort", "estimator", "bootstrap"])
def test_nothing_needs_a_statistician(jargon):
    assert not any(jargon in said.lower() for said in SAID)


def test_a_date_is_the_same_in_every_country():
    assert words.day(date(2026, 12, 1)) == "1 December 2026"
