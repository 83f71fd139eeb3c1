"""Whole runs with voices and faces: killed and resumed, with people who have none, with nothing left."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.run.media_study import BRIEF, STUDY, Here, media_study, uneven
from tests.run.studies import call, command

from mindveil.evidence.scorecard import Row
from mindveil.notebook import run
from mindveil.study_file import load_study

KEPT = ("scorecard.csv", "scorecard.parquet", "verdict.json", "report.html", "lock.json")
SMALL, LINKED = 6, 12
"""People of a study without attackers, and with."""

Moment = Callable[[Path], bool]


def outcome(run: Path) -> dict[str, str]:
    """Return the digests of all that must not depend on how a run went."""
    files = [run / name for name in KEPT]
    for folder in ("cells", "releases"):
        files += [p for p in sorted((run / folder).rglob("*")) if p.is_file()]
    return {
        p.relative_to(run).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
    }


def a_release_was_begun(run: Path) -> bool:
    return any((run / "sealed").glob(".mv-*"))


def the_workshop_holds_files(run: Path) -> bool:
    return any((run / "sealed").glob(".mv-*/*_voice.flac"))


def faces_are_being_covered(run: Path) -> bool:
    return any((run / "sealed").glob(".mv-*/*_face.png"))


def the_release_is_being_put_together(run: Path) -> bool:
    return any((run / "releases").glob(".mv-*/fold-*"))


def a_cell_was_finished(run: Path) -> bool:
    return any((run / "cells").glob("*.json"))


def recordings_are_being_read(run: Path) -> bool:
    return any((run / "sealed" / "features").glob("*.npy"))


def killed(study: Path, moment: Moment, *, workers: int = 2) -> None:
    """Start a run and kill it, and nothing else, as soon as a moment has come."""
    run = subprocess.Popen(
        command("run", study, "--workers", str(workers)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1790000000"},
    )
    deadline = time.monotonic() + 200
    while not moment(study.parent / "run") and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    came = run.poll() is None
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert came, "the moment came before the end"


def resumed(study: Path, whole: Path, *, workers: int = 2) -> None:
    """Run to the end: the same bytes, nothing computed twice, nothing left lying about."""
    run = study.parent / "run"
    before = {p: p.stat().st_mtime_ns for p in (run / "cells").glob("*.json")}
    end = call("run", study, "--workers", str(workers))
    assert end.returncode == 0, end.stderr
    assert outcome(run) == outcome(whole / "run")
    assert not list(run.rglob(".mv-*"))
    assert {p: p.stat().st_mtime_ns for p in before} == before


def same_study(whole: Path, folder: Path) -> Path:
    shutil.copytree(whole / "corpus", folder / "corpus")
    shutil.copy(whole / "study.toml", folder / "study.toml")
    return folder / "study.toml"


@pytest.fixture(scope="module")
def brief(tmp_path_factory):
    """Return a study without attackers that ran undisturbed."""
    folder = tmp_path_factory.mktemp("brief")
    with pytest.MonkeyPatch.context() as fixed:
        fixed.setenv("SOURCE_DATE_EPOCH", "1790000000")
        run(load_study(media_study(folder, BRIEF, SMALL)), Here())
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a study of two modalities and two attackers that ran undisturbed."""
    folder = tmp_path_factory.mktemp("whole")
    text = STUDY.replace('["ignorant"]', '["ignorant", "lazy-informed"]')
    done = call("run", media_study(folder, text, LINKED), "--workers", "1")
    assert done.returncode == 0, done.stderr
    return folder


def test_a_run_that_is_killed_among_its_recordings_ends_with_the_same_bytes(brief, tmp_path):
    study = same_study(brief, tmp_path)
    killed(study, the_workshop_holds_files)
    assert not list((tmp_path / "run" / "releases").glob("*/fold-*/*"))
    resumed(study, brief)


@pytest.mark.slow
@pytest.mark.parametrize(
    "moment",
    [
        a_release_was_begun,
        faces_are_being_covered,
        the_release_is_being_put_together,
        recordings_are_being_read,
        a_cell_was_finished,
    ],
)
def test_a_run_that_is_killed_at_any_moment_ends_with_the_same_bytes(moment, whole, tmp_path):
    study = same_study(whole, tmp_path)
    killed(study, moment)
    resumed(study, whole)


