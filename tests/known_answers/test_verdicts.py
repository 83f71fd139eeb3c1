"""Cohorts of which the right verdict is known: judged by whole studies, from people to sentence."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from tests.known_answers.cohorts import COHORTS, Known, study_of, verdict_on

from mindveil.evidence.verdict import ReleaseVerdict

SEEDS = 100
LEAST_RIGHT = 95
QUICK = [known for known in COHORTS if known.number <= 400]
"""Cohorts of which a study is a second or two; the others wait for the long tests."""


def judged(known: Known, seed: int) -> ReleaseVerdict:
    """Return the verdict on one draw of a cohort."""
    with tempfile.TemporaryDirectory() as folder:
        return verdict_on(study_of(known, seed, Path(folder)))


def is_right(known: Known, found: ReleaseVerdict) -> bool:
    """Whether the verdict is the right one, and for the right reason."""
    because = any(f.kind == known.because for f in found.deciding)
    enough = known.right != "INCONCLUSIVE" or (found.people_needed or 0) > known.number
    return found.decision == known.right and because and enough


@pytest.mark.parametrize("known", QUICK, ids=lambda known: known.name)
def test_one_draw_gets_the_right_verdict(known):
    found = judged(known, 1)
    assert is_right(known, found), found.sentence
    assert found.context == "open"
    enough = known.number >= 200  # of whom an attacker can learn
    assert found.tiers == {"scales/linkage": "trained" if enough else "light"}
    assert all(f.row is not None for f in found.deciding if f.figure is not None)


@pytest.mark.slow
@pytest.mark.parametrize("known", COHORTS, ids=lambda known: known.name)
def test_nearly_every_draw_gets_the_right_verdict(known):
    wrong = {}
    for seed in range(1, SEEDS + 1):
        found = judged(known, seed)
        if not is_right(known, found):
            wrong[seed] = f"{found.decision}: {found.sentence}"
    assert SEEDS - len(wrong) >= LEAST_RIGHT, wrong


def test_the_cohorts_call_for_every_verdict():
    assert {known.right for known in COHORTS} == {
        "RELEASE",
        "CONTROLLED",
        "DO NOT RELEASE",
        "INCONCLUSIVE",
    }
