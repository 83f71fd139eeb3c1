from __future__ import annotations

import numpy as np
import pytest

from mindveil.engine.site_messages import SiteMessage
from mindveil.federation import facts
from mindveil.federation.refusals import SiteRefusal

SAID = SiteMessage(
    kind="update",
    facts={"a": "x", "n": 3, "l": ["x", "y"], "t": {"k": 1}, "e": [], "f": 1.0, "m": ["x", 1]},
    arrays={"v": np.array([1.0, 2.0]), "w": np.array([1, 2], np.uint64), "i": np.array([np.inf])},
)


def test_what_is_there_is_read() -> None:
    assert facts.text(SAID, "a") == "x"
    assert facts.whole(SAID, "n") == 3
    assert facts.texts(SAID, "l") == ("x", "y")
    assert facts.texts(SAID, "e") == ()
    assert facts.table(SAID, "t") == {"k": 1}
    assert facts.numbers(SAID, "v", 2).tolist() == [1.0, 2.0]
    assert facts.words(SAID, "w", 2).tolist() == [1, 2]


@pytest.mark.parametrize("name", ["a", "n", "l", "t", "f", "m", "none"])
def test_what_is_something_else_is_refused(name: str) -> None:
    right = {"a": facts.text, "n": facts.whole, "l": facts.texts, "t": facts.table}
    for read in right.values():
        if right.get(name) is read:
            continue
        with pytest.raises(SiteRefusal, match=f"kind 'update' lacks a .*'{name}'"):
            read(SAID, name)


def test_numbers_have_their_length_and_kind() -> None:
    for name, entries in (("v", 3), ("w", 2), ("i", 1), ("none", 2)):
        with pytest.raises(SiteRefusal):
            facts.numbers(SAID, name, entries)
    for name, entries in (("w", 3), ("v", 2), ("none", 2)):
        with pytest.raises(SiteRefusal):
            facts.words(SAID, name, entries)


def test_what_is_read_is_a_copy() -> None:
    read = facts.numbers(SAID, "v", 2)
    read[0] = 9.0
    assert SAID.arrays["v"][0] == 1.0
