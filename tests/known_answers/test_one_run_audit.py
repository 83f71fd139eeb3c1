"""One run of each trainer that is shipped, and made-up people who try to find out if they were in.

As many canaries as there are people, each in by the toss of a coin, each with a column of his own
(as far as memory allows) and a class by another toss; half as many others are always in, whom the
adversary knows. He sees the head, takes what it says in each canary's column for the canary's
presence, and guesses. The bound that his guesses prove, at 99.9 % and for all runs together, must
never lie above the epsilon that was claimed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar
from unittest import mock

import numpy as np
import pytest

from mindveil.dp.accounting import Budget, statement
from mindveil.dp.clipping import exact_sum, whole
from mindveil.dp.noise import seeded
from mindveil.evidence.one_run import epsilon_lower_bound, guessed, power
from mindveil.randomness import stream
from mindveil.train import draws
from mindveil.train.adassp import AdaSSP
from mindveil.train.base import Lessons, Part, Scale, Taught
from mindveil.train.linear_head import LinearHead
from mindveil.train.noisy_gradient import NoisyGradient
from mindveil.train.normals import fine_normals
from mindveil.train.objective_perturbation import ObjectivePerturbation
from mindveil.train.output_perturbation import OutputPerturbation
from mindveil.train.sampled_gradient import SampledGradient
from mindveil.train.unit_rows import REACH, bound_of

DELTA = 1e-7
"""So small that failures with this probability explain no right guess."""

PHQ9 = Scale(lowest=0, highest=27, edge=9.5)
PEOPLE, EPSILONS = (20, 100, 500), (1.0, 3.0, 8.0)
SHIPPED = ("adassp", "noisy", "output", "objective", "sampled")
CONFIDENCE = 1.0 - 1e-3 / (len(SHIPPED) * len(PEOPLE) * len(EPSILONS))
ENOUGH = 0.9
_WIDEST = 120
"""Columns of which all products are asked for, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSum:
    """The barest trainer: all of the budget on one noisy sum of signed rows."""

    name: ClassVar[str] = "one-sum"
    budget: Budget

    def fit(self, lessons, noise, rng):
        units = 1 << 10
        rows = lessons.rows / bound_of(lessons.rows.shape[1], REACH)
        signed = whole(rows * (2 * lessons.labels - 1)[:, None], units, units)
        sigma = self.budget.share(1.0).sigma(units)
        weights = exact_sum(signed) + noise.gaussian(sigma, (rows.shape[1],))
        head = LinearHead(
            weights=weights.astype(float), intercept=0.0, slope=1.0, scale=lessons.scale
        )
        return Taught(head=head, guarantee=statement(self.budget, ["sum"], noise.proved))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weak:
    """A noise source that gives a part of the noise it is asked for; 0 is none at all.

    It cannot weaken what others make of its fair coins: ``weak_steps`` does.
    """

    rng: np.random.Generator
    part: float
    proved: ClassVar[bool] = False

    def gaussian(self, sigma, shape):
        if self.part == 0.0:
            return np.zeros(shape, dtype=np.int64)
        return seeded(self.rng).gaussian(self.part * sigma, shape)

    def chosen(self, rate, people):
        return seeded(self.rng).chosen(rate, people)


def weak_steps(part):
    """Return training in which steps get a part of the noise that coins are made into."""
    return mock.patch.object(draws, "fine_normals", lambda bits: part * fine_normals(bits))


def trainer(name, people, epsilon):
    budget = Budget(epsilon=epsilon, delta=DELTA, accountant="gaussian")
    if name == "sampled":
        return SampledGradient(budget=budget, people=people)
    kinds = {
        "adassp": AdaSSP,
        "noisy": NoisyGradient,
        "output": OutputPerturbation,
        "objective": ObjectivePerturbation,
        "one-sum": OneSum,
    }
    return kinds[name](budget=budget)


