"""A tiny whole study on disk with words, voices, faces and answers, for tests of whole runs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.media import Audio, write_audio, write_still
from mindveil.corpus.model import Corpus, MediaFile, Modality, Participant
from mindveil.corpus.sample.load import load_sample
from mindveil.engine.base import Job, Outcome
from mindveil.harness.work import work

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

BRIEF = (
    STUDY.replace('    { use = "text/redact" },\n', "")
    .replace('use = ["voice/speaker-linkage", "face/linkage"]', "use = []")
    .replace("k = 3", "k = 2")
)
"""The same without attackers, and without a step for words: seconds rather than half a minute."""

TURNS = 6
"""Turns that are left of each transcript."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """Computes jobs in this very process, one after the other; a fault ends the test."""

    def run(self, jobs: Sequence[Job], done: Callable[[Outcome], None]) -> None:
        """Compute every job in the order given, through JSON as any executor does."""
        for job in jobs:
            result = json.loads(json.dumps(work(json.loads(json.dumps(job.payload)))))
            done(Outcome(job=job, result=result))


@dataclass(frozen=True, slots=True, kw_only=True)
class Silenced:
    """A step of a third party that takes all voices and faces out of a release."""

    name: ClassVar[str] = "silenced"
    changes: ClassVar[frozenset[str]] = frozenset({"voice", "face"})
    alone: ClassVar[bool] = True

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus with words and answers alone."""
        _ = rng
        return corpus.map_sessions(lambda _, s: replace(s, media={}))


def recorded_people(folder: Path, count: int = 12, silent: int = 0) -> Corpus:
    """Return people of the sample cohort, cut short: recorded ones, and ``silent`` of the others.

    Recorded people keep their recorded visits alone.
    """
    sample = load_sample(folder)
    others = [p for p in sample.participants if not any(s.media for s in p.sessions)]
    chosen = (*sample.participants[:count], *others[:silent])
    return sample.with_people(_short(p) for p in chosen)


def _short(person: Participant) -> Participant:
    kept = [s for s in person.sessions if s.media] or person.sessions
    return replace(
        person,
        sessions=tuple(
            replace(
                s,
                transcript=s.transcript[:TURNS],
                entities=tuple(e for e in s.entities if e.turn < TURNS),
            )
            for s in kept
        ),
    )


def uneven(corpus: Corpus, bench: Path) -> Corpus:
    """Return the corpus with six recorded people who are recorded as people are.

    The first has a voice and no face, the second a face and no voice, the third came once, the
    fourth said nothing at all, the fifth a twentieth of a second, and of the sixth there is a
    black picture.
    """
    noise = np.random.default_rng(1).normal(0, 0.05, 800).astype(np.float32)
    write_audio(bench / "mute_voice.flac", Audio(samples=np.zeros(32_000, np.float32), rate=16_000))
    write_audio(bench / "short_voice.flac", Audio(samples=noise, rate=16_000))
    write_still(bench / "black_face.png", np.zeros((48, 64, 3), np.uint8))
    mute, short, black = (
        (MediaFile(path=bench / name),)
        for name in ("mute_voice.flac", "short_voice.flac", "black_face.png")
    )
    changes: list[Mapping[Modality, tuple[MediaFile, ...]]] = [
        {"face": ()}, {"voice": (), "text": ()}, {},
        {"voice": mute, "text": ()}, {"voice": short, "text": ()}, {"face": black},
    ]  # fmt: skip

    def change(person: Participant, number: int) -> Participant:
        kept = person.sessions[-1:] if number == 2 else person.sessions
        media = [{m: f for m, f in {**s.media, **changes[number]}.items() if f} for s in kept]
        return replace(
            person, sessions=tuple(replace(s, media=m) for s, m in zip(kept, media, strict=True))
        )

    odd = [change(p, n) for n, p in enumerate(corpus.participants[: len(changes)])]
    return corpus.with_people([*odd, *corpus.participants[len(changes) :]])


def media_study(
    folder: Path,
    text: str = STUDY,
    people: int = 12,
    silent: int = 0,
    change: Callable[[Corpus, Path], Corpus] = lambda corpus, _: corpus,
) -> Path:
    """Write a corpus with recordings and a study file; return the path of the study file."""
    with tempfile.TemporaryDirectory() as bench:
        corpus = change(recorded_people(Path(bench), people, silent), Path(bench))
        save_corpus(corpus, folder / "corpus", truth=True)
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path
