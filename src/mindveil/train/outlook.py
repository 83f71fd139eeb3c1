"""Before anything is spent: how well a private detector can be expected to do, for so many people.

An outlook is computed from public numbers alone: how many people there are (about), how many
columns their rows have, epsilon and delta, and the recipes to choose between. Nothing of the data
is looked at, so that it costs no privacy and may be asked as often as one likes. People are made
up by a public model (``Supposed``), the real recipes learn from them with seeded noise, and so do
their twins, which promise nothing: the difference is what privacy costs. The same question always
has the same answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from mindveil.dp.accounting import Budget, check_delta
from mindveil.dp.poisson import Training, multiplier_of
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.randomness import stream
from mindveil.train.base import Flags, Floats, Lessons, Recipe
from mindveil.train.made_up_people import MadeUp, Supposed

TOLERATED = 0.04
"""The loss of AUC up to which a private detector is worth its while."""

SAME = 0.005
"""Losses of AUC that are no further apart than this are taken as the same."""

COHORTS, HEADS = 8, 8
"""Made-up cohorts, and private heads taught by each of them."""

_ASKED = 600
_MOST = 64
"""No more than this many times the people are asked for."""

_WORK = 2e7
"""No cohort is drawn whose people times columns squared exceed this."""

_FACTOR, _FEW = 1.5, 2
"""How coarsely it is searched how many people are needed, and with how many cohorts."""

_CHANCE = 0.5


class Candidate(Recipe, Protocol):
    """A recipe that can say what it would have learnt without privacy."""

    def twin(self) -> Recipe:
        """Return the same way to learn, without noise and without a promise."""
        ...


@runtime_checkable
class Stepped(Protocol):
    """A recipe that takes steps on random people, each drawn with probability ``rate``."""

    @property
    def multiplier(self) -> float:
        """The noise of a step, in units of what one person may pull."""
        ...

    @property
    def rate(self) -> float:
        """The probability of being in a step."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What one recipe can be expected to reach.

    ``multiplier`` is the Gaussian noise of the whole budget on one sum of sensitivity 1 (of a
    ``Stepped`` recipe, that of one step), ``noise`` the same on the mean of those who are summed.
    ``signal_to_noise`` is the spread of what heads say of different people over the spread of
    what different heads say of one person. ``plain`` and
    ``auc`` are the expected AUC of the twin and of a private head on other people, ``loss`` what a
    private head loses against the best twin of all recipes, ``spread`` the standard deviation of
    that loss from one private head and cohort to the next.
    """

    recipe: str
    multiplier: float
    noise: float
    signal_to_noise: float
    plain: float
    auc: float
    loss: float
    spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a budget permits; ``rows`` in the order of the recipes, ``best`` loses least.

    Of recipes that lose the same as far as anybody could tell, it is the first: name those first
    whose promise is proved.

    ``needed`` is how many people would make the best recipe worth its while: those there are,
    where it is already, and None where as many as were tried would not do.
    """

    people: int
    columns: int
    epsilon: float
    delta: float
    advantage: float
    rows: tuple[Prospect, ...]
    best: str
    needed: int | None
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SteppedNoise:
    """The noise of training in steps on random people, as a multiple of the clipping bound.

    ``multiplier`` is on the sum of a batch, ``on_the_mean`` on its mean.
    """

    multiplier: float
    on_the_mean: float


def outlook(
    people: int,
    columns: int,
    budget: Budget,
    recipes: Sequence[Candidate],
    supposed: Supposed | None = None,
) -> Outlook:
    """Return what so many people with rows of so many columns permit at a budget.

    Raises:
        InputError: nothing to choose between, or a recipe that spends another budget.
        RefusedError: delta is too large for so many people.
    """
    _check(people, columns, budget, recipes)
    crowd = MadeUp(columns=columns, supposed=supposed or Supposed())
    trials = [_trial(recipe, people, crowd) for recipe in recipes]
    plain = np.max([trial.plain for trial in trials], axis=0)
    rows = tuple(
        _prospect(recipe, trial, plain, people)
        for recipe, trial in zip(recipes, trials, strict=True)
    )
    least = min(row.loss for row in rows)
    best = next(place for place, row in enumerate(rows) if row.loss <= least + SAME)
    tried, enough = _needed(recipes[best], people, rows[best].loss, crowd)
    needed = tried if enough else None
    return Outlook(
        people=people,
        columns=columns,
        epsilon=budget.epsilon,
        delta=budget.delta,
        advantage=budget.advantage,
        rows=rows,
        best=rows[best].recipe,
        needed=needed,
        advice=_advice(rows[best], people, tried, needed),
    )


def stepped_noise(people: int, batch: int, epochs: int, budget: Budget) -> SteppedNoise:
    """Return the noise that training in steps needs: what few people pay for many steps.

    In each step every person is chosen with the probability batch / people, and there are as many
    steps as batches in the epochs. Calibrating takes a second.

    >>> found = stepped_noise(107, 32, 20, Budget(epsilon=3.0, delta=9e-4))
    >>> round(found.multiplier, 1), round(found.on_the_mean, 2)
    (2.7, 0.08)
    """
    if not (0 < batch <= people and epochs >= 1):
        raise InputError(
            f"batches of {batch} from {people} people over {epochs} epochs cannot be drawn; a "
            "batch is 1 or more and no more than the people, and there is an epoch at least"
        )
    training = Training(rate=batch / people, steps=round(epochs * people / batch))
    multiplier = multiplier_of(budget, training)
    return SteppedNoise(multiplier=multiplier, on_the_mean=multiplier / batch)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """AUC of the twin (cohorts,) and of private heads (cohorts, heads); signal over noise."""

    plain: Floats
    private: Floats
    signal_to_noise: float


