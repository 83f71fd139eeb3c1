"""Synthetic people from noisy moments: a copula with a promise to everybody in the table."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mindveil.corpus.model import MODALITIES, Corpus, Modality
from mindveil.dp.accounting import Budget, check_delta
from mindveil.dp.noise import Noise, seeded
from mindveil.release import Guarantee
from mindveil.store.cache import Json
from mindveil.synthesise.base import Tensors
from mindveil.synthesise.codebook import Codebook, Codes
from mindveil.synthesise.copula import latent_facts, latent_tensors, restored_latent
from mindveil.synthesise.dp_moments import measure
from mindveil.synthesise.encoding_measures import readings_of
from mindveil.synthesise.encoding_payment import paid_encoding
from mindveil.synthesise.latent import Latent
from mindveil.synthesise.people import PeopleModel


@dataclass(frozen=True, slots=True, kw_only=True)
class DpCopula:
    """Synthetic people from noisy moments of scales and their items, with a promise to everybody.

    All of ``epsilon`` and ``delta`` is spent on Gaussian noise: on levels and bounds that are
    not declared, on counts of answers and on products of scale scores. Whatever an attacker
    knows, his advantage in telling who was in the table is bounded; ``guarantee`` says by how
    much. At epsilon 1 and 2,500 people, scales keep their alpha, their correlations and what
    they predict; with 200 people choose epsilon 3. With ``measures``, what is measured of
    words, voices and faces is drawn as well, and takes its share of the noise.

    Source: Dwork & Roth 2014 (differential privacy); Balle & Wang 2018 (the Gaussian mechanism);
    Li, Xiong & Jiang 2014 (private copulas).

    Limits: The promise is about each person, not about what is true of a group. With few people the
    noise drowns what is rare, and small groups may be told wrongly; look at the figures by group.
    """

    name: ClassVar[str] = "synthesise/dp-copula"
    changes: ClassVar[AbstractSet[Modality]] = frozenset(MODALITIES)
    alone: ClassVar[bool] = False

    epsilon: float = 3.0
    delta: float = 1e-5
    measures: bool = False

    @property
    def budget(self) -> Budget:
        """What one release spends."""
        return Budget(epsilon=self.epsilon, delta=self.delta, accountant="gaussian")

    def fit(self, corpus: Corpus, rng: np.random.Generator, noise: Noise) -> PeopleModel:
        """Return a generator of people like these; all that is random in it is the noise.

        Raises:
            InputError: there is nothing to code.
            RefusedError: delta is too large for so few people.
        """
        del rng
        readings = readings_of(corpus, private=True) if self.measures else ()
        paid = paid_encoding(corpus, self.budget, noise, readings)
        model = fit_dp_copula(paid.codes, paid.encoding.codebook, paid.rest, noise)
        check_delta(self.delta, model.people)
        told = replace(model, guarantee=paid.covering(model.guarantee))
        return PeopleModel(encoding=paid.encoding, model=told)

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return as many synthetic people; noise is seeded: for attackers' copies and tests."""
        return self.fit(corpus, rng, seeded(rng)).sample(None, rng)


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
    """Return a private copula of a coded table; the budget pays for everything looked at.

    Raises:
        InputError: codes that do not fit the codebook, or a codebook that is not public.
    """
    moments = measure(codes, codebook, budget, noise)
    return DpCopulaModel(latent=moments.latent, people=moments.people, guarantee=moments.guarantee)
