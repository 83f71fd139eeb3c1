"""``synthetic/stolen-model``: "they took the generator, not one table of it"."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.attack.base import Attacker, Guesses, Holding, Knowledge, Membership
from mindveil.attack.stolen_generator import generator_of
from mindveil.attack.table_membership import CELLS, WIDE, Population
from mindveil.attack.table_moments import moments_of
from mindveil.attack.table_space import rows_of
from mindveil.attack.tracing import CANDIDATES, REFERENCE, Trail
from mindveil.corpus.model import Modality
from mindveil.errors import InputError
from mindveil.release import DataRelease

_FEWEST = 100
_DENSE = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StolenModel:
    """Draw as many synthetic people as it takes, and trace members in them without the luck.

    A table of as many records as there were people hides much behind the luck of the draw. Who
    holds the generator draws ``records`` of them, and sees the moments that were learned almost
    as they are stored. The questions are those of ``synthetic/tracing``, then pairs of cells and
    wide kernels as in ``synthetic/membership``.

    Source: Homer et al. 2008 and Sankararaman et al. 2009 (tracing), with the luck of the draw
    taken away by ourselves.

    Limits: It asks the generator for people and does not read its weights. It needs somebody who
    has the generator, which a release of a table alone does not hand out.
    """

    name: ClassVar[str] = "synthetic/stolen-model"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"scales"})
    modality: ClassVar[str] = "scales"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("ignorant",)

    records: int = 20_000

    def __post_init__(self) -> None:
        if self.records < _FEWEST:
            raise InputError(
                f"synthetic/stolen-model records = {self.records}: draw {_FEWEST} or more"
            )

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return how far the generator leans towards each known person, then its density there.

        Raises:
            InvalidMeasurement: the release has no model that could be stolen.
        """
        drawn = generator_of(release).sample(self.records, rng)
        space, (known, reference, made) = rows_of(knowledge.known, knowledge.reference, drawn)
        moments = moments_of(space, np.concatenate([known, reference]), rng)
        trail = Trail.of(moments, known, reference)
        mean = moments.mean(made)
        among, doubt = trail.lean(mean)
        asked = {CANDIDATES: among, REFERENCE: trail.lean_beyond(mean, doubt)}
        people = Population.of(space, known, reference)
        asked[CELLS] = people.cell_ratios(made)
        # Kernels are wide: what a few thousand records do not show of a density, more do not.
        _, asked[WIDE] = people.kernel_ratios(made[:_DENSE])
        return tuple(
            Membership(people=knowledge.known.ids, scores=scores, setting=setting)
            for setting, scores in asked.items()
        )
