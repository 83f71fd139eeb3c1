"""A small network as a head says what its numbers say by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.train.taught_people import PHQ9

from mindveil.errors import InputError
from mindveil.train.base import Head
from mindveil.train.heads import HeadStack, Shape
from mindveil.train.mlp_head import SURE, MlpHead, said_by


def head(**changed):
    settings = {
        "hidden": np.array([[1.0, 0.5], [-1.0, 0.0]]),
        "output": np.array([[4.0, 1.0, -1.0]]),
        "reach": 1.0,
        "intercept": 0.5,
        "steep": 3.0,
        "slope": 0.25,
        "scale": PHQ9,
    }
    return MlpHead(**{**settings, **changed})


def test_it_says_what_the_network_says_through_a_line():
    made, rows = head(), np.array([[0.5], [-9.0], [0.0]])
    layers = tuple(t[None].astype(np.float32) for t in (made.hidden, made.output))
    stack = HeadStack(shape=Shape(columns=1, hidden=2), tensors=layers)
    raw = stack.log_odds(np.array([[0.5], [-1.0], [0.0]]))[:, 0]
    said = np.clip(raw / SURE, -1, 1)
    assert len(set(said.tolist())) == 3
    assert made.log_odds(rows).tolist() == pytest.approx((0.5 + 3.0 * said).tolist())
    assert made.severity(rows).tolist() == pytest.approx(
        np.clip(9.5 + 10 * 0.25 * (0.5 + 3.0 * said), 0, 27).tolist()
    )


def test_what_is_said_has_ends():
    layers = (np.ones((1, 1, 2), np.float32) * 99, np.ones((1, 1, 2), np.float32) * 99)
    stack = HeadStack(shape=Shape(columns=1, hidden=1), tensors=layers)
    assert np.abs(said_by(stack, np.array([[1.0], [-1.0]]))).max() == 1.0


def test_it_comes_back_from_its_numbers_or_is_refused():
    made, rows = head(offset=0.1), np.linspace(-1, 1, 7)[:, None]
    assert isinstance(made, Head)
    facts = json.loads(json.dumps(made.facts()))
    back = MlpHead.from_parts(dict(made.tensors()), facts)
    assert back.log_odds(rows).tobytes() == made.log_odds(rows).tobytes()
    assert back.severity(rows).tobytes() == made.severity(rows).tobytes()
    for tensors in ({"output": np.ones((1, 9))}, {"hidden": np.ones((0, 2))}, {"hidden": None}):
        with pytest.raises(InputError):
            MlpHead.from_parts({**made.tensors(), **tensors}, facts)
    with pytest.raises(InputError):
        MlpHead.from_parts(made.tensors(), {**facts, "steep": None})
    with pytest.raises(InputError, match="do not fit a head of 1 columns"):
        made.log_odds(np.zeros((2, 2)))
