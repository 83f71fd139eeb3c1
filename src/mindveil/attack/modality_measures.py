"""What a modality tells of somebody at her last visit, in numbers that another may tell as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.answer_stability import answer_rows
from mindveil.attack.attribute_levels import AGE, GUESSED, levels_of
from mindveil.corpus.model import Corpus, Modality
from mindveil.features.blocks import text_rows
from mindveil.features.measures import MEASURED, Measured, mean_rows, visit_rows

Floats = NDArray[np.float64]

_FARTHEST = 3.0
_SEXES: Mapping[str, float] = MappingProxyType({"female": 1.0, "male": -1.0})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was measured of people, a row each, in units of these people; all NaN without it."""

    people: tuple[str, ...]
    rows: Floats

    def of(self, people: tuple[str, ...]) -> Floats:
        """Return the rows of some of the people."""
        place = {p: i for i, p in enumerate(self.people)}
        return self.rows[[place[p] for p in people]]

    @property
    def there(self) -> tuple[str, ...]:
        """Those of whom anything was measured."""
        heard = np.flatnonzero(np.isfinite(self.rows).any(axis=1))
        return tuple(self.people[i] for i in heard)


def tell(corpus: Corpus, modality: Modality) -> Told:
    """Return what a modality tells of everybody at the last visit that has it.

    Words: how close they come to the symptoms of questionnaires, and how many there are. A
    voice: pitch, energy, pauses and pace. A face: its expressions and how they move. Answers: the
    items of every questionnaire and their mean. Everything is standardised on these people, so
    that what a protection does to all alike is taken out.
    """
    recorded = replace(
        corpus,
        participants=tuple(
            replace(p, attributes={}, sessions=tuple(s for s in p.sessions if s.has(modality))[-1:])
            for p in corpus.participants
        ),
    )
    readers = {"text": _words, "scales": _answers}
    if modality in readers:
        rows = readers[modality](recorded)
    else:
        rows = _measured(recorded, "voice" if modality == "voice" else "face")
    return Told(people=corpus.ids, rows=standard(rows))


def background(corpus: Corpus) -> Told:
    """Return what is known of people beside: age, sex and how burdened their answers are."""
    ages = [p.attributes.get(AGE) for p in corpus.participants]
    sexes = [
        next((v for v in levels if v in _SEXES), "")
        for levels in zip(*(levels_of(f, corpus) for f in GUESSED if f != AGE), strict=True)
    ]
    columns = [
        np.array([a if isinstance(a, float) else np.nan for a in ages]),
        np.array([_SEXES.get(s, np.nan) for s in sexes]),
        mean_rows(standard(_answers(corpus)).T),
    ]
    return Told(people=corpus.ids, rows=standard(np.column_stack(columns)))


def standard(rows: Floats) -> Floats:
    """Return columns in units of these people, a gap in a row at their mean; clipped at 3."""
    there = np.isfinite(rows)
    count = np.maximum(there.sum(axis=0), 1)
    mean = np.where(there, rows, 0.0).sum(axis=0) / count
    away = np.where(there, rows - mean, 0.0)
    spread = np.sqrt((away**2).sum(axis=0) / count)
    scaled = np.clip(away / np.where(spread > 0, spread, np.inf), -_FARTHEST, _FARTHEST)
    scaled[~there.any(axis=1)] = np.nan
    return np.asarray(scaled, dtype=np.float64)


def _words(corpus: Corpus) -> Floats:
    said = [
        tuple(w for s in p.sessions for w in s.said() if w.strip()) for p in corpus.participants
    ]
    _, symptoms = text_rows(said)
    words = [float(sum(len(turn.split()) for turn in turns)) for turns in said]
    counted = np.array(
        [[w, w / len(t)] if t else [np.nan] * 2 for w, t in zip(words, said, strict=True)]
    )
    return np.hstack([symptoms, np.log(counted)])


def _measured(corpus: Corpus, modality: Measured) -> Floats:
    rows = np.full((len(corpus.participants), len(MEASURED[modality])), np.nan)
    there = [i for i, p in enumerate(corpus.participants) if p.sessions]
    if there:
        visits = [corpus.participants[i].sessions[0] for i in there]
        rows[there] = visit_rows(visits, modality)
    return rows


def _answers(corpus: Corpus) -> Floats:
    found = answer_rows(corpus)
    if not found:
        return np.full((len(corpus.participants), 1), np.nan)
    items = np.column_stack([found[name] for name in sorted(found)])
    tools = [name.rpartition("_")[0] for name in sorted(found)]
    scaled = standard(items)
    means = [mean_rows(scaled[:, [t == tool for t in tools]].T) for tool in dict.fromkeys(tools)]
    return np.hstack([items, np.column_stack(means)])
