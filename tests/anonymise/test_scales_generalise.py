"""The engine behind k-anonymity: groups and what is said of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.anonymise.scales_generalise import (
    common,
    describe,
    group_people,
    hopeless,
    pool_rare,
    spread,
)
from mindveil.corpus.generalised import covers


def test_groups_are_the_people_who_are_alike():
    # Two kinds of people, each exactly k times: nothing has to be said more coarsely.
    sex = spread(["f", "m"] * 3, "nominal")
    age = spread([20.0, 60.0] * 3, "number")
    labels = group_people([sex, age], 3, np.random.default_rng(1))
    assert describe(sex, labels) == ["f", "m"] * 3
    assert describe(age, labels) == [20.0, 60.0] * 3


def test_people_left_over_join_the_group_that_grows_least():
    age = spread([20.0, 20.0, 20.0, 60.0, 61.0], "number")
    labels = group_people([age], 2, np.random.default_rng(1))
    assert describe(age, labels) == [20.0, 20.0, 20.0, "60-61", "60-61"]


def test_rare_values_are_pooled_with_each_other_before_common_ones():
    # p and q occur once: pooled, both lose little; with a or b five people would lose more.
    town = spread(["a"] * 4 + ["b"] * 4 + ["p", "q"], "nominal")
    labels = group_people([town], 2, np.random.default_rng(1))
    assert describe(town, labels) == ["a"] * 4 + ["b"] * 4 + ["p|q"] * 2


@pytest.mark.parametrize(
    ("values", "kind", "levels", "codes", "expected"),
    [
        ([3.0, 1.0, 2.0], "number", (), [0, 2], "1-3"),
        ([3.0, 1.0, None], "number", (), [0, 2], "1|n/a"),
        ([0.0, 5.0, None], "number", (), [0, 1, 2], "0-5|n/a"),
        (["lo", "mid", "hi"], "ordinal", ("lo", "mid", "hi"), [0, 2], "hi|lo|mid"),
        (["lo", "odd"], "ordinal", ("lo", "mid", "hi"), [0, 1], "lo|odd"),
        (["one text", "another"], "text", (), [0, 1], "*"),
        (["30-39", 40.0], "number", (), [0, 1], "30-39|40"),  # generalised before
    ],
)
def test_what_is_said_of_a_group(values, kind, levels, codes, expected):
    column = spread(values, kind, levels)
    assert common(column, np.array(codes)) == expected


def test_rare_values_pool_with_the_next_rarest_and_missing_stays_missing():
    town = spread(["a"] * 5 + ["b"] * 4 + ["p", "q", None], "nominal")
    assert pool_rare(town, 2) == ["a"] * 5 + ["b"] * 4 + ["p|q", "p|q", None]
    assert pool_rare(town, 3)[5:] == ["b|p|q"] * 6 + [None]
    assert pool_rare(town, 99) == ["a|b|p|q"] * 11 + [None]


def test_on_a_scale_only_neighbours_are_pooled():
    grade = spread(["1", "1", "2", "3", "3"], "ordinal", ("1", "2", "3"))
    assert pool_rare(grade, 2) == ["1|2", "1|2", "1|2", "3", "3"]


def test_the_groups_that_lost_most_may_be_suppressed():
    names = [f"n{i}" for i in range(4)]
    column = spread([*names, *(["a"] * 16)], "nominal")
    labels = np.array([0] * 4 + [1] * 16)
    wide = spread(["x", "y"] * 10, "nominal")
    assert hopeless([column], labels, 0.2).sum() == 0  # half is kept: 4 of 20 are still rare
    assert hopeless([wide], labels, 0.2).tolist() == [True] * 4 + [False] * 16
    assert hopeless([wide], labels, 0.1).sum() == 0  # 4 people are more than a tenth of 20


def test_large_tables_are_cut_into_blocks_of_k_or_more():
    rng = np.random.default_rng(3)
    columns = [spread([float(v) for v in rng.integers(0, 9, 9_000)], "number") for _ in range(2)]
    labels = group_people(columns, 700, rng)
    assert np.bincount(labels).min() >= 700


rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(18, 40).map(float)),
        st.sampled_from([None, "MY", "US", "DE", "GB", "AX"]),
        st.sampled_from(["lo", "mid", "hi"]),
    ),
    min_size=6,
    max_size=40,
)


@settings(deadline=None)
@given(rows, st.integers(2, 6), st.integers(0, 99))
def test_every_group_has_k_people_and_is_described_truly(people, k, seed):
    columns = [
        spread([p[0] for p in people], "number"),
        spread([p[1] for p in people], "nominal"),
        spread([p[2] for p in people], "ordinal", ("lo", "mid", "hi")),
    ]
    labels = group_people(columns, k, np.random.default_rng(seed))
    assert np.bincount(labels).min() >= k
    for j, column in enumerate(columns):
        said = describe(column, labels)
        assert all(covers(s, p[j]) for s, p in zip(said, people, strict=True))
        assert len({(label, s) for label, s in zip(labels.tolist(), said, strict=True)}) == len(
            set(labels.tolist())
        )


def test_the_order_of_the_table_says_nothing_about_the_groups():
    rng = np.random.default_rng(8)
    values = [float(v) for v in rng.integers(18, 60, 60)]
    sizes = []
    for turn in (np.arange(60), rng.permutation(60)):
        column = spread([values[i] for i in turn], "number")
        said = describe(column, group_people([column], 5, np.random.default_rng(1)))
        sizes.append(sorted(set(map(str, said))))
    assert sizes[0] == sizes[1]
