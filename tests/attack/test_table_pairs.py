"""Pairs of rows, added up by hand and as one matrix product."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.attack.crowds import corpus, crowd, person

from mindveil.attack import table_pairs
from mindveil.attack.scales_singling_out import telling_fields
from mindveil.attack.table_pairs import GRAIN, Pairing, add_up, blocks, distances, picked
from mindveil.corpus.generalised import overlapping
from mindveil.features.visits import whole_table

ALL = slice(0, 3)


def test_fields_are_added_up_by_hand():
    one = Pairing(
        rows=np.array([0, 1, 1]),
        columns=np.array([0, 2]),
        values=np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    )
    other = Pairing(
        rows=np.array([0, 0, 1]),
        columns=np.array([1, 0]),
        values=np.array([[10.0, 20.0], [30.0, 40.0]]),
        known=np.array([True, False, True]),
    )
    assert add_up([one, other], ALL, 2).tolist() == [[21.0, 13.0], [4.0, 6.0], [44.0, 36.0]]
    assert add_up([one, other], slice(2, 3), 2).tolist() == [[44.0, 36.0]]
    assert add_up([], ALL, 2).tolist() == [[0.0, 0.0]] * 3


@given(st.integers(0, 10_000))
def test_fields_of_many_values_are_added_up_alike(seed):
    rng = np.random.default_rng(seed)
    known = rng.random(7) < 0.5
    pairings = [
        Pairing(
            rows=rng.integers(0, 4, 7),
            columns=rng.integers(0, 3, 5),
            values=rng.normal(size=(4, 3)),
            known=known if field else None,
        )
        for field in range(3)
    ]
    fast = add_up(pairings, slice(1, 6), 5)
    told = [p.values[p.rows][:, p.columns] for p in pairings]
    told = [np.round(t / GRAIN) * GRAIN for t in told]
    slow = told[0] + (told[1] + told[2]) * known[:, None]
    np.testing.assert_array_equal(fast, slow[1:6].astype(np.float32))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_pairs, "_FEW", 0)
        np.testing.assert_array_equal(add_up(pairings, slice(1, 6), 5), fast)


def test_runs_of_rows_cover_every_row_once(monkeypatch):
    monkeypatch.setattr(table_pairs, "_BLOCK", 4)
    assert [(part.start, part.stop) for part in blocks(9)] == [(0, 4), (4, 8), (8, 9)]
    assert list(blocks(0)) == []


def test_distances_by_hand():
    originals = whole_table(
        corpus(
            person("P1", 20.0, "a", [0]),
            person("P2", 30.0, "a", [0]),
            person("P3", 30.0, "b", [2]),
            person("P4", 40.0, "b", [None]),
        )
    )
    records = whole_table(corpus(person("S1", 25.0, "a", [2]), person("S2", "20-30", "c", [None])))
    fields = {f.name: f for f in telling_fields(originals)}
    told = {
        name: add_up(distances(records, originals, [fields[name]]), slice(0, 2), 4)
        for name in ("age", "town", "q_01")
    }
    # Ages of two who differ lie 10 apart in 8 of the 10 ordered pairs and 20 in 2: 12 on average.
    np.testing.assert_allclose(told["age"][0], np.array([5, 5, 5, 15]) / 12, atol=GRAIN)
    np.testing.assert_allclose(told["age"][1], np.array([0, 0, 0, 10]) / 12, atol=GRAIN)
    assert told["town"].tolist() == [[0, 0, 1, 1], [1, 1, 1, 1]]
    # Of answers only 0 and 2 differ, by 2; a missing one differs from all others by 1.
    assert told["q_01"].tolist() == [[1, 1, 0, 1], [1, 1, 1, 0]]


def test_everybody_is_nearest_to_herself_and_twins_are_tied():
    rng = np.random.default_rng(1)
    people = crowd(60, rng)
    table = whole_table(people.with_people((*people.participants, *people.participants[:5])))
    apart = add_up(distances(table, table, telling_fields(table)), slice(0, 65), 65)
    assert (np.diagonal(apart) == 0).all()
    np.testing.assert_array_equal(apart[:5], apart[60:])
    np.testing.assert_array_equal(apart[:, :5], apart[:, 60:])
    np.testing.assert_array_equal(apart, apart.T)
    assert (apart >= 0).all()
    # A difference counts 1 on average, so strangers lie no further apart than there are fields.
    assert 5 < np.median(apart) < len(telling_fields(table))


def test_picked_rows_keep_their_values_and_no_others():
    people = crowd(9, np.random.default_rng(2))
    banded = person("B", "20-30|50", "a|b", [None])
    table = whole_table(people.with_people((banded, *people.participants)))
    some = picked(table, np.array([8, 0, 3]))
    assert some.ids == ("P0007", "B", "P0002")
    for name, column in table.columns.items():
        mine = some.columns[name]
        assert mine.values == tuple(column.values[i] for i in (8, 0, 3))
        assert set(mine.distinct) == set(mine.values)
        whole = overlapping(column, column)[column.codes[[8, 0, 3]]][:, column.codes[[8, 0, 3]]]
        np.testing.assert_array_equal(overlapping(mine, mine)[mine.codes][:, mine.codes], whole)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=20))
def test_the_unit_of_a_number_is_the_mean_gap_of_two_who_differ(ages):
    table = whole_table(corpus(*(person(f"P{i}", float(a), "a", [0]) for i, a in enumerate(ages))))
    field = table.field("age")
    (pairing,) = distances(table, table, [field])
    apart = pairing.values[pairing.rows][:, pairing.columns]
    gaps = np.abs(np.subtract.outer(ages, ages)).astype(float)
    unit = gaps[gaps > 0].mean() if gaps.any() else 1.0
    np.testing.assert_allclose(apart, gaps / unit)
