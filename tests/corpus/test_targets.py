"""Questions to a detector: the target, and how much of it may be left open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.targets import parse_question, parse_target, target_of
from mindveil.errors import InputError


@pytest.mark.parametrize(
    ("text", "target", "coverage"),
    [
        ("phq9>=10", "phq9>=10", None),
        ("phq9>=10@coverage=0.75", "phq9>=10", 0.75),
        ("dass42.depression >= 14 @ coverage = .7", "dass42.depression>=14", 0.7),
        ("hads.anxiety<8@coverage=0.5", "hads.anxiety<8", 0.5),
    ],
)
def test_a_question_is_a_target_and_a_share(text, target, coverage):
    found, share = parse_question(text)
    assert (str(found), share) == (target, coverage)
    assert parse_target(target_of(text)) == found


@pytest.mark.parametrize(
    "option", ["", "coverage", "coverage=", "coverage=0", "coverage=1", "coverage=1.5",
               "coverage=75%", "coverage=-0.5", "coverage=nan", "cover=0.7", "coverage=0.7@",
               "coverage=0.7,margin=1"],
)  # fmt: skip
def test_what_is_no_share_is_refused_with_the_way_out(option):
    with pytest.raises(InputError, match=r"as in phq9>=10@coverage=0\.75"):
        parse_question(f"phq9>=10@{option}")


@pytest.mark.parametrize("target", ["", "phq9", "phq9>=99", "dass42.mania>=3", "phq9>=10 or so"])
def test_what_is_no_target_stays_refused_whatever_follows(target):
    with pytest.raises(InputError) as plain:
        parse_target(target)
    with pytest.raises(InputError) as followed:
        parse_question(f"{target}@coverage=0.75")
    assert str(plain.value) == str(followed.value)


def test_a_target_alone_holds_no_share():
    with pytest.raises(InputError):
        parse_target("phq9>=10@coverage=0.75")


@given(st.integers(1, 27), st.integers(1, 99))
def test_every_share_is_read_as_it_was_written(cut, percent):
    target, coverage = parse_question(f"phq9>={cut}@coverage={percent / 100}")
    assert (target.cut, coverage) == (cut, percent / 100)
