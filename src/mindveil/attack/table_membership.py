"""``synthetic/membership``: "is this table denser where she stands than people are?"."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Attacker, Guesses, Holding, Knowledge, Membership
from mindveil.attack.table_cells import Cells, cells_of, pair_shares
from mindveil.attack.table_distance import log_densities, nearest, whitening
from mindveil.attack.table_space import Space, rows_of
from mindveil.corpus.model import Modality
from mindveil.errors import InvalidMeasurement
from mindveil.release import DataRelease

Floats = NDArray[np.float64]

NARROW = "narrow kernels"
WIDE = "wide kernels"
CELLS = "pairs of cells"

_WIDTHS = (0.02, 0.5)
"""Variances of kernels, in squared distances between neighbours."""
_COMPONENTS = 60
_FEWEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticMembership:
    """Score a person by the density of the synthetic table over that of people, where she stands.

    A generator that has learned its training people too well puts more records near them than
    there are people (van Breugel et al. 2023, DOMIAS). Densities are kernel densities in
    whitened components, narrow ones (copies and near copies) and wide ones; those of people
    rest on the reference and on all other candidates. The third question does without a metric:
    it adds, over every two fields, how much more often her two cells go together in the table
    than among people (a pairwise composite likelihood: Varin, Reid & Firth 2011).

    Source: van Breugel et al. 2023 (DOMIAS); Varin, Reid & Firth 2011 (the composite likelihood).

    Limits: Densities are hard to tell with many columns and few people: that it fails is weak
    evidence. It never sees the generator itself.
    """

    name: ClassVar[str] = "synthetic/membership"
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
        """Return the logarithm of the ratio at each known person, three questions.

        Raises:
            InvalidMeasurement: fewer than 10 records or known people.
        """
        corpora = (knowledge.known, knowledge.reference, release.corpus)
        if min(len(knowledge.known.ids), len(release.corpus.ids)) < _FEWEST:
            raise InvalidMeasurement("a density of fewer than 10 people or records says nothing")
        space, rows = rows_of(*corpora)
        people = Population.of(space, rows[0], rows[1])
        narrow, wide = people.kernel_ratios(rows[2])
        named = {NARROW: narrow, WIDE: wide, CELLS: people.cell_ratios(rows[2])}
        return tuple(
            Membership(people=knowledge.known.ids, scores=scores, setting=setting)
            for setting, scores in named.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Densities of people at each candidate; made once, set against one release or more."""

    known: Floats
    centre: Floats
    turn: Floats
    widths: tuple[float, ...]
    kernels: Floats
    cells: Cells
    codes: NDArray[np.intp]
    shares: Floats

    @classmethod
    def of(cls, space: Space, known: Floats, reference: Floats) -> Population:
        """Measure candidates among each other and among reference people."""
        everybody = np.concatenate([known, reference])
        centre, turn = whitening(everybody, _COMPONENTS)
        placed = (known - centre) @ turn
        others = (reference - centre) @ turn
        apart = float(np.median(nearest(placed, placed, same=True)))
        widths = tuple(w * max(apart, 1e-6) for w in _WIDTHS)
        kernels = _joined(placed, others, widths)
        cells = cells_of(space, everybody)
        codes = cells.codes(known)
        both = np.concatenate([codes, cells.codes(reference)])
        even = np.full((cells.count, cells.count), 1 / len(both))
        return cls(
            known=placed,
            centre=centre,
            turn=turn,
            widths=widths,
            kernels=kernels,
            cells=cells,
            codes=codes,
            shares=pair_shares(both, cells, even),
        )

    def kernel_ratios(self, released: Floats) -> tuple[Floats, Floats]:
        """Return log ratios of kernel densities at each candidate, narrow and wide."""
        placed = (released - self.centre) @ self.turn
        narrow, wide = log_densities(self.known, placed, self.widths) - self.kernels
        return narrow, wide

    def cell_ratios(self, released: Floats) -> Floats:
        """Return how much more often each candidate's pairs of cells occur than among people."""
        seen = pair_shares(self.cells.codes(released), self.cells, self.shares)
        gain = np.log(seen / self.shares).astype(np.float32)
        told = np.zeros((len(self.codes), self.cells.count), dtype=np.float32)
        told[np.arange(len(told))[:, None], self.codes] = 1
        return np.asarray(((told @ gain) * told).sum(axis=1), dtype=np.float64)


def _joined(known: Floats, others: Floats, widths: tuple[float, ...]) -> Floats:
    """Return the log density of everybody else at each candidate."""
    among = log_densities(known, known, widths, same=True) + np.log(max(1, len(known) - 1))
    if not len(others):
        return np.asarray(among - np.log(max(1, len(known) - 1)))
    beside = log_densities(known, others, widths) + np.log(len(others))
    return np.asarray(np.logaddexp(among, beside) - np.log(len(known) + len(others) - 1))
