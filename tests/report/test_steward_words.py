"""The words of the steward's page cover everything a verdict can say."""

from __future__ import annotations

from typing import get_args

import pytest

from mindveil.evidence.policy import Kind
from mindveil.report import research_words, steward_words
from mindveil.study import Context

SAID = [
    *steward_words.SHORT.values(),
    *steward_words.ACCESS.values(),
    *(v for k, v in vars(research_words).items() if k.isupper() and isinstance(v, str)),
]


def test_every_kind_of_condition_has_words():
    assert set(steward_words.SHORT) == set(get_args(Kind))


def test_every_kind_of_access_has_words():
    assert set(steward_words.ACCESS) == set(get_args(Context))


@pytest.mark.parametrize(
    "promise", ["compliant", "certified", "guaranteed", "anonymous", "safe to"]
)
def test_nothing_is_promised(promise):
    assert not any(promise in said.lower() for said in SAID)
