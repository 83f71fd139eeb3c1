"""Who is hurt first: the most unusual people, named before any attack is run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Corpus
from mindveil.features.scales import latest_table

SHARE = 0.10
_LEAST = 10


def most_unusual(corpus: Corpus, share: float = SHARE) -> frozenset[str]:
    """Return the ids of the ``share`` of people whose answers and attributes are rarest.

    Rarity is the summed surprise (minus log frequency) of a person's attributes and answers.
    Empty where there is nothing to be rare in, or fewer than 10 people would be named: their
    risk could not be told from anything.
    """
    size = int(len(corpus.participants) * share)
    if size < _LEAST:
        return frozenset()
    surprise = surprise_of(corpus)
    if not np.ptp(surprise):
        return frozenset()
    return frozenset(corpus.ids[i] for i in _rarest_first(surprise)[:size])


def rarity_ranks(corpus: Corpus) -> dict[str, int]:
    """Return the place of each person by rarity, 1 the rarest; equals in the order of the corpus.

    Its first people are those of :func:`most_unusual`, where it names any.
    """
    order = _rarest_first(surprise_of(corpus))
    return {corpus.ids[i]: place for place, i in enumerate(order.tolist(), 1)}


def surprise_of(corpus: Corpus) -> NDArray[np.float64]:
    """Return the summed surprise of each person's attributes and answers, shape (people,)."""
    surprise = np.zeros(len(corpus.participants))
    for column in latest_table(corpus).columns.values():
        share_of = np.bincount(column.codes) / len(column.codes)
        surprise -= np.log(share_of[column.codes])
    return surprise


def _rarest_first(surprise: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.argsort(-surprise, kind="stable")
