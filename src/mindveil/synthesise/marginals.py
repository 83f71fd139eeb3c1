"""Private margins: count small tables with noise, then draw people who fit them all.

Select, measure, generate; each step pays its part of the budget.

1. Everybody is counted in the histogram of each stand-alone variable and of the score of each
   public scale (the sum of its items), and once in the products of each two scores.
2. Stand-alone variables are joined to scores and to each other by a tree of pairs, each chosen by
   the exponential mechanism for how far it is from independence (McKenna, Miklau & Sheldon 2021,
   "Winning the NIST contest"; PrivBayes, Zhang et al. 2017, chooses parents alike).
3. The chosen pairs are counted, and each item within groups of the score of its scale: which item
   belongs to which scale is public, so that no choice has to be paid for.

Scores are drawn first, then the tree from them to its leaves, then answers given the score (see
``score_parts``). Without ``scores`` items are stand-alone variables, which is the published
method: a tree over items loses much of alpha, because two items far apart on it hardly agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import MODALITIES, Corpus, Modality
from mindveil.dp.accounting import Budget, Share, check_delta, statement
from mindveil.dp.noise import Noise, seeded
from mindveil.errors import InputError
from mindveil.synthesise.codebook import Codebook, Codes
from mindveil.synthesise.encoding_measures import readings_of
from mindveil.synthesise.encoding_payment import paid_encoding
from mindveil.synthesise.marginal_tables import (
    Column,
    Trunk,
    dependence,
    histogram,
    layout_of,
    noisy,
    pair,
    score,
    variable,
)
from mindveil.synthesise.marginal_tree import grown, merged, on_simplex
from mindveil.synthesise.marginals_model import MarginalsModel
from mindveil.synthesise.people import PeopleModel
from mindveil.synthesise.score_latent import latent_scores
from mindveil.synthesise.score_parts import Parts, added, calibrated
from mindveil.synthesise.tree_selection import rounds_of, scale_of, spanning_tree

__all__ = ["DpMarginals", "MarginalsModel", "fit_marginals"]

Floats = NDArray[np.float64]
Step = str

_SPENT: Mapping[Step, float] = {
    "histograms": 0.10,
    "scores": 0.16,
    "products": 0.18,
    "selection": 0.05,
    "pairs": 0.15,
    "items": 0.36,
}
"""What part of the budget each step may spend; together 1."""

_SPENT_WITHOUT_SCORES: Mapping[Step, float] = {"histograms": 0.30, "selection": 0.25, "pairs": 0.45}

_WORDS = {
    "histograms": "histograms of variables: Gaussian",
    "scores": "histograms of scores: Gaussian",
    "products": "products of scores: Gaussian",
    "selection": "choice of pairs: exponential mechanism",
    "pairs": "tables of chosen pairs: Gaussian",
    "items": "items by score: Gaussian",
}

_MOST_GROUPS = 12
_SURE = 3.0
"""Standard deviations of noise below which nobody is taken to be missing."""

_FEWEST_IN_GROUP = 4.0
"""People in a group, in standard deviations of the noise on a cell of a pair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DpMarginals:
    """Synthetic people from noisy tables of one and two variables.

    Nothing but small counts is measured, so this is the floor that a cleverer private
    synthesiser has to beat, and a check of it by other means. With ``measures``, what is
    measured of words, voices and faces is drawn as well.

    Source: Barak et al. 2007 and McKenna, Miklau & Sheldon 2021 (private tables of counts).

    Limits: It keeps small tables of counts and loses the rest; scales hang together less than in
    the original. With few people noise drowns what is rare.
    """

    name: ClassVar[str] = "synthesise/dp-marginals"
    changes: ClassVar[AbstractSet[Modality]] = frozenset(MODALITIES)
    alone: ClassVar[bool] = False

    epsilon: float = 3.0
    delta: float = 1e-5
    measures: bool = False

    @property
    def budget(self) -> Budget:
        """What one release spends."""
        return Budget(epsilon=self.epsilon, delta=self.delta)

    def fit(self, corpus: Corpus, rng: np.random.Generator, noise: Noise) -> PeopleModel:
        """Return a generator of people like these.

        Raises:
            InputError: the corpus has nothing that can be coded.
            RefusedError: delta is too large for so few people.
        """
        del rng
        readings = readings_of(corpus, private=True) if self.measures else ()
        paid = paid_encoding(corpus, self.budget, noise, readings)
        model = fit_marginals(paid.codes, paid.encoding.codebook, paid.rest, noise)
        # A part of delta may have gone to the codebook: it is the whole that is promised.
        check_delta(self.delta, model.people)
        told = replace(model, guarantee=paid.covering(model.guarantee))
        return PeopleModel(encoding=paid.encoding, model=told)

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return as many synthetic people; noise is seeded: for attackers' copies and tests."""
        return self.fit(corpus, rng, seeded(rng)).sample(None, rng)