def crowd(canaries, columns, rng):
    """Return canaries and, after them, those who are always in: all of these in column 0."""
    others = canaries // 2
    longest = bound_of(columns + 1, REACH)
    rows = np.zeros((canaries + others, columns + 1))
    rows[np.arange(canaries), 1 + np.arange(canaries) % columns] = longest
    labels = (rng.random(canaries + others) < 0.5).astype(float)
    rows[canaries:, 0] = longest * (2 * labels[canaries:] - 1)
    return Lessons(
        ids=tuple(map(str, range(len(rows)))),
        rows=rows,
        totals=np.where(labels > 0, PHQ9.highest, PHQ9.lowest),
        labels=labels,
        scale=PHQ9,
        parts=(Part(modality="text", name="made up", width=columns + 1),),
    )


def right_guesses(name, canaries, epsilon, guesses, part=1.0):
    """Train once, with this part of the noise; guess, and return how many guesses were right."""
    rng = stream(3, "one run", name, str(canaries), str(epsilon))
    everybody = crowd(canaries, min(canaries, _WIDEST) if name == "adassp" else canaries, rng)
    inside = np.ones(len(everybody.ids), dtype=bool)
    inside[:canaries] = rng.random(canaries) < 0.5
    noise = Weak(rng=rng, part=part)
    with weak_steps(part):
        head = trainer(name, canaries, epsilon).fit(everybody.of(inside), noise, rng).head
    rows = everybody.rows[:canaries]
    # What the head says of all alike (its intercept) would only blur who was in.
    told = head.log_odds(rows) - head.log_odds(np.zeros_like(rows))
    scores = told * (2 * everybody.labels[:canaries] - 1)
    asked, taken = guessed(scores, guesses)
    return int((taken == inside[:canaries])[asked].sum())


@cache
def ideal(canaries, epsilon):
    rng = stream(3, "ideal", str(canaries), str(epsilon))
    return power(epsilon, DELTA, canaries, CONFIDENCE, rng)


def shown(right, guesses, canaries):
    return epsilon_lower_bound(guesses, right, canaries, DELTA, CONFIDENCE)


@pytest.mark.slow
@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("canaries", PEOPLE)
@pytest.mark.parametrize("name", SHIPPED)
def test_one_run_shows_no_more_than_is_claimed(name, canaries, epsilon, capsys):
    best = ideal(canaries, epsilon)
    right = right_guesses(name, canaries, epsilon, best.guesses)
    bound = shown(right, best.guesses, canaries)
    power_of_it = "no power" if best.chance < ENOUGH else f"an ideal one {best.shown:.2f}"
    with capsys.disabled():
        print(  # noqa: T201 - what could have been shown belongs to every bound
            f"\n{name}, {canaries} people, epsilon {epsilon:g}: {right} of {best.guesses} guesses "
            f"show {bound:.2f}; {power_of_it}"
        )
    assert bound <= epsilon


@pytest.mark.slow
@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("canaries", PEOPLE)
def test_where_an_ideal_adversary_shows_something_so_does_this_one(canaries, epsilon):
    """All of the budget on one sum: nothing stands between him and the noise."""
    best = ideal(canaries, epsilon)
    bound = shown(right_guesses("one-sum", canaries, epsilon, best.guesses), best.guesses, canaries)
    assert bound <= epsilon
    if best.chance >= ENOUGH:
        assert bound > 0.3 * best.shown
    else:
        assert bound <= best.most


@pytest.mark.slow
def test_the_cells_in_which_an_ideal_adversary_has_power():
    """Twenty people show nothing at any epsilon; epsilon 1 cannot be shown by 500."""
    strong = {(n, e) for n in PEOPLE for e in EPSILONS if ideal(n, e).chance >= ENOUGH}
    assert strong == {(100, 8.0), (500, 3.0), (500, 8.0)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "canaries", "epsilon", "part"),
    [
        *((name, 100, 1.0, 0.0) for name in SHIPPED),
        *((name, 500, 3.0, 0.0) for name in SHIPPED if name != "adassp"),
        ("noisy", 500, 1.0, 0.05),
        ("one-sum", 500, 1.0, 0.1),
    ],
)
def test_noise_that_was_forgotten_or_is_too_small_is_found(name, canaries, epsilon, part):
    right = right_guesses(name, canaries, epsilon, canaries // 2, part)
    assert shown(right, canaries // 2, canaries) > epsilon
