"""What one field says about whether a record is hers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.attack.scales_agreement import Lesson, agree_coded, agree_learned, agree_raw
from mindveil.corpus.generalised import code


def test_raw_values_count_by_their_rarity_and_bands_count_nothing():
    # Released: a a a b, and somebody in a set. b is one of five, so it says log(5).
    agreed = agree_raw(code(["a", "b"]), code(["a", "a", "a", "b", "a|b"]))
    np.testing.assert_allclose(np.exp(agreed.evidence), [[5 / 3, 1, 1], [1, 5, 1]])
    assert not agreed.contradicts.any()


def test_sets_count_by_the_share_of_people_whom_they_cover():
    known = code(["a", "a", "b", "c"])
    agreed = agree_coded(known, code(["a", "a|b", "*", None]))
    # a covers half of the known people, a|b three quarters, * all of them.
    assert np.exp(agreed.evidence[0, :3]) == pytest.approx([2, 4 / 3, 1])
    assert agreed.evidence[2, 0] == pytest.approx(np.log(0.1))  # c is not a: one in ten changed
    assert agreed.contradicts.tolist() == [
        [False, False, False, False],
        [True, False, False, False],
        [True, True, False, False],
    ]


def test_a_near_number_counts_less_against_than_a_far_one():
    agreed = agree_coded(code([20.0, 60.0]), code([21.0, 40.0, 60.0]))
    near, far, farther = agreed.evidence[0]
    assert 0 > near > far >= farther
    assert agreed.evidence[1, 2] > 0


def test_what_the_attacker_does_not_know_says_nothing():
    known, released = code([None, "a"]), code(["a", "b", None])
    rows = np.arange(2)
    taught = Lesson.of(known, rows, code(["b", "a"]), rows)
    for agreed in (
        agree_raw(known, released),
        agree_coded(known, released),
        agree_learned(taught, known, released),
    ):
        assert (agreed.evidence[0] == 0).all()
        assert not agreed.contradicts[0].any()


def pairs(before, after):
    rows = np.arange(len(before))
    return Lesson.of(code(before), rows, code(after), rows)


def test_a_lesson_finds_the_swap_that_a_protection_makes():
    # Everybody's a was turned into b and b into a: whoever saw it reads b as "was a".
    before = ["a", "b"] * 100
    lesson = pairs(before, ["b", "a"] * 100)
    agreed = agree_learned(lesson, code(before), code(["b", "a"] * 100))
    assert agreed.evidence[0].tolist()[0] > 0 > agreed.evidence[0].tolist()[1]
    assert not agreed.contradicts.any()


def test_a_lesson_finds_how_far_noise_goes():
    rng = np.random.default_rng(4)
    ages = [float(a) for a in rng.integers(18, 80, 400)]
    noisy = [a + float(rng.normal(0, 2)) for a in ages]
    lesson = pairs(ages, noisy)
    agreed = agree_learned(lesson, code([50.0, *ages]), code([50.5, 53.0, 70.0, *noisy]))
    near, off, far = agreed.evidence[0, :3]
    assert near > off > 0 > far
    assert far < -2


def test_a_field_contradicts_only_after_a_long_lesson_without_a_lie():
    truth = ["a", "b"] * 100
    known, released = code(["a", "b"]), code(["a", "b"])
    assert agree_learned(pairs(truth, truth), known, released).contradicts.tolist() == [
        [False, True],
        [True, False],
    ]
    short = pairs(truth[:40], truth[:40])
    assert not agree_learned(short, known, released).contradicts.any()
    lied = pairs(truth, ["b", *truth[1:]])
    assert not agree_learned(lied, known, released).contradicts.any()


def test_a_field_that_was_replaced_at_random_says_little():
    rng = np.random.default_rng(5)
    truth = [str(v) for v in rng.choice(["a", "b", "c"], 600)]
    noise = [str(v) for v in rng.choice(["a", "b", "c"], 600)]
    agreed = agree_learned(pairs(truth, noise), code(truth), code(noise))
    assert np.abs(agreed.evidence).max() < 0.3


@given(
    st.lists(st.sampled_from(["a", "b", "a|b", None, "*", 3.0, "2-4"]), min_size=1, max_size=6),
    st.lists(st.sampled_from(["a", "b", "a|b", None, "*", 3.0, "2-4"]), min_size=1, max_size=6),
)
def test_evidence_is_always_a_number(known, released):
    one, other = code(known), code(released)
    lesson = pairs([*known, *released], [*released, *known])
    for agreed in (
        agree_raw(one, other),
        agree_coded(one, other),
        agree_learned(lesson, one, other),
    ):
        assert np.isfinite(agreed.evidence).all()
        assert agreed.evidence.shape == (len(one.distinct), len(other.distinct))
