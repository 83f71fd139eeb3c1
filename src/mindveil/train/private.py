"""``train/dp``: a detector that keeps a promise to everybody who taught it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal, cast

import numpy as np

from mindveil.corpus.model import Corpus, Stream
from mindveil.dp.accounting import Budget
from mindveil.dp.composition import Cost
from mindveil.dp.noise import Noise
from mindveil.errors import InputError
from mindveil.train.base import Recipe
from mindveil.train.central import CentralTraining, Method
from mindveil.train.detector import Detector
from mindveil.train.reader import Inputs, Reader

if TYPE_CHECKING:
    from mindveil.train.outlook import Candidate, Outlook

PrivateMethod = Literal[
    "auto", "adassp", "noisy-gradient", "output", "objective", "sampled-gradient"
]

_AUTO: tuple[PrivateMethod, ...] = ("adassp", "noisy-gradient", "output", "objective")
"""What the outlook chooses between: heads for few people."""

_SURE = 0.4
"""Log-odds of a probability of .6: nearer to one half nothing is decided. It is public."""

_IN_RHO = frozenset({"adassp", "noisy-gradient", "output-perturbation"})
"""Recipes that are Gaussian noise on bounded sums, or on a head of bounded sensitivity."""

_COLUMNS = 12
"""Columns that "auto" supposes: about those of the contrasts; it may not look at the corpus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateTraining:
    """A detector for one cut-off, with a promise to each person who taught it.

    People are read by public rules (``inputs``), so that all of ``epsilon`` and ``delta`` is spent
    on the head: a few numbers, learnt through noise. ``method`` "auto" takes the recipe for which
    an outlook from public numbers alone expects the least loss; ``people`` is about how many
    there are, as anybody may know. With ``hidden`` units (``sampled-gradient`` only) the head is a
    small network. It is silent about people whose probability lies between .4 and .6.

    Sources: Wang 2018 (AdaSSP); Song, Chaudhuri & Sarwate 2013, Abadi et al. 2016 (noisy
    gradients); Chaudhuri, Monteleoni & Sarwate 2011, Kifer, Smith & Thakurta 2012 (output and
    objective perturbation).
    """

    name: ClassVar[str] = "train/dp"

    target: str
    modality: Stream = "fused"
    method: PrivateMethod = "auto"
    inputs: Inputs = "contrasts"
    epsilon: float = 3.0
    delta: float = 1e-5
    people: int = 300
    hidden: int = 0
    small_cohort: bool = False

    def __post_init__(self) -> None:
        _ = self.budget
        if self.hidden and self.method != "sampled-gradient":
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
        whole = Cost.of(self.budget)
        in_rho = self.recipe().name in _IN_RHO
        return whole if in_rho else Cost(epsilon=self.epsilon, delta=self.delta)

    def recipe(self) -> Recipe:
        """Return how the head is learnt: where the outlook decides, from public numbers alone."""
        if self.method != "auto":
            return self.candidate(self.method)
        best = _best(self)
        return next(c for c in map(self.candidate, _AUTO) if c.name == best)

    def outlook(self, columns: int) -> Outlook:
        """Return what to expect at this budget, before anything is looked at."""
        from mindveil.train.outlook import outlook  # noqa: PLC0415 - loaded when it is asked for

        asked = _AUTO if self.method == "auto" else (self.method,)
        return outlook(self.people, columns, self.budget, list(map(self.candidate, asked)))

    def candidate(self, method: PrivateMethod) -> Candidate:
        """Return the recipe of one method at this budget."""
        # Loaded when something is trained: a corpus can be looked at without them.
        from mindveil.train.adassp import AdaSSP  # noqa: PLC0415
        from mindveil.train.noisy_gradient import NoisyGradient  # noqa: PLC0415
        from mindveil.train.objective_perturbation import ObjectivePerturbation  # noqa: PLC0415
        from mindveil.train.output_perturbation import OutputPerturbation  # noqa: PLC0415

        if method == "sampled-gradient":
            return self._sampled()
        budget, small = self.budget, self.small_cohort
        made: dict[PrivateMethod, Candidate] = {
            "adassp": AdaSSP(budget=budget, small_cohort=small),
            "noisy-gradient": NoisyGradient(budget=budget, small_cohort=small),
            "output": OutputPerturbation(budget=budget, small_cohort=small),
            "objective": ObjectivePerturbation(budget=budget, small_cohort=small),
        }
        return made[method]

    def _sampled(self) -> Candidate:
        from mindveil.train.sampled_gradient import SampledGradient  # noqa: PLC0415 - as above

        return SampledGradient(
            budget=self.budget,
            hidden=self.hidden,
            people=self.people,
            small_cohort=self.small_cohort,
        )

    def undefended(self) -> CentralTraining:
        """Return the step that learns the same kind of head from the same rows without noise."""
        twin = self.candidate("adassp" if self.method == "auto" else self.method).twin()
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
        return Detector(reader=reader, head=taught.head, guarantee=taught.guarantee, least=_SURE)


@cache
def _best(training: PrivateTraining) -> str:
    """Return which recipe the outlook expects the least loss of."""
    return training.outlook(_COLUMNS).best
