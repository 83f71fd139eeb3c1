"""Membership: rates counted by hand, planted members, strangers' releases, coverage."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from mindveil.attack.base import Membership
from mindveil.corpus.model import Corpus, Participant
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.detection import auroc
from mindveil.evidence.measured import Truth
from mindveil.evidence.membership import measure_membership


def corpus(names):
    return Corpus(name="toy", participants=tuple(Participant(participant_id=n) for n in names))


def fold(scores, members, controls):
    """A fold of scored people; ``scores`` maps a name to its score."""
    guesses = Membership(people=tuple(scores), scores=np.array([*scores.values()], dtype=float))
    return guesses, Truth(person_of={}, released=corpus(members), absent=corpus(controls))


def measured(folds, unusual=(), seed=0):
    found = measure_membership(folds, frozenset(unusual), np.random.default_rng(seed))
    return {m.metric: m for m in found}


def rotated(people, strength, rng, repeats=1):
    """Folds over everybody in turn: 3/5 members, 1/5 controls; own traits persist in all folds."""
    folds, own = 5, 0.5
    names = [f"p{i}" for i in range(people)]
    trait = rng.normal(0, own, people)
    made = []
    for _ in range(repeats):
        parts = np.array_split(rng.permutation(people), folds)
        for f in range(folds):
            members = np.concatenate([parts[(f + j) % folds] for j in range(2, folds)])
            controls = parts[(f + 1) % folds]
            scores = trait + rng.normal(0, math.sqrt(1 - own**2), people)
            scores[members] += strength
            chosen = np.concatenate([members, controls])
            made.append(
                fold(
                    {names[i]: scores[i] for i in chosen},
                    [names[i] for i in members],
                    [names[i] for i in controls],
                )
            )
    return made


def test_by_hand():
    members, controls = [f"m{i}" for i in range(12)], [f"c{i}" for i in range(12)]
    scores = dict.fromkeys(members, 2.0) | dict.fromkeys(controls, 1.0)
    # The attacker misses three members in four and takes no control for one, whoever decides.
    scores |= dict.fromkeys(members[:9], 1.0)
    found = measured([fold(scores, members, controls)])
    assert found["advantage"].estimate.value == pytest.approx(0.25)
    assert found["advantage"].estimate.n == 24
    assert found["advantage"].baseline == 0
    # Three of twelve are above every control, the others are level with all.
    assert found["auc"].estimate.value == pytest.approx(0.25 + 0.75 / 2)
    assert found["auc"].estimate.low < 0.625 < found["auc"].estimate.high
    # Six controls decide for each half: nothing can be said at 1 % or 10 %.
    assert not any(name.startswith("tpr") for name in found)


def test_people_known_to_be_neither_do_not_count():
    rng = np.random.default_rng(0)
    (guesses, truth), *_ = rotated(200, 1.0, rng)
    strangers = tuple(f"x{i}" for i in range(50))
    more = replace(
        guesses,
        people=guesses.people + strangers,
        scores=np.append(guesses.scores, np.full(50, 100.0)),
    )
    one, two = measured([(guesses, truth)]), measured([(more, truth)])
    assert one["advantage"].estimate == two["advantage"].estimate
    assert one["advantage"].estimate.n == 160


def test_a_copy_is_told_entirely_and_the_interval_says_how_many_people_that_is():
    folds = rotated(250, 100.0, np.random.default_rng(1))
    found = measured(folds, unusual=[f"p{i}" for i in range(30)])
    for metric in ("advantage", "auc", "auc-unusual"):
        assert found[metric].estimate.value == 1
    # Fifteen people leave some room to put a threshold for the fifteen others.
    assert found["advantage-unusual"].estimate.value >= 0.9
    assert found["advantage"].estimate.low == pytest.approx(0.025 ** (1 / 250))
    assert found["advantage-unusual"].estimate.n == 30
    assert found["advantage-unusual"].estimate.low < found["advantage"].estimate.low
    assert found["tpr@fpr=0.1"].estimate.value == 1
    assert "250 of them in turn" in found["advantage"].note


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-1, 2))
def test_any_monotone_change_of_a_fold_is_the_same_attack(seed, strength):
    folds = rotated(60, strength, np.random.default_rng(seed))
    other = [
        (replace(g, scores=np.exp(g.scores / 3) * (i + 1) + 7 * i), t)
        for i, (g, t) in enumerate(folds)
    ]
    assert measured(folds) == measured(other)
    for m in measured(folds).values():
        assert m.estimate.low <= m.estimate.value <= m.estimate.high
        assert -1 <= m.estimate.value <= 1


def test_the_curve_is_that_of_every_fold():
    folds = rotated(300, 0.8, np.random.default_rng(3))
    areas = []
    for guesses, truth in folds:
        inside = np.isin(guesses.people, truth.released.ids)
        areas.append(float(auroc(inside, guesses.scores, np.ones((1, len(inside))))[0]))
    found = measured(folds)["auc"].estimate
    assert found.value == pytest.approx(np.mean(areas), abs=1e-9)


def test_true_positives_stand_beside_the_false_ones_that_came_about():
    folds = rotated(1000, 1.5, np.random.default_rng(4), repeats=2)
    found = measured(folds)
    for rate in (0.01, 0.1):
        m = found[f"tpr@fpr={rate:g}"]
        wanted = norm.sf(norm.isf(rate) - 1.5)
        assert m.baseline == rate
        assert m.estimate.low - 0.02 < wanted < m.estimate.high + 0.02
        assert m.control.value == pytest.approx(rate, abs=0.015)


def test_strength_is_found_in_order():
    values = [
        measured(rotated(400, s, np.random.default_rng(5)))["advantage"].estimate.value
        for s in (0, 0.4, 0.8, 1.2, 1.6, 2.4)
    ]
    assert values == sorted(values)


@pytest.mark.parametrize("wrong", [math.nan, 0.0])
def test_scores_that_say_nothing_are_no_risk_of_zero(wrong):
    guesses, truth = rotated(60, 1.0, np.random.default_rng(6))[0]
    flat = replace(guesses, scores=np.full(len(guesses.people), wrong))
    with pytest.raises(InvalidMeasurement, match="score"):
        measured([(guesses, truth), (flat, truth)])


def test_what_cannot_be_told_apart_is_invalid():
    guesses, truth = rotated(60, 1.0, np.random.default_rng(7))[0]
    with pytest.raises(InvalidMeasurement, match="0 controls"):
        measured([(guesses, replace(truth, absent=corpus([])))])
    with pytest.raises(InvalidMeasurement, match="no release"):
        measured([])
    with pytest.raises(InvalidMeasurement, match="every known person"):
        measured([(replace(guesses, scores=guesses.scores[1:]), truth)])
    few = measured([(guesses, truth)], unusual=["p0", "p1"])
    assert "unusual people not measured" in few["advantage"].note
    assert "advantage-unusual" not in few


def test_of_strangers_nothing_is_found():
    outside = {"advantage": 0, "auc": 0}
    for seed in range(200):
        found = measured(rotated(60, 0.0, np.random.default_rng(seed)), seed=seed)
        for metric, null in (("advantage", 0.0), ("auc", 0.5)):
            e = found[metric].estimate
            outside[metric] += not e.low <= null <= e.high
    assert all(0.01 <= times / 200 <= 0.10 for times in outside.values())


@pytest.mark.slow
@pytest.mark.parametrize("strength", [0.2, 0.5, 1.0])
def test_intervals_cover(strength):
    rng = np.random.default_rng(int(10 * strength))
    area, times = norm.cdf(strength / math.sqrt(2)), 200
    best = 2 * norm.cdf(strength / 2) - 1
    held = {"auc": 0, "advantage": 0}
    for _ in range(times):
        found = measured(rotated(300, strength, rng))
        for metric, wanted in (("auc", area), ("advantage", best)):
            # The threshold of finitely many people is never quite the best one.
            room = 0.02 if metric == "advantage" else 0.0
            e = found[metric].estimate
            held[metric] += e.low <= wanted <= e.high + room
    assert all(0.92 <= h / times <= 0.99 for h in held.values())