@pytest.mark.slow
def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bytes(whole, tmp_path):
    study = same_study(whole, tmp_path)
    for moment in (faces_are_being_covered, the_release_is_being_put_together, a_cell_was_finished):
        killed(study, moment)
    resumed(study, whole)


@pytest.mark.slow
def test_a_worker_that_dies_among_its_recordings_costs_nothing_but_time(brief, tmp_path):
    study, root = same_study(brief, tmp_path), tmp_path / "run"
    run = subprocess.Popen(
        command("run", study, "--workers", "1"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1790000000"},
    )
    deadline = time.monotonic() + 200
    while not the_workshop_holds_files(root) and time.monotonic() < deadline:
        time.sleep(0.005)
    (bench,) = (root / "sealed").glob(".mv-*")
    os.kill(int(bench.name.split("-")[2]), signal.SIGKILL)
    _, said = run.communicate(timeout=200)
    assert run.returncode == 3
    assert "the worker process ended (code -9)" in said
    resumed(study, brief)


HEAD = STUDY[: STUDY.index("[[release]]")]

BARE = """
[[release]]
name = "silenced"
steps = [{ use = "tests.run.media_study:Silenced" }]

[[release]]
name = "grey"
steps = [{ use = "face/mask", shape = "whole", series = "dropped" }]

[attack]
use = ["face/linkage"]
attackers = ["ignorant", "semi-informed"]

[utility]
use = ["retention/face"]
"""

CHANGED = """
[[release]]
name = "changed"
steps = [{ use = "voice/mcadams" }, { use = "face/mask" }]

[attack]
use = [
    "voice/speaker-linkage", "voice/attribute-inference",
    "face/linkage", "face/attribute-inference",
]

[utility]
use = ["retention/voice", "retention/face", "detect/phq9>=10", "severity/phq9"]
modalities = ["voice", "face", "fused"]
"""


def first_rows(study: Path, release: str) -> dict[str, Row]:
    """Run a study in this process and return the first row of every measure on a release."""
    found = run(load_study(study), Here())
    assert (study.parent / "run" / "report.html").is_file()
    assert "failed" not in {row.status for row in found.rows}
    first: dict[str, Row] = {}
    for row in found.rows:
        if row.release == release:
            first.setdefault(f"{row.measure} {row.modality} {row.attacker}".strip(), row)
    return first


def test_a_release_without_recordings_or_with_blank_ones_is_measured_to_its_end(tmp_path):
    study = media_study(tmp_path, HEAD + BARE, 9)
    silenced = first_rows(study, "silenced")
    left = {"scales/linkage scales", "text/authorship text"}
    assert {name for name, row in silenced.items() if row.status == "inconclusive"} == left
    assert {silenced[name].status for name in silenced.keys() - left} == {"invalid"}
    assert all(row.note for row in silenced.values())
    assert "linkage enrols on an earlier session" in silenced["face/linkage face ignorant"].note
    grey = first_rows(study, "grey")
    assert grey["retention/face face"].status == "invalid"
    assert grey["retention/face face"].note
    assert grey["voice/speaker-linkage voice"].status == "inconclusive"
    there = {p.name for p in (tmp_path / "run" / "releases" / "grey").rglob("*_face.png")}
    assert len(there) >= 18
    assert not list((tmp_path / "run" / "releases" / "silenced").rglob("*_face.*"))


@pytest.mark.slow
def test_people_without_recordings_stand_beside_people_with(tmp_path):
    study = media_study(tmp_path, HEAD.replace("3", "5") + CHANGED, 30, 10, uneven)
    rows = first_rows(study, "changed")
    unasked = {"scales/linkage", "text/authorship"}
    assert {row.status for row in rows.values() if row.measure in unasked} == {"inconclusive"}
    assert len({row.measure for row in rows.values()} - unasked) == 8
    measured = {name for name, row in rows.items() if row.status == "ok"}
    assert {"voice/speaker-linkage voice ignorant", "face/linkage face ignorant"} <= measured
    assert {"retention/voice voice", "retention/face face"} <= measured
    assert all(row.note for row in rows.values() if row.status != "ok")
