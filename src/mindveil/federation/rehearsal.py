"""A study whose federations are taught by real Flower nodes; all else is computed as anywhere.

For a study whose people are in one place this is a rehearsal: they are divided into one folder a
site, each with a policy of its own, and the sites meet over TLS on this machine.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tomli_w

from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.model import Corpus
from mindveil.dp.noise import Noise
from mindveil.engine.base import Executor, Job, Outcome
from mindveil.engine.flower_sites import Limits, SiteSetup, run_on_flower
from mindveil.errors import MindveilError
from mindveil.federation.agreement import Agreement
from mindveil.federation.coordinator import Coordinator
from mindveil.harness.context import Context
from mindveil.harness.releases import make_release, taught_here
from mindveil.harness.steps import Steps
from mindveil.plan import release_of
from mindveil.train.detector import Detector, Trainer
from mindveil.train.federated import FederatedTraining

HANDLER = "mindveil.federation.site_session:open_site"
POLICY = "site.toml"
LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowerPool:
    """Has federations taught by nodes of their own, and hands all other work to another pool."""

    context: Context
    pool: Executor
    limits: Limits = LIMITS

    def run(self, jobs: Sequence[Job], done: Callable[[Outcome], None]) -> None:
        """Compute every job; what comes after a federation that failed fails with it."""
        lost: set[str] = set()
        left = []
        for job in jobs:
            if lost.intersection(job.after):
                lost.add(job.key)
                done(Outcome(job=job, result=None, fault="what it depends on could not be made"))
            elif self._is_federation(job):
                outcome = self._taught(job)
                lost.update([job.key] if outcome.result is None else [])
                done(outcome)
            else:
                left.append(job)
        self.pool.run(left, done)

    def _is_federation(self, job: Job) -> bool:
        if job.payload.get("do") != "release":
            return False
        part = release_of(self.context.study, str(job.payload["name"]))
        return isinstance(Steps.of(part).trainer, FederatedTraining)

    def _taught(self, job: Job) -> Outcome:
        try:
            make_release(self.context, str(job.payload["name"]), self._teach)
        except MindveilError as fault:
            return Outcome(job=job, result=None, fault=str(fault))
        return Outcome(job=job, result={})

    def _teach(
        self, trainer: Trainer, people: Corpus, noise: Noise, rng: np.random.Generator
    ) -> Detector:
        """Return the detector that these people teach at their sites."""
        if not isinstance(trainer, FederatedTraining) or trainer.split == "people":
            return taught_here(trainer, people, noise, rng)
        with tempfile.TemporaryDirectory(dir=self.context.folder.sealed) as folder:
            rehearsal = Rehearsal.of(trainer, people, Path(folder), rng)
            return rehearsal.run(rng, self.limits, self.context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """One folder a site, with its people; ``training`` is what each of them is asked."""

    training: FederatedTraining
    corpora: dict[str, Path]
    folder: Path

    @classmethod
    def of(
        cls, trainer: FederatedTraining, people: Corpus, folder: Path, rng: np.random.Generator
    ) -> Rehearsal:
        """Divide people among sites, as a simulation does with the same ``rng``."""
        lessons = trainer.lessons(people)
        client = trainer.recipe().division.of(lessons, rng)
        corpora = {}
        for number in range(trainer.clients):
            name = f"site-{number + 1}"
            mine = [i for i, c in zip(lessons.ids, client.tolist(), strict=True) if c == number]
            corpora[name] = folder / name / "corpus"
            save_corpus(people.select(mine), corpora[name])
        training = replace(trainer, site="", split="even", dropout=0.0)
        return cls(training=training, corpora=corpora, folder=folder)

    def run(self, rng: np.random.Generator, limits: Limits, context: Context) -> Detector:
        """Let the sites meet and teach, and return the detector."""
        study = context.study
        agreement = Agreement(
            sites=tuple(self.corpora),
            training=self.training,
            seed=study.seed,
            reproducible=study.execute.reproducible,
        )
        setups = [
            SiteSetup(
                name=name, handler=HANDLER, settings={"policy": str(self._policy(name, agreement))}
            )
            for name in self.corpora
        ]
        coordinator = Coordinator(agreement=agreement, rng=rng)
        run_on_flower(coordinator, setups, agreement.hash, limits)
        return coordinator.outcome.detector

    def _policy(self, name: str, agreement: Agreement) -> Path:
        """Write what a site of a rehearsal agrees to: this study, and no other."""
        training = agreement.training
        words = {
            "site": name,
            "corpus": str(self.corpora[name]),
            "studies": [agreement.hash],
            "sites": list(agreement.sites),
            "min_people": 1,
            "max_delta": max(training.delta, 1e-12),
            "secure_only": training.secure,
            "seeded_noise": agreement.reproducible,
            "held_out": 0.0,
            "state": str(self.folder / name / "state"),
        }
        path = self.folder / name / POLICY
        path.write_text(tomli_w.dumps(words), encoding="utf-8")
        return path
