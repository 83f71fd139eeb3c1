"""A small whole study on disk, for tests of running, resuming and the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from tests.harness.toys import glass

from mindveil.corpus.manifest import save_corpus

HEAD = """\
study  = "toy"
seed   = 7
corpus = "corpus"
out    = "run"

"""
"""How a study begins, before its releases."""

STUDY = f"""\
{HEAD}[[release]]
name  = "k3"
steps = [{{ use = "scales/anonymise", level = 2, k = 3 }}]

[attack]
attackers = ["ignorant", "lazy-informed"]

[utility]
use = ["detect/phq9>=14", "severity/phq9"]
modalities = ["scales"]
"""


def toy_study(folder: Path, text: str = STUDY, people: int = 40) -> Path:
    """Write a corpus and a study file and return the path of the study file."""
    save_corpus(glass(people, np.random.default_rng(3)), folder / "corpus", truth=True)
    path = folder / "study.toml"
    path.write_text(text)
    return path


def command(*words: str | Path) -> list[str]:
    """Return a call of the command line of this very checkout."""
    return [sys.executable, "-m", "mindveil.cli", *map(str, words)]


def call(*words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Call the command line to its end."""
    return subprocess.run(
        command(*words),
        capture_output=True,
        text=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1790000000", **env},
        timeout=300,
        check=False,
    )
