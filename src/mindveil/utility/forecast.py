"""From cases to forecasts: one head a modality, and all together by their log-odds."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Modality
from mindveil.errors import InvalidMeasurement
from mindveil.features import weights
from mindveil.features.sentences import SentenceEncoder, load_encoder
from mindveil.features.shelf import rows_of
from mindveil.features.text import anchor_sentences, read_text
from mindveil.store.cache import Json
from mindveil.utility.base import Stream
from mindveil.utility.cases import Cases, design
from mindveil.utility.heads import Head, fit_head, fuse

Floats = NDArray[np.float64]
Blocks = list[Floats]

ENCODER = "minilm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the training people teach: class labels (0/1) and totals, shape (people,)."""

    labels: Floats
    totals: Floats
    modality: Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """For each tested person the probability of the class and the expected total."""

    probability: Floats
    severity: Floats


def needs_of(modality: Stream) -> AbstractSet[Modality]:
    """Return what a corpus must hold for a detector of this kind."""
    return frozenset({"text", "scales"} if modality == "fused" else {modality})


def forecast(training: Cases, test: Cases, question: Question) -> Forecast:
    """Learn from the training people and forecast the others.

    Raises:
        InvalidMeasurement: too few people of either class, or nothing to predict from.
    """
    if not len(training.ids) or not len(test.ids):
        raise InvalidMeasurement("nobody has both an answer and something to predict it from")
    both = [_blocks(part, training, test) for part in sorted(needs_of(question.modality))]
    heads = [fit_head(learn, question.totals, question.labels) for learn, _ in both]
    if len(heads) == 1:
        return Forecast(
            probability=heads[0].probability(both[0][1]), severity=heads[0].severity(both[0][1])
        )
    fusion = fuse([head.inside for head in heads], question.labels)
    said = [head.log_odds(check) for head, (_, check) in zip(heads, both, strict=True)]
    return Forecast(probability=fusion.probability(said), severity=_together(heads, both))


def _together(heads: Sequence[Head], both: Sequence[tuple[Blocks, Blocks]]) -> Floats:
    """Return the mean of what the modalities expect: the heads are calibrated already."""
    expected = [h.severity(check) for h, (_, check) in zip(heads, both, strict=True)]
    return np.asarray(np.mean(expected, axis=0), dtype=np.float64)


def _blocks(part: Modality, training: Cases, test: Cases) -> tuple[Blocks, Blocks]:
    if part == "text":
        return _text(training), _text(test)
    learn, check = design(training, test)
    if not learn.shape[1]:
        raise InvalidMeasurement("no background and no other questionnaire to predict from")
    return [learn], [check]


def _text(cases: Cases) -> Blocks:
    """Return the meaning and the symptoms of each person's words; both need no training."""
    encoder = _encoder()

    def read(indices: Sequence[int]) -> Floats:
        found = read_text([cases.documents[i] for i in indices], encoder)
        return np.hstack([found.meaning, found.symptoms])

    maker: Json = [weights.digest(ENCODER), *anchor_sentences()]
    sources: list[Json] = [list(d) for d in cases.documents]
    rows = rows_of(sources, read, maker)
    return [rows[:, : encoder.dimensions], rows[:, encoder.dimensions :]]


@cache
def _encoder() -> SentenceEncoder:
    return load_encoder(weights.locate(ENCODER))
