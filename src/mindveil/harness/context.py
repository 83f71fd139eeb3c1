"""What every cell of a study shares, loaded once a process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from mindveil.choices import with_twins
from mindveil.corpus.folds import Fold, rotate
from mindveil.corpus.manifest import content_digest, load_corpus
from mindveil.corpus.model import Corpus
from mindveil.features.cases import sides_of
from mindveil.features.unusual import most_unusual
from mindveil.harness.steps import Steps
from mindveil.plan import Plan, make_plan, questions_that_divide
from mindveil.store.run_folder import RunFolder
from mindveil.study import Study

PUBLIC = "public-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A study with its corpus, its plan, its folds and its folder."""

    study: Study
    corpus: Corpus
    plan: Plan
    folds: tuple[Fold, ...]
    folder: RunFolder
    unusual: frozenset[str]
    """The pre-specified most unusual people, for whom risk is shown apart."""
    public: Corpus | None = None
    """People of another corpus, from whom every attacker may learn; they are never targets."""

    @property
    def everybody(self) -> Corpus:
        """The people of the study, and behind them those of the public corpus."""
        there = self.public.participants if self.public else ()
        return replace(self.corpus, participants=(*self.corpus.participants, *there))


def context_of(study: Study) -> Context:
    """Return the context of a study; the corpus is read from disk once a process.

    Raises:
        InputError: the study asks for what this corpus cannot answer, or for a release whose steps
            cannot follow each other.
    """
    study = with_twins(study)
    for release in study.releases:
        Steps.of(release)
    corpus, corpus_digest = _read(study.corpus)
    public, public_digest = _read_public(study.attack.public) if study.attack.public else (None, "")
    strata = sides_of(corpus, questions_that_divide(study))
    return Context(
        study=study,
        corpus=corpus,
        plan=make_plan(study, corpus, corpus_digest + public_digest),
        folds=rotate(corpus.ids, study.division, study.seed, strata),
        folder=RunFolder(root=study.out),
        unusual=most_unusual(corpus),
        public=public,
    )


@lru_cache(maxsize=2)
def _read_public(path: Path) -> tuple[Corpus, str]:
    """Read a public corpus; its people get ids that no participant of a study can have."""
    corpus, digest = _read(path)
    people = [replace(p, participant_id=f"{PUBLIC}{p.participant_id}") for p in corpus.participants]
    return corpus.with_people(people), digest


@lru_cache(maxsize=2)
def _read(path: Path) -> tuple[Corpus, str]:
    corpus = load_corpus(path)
    return corpus, content_digest(corpus)
