"""Are intervals and the claims that rest on them as often wrong as they say, and no more?

The truth is known here: studies are drawn from it, the product's own functions judge them, and
what is counted is how often they are wrong. Each question has a fast form, which a gross fault
fails, and a full one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy import stats

from mindveil.evidence.detection import auroc, balanced_accuracy
from mindveil.evidence.detection_scores import ccc
from mindveil.evidence.estimate import (
    Estimate,
    advantage,
    bootstrap,
    clopper_pearson,
    difference,
    exact_at_ends,
    resolution,
    risk_reduction,
    share,
    wilson,
)
from mindveil.evidence.linkage import Linked, compare, measure_linkage
from mindveil.evidence.paired import paired_change
from mindveil.evidence.policy import at_least

FULL = pytest.mark.slow
SIZES = (10, 15, 40, 100, 189)
RATES = np.unique(np.concatenate([np.geomspace(1e-4, 0.5, 150), np.linspace(0.001, 0.5, 250)]))
MARGIN = 0.05

Draw = Callable[[], tuple[Estimate, ...]]


def most(rate: float, times: int) -> float:
    """Return the share of so many studies that a true rate stays below but once in a thousand."""
    return float(stats.binom.ppf(0.999, times, rate)) / times


def least(rate: float, times: int) -> float:
    """Return the share of so many studies that a true rate stays above but once in a thousand."""
    return float(stats.binom.ppf(0.001, times, rate)) / times


def held(truth: float, found: Sequence[Estimate]) -> float:
    """Return the share of intervals that hold the truth."""
    return float(np.mean([e.low <= truth <= e.high for e in found]))


def met(floor: float, found: Sequence[Estimate]) -> float:
    """Return the share of studies that the product calls good enough."""
    return float(np.mean([at_least(e, floor, "").state == "met" for e in found]))


# --- counts: exact sums over everything that can happen


def coverage(interval: Callable[[int, int], Estimate], n: int) -> np.ndarray:
    """Return the exact chance, at every rate, that the interval of a count holds it."""
    counts = np.arange(n + 1)
    found = [interval(int(k), n) for k in counts]
    low, high = (np.array([getattr(e, end) for e in found]) for end in ("low", "high"))
    chance = stats.binom.pmf(counts, n, RATES[:, None])
    inside = (low <= RATES[:, None]) & (RATES[:, None] <= high)
    return np.asarray((chance * inside).sum(axis=1))


@pytest.mark.parametrize("n", [*SIZES, *(pytest.param(n, marks=FULL) for n in range(11, 400, 31))])
def test_an_exact_interval_holds_every_rate_95_times_in_100(n):
    assert coverage(clopper_pearson, n).min() >= 0.95 - 1e-12


@pytest.mark.parametrize("n", [*SIZES, *(pytest.param(n, marks=FULL) for n in range(11, 400, 31))])
def test_a_score_interval_holds_rates_as_often_as_its_own_binomial_says(n):
    z = stats.norm.ppf(0.975)

    def textbook(k: int, n: int) -> Estimate:
        centre = (k + z * z / 2) / (n + z * z)
        half = z / (n + z * z) * math.sqrt(k * (n - k) / n + z * z / 4)
        ends = clopper_pearson(k, n)
        low, high = (ends.low, ends.high) if k in {0, n} else (centre - half, centre + half)
        return Estimate(value=k / n, low=low, high=high, n=n)

    assert np.abs(coverage(wilson, n) - coverage(textbook, n)).max() <= 0.005


@pytest.mark.parametrize("n", [1, 5, 50, 189, 1000])
def test_nobody_and_everybody_have_the_exact_interval(n):
    bound = 1 - 0.025 ** (1 / n)
    for hits, low, high in ((0, 0.0, bound), (n, 1 - bound, 1.0)):
        flat = Estimate(value=hits / n, low=hits / n, high=hits / n, n=n)
        for found in (
            clopper_pearson(hits, n),
            wilson(hits, n),
            share(np.full(n, hits / n)),
            exact_at_ends(flat, n),
        ):
            assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert resolution(n) == pytest.approx(bound)


# --- what is resampled by person


@pytest.mark.parametrize(
    ("n", "p", "times"),
    [(100, 0.15, 100), *(pytest.param(*c, 3000, marks=FULL) for c in [(50, 0.5), (200, 0.06)])],
)
def test_a_resampled_share_holds_its_truth(n, p, times):
    assert n * p * (1 - p) >= 10
    rng = np.random.default_rng(n)
    found = []
    for _ in range(times):
        people = (rng.random(n) < p).astype(np.float64)
        found.append(bootstrap(lambda w, people=people: w @ people / n, n, rng))
    assert least(0.93, times) <= held(p, found) <= most(0.975, times)


def detectors(
    n: int, cases: int, areas: tuple[float, float], alike: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return cases, and what two detectors of known areas say of the very same people."""
    truth = (np.arange(n) < cases).astype(np.float64)
    luck = rng.multivariate_normal([0, 0], [[1, alike], [alike, 1]], size=n).T
    one, two = (
        math.sqrt(2) * stats.norm.ppf(area) * truth + z for area, z in zip(areas, luck, strict=True)
    )
    return truth[None], one[None], two[None]


