"""``synthetic/nearest-record``: copies are found, strangers are not."""

from __future__ import annotations

import numpy as np
import pytest
from tests.attack.tables import Scene, cohort, copied

from mindveil.attack.nearest_record import NearestRecord, closeness
from mindveil.errors import InvalidMeasurement


def test_by_hand():
    known = np.array([[0.0, 0.0], [10.0, 0.0]])
    reference, released = np.array([[0.0, 3.0], [10.0, 1.0]]), np.array([[0.0, 1.0], [10.0, 4.0]])
    assert closeness(known, reference, released) == pytest.approx([np.log(3), -np.log(4)], abs=0.01)


def test_a_copy_of_200_people_is_found_by_every_metric():
    rng = np.random.default_rng(0)
    scene = Scene.of(200, rng)
    found = scene.run(NearestRecord(), copied(scene.members, rng), rng)
    assert [f.setting for f in found] == ["standardised", "fields that differ", "whitened"]
    for guesses in found:
        assert guesses.tier == "light"
        assert scene.advantage(guesses)[0] >= 0.95


def test_strangers_are_as_near_to_members_as_to_others():
    areas = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        scene = Scene.of(90, rng)
        found = scene.run(NearestRecord(), copied(cohort(90, rng, "X"), rng), rng)
        areas.append([scene.advantage(guesses)[1] for guesses in found])
    assert np.mean(areas, axis=0) == pytest.approx(0.5, abs=0.03)


def test_an_empty_release_or_reference_is_no_measurement():
    rng = np.random.default_rng(1)
    scene = Scene.of(60, rng)
    with pytest.raises(InvalidMeasurement, match="nearest record"):
        scene.run(NearestRecord(), scene.members.with_people(()), rng)
