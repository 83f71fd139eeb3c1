"""Synthetic people from a plain ordinal Gaussian copula: faithful, and not anonymous.

One-way frequencies and all pairwise covariances of the released people are kept to the third
decimal; everything else is a bell curve. Nothing bounds what one person adds: a tracing attacker
who holds the drawn table, or the correlation matrix, can tell members from others. It is the
mark that private generators are held against.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import MODALITIES, Corpus, Modality
from mindveil.dp.noise import Noise, seeded
from mindveil.errors import InputError
from mindveil.release import Guarantee
from mindveil.store.cache import Json
from mindveil.synthesise.base import Tensors
from mindveil.synthesise.codebook import Codebook, Codes, counts_of
from mindveil.synthesise.copula_measures import measured_correlation, measures_in
from mindveil.synthesise.encoding import Encoding
from mindveil.synthesise.encoding_absence import filled
from mindveil.synthesise.encoding_measures import readings_of
from mindveil.synthesise.latent import (
    Array,
    Latent,
    all_series,
    curve_correlation,
    gap_patterns,
    gap_series,
    item_scores,
    nearest_correlation,
    score_table,
    smoothed,
)
from mindveil.synthesise.people import PeopleModel

FEWEST = 10
"""With fewer people there is no distribution to speak of."""

_RARE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Copula:
    """Synthetic people with the margins and correlations of the released ones; no promise.

    With ``measures``, what is measured of words, voices and faces is drawn as well.

    Source: Nelsen 2006, "An introduction to copulas"; Patki, Wedge & Veeramachaneni 2016 (synthetic
    data by Gaussian copulas).

    Limits: Nothing is promised to anybody: only attacks can tell what it gives away. Relations of
    more than two variables, and rare combinations, are lost.
    """

    name: ClassVar[str] = "synthesise/copula"
    changes: ClassVar[AbstractSet[Modality]] = frozenset(MODALITIES)
    alone: ClassVar[bool] = False

    measures: bool = True

    def fit(self, corpus: Corpus, rng: np.random.Generator, noise: Noise) -> PeopleModel:
        """Return a generator of people like these; no noise is drawn.

        Raises:
            InputError: there is nothing to code, or fewer than 10 people.
        """
        del noise
        readings = readings_of(corpus) if self.measures else ()
        encoding = Encoding.of(corpus, readings=readings)
        codes = filled(encoding, encoding.encode(corpus, readings), rng)
        implied = encoding.implied(codes) if readings else None
        model = fit_copula(codes, encoding.codebook, rng, implied)
        return PeopleModel(encoding=encoding, model=model)

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return as many synthetic people."""
        return self.fit(corpus, rng, seeded(rng)).sample(None, rng)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopulaModel:
    """Cut bell curves with the correlations of the released people: a :class:`TableModel`."""

    kind: ClassVar[str] = "copula"

    latent: Latent
    people: int
    guarantee: Guarantee | None = None

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
    ) -> CopulaModel:
        """Return the model that was saved."""
        latent = restored_latent(codebook, tensors, facts)
        return cls(latent=latent, people=people, guarantee=guarantee)


def fit_copula(
    codes: Codes,
    codebook: Codebook,
    rng: np.random.Generator,
    implied: NDArray[np.bool_] | None = None,
) -> CopulaModel:
    """Return the copula of a coded table; draws nothing from ``rng``, two fits are the same.

    ``implied`` says which values are missing because others say so (nobody has a voice who was
    not recorded), shape (people, variables): those are left to whoever makes people of codes.

    Raises:
        InputError: fewer than 10 people, or codes that do not fit the codebook.
    """
    del rng
    table = codebook.checked(codes)
    if len(table) < FEWEST:
        raise InputError(f"a copula of {len(table)} people; at least {FEWEST} are needed")
    counts = [count.astype(np.float64) for count in counts_of(table, codebook)]
    margins = tuple(smoothed(count[:-1]) for count in counts)
    axis = _category_axis(table, codebook, counts)
    orders = tuple(
        np.arange(v.cells) if v.ordered else np.argsort(place, kind="stable")
        for v, place in zip(codebook.variables, axis, strict=True)
    )
    missing = table < 0 if implied is None else (table < 0) & ~implied
    gaps = gap_patterns(missing)
    flags = np.array([missing[:, members[0]] for members in gaps]).reshape(-1, len(table)).T
    shares = (flags.sum(axis=0) + 0.25) / (len(table) + 0.5)
    scores = [
        item_scores(v, margin, order)
        for v, margin, order in zip(codebook.variables, margins, orders, strict=True)
    ]
    both = np.hstack([score_table(table, scores), flags.astype(np.float64)])
    coefficients = np.vstack([all_series(codebook, margins, orders), gap_series(shares)])
    covariance = pairwise_covariance(both)
    if measures_in(codebook).any():
        together = _together(table >= 0, flags)
        spreads = np.array([_spread(margin) for margin in margins])
        correlation = measured_correlation(coefficients, covariance, together, codebook, spreads)
    else:
        correlation = nearest_correlation(curve_correlation(coefficients, covariance))
    latent = Latent(
        codebook=codebook,
        margins=margins,
        orders=orders,
        gaps=gaps,
        gap_shares=shares,
        correlation=correlation,
    )
    return CopulaModel(latent=latent, people=len(table))