def changes(
    n: int, cases: int, areas: tuple[float, float], alike: float, times: int
) -> list[Estimate]:
    """Return what the product says of the loss of so many studies."""
    rng = np.random.default_rng([n, cases, times])
    found = []
    for _ in range(times):
        truth, released, original = detectors(n, cases, areas, alike, rng)
        found.append(paired_change(auroc, truth, (released, original), rng))
    return found


AT_THE_MARGIN = [
    (60, 20, 0.80, 0.7),
    (150, 55, 0.80, 0.7),
    (100, 20, 0.90, 0.8),
    (100, 50, 0.85, 0.95),
    (400, 150, 0.80, 0.7),
]
"""People, cases, the originals' area, and how alike both detectors are."""


@pytest.mark.parametrize(
    ("n", "cases", "area", "alike", "times"),
    [
        (60, 20, 0.80, 0.7, 100),
        *(pytest.param(*case, 1000, marks=FULL) for case in AT_THE_MARGIN),
    ],
)
def test_a_loss_of_exactly_the_margin_is_rarely_called_none(n, cases, area, alike, times):
    found = changes(n, cases, (area - MARGIN, area), alike, times)
    assert met(-MARGIN, found) <= most(0.025, times)
    assert least(0.93, times) <= held(-MARGIN, found) <= most(0.985, times)


@pytest.mark.parametrize("times", [12, pytest.param(400, marks=FULL)])
def test_no_loss_is_called_none_where_there_are_400_people(times):
    found = changes(400, 150, (0.85, 0.85), 0.9, times)
    assert met(-MARGIN, found) >= least(0.985, times)


@pytest.mark.parametrize("times", [20, pytest.param(600, marks=FULL)])
def test_a_release_that_lost_everything_is_never_called_as_good(times):
    assert met(-MARGIN, changes(150, 55, (0.5, 0.8), 0.0, times)) == 0.0


