"""What is measured of somebody's words, voice and face at a visit: a feature-only release (level 4).

The same measures come from recordings, or from the ``_features.parquet`` of a release that holds
nothing else, so that whoever learned from one can be tested on the other.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.digest import file_digest
from mindveil.corpus.media import read_columns
from mindveil.corpus.model import MEASURES, MediaFile, Session
from mindveil.errors import InputError
from mindveil.features import weights
from mindveil.features.expression import EXPRESSIONS, expression_rows
from mindveil.features.language import LANGUAGE, measure_words
from mindveil.features.prosody import MEASURES as PROSODY
from mindveil.features.prosody import prosody_rows
from mindveil.features.sentences import SentenceEncoder, load_encoder
from mindveil.features.shelf import rows_of
from mindveil.features.text import anchor_sentences
from mindveil.store.cache import Json
from mindveil.store.files import write_bytes

Floats = NDArray[np.float64]
Measured = Literal["text", "voice", "face"]

MEASURED: Mapping[Measured, tuple[str, ...]] = MappingProxyType(
    {
        "text": LANGUAGE,
        "voice": PROSODY,
        "face": (*EXPRESSIONS, *(f"{name}-spread" for name in EXPRESSIONS)),
    }
)
"""Names of the measures of a visit; of a face the mean and the spread over time."""

_ENCODER = "minilm"
_VERSION = 1


def is_measured_only(session: Session, modality: Measured) -> bool:
    """Whether a visit holds measures of this kind and nothing that they were read from."""
    if modality == "text" and session.transcript:
        return False
    others = session.files(modality, "audio", "still", "video", "expression")
    return bool(_own(session, modality)) and not others


def _own(session: Session, modality: Measured) -> tuple[MediaFile, ...]:
    """Return the files of our own measures; features that others computed are not read."""
    return tuple(f for f in session.files(modality, "features") if f.task == MEASURES)


def visit_rows(visits: Sequence[Session], modality: Measured) -> Floats:
    """Return the measures of each visit, shape (visits, measures); NaN where nothing is.

    Several recordings of a visit are averaged.

    Raises:
        InputError: a file of measures (``task-measures_features.parquet``) lacks one.
    """
    rows = np.full((len(visits), len(MEASURED[modality])), np.nan)
    stored = [i for i, v in enumerate(visits) if is_measured_only(v, modality)]
    if stored:
        rows[stored] = _stored([visits[i] for i in stored], modality)
    fresh = [i for i, v in enumerate(visits) if i not in set(stored) and v.has(modality)]
    if fresh:
        rows[fresh] = _read([visits[i] for i in fresh], modality)
    return rows


def mean_rows(rows: Floats) -> Floats:
    """Return the mean of each measure over the rows in which it is defined; NaN where in none."""
    there = np.isfinite(rows)
    total = np.where(there, rows, 0.0).sum(axis=0)
    return np.where(there.any(axis=0), total / np.maximum(there.sum(axis=0), 1), np.nan)


def write_row(path: Path, modality: Measured, row: Floats) -> None:
    """Write the measures of one visit as a Parquet file of one row, without metadata."""
    import pyarrow as pa  # noqa: PLC0415 - slow to load
    import pyarrow.parquet as pq  # noqa: PLC0415 - the same

    values = zip(MEASURED[modality], row, strict=True)
    table = pa.table({name: pa.array([float(v)], type=pa.float64()) for name, v in values})
    page = io.BytesIO()
    pq.write_table(table, page, store_schema=False)
    write_bytes(path, page.getvalue())


def _stored(visits: Sequence[Session], modality: Measured) -> Floats:
    files = [_own(v, modality)[0] for v in visits]

    def read(missing: Sequence[int]) -> Floats:
        return np.stack([_columns(files[i], modality) for i in missing])

    sources: list[Json] = [file_digest(f.path) for f in files]
    return rows_of(sources, read, ["measures", modality, list(MEASURED[modality]), _VERSION])


def _columns(file: MediaFile, modality: Measured) -> Floats:
    columns = read_columns(file.path)
    if absent := [name for name in MEASURED[modality] if name not in columns]:
        raise InputError(
            f"{file.path.name}: column {absent[0]} is missing; measures of {modality} are: "
            f"{', '.join(MEASURED[modality])}"
        )
    return mean_rows(np.column_stack([columns[name] for name in MEASURED[modality]]))


def _read(visits: Sequence[Session], modality: Measured) -> Floats:
    if modality == "text":
        return _language([v.said() for v in visits])
    files = [_recorded(v, modality) for v in visits]
    flat = [f for mine in files for f in mine]
    if not flat:
        return np.full((len(visits), len(MEASURED[modality])), np.nan)
    rows = prosody_rows([f.path for f in flat]) if modality == "voice" else expression_rows(flat)
    ends = np.cumsum([0, *map(len, files)])
    return np.stack([mean_rows(rows[a:b]) for a, b in pairwise(ends)])


def _recorded(visit: Session, modality: Measured) -> tuple[MediaFile, ...]:
    if modality == "voice":
        return visit.files("voice", "audio")
    return visit.files("face", "expression") or visit.files("face", "still", "video")


def _language(said: Sequence[tuple[str, ...]]) -> Floats:
    def read(missing: Sequence[int]) -> Floats:
        return measure_words([said[i] for i in missing], _encoder())

    maker: Json = ["language", weights.digest(_ENCODER), *LANGUAGE, *anchor_sentences(), _VERSION]
    sources: list[Json] = [list(turns) for turns in said]
    return rows_of(sources, read, maker)


@cache
def _encoder() -> SentenceEncoder:
    return load_encoder(weights.locate(_ENCODER))
