"""From what can be read to the identifiers that were left readable.

A thing (a name, a town) counts as hidden only if all its mentions are: the TAB rule (Pilan et
al. 2022, The Text Anonymization Benchmark). The control looks the identifiers of people who are
in no release up in a released record, pair by pair at random: common names and towns occur by
chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mindveil.attack.base import Reading
from mindveil.corpus.model import Entity, Participant, Session
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Weights, advantage, bootstrap, share
from mindveil.evidence.measured import Measured, Truth

_COMMON = frozenset(
    "the and for street road avenue drive lane court place square close way hospital school "
    "college university company clinic centre center dot com org net mail gmail".split()
)
Fold = tuple[Reading, Truth]
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


@dataclass(slots=True)
class _Tally:
    """Counts of one person: things hidden and named by role, words touched and passed over."""

    hidden: dict[str, int]
    named: dict[str, int]
    touched: int = 0
    words: int = 0


def measure_residuals(folds: Sequence[Fold], rng: np.random.Generator) -> list[Measured]:
    """Return who is still named, the recall of identifiers, and the words lost beside them."""
    tallies: dict[str, list[_Tally]] = {}
    control: dict[str, list[float]] = {}
    for reading, truth in folds:
        originals = {p.participant_id: p for p in truth.released.participants}
        for record, sessions in reading.records.items():
            person = originals[truth.person_of[record]]
            tallies.setdefault(person.participant_id, []).append(_tally(person, sessions))
        for person in truth.absent.participants:
            record = sorted(reading.records)[int(rng.integers(len(reading.records)))]
            pages = _words(" ".join(t for s in reading.records[record] for t in s))
            names = _direct(person)
            if names:
                found = any(_contains(pages, _words(n)) for n in names)
                control.setdefault(person.participant_id, []).append(float(found))
    annotated = {p: t for p, t in tallies.items() if t[0].named["direct"]}
    if len(annotated) < 2:
        raise InvalidMeasurement(
            "no transcript carries annotated identifiers (*_entities.tsv): what was missed "
            "cannot be counted"
        )
    named = share(
        np.array(
            [
                np.mean([t.hidden["direct"] < t.named["direct"] for t in ts])
                for _, ts in sorted(annotated.items())
            ],
            dtype=np.float64,
        )
    )
    by_chance = share(np.array([np.mean(control[p]) for p in sorted(control)]))
    return [
        Measured(
            metric="success",
            estimate=named,
            baseline=0.0,
            control=by_chance,
            note="people with a direct identifier left readable",
        ),
        Measured(
            metric="advantage",
            estimate=advantage(named, by_chance),
            baseline=0.0,
            note="success above its control",
        ),
        *_recalls(tallies, rng),
    ]


def _recalls(tallies: dict[str, list[_Tally]], rng: np.random.Generator) -> list[Measured]:
    found = []
    for role in ("direct", "quasi"):
        people = [p for p in sorted(tallies) if tallies[p][0].named[role]]
        if len(people) > 1:
            top = np.array([np.mean([t.hidden[role] for t in tallies[p]]) for p in people])
            under = np.array([tallies[p][0].named[role] for p in people], dtype=np.float64)
            found.append(_pooled(f"recall-{role}", top, under, rng))
    people = sorted(tallies)
    touched = np.array([np.mean([t.touched for t in tallies[p]]) for p in people])
    words = np.array([np.mean([t.words for t in tallies[p]]) for p in people])
    found.append(_pooled("over-redaction", touched, words, rng))
    return found


def _pooled(
    metric: str,
    top: np.ndarray[tuple[int], np.dtype[np.float64]],
    under: np.ndarray[tuple[int], np.dtype[np.float64]],
    rng: np.random.Generator,
) -> Measured:
    def statistic(weights: Weights) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.asarray((weights @ top) / (weights @ under))

    note = {
        "recall-direct": "things hidden in all their mentions",
        "recall-quasi": "things hidden in all their mentions",
        "over-redaction": "words changed that identify nobody",
    }[metric]
    return Measured(metric=metric, estimate=bootstrap(statistic, len(top), rng), note=note)


def _tally(person: Participant, released: tuple[tuple[str, ...], ...]) -> _Tally:
    mentions: dict[tuple[str, str], list[bool]] = {}
    tally = _Tally(hidden={"direct": 0, "quasi": 0}, named={"direct": 0, "quasi": 0})
    for session, turns in zip(_spoken(person), released, strict=True):
        aligned = len(turns) == len(session.transcript)
        page = _words(" ".join(turns))
        spoken = _words(" ".join(t.text for t in session.transcript))
        for entity in session.entities:
            said = session.transcript[entity.turn].text
            surface = _words(said[entity.start : entity.end])
            before = _words(said) if aligned else spoken
            hidden = not _survives(surface, before, _words(turns[entity.turn]) if aligned else page)
            mentions.setdefault((entity.role, entity.entity), []).append(hidden)
        if aligned:
            for index, turn in enumerate(turns):
                _count_words(tally, session, index, turn)
    for (role, _), all_hidden in mentions.items():
        tally.named[role] += 1
        tally.hidden[role] += all(all_hidden)
    return tally


def _count_words(tally: _Tally, session: Session, index: int, turn: str) -> None:
    text = session.transcript[index].text
    inside = [e for e in session.entities if e.turn == index]
    plain = [
        m.group().lower()
        for m in _WORD.finditer(text)
        if not any(e.start < m.end() and m.start() < e.end for e in inside)
    ]
    left: dict[str, int] = {}
    for word in _words(turn):
        left[word] = left.get(word, 0) + 1
    for word in plain:
        if left.get(word, 0):
            left[word] -= 1
        else:
            tally.touched += 1
    tally.words += len(plain)


def _spoken(person: Participant) -> list[Session]:
    return [s for s in person.sessions if s.transcript]


def _direct(person: Participant) -> list[str]:
    return [
        s.transcript[e.turn].text[e.start : e.end]
        for s in _spoken(person)
        for e in _of_role(s.entities, "direct")
    ]


def _of_role(entities: Iterable[Entity], role: str) -> list[Entity]:
    return [e for e in entities if e.role == role]


def _words(text: str) -> list[str]:
    return [w.lower() for w in _WORD.findall(text)]


def _survives(surface: list[str], before: list[str], after: list[str]) -> bool:
    """Whether a telling word of a mention is still there as often as it was said.

    Half a name is a name: one surviving word is enough. Words that every address or employer
    has do not tell.
    """
    telling = [w for w in surface if len(w) > 2 and w not in _COMMON] or surface
    return any(after.count(w) >= before.count(w) for w in telling)


def _contains(page: list[str], surface: list[str]) -> bool:
    """Whether the words of a mention stand next to each other on the page."""
    size = len(surface)
    return (
        any(page[i : i + size] == surface for i in range(len(page) - size + 1)) if size else False
    )
