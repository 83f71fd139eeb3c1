"""Five attacks on toy detectors: learners by heart are caught, deaf ones are not, equals refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.attack.taught import ByHeart, ByLine, Deaf, games, world

from mindveil.attack.base import OF_MODELS, ModelAttack
from mindveil.attack.model_membership import (
    MembershipLabelOnly,
    MembershipLira,
    MembershipLoss,
    MembershipQuantile,
    MembershipRmia,
)
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.evidence.membership import measure_membership
from mindveil.evidence.membership_figures import measure_scored
from mindveil.evidence.trials import Scored, drawn_once

ATTACKS = (
    MembershipLoss(),
    MembershipLira(shadows=16),
    MembershipRmia(shadows=16),
    MembershipQuantile(),
    MembershipLabelOnly(),
)
NAMED = pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.name)


def measured(attack, played, seed=0):
    """Every question of an attack over the folds: a list of dicts by metric."""
    rng = np.random.default_rng(seed)
    answers = [(attack.run(release, knows, rng), truth) for release, knows, truth in played]
    return [
        {
            m.metric: m.estimate
            for m in measure_membership([(a[q], t) for a, t in answers], frozenset(), rng)
        }
        for q in range(len(answers[0][0]))
    ]


@NAMED
def test_it_is_an_attack_on_models(attack):
    kind: ModelAttack = attack
    assert kind.name.startswith(OF_MODELS)
    assert kind.holding == "same-records"
    learns = isinstance(kind, MembershipLira | MembershipRmia | MembershipQuantile)
    assert kind.attackers == (("semi-informed",) if learns else ("ignorant",))


@NAMED
@pytest.mark.parametrize("recipe", [ByLine(), ByHeart()], ids=lambda r: r.name)
def test_learning_by_heart_is_caught(attack, recipe):
    rng = np.random.default_rng(2)
    crowd = world(150, rng, columns=120)
    for question in measured(attack, games(crowd, recipe, 4, rng)):
        assert question["advantage"].low > 0.1
        assert question["auc"].low > 0.6


def test_a_detector_that_nobody_taught_gives_nobody_away():
    interval, runs = drawn_once(np.random.default_rng(0)), 20
    missed = dict.fromkeys((attack.name for attack in ATTACKS), 0)
    for seed in range(runs):
        rng = np.random.default_rng([7, seed])
        crowd = world(100, rng, columns=8)
        ((release, knows, truth),) = games(crowd, Deaf(rule=rng.normal(size=8)), 1, rng)
        # Shadows that differ by chance only, as those of a recipe that does learn.
        knows = replace(knows, recipe=ByLine(penalty=30.0))
        for attack in ATTACKS:
            guesses = attack.run(release, knows, rng)[0]
            member = np.isin(guesses.people, truth.released.ids)
            scored = Scored(people=guesses.people, scores=guesses.scores, member=member)
            found = measure_scored([scored], frozenset(), rng, interval)
            auc = next(m.estimate for m in found if m.metric == "auc")
            missed[attack.name] += not auc.low <= 0.5 <= auc.high
    # 95 % intervals: five or more of twenty miss once in four hundred times.
    assert max(missed.values()) <= 4
    assert sum(missed.values()) <= 12


@pytest.mark.parametrize("attack", ATTACKS[1:3], ids=lambda a: a.name)
def test_shadows_that_are_all_alike_are_no_measurement(attack):
    rng = np.random.default_rng(0)
    ((release, knows, _),) = games(world(60, rng, columns=4), Deaf(rule=np.zeros(4)), 1, rng)
    with pytest.raises(InvalidMeasurement, match="same score"):
        attack.run(release, knows, rng)


@NAMED
def test_a_detector_without_an_opinion_is_no_measurement(attack):
    rng = np.random.default_rng(0)
    crowd = world(60, rng, columns=4)
    crowd = replace(crowd, rows=np.zeros_like(crowd.rows))
    ((release, knows, _),) = games(crowd, Deaf(rule=np.ones(4)), 1, rng)
    with pytest.raises(InvalidMeasurement, match="same score"):
        attack.run(release, knows, rng)


@NAMED
def test_few_known_people_are_no_measurement(attack):
    rng = np.random.default_rng(0)
    crowd = world(60, rng)
    ((release, knows, _),) = games(crowd, ByLine(), 1, rng)
    with pytest.raises(InvalidMeasurement, match="9 known people"):
        attack.run(release, replace(knows, known=crowd.corpus(range(9))), rng)


@NAMED
def test_people_without_an_answer_are_left_out_and_bytes_are_the_same_twice(attack):
    rng = np.random.default_rng(0)
    crowd = world(61, rng, silent=frozenset({"P0003", "P0007"}))
    ((release, knows, _),) = games(crowd, ByLine(penalty=5.0), 1, rng)
    one, two = (attack.run(release, knows, np.random.default_rng(4)) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        assert a.scores.tobytes() == b.scores.tobytes()
        assert len(a.people) == len(a.scores)
        assert set(a.people) == set(knows.known.ids) - crowd.silent
    assert len({a.setting for a in one}) == len(one)


@settings(max_examples=15)
@given(st.integers(31, 80), st.floats(0.15, 0.85), st.integers(4, 9), st.integers(0, 99))
def test_whatever_the_sizes_two_classes_are_told_apart(people, cases, shadows, seed):
    rng = np.random.default_rng(seed)
    crowd = world(people, rng, columns=10, cases=cases)
    ((release, knows, _),) = games(crowd, ByLine(penalty=1.0), 1, rng)
    for attack in (MembershipLira(shadows=shadows), MembershipRmia(shadows=shadows)):
        for guesses in attack.run(release, knows, rng):
            assert np.isfinite(guesses.scores).all()
            assert len(np.unique(guesses.scores)) > len(guesses.people) // 2


@pytest.mark.parametrize("kind", [MembershipLira, MembershipRmia])
def test_few_shadows_are_refused(kind):
    with pytest.raises(InputError, match="shadows = 3: train 4 or more"):
        kind(shadows=3)


def test_reference_people_who_are_known_count_once():
    rng = np.random.default_rng(0)
    crowd = world(60, rng)
    ((release, knows, _),) = games(crowd, ByLine(), 1, rng)
    doubled = replace(knows, reference=crowd.corpus(crowd.ids.index(p) for p in crowd.ids))
    (guesses,) = MembershipQuantile().run(release, doubled, rng)
    assert guesses.people == knows.known.ids
