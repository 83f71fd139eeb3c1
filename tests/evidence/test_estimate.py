"""Estimates: hand tables, published examples, and what must hold of any interval."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import (
    MOST_PEOPLE,
    RESAMPLES,
    Estimate,
    advantage,
    bootstrap,
    clopper_pearson,
    difference,
    exact_at_ends,
    more_people,
    people_needed,
    ratio,
    resolution,
    risk_reduction,
    share,
    wilson,
)

quick = settings(max_examples=60, deadline=None)


def about(value: float, low: float, high: float, n: int = 100) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=n)


@st.composite
def counts(draw, most: int = 400):
    n = draw(st.integers(1, most))
    return draw(st.integers(0, n)), n


@st.composite
def intervals(draw, least: float = -1.0, most: float = 1.0):
    low, value, high = sorted(draw(st.tuples(*[st.floats(least, most)] * 3)))
    return about(value, low, high)


# --- counts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (0, 1, 0.0, 0.975),  # (1 - p)^1 = .025
        (1, 1, 0.025, 1.0),
        (0, 2, 0.0, 1 - 0.025**0.5),  # (1 - p)^2 = .025
        (1, 2, 1 - 0.975**0.5, 0.975**0.5),  # P(X >= 1) = 1 - (1 - p)^2; P(X <= 1) = 1 - p^2
        (2, 2, 0.025**0.5, 1.0),
        (3, 3, 0.025 ** (1 / 3), 1.0),
    ],
)
def test_clopper_pearson_by_hand(hits, n, low, high):
    seen = clopper_pearson(hits, n)
    assert (seen.value, seen.n) == (hits / n, n)
    assert seen.low == pytest.approx(low, abs=1e-9)
    assert seen.high == pytest.approx(high, abs=1e-9)


def test_clopper_pearson_ends_leave_two_and_a_half_percent_beyond_them():
    hits, n = 7, 23
    seen = clopper_pearson(hits, n)

    def at_least(p):
        return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(hits, n + 1))

    def at_most(p):
        return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(hits + 1))

    assert at_least(seen.low) == pytest.approx(0.025, abs=1e-9)
    assert at_most(seen.high) == pytest.approx(0.025, abs=1e-9)


@pytest.mark.parametrize("hits", [-1, 6, math.nan, -1e-6, 5.001])
def test_more_hits_than_people_are_refused(hits):
    with pytest.raises(InvalidMeasurement, match="no share"):
        clopper_pearson(hits, 5)


def test_rounding_beyond_the_ends_is_forgiven_and_taken_back():
    assert clopper_pearson(5 + 1e-12, 5) == clopper_pearson(5, 5)
    assert clopper_pearson(-1e-12, 5) == clopper_pearson(0, 5)


@pytest.mark.parametrize("hits", [1e-300, 1e-17, 1e-3, 0.0099, 0.0101])
def test_next_to_no_hits_are_no_hits_for_the_end_beside_them(hits):
    seen, mirrored = clopper_pearson(hits, 9), clopper_pearson(9 - hits, 9)
    assert 0 <= seen.low <= 1e-100
    assert seen.value == hits / 9
    assert seen.high == pytest.approx(clopper_pearson(0, 9).high, abs=2e-3)
    assert mirrored.high == pytest.approx(1.0, abs=1e-15)


def test_nobody_measured_is_no_estimate():
    for count in (lambda: clopper_pearson(0, 0), lambda: wilson(0, 0), lambda: share(np.zeros(0))):
        with pytest.raises(InvalidMeasurement, match="no participant"):
            count()


@pytest.mark.parametrize(("hits", "n"), [(1, 10), (5, 10), (9, 10), (1, 400), (123, 400)])
def test_wilson_ends_lie_one_standard_error_of_their_own_away(hits, n):
    seen = wilson(hits, n)
    z = 1.959963984540054
    for end in (seen.low, seen.high):
        assert abs(hits / n - end) == pytest.approx(z * math.sqrt(end * (1 - end) / n), abs=1e-12)


def test_wilson_is_exact_where_nobody_or_everybody_was_hit():
    assert wilson(0, 50) == clopper_pearson(0, 50)
    assert wilson(50, 50) == clopper_pearson(50, 50)


def test_share_counts_the_mean_of_a_persons_folds_as_one_outcome():
    assert share(np.array([1.0, 0.0, 0.5, 0.5])) == clopper_pearson(2, 4)


@given(counts())
@quick
def test_count_intervals_contain_the_value_and_stay_within_0_and_1(pair):
    for seen in (clopper_pearson(*pair), wilson(*pair)):
        assert 0 <= seen.low <= seen.value <= seen.high <= 1
        assert seen.low < seen.high


@given(counts(100), st.integers(2, 20))
@quick
def test_intervals_widen_as_people_get_fewer(pair, times):
    few, many = clopper_pearson(*pair), clopper_pearson(times * pair[0], times * pair[1])
    assert many.value == pytest.approx(few.value)
    assert many.high - many.low < few.high - few.low


@given(counts())
@quick
def test_hits_and_misses_mirror_each_other(pair):
    hits, n = pair
    for interval in (clopper_pearson, wilson):
        one, two = interval(hits, n), interval(n - hits, n).map(lambda x: 1 - x)
        assert (one.low, one.high) == pytest.approx((two.low, two.high), abs=1e-9)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.randoms())
@quick
def test_the_order_of_people_changes_no_bit_of_a_share(outcomes, shuffler):
    mixed = list(outcomes)
    shuffler.shuffle(mixed)
    assert share(np.array(outcomes)) == share(np.array(mixed))


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30), st.floats(0.001, 0.5))
@quick
def test_an_outcome_more_raises_both_ends(outcomes, more):
    worse = np.minimum(np.array(outcomes) + more, 1.0)
    before, after = share(np.array(outcomes)), share(worse)
    assert after.low >= before.low - 1e-12
    assert after.high >= before.high - 1e-12


# --- bootstrap ------------------------------------------------------------------------------


def mean_of(values):
    numbers = np.array(values, dtype=float)
    return lambda weights: weights @ numbers / weights.sum(axis=1)


def test_bootstrap_of_two_people_spans_both():
    # Of two people the first alone, both, or the second alone is drawn: 1/4, 1/2, 1/4.
    seen = bootstrap(mean_of([0, 1]), 2, np.random.default_rng(1))
    assert (seen.value, seen.low, seen.high, seen.n) == (0.5, 0.0, 1.0, 2)


def test_bootstrap_is_near_the_normal_interval_of_a_mean():
    values = np.random.default_rng(3).normal(10, 2, 200)
    seen = bootstrap(mean_of(values), 200, np.random.default_rng(4))
    half = 1.96 * values.std() / math.sqrt(200)
    assert seen.value == pytest.approx(values.mean())
    assert (seen.low, seen.high) == pytest.approx(
        (values.mean() - half, values.mean() + half), abs=0.06
    )


def test_the_same_seed_gives_the_same_interval():
    one, two = (bootstrap(mean_of(range(9)), 9, np.random.default_rng(5)) for _ in range(2))
    assert one == two


def test_every_resample_draws_as_many_people_as_there_are():
    sizes = []

    def statistic(weights):
        sizes.append(weights)
        return np.zeros(len(weights))

    bootstrap(statistic, 7, np.random.default_rng(0))
    drawn = np.concatenate(sizes[1:])
    assert drawn.shape == (RESAMPLES, 7)
    assert (drawn.sum(axis=1) == 7).all()
    assert drawn.min() == 0


def some_missing(share_missing):
    def statistic(weights):
        found = weights[:, 0].copy()
        found[: int(share_missing * len(found))] = np.nan
        return found

    return statistic


def test_a_few_resamples_without_a_figure_are_left_out():
    seen = bootstrap(some_missing(0.05), 30, np.random.default_rng(6))
    assert seen.value == 1.0
    assert (seen.low, seen.high) == (0.0, 3.0)


def test_a_figure_that_seldom_exists_is_not_believed():
    with pytest.raises(InvalidMeasurement, match="too few of the 30 participants"):
        bootstrap(some_missing(0.3), 30, np.random.default_rng(6))


def test_a_figure_that_does_not_exist_and_a_single_person_are_no_estimate():
    with pytest.raises(InvalidMeasurement, match="does not exist"):
        bootstrap(lambda w: np.full(len(w), np.nan), 30, np.random.default_rng(0))
    with pytest.raises(InvalidMeasurement, match="1 participants"):
        bootstrap(mean_of([1]), 1, np.random.default_rng(0))


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=12), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_bootstrap_contains_the_value_and_follows_a_change_of_unit(values, seed):
    seen = bootstrap(mean_of(values), len(values), np.random.default_rng(seed))
    moved = bootstrap(
        mean_of([3 * v + 1 for v in values]), len(values), np.random.default_rng(seed)
    )
    assert seen.low <= seen.value <= seen.high
    assert (moved.low, moved.high) == pytest.approx((3 * seen.low + 1, 3 * seen.high + 1), abs=1e-9)


def test_what_never_happened_gets_the_exact_interval():
    assert exact_at_ends(about(0.0, 0.0, 0.0, 50), 50).high == pytest.approx(0.0711, abs=1e-4)
    assert exact_at_ends(about(1.0, 1.0, 1.0, 50), 20).low == clopper_pearson(20, 20).low
    assert exact_at_ends(about(0.5, 0.4, 0.6), 20) == about(0.5, 0.4, 0.6)


# --- differences and ratios -----------------------------------------------------------------


def test_difference_by_hand():
    seen = difference(about(0.5, 0.4, 0.6, 30), about(0.3, 0.2, 0.4, 20))
    root = math.sqrt(0.02)  # 0.1^2 + 0.1^2
    assert (seen.value, seen.low, seen.high) == pytest.approx((0.2, 0.2 - root, 0.2 + root))
    assert seen.n == 20
    # The lower end leans on the low end of the first and the high end of the second.
    skewed = difference(about(0.5, 0.2, 0.6), about(0.2, 0.1, 0.6))
    assert (skewed.low, skewed.high) == pytest.approx((0.3 - 0.5, 0.3 + math.sqrt(0.02)))


@pytest.mark.parametrize(("correlation", "reach"), [(-1.0, 0.4), (0.0, 0.1**0.5), (1.0, 0.2)])
def test_difference_of_figures_on_the_same_people(correlation, reach):
    seen = difference(about(0.5, 0.4, 0.8), about(0.2, 0.1, 0.5), correlation)
    assert (seen.low, seen.high) == pytest.approx((0.3 - reach, 0.3 + reach))


def test_difference_agrees_with_newcombe_1998():
    # Method 10 of his table II: 56/70 - 48/80 is 0.2 with 0.0524 to 0.3339.
    seen = difference(wilson(56, 70), wilson(48, 80))
    assert (seen.low, seen.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_ratio_by_hand():
    # 2 [1, 3] over 1 [0.5, 1.5]: product 2; lower end: 1 (4 - 1) = 3, 1.5 (2 - 1.5) = 0.75,
    # root sqrt(4 - 2.25); upper end: 3 (4 - 3) = 3, 0.5 (2 - 0.5) = 0.75, the same root.
    seen = ratio(about(2, 1, 3, 9), about(1, 0.5, 1.5, 8))
    root = math.sqrt(1.75)
    assert (seen.value, seen.n) == (2.0, 8)
    assert (seen.low, seen.high) == pytest.approx(((2 - root) / 0.75, (2 + root) / 0.75))


def test_ratio_is_fiellers_where_both_intervals_are_symmetric():
    # Fieller 1954: the roots of (t - R b)^2 = h^2 + R^2 g^2 for t = 3, b = 2, h = 0.6, g = 0.4.
    seen = ratio(about(3, 2.4, 3.6), about(2, 1.6, 2.4))
    roots = np.roots([4 - 0.16, -12, 9 - 0.36]).real
    assert [seen.low, seen.high] == pytest.approx(sorted(roots))


def test_ratio_does_not_break_where_the_divisor_reaches_twice_its_value():
    ends = [ratio(about(0.5, 0.4, 0.6), about(0.25, 0.1, high)) for high in (0.4999, 0.5, 0.5001)]
    assert [e.low for e in ends] == pytest.approx([0.96] * 3, abs=1e-3)
    assert ends[0].low > ends[1].low > ends[2].low > 0


@pytest.mark.parametrize("top", [(-0.02, -0.05, 0.03), (-0.3, -0.4, -0.1), (0.0, 0.0, 0.1)])
def test_a_ratio_below_zero_leans_on_the_small_end_of_the_divisor(top):
    one, two = about(*top), about(0.1, 0.05, 0.25)
    seen = ratio(one, two)
    lower = two.high if one.low >= 0 else two.low
    upper = two.low if one.high >= 0 else two.high
    for end, of, towards in ((seen.low, one.low, lower), (seen.high, one.high, upper)):
        left = (one.value - end * two.value) ** 2
        right = (one.value - of) ** 2 + end**2 * (two.value - towards) ** 2
        assert left == pytest.approx(right, abs=1e-12)


def test_nothing_is_divided_by_what_may_be_zero():
    for low in (0.0, -0.1):
        with pytest.raises(InvalidMeasurement, match="told from 0"):
            ratio(about(1, 0, 2), about(0.5, low, 1))


@given(intervals(), intervals())
@quick
def test_difference_contains_its_value_and_turns_round(one, two):
    seen, back = difference(one, two), difference(two, one)
    assert seen.low <= seen.value <= seen.high
    assert (seen.low, seen.high) == pytest.approx((-back.high, -back.low), abs=1e-12)


@given(intervals(), intervals(0.01, 1), st.floats(0.1, 10))
@quick
def test_ratio_contains_its_value_and_follows_a_change_of_unit(one, two, unit):
    seen = ratio(one, two)
    assert seen.low <= seen.value <= seen.high
    turned = ratio(one.map(lambda x: -x), two)
    assert (turned.low, turned.high) == pytest.approx((-seen.high, -seen.low), rel=1e-6, abs=1e-6)
    scaled = ratio(one.map(lambda x: x * unit), two)
    assert (scaled.low, scaled.high) == pytest.approx(
        (seen.low * unit, seen.high * unit), rel=1e-6, abs=1e-6
    )


@given(intervals(), intervals(0.01, 1), st.floats(0, 0.5))
@quick
def test_ratio_widens_with_either_interval(one, two, more):
    seen = ratio(one, two)
    wider = ratio(about(one.value, one.low - more, one.high + more), two)
    looser = ratio(one, about(two.value, two.low, two.high + more))
    for other in (wider, looser):
        assert other.low <= seen.low + 1e-6 * (1 + abs(seen.low))
        assert other.high >= seen.high - 1e-6 * (1 + abs(seen.high))


# --- advantage and risk reduction -----------------------------------------------------------


def test_advantage_over_a_known_chance_by_hand():
    # (0.6 - 0.2) / 0.8 = 0.5; (0.36 - 0.2) / 0.8 = 0.2; (0.84 - 0.2) / 0.8 = 0.8
    seen = advantage(about(0.6, 0.36, 0.84), about(0.2, 0.2, 0.2))
    assert (seen.value, seen.low, seen.high) == pytest.approx((0.5, 0.2, 0.8))


def test_advantage_over_a_control_by_hand():
    # Missed 0.4 [0.2, 0.6] over room 0.8 [0.7, 0.9], one minus: 0.5, wider than over a chance.
    seen = advantage(about(0.6, 0.4, 0.8), about(0.2, 0.1, 0.3))
    missed = ratio(about(0.4, 0.2, 0.6), about(0.8, 0.7, 0.9))
    assert (seen.value, seen.low, seen.high) == pytest.approx(
        (0.5, 1 - missed.high, 1 - missed.low)
    )
    known = advantage(about(0.6, 0.4, 0.8), about(0.2, 0.2, 0.2))
    assert seen.low < known.low < known.high < seen.high


def test_an_attack_that_does_as_its_control_gains_nothing_and_below_it_less():
    assert advantage(clopper_pearson(5, 50), clopper_pearson(5, 50)).value == pytest.approx(0)
    luck = advantage(clopper_pearson(5, 50), clopper_pearson(7, 50))
    assert luck.value == pytest.approx((0.10 - 0.14) / (1 - 0.14))
    assert luck.high > 0
    assert advantage(clopper_pearson(1, 50), clopper_pearson(10, 50)).high < 0


def test_nothing_can_be_gained_over_a_control_that_may_succeed_always():
    for control in (clopper_pearson(9, 9), about(0.9, 0.7, 1.0), about(1.0, 1.0, 1.0)):
        with pytest.raises(InvalidMeasurement, match="succeed always"):
            advantage(about(0.9, 0.8, 1.0), control)


@given(counts(200), counts(200))
@quick
def test_advantage_contains_its_value_and_never_passes_one(attack, control):
    if control[0] == control[1]:
        return
    seen = advantage(clopper_pearson(*attack), clopper_pearson(*control))
    assert seen.low <= seen.value <= seen.high <= 1 + 1e-12
    assert math.isfinite(seen.low)


def test_risk_reduction_by_hand():
    # 0.05 [0.02, 0.08] of 0.5 exactly: 90 % [84 %, 96 %]
    seen = risk_reduction(about(0.05, 0.02, 0.08, 40), about(0.5, 0.5, 0.5, 50))
    assert (seen.value, seen.low, seen.high) == pytest.approx((0.9, 0.84, 0.96))
    assert seen.n == 40


def test_a_release_that_is_no_safer_has_no_reduction():
    same = clopper_pearson(60, 100)
    seen = risk_reduction(same, same)
    assert seen.value == pytest.approx(0)
    assert seen.low < 0 < seen.high


def test_no_risk_is_cut_by_more_than_all_of_it():
    seen = risk_reduction(about(-0.05, -0.15, 0.05), about(0.5, 0.4, 0.6))
    assert (seen.value, seen.high) == (1.0, 1.0)
    assert 0.85 < seen.low < 0.9  # 1 - 0.05/0.5 is 0.9, and the divisor is not sure


def test_what_has_no_risk_cannot_be_made_safer():
    with pytest.raises(InvalidMeasurement, match="not above its control"):
        risk_reduction(about(0.0, -0.1, 0.1), about(0.1, -0.01, 0.2))


@given(intervals(-0.5, 1), intervals(0.01, 1))
@quick
def test_risk_reduction_contains_its_value_and_stays_at_most_one(release, original):
    seen = risk_reduction(release, original)
    assert seen.low <= seen.value <= seen.high <= 1


@given(intervals(-0.5, 0.9), intervals(0.01, 1), st.floats(0, 0.1))
@quick
def test_a_riskier_release_is_never_a_larger_reduction(release, original, more):
    worse = release.map(lambda x: x + more)
    before, after = risk_reduction(release, original), risk_reduction(worse, original)
    # The root of a difference of equals keeps half of its digits.
    for end in ("value", "low"):
        assert getattr(after, end) <= getattr(before, end) + 1e-6 * (1 + abs(getattr(before, end)))


# --- few people -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "printed"), [(50, "7.1%"), (100, "3.6%"), (189, "1.9%"), (1000, "0.37%")]
)
def test_nobody_hit_still_allows_a_risk(n, printed):
    assert resolution(n) == pytest.approx(1 - 0.025 ** (1 / n), abs=1e-12)
    digits = 2 if n == 1000 else 1
    assert f"{resolution(n):.{digits}%}" == printed


@pytest.mark.parametrize("limit", [0.97, 0.5, 0.2, 0.1, 0.09, 0.05, 0.0123, 0.003])
def test_people_needed_is_the_least_number_that_will_do(limit):
    n = people_needed(limit)
    assert resolution(n) <= limit
    assert n == 1 or resolution(n - 1) > limit


def test_people_needed_turns_the_resolution_round():
    assert [people_needed(resolution(n)) for n in range(1, 300)] == list(range(1, 300))


def test_people_needed_ends_however_small_the_limit():
    assert people_needed(1.0) == people_needed(0.975) == people_needed(0.9999) == 1
    assert people_needed(1e-9) == pytest.approx(3.6889e9, rel=1e-4)
    with pytest.raises(InvalidMeasurement, match="exactly 0"):
        people_needed(0.0)


@given(st.floats(1e-4, 0.9), st.floats(1e-4, 0.9))
@quick
def test_a_stricter_limit_never_needs_fewer_people(one, two):
    strict, loose = sorted((one, two))
    assert people_needed(strict) >= people_needed(loose)


def test_more_people_by_hand_and_without_end():
    assert more_people(100, 0.3, 0.1) == 900
    assert more_people(100, 0.1000001, 0.1) == 101
    assert more_people(100, 0.1, 1e-300) == MOST_PEOPLE
    assert more_people(100, 0.1, 0.0) == MOST_PEOPLE


def test_map_keeps_the_ends_in_order():
    turned = about(0.2, 0.1, 0.4).map(lambda x: 1 - x)
    assert (turned.low, turned.value, turned.high) == pytest.approx((0.6, 0.8, 0.9))
