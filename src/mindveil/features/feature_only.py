"""People without recordings: what is measured of their words, voices and faces, and nothing else.

A release may hold measures in place of what they were read from (level 4). To compare people
with it, the same is measured of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import MEASURES, Corpus, MediaFile, Modality, Participant, Session
from mindveil.corpus.workshop import new_file
from mindveil.features.measures import Measured, is_measured_only, visit_rows, write_row

Floats = NDArray[np.float64]

KINDS: tuple[Measured, ...] = ("text", "voice", "face")
"""What can be measured, in the order in which it stands beside answers."""


def measure_name(kind: Measured, name: str) -> str:
    """Return how a measure is called among the columns of a table.

    >>> measure_name("voice", "jitter")
    'voice jitter'
    """
    return f"{kind} {name}"


def measured_kinds(corpus: Corpus) -> tuple[Measured, ...]:
    """Return the kinds of which some visit of a corpus holds measures and no recording."""
    visits = [s for p in corpus.participants for s in p.sessions]
    return tuple(k for k in KINDS if any(is_measured_only(s, k) for s in visits))


def with_rows(session: Session, rows: Mapping[Measured, Floats]) -> Session:
    """Return a visit with these measures in place of whatever was recorded of their kinds.

    Each row becomes a new file of the workshop; of a kind of which nothing is defined (NaN)
    nothing is left.
    """
    media: dict[Modality, tuple[MediaFile, ...]] = dict(session.media)
    for kind, row in rows.items():
        media.pop(kind, None)
        if np.isfinite(row).any():
            path = new_file("_features.parquet")
            write_row(path, kind, row)
            media[kind] = (MediaFile(path=path, task=MEASURES),)
    if "text" in rows:
        session = replace(session, transcript=(), entities=())
    return replace(session, media=media)


def measured_alike(corpus: Corpus, release: Corpus) -> Corpus:
    """Return people with the kinds measured of which a release holds measures alone.

    What was recorded of them in these kinds is left out, so that like is compared with like;
    the people come back as they are where the release holds recordings, or answers alone.

    Raises:
        MissingWeights: recordings need a network that is not installed.
    """
    return measured(corpus, measured_kinds(release))


def measured(corpus: Corpus, kinds: Sequence[Measured]) -> Corpus:
    """Return people with what was recorded of these kinds replaced by its measures.

    Raises:
        MissingWeights: recordings need a network that is not installed.
    """
    if not kinds:
        return corpus
    visits = [s for p in corpus.participants for s in p.sessions]
    rows = {k: visit_rows(visits, k) for k in kinds}
    done = [with_rows(s, {k: rows[k][n] for k in kinds}) for n, s in enumerate(visits)]
    ends = np.cumsum([0, *(len(p.sessions) for p in corpus.participants)]).tolist()

    def changed(person: Participant, a: int, b: int) -> Participant:
        return replace(person, sessions=tuple(done[a:b]))

    people = zip(corpus.participants, pairwise(ends), strict=True)
    return corpus.with_people(changed(p, a, b) for p, (a, b) in people)
