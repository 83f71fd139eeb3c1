"""What is true of the sample cohort and no release may hold: who is who, how they are, who leaks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mindveil.corpus.model import Entity
from mindveil.corpus.sample.identifiers import THINGS
from mindveil.corpus.sample.personas import Persona
from mindveil.corpus.sample.voices import Delivery, Room


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One thing given away in an interview, and how often it is mentioned there."""

    entity: str
    type: str
    role: str
    mentions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitTruth:
    """One visit: the traits on the day, whether an ASR wrote it down, what is given away."""

    session_id: str
    state: tuple[float, ...]
    automatic: bool
    leaks: tuple[Leak, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTruth:
    """One person: the persona and every visit."""

    persona: Persona
    visits: tuple[VisitTruth, ...]

    def leaks(self, role: str) -> frozenset[str]:
        """Return the things of a role that this person gives away at any visit."""
        return frozenset(k.entity for v in self.visits for k in v.leaks if k.role == role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The truth of a cohort, by participant id; never part of a corpus or a release."""

    seed: int
    people: Mapping[str, PersonTruth]


def count_leaks(entities: Iterable[Entity]) -> tuple[Leak, ...]:
    """Return the things mentioned in an interview, in the order of ``THINGS``."""
    counts = Counter(e.entity for e in entities)
    return tuple(
        Leak(entity=name, type=kind.type, role=kind.role, mentions=counts[name])
        for name, kind in THINGS.items()
        if counts[name]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingTruth:
    """One recorded visit: how it was spoken, where, which turn, and what is given away aloud."""

    delivery: Delivery
    room: Room
    turn: int
    entities: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaTruth:
    """The truth of the recordings, by participant and session id."""

    seed: int
    people: Mapping[str, Mapping[str, RecordingTruth]]

    def sharing(self) -> Mapping[int, tuple[str, ...]]:
        """Return who speaks with which of the 28 voices: those who share one differ by warp."""
        shared: dict[int, list[str]] = defaultdict(list)
        for name, visits in self.people.items():
            for voice in {v.delivery.voice_id for v in visits.values()}:
                shared[voice].append(name)
        return {voice: tuple(names) for voice, names in sorted(shared.items())}