@FULL
@pytest.mark.parametrize("n", [60, 150])
def test_a_loss_of_balanced_accuracy_at_the_margin_is_rarely_called_none(n):
    rng = np.random.default_rng(n)
    times, found = 1000, []
    truth = (np.arange(n) < n // 3).astype(np.float64)[None]
    # Right about 75 % and 80 % of either class, and about different people: enough of them that
    # resampling tells. Detectors that differ on fewer than ten people are beyond a bootstrap.
    assert n * 0.35 * 0.65 >= 10
    for _ in range(times):
        one, two = (np.where(rng.random(n) < right, truth, 1 - truth) for right in (0.75, 0.80))
        found.append(paired_change(balanced_accuracy, truth, (one, two), rng))
    assert met(-MARGIN, found) <= most(0.025, times)


@FULL
def test_a_loss_of_agreement_at_the_margin_is_rarely_called_none():
    rng = np.random.default_rng(3)
    n, times = 150, 1000
    # Both say half of the truth and noise of their own; the concordance of such figures is known.
    spread = [0.60, 0.75]
    agree = [2 * 0.5 / (1 + 0.25 + s * s) for s in spread]
    found = []
    for _ in range(times):
        truth = rng.normal(size=n)
        told = [0.5 * truth + s * rng.normal(size=n) for s in reversed(spread)]
        found.append(paired_change(ccc, truth[None], (told[0][None], told[1][None]), rng))
    loss = agree[1] - agree[0]
    assert loss < 0
    assert met(loss, found) <= most(0.025, times)
    assert held(loss, found) >= least(0.93, times)


# --- line-ups, differences and ratios


def line_up(found: np.ndarray) -> list[Linked]:
    """Return a line-up of people, of whom some are found and the others are not."""
    names = tuple(f"p{i}" for i in range(len(found)))
    right = np.eye(len(found), dtype=bool)
    scores = np.where(right, np.where(found, 2.0, 0.0)[:, None], 1.0)
    return [Linked(rows=names, columns=names, scores=scores, absent=(), whole_table=True)]


@pytest.mark.parametrize("times", [150, pytest.param(2000, marks=FULL)])
def test_the_share_of_people_who_are_found_is_held(times):
    rng = np.random.default_rng(5)
    size, rate, found = 60, 0.2, []
    assert size * rate * (1 - rate) < 10  # exact all the same
    for _ in range(times):
        linked = line_up(rng.random(size) < rate)
        found.append(measure_linkage(linked, size, frozenset(), rng)[0].estimate)
    assert held(rate, found) >= least(0.95, times)


@pytest.mark.parametrize(("one", "two"), [(0.5, 0.5), (0.3, 0.1), (0.05, 0.05)])
@pytest.mark.parametrize("times", [150, pytest.param(1500, marks=FULL)])
def test_one_attacker_beats_another_by_chance_no_more_often_than_said(one, two, times):
    rng = np.random.default_rng(7)
    found = []
    for _ in range(times):
        luck = rng.random(80)
        pair = line_up(luck < one), line_up(luck >= 1 - two)  # never the same person
        found.append(compare(*pair, 80))
    assert met(one - two, found) <= most(0.025, times)
    assert held(one - two, found) >= least(0.95, times)


@pytest.mark.parametrize("times", [1000, pytest.param(20_000, marks=FULL)])
@pytest.mark.parametrize(("one", "two", "n"), [(0.3, 0.1, 120), (0.05, 0.02, 120), (0.6, 0.5, 40)])
def test_the_difference_of_two_groups_is_no_wider_off_than_said(one, two, n, times):
    rng = np.random.default_rng(11)
    drawn = rng.binomial(n, [one, two], size=(times, 2))
    found = [difference(clopper_pearson(int(a), n), clopper_pearson(int(b), n)) for a, b in drawn]
    assert met(one - two, found) <= most(0.025, times)
    assert held(one - two, found) >= least(0.95, times)


@pytest.mark.parametrize("times", [600, pytest.param(20_000, marks=FULL)])
@pytest.mark.parametrize(
    ("released", "original", "control", "n"),
    [(0.10, 0.70, 0.02, 150), (0.20, 0.50, 0.05, 150), (0.05, 0.90, 0.01, 300)],
)
def test_a_cut_in_risk_is_rarely_called_larger_than_it_is(released, original, control, n, times):
    rng = np.random.default_rng(13)
    gain = [(rate - control) / (1 - control) for rate in (released, original)]
    truth = 1 - gain[0] / gain[1]
    found = []
    for hits in rng.binomial(n, [released, original, control], size=(times, 3)):
        chance = clopper_pearson(int(hits[2]), n)
        gains = [advantage(clopper_pearson(int(h), n), chance) for h in hits[:2]]
        found.append(risk_reduction(*gains))
    assert met(truth, found) <= most(0.025, times)
    assert least(0.93, times) <= held(truth, found)