def fit_marginals(
    codes: Codes, codebook: Codebook, budget: Budget, noise: Noise, *, scores: bool = True
) -> MarginalsModel:
    """Return the noisy tables of a coded table; all that is random in them is the noise.

    Raises:
        InputError: codes that do not fit the codebook, or a codebook that is not public.
        RefusedError: delta is too large for so few people.
    """
    table = codebook.checked(codes)
    refuse_found(codebook)
    layout = layout_of(codebook, scores=scores)
    spent = _SPENT if layout.blocks else _SPENT_WITHOUT_SCORES
    shares = {step: budget.share(part) for step, part in spent.items()}
    sums = [score(table, codebook, members) for members in layout.blocks]
    columns = [*sums, *(variable(table, codebook, i) for i in layout.alone)]
    counts, people = _histograms(columns, len(sums), shares, noise)
    least = _FEWEST_IN_GROUP * shares["pairs"].sigma(max(len(layout.alone), 1) ** 0.5)
    nodes = [
        merged(h, c.ordered, least, _MOST_GROUPS) for c, h in zip(columns, counts, strict=True)
    ]
    trunk = Trunk(
        columns=tuple(columns),
        nodes=tuple(nodes),
        margins=tuple(node.margin(h) for node, h in zip(nodes, counts, strict=True)),
        given=len(sums),
        people=people,
    )
    pairs = _pairs(trunk, shares, noise)
    blocks = [[variable(table, codebook, i) for i in members] for members in layout.blocks]
    whole = max(1, round(people))
    return MarginalsModel(
        codebook=codebook,
        people=whole,
        guarantee=statement(budget, [_WORDS[s] for s in spent], noise.proved, people=whole),
        scores=latent_scores(sums, counts, people, shares["products"], noise) if sums else None,
        tree=grown(trunk.nodes, trunk.margins, trunk.given, pairs),
        items=_items(trunk, blocks, shares["items"], noise) if blocks else (),
    )


def refuse_found(codebook: Codebook) -> None:
    """Refuse levels and bounds that were read off the data: they would be told without pay."""
    found = [v.name for v in codebook.variables if v.found]
    if found:
        raise InputError(
            f"levels or bounds of {', '.join(found[:5])} ({len(found)} columns) were read off the "
            "data, which is not private; declare levels, or low and high, in participants.json"
        )


def _histograms(
    columns: Sequence[Column], given: int, shares: Mapping[Step, Share], noise: Noise
) -> tuple[list[Floats], float]:
    """Return plausible histograms of scores and variables, and how many people there are."""
    seen: list[Floats] = []
    sigmas: list[float] = []
    for part, step in ((columns[:given], "scores"), (columns[given:], "histograms")):
        if part:
            seen += noisy([histogram(c) for c in part], shares[step], noise)
            sigmas += [shares[step].sigma(len(part) ** 0.5)] * len(part)
    # Each histogram holds everybody once; the noise of its total grows with its cells.
    weights = np.array([1.0 / (s * s * h.size) for s, h in zip(sigmas, seen, strict=True)])
    people = max(1.0, float(weights @ [h.sum() for h in seen] / weights.sum()))
    counts = []
    for column, found, sigma in zip(columns, seen, sigmas, strict=True):
        missing = column.may_miss and found[-1] > _SURE * sigma
        kept = on_simplex(found if missing else found[:-1], people)
        counts.append(kept if missing else np.append(kept, 0.0))
    return counts, people


def _pairs(
    trunk: Trunk, shares: Mapping[Step, Share], noise: Noise
) -> dict[tuple[int, int], Floats]:
    """Choose the edges of the tree and return their tables with noise."""
    rounds = rounds_of(len(trunk.columns), trunk.given)
    if not rounds:
        return {}
    scale = scale_of(shares["selection"].rho, rounds)
    edges = spanning_tree(dependence(trunk), trunk.given, scale, noise)
    nodes, coded = trunk.nodes, trunk.coded()
    tables = [pair(coded[a], nodes[a].groups, coded[b], nodes[b].groups) for a, b in edges]
    return dict(zip(edges, noisy(tables, shares["pairs"], noise), strict=True))


def _items(
    trunk: Trunk, blocks: Sequence[Sequence[Column]], share: Share, noise: Noise
) -> tuple[Parts, ...]:
    """Count each item within groups of the score of its scale, and make the answers add up."""
    coded = trunk.coded()[: trunk.given]
    tables = noisy(
        [
            pair(group, node.groups, item.codes, item.cells + 1)
            for group, node, block in zip(coded, trunk.nodes, blocks, strict=False)
            for item in block
        ],
        share,
        noise,
    )
    sigma = share.sigma(len(tables) ** 0.5)
    made = []
    for node, margin, block in zip(trunk.nodes, trunk.margins, blocks, strict=False):
        there = node.groups - 1
        values, wanted = [], []
        for item in block:
            table = tables.pop(0)[:there]
            sure = table[:, -1].sum() > _SURE * sigma * there**0.5
            cells = item.cells + int(item.may_miss and sure)
            due = np.maximum(margin[:there] * trunk.people, 1.0)
            rows = [on_simplex(row[:cells], n) for row, n in zip(table, due, strict=True)]
            wanted.append(np.stack(rows) / due[:, None])
            values.append(added(item.cells, cells))
        made.append(calibrated(values, wanted, node.within()[:there, :-1]))
    return tuple(made)
