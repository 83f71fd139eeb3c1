"""Four made-up cohorts of which it is known what would help: a level, a k, a modality, more people.

Everybody has a mood, which the questionnaire and a few common words follow. What identifies people
is planted where one change alone takes it away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import tomli_w
from tests.harness.toys import COMMON, SYLLABLES

from mindveil.advice import Advice, Budget, Wanted, advise_run
from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session, Turn
from mindveil.engine.base import Outcome
from mindveil.errors import MindveilError
from mindveil.evidence.frontier import targets_needed
from mindveil.execution import run_study
from mindveil.harness.context import context_of
from mindveil.harness.summary import sum_up, write_dossier
from mindveil.harness.work import work
from mindveil.study_file import load_study


@dataclass(frozen=True)
class Here:
    """Computes jobs in this very process, in their order."""

    def run(self, jobs, done):
        for job in jobs:
            try:
                done(Outcome(job=job, result=work(job.payload)))
            except MindveilError as fault:
                done(Outcome(job=job, result=None, fault=str(fault)))


def cohort(people, rng, *, words=False, traits=True):
    """Return people whose answers repeat nobody; ``words`` and ``traits`` tell them apart."""
    made = [_person(i, rng, words, traits) for i in range(people)]
    return Corpus(
        name="made up",
        participants=tuple(made),
        columns={
            "age": Column(role="quasi", kind="number"),
            "height": Column(role="quasi", kind="number"),
        },
        synthetic=True,
    )


def _person(number, rng, words, traits):
    mood = rng.random()
    own = ["".join(SYLLABLES[i] for i in rng.integers(len(SYLLABLES), size=4)) for _ in range(12)]
    told = {"age": float(rng.integers(18, 90)), "height": float(rng.integers(150, 200))}
    return Participant(
        participant_id=f"P{number:04d}",
        attributes=told if traits else {"age": 40.0, "height": 170.0},
        sessions=tuple(_visit(i, mood, own if words else [], rng) for i in range(2)),
    )


def _visit(number, mood, own, rng):
    said = [COMMON[i] for i in rng.integers(len(COMMON), size=60)]
    said += ["sad" if rng.random() < mood else "fine" for _ in range(20)]
    for word in own:
        said.insert(int(rng.integers(len(said))), word)
    items = (2 if rng.random() < mood else 0,) * 9
    return Session(
        session_id=f"{number + 1:02d}",
        transcript=(Turn(speaker="participant", text="i say " + " ".join(said)),),
        responses={"phq9": Response(items=items)},
    )


def finished(folder, corpus, steps, attacks, there=(), **policy):
    """Run a study with one release, or two, and return its folder."""
    save_corpus(corpus, folder / "corpus", truth=True)
    raw = {
        "study": "advice",
        "seed": 5,
        "corpus": "corpus",
        "out": "run",
        "release": [{"name": "mine", "steps": steps}]
        + [{"name": "there", "steps": there}] * bool(there),
        "attack": {"use": attacks, "attackers": ["ignorant", "lazy-informed"]},
        "policy": {"context": "controlled", "max_advantage": 0.99, "min_risk_reduction": 0.0}
        | policy,
        "utility": {"use": ["detect/phq9>=14"], "modalities": ["text"], "margin": 0.6},
    }
    (folder / "study.toml").write_text(tomli_w.dumps(raw))
    context = context_of(load_study(folder / "study.toml"))
    rows = run_study(context, Here(), silent).rows
    write_dossier(sum_up(context, rows), context)
    return folder / "run"


def silent(*_):
    """Tell nobody."""


def advised(folder, **wanted) -> Advice:
    (found,) = advise_run(folder, Wanted(allow="controlled", **wanted), Here(), silent)
    return found


LINKAGE = ["scales/linkage"]


def table(**settings):
    return [{"use": "scales/anonymise", **settings}]


def changed(advice):
    return {c.setting or c.value: c.value for c in advice.found.candidate.changes}


@pytest.fixture
def told_by_traits():
    return cohort(60, np.random.default_rng(1))


def test_a_level_is_found(tmp_path, told_by_traits):
    run = finished(tmp_path, told_by_traits, table(level=1, k=12), LINKAGE, max_match=0.3)
    advice = advised(run)
    assert advice.verdict.decision == "DO NOT RELEASE"
    assert changed(advice) == {"level": 2}
    assert advice.found.verdict.decision in {"RELEASE", "CONTROLLED"}
    assert advice.found.point.risk.high < 0.3 < advice.now.risk.low
    assert advice.found.cost.low <= 0 <= advice.found.cost.high
    assert all(len(t.candidate.changes) == 1 for t in advice.tried)


def test_a_k_is_found(tmp_path, told_by_traits):
    run = finished(tmp_path, told_by_traits, table(level=2, k=8), LINKAGE, max_match=0.3)
    advice = advised(run)
    assert changed(advice) == {"k": 12}
    assert advice.now.risk.high > 0.3 > advice.found.point.risk.high
    assert advice.found.confirmed  # one try needs no correction


@pytest.mark.slow
def test_a_k_far_away_is_found_and_a_second_search_takes_the_same_way(tmp_path, told_by_traits):
    run = finished(tmp_path, told_by_traits, table(level=2, k=3), LINKAGE, max_match=0.3)
    advice = advised(run)
    assert set(changed(advice)) == {"k"}
    assert changed(advice)["k"] > 5  # the next step is tried, and is not enough
    cells = sorted(p.name for p in (run / "cells").iterdir())
    again = advised(run)
    assert [t.candidate.told for t in again.tried] == [t.candidate.told for t in advice.tried]
    assert again.found.point == advice.found.point
    assert sorted(p.name for p in (run / "cells").iterdir()) == cells


def test_what_the_run_measured_already_is_not_measured_again(tmp_path, told_by_traits):
    there = table(level=2, k=12)
    run = finished(tmp_path, told_by_traits, table(level=2, k=8), LINKAGE, there, max_match=0.3)
    cells = sorted(p.name for p in (run / "cells").iterdir())
    wanted = Wanted(releases=("mine",), budget=Budget(cells=1), allow="controlled")
    (advice,) = advise_run(run, wanted, Here(), silent)
    assert changed(advice) == {"k": 12}
    assert advice.found.verdict.release == "there"
    assert advice.found.cells == 0
    assert sorted(p.name for p in (run / "cells").iterdir()) == cells


@pytest.mark.slow
def test_a_modality_to_leave_out_is_found(tmp_path):
    people = cohort(60, np.random.default_rng(1), words=True, traits=False)
    run = finished(tmp_path, people, table(level=2), ["text/authorship"], max_match=0.2)
    advice = advised(run)
    assert changed(advice) == {"text/measures": "text/measures"}
    assert advice.found.cost.value < 0  # words told of the mood
    assert len(advice.tried) == 1  # nothing else touches the words


def test_where_people_are_missing_it_says_how_many(tmp_path):
    people = cohort(30, np.random.default_rng(1), traits=False)
    run = finished(tmp_path, people, table(level=2, k=5), LINKAGE, max_match=0.2)
    advice = advised(run, budget=Budget(cells=6))
    assert advice.found is None
    assert not advice.exhausted
    assert advice.missing.release == "mine"
    needed = targets_needed(advice.now.risk, 0.2)
    assert needed == advice.missing.people > 30
    assert "the limit of 20%" in advice.missing.condition


@pytest.mark.slow
def test_where_nothing_helps_the_search_ends_and_asks_for_no_people(tmp_path):
    people = cohort(40, np.random.default_rng(1), words=True, traits=False)
    run = finished(tmp_path, people, table(level=2), ["text/authorship"], max_match=0.01)
    advice = advised(run)
    assert advice.found is None
    assert advice.exhausted
    assert advice.missing is None or advice.missing.people > 40