def pairwise_covariance(table: Array) -> Array:
    """Return the covariance of each two columns over the people who have both; 0 if nobody has.

    >>> pairwise_covariance(np.array([[0.0, 1.0], [2.0, 3.0], [5.0, np.nan]]))[0, 1].item()
    1.0
    """
    there = np.isfinite(table)
    held, present = np.where(there, table, 0.0), there.astype(np.float64)
    people = np.maximum(present.T @ present, 1.0)
    means = held.T @ present / people
    return np.asarray(held.T @ held / people - means * means.T, dtype=np.float64)


def _together(present: NDArray[np.bool_], gaps: NDArray[np.bool_]) -> Array:
    """Return how many people have both of two variables; a gap counts as those who are in it."""
    there = present.astype(np.float64)
    have, within = there.sum(axis=0), gaps.sum(axis=0).astype(np.float64)
    beside = np.minimum.outer(have, within)
    counts = [[there.T @ there, beside], [beside.T, np.minimum.outer(within, within)]]
    return np.asarray(np.block(counts), dtype=np.float64)


def _spread(margin: Array) -> float:
    cells = np.arange(len(margin))
    return float(np.sqrt(margin @ (cells - margin @ cells) ** 2))


def latent_tensors(latent: Latent) -> Tensors:
    """Return the numbers of a latent distribution by name."""
    return {
        "margins": np.concatenate([*latent.margins, np.zeros(0)]),
        "orders": np.concatenate([*latent.orders, np.zeros(0, np.int64)]).astype(np.int64),
        "gap_shares": latent.gap_shares,
        "correlation": latent.correlation,
    }


def latent_facts(latent: Latent) -> dict[str, Json]:
    """Return what of a latent distribution is not a tensor."""
    return {"gaps": [list(members) for members in latent.gaps]}


def restored_latent(codebook: Codebook, tensors: Tensors, facts: Mapping[str, Json]) -> Latent:
    """Return the latent distribution that was saved.

    Raises:
        InputError: what was saved does not fit the codebook.
    """
    ends = np.cumsum([v.cells for v in codebook.variables])
    gaps: list[tuple[int, ...]] = []
    listed = facts["gaps"]
    if isinstance(listed, list):
        gaps = [tuple(int(str(i)) for i in g) for g in listed if isinstance(g, list)]
    margins, orders = tensors["margins"], tensors["orders"]
    correlation = np.asarray(tensors["correlation"], dtype=np.float64)
    curves = len(codebook.variables) + len(gaps)
    fits = len(margins) == len(orders) == ends[-1] and correlation.shape == (curves, curves)
    if not fits or len(tensors["gap_shares"]) != len(gaps):
        raise InputError("a saved copula does not fit its codebook; save the model again")
    return Latent(
        codebook=codebook,
        margins=tuple(np.asarray(m, dtype=np.float64) for m in np.split(margins, ends[:-1])),
        orders=tuple(np.asarray(o, dtype=np.int64) for o in np.split(orders, ends[:-1])),
        gaps=tuple(gaps),
        gap_shares=np.asarray(tensors["gap_shares"], dtype=np.float64),
        correlation=correlation,
    )


def _category_axis(codes: Codes, codebook: Codebook, counts: list[Array]) -> list[Array]:
    """Return the place of every cell on the first axis of multiple correspondence analysis.

    Cells of few people are drawn towards the middle. Missing values are left out of the table.
    """
    if all(variable.ordered for variable in codebook.variables):
        return [np.arange(v.cells, dtype=np.float64) for v in codebook.variables]
    if (measures := measures_in(codebook)).any():
        # Their many cells say little of which groups are alike.
        kept = np.flatnonzero(~measures).tolist()
        plain = Codebook(variables=tuple(codebook.variables[n] for n in kept))
        axes = _category_axis(codes[:, kept], plain, [counts[n] for n in kept])
        found = dict(zip(kept, axes, strict=True))
        return [
            found.get(n, np.arange(v.cells, dtype=np.float64))
            for n, v in enumerate(codebook.variables)
        ]
    starts = np.cumsum([0, *(v.cells for v in codebook.variables)])
    indicator = np.zeros((len(codes), starts[-1]))
    rows, columns = np.nonzero(codes >= 0)
    indicator[rows, starts[columns] + codes[rows, columns]] = 1.0
    held = np.concatenate([count[:-1] for count in counts])
    weight = 1.0 / np.sqrt(np.maximum(held, 1.0))
    answered = np.maximum(indicator.sum(axis=1), 1.0)
    burt = (indicator / answered[:, None]).T @ indicator * np.outer(weight, weight)
    trivial = np.sqrt(held / max(held.sum(), 1.0))
    burt -= burt.trace() * np.outer(trivial, trivial)
    axis = np.linalg.eigh((burt + burt.T) / 2.0)[1][:, -1] * weight
    axis *= held / (held + _RARE)
    return [np.asarray(axis[a:b]) for a, b in pairwise(starts)]
