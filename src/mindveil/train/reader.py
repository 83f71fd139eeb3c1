"""How a detector reads people: rows of numbers by public rules, learnt from nobody who teaches.

What is read depends on the modality: of words the meaning and the symptoms, of answers the other
questionnaires and the background, of voice and face the measures that clinicians know. Constants
that centre and scale them are public: ranges of questionnaires, declared bounds of columns, and
fixed numbers for measures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mindveil.corpus.model import Corpus, Stream
from mindveil.store.cache import Json
from mindveil.train.base import Floats, Lessons, Part

Inputs = Literal["contrasts", "anchors", "components", "projection", "all"]
"""How words become numbers: contrasts of symptom anchors, every anchor, principal components of
other text, a random projection of the meaning, or everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A public way of reading people for one question."""

    target: str
    modality: Stream
    inputs: Inputs
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, corpus: Corpus, target: str, modality: Stream, inputs: Inputs) -> Reader:
        """Return the reader for a question: what a corpus declares decides what is read."""
        raise NotImplementedError

    def rows(self, corpus: Corpus) -> Floats:
        """Return one row a person, shape (people, columns), finite, in the corpus's order."""
        raise NotImplementedError

    def lessons(self, corpus: Corpus) -> Lessons:
        """Return what those people teach who have the answer and something to read."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Json]:
        """Return everything that is needed to read people in the same way."""
        raise NotImplementedError

    @classmethod
    def from_json(cls, stored: dict[str, Json]) -> Reader:
        """Return the reader that was stored."""
        raise NotImplementedError
