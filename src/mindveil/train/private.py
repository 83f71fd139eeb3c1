"""``train/dp``: a detector that keeps a promise to everybody who taught it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np

from mindveil.corpus.model import Corpus, Stream
from mindveil.dp.accounting import Budget, check_delta
from mindveil.dp.composition import Cost
from mindveil.dp.noise import Noise
from mindveil.errors import InputError
from mindveil.train.base import Recipe
from mindveil.train.central import CentralTraining, Method
from mindveil.train.detector import Detector
from mindveil.train.private_methods import IN_RHO, Cohort, PrivateMethod, recipe_of
from mindveil.train.reader import Inputs, Reader

if TYPE_CHECKING:
    from mindveil.train.outlook import Candidate, Outlook

_AUTO: tuple[PrivateMethod, ...] = ("adassp", "noisy-gradient", "output", "objective")
"""What the outlook chooses between: heads for few people."""

_CHANCE = 0.5

_WORDS: Mapping[Inputs, int] = MappingProxyType(
    {"contrasts": 4, "anchors": 110, "components": 64, "projection": 64, "all": 494}
)
_BESIDE: Mapping[Stream, int] = MappingProxyType(
    {"text": 0, "scales": 12, "voice": 15, "face": 24, "fused": 12}
)
"""Columns that "auto" supposes, since it may not look at the corpus: of words, and beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateTraining:
    """A detector for one cut-off, with a promise to each person who taught it.

    People are read by public rules (``inputs``), so that all of ``epsilon`` and ``delta`` is spent
    on the head: a few numbers, learnt through noise. ``method`` "auto" takes the recipe for which
    an outlook from public numbers alone expects the least loss; ``people`` is about how many
    there are, as anybody may know. With ``search``, several methods share the budget with the
    choice between them. With ``hidden`` units (``sampled-gradient`` only) the head is a
    small network. It decides on people of whom it is as ``sure`` as that, by its own probability:
    a public limit, which costs nothing.

    Sources: Wang 2018 (AdaSSP); Song, Chaudhuri & Sarwate 2013, Abadi et al. 2016 (noisy
    gradients); Chaudhuri, Monteleoni & Sarwate 2011, Kifer, Smith & Thakurta 2012 (output and
    objective perturbation).

    Limits: The promise is about each person, and says nothing of what the detector tells of groups.
    With few people the noise makes it worse, more so for small groups: look at the figures by
    group.
    """

    name: ClassVar[str] = "train/dp"

    target: str
    modality: Stream = "fused"
    method: PrivateMethod = "auto"
    inputs: Inputs = "contrasts"
    epsilon: float = 3.0
    delta: float = 1e-5
    people: int = 300
    sure: float = 0.75
    hidden: int = 0
    search: tuple[PrivateMethod, ...] = ()
    small_cohort: bool = False

    def __post_init__(self) -> None:
        _ = self.budget
        if not _CHANCE <= self.sure < 1.0:
            raise InputError(
                f"train/dp sure = {self.sure:g}: give a probability from 0.5 on and below 1"
            )
        if len(self.search) == 1 or "auto" in self.search:
            raise InputError(
                f"train/dp search = {list(self.search)}: name two methods or more, not 'auto'"
            )
        if self.hidden and "sampled-gradient" not in (self.method, *self.search):
            raise InputError(
                f"train/dp hidden = {self.hidden}: only method 'sampled-gradient' trains hidden "
                "units; set it, or leave hidden out"
            )

    @property
    def budget(self) -> Budget:
        """What one detector spends."""
        return Budget(epsilon=self.epsilon, delta=self.delta, accountant="gaussian")

    @property
    def cost(self) -> Cost:
        """What the ledger is debited with before anything is drawn.

        Objective perturbation and training on random people have no cost in rho.
        """
        names = [c.name for c in map(self.candidate, self.search)] or [self.recipe().name]
        if IN_RHO.issuperset(names):
            return Cost.of(self.budget)
        return Cost(epsilon=self.epsilon, delta=self.delta)

    def recipe(self) -> Recipe:
        """Return how the head is learnt: where the outlook decides, from public numbers alone."""
        if self.search:
            return self._searched()
        if self.method != "auto":
            return self.candidate(self.method)
        best = _best(self)
        return next(c for c in map(self.candidate, _AUTO) if c.name == best)

    def outlook(self, columns: int) -> Outlook:
        """Return what to expect at this budget, before anything is looked at."""
        from mindveil.train.outlook import outlook  # noqa: PLC0415 - loaded when it is asked for

        # Of a search the chosen head is told: each candidate has but a part of the budget.
        asked = _AUTO if self.method == "auto" else (self.method,)
        recipes = [self._searched()] if self.search else list(map(self.candidate, asked))
        return outlook(self.people, columns, self.budget, recipes)

    def candidate(self, method: PrivateMethod) -> Candidate:
        """Return the recipe of one method at this budget."""
        return recipe_of(method, self.budget, self._cohort)

    @property
    def _cohort(self) -> Cohort:
        return Cohort(people=self.people, hidden=self.hidden, small=self.small_cohort)

    def _searched(self) -> Candidate:
        from mindveil.train.search import Search, parted  # noqa: PLC0415 - as in recipe_of

        in_rho = self._in_rho(self.search)
        if not (in_rho or self.small_cohort):
            # Each candidate has a part of delta, and refuses no more than that part.
            check_delta(self.delta, self.people)
        part = parted(self.budget, len(self.search), in_rho=in_rho)
        made = tuple(recipe_of(method, part, self._cohort) for method in self.search)
        return Search(candidates=made, budget=self.budget)

    def _in_rho(self, methods: tuple[PrivateMethod, ...]) -> bool:
        return all(self.candidate(method).name in IN_RHO for method in methods)

    def undefended(self) -> CentralTraining:
        """Return the step that learns the same kind of head from the same rows without noise."""
        leading = self.search[0] if self.search else self.method
        twin = self.candidate("adassp" if leading == "auto" else leading).twin()
        return CentralTraining(
            target=self.target,
            modality=self.modality,
            method=cast("Method", twin.name),
            inputs=self.inputs,
            hidden=self.hidden or 64,
        )

    def train(self, corpus: Corpus, noise: Noise, rng: np.random.Generator) -> Detector:
        """Return a detector that these people taught; what is declared decides what is read."""
        reader = Reader.of(corpus, self.target, self.modality, self.inputs)
        taught = self.recipe().fit(reader.lessons(corpus), noise, rng)
        least = math.log(self.sure / (1.0 - self.sure))
        return Detector(reader=reader, head=taught.head, guarantee=taught.guarantee, least=least)


@cache
def _best(training: PrivateTraining) -> str:
    """Return which recipe the outlook expects the least loss of."""
    words = _WORDS[training.inputs] if training.modality in {"text", "fused"} else 0
    return training.outlook(words + _BESIDE[training.modality]).best
