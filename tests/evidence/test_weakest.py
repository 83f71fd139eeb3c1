"""The weakest modality: of an attacker who joins all, the one he lives on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mindveil.evidence.scorecard import Row
from mindveil.evidence.weakest import weakest_modality


def figure(metric, value, low, *, measure="fused/linkage", status="ok", release="anon"):
    return Row(
        release=release, kind="attack", measure=measure, modality=measure.partition("/")[0],
        metric=metric, value=value, low=low, high=0.99, n=100, status=status,
    )  # fmt: skip


ALL = figure("rank1", 0.8, 0.7)
ALONE = [figure("rank1@voice alone", 0.5, 0.4), figure("rank1@face alone", 0.6, 0.5)]


@pytest.mark.parametrize(
    ("rows", "weakest"),
    [
        (
            [figure("lost-without@voice", 0.1, 0.02), figure("lost-without@face", 0.05, 0.01)],
            "voice",
        ),
        (
            [figure("lost-without@voice", 0.3, -0.1), figure("lost-without@face", 0.05, 0.01)],
            "face",
        ),
        ([figure("lost-without@voice", 0.3, 0.0), figure("lost-without@text", 0.2, -0.1)], "face"),
        ([figure("lost-without@voice", 0.3, 0.1, status="invalid")], "face"),
        ([figure("lost-without@voice", 0.3, 0.1, release="other")], "face"),
        ([figure("lost-without@voice", 0.3, 0.1, measure="fused/cross-modal")], "face"),
    ],
)
def test_the_modality_without_which_most_is_surely_lost_or_the_strongest_alone(rows, weakest):
    for mixed in ([ALL, *rows, *ALONE], [*ALONE[::-1], *rows[::-1], ALL]):
        assert weakest_modality(mixed, ALL) == weakest


def test_an_attack_on_one_modality_names_itself():
    voice = figure("rank1", 0.9, 0.8, measure="voice/speaker-linkage")
    assert weakest_modality([voice, ALL, *ALONE], voice) == "voice"
    assert weakest_modality([], None) == ""


def test_an_attack_across_modalities_names_what_is_looked_up():
    across = figure("rank1@face to text", 0.9, 0.8, measure="fused/cross-modal")
    assert weakest_modality([across, ALL, *ALONE], across) == "face"


def test_only_what_the_same_attacker_lost_counts():
    mine, other = replace(ALL, attacker="semi-informed"), replace(ALL, attacker="ignorant")
    lost = [
        replace(other, metric="lost-without@voice", value=0.5, low=0.4),
        replace(mine, metric="lost-without@face", value=0.1, low=0.05),
    ]
    assert weakest_modality([mine, other, *lost], mine) == "face"


def test_where_the_attack_tells_nothing_the_strongest_single_one_does_and_never_all_of_them():
    quiet = replace(figure("rank1", 0.1, 0.0, measure="text/authorship"), high=0.2)
    loud = replace(figure("rank1", 0.1, 0.0, measure="voice/speaker-linkage"), high=0.3)
    assert weakest_modality([ALL, quiet, loud], ALL) == "voice"
    assert weakest_modality([ALL], ALL) == ""
    assert weakest_modality([ALL, figure("rank1-unusual@voice alone", 0.9, 0.8)], ALL) == ""
