"""Visits before and after: what an adversary holds of a person, and what stands for the release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mindveil.corpus.model import MODALITIES, Corpus, Modality, Participant, Session


def visits_with(person: Participant, needs: Iterable[Modality]) -> tuple[Session, ...]:
    """Return the visits of a person that hold all that is needed, or anything where nothing is."""
    wanted = list(needs)
    if wanted:
        return tuple(s for s in person.sessions if all(s.has(m) for m in wanted))
    return tuple(s for s in person.sessions if any(s.has(m) for m in MODALITIES))


def probe_visits(visits: Sequence[Session], needs: Iterable[Modality], recordings: int) -> int:
    """Return how many of the last visits an attacker pools; the first is never among them."""
    wanted, held = list(needs), 0
    for count, visit in enumerate(reversed(visits[1:]), start=1):
        held += recordings_at(visit, wanted)
        if held >= recordings:
            return count
    return max(0, len(visits) - 1)


def recordings_at(visit: Session, needs: Sequence[Modality]) -> int:
    """Return how many recordings of a visit hold all that is needed.

    Where nothing in particular is needed, as many as there are of whatever there is most of.
    """
    if needs:
        return min(visit.recordings(m) for m in needs)
    return max(visit.recordings(m) for m in MODALITIES)


def divided(corpus: Corpus, recordings: int) -> tuple[Corpus, Corpus]:
    """Return people at their last visits, and at those before; people with one visit are left out.

    The last visits are as many as it takes to have so many recordings of whatever there is.
    """
    later, earlier = [], []
    for person in corpus.participants:
        visits = visits_with(person, ())
        count = probe_visits(visits, (), recordings)
        if count:
            later.append(replace(person, sessions=visits[len(visits) - count :]))
            earlier.append(replace(person, sessions=visits[: len(visits) - count]))
    return corpus.with_people(later), corpus.with_people(earlier)
