"""What is counted: columns by hand, one count a person, and noise that is told apart if too small."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.dp.accounting import Share
from mindveil.dp.conversion import epsilon_of
from mindveil.dp.distinguish import distinguishable
from mindveil.synthesise import marginal_tables
from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.marginal_tables import (
    Column,
    Trunk,
    dependence,
    histogram,
    layout_of,
    noisy,
    pair,
    score,
    score_cells,
    variable,
)
from mindveil.synthesise.marginal_tree import Node


def item(name, block="", **changes):
    return Variable(name=name, kind="ordinal", levels=("0", "1", "2"), block=block, **changes)


BOOK = Codebook(
    variables=(
        item("a1", "a", may_miss=True),
        item("b1", "b"),
        item("a2", "a", may_miss=True),
        item("b2", "b"),
        item("sex", may_miss=True),
        item("lone", "c"),
    )
)
CODES = np.array([[2, 1, 1, 0, 0, 1], [-1, 0, 2, 2, -1, 0], [-1, 1, -1, 1, 2, 2]], dtype=np.int16)


def test_the_layout_by_hand():
    layout = layout_of(BOOK, scores=True)
    assert layout.blocks == ((0, 2), (1, 3))
    assert layout.alone == (4, 5)
    assert score_cells(BOOK, layout) == [5, 5]
    assert layout_of(BOOK, scores=False).alone == (0, 1, 2, 3, 4, 5)


def test_scores_by_hand():
    # 2 + 1; no answer + 2 counts 2; no answer at all is missing, which is the last cell.
    assert score(CODES, BOOK, (0, 2)).codes.tolist() == [3, 2, 5]
    assert score(CODES, BOOK, (1, 3)).codes.tolist() == [1, 2, 2]
    assert variable(CODES, BOOK, 4).codes.tolist() == [0, 3, 2]
    assert histogram(variable(CODES, BOOK, 4)).tolist() == [1, 0, 1, 1]


def test_a_pair_by_hand():
    found = pair(np.array([0, 1, 1]), 2, np.array([2, 0, 0]), 3)
    assert found.tolist() == [[0, 0, 1], [2, 0, 0]]


@given(st.lists(st.integers(0, 2), min_size=1, max_size=20), st.integers(0, 2))
def test_one_person_more_is_one_count_more(codes, new):
    def both(values):
        column = Column(codes=np.array(values), cells=2, ordered=True, may_miss=True)
        return histogram(column), pair(column.codes, 3, column.codes, 3)

    for mine, other in zip(both([*codes, new]), both(codes), strict=True):
        assert np.abs(mine - other).sum() == 1


def trunk(codes, margins):
    columns = tuple(
        Column(codes=c, cells=2, ordered=True, may_miss=True) for c in np.array(codes).T
    )
    nodes = (Node(group=np.arange(3), shares=np.ones(3)),) * len(columns)
    return Trunk(columns=columns, nodes=nodes, margins=margins, given=0, people=len(codes) + 0.3)


@settings(max_examples=80)
@given(st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=2, max_size=30), st.integers(0, 999))
def test_one_person_moves_the_score_of_a_pair_by_at_most_one(rows, seed):
    margins = tuple(np.random.default_rng(seed).dirichlet(np.ones(3), 3))
    whole = trunk(rows, margins)
    fewer = replace(trunk(rows[:-1], margins), people=whole.people)
    assert np.abs(dependence(whole) - dependence(fewer)).max() <= 1


def test_margins_of_the_people_themselves_would_move_it_by_more():
    def own(people):
        shares = [np.bincount(c, minlength=3) / len(people) for c in people.T]
        return dependence(replace(trunk(people, tuple(shares)), people=len(people)))

    tables = np.random.default_rng(7).integers(0, 3, (60, 40, 2))
    assert max(np.abs(own(rows) - own(rows[:-1])).max() for rows in tables) > 1


def test_pairs_that_hang_together_score_high_and_others_about_nothing():
    source = np.random.default_rng(7)
    one = source.integers(0, 3, 900)
    rows = np.column_stack(
        [one, np.where(source.random(900) < 0.7, one, 0), source.permutation(one)]
    )
    margins = tuple(np.bincount(c, minlength=3) / 900 for c in rows.T)
    found = dependence(trunk(rows, margins))
    assert found[0, 1] > 400
    assert abs(found[0, 2]) < 60


class QuickNoise:
    """Rounded Gaussian noise from NumPy, for many runs."""

    proved = False

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def gaussian(self, sigma, shape):
        return np.rint(self.rng.normal(0.0, sigma, shape)).astype(np.int64)


def totals(tables, share, seed):
    """Everybody's counts along the direction in which one person moves them: the best test."""
    source = QuickNoise(seed)
    return np.array([sum(t[0] for t in noisy(tables, share, source)) for _ in range(20_000)])


def test_noise_for_one_table_where_four_are_counted_is_told_apart(monkeypatch):
    with_her, without = [np.array([8, 3])] * 4, [np.array([7, 3])] * 4
    share, delta = Share(rho=0.05), 1e-2
    epsilon = epsilon_of(share.rho, delta)

    def alarm():
        return distinguishable(
            totals(with_her, share, 1), totals(without, share, 2), epsilon, delta
        ).alarm

    assert not alarm()
    wrong = SimpleNamespace(**{**vars(math), "sqrt": lambda tables: 1.0})
    monkeypatch.setattr(marginal_tables, "math", wrong)
    assert alarm()


def test_noise_has_the_size_that_is_due():
    tables = [np.zeros((30, 30), dtype=np.int64)] * 4
    drawn = np.concatenate([t.ravel() for t in noisy(tables, Share(rho=0.02), QuickNoise(3))])
    assert drawn.std() == pytest.approx(math.sqrt(4 / 0.04), rel=0.05)
