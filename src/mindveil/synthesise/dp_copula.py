"""Synthetic people from noisy moments: a copula with a promise to everybody in the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.dp.accounting import Budget
from mindveil.dp.noise import Noise
from mindveil.release import Guarantee
from mindveil.store.cache import Json
from mindveil.synthesise.base import Tensors
from mindveil.synthesise.codebook import Codebook, Codes
from mindveil.synthesise.copula import latent_facts, latent_tensors, restored_latent
from mindveil.synthesise.dp_moments import measure
from mindveil.synthesise.latent import Latent


@dataclass(frozen=True, slots=True, kw_only=True)
class DpCopulaModel:
    """Cut bell curves drawn from noisy moments alone: a :class:`TableModel`.

    ``people`` is a noisy count. Drawing costs no privacy, however many people are drawn.
    """

    kind: ClassVar[str] = "dp-copula"

    latent: Latent
    people: int
    guarantee: Guarantee | None

    @property
    def codebook(self) -> Codebook:
        """What the columns of a drawn table mean."""
        return self.latent.codebook

    def draw(self, people: int, rng: np.random.Generator) -> Codes:
        """Return a table of new people, shape (people, variables)."""
        return self.latent.draw(people, rng)

    def tensors(self) -> Tensors:
        """Return margins, orders of cells, shares of gaps and the correlation matrix."""
        return latent_tensors(self.latent)

    def facts(self) -> Mapping[str, Json]:
        """Return which variables are missing together."""
        return latent_facts(self.latent)

    @classmethod
    def restored(
        cls,
        codebook: Codebook,
        people: int,
        guarantee: Guarantee | None,
        tensors: Tensors,
        facts: Mapping[str, Json],
    ) -> DpCopulaModel:
        """Return the model that was saved."""
        latent = restored_latent(codebook, tensors, facts)
        return cls(latent=latent, people=people, guarantee=guarantee)


def fit_dp_copula(codes: Codes, codebook: Codebook, budget: Budget, noise: Noise) -> DpCopulaModel:
    """Return a private copula of a coded table; the budget pays for everything looked at."""
    moments = measure(codes, codebook, budget, noise)
    return DpCopulaModel(latent=moments.latent, people=moments.people, guarantee=moments.guarantee)
