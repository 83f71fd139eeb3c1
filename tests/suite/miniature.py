"""A small suite of few people, defences and attackers of planted quality, run in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
from tests.harness.toys import glass

from mindveil.attack.authorship import Authorship
from mindveil.attack.base import LinkScores
from mindveil.corpus.manifest import content_digest, save_corpus
from mindveil.corpus.model import Corpus, Turn
from mindveil.engine.base import Job, Outcome
from mindveil.harness.work import work
from mindveil.suite.benchmark import Wanted, run_benchmark
from mindveil.suite.defences import IndependentNoise
from mindveil.suite.entrants import entrant_of
from mindveil.suite.score_sheet import ScoreSheet
from mindveil.suite.suite_file import Suite, parse_suite

PEOPLE = 60
NOISE = "mindveil.suite.defences:IndependentNoise"
COPY = "mindveil.suite.defences:VerbatimCopy"
HERE = "tests.suite.miniature"


def people_of(what: str) -> Corpus:
    """Return transparent people of whom only words, or only answers, are known."""
    people = glass(PEOPLE, np.random.default_rng(3))
    if what == "text":
        return people.map_sessions(lambda _, s: replace(s, responses={}, entities=()))
    return people.map_sessions(lambda _, s: replace(s, transcript=(), entities=()))


def data(folder: Path) -> Path:
    """Write both corpora into a folder of data and return it."""
    for what in ("text", "scales"):
        if not (folder / what).is_dir():
            save_corpus(people_of(what), folder / what)
    return folder


def raw_suite(what: str = "scales", **track: object) -> dict[str, object]:
    """Return the content of a suite file: a few people, two reference defences."""
    asked = "detect/phq9>=14"
    told = {"utility": [asked], "streams": ["scales"], "headline": asked}
    attacks = {"scales": ["scales/linkage"], "text": ["text/authorship"]}
    return {
        "name": "miniature",
        "version": "1",
        "seed": 5,
        "licence": "Apache-2.0",
        "about": "a miniature",
        "corpus": [
            {
                "name": "few",
                "source": "folder",
                "path": what,
                "digest": content_digest(people_of(what)),
                "licence": "Apache-2.0",
                "where": "this test",
            }
        ],
        "track": [
            {
                "name": what,
                "corpus": "few",
                "default": True,
                "attacks": attacks[what],
                "attackers": ["ignorant", "lazy-informed"],
                "lineup": 20,
                "defence": [
                    {"name": "verbatim", "steps": [{"use": COPY}]},
                    {"name": "noise", "steps": [{"use": NOISE}]},
                ],
                **(told if what == "scales" else {}),
                **track,
            }
        ],
    }


def miniature(what: str = "scales", **track: object) -> Suite:
    """Return a suite that runs in seconds."""
    return parse_suite(raw_suite(what, **track), "miniature.toml")


@dataclass(frozen=True, slots=True)
class HereAndNow:
    """Compute jobs one after another in this process."""

    def run(self, jobs: Sequence[Job], done: Callable[[Outcome], None]) -> None:
        for job in jobs:
            done(Outcome(job=job, result=work(job.payload)))


def run(suite: Suite, out: Path, *defences: str, attacks: Sequence[str] = ()) -> ScoreSheet:
    """Run a suite with these defences and attacks beside its own."""
    wanted = Wanted(
        out=out,
        data=data(out.parent / "data"),
        entrants=tuple(entrant_of(d) for d in defences),
        attacks=tuple(attacks),
    )
    return run_benchmark(suite, wanted, HereAndNow(), lambda *_: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavesNames:
    """A leaky defence: noise for all that was said, signed with a name that stays."""

    name: ClassVar[str] = f"{HERE}:LeavesNames"
    changes: ClassVar[frozenset[str]] = frozenset({"text", "scales"})
    alone: ClassVar[bool] = True

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Say the person's id in every session, ten times."""
        hidden = IndependentNoise().apply(corpus, rng)

        def signed(person, session):
            said = Turn(speaker="participant", text=f"{person.participant_id.lower()}xyz " * 10)
            return replace(session, transcript=(*session.transcript, said))

        return hidden.map_sessions(signed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesser:
    """A weak attacker: he looks at nothing and guesses."""

    name: ClassVar[str] = f"{HERE}:Guesser"
    needs: ClassVar[frozenset[str]] = frozenset({"text"})
    modality: ClassVar[str] = "text"
    holding: ClassVar[str] = "earlier-sessions"
    attackers: ClassVar[tuple[str, ...]] = ("ignorant",)

    def run(self, release, knowledge, rng):
        """Return random scores."""
        queries, candidates = release.corpus.ids, knowledge.known.ids
        scores = rng.standard_normal((len(queries), len(candidates)))
        return (LinkScores(queries=queries, candidates=candidates, scores=scores),)


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfBlind:
    """A weaker attacker: what the real one sees, under as much noise again."""

    name: ClassVar[str] = f"{HERE}:HalfBlind"
    needs: ClassVar[frozenset[str]] = frozenset({"text"})
    modality: ClassVar[str] = "text"
    holding: ClassVar[str] = "earlier-sessions"
    attackers: ClassVar[tuple[str, ...]] = ("ignorant",)

    def run(self, release, knowledge, rng):
        """Return the scores of the real attacker, half of what they differ by being noise."""
        seen, *_ = Authorship().run(release, knowledge, rng)
        blur = rng.standard_normal(seen.scores.shape) * seen.scores.std() * 2
        return (replace(seen, scores=seen.scores + blur),)


__all__ = ["COPY", "HERE", "NOISE", "PEOPLE", "Guesser", "HalfBlind", "LeavesNames"]
