"""How numbers are written, and what is withheld."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.evidence.estimate import Estimate
from mindveil.report import figures

SHARES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [
        (0.0714, "rate", "7.1%"),
        (1.0, "rate", "100.0%"),
        (-0.0101, "rate", "\u22121.0%"),
        (-0.0001, "rate", "0.0%"),
        (0.8123, "score", "0.812"),
        (-0.05, "change", "\u22120.050"),
        (0.0131, "change", "+0.013"),
        (-0.0002, "change", "0.000"),
        (4.256, "points", "4.26"),
    ],
)
def test_a_number_is_written_as_its_scale_asks(value, scale, text):
    assert figures.number(value, scale) == text


@pytest.mark.parametrize(
    ("metric", "scale"),
    [
        ("rank1", "rate"),
        ("rank1@answers=7", "rate"),
        ("rank1-unusual@answers=7", "rate"),
        ("success-unusual", "rate"),
        ("tpr@fpr=0.01", "rate"),
        ("auroc", "score"),
        ("auroc-change", "change"),
        ("mae", "points"),
        ("something-new", "score"),
    ],
)
def test_the_scale_follows_from_the_metric(metric, scale):
    assert figures.scale_of(metric) == scale


def test_nine_people_are_withheld_and_ten_are_shown():
    nine = figures.figure(Estimate(value=0.25, low=0.125, high=0.375, n=9), "rate")
    ten = figures.figure(Estimate(value=0.25, low=0.125, high=0.375, n=10), "rate")
    assert nine.withheld
    assert not any(c in nine.line for c in ("25", "12", "37", "9"))
    assert (ten.value, ten.interval, ten.people) == (
        "25.0%",
        "12.5% to 37.5%",
        "n\u00a0=\u00a010",
    )


def test_no_estimate_is_no_figure():
    assert figures.figure(None, "rate") is None
    assert not figures.shown(None)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("4 of 60 people are cases", "fewer than 10 of 60 people are cases"),
        ("3 predicates from 60 records", "fewer than 10 predicates from 60 records"),
        ("12 cases of 40", "12 cases of 40"),
        ("fewer than 2 people have both", "fewer than 2 people have both"),
        ("at least 5 people are needed", "at least 5 people are needed"),
        ("N = 7; L = 1; tier: trained", "N = 7; L = 1; tier: trained"),
        ("0.7 of it", "0.7 of it"),
        ("3/5 released", "3/5 released"),
    ],
)
def test_small_counts_in_a_note_are_masked(said, shown):
    assert figures.discreet(said) == shown


@given(n=st.integers(0, 9), share=SHARES, before=st.sampled_from(["", "among the few: "]))
def test_no_figure_of_a_small_group_passes(n, share, before):
    said = figures.discreet(f"{before}found in {share:.1%} [{share:.1%}, 100.0%], n = {n}.")
    assert "%" not in said
    assert figures.WITHHELD in said


@given(value=st.floats(-1, 1))
def test_a_written_rate_is_the_rate(value):
    text = figures.number(value, "rate")
    assert re.fullmatch(r"\u2212?\d+\.\d%", text)
    assert float(text.rstrip("%").replace("\u2212", "-")) / 100 == pytest.approx(value, abs=6e-4)
    assert text != "\u22120.0%"


@given(shares=st.tuples(SHARES, SHARES, SHARES).map(sorted))
def test_people_of_a_hundred_are_never_fewer_than_the_interval_allows(shares):
    low, value, high = shares
    said = figures.in_hundred(Estimate(value=value, low=low, high=high, n=50))
    *_, most = (int(x) for x in re.findall(r"\d+", said.partition("(")[2]))
    assert most >= 100 * high - 1e-6
