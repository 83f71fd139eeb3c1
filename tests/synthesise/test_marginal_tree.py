"""A tree of tables: margins and pairs by hand, and no cell that is not there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.synthesise.marginal_tree import Node, conditional, grown, merged, on_simplex, raked


def rng():
    return np.random.default_rng(7)


def plain(cells):
    return Node(group=np.arange(cells), shares=np.ones(cells))


def test_a_chain_is_drawn_with_the_tables_it_was_grown_from():
    first = np.array([[40.0, 10.0], [10.0, 40.0]])
    second = np.array([[45.0, 5.0], [5.0, 45.0]])
    half = np.array([0.5, 0.5])
    # The edge (2, 1) is measured the wrong way round: it is turned.
    tree = grown([plain(2)] * 3, [half] * 3, 0, {(2, 1): second.T, (0, 1): first})
    assert tree.edges == ((0, 1), (1, 2))
    cells = tree.draw(np.empty((40_000, 0), dtype=np.int64), rng())
    for one, other, due in ((0, 1, 0.8), (1, 2, 0.9), (0, 2, 0.8 * 0.9 + 0.2 * 0.1)):
        assert (cells[:, one] == cells[:, other]).mean() == pytest.approx(due, abs=0.01)


def test_what_is_given_is_kept_and_only_the_rest_is_drawn():
    tables = {(1, 2): np.array([[50.0, 0.0], [0.0, 50.0]])}
    margins = [np.array([0.3, 0.7]), np.array([0.5, 0.5]), np.array([0.5, 0.5])]
    tree = grown([plain(2)] * 3, margins, 2, tables)
    handed = np.array([[0, 1], [1, 0], [0, 0]])
    cells = tree.draw(handed, rng())
    assert cells[:, :2].tolist() == handed.tolist()
    assert cells[:, 2].tolist() == [1, 0, 0]


def test_the_nearest_plausible_counts_by_hand():
    assert on_simplex(np.array([5.0, 3.0, -2.0]), 6.0).tolist() == [4.0, 2.0, 0.0]
    assert on_simplex(np.array([1.0, 1.0]), 4.0).tolist() == [2.0, 2.0]


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=12), st.floats(0.5, 200))
def test_plausible_counts_add_up_and_are_never_negative(counts, total):
    found = on_simplex(np.array(counts), total)
    assert found.min() >= 0.0
    assert found.sum() == pytest.approx(total)


@settings(max_examples=30)
@given(seed=st.integers(0, 500))
def test_a_raked_table_has_the_margins(seed):
    source = np.random.default_rng(seed)
    rows, columns = source.dirichlet(np.ones(4)), source.dirichlet(np.ones(3))
    table = 300.0 * np.outer(rows, columns) + source.normal(0, 10, (4, 3))
    fitted = raked(table, rows, columns)
    assert fitted.sum(axis=0) == pytest.approx(columns, abs=1e-6)
    assert fitted.sum(axis=1) == pytest.approx(rows, abs=1e-3)


def test_a_row_of_nobody_takes_the_fallback():
    shares = conditional(np.array([[0.0, 0.0], [1.0, 3.0]]), np.array([0.6, 0.4]))
    assert shares.tolist() == [[0.6, 0.4], [0.25, 0.75]]


def test_neighbours_are_merged_and_the_missing_are_a_group_of_their_own():
    node = merged(np.array([10.0, 2.0, 2.0, 6.0, 1.0, 5.0]), True, 5.0, 12)
    assert node.group.tolist() == [0, 1, 1, 1, 1, 2] or node.group.tolist() == [0, 1, 1, 2, 2, 3]
    assert node.within().sum(axis=1) == pytest.approx(np.ones(node.groups))


def test_eighty_countries_become_a_handful_of_groups():
    counts = np.array([900.0, 400.0, 60.0, *np.full(77, 3.0), 0.0])
    node = merged(counts, False, 50.0, 12)
    assert node.groups == 5
    assert len(set(node.group[3:80].tolist())) == 1
    assert node.margin(counts)[node.group[0]] == pytest.approx(900 / counts.sum())


def test_categories_beyond_the_most_are_pooled():
    node = merged(np.array([*np.full(30, 100.0), 0.0]), False, 1.0, 12)
    assert node.groups == 13


@given(
    st.lists(st.floats(0, 100), min_size=2, max_size=30),
    st.booleans(),
    st.floats(0, 60),
    st.integers(2, 12),
)
def test_every_cell_is_in_one_group_and_shares_add_up(counts, ordered, least, most):
    node = merged(np.array(counts), ordered, least, most)
    assert set(node.group.tolist()) == set(range(node.groups))
    assert node.groups <= most + 1
    assert node.within().sum(axis=1) == pytest.approx(np.ones(node.groups))
    if ordered:
        assert (np.diff(node.group) >= 0).all()
