"""Attribute inference by hand; what is stated is no leak; planted guesses and random ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.attack.base import Attributes
from mindveil.corpus.model import Corpus, Participant
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.caps import caps
from mindveil.evidence.estimate import clopper_pearson
from mindveil.evidence.frontier import gains, headlines
from mindveil.evidence.inference import measure_inference
from mindveil.evidence.measured import Truth
from mindveil.evidence.policy import Policy
from mindveil.evidence.risks import risk_findings, unmeasured
from mindveil.evidence.scorecard import Row

MEASURE = "voice/attribute-inference"


def fold(actual, guesses, *, field="sex", stated=False):
    """Return one fold: what each person is, what was guessed of each, in order."""
    people = tuple(
        Participant(participant_id=f"p{i}", attributes={field: value})
        for i, value in enumerate(actual)
    )
    records = tuple(f"r{i}" for i in range(len(actual)))
    told = Attributes(
        records=records,
        guesses={field: tuple(guesses)},
        stated={field: (stated,) * len(records) if isinstance(stated, bool) else tuple(stated)},
    )
    truth = Truth(
        person_of={r: p.participant_id for r, p in zip(records, people, strict=True)},
        released=Corpus(name="made", participants=people),
        absent=Corpus(name="made", participants=()),
    )
    return told, truth


def measured(*folds):
    return {m.metric: m for m in measure_inference(folds, np.random.default_rng(0))}


HAND = fold(["f", "f", "f", "m", "m"], ["female", "female", "male", "male", "female"])


# --- by hand ----------------------------------------------------------------------------------


def test_accuracy_and_its_baseline_by_hand():
    seen = measured(HAND)
    assert seen["accuracy@sex"].estimate == clopper_pearson(3, 5)
    assert seen["accuracy@sex"].baseline == pytest.approx(3 / 5)
    assert seen["accuracy@sex"].note == "3 female, 2 male"
    assert seen["balanced-accuracy@sex"].estimate.value == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert seen["balanced-accuracy@sex"].baseline == 0.5


def test_the_advantage_is_what_lies_above_the_commonest_level():
    seen = measured(fold(["f", "f", "f", "m"], ["female"] * 3 + ["male"]))
    exact = clopper_pearson(4, 4)
    gain = seen["advantage@sex"].estimate
    assert gain.value == 1.0
    assert gain.low == pytest.approx((exact.low - 0.75) / 0.25)
    assert measured(HAND)["advantage@sex"].estimate.value == pytest.approx(0.0)
    worse = measured(fold(["f", "m", "m"], ["male", "female", "male"]))
    assert worse["advantage@sex"].estimate.value == pytest.approx((1 / 3 - 2 / 3) / (1 / 3))


def test_ages_are_guessed_in_bands():
    seen = measured(
        fold(
            [20.0, 35.0, 50.0, "60-69", None],
            ["under 30", "30-44", "60 or over", "60 or over", "30-44"],
            field="age",
        )
    )
    assert seen["accuracy@age"].estimate == clopper_pearson(3, 4)  # who has no age is no target
    assert seen["balanced-accuracy@age"].baseline == 0.25


def test_folds_are_pooled_by_person():
    again = fold(["f", "f", "f", "m", "m"], ["male", "female", "female", "male", "male"])
    seen = measured(HAND, again)["accuracy@sex"].estimate
    assert seen.n == 5
    assert seen.value == pytest.approx((0.5 + 1 + 0.5 + 1 + 0.5) / 5)


def test_who_says_the_commonest_always_is_balanced_at_chance():
    seen = measured(fold(["f"] * 9 + ["m"], ["female"] * 10))
    assert seen["accuracy@sex"].estimate.value == 0.9
    assert seen["balanced-accuracy@sex"].estimate.value == 0.5
    assert seen["advantage@sex"].estimate.value == pytest.approx(0.0)


def test_a_field_in_which_nobody_differs_is_left_out_or_invalid():
    with pytest.raises(InvalidMeasurement, match="who differ"):
        measured(fold(["f", "f", None], ["female"] * 3))
    with pytest.raises(InvalidMeasurement, match="who differ"):
        measured(fold(["*", None], ["female"] * 2))


# --- what the release states ------------------------------------------------------------------


def test_what_is_stated_of_everybody_is_no_leak():
    told = fold(["f", "m", "f"], ["female", "male", "female"], stated=True)
    assert "advantage-stated@sex" in measured(told)
    assert "advantage@sex" not in measured(told)
    partly = fold(["f", "m", "f"], ["female", "male", "female"], stated=[True, True, False])
    assert "advantage@sex" in measured(partly)


def rows_of(found, release):
    return [
        Row(
            release=release, kind="attack", measure=MEASURE, modality="voice", metric=m.metric,
            attacker="semi-informed", seed=0, value=m.estimate.value, low=m.estimate.low,
            high=m.estimate.high, n=m.estimate.n, note="tier: trained",
        )
        for m in found.values()
    ]  # fmt: skip


def sure(stated, wrong=0, people=200):
    actual = ["f", "m"] * (people // 2)
    right = [{"f": "female", "m": "male"}[a] for a in actual]
    wrongly = ["male" if g == "female" else "female" for g in right[:wrong]]
    return measured(fold(actual, wrongly + right[wrong:], stated=stated))


POLICY = Policy(
    context="open", max_match=0.09, max_advantage=0.1, min_risk_reduction=0, min_utility={},
    margin=0.05,
)  # fmt: skip


def test_a_release_that_hides_the_sex_and_leaks_it_by_voice_misses_its_limit():
    rows = [*rows_of(sure(stated=True), "original"), *rows_of(sure(stated=False), "anon")]
    (risk,) = headlines(rows, "anon")
    assert risk.row.metric == "advantage@sex"
    (finding,) = risk_findings(rows, "anon", POLICY)
    assert finding.state == "missed"
    assert finding.sentence.startswith("Attackers guess the sex of 100.0% of people beyond chance")
    assert not any("Even in the original" in f.sentence for f in caps(rows, "anon", POLICY))


def test_the_undefended_twin_shows_power_although_it_states_the_answer():
    rows = rows_of(sure(stated=True), "original")
    assert [e.value for e in gains(rows, "original")] == [1.0]
    assert headlines(rows, "original") == []
    stated = rows_of(sure(stated=True), "anon")
    assert gains(stated, "anon") == []


def test_a_release_that_states_everything_lacks_nothing():
    rows = rows_of(sure(stated=True), "anon")
    silent = [f.sentence for f in unmeasured(rows, "anon")]
    assert not any(MEASURE in sentence for sentence in silent)


def test_guesses_at_chance_meet_the_limit_where_power_is_shown():
    actual = ["f", "m"] * 200
    rng = np.random.default_rng(0)
    guesses = [("female", "male")[i] for i in rng.integers(2, size=400)]
    rows = [
        *rows_of(sure(stated=True), "original"),
        *rows_of(measured(fold(actual, guesses)), "anon"),
    ]
    (finding,) = risk_findings(rows, "anon", POLICY)
    assert finding.state in {"met", "unknown"}
    assert "guess the sex of" in finding.sentence


# --- properties and planted truth ---------------------------------------------------------------


@given(st.lists(st.sampled_from("fm"), min_size=4, max_size=30), st.integers(0, 100))
@settings(max_examples=25, deadline=None)
def test_every_figure_lies_within_its_interval(actual, seed):
    rng = np.random.default_rng(seed)
    guesses = [("female", "male")[i] for i in rng.integers(2, size=len(actual))]
    if len(set(actual)) < 2:
        return
    for found in measured(fold(actual, guesses)).values():
        e = found.estimate
        assert e.low <= e.value <= e.high
        assert e.n == len(actual)


def test_random_guesses_have_no_advantage():
    beaten = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        actual = [("f", "m")[i] for i in rng.integers(2, size=60)]
        guesses = [("female", "male")[i] for i in rng.integers(2, size=60)]
        beaten += measured(fold(actual, guesses))["advantage@sex"].estimate.low > 0
    assert beaten <= 5
