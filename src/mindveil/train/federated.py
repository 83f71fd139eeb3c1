"""``train/federated``: a detector that several hospitals, or people, teach without giving rows away."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np

from mindveil.corpus.model import Corpus, Stream
from mindveil.dp.accounting import Budget
from mindveil.dp.composition import Cost
from mindveil.dp.conversion import epsilon_of_mu
from mindveil.dp.noise import Noise
from mindveil.errors import InputError
from mindveil.train.base import Lessons, Taught
from mindveil.train.client_steps import Local
from mindveil.train.detector import Detector
from mindveil.train.federated_recipe import Federated
from mindveil.train.federation_terms import Privacy, Unit
from mindveil.train.lessons_at_sites import SiteColumn, check_sure, detector_of
from mindveil.train.reader import Inputs, Reader
from mindveil.train.server_rules import Combine, Method, Rule
from mindveil.train.sites import Division, Split

Way = Literal["fedavg", "fedprox", "fedadam", "moments"]

_FEW_STEPS, _MANY_STEPS = 5, 20
_RATE, _BOUNDED_RATE = 2.0, 6.0
_CLIP, _CLIENT_CLIP = 0.25, 1.0
_PULL = 0.1
"""FedProx's pull back to what was sent, where the study says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedTraining:
    """A detector for one cut-off, taught by clients that keep their people's rows.

    ``site`` names the column of participants.tsv that says where each person was seen; without
    one, people are divided among ``clients`` by ``split`` to see what would be. ``method``
    "fedavg", "fedprox" and "fedadam" take ``rounds`` of ``local_steps`` each; "moments" asks
    every client once for the sums of a regression, and learns what one place would have learnt.

    Under ``secure`` the server sees sums of at least ``threshold`` clients (two thirds where it
    is 0) and no client's own update; masks are made and taken off in one process, which is a
    simulation of that protocol. ``combine`` "median" or "trimmed-mean" keeps a poisoned client
    from leading the whole, and must see every client's update. With ``epsilon`` above 0 each
    person (``unit`` "client": each whole client) is promised differential privacy: noise is drawn
    at the clients, enough as long as no more than ``colluding`` of them tell the server theirs.
    ``people`` is about how many there are in all, as anybody may know.

    What is 0 follows from the rest, as made-up people taught: ``local_steps`` 5, or 20 where
    ``combine`` looks at each update (after many steps honest clients agree, and a liar stands
    out); ``learning_rate`` 2, or 6 where each person's step is bounded; ``clip`` .25 a person, 1 a
    client; ``server_rate`` 1, or .1 for "fedadam".

    Sources: McMahan et al. 2017 (FedAvg); Li et al. 2020 (FedProx); Reddi et al. 2021 (FedAdam);
    Yin et al. 2018 (median, trimmed mean); Bonawitz et al. 2017 (secure aggregation); McMahan et
    al. 2018 (promises to whole clients); Wang 2018 (the regression of "moments").

    Limits: That rows stay at the sites is no promise: without ``epsilon`` what is sent may tell who
    taught, and masks protect against the server and not against the finished detector. Masks are a
    simulation here, and sites that lie together see more.
    """

    name: ClassVar[str] = "train/federated"

    target: str
    modality: Stream = "fused"
    inputs: Inputs = "contrasts"
    method: Way = "fedavg"
    hidden: int = 0
    clients: int = 5
    site: str = ""
    split: Split = "even"
    rounds: int = 30
    local_steps: int = 0
    batch: int = 0
    learning_rate: float = 0.0
    server_rate: float = 0.0
    participation: float = 1.0
    dropout: float = 0.0
    combine: Combine = "mean"
    trim: float = 0.2
    secure: bool = True
    threshold: int = 0
    epsilon: float = 0.0
    delta: float = 1e-5
    unit: Unit = "person"
    clip: float = 0.0
    colluding: int = 0
    people: int = 300
    sure: float = 0.75
    small_cohort: bool = False

    def __post_init__(self) -> None:
        check_sure(self.name, self.sure)
        if not 0.0 <= self.dropout < 1.0:
            raise InputError(
                f"train/federated dropout = {self.dropout:g}: give a probability below 1"
            )
        if self.epsilon < 0.0:
            raise InputError(
                f"train/federated epsilon = {self.epsilon:g}: give a budget above 0, or 0 for none"
            )
        if self.site and self.split != "even":
            raise InputError(
                f"train/federated site = {self.site!r} says who is where; leave split = "
                f"{self.split!r} out"
            )
        if self.hidden and self.method == "moments":
            raise InputError(
                f"train/federated hidden = {self.hidden}: the sums of a regression teach no hidden "
                "units; use method = 'fedavg', or leave hidden out"
            )
        if self.split != "people":
            self.recipe().terms(columns=1, clients=self.clients)

    @property
    def cost(self) -> Cost | None:
        """What the ledger is debited with before anything is drawn; none where nothing is."""
        if self.budget is None:
            return None
        if self.unit == "person":
            return Cost.of(self.budget)
        # The ledger counts persons: one of them may replace all that a client sends.
        rho = 4.0 * self.budget.rho
        epsilon = epsilon_of_mu(math.sqrt(2.0 * rho), self.delta)
        return Cost(epsilon=epsilon, delta=self.delta, rho=rho, accountant="gaussian")

    @property
    def budget(self) -> Budget | None:
        """What one detector spends; none where nothing is promised."""
        if not self.epsilon:
            return None
        return Budget(epsilon=self.epsilon, delta=self.delta, accountant="gaussian")

    def recipe(self) -> Federated:
        """Return how the head is learnt, and what it promises."""
        # A bounded step takes everybody along once, and the server's rate makes up for it.
        slow = self.method == "fedadam"
        step = 0.1 if slow else 1.0
        rule = Rule(
            method=_steps_of(self.method),
            rounds=self.rounds,
            rate=self.server_rate or step,
            participation=self.participation,
            combine=self.combine,
            trim=self.trim,
        )
        robust, bounded = self.combine != "mean", bool(self.epsilon) and self.unit == "person"
        local = Local(
            steps=self.local_steps or (_MANY_STEPS if robust else _FEW_STEPS),
            learning_rate=self.learning_rate or (_BOUNDED_RATE if bounded else _RATE),
            batch=self.batch,
            proximal=_PULL if self.method == "fedprox" else 0.0,
        )
        return Federated(
            division=Division(clients=self.clients, split=self.split),
            rule=rule,
            local=local,
            hidden=self.hidden,
            regression=self.method == "moments",
            secure=self.secure,
            threshold=self.threshold,
            privacy=self._privacy(),
            dropout=self.dropout,
        )

    def undefended(self) -> FederatedTraining:
        """Return the step whose server sees every client's update as it is."""
        return replace(self, secure=False, threshold=0, epsilon=0.0, combine="mean")

    def reader(self, corpus: Corpus) -> Reader:
        """Return how people are read; what the corpus declares decides."""
        return Reader.of(corpus, self.target, self.modality, self.inputs)

    def lessons(self, corpus: Corpus) -> Lessons:
        """Return what these people teach, and at which site each of them was seen.

        Raises:
            InputError: no such column, no declared sites, or somebody was seen at none of them.
        """
        reader = self.reader(corpus)
        if not self.site:
            return reader.lessons(corpus)
        column = SiteColumn(
            step=self.name, column=self.site, setting="clients", number=self.clients
        )
        return column.lessons(corpus, reader)

    def train(self, corpus: Corpus, noise: Noise, rng: np.random.Generator) -> Detector:
        """Return a detector that these people taught in a simulation of their sites."""
        taught = self.recipe().fit(self.lessons(corpus), noise, rng)
        return self.detector(self.reader(corpus), taught)

    def detector(self, reader: Reader, taught: Taught) -> Detector:
        """Return the detector of a head that sites taught."""
        return detector_of(reader, taught, self.sure)

    def _privacy(self) -> Privacy | None:
        if self.budget is None:
            return None
        return Privacy(
            budget=self.budget,
            unit=self.unit,
            clip=self.clip or (_CLIP if self.unit == "person" else _CLIENT_CLIP),
            colluding=self.colluding,
            people=self.people,
            small_cohort=self.small_cohort,
        )


def _steps_of(method: Way) -> Method:
    return "fedavg" if method == "moments" else method
