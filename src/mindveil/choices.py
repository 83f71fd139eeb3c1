"""Which attacks and questions fit a corpus, and why others do not."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from mindveil import catalog
from mindveil.attack.base import (
    OF_GENERATORS,
    OF_MEASURES,
    OF_MODELS,
    OF_UPDATES,
    SYNTHETIC,
    AnyAttack,
    is_on_updates,
)
from mindveil.attack.release_leaks import LEAKS
from mindveil.attack.update_attribute_inference import UpdateAttributeInference
from mindveil.attack.visits import recordings_at
from mindveil.corpus.instruments import parse_target
from mindveil.corpus.model import MODALITIES, Corpus, Modality, Stream
from mindveil.corpus.short_forms import parse_short_form
from mindveil.corpus.targets import parse_question
from mindveil.errors import InputError
from mindveil.release_kinds import is_federated, is_of_nobody, left_out, measured_alone, trainer_of
from mindveil.study import ORIGINAL, STREAMS, UNDEFENDED, ReleasePart, StepPart, Study
from mindveil.study_file import did_you_mean
from mindveil.train.federated import FederatedTraining
from mindveil.utility.contamination import Contamination
from mindveil.utility.interviewer import Interviewer, has_interviewer

_FEWEST = 2
"""Modalities that can be joined."""

_OF_TABLES = frozenset({"psychometrics", "rest", "screener"})
"""Families of questions about answers and nothing else."""


def with_twins(study: Study) -> Study:
    """Return the study with the undefended twin of each detector that promises something.

    The twin learns from the same people and the same rows without noise: what the attacks on the
    detector are measured against.

    Raises:
        InputError: a release of another making has the name of a twin.
    """
    there = {r.name: r for r in study.releases}
    made = [t for r in study.releases if (t := _twin_of(r)) is not None]
    taken = sorted({n for n in there if n.endswith(UNDEFENDED)} - {t.name for t in made})
    if taken:
        raise InputError(
            f"release {taken[0]!r}: names that end with {UNDEFENDED!r} are those of the undefended "
            "twins of detectors; give it another name"
        )
    for twin in made:
        if there.get(twin.name, twin) != twin:
            raise InputError(
                f"release {twin.name!r} has the name of the undefended twin of a detector; "
                "give it another name"
            )
    fresh = tuple(t for t in made if t.name not in there)
    return study.model_copy(update={"releases": (*study.releases, *fresh)}) if fresh else study


def _twin_of(release: ReleasePart) -> ReleasePart | None:
    trainer = trainer_of(release)
    twin = trainer.undefended() if trainer else None
    if twin is None or twin == trainer:
        return None
    fields = [f for f in dataclasses.fields(twin) if f.init]  # type: ignore[arg-type]
    settings = {f.name: said for f in fields if (said := getattr(twin, f.name)) != f.default}
    step = StepPart.model_validate({"use": twin.name, **settings})
    return release.model_copy(
        update={"name": f"{release.name}{UNDEFENDED}", "steps": (*release.steps[:-1], step)}
    )


def meets_release(
    attack: AnyAttack, release: ReleasePart, present: AbstractSet[Modality] = frozenset(MODALITIES)
) -> bool:
    """Whether an attack asks something of this release: whose is a record, or who is behind them.

    The original is both: everybody's records, and the verbatim copy that a synthetic table is
    held against. It has no generator that could be stolen, and no detector. ``present`` is what
    was recorded of people, of which a release may leave something out.
    """
    if attack.name == LEAKS or _lacks(attack, present - left_out(release)):
        return attack.name == LEAKS and _is_let_out(release)
    if is_on_updates(attack):
        return is_federated(release) and not _is_of_one(attack, release)
    if attack.name.startswith(OF_MODELS) or trainer_of(release):
        return attack.name.startswith(OF_MODELS) and trainer_of(release) is not None
    if attack.name in OF_MEASURES:
        return attack.modality in measured_alone(release)
    if release.name == ORIGINAL:
        return attack.name not in OF_GENERATORS
    return is_of_nobody(release) == attack.name.startswith(SYNTHETIC)


def _lacks(attack: AnyAttack, there: AbstractSet[Modality]) -> bool:
    return bool(attack.needs - there) or (attack.modality == "fused" and len(there) < _FEWEST)


def _is_let_out(release: ReleasePart) -> bool:
    """Whether a release lies on the disk as somebody would be given it."""
    return bool(release.steps) and not release.name.endswith(UNDEFENDED)


def _is_of_one(attack: AnyAttack, release: ReleasePart) -> bool:
    """Whether an attack reads the update of one person, and clients of a release have many."""
    trainer = trainer_of(release)
    apart = isinstance(trainer, FederatedTraining) and trainer.split == "people"
    return attack.name == UpdateAttributeInference.name and not apart


def tasks_for(
    release: ReleasePart, tasks: Sequence[tuple[str, Stream]]
) -> list[tuple[str, Stream]]:
    """Return the questions of a study that are put to a release.

    A detector answers one: its own, from what it was made for, and how severe it is. Where the
    study does not ask it, it is asked all the same.
    """
    trainer = trainer_of(release)
    if trainer is None:
        gone = left_out(release)
        return [t for t in tasks if t[1] not in gone and _is_put_to(release, t[0])]
    own, scale = str(parse_target(trainer.target)), parse_target(trainer.target).scale
    names = dict.fromkeys(n for n, _ in tasks if _asks(n, own, scale))
    if not any(n.startswith("detect/") for n in names):
        names = {f"detect/{own}": None, **names}
    return [(n, trainer.modality) for n in names]


def _is_put_to(release: ReleasePart, name: str) -> bool:
    """Whether a question is put to a release of data: those about people need people who exist."""
    family = name.partition("/")[0]
    if family == "augment":
        return release.name != ORIGINAL
    if family == Contamination.family:
        return release.name == ORIGINAL
    if family == Interviewer.family and "text" in measured_alone(release):
        return False
    return family not in catalog.VALIDITY or not is_of_nobody(release)


def _asks(name: str, target: str, scale: str) -> bool:
    """Whether a question of the study is one that a detector of this target answers."""
    family, _, what = name.partition("/")
    if family == "detect":
        return str(parse_question(what)[0]) == target
    return (family, what) == ("severity", scale)


def attacks_of(study: Study, corpus: Corpus) -> tuple[dict[str, AnyAttack], list[str]]:
    """Return the attacks of a study by name, and why others were left out.

    Raises:
        InputError: an attack that is asked for by name cannot be run on this corpus.
    """
    wanted = study.attack.use
    names = list(dict.fromkeys(wanted))
    if "all" in wanted:
        names = sorted([*catalog.ATTACKS, *catalog.MODEL_ATTACKS, *catalog.UPDATE_ATTACKS])
    names += [n for n in wanted if ":" in n and n not in names]
    chosen: dict[str, AnyAttack] = {}
    skipped = []
    for name in names:
        attack = catalog.attack(name, study.attack.settings.get(name, {}))
        missing = sorted(attack.needs - corpus.modalities)
        nothing = _nothing_to_attack(attack, study) or _nothing_written(attack, study)
        if nothing and name in wanted:
            raise InputError(f"[attack] use: {name}: {nothing}; leave it out")
        if nothing:
            continue
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


def _nothing_to_attack(attack: AnyAttack, study: Study) -> str:
    if attack.name.startswith(SYNTHETIC) and not any(map(is_of_nobody, study.releases)):
        return "no release is synthetic"
    if attack.name.startswith(OF_MODELS) and not any(map(trainer_of, study.releases)):
        return "no release is a trained model"
    if attack.name.startswith(OF_UPDATES) and not any(map(is_federated, study.releases)):
        return "no release is taught by a federation"
    if is_on_updates(attack) and not any(meets_release(attack, r) for r in study.releases):
        return "no client of a federation is a single person (split = 'people')"
    if attack.name in OF_MEASURES and not any(meets_release(attack, r) for r in study.releases):
        return f"no release holds measures of {attack.modality} alone"
    return ""


def _nothing_written(attack: AnyAttack, study: Study) -> str:
    searched = attack.name != LEAKS or any(map(_is_let_out, study.releases))
    return "" if searched else "no release is written: the original lies where it lay"


def _no_earlier(attack: AnyAttack, corpus: Corpus) -> str:
    if attack.holding == "earlier-sessions" and max(_sessions(corpus, attack.needs), default=0) < 2:
        return "everybody has one session, and linkage enrols on an earlier one"
    if attack.modality == "fused" and len(corpus.modalities) < _FEWEST:
        return "the corpus has one modality: there is nothing to join"
    if (attack.modality, attack.holding) == ("fused", "earlier-sessions") and _seen_again(
        corpus
    ) < _FEWEST:
        return "fewer than two modalities were recorded at two visits: there is nothing to join"
    return ""


def _seen_again(corpus: Corpus) -> int:
    """Return of how many modalities somebody has two visits."""
    return sum(max(_sessions(corpus, [m]), default=0) > 1 for m in MODALITIES)


def tasks_of(study: Study, corpus: Corpus) -> list[tuple[str, Stream]]:
    """Return the clinical questions of a study, each with what it is answered from.

    Raises:
        InputError: the corpus does not hold what a question needs.
    """
    chosen: list[tuple[str, Stream]] = []
    for name in study.policy.min_utility:
        if name.partition("/")[0] in catalog.VALIDITY:
            raise InputError(
                f"[policy] min_utility: {name} is a validity check, no use of a release; "
                "leave it out"
            )
    for name in dict.fromkeys(study.utility.use):
        family, _, target = name.partition("/")
        if ":" not in name and family not in catalog.SIGNALS:
            _check_target(family, target, corpus)
        for modality in _asked_of(name, study, corpus):
            task = catalog.task(name, modality)
            missing = sorted(task.needs - corpus.modalities)
            if missing:
                raise InputError(
                    f"[utility] {name} from {modality}: the corpus has no {missing[0]}; "
                    "leave it out, or add the data"
                )
            chosen.append((name, modality))
    checks = (Contamination(modality=m) for m in sorted(corpus.modalities))
    return [*chosen, *((c.name, c.modality) for c in checks if c.people(corpus))]


def _asked_of(name: str, study: Study, corpus: Corpus) -> list[Stream]:
    """Return what a question is answered from: some look at one kind of recording alone."""
    family, _, target = name.partition("/")
    if family in catalog.SIGNALS:
        return [_medium(name, target)]
    if family == Interviewer.family:
        return ["text"]
    return ["scales"] if family in _OF_TABLES else _streams(study, corpus)


def _medium(name: str, target: str) -> Stream:
    """Return the recordings that a question about recordings is put to."""
    found = next((s for s in STREAMS if s == target), None)
    if found is None:
        raise InputError(
            f"[utility] use: {name!r} asks about no recording; write one of voice, face"
        )
    return found


def _check_target(family: str, target: str, corpus: Corpus) -> None:
    tool = re.split(r"[.<>=\[]", target, maxsplit=1)[0]
    if family == Interviewer.family and not has_interviewer(corpus):
        raise InputError(
            f"[utility] use: {family}/{target}: no transcript has a turn of an interviewer; "
            "leave it out"
        )
    if family in {"rest", "screener"}:
        parse_short_form(target)
    elif family == "detect":
        parse_question(target)
    elif family == "augment" or family in catalog.VALIDITY:
        parse_target(target)
    if tool not in corpus.tools:
        raise InputError(
            f"{family}/{target}: the corpus holds no answers to {tool!r}"
            f"{did_you_mean(tool, corpus.tools)}"
        )


def _streams(study: Study, corpus: Corpus) -> list[Stream]:
    if study.utility.modalities:
        return list(dict.fromkeys(study.utility.modalities))
    present: list[Stream] = sorted(corpus.modalities)
    return ["fused", *present] if len(present) > 1 else present


def recordings_of(study: Study, corpus: Corpus, attack: AnyAttack) -> list[int]:
    """Return the numbers of recordings an attacker can pool here, each once."""
    if attack.holding != "earlier-sessions":
        return [1]
    wanted = list(attack.needs)
    most = max(
        (sum(recordings_at(s, wanted) for s in p.sessions[1:]) for p in corpus.participants),
        default=1,
    )
    return sorted({max(1, min(number, most)) for number in study.attack.recordings})


def _sessions(corpus: Corpus, needs: Iterable[Modality]) -> list[int]:
    wanted = list(needs)
    return [sum(all(s.has(m) for m in wanted) for s in p.sessions) for p in corpus.participants]
