"""What a detector sees of people as blocks of numbers: one or more matrices a modality, a row a person."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import MODALITIES, Modality, Stream
from mindveil.errors import InvalidMeasurement
from mindveil.features import weights
from mindveil.features.cases import Cases, design
from mindveil.features.expression import expression_rows
from mindveil.features.measures import Measured, is_measured_only, mean_rows, visit_rows
from mindveil.features.prosody import prosody_rows
from mindveil.features.sentences import SentenceEncoder, load_encoder
from mindveil.features.shelf import rows_of
from mindveil.features.text import anchor_sentences, read_text
from mindveil.store.cache import Json

Floats = NDArray[np.float64]
Blocks = list[Floats]

ENCODER = "minilm"


def blocks_of(training: Cases, test: Cases, modality: Stream) -> list[tuple[Blocks, Blocks]]:
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
        return list(text_rows(training.documents)), list(text_rows(test.documents))
    if part != "scales":
        learn, check = standardised(_recorded(part, training), _recorded(part, test))
        return [learn], [check]
    learn, check = design(training, test)
    if not learn.shape[1]:
        raise InvalidMeasurement("no background and no other questionnaire to predict from")
    return [learn], [check]


def text_rows(documents: Sequence[Sequence[str]]) -> tuple[Floats, Floats]:
    """Return the meaning and the symptoms of each person's words; both need no training.

    Shapes (people, 384) and (people, 2 x anchors), see :mod:`mindveil.features.text`; NaN for a
    person without words. Kept on the shelf.
    """
    encoder = text_encoder()

    def read(indices: Sequence[int]) -> Floats:
        found = read_text([documents[i] for i in indices], encoder)
        return np.hstack([found.meaning, found.symptoms])

    maker: Json = [weights.digest(ENCODER), *anchor_sentences()]
    sources: list[Json] = [list(d) for d in documents]
    rows = rows_of(sources, read, maker)
    return rows[:, : encoder.dimensions], rows[:, encoder.dimensions :]


@cache
def text_encoder() -> SentenceEncoder:
    """Return the sentence encoder that every detector reads with."""
    return load_encoder(weights.locate(ENCODER))


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


def standardised(training: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Return both matrices in units of the training people's mean and standard deviation.

    For blocks whose columns have different units. A gap in a row is filled with the training
    mean; a row without any value stays NaN; a column that never varies becomes 0.
    """
    held = np.isfinite(training).any(axis=0)
    centre, spread = np.zeros(training.shape[1]), np.ones(training.shape[1])
    centre[held] = np.nanmean(training[:, held], axis=0)
    spread[held] = np.nanstd(training[:, held], axis=0)
    scale = np.where(spread > 0, spread, np.inf)

    def moved(block: Floats) -> Floats:
        filled = np.where(np.isfinite(block), block, centre)
        result: Floats = (filled - centre) / scale
        result[~np.isfinite(block).any(axis=1)] = np.nan
        return result

    return moved(training), moved(other)
