"""Whose people are whose, and who is in which step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.errors import InputError
from mindveil.train.client_people import ClientPeople


def numbered(sizes: list[int]) -> ClientPeople:
    """People whose one number is their place among all, client after client."""
    client = np.repeat(np.arange(len(sizes)), sizes)
    rows = np.arange(client.size, dtype=np.float64)[:, None]
    return ClientPeople.of(rows, np.zeros(client.size), client, len(sizes))


def test_people_are_sorted_by_client_and_keep_their_order() -> None:
    rows = np.array([[10.0], [11.0], [12.0], [13.0]])
    people = ClientPeople.of(rows, np.array([0.0, 0.25, 0.5, 1.0]), np.array([2, 0, 2, 0]), 4)
    assert people.rows[:, 0].tolist() == [11.0, 13.0, 10.0, 12.0]
    assert people.given[:, 1].tolist() == [1.0] * 4
    assert people.answers.tolist() == [0.25, 1.0, 0.0, 0.5]
    assert people.client.tolist() == [0, 0, 2, 2]
    assert people.sizes.tolist() == [2, 0, 2, 0]
    assert people.firsts.tolist() == [0, 2, 2, 4]
    assert people.clients == 4


def test_one_client_alone_has_its_own_people_only() -> None:
    people = numbered([2, 0, 3])
    last, nobody = people.only(2), people.only(1)
    assert (last.clients, last.rows[:, 0].tolist()) == (1, [2.0, 3.0, 4.0])
    assert last.client.tolist() == [0, 0, 0]
    assert (nobody.clients, nobody.sizes.tolist(), nobody.rows.shape) == (1, [0], (0, 1))
    last.given[:] = 0.0
    assert people.rows[2:, 0].tolist() == [2.0, 3.0, 4.0], "what is alone shares no memory"


def test_batches_go_round_and_round() -> None:
    people = numbered([3, 2, 5])
    steps = people.batches(np.array([0, 2]), 2, 4)
    told = [rows[:, :, 0].tolist() for rows, _ in steps]
    assert told == [[[0, 1], [5, 6]], [[2, 0], [7, 8]], [[1, 2], [9, 5]], [[0, 1], [6, 7]]]


def test_a_batch_of_everybody_is_the_same_in_each_step() -> None:
    rows, again = (b[0] for b in numbered([3, 3]).batches(np.array([1]), 3, 2))
    assert rows[0, :, 0].tolist() == [3.0, 4.0, 5.0]
    assert again is rows


@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    size=st.integers(1, 9),
    steps=st.integers(1, 12),
)
def test_nobody_is_taught_twice_more_than_a_fellow(sizes: list[int], size: int, steps: int) -> None:
    people = numbered(sizes)
    able = np.flatnonzero(people.sizes >= size)
    counts = np.zeros(people.client.size)
    for rows, _ in people.batches(able, size, steps):
        assert rows.shape[:2] == (able.size, size)
        np.add.at(counts, rows[:, :, 0].astype(int).ravel(), 1)
    for client in range(len(sizes)):
        own = counts[people.client == client]
        assert own.sum() == (steps * size if client in able else 0)
        assert own.max() - own.min() <= 1


@pytest.mark.parametrize(
    ("rows", "answers", "client", "clients"),
    [
        ([[1.0]], [0.0], [1], 1),
        ([[1.0]], [0.0], [-1], 1),
        ([[1.0]], [0.0, 1.0], [0], 1),
        ([[1.0]], [0.0], [0, 0], 1),
        ([[1e39]], [0.0], [0], 1),
        ([[np.nan]], [0.0], [0], 1),
        ([[1.0]], [np.inf], [0], 1),
        ([[1.0]], [-0.1], [0], 1),
        ([1.0], [0.0], [0], 1),
        ([[1.0]], [0.0], [0], 0),
    ],
)
def test_people_who_cannot_be_are_refused(
    rows: list[list[float]], answers: list[float], client: list[int], clients: int
) -> None:
    with pytest.raises(InputError):
        ClientPeople.of(np.array(rows), np.array(answers), np.array(client), clients)
