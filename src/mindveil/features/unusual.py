"""Who is hurt first: the most unusual people, named before any attack is run."""

from __future__ import annotations

import numpy as np

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
    surprise = np.zeros(len(corpus.participants))
    for column in latest_table(corpus).columns.values():
        share_of = np.bincount(column.codes) / len(column.codes)
        surprise -= np.log(share_of[column.codes])
    if not np.ptp(surprise):
        return frozenset()
    order = np.argsort(-surprise, kind="stable")[:size]
    return frozenset(corpus.ids[i] for i in order)
