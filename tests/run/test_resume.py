"""A killed run resumes and ends with the same bytes; workers change nothing; caches do not lie."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tests.run.studies import call, command, toy_study

KEPT = ("scorecard.csv", "scorecard.parquet", "verdict.json", "report.html", "study.toml")


def outcome(folder: Path) -> dict[str, bytes]:
    """Return the bytes that must not depend on how a run went."""
    found = {name: (folder / "run" / name).read_bytes() for name in KEPT}
    cells = sorted((folder / "run" / "cells").glob("*.json"))
    return found | {c.name: c.read_bytes() for c in cells}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a study that ran undisturbed with one worker."""
    folder = tmp_path_factory.mktemp("whole")
    done = call("run", toy_study(folder), "--workers", "1")
    assert done.returncode == 0, done.stderr
    return folder


def copy_study(whole: Path, folder: Path) -> Path:
    shutil.copytree(whole / "corpus", folder / "corpus")
    shutil.copy(whole / "study.toml", folder / "study.toml")
    return folder / "study.toml"


def test_two_workers_end_with_the_same_bytes(whole, tmp_path):
    study = copy_study(whole, tmp_path)
    assert call("run", study, "--workers", "2").returncode == 0
    assert outcome(tmp_path) == outcome(whole)


def test_running_again_computes_nothing_and_changes_nothing(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "again")
    before = outcome(tmp_path / "again")
    stamps = {p: p.stat().st_mtime_ns for p in (tmp_path / "again/run/cells").iterdir()}
    again = call("run", tmp_path / "again" / "study.toml")
    assert again.returncode == 0
    assert "[1/" not in again.stderr
    assert outcome(tmp_path / "again") == before
    assert {p: p.stat().st_mtime_ns for p in stamps} == stamps


def kill_and_resume(whole: Path, folder: Path, kills: int, rng: np.random.Generator) -> None:
    study = copy_study(whole, folder)
    for _ in range(kills):
        run = subprocess.Popen(
            command("run", study, "--workers", "2"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1790000000"},
            start_new_session=True,
        )
        time.sleep(rng.uniform(1.0, 9.0))
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        for path in (folder / "run").rglob("*.json") if (folder / "run").is_dir() else ():
            if not any(part.startswith(".mv-") for part in path.parts):
                assert path.read_bytes().endswith(b"\n")
    end = call("run", study, "--workers", "2")
    assert end.returncode == 0, end.stderr
    assert outcome(folder) == outcome(whole)
    assert not list((folder / "run").rglob(".mv-*"))


def test_a_run_that_is_killed_three_times_ends_with_the_same_bytes(whole, tmp_path):
    kill_and_resume(whole, tmp_path, 3, np.random.default_rng(5))


@pytest.mark.slow
def test_a_run_that_is_killed_at_twenty_moments_ends_with_the_same_bytes(whole, tmp_path):
    rng = np.random.default_rng(6)
    for number in range(5):
        kill_and_resume(whole, tmp_path / str(number), 4, rng)


def test_an_interrupted_run_says_so_and_leaves_130(whole, tmp_path):
    study = copy_study(whole, tmp_path)
    # A shell's background job is born deaf to SIGINT; a terminal's is not.
    listening = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from mindveil.cli.main import main; main()"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", listening, "run", str(study)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "run" / "log.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "go on where it stopped" in said
    assert call("run", study).returncode == 0
    assert outcome(tmp_path) == outcome(whole)


def test_a_second_run_in_the_same_folder_is_told(whole, tmp_path):
    study = copy_study(whole, tmp_path)
    first = subprocess.Popen(
        command("run", study), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 30
    while not (tmp_path / "run" / "log.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    second = call("run", study)
    first.kill()
    first.wait()
    assert second.returncode == 2
    assert "another run is working" in second.stderr


def test_no_absolute_path_and_no_id_leaves_the_sealed_folder(whole):
    ids = re.compile(rb"\bP00[0-3][0-9]\b")
    for path in (whole / "run").rglob("*"):
        inside = path.relative_to(whole / "run")
        if path.is_file() and inside.parts[0] != "sealed":
            content = path.read_bytes()
            assert str(whole).encode() not in content, inside
            assert not ids.search(content), inside
            assert not ids.search(inside.as_posix().encode()), inside


def test_the_manifest_holds_every_file(whole):
    lines = (whole / "run" / "MANIFEST.sha256").read_text().splitlines()
    for line in lines:
        digest, name = line.split("  ")
        content = (whole / "run" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
    named = {line.split("  ")[1].split("/")[0] for line in lines}
    assert {"cells", "releases", "scorecard.csv", "verdict.json", "report.html"} <= named
