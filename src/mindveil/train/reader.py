"""How a detector reads people: rows of numbers by public rules, learnt from nobody who teaches.

What is read depends on the modality: of words the meaning and the symptoms, of answers the other
questionnaires and the background, of voice and face the measures that clinicians know. Constants
that centre and scale them are public: ranges of questionnaires, declared bounds of columns, and
fixed numbers for measures. A gap is 0, the middle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import numpy as np
from pydantic import TypeAdapter, ValidationError

from mindveil.corpus.instruments import meets, parse_target
from mindveil.corpus.model import MODALITIES, Corpus, Modality, Participant, Session, Stream
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.features.cases import totals_of
from mindveil.features.measures import mean_rows, visit_rows
from mindveil.store.cache import Json
from mindveil.train.base import Floats, Lessons, Part
from mindveil.train.public_measures import Heard, measure_parts, measure_rows
from mindveil.train.public_scales import Ruler, rulers_of, scale_parts, scale_rows, score_scale
from mindveil.train.words import Inputs, word_parts, word_rows, words_digest

__all__ = ["Inputs", "Reader"]

Visits = tuple[Session, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A public way of reading people for one question.

    ``rulers`` say how answers and background are measured; ``words`` names the encoder and the
    sentences that words are read with, empty where no words are read.
    """

    target: str
    modality: Stream
    inputs: Inputs
    parts: tuple[Part, ...]
    rulers: tuple[Ruler, ...] = ()
    words: str = ""

    @classmethod
    def of(cls, corpus: Corpus, target: str, modality: Stream, inputs: Inputs) -> Reader:
        """Return the reader for a question: what a corpus declares decides what is read.

        Raises:
            InputError: the score has no public range.
            InvalidMeasurement: nothing of this modality is there.
        """
        goal = parse_target(target)
        score_scale(goal)
        read = MODALITIES if modality == "fused" else (modality,)
        rulers = rulers_of(corpus, goal) if "scales" in read else ()
        there = [m for m in read if (bool(rulers) if m == "scales" else m in corpus.modalities)]
        if not there:
            raise InvalidMeasurement(_nothing(modality))
        parts = tuple(part for m in there for part in _parts(m, inputs, rulers))
        words = words_digest() if "text" in there else ""
        return cls(
            target=str(goal),
            modality=modality,
            inputs=inputs,
            parts=parts,
            rulers=rulers,
            words=words,
        )

    def rows(self, corpus: Corpus) -> Floats:
        """Return one row a person, shape (people, columns), finite, in the corpus's order.

        Read is the visit of the answers in question; of people without them the last visit.

        Raises:
            InputError: the words were read with another encoder than the one that is installed.
        """
        return np.nan_to_num(self._raw(corpus), nan=0.0)

    def lessons(self, corpus: Corpus) -> Lessons:
        """Return what those people teach who have the answer and something to read."""
        goal = parse_target(self.target)
        totals = totals_of(corpus, goal.tool, goal.subscale)
        asked = corpus.with_people(
            person
            for person, total in zip(corpus.participants, totals, strict=True)
            if not np.isnan(total)
        )
        known, raw = totals[~np.isnan(totals)], self._raw(asked)
        read = np.asarray(np.isfinite(raw).any(axis=1), dtype=np.bool_)
        everybody = Lessons(
            ids=asked.ids,
            rows=np.nan_to_num(raw, nan=0.0),
            totals=known,
            labels=meets(goal, known),
            scale=score_scale(goal),
            parts=self.parts,
        )
        return everybody.of(read)

    def to_json(self) -> dict[str, Json]:
        """Return everything that is needed to read people in the same way."""
        stored: dict[str, Json] = TypeAdapter(Reader).dump_python(self, mode="json")
        return stored

    @classmethod
    def from_json(cls, stored: dict[str, Json]) -> Reader:
        """Return the reader that was stored.

        Raises:
            InputError: it was not written by ``to_json``.
        """
        try:
            return TypeAdapter(Reader).validate_python(stored)
        except ValidationError as fault:
            where = next(map(str, fault.errors()[0]["loc"]), "its start")
            raise InputError(f"the stored reader is damaged at {where!r}; store it again") from None

    def _raw(self, corpus: Corpus) -> Floats:
        """Return the rows with NaN where nothing is."""
        made = [np.zeros((len(corpus.ids), 0))]
        for modality in dict.fromkeys(part.modality for part in self.parts):
            if modality == "scales":
                made.append(scale_rows(corpus, self.rulers))
            elif modality == "text":
                made.append(self._words(corpus))
            elif modality in {"voice", "face"}:
                made.append(self._heard(corpus, cast("Heard", modality)))
        return np.hstack(made)

    def _words(self, corpus: Corpus) -> Floats:
        if words_digest() != self.words:
            raise InputError(
                f"this detector reads words with the encoder {self.words[:8]}, and the one that is "
                f"installed is {words_digest()[:8]}; run: mindveil models install minilm, or train "
                "again"
            )
        visits = self._visits(corpus)
        said = [tuple(w for s in mine for w in s.said() if w.strip()) for mine in visits]
        return word_rows(said, self.inputs) if said else _empty(self.parts, "text")

    def _heard(self, corpus: Corpus, modality: Heard) -> Floats:
        """Return each person's mean measures over visits, by public constants."""
        visits = self._visits(corpus)
        if not visits:
            return _empty(self.parts, modality)
        rows = visit_rows([s for mine in visits for s in mine], modality)
        ends = np.cumsum([0, *map(len, visits)])
        means = [mean_rows(rows[a:b]) for a, b in pairwise(ends)]
        return measure_rows(np.stack(means), modality)

    def _visits(self, corpus: Corpus) -> list[Visits]:
        """Return the visits of each person that are read: all, where they are parts of one."""
        tool = parse_target(self.target).tool
        if corpus.pseudo_sessions:
            return [person.sessions for person in corpus.participants]
        return [_visit(person, tool) for person in corpus.participants]


def _visit(person: Participant, tool: str) -> Visits:
    asked = [s for s in person.sessions if tool in s.responses]
    return tuple((asked or list(person.sessions))[-1:])


def _parts(modality: Modality, inputs: Inputs, rulers: tuple[Ruler, ...]) -> tuple[Part, ...]:
    if modality == "text":
        return word_parts(inputs)
    return scale_parts(rulers) if modality == "scales" else measure_parts(modality)


def _empty(parts: Iterable[Part], modality: str) -> Floats:
    return np.zeros((0, sum(p.width for p in parts if p.modality == modality)))


def _nothing(modality: Stream) -> str:
    if modality == "scales":
        return (
            "no other questionnaire and no declared background to predict from; declare bounds or "
            "levels of columns in participants.json"
        )
    return f"nobody has anything of {modality!r} to read"
