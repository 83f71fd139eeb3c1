"""What a private release learns of a table: margins and covariances, from a few noisy sums.

The table of products of all items is long (its length is the square of a person's), so that
noise drowns it. Instead, what is public about a questionnaire is used: which items make a scale.
In turn, each with its part of the budget (:class:`Shares`), are measured

1. how many people are in each cell of each variable, and who left out a whole scale;
2. the mean of the standardised scale scores ``z``, which corrects the margins;
3. the products of ``z`` with ``z``: strengths of scales and correlations between them;
4. items' deviations from their scale times ``z``: loadings, cross-loadings included;
5. products of items' deviations: factors that the public scales do not know;
6. the other variables times ``z`` (one indicator a nominal category, which also orders them);
7. the other variables times each other.

Each step may use what the earlier ones gave out (adaptive composition). Neighbour: one person
more or less; how many there are is not public, and is read off the noisy counts.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from mindveil.dp.accounting import Budget, statement
from mindveil.dp.noise import Noise
from mindveil.errors import InputError
from mindveil.release import Guarantee
from mindveil.synthesise.codebook import Codebook, Codes, Variable
from mindveil.synthesise.dp_margins import denoised_margins, missing_shares, noisy_people
from mindveil.synthesise.dp_outside import Outside, measure_outside
from mindveil.synthesise.dp_scales import Lengths, Scales, Standing, measured_scales, recentred
from mindveil.synthesise.dp_sums import noisy_counts
from mindveil.synthesise.latent import (
    Array,
    Latent,
    all_series,
    curve_correlation,
    gap_series,
    nearest_correlation,
)

_WIDE = 16
"""Items a scale above which it is likely to be several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Parts of the budget; they add up to 1. The part of what is not there goes to the rest."""

    counts: float = 0.26
    mean: float = 0.07
    between: float = 0.14
    loadings: float = 0.28
    within: float = 0.08
    outside: float = 0.12
    among: float = 0.05

    def for_table(self, scales: int, items: int, outside: int) -> Shares:
        """Return the parts for a table with so many scales, their items, and other variables.

        A scale of very many items is a whole questionnaire whose subscales are not known: more
        is spent on finding factors within it.
        """
        held = self
        if items > _WIDE * max(scales, 1):
            both = held.loadings + held.within
            held = replace(held, loadings=0.4 * both, within=0.6 * both)
        if not scales:
            held = replace(held, mean=0.0, between=0.0, loadings=0.0, within=0.0, outside=0.0)
        if not outside:
            held = replace(held, outside=0.0)
        if outside < 2:
            held = replace(held, among=0.0)
        parts = {f.name: float(getattr(held, f.name)) for f in fields(held)}
        total = sum(parts.values())
        return Shares(**{name: part / total for name, part in parts.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class DpMoments:
    """Everything that was measured, as one joint distribution; made of noisy sums alone."""

    latent: Latent
    people: int
    guarantee: Guarantee

    @property
    def codebook(self) -> Codebook:
        """The variables as the public may know them."""
        return self.latent.codebook

    def loadings(self, factors: int) -> Array:
        """Return loadings of the variables' curves on principal factors, (variables, factors).

        A curve's uniqueness is 1 less its row's sum of squares.
        """
        size = len(self.codebook.variables)
        matrix = self.latent.correlation[:size, :size].copy()
        found = np.zeros((size, 0))
        for _ in range(20):
            values, vectors = np.linalg.eigh(matrix)
            kept = np.maximum(values[::-1][:factors], 0.0)
            found = vectors[:, ::-1][:, :factors] * np.sqrt(kept)
            np.fill_diagonal(matrix, np.minimum((found**2).sum(axis=1), 0.99))
        return np.asarray(found)


def measure(
    codes: Codes,
    codebook: Codebook,
    budget: Budget,
    noise: Noise,
    settings: tuple[Shares, Lengths] | None = None,
) -> DpMoments:
    """Return the moments of a coded table, measured once, for all of the budget.

    Raises:
        InputError: codes that do not fit the codebook, or a codebook that is not public.
    """
    table = codebook.checked(codes)
    _refuse_found(codebook)
    blocks = codebook.blocks
    outside = len(codebook.variables) - sum(map(len, blocks.values()))
    wanted, lengths = settings or (Shares(), Lengths())
    shares = wanted.for_table(len(blocks), len(codebook.variables) - outside, outside)
    rho = budget.rho
    held = _counted(table, codebook, shares.counts * rho, noise)
    scales = None
    if blocks:
        held = recentred(held, shares.mean * rho, lengths, noise)
        parts = (shares.between * rho, shares.loadings * rho, shares.within * rho)
        scales = measured_scales(held, parts, lengths, noise)
    parts_outside = (shares.outside * rho, shares.among * rho)
    beside = measure_outside(held, scales, parts_outside, lengths, noise)
    return DpMoments(
        latent=_joined(held, scales, beside),
        people=max(round(held.people), 1),
        guarantee=statement(budget, _mechanisms(shares), noise.proved),
    )


def _refuse_found(codebook: Codebook) -> None:
    found = [v.name for v in codebook.variables if v.found]
    if found:
        raise InputError(
            f"levels or bounds of {found[0]} ({len(found)} columns in all) were read off the data, "
            "which is not private; declare levels, or low and high, in participants.json"
        )


def _counted(codes: Codes, codebook: Codebook, rho: float, noise: Noise) -> Standing:
    """Count cells, and who left out whole scales; the rest is arithmetic on the noisy counts."""
    blocks = codebook.blocks
    gone = [(codes[:, list(members)] < 0).all(axis=1) for members in blocks.values()]
    flags = np.array(gone, dtype=np.int16).reshape(len(blocks), len(codes)).T
    variables = (
        *codebook.variables,
        *(Variable(name=f"{b} left out", kind="nominal", levels=("no", "yes")) for b in blocks),
    )
    counts = noisy_counts(
        np.hstack([codes, flags]).astype(np.int16), Codebook(variables=variables), rho, noise
    )
    size = len(codebook.variables)
    people = noisy_people(counts)
    missing = missing_shares(counts[:size], codebook, people)
    left_out = np.array([c.values[1] / people for c in counts[size:]])
    doubt = 3.0 * counts[0].noise / people
    scale_gone = np.where(left_out > doubt, np.clip(left_out, 0.0, 0.9), 0.0)
    item_gone = missing.copy()
    for share, members in zip(scale_gone, blocks.values(), strict=True):
        block = list(members)
        item_gone[block] = np.clip(1.0 - (1.0 - missing[block]) / (1.0 - share), 0.0, 0.9)
    return Standing(
        codes=codes,
        codebook=codebook,
        people=people,
        margins=denoised_margins(counts[:size], codebook, people),
        scale_gone=scale_gone,
        item_gone=item_gone,
        margin_noise=counts[0].noise / people,
    )


def _joined(held: Standing, scales: Scales | None, beside: Outside) -> Latent:
    """Put all covariances of scores into one matrix and turn it into one of curves."""
    size, items = len(held.codebook.variables), held.items
    lonely = [(int(i),) for i in items if held.item_gone[i] > 0.0]
    gaps = (*beside.gaps, *lonely)
    shares = np.concatenate([beside.gap_shares, [held.item_gone[i] for (i,) in lonely]])
    places = [*beside.variables, *range(size, size + len(beside.gaps))]
    covariance = np.eye(size + len(gaps))
    covariance[np.ix_(places, places)] = beside.among
    if scales is not None:
        covariance[np.ix_(items, items)] = scales.factors.covariance()
        across = scales.factors.beside(beside.with_scales)
        covariance[np.ix_(places, items)] = across
        covariance[np.ix_(items, places)] = across.T
    orders = [np.arange(len(m)) for m in held.margins]
    for index, order in zip(beside.variables, beside.orders, strict=True):
        orders[index] = order
    flags = gap_series(shares) / np.sqrt(shares * (1.0 - shares))[:, None]
    coefficients = np.vstack([all_series(held.codebook, held.margins, orders), flags])
    return Latent(
        codebook=held.codebook,
        margins=held.margins,
        orders=tuple(orders),
        gaps=gaps,
        gap_shares=shares,
        correlation=nearest_correlation(curve_correlation(coefficients, covariance)),
    )


def _mechanisms(shares: Shares) -> tuple[str, ...]:
    """Name what was run, in order, with its part of the budget."""
    words = {
        "counts": "counts of the cells of all variables",
        "mean": "mean scale scores",
        "between": "products of scale scores",
        "loadings": "items times scale scores",
        "within": "products of items within scales",
        "outside": "other variables times scale scores",
        "among": "products of other variables",
    }
    return tuple(
        f"{words[f.name]}: discrete Gaussian, {getattr(shares, f.name):.0%} of rho"
        for f in fields(shares)
        if getattr(shares, f.name) > 0.0
    )
