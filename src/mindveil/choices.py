"""Which attacks and questions fit a corpus, and why others do not."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mindveil import catalog
from mindveil.attack.base import OF_GENERATORS, SYNTHETIC, Attack
from mindveil.corpus.instruments import parse_target
from mindveil.corpus.model import Corpus, Modality, Stream
from mindveil.corpus.short_forms import parse_short_form
from mindveil.errors import InputError
from mindveil.study import ORIGINAL, STREAMS, ReleasePart, Study
from mindveil.study_file import did_you_mean
from mindveil.synthesise.base import Synthesiser

_OF_TABLES = frozenset({"psychometrics", "rest", "screener"})
"""Families of questions about answers and nothing else."""


def is_of_nobody(release: ReleasePart) -> bool:
    """Whether the people of a release do not exist, so that no record is anybody's."""
    return any(
        isinstance(catalog.protection(s.use, s.settings), Synthesiser) for s in release.steps
    )


def meets_release(attack: Attack, release: ReleasePart) -> bool:
    """Whether an attack asks something of this release: whose is a record, or who is behind them.

    The original is both: everybody's records, and the verbatim copy that a synthetic table is
    held against. It has no generator that could be stolen.
    """
    if release.name == ORIGINAL:
        return attack.name not in OF_GENERATORS
    return is_of_nobody(release) == attack.name.startswith(SYNTHETIC)


def attacks_of(study: Study, corpus: Corpus) -> tuple[dict[str, Attack], list[str]]:
    """Return the attacks of a study by name, and why others were left out.

    Raises:
        InputError: an attack that is asked for by name cannot be run on this corpus.
    """
    wanted, nobody = study.attack.use, any(is_of_nobody(r) for r in study.releases)
    names = sorted(catalog.ATTACKS) if "all" in wanted else list(dict.fromkeys(wanted))
    names += [n for n in wanted if ":" in n and n not in names]
    chosen: dict[str, Attack] = {}
    skipped = []
    for name in names:
        attack = catalog.attack(name, study.attack.settings.get(name, {}))
        missing = sorted(attack.needs - corpus.modalities)
        if attack.name.startswith(SYNTHETIC) and not nobody:
            if name not in wanted:
                continue
            raise InputError(f"[attack] use: {name}: no release is synthetic; leave it out")
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


def tasks_of(study: Study, corpus: Corpus) -> list[tuple[str, Stream]]:
    """Return the clinical questions of a study, each with what it is answered from.

    Raises:
        InputError: the corpus does not hold what a question needs.
    """
    chosen: list[tuple[str, Stream]] = []
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
    return chosen


def _asked_of(name: str, study: Study, corpus: Corpus) -> list[Stream]:
    """Return what a question is answered from: some look at one kind of recording alone."""
    family, _, target = name.partition("/")
    if family in catalog.SIGNALS:
        return [_medium(name, target)]
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
    if family in {"rest", "screener"}:
        parse_short_form(target)
    elif family in {"detect", "augment"}:
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


def recordings_of(study: Study, corpus: Corpus, attack: Attack) -> list[int]:
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
