"""Rows of people with several windows, in an order in which people are blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.errors import InputError
from mindveil.train.windows import Batch, Windows


def room(windows: Windows) -> np.ndarray:
    return np.empty(windows.rows.shape, np.float32)


def test_people_with_fewer_windows_come_first() -> None:
    rows = np.array([[1.0], [2.0], [3.0], [4.0]])
    windows = Windows.of(rows, np.array([1, 0, 1, 2]), 3)
    assert windows.order.tolist() == [0, 2, 1]
    assert windows.rows.tolist() == [[2, 1], [4, 1], [1, 1], [3, 1]]
    assert windows.counts.tolist() == [1, 1, 2]
    assert windows.grams[1].tolist() == [[[5.0]], [[17.0]]]
    assert windows.grams[2].tolist() == [[[2.0, 4.0], [4.0, 10.0]]]
    batch = windows.batch(np.array([1, 2]), room(windows))
    assert batch.rows.tolist() == [[4, 1], [1, 1], [3, 1]]
    assert batch.people.tolist() == [2, 1]
    assert batch.owner.tolist() == [0, 1, 1]
    assert batch.share.tolist() == [1.0, 0.5, 0.5]
    assert [(g.windows, g.people, g.rows) for g in batch.groups] == [
        (1, slice(0, 1), slice(0, 1)),
        (2, slice(1, 2), slice(1, 3)),
    ]


def test_nobody_and_everybody_are_batches() -> None:
    windows = Windows.of(np.ones((3, 2)), None, 3)
    nobody = windows.batch(np.empty(0, np.intp), room(windows))
    assert nobody.rows.shape == (0, 3)
    assert not nobody.groups
    assert windows.batch(None, room(windows)) is windows.everyone
    assert windows.size(None) == 3
    assert windows.size(np.array([1])) == 1


def check_batch(batch: Batch, rows: np.ndarray, owner: np.ndarray) -> None:
    """Everybody's rows are there once, in their order, with their inner products."""
    for place, person in enumerate(batch.people):
        own = batch.rows[batch.owner == place]
        np.testing.assert_array_equal(own[:, :-1], rows[owner == person])
        np.testing.assert_allclose(batch.share[batch.owner == place], 1.0 / len(own))
    for group in batch.groups:
        blocks = batch.rows[group.rows].reshape(-1, group.windows, batch.rows.shape[1])
        truth = np.einsum("pid,pjd->pij", blocks, blocks)
        np.testing.assert_allclose(group.grams, truth, rtol=1e-4, atol=1e-4)
        assert group.people.stop - group.people.start == len(blocks)


@settings(max_examples=40, deadline=None)
@given(counts=st.lists(st.integers(1, 5), min_size=1, max_size=9), seed=st.integers(0, 10**6))
def test_a_batch_holds_all_rows_of_its_people(counts: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    owner = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    rows = rng.standard_normal((len(owner), 3)).astype(np.float32)
    windows = Windows.of(rows, owner, len(counts))
    check_batch(windows.everyone, rows, owner)
    chosen = np.flatnonzero(rng.random(len(counts)) < 0.5)
    batch = windows.batch(chosen, room(windows))
    assert sorted(batch.people.tolist()) == chosen.tolist()
    assert windows.size(chosen) == batch.rows.shape[0]
    check_batch(batch, rows, owner)


def test_rows_that_belong_to_nobody_are_refused() -> None:
    with pytest.raises(InputError, match="not among"):
        Windows.of(np.ones((2, 1)), np.array([0, -1]), 2)
    with pytest.raises(InputError, match="1 of 2 people have no row"):
        Windows.of(np.ones((2, 1)), np.array([0, 0]), 2)
    with pytest.raises(InputError, match="not a finite number"):
        Windows.of(np.array([[np.inf]]), None, 1)
