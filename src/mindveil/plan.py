"""From a study and a corpus to the cells that answer it, in order; what ``plan`` prints."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from mindveil import catalog
from mindveil.attack.base import Attacker
from mindveil.choices import attacks_of, meets_release, recordings_of, tasks_for, tasks_of
from mindveil.corpus.model import Corpus
from mindveil.corpus.targets import target_of
from mindveil.errors import InputError
from mindveil.evidence.scorecard import Row
from mindveil.study import ReleasePart, Study
from mindveil.study_file import did_you_mean
from mindveil.synthesise.base import Synthesiser
from mindveil.train.detector import Trainer


@dataclass(frozen=True, slots=True, kw_only=True)
class CellPlan:
    """One (release, attack or task, attacker, seed): the unit of work, caching, distribution."""

    release: str
    kind: Literal["attack", "utility"]
    measure: str
    modality: str
    attacker: Attacker | Literal[""] = ""
    recordings: int = 1

    @property
    def title(self) -> str:
        """What progress says while it runs."""
        who = f", {self.attacker}" if self.attacker else f", {self.modality}"
        return f"{self.measure} on {self.release}{who}"

    def row(self, seed: int) -> Row:
        """Return the row of the scorecard that this cell fills, still empty."""
        return Row(
            release=self.release,
            kind=self.kind,
            measure=self.measure,
            modality=self.modality,
            attacker=self.attacker,
            unit="person",
            seed=seed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a study will compute; ``skipped`` says what was left out, and why."""

    study: Study
    corpus_digest: str
    cells: tuple[CellPlan, ...]
    skipped: tuple[str, ...]


def release_of(study: Study, name: str) -> ReleasePart:
    """Return the release with this name."""
    found = next((r for r in study.releases if r.name == name), None)
    if found is None:
        raise InputError(
            f"study {study.study!r} has no release {name!r}"
            f"{did_you_mean(name, [r.name for r in study.releases])}"
        )
    return found


def make_plan(study: Study, corpus: Corpus, corpus_digest: str) -> Plan:
    """Return the cells of a study; raises InputError where it asks for what cannot be."""
    for release in study.releases:
        _refuse_after_the_last(release)
    attacks, no_attacks = attacks_of(study, corpus)
    tasks = tasks_of(study, corpus)
    cells = [
        CellPlan(
            release=release.name,
            kind="attack",
            measure=name,
            modality=attack.modality,
            attacker=attacker,
            recordings=recordings,
        )
        for release in study.releases
        for name, attack in attacks.items()
        if meets_release(attack, release, corpus.modalities)
        and study.asks(release.name, "attack", name)
        for attacker in attack.attackers
        if attacker in study.attack.attackers
        for recordings in recordings_of(study, corpus, attack)
    ]
    cells += [
        CellPlan(release=release.name, kind="utility", measure=name, modality=modality)
        for release in study.releases
        for name, modality in tasks_for(release, tasks)
        if study.asks(release.name, "utility", name)
    ]
    return Plan(
        study=study,
        corpus_digest=corpus_digest,
        cells=tuple(cells),
        skipped=tuple(no_attacks),
    )


def _refuse_after_the_last(release: ReleasePart) -> None:
    """Refuse steps after one that ends a release: they would treat people who do not exist."""
    steps = [catalog.step(s.use, s.settings) for s in release.steps]
    for step, later in pairwise(steps):
        if isinstance(step, Synthesiser | Trainer):
            what = "a synthesiser" if isinstance(step, Synthesiser) else "training"
            raise InputError(
                f"release {release.name!r}: {later.name} comes after {step.name}; "
                f"{what} is the last step of a release"
            )


def questions_that_divide(study: Study) -> list[str]:
    """Return the first two detection targets: folds are balanced on them.

    A detector that may be silent is asked about the same people as one that may not.
    """
    asked = [u.partition("/")[2] for u in study.utility.use if u.startswith("detect/")]
    found = [target_of(a) for a in asked]
    return list(dict.fromkeys(found))[:2]
