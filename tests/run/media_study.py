"""A tiny whole study on disk with words, voices, faces and answers, for tests of whole runs."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.model import Corpus, Participant
from mindveil.corpus.sample.load import load_sample

STUDY = """\
study  = "toy"
seed   = 7
corpus = "corpus"
out    = "run"

[split]
folds = 3

[[release]]
name  = "veiled"
steps = [
    { use = "text/redact" },
    { use = "voice/mcadams" },
    { use = "face/mask", shape = "whole" },
    { use = "scales/anonymise", level = 2, k = 3 },
]

[attack]
use = ["voice/speaker-linkage", "face/linkage"]
attackers = ["ignorant"]

[utility]
use = ["retention/voice"]
"""

TURNS = 6
"""Turns that are left of each transcript."""


def recorded_people(folder: Path, count: int = 12) -> Corpus:
    """Return the first people of the sample cohort with their recorded visits alone, cut short."""
    sample = load_sample(folder)

    def short(person: Participant) -> Participant:
        kept = [
            replace(
                s,
                transcript=s.transcript[:TURNS],
                entities=tuple(e for e in s.entities if e.turn < TURNS),
            )
            for s in person.sessions
            if s.media
        ]
        return replace(person, sessions=tuple(kept))

    return sample.with_people(short(p) for p in sample.participants[:count])


def media_study(folder: Path, text: str = STUDY, people: int = 12) -> Path:
    """Write a corpus with recordings and a study file; return the path of the study file."""
    with tempfile.TemporaryDirectory() as bench:
        save_corpus(recorded_people(Path(bench), people), folder / "corpus", truth=True)
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path
