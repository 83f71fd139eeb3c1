"""What an attacker is given of one fold, and what is kept from him: roles become corpora here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mindveil.attack.base import Attack
from mindveil.corpus.folds import Fold
from mindveil.corpus.model import Corpus, Participant, Session
from mindveil.evidence.measured import Truth
from mindveil.harness.context import Context
from mindveil.release import DataRelease


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Who plays which role, and who is behind each record of the release."""

    release: DataRelease
    person_of: Mapping[str, str]
    targets: frozenset[str]
    absent: frozenset[str]
    reference: frozenset[str]

    @classmethod
    def of(cls, fold: Fold, release: DataRelease, person_of: Mapping[str, str]) -> Stage:
        """Return the roles of a fold of the study."""
        return cls(
            release=release,
            person_of=person_of,
            targets=fold.released,
            absent=fold.held_out,
            reference=fold.reference,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The attacker's side (release, known, reference) and the scorer's (truth)."""

    release: DataRelease
    known: Corpus
    reference: Corpus
    truth: Truth
    recordings: int


def view(context: Context, attack: Attack, recordings: int, stage: Stage) -> View:
    """Divide what there is between the attacker and those who score him.

    Where an attack enrols on earlier sessions, the release shows the last ``recordings`` visits
    of people with at least two, and the attacker holds the visits before those.
    """
    release = stage.release
    known = context.corpus.select(stage.targets | stage.absent)

    def probes(person: Participant) -> int:
        return max(0, min(recordings, len(visits(person)) - 1))

    def visits(person: Participant) -> tuple[Session, ...]:
        return tuple(s for s in person.sessions if all(s.has(m) for m in attack.needs))

    if attack.holding == "earlier-sessions":
        later = _with(release.corpus, lambda p: visits(p)[len(visits(p)) - probes(p) :])
        release = replace(release, corpus=later)
        known = _with(known, lambda p: visits(p)[: len(visits(p)) - probes(p)])
    elif attack.holding == "nothing":
        known = replace(known, participants=())
    shown = frozenset(release.corpus.ids)
    return View(
        release=release,
        known=_blind(known),
        reference=_blind(context.corpus.select(stage.reference)),
        truth=Truth(
            person_of={r: p for r, p in stage.person_of.items() if r in shown},
            released=context.corpus.select(stage.targets),
            absent=context.corpus.select(stage.absent),
        ),
        recordings=recordings,
    )


def _with(corpus: Corpus, sessions: Callable[[Participant], tuple[Session, ...]]) -> Corpus:
    """Return the people who keep at least one session."""
    people = [replace(p, sessions=sessions(p)) for p in corpus.participants]
    return replace(corpus, participants=tuple(p for p in people if p.sessions))


def _blind(corpus: Corpus) -> Corpus:
    """Take out planted truth: annotations are for scoring, never for an attacker."""
    return corpus.map_sessions(lambda _, s: replace(s, entities=()))
