"""Members against control people, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.corpus.model import Corpus, Participant
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import advantage, bootstrap, clopper_pearson
from mindveil.evidence.measured import Truth
from mindveil.evidence.members import Roles, compare


def truth(members, controls):
    made = [
        Corpus(name="made", participants=tuple(Participant(participant_id=p) for p in side))
        for side in (members, controls)
    ]
    return Truth(person_of={}, released=made[0], absent=made[1])


def measured(roles, unusual=frozenset(), seed=0):
    return {m.metric: m for m in compare(roles, unusual, np.random.default_rng(seed))}


def test_people_are_pooled_over_folds_in_either_role():
    roles = Roles()
    roles.add(truth("ab", "c"), ["a", "b", "c", "r"], np.array([1.0, 0.0, 0.0, 1.0]))
    roles.add(truth("ac", "b"), ["c", "b", "a"], np.array([1.0, 0.5, 0.0]))
    assert roles.member == {"a": [1.0, 0.0], "b": [0.0], "c": [1.0]}
    assert roles.control == {"c": [0.0], "b": [0.5]}
    seen = measured(roles)
    # Members a, b, c: .5, 0, 1; control people b, c: .5, 0.
    hit, floor = clopper_pearson(1.5, 3), clopper_pearson(0.5, 2)
    assert (seen["success"].estimate, seen["success"].control) == (hit, floor)
    assert seen["advantage"].estimate == advantage(hit, floor)
    assert seen["advantage"].estimate.value == pytest.approx((0.5 - 0.25) / (1 - 0.25))
    assert seen["advantage"].note == "3 members, 2 control people, 2 of them both"


def test_unusual_people_are_compared_among_themselves():
    roles = Roles(
        member={"a": [1.0], "b": [0.0], "c": [0.0]}, control={"x": [0.0], "y": [1.0], "c": [0.0]}
    )
    seen = measured(roles, frozenset("axy"))
    assert seen["success-unusual"].estimate == clopper_pearson(1, 1)
    assert seen["success-unusual"].control == clopper_pearson(1, 2)
    assert "advantage-unusual" in seen
    assert list(measured(roles, frozenset("b"))) == ["success", "advantage"]


def test_unusual_people_who_cannot_be_measured_are_named():
    roles = Roles(member={"a": [1.0], "b": [0.0]}, control={"x": [1.0], "y": [0.0], "z": [0.0]})
    seen = measured(roles, frozenset("ax"))
    assert list(seen) == ["success", "advantage"]
    assert "unusual people not measured: the control may succeed always" in seen["advantage"].note


def test_without_one_of_the_sides_nothing_is_told():
    with pytest.raises(InvalidMeasurement, match="no control person"):
        measured(Roles(member={"a": [1.0]}))
    with pytest.raises(InvalidMeasurement, match="no person behind the table"):
        measured(Roles(control={"a": [1.0]}))


def test_a_copy_and_a_safe_table_have_exact_intervals():
    people = [f"p{i}" for i in range(200)]
    found = Roles(member={p: [1.0] for p in people}, control={p: [0.0] for p in people})
    seen = measured(found)["advantage"].estimate
    assert seen.value == 1.0
    assert seen.low > 0.97
    safe = Roles(member={p: [0.0] for p in people}, control={p: [0.0] for p in people})
    seen = measured(safe)["advantage"].estimate
    assert seen.value == 0.0
    assert 0.01 < seen.high < 0.03


def test_pairing_takes_out_what_people_differ_in():
    # Half of the people are always found, half never, whether they are members or not.
    rates = {f"p{i}": [float(i % 2)] for i in range(400)}
    paired = measured(Roles(member=rates, control=rates))["advantage"].estimate
    assert (paired.value, paired.low, paired.high) == (0.0, 0.0, 0.0)
    others = {f"q{i}": [float(i % 2)] for i in range(400)}
    apart = measured(Roles(member=rates, control=others))["advantage"].estimate
    assert apart.low < -0.1
    assert apart.high > 0.1


def test_drawing_kinds_of_people_is_drawing_people():
    """The bootstrap of the house, person by person, on people of few kinds."""
    rng = np.random.default_rng(3)
    names = [f"p{i}" for i in range(150)]
    member = {p: rng.integers(0, 2, 3).astype(float).tolist() for p in names[:120]}
    control = {p: [float(rng.random() < 0.4)] for p in names[40:]}
    mine = measured(Roles(member=member, control=control))["advantage"].estimate
    sides = [
        np.array([np.mean(side[p]) if p in side else np.nan for p in names])
        for side in (member, control)
    ]

    def statistic(weights):
        success, floor = (
            (weights @ np.nan_to_num(side)) / (weights @ ~np.isnan(side)) for side in sides
        )
        return (success - floor) / (1 - floor)

    theirs = bootstrap(statistic, 150, np.random.default_rng(4))
    assert mine.value == pytest.approx(theirs.value)
    assert mine.low == pytest.approx(theirs.low, abs=0.02)
    assert mine.high == pytest.approx(theirs.high, abs=0.02)


def test_a_control_that_nearly_always_succeeds_leaves_little_to_tell():
    rates = {f"p{i}": [float(i % 100 != 0)] for i in range(1100)}
    others = {f"q{i}": v for i, v in enumerate(rates.values())}
    seen = measured(Roles(member=rates, control=others))["advantage"].estimate
    assert seen.value == 0.0
    assert np.isfinite([seen.low, seen.high]).all()
    assert seen.low < -0.5


@settings(max_examples=20)
@given(st.integers(0, 9999), st.floats(0.05, 0.9), st.floats(0.05, 0.9))
def test_the_interval_holds_the_value_whatever_the_order(seed, one, two):
    rng = np.random.default_rng(seed)
    names = [f"p{i}" for i in range(120)]
    member = {p: [float(rng.random() < one)] for p in names[:90]}
    control = {p: [float(rng.random() < two)] for p in names[60:]}
    seen = measured(Roles(member=member, control=control))
    turned = measured(
        Roles(member=dict(reversed(member.items())), control=dict(reversed(control.items())))
    )
    assert seen == turned
    gain = seen["advantage"].estimate
    hit, floor = (np.mean(list(side.values())) for side in (member, control))
    assert gain.low <= gain.value <= gain.high <= 1
    assert gain.value == pytest.approx((hit - floor) / (1 - floor))


@pytest.mark.slow
@pytest.mark.parametrize("gain", [0.0, 0.2])
@pytest.mark.parametrize("chance", [0.02, 0.3])
def test_the_interval_covers_the_truth(gain, chance):
    """Five folds: everybody is a member in three and a control person in one; people differ."""
    covered = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        prone = rng.beta(chance * 3, (1 - chance) * 3, 400)
        hit = rng.random((400, 3)) < (prone + gain * (1 - prone))[:, None]
        missed = rng.random((400, 1)) < prone[:, None]
        roles = Roles(
            member={f"p{i}": hit[i].astype(float).tolist() for i in range(400)},
            control={f"p{i}": missed[i].astype(float).tolist() for i in range(400)},
        )
        seen = measured(roles, seed=seed)["advantage"].estimate
        covered += seen.low <= gain <= seen.high
    assert covered >= 0.9 * 200
