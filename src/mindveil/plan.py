"""From a study and a corpus to the cells that answer it, in order; what ``plan`` prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mindveil import catalog
from mindveil.attack.base import Attack, Attacker
from mindveil.corpus.instruments import parse_target
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InputError
from mindveil.evidence.scorecard import Row
from mindveil.study import STREAMS, ReleasePart, Study
from mindveil.study_file import did_you_mean
from mindveil.utility.base import Stream


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
        for step in release.steps:
            catalog.protection(step.use, step.settings)
    attacks, no_attacks = _attacks(study, corpus)
    tasks = _tasks(study, corpus)
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
        for attacker in attack.attackers
        if attacker in study.attack.attackers
        for recordings in _recordings(study, corpus, attack)
    ]
    cells += [
        CellPlan(release=release.name, kind="utility", measure=name, modality=modality)
        for release in study.releases
        for name, modality in tasks
    ]
    return Plan(
        study=study,
        corpus_digest=corpus_digest,
        cells=tuple(cells),
        skipped=tuple(no_attacks),
    )


def _attacks(study: Study, corpus: Corpus) -> tuple[dict[str, Attack], list[str]]:
    wanted = study.attack.use
    names = sorted(catalog.ATTACKS) if "all" in wanted else list(dict.fromkeys(wanted))
    names += [n for n in wanted if ":" in n and n not in names]
    chosen: dict[str, Attack] = {}
    skipped = []
    for name in names:
        attack = catalog.attack(name, study.attack.settings.get(name, {}))
        missing = sorted(attack.needs - corpus.modalities)
        why = (
            f"the corpus has no {' or '.join(missing)}" if missing else _no_earlier(attack, corpus)
        )
        if why and name in wanted:
            raise InputError(f"[attack] use: {name}: {why}; leave it out, or add the data")
        if why:
            skipped.append(f"{name}: {why}")
        else:
            chosen[name] = attack
    for name in study.attack.settings:
        if name not in names:
            raise InputError(f"[attack.settings] {name!r} is not used{did_you_mean(name, names)}")
    return chosen, skipped


def _no_earlier(attack: Attack, corpus: Corpus) -> str:
    if attack.holding == "earlier-sessions" and max(_sessions(corpus, attack.needs), default=0) < 2:
        return "everybody has one session, and linkage enrols on an earlier one"
    return ""


def _tasks(study: Study, corpus: Corpus) -> list[tuple[str, Stream]]:
    chosen: list[tuple[str, Stream]] = []
    for name in dict.fromkeys(study.utility.use):
        family, _, target = name.partition("/")
        of_recordings = family in catalog.SIGNALS
        if ":" not in name and not of_recordings:
            _check_target(family, target, corpus)
        for modality in [_medium(name, target)] if of_recordings else _streams(study, corpus):
            task = catalog.task(name, modality)
            missing = sorted(task.needs - corpus.modalities)
            if missing:
                raise InputError(
                    f"[utility] {name} from {modality}: the corpus has no {missing[0]}; "
                    "leave it out, or add the data"
                )
            chosen.append((name, modality))
    return chosen


def _medium(name: str, target: str) -> Stream:
    """Return the recordings that a question about recordings is put to."""
    found = next((s for s in STREAMS if s == target), None)
    if found is None:
        raise InputError(f"[utility] use: {name!r} asks about no recording; write one of voice, face")
    return found


def _check_target(family: str, target: str, corpus: Corpus) -> None:
    tool = parse_target(target).tool if family == "detect" else target.partition(".")[0]
    if tool not in corpus.tools:
        raise InputError(
            f"{family}/{target}: the corpus holds no answers to {tool!r}"
            f"{did_you_mean(tool, corpus.tools)}"
        )


def questions_that_divide(study: Study) -> list[str]:
    """Return the first two detection targets: folds are balanced on them."""
    found = [u.partition("/")[2] for u in study.utility.use if u.startswith("detect/")]
    return list(dict.fromkeys(found))[:2]


def _streams(study: Study, corpus: Corpus) -> list[Stream]:
    if study.utility.modalities:
        return list(dict.fromkeys(study.utility.modalities))
    present: list[Stream] = sorted(corpus.modalities)
    return ["fused", *present] if len(present) > 1 else present


def _recordings(study: Study, corpus: Corpus, attack: Attack) -> list[int]:
    """Return the numbers of recordings an attacker can pool here, each once."""
    if attack.holding != "earlier-sessions":
        return [1]
    wanted = list(attack.needs)
    most = max(
        (
            sum(min(s.recordings(m) for m in wanted) for s in p.sessions[1:])
            for p in corpus.participants
        ),
        default=1,
    )
    return sorted({max(1, min(number, most)) for number in study.attack.recordings})


def _sessions(corpus: Corpus, needs: Iterable[Modality]) -> list[int]:
    wanted = list(needs)
    return [sum(all(s.has(m) for m in wanted) for s in p.sessions) for p in corpus.participants]
