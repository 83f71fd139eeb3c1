"""From cases to forecasts: one head a modality, and all together by their log-odds."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import MODALITIES, Modality
from mindveil.errors import InvalidMeasurement
from mindveil.features import weights
from mindveil.features.expression import expression_rows
from mindveil.features.measures import Measured, is_measured_only, mean_rows, visit_rows
from mindveil.features.prosody import prosody_rows
from mindveil.features.sentences import SentenceEncoder, load_encoder
from mindveil.features.shelf import rows_of
from mindveil.features.text import anchor_sentences, read_text
from mindveil.store.cache import Json
from mindveil.utility.base import Stream
from mindveil.utility.cases import Cases, design
from mindveil.utility.heads import Head, fit_head, fuse, standardised

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
    """Return what a corpus must hold for a detector of this kind; all together needs no one."""
    return frozenset() if modality == "fused" else frozenset({modality})


def forecast(training: Cases, test: Cases, question: Question) -> Forecast:
    """Learn from the training people and forecast the others.

    Raises:
        InvalidMeasurement: too few people of either class, or nothing to predict from.
    """
    if not len(training.ids) or not len(test.ids):
        raise InvalidMeasurement("nobody has both an answer and something to predict it from")
    taught = _taught(training, test, question)
    if len(taught) == 1:
        head, check = taught[0]
        return Forecast(probability=head.probability(check), severity=head.severity(check))
    fusion = fuse([head.inside for head, _ in taught], question.labels)
    said = [head.log_odds(check) for head, check in taught]
    return Forecast(probability=fusion.probability(said), severity=_together(taught, said))


def _taught(training: Cases, test: Cases, question: Question) -> list[tuple[Head, Blocks]]:
    """Return a head for each modality, and what it sees of the tested people.

    Among several, a modality of which too few people were recorded is left out.
    """
    parts = _parts(training, test, question.modality)
    taught, why = [], InvalidMeasurement("the two sides share no modality to predict from")
    for learn, check in parts:
        try:
            taught.append((fit_head(learn, question.totals, question.labels), check))
        except InvalidMeasurement as fault:
            why = fault
    if not taught:
        raise why
    return taught


def _together(taught: Sequence[tuple[Head, Blocks]], said: Sequence[Floats]) -> Floats:
    """Return the mean of what the modalities that a person has expect: heads are calibrated."""
    expected = np.stack([head.severity(check) for head, check in taught])
    spoke = np.isfinite(np.stack(said))
    spoke |= ~spoke.any(axis=0)
    return np.asarray((expected * spoke).sum(axis=0) / spoke.sum(axis=0), dtype=np.float64)


def _parts(training: Cases, test: Cases, modality: Stream) -> list[tuple[Blocks, Blocks]]:
    """Return the blocks of one modality, or of every modality that both sides have."""
    if modality != "fused":
        return [_blocks(modality, training, test)]
    return [
        _blocks(part, training, test)
        for part in MODALITIES
        if _is_there(part, training) and _is_there(part, test)
    ]


def _is_there(part: Modality, cases: Cases) -> bool:
    there = {"text": cases.documents, "voice": cases.voices, "face": cases.faces}
    if part == "scales":
        return bool(cases.predictors)
    return any(map(len, there[part])) or _is_measured(part, cases)


def _is_measured(part: Measured, cases: Cases) -> bool:
    return any(is_measured_only(s, part) for mine in cases.visits for s in mine)


def _blocks(part: Modality, training: Cases, test: Cases) -> tuple[Blocks, Blocks]:
    if part != "scales" and (_is_measured(part, training) or _is_measured(part, test)):
        # One side holds measures alone: the other is measured in the same way.
        learn, check = standardised(_measured(part, training), _measured(part, test))
        return [learn], [check]
    if part == "text":
        return _text(training), _text(test)
    if part != "scales":
        learn, check = standardised(_recorded(part, training), _recorded(part, test))
        return [learn], [check]
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


def _recorded(part: Modality, cases: Cases) -> Floats:
    """Return each person's mean over recordings, a row of NaN for those without one.

    A voice is its prosody, a face the level and the movement of its expressions: who it belongs
    to is in neither on purpose, and would not help with people never seen.
    """
    media = cases.voices if part == "voice" else cases.faces
    files = [f for mine in media for f in mine]
    if not files:
        raise InvalidMeasurement(f"nobody has a {part} recorded at the visit of the answers")
    rows = prosody_rows([f.path for f in files]) if part == "voice" else expression_rows(files)
    means = np.full((len(media), rows.shape[1]), np.nan)
    start = 0
    for person, mine in enumerate(media):
        if mine:
            means[person] = mean_rows(rows[start : start + len(mine)])
        start += len(mine)
    return means


def _measured(part: Measured, cases: Cases) -> Floats:
    """Return each person's mean over visits of what is measured of them, shape (people, measures)."""
    rows = visit_rows([s for mine in cases.visits for s in mine], part)
    ends = np.cumsum([0, *map(len, cases.visits)])
    return np.stack([mean_rows(rows[a:b]) for a, b in pairwise(ends)])


@cache
def _encoder() -> SentenceEncoder:
    return load_encoder(weights.locate(ENCODER))
