"""``synthetic/nearest-record``: "is there a record just like hers?"; a smoke test."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Attacker, Guesses, Holding, Knowledge, Membership
from mindveil.attack.table_cells import cells_of, indicators_of
from mindveil.attack.table_distance import nearest, whitening
from mindveil.attack.table_space import rows_of
from mindveil.corpus.model import Modality
from mindveil.errors import InvalidMeasurement
from mindveil.release import DataRelease

Floats = NDArray[np.float64]
_SMALL = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestRecord:
    """Take for a member whoever has a synthetic record much nearer than any stranger's.

    The distance to the nearest record of the release, against that to the nearest of the
    reference people (their ratio): who lives where people are dense is near to everybody. Asked
    of standardised values, of the number of fields that differ, and of whitened values.

    This finds copies and near copies, and nothing else: a table that passes may still betray
    its members by its sums. It is a smoke test, and its tier says so.

    Source: Chen et al. 2020 (GAN-Leaks), with the reference as calibration; Yao et al. 2025 on
    why distance to the closest record is no measure of privacy.

    Limits: It finds copies and near copies alone. A table that passes may still be highly
    revealing: never take this figure for safety.
    """

    name: ClassVar[str] = "synthetic/nearest-record"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"scales"})
    modality: ClassVar[str] = "scales"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("ignorant",)

    def run(
        self,
        release: DataRelease,
        knowledge: Knowledge,
        rng: np.random.Generator,  # noqa: ARG002 - draws nothing
    ) -> tuple[Guesses, ...]:
        """Return how much nearer a record of the release is than anybody else's, three questions.

        Raises:
            InvalidMeasurement: the release or the reference is empty.
        """
        corpora = (knowledge.known, knowledge.reference, release.corpus)
        if not all(corpus.participants for corpus in corpora):
            raise InvalidMeasurement(
                "a nearest record needs known people, reference people and a release"
            )
        space, (known, reference, released) = rows_of(*corpora)
        cells = cells_of(space, np.concatenate([known, reference, released]))
        centre, turn = whitening(np.concatenate([known, reference]), known.shape[1])
        views = {
            "standardised": (known, reference, released),
            "fields that differ": tuple(
                indicators_of(cells.codes(rows), cells) for rows in (known, reference, released)
            ),
            "whitened": tuple((rows - centre) @ turn for rows in (known, reference, released)),
        }
        return tuple(
            Membership(
                people=knowledge.known.ids, scores=closeness(*view), tier="light", setting=name
            )
            for name, view in views.items()
        )


def closeness(known: Floats, reference: Floats, released: Floats) -> Floats:
    """Return log(distance to the nearest other person / to the nearest record).

    >>> rows = np.array([[0.0], [4.0]])
    >>> closeness(rows, np.array([[2.0]]), np.array([[1.0]])).round(2).tolist()
    [0.69, -0.41]
    """
    apart = np.sqrt(nearest(known, reference)), np.sqrt(nearest(known, released))
    small = _SMALL * max(float(np.median(apart[0])), np.finfo(np.float64).tiny)
    return np.asarray(np.log(apart[0] + small) - np.log(apart[1] + small), dtype=np.float64)
