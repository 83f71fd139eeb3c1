"""What an attacker is given of one fold, and what is kept from him: roles become corpora here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from mindveil.attack.base import SYNTHETIC, Attack
from mindveil.attack.visits import probe_visits, visits_with
from mindveil.corpus.folds import Fold
from mindveil.corpus.model import Corpus, Modality, Participant, Session
from mindveil.evidence.measured import Truth
from mindveil.features.feature_only import measured_alike
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

    Where an attack enrols on earlier sessions, the release shows the last visits of people with
    at least two, as many as it takes to have ``recordings`` of them, and the attacker holds the
    visits before those.
    """
    release = stage.release
    known = context.corpus.select(stage.targets | stage.absent)

    def probes(person: Participant) -> int:
        return probe_visits(visits(person), attack.needs, recordings)

    def visits(person: Participant) -> tuple[Session, ...]:
        return visits_with(person, attack.needs)

    if attack.holding == "earlier-sessions":
        later = _with(release.corpus, lambda p: visits(p)[len(visits(p)) - probes(p) :])
        release = replace(release, corpus=later)
        known = _with(known, lambda p: visits(p)[: len(visits(p)) - probes(p)])
    elif attack.holding == "nothing":
        known = replace(known, participants=())
    shown = frozenset(release.corpus.ids)

    def alike(people: Corpus) -> Corpus:
        """Measure of people what a release of nobody's records tells in place of recordings."""
        synthetic = attack.name.startswith(SYNTHETIC)
        return measured_alike(people, release.corpus) if synthetic else people

    return View(
        release=release,
        known=alike(blind(known)),
        reference=alike(blind(teachers(context, stage.reference, attack.needs))),
        truth=Truth(
            person_of={r: p for r, p in stage.person_of.items() if r in shown},
            released=alike(context.corpus.select(stage.targets)),
            absent=alike(context.corpus.select(stage.absent)),
            table=release.corpus,
        ),
        recordings=recordings,
    )


def teachers(context: Context, reference: frozenset[str], needs: Iterable[Modality]) -> Corpus:
    """Return the people an attacker learns from: public ones only where they were recorded."""
    mine = context.corpus.select(reference)
    wanted = list(needs)
    there = [
        p
        for p in (context.public.participants if context.public else ())
        if any(all(s.has(m) for m in wanted) for s in p.sessions)
    ]
    return replace(mine, participants=(*mine.participants, *there))


def _with(corpus: Corpus, sessions: Callable[[Participant], tuple[Session, ...]]) -> Corpus:
    """Return the people who keep at least one session."""
    people = [replace(p, sessions=sessions(p)) for p in corpus.participants]
    return replace(corpus, participants=tuple(p for p in people if p.sessions))


def blind(corpus: Corpus) -> Corpus:
    """Take out planted truth: annotations are for scoring, never for an attacker."""
    return corpus.map_sessions(lambda _, s: replace(s, entities=()))
