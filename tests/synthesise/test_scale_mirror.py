"""People in the mirror have the margins and factors they were given, and lose what others lose."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.scale_mirror import Mirror, clipped, kept

MARGIN = np.array([0.4, 0.3, 0.2, 0.1])


def mirror(items=6):
    book = Codebook(
        variables=tuple(
            Variable(name=f"q{i}", kind="ordinal", levels=tuple("0123")) for i in range(items)
        )
    )
    return Mirror.of(book, [MARGIN] * items, np.ones((items, 1)))


def test_clipping_by_hand():
    rows = np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    assert clipped(rows, 1.0).tolist() == pytest.approx(
        np.array([[0.6, 0.8], [0.3, 0.4], [0.0, 0.0]])
    )
    # 5 of length 25 in squares, .25 of .25: (5 + .25) / 25.25.
    assert kept(rows, 1.0) == pytest.approx(5.25 / 25.25)
    assert kept(rows, 10.0) == 1.0
    assert kept(np.zeros((3, 2)), 1.0) == 0.0


def test_people_covary_as_they_were_told():
    due = np.full((6, 6), 0.4) + 0.6 * np.eye(6)
    deviations, means = mirror().people(due)
    table = deviations + means
    found = table.T @ table / len(table)
    assert found == pytest.approx(due, abs=0.05)
    assert deviations.sum(axis=1) == pytest.approx(np.zeros(len(table)), abs=1e-9)


def test_the_mirror_shows_the_same_people_each_time():
    due = np.eye(6)
    first, again = (mirror().people(due)[1].tobytes() for _ in range(2))
    assert first == again


def test_a_rare_answer_loses_more_than_a_common_one():
    rare = np.array([0.94, 0.03, 0.02, 0.01])
    made = Mirror.of(mirror().codebook, [rare, *[MARGIN] * 5], np.ones((6, 1)))
    due = np.full((6, 6), 0.4) + 0.6 * np.eye(6)
    deviations, means = made.people(due)
    table = deviations + means
    left = (clipped(means, 0.8).T @ table) / (means.T @ table)
    assert left[0, 0] < left[0, 1:].min() - 0.03
