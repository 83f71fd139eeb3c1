"""Linkage: line-ups counted by hand and by enumeration, planted identities, shuffled ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from mindveil.attack.base import LinkScores
from mindveil.corpus.model import Corpus, Participant
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import clopper_pearson
from mindveil.evidence.linkage import (
    Linked,
    chance_of_rank,
    compare,
    measure_linkage,
    name_pairs,
)
from mindveil.evidence.measured import Truth

quick = settings(max_examples=25, deadline=None)


def fold(scores, rows, columns, absent=(), *, whole_table=True):
    return Linked(
        rows=tuple(rows),
        columns=tuple(columns),
        scores=np.array(scores, dtype=float),
        absent=tuple(absent),
        whole_table=whole_table,
    )


def by_name(found):
    return {m.metric: m for m in found}


def measured(folds, lineup=100, unusual=frozenset()):
    return by_name(measure_linkage(folds, lineup, unusual, np.random.default_rng(0)))


HAND = fold(
    [
        [0.9, 0.1, 0.2, 0.3],  # a comes first
        [0.5, 0.5, 0.1, 0.0],  # b is level with a
        [0.3, 0.8, 0.1, 0.9],  # c comes last
    ],
    rows="abc",
    columns="abcx",
    absent="x",
)


def planted(size, extra, strength, rng, *, whole_table=True):
    """Return a fold of people whose own score is raised, and of absent people beside them."""
    rows = [f"p{i}" for i in range(size)]
    columns = rows + [f"x{i}" for i in range(extra)]
    scores = rng.normal(size=(size, size + extra))
    scores[np.arange(size), np.arange(size)] += strength
    return fold(scores, rows, columns, columns[size:], whole_table=whole_table)


# --- line-ups -------------------------------------------------------------------------------


def enumerated(better, tied, others, lineup, rank):
    """Return the same chance from every line-up and every way of breaking its ties."""
    impostors = [1] * better + [0] * tied + [-1] * (others - better - tied)
    hits = total = 0.0
    for drawn in combinations(impostors, min(lineup - 1, others)):
        above, level = drawn.count(1), drawn.count(0)
        for order in range(level + 1):  # the right one is equally likely at each place of the tie
            hits += (above + order < rank) / (level + 1)
        total += 1
    return hits / total


def test_chance_of_rank_is_that_of_all_line_ups():
    others = 5
    for lineup in range(1, 8):
        for rank in (1, 2, 5):
            for better in range(others + 1):
                for tied in range(others + 1 - better):
                    seen = chance_of_rank(
                        np.array([float(better)]), np.array([float(tied)]), others, lineup, rank
                    )[0]
                    wanted = enumerated(better, tied, others, lineup, rank)
                    assert seen == pytest.approx(wanted, abs=1e-12), (better, tied, lineup, rank)


def test_ties_are_broken_by_every_order_alike():
    # The right one (0) among two that are level with it: first in 2 of 6 orders.
    first = [order[0] == 0 for order in permutations([0, 1, 2])]
    seen = chance_of_rank(np.array([0.0]), np.array([2.0]), 2, 3, 1)[0]
    assert seen == pytest.approx(np.mean(first))


@given(st.integers(1, 60), st.data())
@quick
def test_a_wider_line_up_never_finds_more(others, data):
    better = data.draw(st.integers(0, others))
    tied = data.draw(st.integers(0, others - better))
    seen = [
        chance_of_rank(np.array([float(better)]), np.array([float(tied)]), others, size, 1)[0]
        for size in range(1, others + 2)
    ]
    assert all(0 <= s <= 1 for s in seen)
    assert all(b <= a + 1e-12 for a, b in pairwise(seen))
    assert seen[0] == 1.0  # alone in the line-up


# --- names ----------------------------------------------------------------------------------


def people(*ids):
    return Corpus(name="made", participants=tuple(Participant(participant_id=i) for i in ids))


def test_pairs_are_named_from_either_side():
    truth = Truth(
        person_of={"r1": "a", "r2": "b"}, released=people("a", "b"), absent=people("x", "y")
    )
    scores = np.array([[1.0, np.nan, 0.2], [0.3, 2.0, 0.1]])
    seen = name_pairs(
        LinkScores(queries=("r1", "r2"), candidates=("a", "b", "x"), scores=scores), truth
    )
    assert (seen.rows, seen.columns, seen.absent) == (("a", "b"), ("a", "b", "x"), ("x",))
    assert seen.scores[0, 1] == -np.inf
    assert not seen.whole_table
    turned = name_pairs(
        LinkScores(
            queries=("a", "b", "x"),
            candidates=("r1", "r2"),
            scores=scores.T,
            queries_are="people",
            whole_table=True,
        ),
        truth,
    )
    assert (turned.rows, turned.columns, turned.absent) == (("a", "b", "x"), ("a", "b"), ("x",))
    assert turned.whole_table


# --- the figures by hand ----------------------------------------------------------------------


def test_rank1_by_hand():
    seen = measured([HAND])
    assert seen["rank1"].estimate.value == pytest.approx((1 + 0.5 + 0) / 3)
    assert seen["rank1"].estimate.n == 3
    assert seen["rank1"].baseline == 0.25
    assert "eer" not in seen  # a table is searched as a whole
    assert "rank5" not in seen


def test_the_control_puts_absent_people_in_the_place_of_the_right_ones():
    # x among [.1 .2 x=.3]: first; among [.5 .1 x=.0]: last; among [.3 .8 x=.9]: first.
    control = measured([HAND])["rank1"].control
    assert control is not None
    assert (control.value, control.n) == (pytest.approx(2 / 3), 1)
    gain = measured([HAND])["advantage"]
    assert gain.estimate.value == pytest.approx((0.5 - 2 / 3) / (1 - 2 / 3))
    assert gain.note == "rank1 above its control"


def test_without_absent_people_a_guesser_is_the_floor():
    seen = measured([replace(HAND, absent=())])
    assert seen["rank1"].control is None
    assert seen["advantage"].estimate.value == pytest.approx((0.5 - 0.25) / 0.75)
    assert seen["advantage"].note == "rank1 above its baseline"


def test_a_line_up_of_two_by_hand():
    # a beats whoever is drawn; b is level with one of three and beats two; c loses to all.
    seen = measured([replace(HAND, whole_table=False)], lineup=2)
    assert seen["rank1"].estimate.value == pytest.approx((1 + 5 / 6 + 0) / 3)
    assert seen["rank1"].baseline == 0.5
    assert seen["rank5"].estimate.value == 1.0
    assert seen["rank5"].baseline == 1.0
    # x against one of two: 1; 0; 1, each time whoever is drawn
    assert seen["rank1"].control.value == pytest.approx(2 / 3)


def test_rank5_counts_the_first_five():
    scores = np.tile(np.arange(8.0)[::-1], (2, 1))  # column 0 is always first, 7 always last
    seen = measured([fold(scores, ["c4", "c5"], [f"c{i}" for i in range(8)], whole_table=False)])
    assert seen["rank1"].estimate.value == 0.0
    assert seen["rank5"].estimate.value == 0.5  # the fifth is in, the sixth is out
    assert seen["rank5"].baseline == pytest.approx(5 / 8)


def test_folds_are_pooled_by_person():
    # a: 1 and 0, b: 0.5 and 1, c: 0 once; d: 1 once. Four people, not six rows.
    second = fold([[0, 1, 0], [0, 1, 0], [0, 0, 1]], rows="abd", columns="abd")
    seen = measured([replace(HAND, absent=()), second])
    assert seen["rank1"].estimate == clopper_pearson(0.5 + 0.75 + 0 + 1, 4)
    assert seen["rank1"].baseline == pytest.approx((1 / 4 + 1 / 3) / 2)


def test_people_without_an_enrolment_are_no_targets():
    seen = measured([fold([[1, 0], [0, 1], [5, 5]], rows="abz", columns="ab")])
    assert seen["rank1"].estimate == clopper_pearson(2, 2)


def test_people_looking_for_their_record_have_chance_for_a_control():
    scores = [[5, 1, 0, 0], [0, 5, 1, 2], [7, 0, 1, 0], [9, 8, 7, 6]]
    seen = measured([fold(scores, rows="abcx", columns="abcd", absent="x")])
    assert seen["rank1"].estimate.value == pytest.approx(2 / 3)
    assert seen["rank1"].control.value == 0.25


def test_a_record_that_is_ruled_out_shares_the_last_place():
    ruled = fold([[-np.inf, 1, 2], [0, 1, 0], [0, 0, 1]], rows="abc", columns="abc")
    assert measured([ruled])["rank1"].estimate.value == pytest.approx(2 / 3)
    blank = fold([[-np.inf] * 3, [0, 1, 0], [0, 0, 1]], rows="abc", columns="abc")
    assert measured([blank])["rank1"].estimate.value == pytest.approx((1 / 3 + 1 + 1) / 3)


def test_the_most_unusual_people_are_shown_apart():
    seen = measured([HAND], unusual=frozenset("bcq"))
    assert seen["rank1-unusual"].estimate == clopper_pearson(0.5, 2)
    assert "rank1-unusual" not in measured([HAND], unusual=frozenset("q"))


@pytest.mark.parametrize("value", [0.0, 7.0, -np.inf])
def test_equal_scores_are_invalid_and_never_low_risk(value):
    flat = replace(HAND, scores=np.full((3, 4), value))
    for folds in ([flat], [HAND, flat], [flat, HAND]):
        with pytest.raises(InvalidMeasurement, match="all scores are equal"):
            measured(folds)


def test_no_scores_and_no_targets_are_invalid():
    empty = fold(np.zeros((0, 3)), rows="", columns="abc")
    with pytest.raises(InvalidMeasurement, match="saw nothing"):
        measured([empty])
    nobody = fold([[1, 2], [3, 4]], rows="ab", columns="xy")
    with pytest.raises(InvalidMeasurement, match="fewer than 2 people"):
        measured([nobody])
    assert measured([empty, HAND])["rank1"].baseline == 0.25  # an empty fold changes nothing


def test_a_line_up_of_one_tells_nothing():
    with pytest.raises(InvalidMeasurement, match="succeed always"):
        measured([fold([[1.0], [2.0]], rows="ab", columns="a"), fold([[1.0], [2.0]], "ba", "b")])


def test_where_two_people_leave_no_pairs_rank1_stands_without_an_equal_error_rate():
    seen = measured([fold([[1, 0], [0, 1]], "ab", "ab", whole_table=False)])
    assert "rank1" in seen
    assert "eer" not in seen


# --- properties -------------------------------------------------------------------------------


@st.composite
def tables(draw):
    size, extra = draw(st.integers(2, 6)), draw(st.integers(0, 3))
    levels = st.integers(-3, 3)
    scores = draw(
        st.lists(
            st.lists(levels, min_size=size + extra, max_size=size + extra),
            min_size=size,
            max_size=size,
        )
    )
    scores[0][0], scores[0][-1] = 3, -3  # never all equal
    rows = [f"p{i}" for i in range(size)]
    absent = [f"x{i}" for i in range(extra)]
    return fold(scores, rows, rows + absent, absent, whole_table=False)


def figures(found):
    return {
        m.metric: (m.estimate.value, m.estimate.low, m.estimate.high, m.control and m.control.value)
        for m in found.values()
        if m.metric != "eer"
    }


def same(one, two):
    assert one.keys() == two.keys()
    for name, numbers in one.items():
        assert numbers == pytest.approx(two[name], abs=1e-12), name


@given(tables(), st.integers(2, 12), st.data())
@quick
def test_the_order_of_records_and_candidates_changes_nothing(table, lineup, data):
    rows = data.draw(st.permutations(range(len(table.rows))))
    columns = data.draw(st.permutations(range(len(table.columns))))
    mixed = fold(
        table.scores[np.ix_(rows, columns)],
        [table.rows[i] for i in rows],
        [table.columns[i] for i in columns],
        table.absent,
        whole_table=False,
    )
    try:
        before = measured([table], lineup)
    except InvalidMeasurement:
        with pytest.raises(InvalidMeasurement):
            measured([mixed], lineup)
        return
    same(figures(before), figures(measured([mixed], lineup)))


@given(tables(), st.floats(0.01, 100), st.floats(-10, 10))
@quick
def test_only_the_order_of_scores_counts(table, scale, shift):
    bent = replace(table, scores=scale * table.scores**3 + shift)
    try:
        before = measured([table])
    except InvalidMeasurement:
        return
    after = measured([bent])
    same(figures(before), figures(after))
    assert ("eer" in before) == ("eer" in after)
    if "eer" in before:
        assert before["eer"].estimate == after["eer"].estimate


@given(tables())
@quick
def test_a_wider_line_up_never_raises_the_risk(table):
    try:
        seen = [measured([table], n)["rank1"].estimate.value for n in (2, 3, 9)]
    except InvalidMeasurement:
        return
    assert all(b <= a + 1e-12 for a, b in pairwise(seen))


@given(tables())
@quick
def test_saying_it_twice_does_not_make_it_surer(table):
    try:
        once, twice = measured([table]), measured([table, table])
    except InvalidMeasurement:
        return
    same(figures(once), figures(twice))


# --- weaker against stronger ------------------------------------------------------------------


def test_compare_by_hand():
    # The stronger finds a and b, the weaker b and c: one win each of three people.
    stronger = fold([[1, 0, 0], [0, 1, 0], [1, 0, 0]], "abc", "abc")
    weaker = fold([[0, 1, 0], [0, 1, 0], [0, 0, 1]], "abc", "abc")
    seen = compare([stronger], [weaker], 100)
    assert (seen.value, seen.n) == (0.0, 3)
    assert seen.low == pytest.approx(-seen.high)
    # Won and lost of three, 1/3 each, never both: correlation -1/2.
    one = clopper_pearson(1, 3)
    down, up = one.value - one.low, one.high - one.value
    assert seen.high == pytest.approx((down**2 + up**2 + down * up) ** 0.5)


def test_compare_of_the_same_attacker_is_nothing():
    seen = compare([HAND], [HAND], 100)
    assert seen.value == 0.0
    assert seen.low < 0 < seen.high


def test_compare_needs_people_whom_both_looked_for():
    with pytest.raises(InvalidMeasurement):
        compare([HAND], [fold([[1, 0], [0, 1]], "qr", "qr")], 100)


def test_a_weaker_attacker_who_does_better_is_always_flagged():
    for seed in range(50):
        rng = np.random.default_rng(seed)
        weaker, stronger = planted(80, 20, 4.0, rng), planted(80, 20, 1.0, rng)
        assert compare([stronger], [weaker], 100).high < 0
        assert compare([weaker], [stronger], 100).low > 0


def test_equally_strong_attackers_are_seldom_flagged():
    flagged = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        gap = compare([planted(60, 0, 2.5, rng)], [planted(60, 0, 2.5, rng)], 100)
        flagged += gap.high < 0
    assert flagged <= 9  # two and a half in a hundred, and luck


# --- planted truth and none -------------------------------------------------------------------


def test_planted_identities_are_found():
    seen = measured([planted(200, 50, 12.0, np.random.default_rng(1), whole_table=False)], 100)
    assert seen["rank1"].estimate.value >= 0.95
    assert seen["advantage"].estimate.low >= 0.9
    assert seen["eer"].estimate.value <= 0.02


def test_the_risk_falls_with_the_strength_of_the_identities():
    strengths = [6, 4, 3, 2, 1, 0]
    seen = [
        measured([planted(100, 20, s, np.random.default_rng(2))])["rank1"].estimate.value
        for s in strengths
    ]
    assert spearmanr(strengths, seen).statistic >= 0.9


def test_shuffled_identities_are_not_found():
    beaten, below = 0, 0
    for seed in range(200):
        seen = measured([planted(60, 20, 0.0, np.random.default_rng(seed))])["advantage"].estimate
        beaten += seen.low > 0
        below += seen.high < 0
    assert beaten <= 10
    assert below <= 10
