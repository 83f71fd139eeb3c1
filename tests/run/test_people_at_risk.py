"""Fairness of risk and of utility in a whole study: every release is told, one index is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.run.studies import HEAD
from tests.train.clinic import clinic

from mindveil.corpus.manifest import save_corpus
from mindveil.engine.base import Job, Outcome
from mindveil.execution import run_study
from mindveil.harness.context import Context, context_of
from mindveil.harness.people_at_risk import write_index
from mindveil.harness.work import work
from mindveil.study_file import load_study

STUDY = (
    HEAD
    + """\
[[release]]
name  = "k3"
steps = [{ use = "scales/anonymise", level = 2, k = 3 }]

[[release]]
name  = "open"
steps = [{ use = "train/central", target = "phq9>=10" }]

[attack]
use = ["scales/linkage"]
attackers = ["ignorant"]

[utility]
use = ["detect/phq9>=10"]
modalities = ["scales"]
"""
)


class Inline:
    """Does every job here and now."""

    def run(self, jobs: Sequence[Job], done: Callable[[Outcome], None]) -> None:
        for job in jobs:
            done(Outcome(job=job, result=work(job.payload), fault="", seconds=0.0))


def finish(context: Context) -> tuple[bytes, bytes]:
    """Run a study and return its scorecard and its index."""
    run_study(context, Inline(), lambda *_: None)
    write_index(context)
    root: Path = context.folder.root
    return (root / "scorecard.csv").read_bytes(), (
        root / "sealed" / "people-at-risk.csv"
    ).read_bytes()


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    save_corpus(clinic(80, np.random.default_rng(3)), folder / "corpus")
    (folder / "study.toml").write_text(STUDY)
    context = context_of(load_study(folder / "study.toml"))
    return context, finish(context)


def metrics_of(scorecard: bytes, release: str, kind: str) -> set[str]:
    lines = [line.split(",") for line in scorecard.decode().splitlines()]
    return {line[5] for line in lines if line[:2] == [release, kind]}


@pytest.mark.parametrize("release", ["original", "k3", "open"])
def test_every_release_and_detector_is_told_by_group(finished, release):
    told = metrics_of(finished[1][0], release, "utility")
    for kind in ("sex", "age"):
        assert {f"auroc-worst@{kind}", f"auroc-gap@{kind}"} <= told
        assert (f"auroc-change-worst@{kind}" in told) == (release != "original")
    assert {"net-benefit@0.1", "net-benefit-all@0.1", "calibration@1", "calibration@5"} <= told


@pytest.mark.parametrize("release", ["original", "k3"])
def test_every_linkage_is_told_person_by_person_and_group_by_group(finished, release):
    told = metrics_of(finished[1][0], release, "attack")
    assert {"person-risk@median", "person-risk@p95", "person-risk@worst"} <= told
    assert {"people-above@0.09", "people-above@limit", "people-exposed"} <= told
    assert {"rank1-worst@sex", "rank1-gap@sex", "rank1-worst@age", "rank1-gap@severity"} <= told


def test_a_resumed_run_ends_with_the_same_bytes(finished):
    context, before = finished
    cells = sorted(context.folder.cells.glob("*.json"))
    for path in cells[::2]:
        path.unlink()
    (context.folder.sealed / "people-at-risk.csv").unlink()
    assert finish(context) == before


def test_people_stand_in_the_index_alone(finished):
    context, (scorecard, index) = finished
    some = [p.encode() for p in context.corpus.ids]
    assert all(p in index for p in some)
    assert not any(p in scorecard for p in some)
