"""A stack says what its numbers say by hand, and comes back from them or is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.train.taught_people import PHQ9

from mindveil.errors import InputError
from mindveil.train.base import Head
from mindveil.train.stack_head import StackHead


def stack():
    """Text: total 10 + 2 x, log-odds (total - 10) / 2. Voice: total 8 + 4 y, odds (total - 10) / 4."""
    return StackHead(
        weights=np.array([[2.0, 0.0], [0.0, 4.0]]),
        lines=np.array([[10.0, -5.0, 0.5, 0.0, 1.0, 11.0], [8.0, -2.5, 0.25, 0.0, 1.0, 9.0]]),
        spans=((0, 1), (1, 2)),
        trust=(0.1, 2.0, -0.3),
        scale=PHQ9,
    )


def test_four_people_by_hand():
    rows = np.array([[1.0, 2.0], [1.0, 0.0], [0.0, 2.0], [0.0, 0.0]])
    # Text says 12: odds 1; voice says 16: odds 1.5. Joined: .1 + 2 x mean; silent: the middle.
    assert stack().log_odds(rows).tolist() == pytest.approx([2.6, 2.1, 3.1, -0.5])
    assert stack().severity(rows).tolist() == pytest.approx([14.0, 12.0, 16.0, 10.0])


def test_one_modality_needs_no_joining():
    one = StackHead(
        weights=np.array([[2.0]]),
        lines=np.array([[10.0, -5.0, 0.5, 0.0, 1.0, 11.0]]),
        spans=((0, 1),),
        trust=(0.0, 1.0, 0.0),
        scale=PHQ9,
    )
    assert one.log_odds(np.array([[1.0], [0.0]])).tolist() == pytest.approx([1.0, 0.5])
    assert one.severity(np.array([[90.0], [0.0]])).tolist() == pytest.approx([27.0, 11.0])


def test_it_comes_back_from_its_numbers():
    made = stack()
    assert isinstance(made, Head)
    back = StackHead.from_parts(dict(made.tensors()), json.loads(json.dumps(made.facts())))
    rows = np.random.default_rng(1).normal(size=(9, 2))
    assert back.log_odds(rows).tobytes() == made.log_odds(rows).tobytes()
    assert back.severity(rows).tobytes() == made.severity(rows).tobytes()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spans", None),
        ("spans", [[0, 1]]),
        ("spans", [[0, 1], [1, 9]]),
        ("spans", [[0, 1], [True, 2]]),
        ("spans", [[0, 1], [1]]),
        ("trust", [0.1, 2.0]),
        ("trust", "much"),
        ("trust", [0.1, None, 0.0]),
        ("scale", None),
    ],
)
def test_broken_facts_are_refused(name, value):
    with pytest.raises(InputError):
        StackHead.from_parts(stack().tensors(), {**stack().facts(), name: value})


def test_broken_numbers_and_other_rows_are_refused():
    whole = dict(stack().tensors())
    for name, bad in (
        ("lines", np.ones((2, 5))),
        ("weights", np.ones(2)),
        ("lines", np.ones((3, 6))),
    ):
        with pytest.raises(InputError):
            StackHead.from_parts({**whole, name: bad}, stack().facts())
    with pytest.raises(InputError, match="do not fit a head of 2 columns"):
        stack().log_odds(np.zeros((1, 3)))
