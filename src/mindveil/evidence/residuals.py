"""From what can be read to the identifiers that were left readable.

A thing (a name, a town) counts as hidden only if all its mentions are: the TAB rule (Pilan et
al. 2022, The Text Anonymization Benchmark). Half a name is a name: a mention is hidden when none
of its telling words stands in the released text more often than it was said apart from
identifiers. The control looks for the identifiers of people who are in no release among what can
be read in released records: common names and towns occur by chance.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Reading
from mindveil.corpus.model import Entity, Participant, Session
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import (
    Estimate,
    Weights,
    advantage,
    bootstrap,
    exact_at_ends,
    share,
)
from mindveil.evidence.measured import Measured, Truth

_COMMON = frozenset(
    "the and for street road avenue drive lane court place square close way hospital school "
    "college university company clinic centre center dot com org net mail gmail".split()
)
"""Words that every address or employer has: they tell nothing alone."""

_WORD = re.compile(r"[^\W_]+")
Fold = tuple[Reading, Truth]
Turns = Sequence[str]
Floats = NDArray[np.float64]


@dataclass(slots=True)
class _Tally:
    """Counts of one person: things hidden and named by role, words touched and passed over.

    ``readable`` holds the words that stand in her record beside what she said anyway.
    """

    hidden: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    touched: int = 0
    words: int = 0
    readable: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Passage:
    """A stretch of a transcript beside its release: a turn, or all turns where they were merged.

    ``plain`` counts the words that belong to no identifier, ``left`` all words of the release.
    """

    plain: Counter[str]
    left: Counter[str]
    mentions: tuple[tuple[Entity, str], ...]

    @classmethod
    def of(cls, said: Sequence[tuple[Session, int]], released: str) -> _Passage:
        """Put turns beside what was released of them."""
        plain: Counter[str] = Counter()
        mentions: list[tuple[Entity, str]] = []
        for session, turn in said:
            text = session.transcript[turn].text
            here = [e for e in session.entities if e.turn == turn]
            mentions += [(e, text[e.start : e.end]) for e in here]
            plain.update(
                word.group().lower()
                for word in _WORD.finditer(text)
                if not any(e.start < word.end() and word.start() < e.end for e in here)
            )
        return cls(plain=plain, left=Counter(_words(released)), mentions=tuple(mentions))

    def survives(self, mention: str) -> bool:
        """Whether a telling word of a mention can still be read."""
        return any(self.left[w] > self.plain[w] for w in _telling(mention))


def measure_residuals(folds: Sequence[Fold], rng: np.random.Generator) -> list[Measured]:
    """Return who is still named, the recall of identifiers, and the words lost beside them.

    Raises:
        InvalidMeasurement: fewer than 2 people have an annotated direct identifier.
    """
    tallies: dict[str, list[_Tally]] = {}
    control: dict[str, list[float]] = {}
    for reading, truth in folds:
        originals = {p.participant_id: p for p in truth.released.participants}
        fold = [
            _tally(originals[truth.person_of[record]], sessions)
            for record, sessions in reading.records.items()
        ]
        for record, tally in zip(reading.records, fold, strict=True):
            tallies.setdefault(truth.person_of[record], []).append(tally)
        for person in truth.absent.participants:
            names = [_telling(n) for n in _direct(person)]
            if names and fold:
                found = [not t.readable.isdisjoint(w for n in names for w in n) for t in fold]
                control.setdefault(person.participant_id, []).append(float(np.mean(found)))
    annotated = {p: ts for p, ts in tallies.items() if ts[0].named["direct"]}
    if len(annotated) < 2:
        raise InvalidMeasurement(
            "no transcript carries annotated identifiers (*_entities.tsv): what was missed "
            "cannot be counted"
        )
    named = {
        p: [float(t.hidden["direct"] < t.named["direct"]) for t in ts]
        for p, ts in annotated.items()
    }
    return [*_named(_pooled(named), _pooled(control) if control else None), *_recalls(tallies, rng)]


def _named(named: Estimate, by_chance: Estimate | None) -> list[Measured]:
    """Return the people with a direct identifier left, and how many more than by chance."""
    floor = by_chance or Estimate(value=0.0, low=0.0, high=0.0, n=named.n)
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
            estimate=advantage(named, floor),
            baseline=0.0,
            note=f"success above its {'control' if by_chance else 'baseline'}",
        ),
    ]


def _recalls(tallies: dict[str, list[_Tally]], rng: np.random.Generator) -> list[Measured]:
    """Return the recall of either role and the words lost, where there is anything to count."""
    found = []
    for role in ("direct", "quasi"):
        hidden = {p: [t.hidden[role] for t in ts] for p, ts in tallies.items()}
        named = {p: [t.named[role] for t in ts] for p, ts in tallies.items()}
        note = "things hidden in all their mentions"
        found += _rate(f"recall-{role}", (hidden, named), note, rng)
    touched = {p: [t.touched for t in ts] for p, ts in tallies.items()}
    words = {p: [t.words for t in ts] for p, ts in tallies.items()}
    note = "words changed that identify nobody"
    return [*found, *_rate("over-redaction", (touched, words), note, rng)]


def _rate(
    metric: str,
    counts: tuple[dict[str, list[int]], dict[str, list[int]]],
    note: str,
    rng: np.random.Generator,
) -> list[Measured]:
    """Return one count over another, pooled over people; nothing where fewer than 2 have any."""
    tops, unders = counts
    people = [p for p in sorted(tops) if sum(unders[p])]
    if len(people) < 2:
        return []
    top = np.array([np.mean(tops[p]) for p in people])
    under = np.array([np.mean(unders[p]) for p in people])

    def statistic(weights: Weights) -> Floats:
        return np.asarray((weights @ top) / (weights @ under))

    seen = exact_at_ends(bootstrap(statistic, len(people), rng), len(people))
    return [Measured(metric=metric, estimate=seen, note=note)]


def _tally(person: Participant, released: Sequence[Turns]) -> _Tally:
    """Count one record; a thing is hidden only if every mention of it is."""
    tally = _Tally()
    mentions: dict[tuple[str, str], list[bool]] = {}
    for passage in _passages(person, released):
        for entity, mention in passage.mentions:
            hidden = not passage.survives(mention)
            mentions.setdefault((entity.role, entity.entity), []).append(hidden)
        tally.touched += (passage.plain - passage.left).total()
        tally.words += passage.plain.total()
        tally.readable |= (passage.left - passage.plain).keys()
    for (role, _), all_hidden in mentions.items():
        tally.named[role] += 1
        tally.hidden[role] += all(all_hidden)
    return tally


def _passages(person: Participant, released: Sequence[Turns]) -> Iterable[_Passage]:
    """Lay a record beside its originals: by turn, or by as much as was merged or dropped."""
    spoken = [s for s in person.sessions if s.transcript]
    if len(spoken) != len(released):
        everything = " ".join(text for turns in released for text in turns)
        yield _Passage.of([(s, i) for s in spoken for i in range(len(s.transcript))], everything)
        return
    for session, turns in zip(spoken, released, strict=True):
        if len(turns) == len(session.transcript):
            yield from (_Passage.of([(session, i)], text) for i, text in enumerate(turns))
        else:
            said = [(session, i) for i in range(len(session.transcript))]
            yield _Passage.of(said, " ".join(turns))


def _direct(person: Participant) -> list[str]:
    """Return the mentions that identify a person alone."""
    return [
        s.transcript[e.turn].text[e.start : e.end]
        for s in person.sessions
        for e in s.entities
        if s.transcript and e.role == "direct"
    ]


def _words(text: str) -> list[str]:
    return [w.lower() for w in _WORD.findall(text)]


def _telling(mention: str) -> list[str]:
    """Return the words of a mention of which one is enough to know the whole."""
    surface = _words(mention)
    return [w for w in surface if len(w) > 2 and w not in _COMMON] or surface


def _pooled(outcomes: dict[str, list[float]]) -> Estimate:
    return share(np.array([np.mean(outcomes[p]) for p in sorted(outcomes)]))