def _trial(recipe: Candidate, people: int, crowd: MadeUp, cohorts: int = COHORTS) -> _Trial:
    asked = crowd.draw(_ASKED, "asked")
    plain, private, ratios = [], [], []
    for cohort in range(cohorts):
        lessons = crowd.draw(people, f"cohort {cohort}")
        rng = stream(0, "outlook", "noise", str(cohort))
        told = _told(recipe.twin(), lessons, asked.rows, 1, rng)
        noisy = _told(recipe, lessons, asked.rows, HEADS, rng)
        plain.append(auc_of(told, asked.labels > 0)[0])
        private.append(auc_of(noisy, asked.labels > 0))
        ratios.append(_signal_to_noise(noisy))
    return _Trial(
        plain=np.array(plain),
        private=np.stack(private),
        signal_to_noise=float(np.median(ratios)),
    )


def _told(
    recipe: Recipe, lessons: Lessons, asked: Floats, heads: int, rng: np.random.Generator
) -> Floats:
    """Return the log-odds of heads that everybody taught, shape (asked, heads); 0 if it refuses."""
    everybody = np.ones((len(lessons.ids), heads), dtype=np.bool_)
    try:
        return recipe.shadows(lessons, everybody, asked, rng)
    except InvalidMeasurement:
        return np.zeros((len(asked), heads))


def _signal_to_noise(told: Floats) -> float:
    centred = told - told.mean(axis=0)
    noise = float(np.mean(centred.var(axis=1, ddof=1)))
    signal = float(np.mean(centred, axis=1).var(ddof=1)) - noise / told.shape[1]
    if signal <= 0.0:
        return 0.0
    return math.sqrt(signal / noise) if noise > 0.0 else math.inf


def auc_of(scores: Floats, cases: Flags) -> Floats:
    """Return the AUC of each column of scores, ties counted half; shape (columns,).

    >>> auc_of(np.array([[0.1, 0.0], [0.4, 0.0], [0.3, 0.0]]), np.array([False, True, True]))
    array([1. , 0.5])
    """
    from scipy.stats import rankdata  # noqa: PLC0415

    ones = int(cases.sum())
    ranks = np.asarray(rankdata(scores, axis=0), dtype=np.float64)
    above = ranks[cases].sum(axis=0) - ones * (ones + 1) / 2.0
    found: Floats = above / (ones * (len(cases) - ones))
    return found


def _prospect(recipe: Candidate, trial: _Trial, plain: Floats, people: int) -> Prospect:
    lost = plain[:, None] - trial.private
    assert recipe.budget is not None
    multiplier, summed = recipe.budget.share(1.0).sigma(1.0), float(people)
    if isinstance(recipe, Stepped):
        multiplier, summed = recipe.multiplier, recipe.rate * people
    return Prospect(
        recipe=recipe.name,
        multiplier=multiplier,
        noise=multiplier / summed,
        signal_to_noise=trial.signal_to_noise,
        plain=float(trial.plain.mean()),
        auc=float(trial.private.mean()),
        loss=float(lost.mean()),
        spread=float(lost.std(ddof=1)),
    )


def _needed(recipe: Candidate, people: int, loss: float, crowd: MadeUp) -> tuple[int, bool]:
    """Return the fewest people that would do, to a factor; or the most tried, and False."""
    most = min(_MOST * people, _WORK / crowd.columns**2)
    tried = people
    while loss > TOLERATED:
        more = math.ceil(tried * _FACTOR)
        if more > most:
            return tried, False
        tried = more
        trial = _trial(recipe, tried, crowd, cohorts=_FEW)
        loss = float((trial.plain[:, None] - trial.private).mean())
    return tried, True


def _advice(best: Prospect, people: int, tried: int, needed: int | None) -> str:
    lost = max(0.0, best.loss)
    expected = (
        f"{best.recipe} is expected to reach an AUC of {best.auc:.2f} where {best.auc + lost:.2f} "
        f"is reached without privacy (a loss of {lost:.3f}, give or take {best.spread:.3f})"
    )
    if needed == people:
        return f"Feasible: {expected}."
    more = (
        f"even {tried} people would not be enough"
        if needed is None
        else f"about {needed} people would keep the loss below {TOLERATED}"
    )
    return (
        f"Too few people for this budget: {expected}; {more}. Read fewer columns, or train without "
        "a promise and keep the detector inside the building."
    )


def _check(people: int, columns: int, budget: Budget, recipes: Sequence[Candidate]) -> None:
    if columns < 1:
        raise InputError(f"rows of {columns} columns teach nothing; give at least one")
    if not recipes:
        raise InputError("there is no recipe to choose; name at least one")
    check_delta(budget.delta, people)
    for recipe in recipes:
        if recipe.budget != budget:
            raise InputError(
                f"recipe {recipe.name} spends {recipe.budget}, not {budget}; give all recipes of "
                "an outlook the same budget"
            )
