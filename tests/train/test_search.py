"""The promise of a search covers every candidate and the choice, and the choice is a good one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from dp_accounting import GaussianDpEvent, pld
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mindveil.dp.accounting import Budget, advantage_of, statement
from mindveil.dp.composition import Cost
from mindveil.dp.conversion import epsilon_of, epsilon_of_mu
from mindveil.dp.distinguish import distinguishable
from mindveil.dp.noise import os_noise, seeded
from mindveil.errors import InputError, RefusedError
from mindveil.train.adassp import AdaSSP
from mindveil.train.base import Lessons, Part, Scale, Taught
from mindveil.train.linear_head import LinearHead
from mindveil.train.objective_perturbation import ObjectivePerturbation
from mindveil.train.private import PrivateTraining
from mindveil.train.search import Search, noisy_votes, parted, within

BUDGET = Budget(epsilon=3.0, delta=1e-5, accountant="gaussian")
PHQ9 = Scale(lowest=0, highest=27, edge=9.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Reads one column and learns nothing, so that only the choice is seen."""

    name: ClassVar[str] = "adassp"
    budget: Budget | None
    column: int = 0
    sign: float = 1.0

    def fit(self, lessons, noise, rng):
        weights = np.zeros(lessons.rows.shape[1])
        weights[self.column] = self.sign
        head = LinearHead(weights=weights, intercept=0.0, slope=1.0, scale=lessons.scale)
        return Taught(head=head, guarantee=statement(self.budget, ["a column"], noise.proved))

    def shadows(self, lessons, inside, asked, rng):
        return np.repeat(self.sign * asked[:, [self.column]], inside.shape[1], axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled(Column):
    name: ClassVar[str] = "sampled-gradient"


def lessons_of(rows, labels):
    return Lessons(
        ids=tuple(map(str, range(len(rows)))),
        rows=rows,
        totals=9.0 + labels,
        labels=labels,
        scale=PHQ9,
        parts=(Part(modality="text", name="made up", width=rows.shape[1]),),
    )


def planted(people, rng, right=(0.6, 0.8)):
    """Each column tells the class rightly of this share of the people."""
    labels = (rng.random(people) < 0.45).astype(float)
    told = rng.random((people, len(right))) < np.array(right)
    return lessons_of(np.where(told, 1, -1) * (2 * labels - 1)[:, None], labels)


def search_of(budget=BUDGET, candidates=2, share=0.2):
    part = parted(budget, candidates, share)
    return Search(
        candidates=tuple(Column(budget=part, column=c) for c in range(candidates)),
        budget=budget,
        share=share,
    )


def exact_epsilon(costs, delta=BUDGET.delta):
    """What a privacy loss accountant says of these Gaussian mechanisms, one after the other."""
    accountant = pld.PLDAccountant(value_discretization_interval=4e-3)
    for cost in costs:
        accountant.compose(GaussianDpEvent(1.0 / math.sqrt(2.0 * cost.rho)))
    return accountant.get_epsilon(delta)


class Silent:
    """Noise that is none."""

    proved = False

    def gaussian(self, sigma, shape):
        return np.zeros(shape, dtype=np.int64)


def test_votes_by_hand():
    """Three people, two candidates: 2 right and 1 wrong is 1, all wrong is -3; 0 says "no"."""
    told = np.array([[0.5, -0.5], [-0.5, 0.5], [0.0, -2.0]])
    votes = noisy_votes(told, np.array([1.0, 0.0, 1.0]), BUDGET, Silent())
    assert votes.tolist() == [1, -3]


def test_parts_by_hand():
    """A fifth of rho to the choice, the rest in four: mu of each is sqrt(.2) of all."""
    part = parted(BUDGET, 4)
    assert part.rho == pytest.approx(BUDGET.rho / 5, rel=1e-6)
    mu = math.sqrt(2 * BUDGET.rho / 5)
    assert part.epsilon == pytest.approx(epsilon_of_mu(mu, 1e-5 * 0.999), rel=1e-6)
    plain = replace(BUDGET, accountant="zcdp")
    assert parted(plain, 4).epsilon == pytest.approx(epsilon_of(plain.rho / 5, 1e-5), rel=1e-6)
    added = parted(BUDGET, 4, in_rho=False)
    assert (added.epsilon, added.delta) == pytest.approx((0.6, 2e-6))


@settings(max_examples=25, deadline=None)
@example(8.0, 2, 0.75, "gaussian")  # so large that budgets convert by the weaker accountant
@given(
    st.floats(0.3, 8.0),
    st.integers(2, 8),
    st.floats(0.05, 0.9),
    st.sampled_from(["gaussian", "zcdp"]),
)
def test_all_parts_together_never_cost_more_than_the_budget(epsilon, candidates, share, accountant):
    budget = Budget(epsilon=epsilon, delta=1e-5, accountant=accountant)
    costs = search_of(budget, candidates, share).costs()
    assert len(costs) == candidates + 1
    rho = math.fsum(cost.rho for cost in costs)
    assert budget.rho * 0.999 < rho <= budget.rho * (1 + 1e-9)
    spent = epsilon_of_mu(math.sqrt(2 * rho), 1e-5)
    assert spent <= epsilon * (1 + 1e-6)
    alone = [epsilon_of_mu(math.sqrt(2 * cost.rho), 1e-5) for cost in costs]
    assert max(alone) < epsilon


def test_a_privacy_loss_accountant_agrees():
    """It knows nothing of rho: 5 candidates and the choice cost epsilon 3, to a hundredth."""
    spent = exact_epsilon(search_of(candidates=5).costs())
    assert 0.98 * BUDGET.epsilon < spent <= 1.002 * BUDGET.epsilon


@pytest.mark.parametrize(
    "forgotten",
    [
        lambda: [Column(budget=BUDGET)] * 3,  # only the winner is paid for
        lambda: [Column(budget=parted(BUDGET, 2))] * 3,  # one candidate is forgotten
        lambda: [Column(budget=parted(BUDGET, 3, 1e-6))] * 3,  # the choice is forgotten
        lambda: [Column(budget=parted(BUDGET, 3, 0.1))] * 3,  # the choice is paid by half
    ],
)
def test_what_was_forgotten_is_found_by_the_accountant(forgotten):
    candidates = tuple(forgotten())
    choice = search_of(candidates=3).costs()[-1]
    spent = exact_epsilon([*(Cost.of(c.budget) for c in candidates), choice])
    assert spent > 1.01 * BUDGET.epsilon
    with pytest.raises(InputError, match="cost more than"):
        Search(candidates=candidates, budget=BUDGET)


def test_candidates_without_a_cost_in_rho_add_up():
    part = parted(BUDGET, 2, in_rho=False)
    pair = (Sampled(budget=part), Column(budget=part))
    costs = Search(candidates=pair, budget=BUDGET).costs()
    assert [cost.rho is None for cost in costs] == [True, False, False]
    assert math.fsum(cost.epsilon for cost in costs) == pytest.approx(3.0)
    assert math.fsum(cost.delta for cost in costs) == pytest.approx(1e-5)
    with pytest.raises(InputError, match="cost more than"):
        Search(candidates=(Sampled(budget=parted(BUDGET, 2)),) * 2, budget=BUDGET)


def test_a_mixture_is_judged_by_the_weaker_accountant():
    """Noise that is paid for in rho but not Gaussian: squares of mu do not add up."""
    gaussian = Cost.of(BUDGET)
    other = Cost(epsilon=3.0, delta=1e-5, rho=BUDGET.rho * 0.5)
    assert within([gaussian], BUDGET)
    assert not within([other, other], BUDGET)
    assert within([replace(other, rho=replace(BUDGET, accountant="zcdp").rho)], BUDGET)


def votes_difference(rows, noise, runs):
    """Two candidates who disagree on everybody, the worst there is: the difference of votes."""
    budget = Budget(epsilon=1.0, delta=1e-2, accountant="gaussian")
    told, labels = rows[:, [0, 0]] * [1.0, -1.0], np.ones(len(rows))
    votes = np.array([noisy_votes(told, labels, budget, noise) for _ in range(runs)])
    return (votes[:, 0] - votes[:, 1]) / math.sqrt(2)


class Stored:
    """Noise drawn beforehand, all of it at once; ``part`` of what is asked for."""

    proved = False

    def __init__(self, rng, runs, part=1.0):
        self.rng, self.runs, self.part, self.rows = rng, runs, part, None

    def gaussian(self, sigma, shape):
        if self.rows is None:
            self.rows = iter(seeded(self.rng).gaussian(self.part * sigma, (self.runs, *shape)))
        return next(self.rows)


def test_whoever_was_in_does_not_show_in_the_choice():
    rng, rows, runs = np.random.default_rng(3), np.ones((6, 1)), 10_000

    def pair(part):
        return [votes_difference(t, Stored(rng, runs, part), runs) for t in (rows, rows[1:])]

    assert not distinguishable(*pair(1.0), 1.0, 1e-2).alarm
    assert distinguishable(*pair(0.6), 1.0, 1e-2).alarm
    silent = [votes_difference(some, Silent(), 1500) for some in (rows, rows[1:])]
    assert distinguishable(*silent, 1.0, 1e-2).alarm


def test_with_many_people_the_better_candidate_is_found():
    rng = np.random.default_rng(5)
    search = search_of(replace(BUDGET, epsilon=1.0))
    lessons = planted(2000, rng)
    for _ in range(30):
        head = search.fit(lessons, seeded(rng), rng).head
        assert head.weights.tolist() == [0.0, 1.0]


def test_where_candidates_are_alike_the_choice_is_a_toss():
    rng = np.random.default_rng(6)
    search = search_of(replace(BUDGET, epsilon=1.0))
    lessons = planted(60, rng, right=(1.0, 1.0))
    chosen = [search.fit(lessons, seeded(rng), rng).head.weights[1] for _ in range(300)]
    assert np.mean(chosen) == pytest.approx(0.5, abs=0.1)


def test_what_is_said_of_it():
    rng = np.random.default_rng(7)
    taught = search_of(candidates=3).fit(planted(100, rng, (0.5, 0.6, 0.7)), seeded(rng), rng)
    promise = taught.guarantee
    assert (promise.epsilon, promise.delta, promise.label) == (3.0, 1e-5, "accounted")
    assert promise.mechanisms == (
        *("candidate adassp: a column",) * 3,
        "choice by noisy counts of right answers of 3 candidates",
    )
    proved = search_of().fit(planted(50, rng), os_noise(), rng).guarantee
    assert proved.label == "proved"


def test_candidates_that_are_not_gaussian_promise_no_gaussian_advantage():
    """One of them alone may give more away than a Gaussian mechanism of the whole budget."""
    rng = np.random.default_rng(9)
    part = parted(BUDGET, 2, in_rho=False)
    tilted = ObjectivePerturbation(budget=part, small_cohort=True)
    search = Search(candidates=(tilted, AdaSSP(budget=part, small_cohort=True)), budget=BUDGET)
    lessons = planted(30, rng)
    alone = tilted.fit(lessons, seeded(rng), rng).guarantee
    promise = search.fit(lessons, seeded(rng), rng).guarantee
    assert BUDGET.advantage < alone.advantage < promise.advantage
    assert promise.advantage <= advantage_of(3.0, 1e-5)
    assert "basic composition" in promise.accountant


def test_parts_of_a_delta_that_is_too_large_are_too_large_together():
    settings = {"target": "phq9>=10", "search": ("adassp", "objective"), "delta": 4e-4}
    with pytest.raises(RefusedError, match="too large for 300 people"):
        PrivateTraining(**settings).recipe()
    PrivateTraining(**settings, small_cohort=True).recipe()


def test_what_is_expected_of_a_search_is_what_parts_of_the_budget_buy():
    settings = {"target": "phq9>=10", "epsilon": 1.0, "delta": 1e-4}
    (row,) = PrivateTraining(**settings, search=("adassp", "output")).outlook(4).rows
    alone = PrivateTraining(**settings, method="adassp").outlook(4).rows[0]
    assert row.recipe == "search"
    assert row.plain == pytest.approx(alone.plain)
    assert row.loss > alone.loss + 0.003


def test_shadows_are_chosen_as_heads_are():
    """As often from either candidate as fitted heads, where the choice is a close one."""
    rng = np.random.default_rng(8)
    search = search_of(replace(BUDGET, epsilon=1.0))
    lessons = planted(80, rng, right=(0.6, 0.65))
    asked = np.array([[1.0, -1.0]])
    shadows = search.shadows(lessons, np.ones((80, 2000), dtype=bool), asked, rng)
    assert set(np.unique(shadows)) == {-1.0, 1.0}
    fitted = [search.fit(lessons, seeded(rng), rng).head.weights[1] for _ in range(500)]
    assert np.mean(shadows[0] < 0) == pytest.approx(np.mean(fitted), abs=0.08)


def test_shadows_hear_only_those_inside():
    rng = np.random.default_rng(9)
    rows = np.concatenate([np.tile([1.0, -1.0], (200, 1)), np.tile([-1.0, 1.0], (200, 1))])
    inside = np.zeros((400, 2), dtype=bool)
    inside[:200, 0] = inside[200:, 1] = True
    lessons = lessons_of(rows, np.ones(400))
    told = search_of().shadows(lessons, inside, np.array([[3.0, 5.0]]), rng)
    assert told.tolist() == [[3.0, 5.0]]


def test_real_recipes_are_searched():
    """Two ways to shorten rows, among people of whom the first column tells nearly all."""
    rng = np.random.default_rng(11)
    rows = np.clip(rng.normal(0, 0.4, (3000, 4)), -1, 1)
    totals = np.clip(np.rint(9 + 12 * rows[:, 0] + rng.normal(0, 3, 3000)), 0, 27)
    lessons = replace(
        lessons_of(rows, (totals > 9.5).astype(float)), totals=totals.astype(np.float64)
    )
    part = parted(BUDGET, 2)
    search = Search(candidates=(AdaSSP(budget=part), AdaSSP(budget=part, reach=0.3)), budget=BUDGET)
    taught = search.fit(lessons, seeded(rng), rng)
    right = (taught.head.log_odds(rows) > 0) == (lessons.labels > 0)
    assert right.mean() > 0.8
    assert search.shadows(lessons, np.ones((3000, 3), dtype=bool), rows[:7], rng).shape == (7, 3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Search(candidates=(Column(budget=BUDGET),), budget=BUDGET), "among 1 recipes"),
        (lambda: Search(candidates=(Column(budget=None),) * 2, budget=BUDGET), "promises nothing"),
        (lambda: parted(BUDGET, 1), "among 1 candidates"),
        (lambda: parted(BUDGET, 3, 1.0), "share between 0 and 1"),
        (lambda: parted(replace(BUDGET, epsilon=1e-5), 8), "fewer candidates"),
    ],
)
def test_searches_that_cannot_be_paid_for_are_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()
