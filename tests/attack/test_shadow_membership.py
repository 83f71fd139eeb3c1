"""``synthetic/shadow-membership``: what was learned from shadows holds for the real release."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.attack.tables import Scene, cohort, copied
from tests.attack.test_table_membership import blurred

from mindveil.attack.shadow_membership import ShadowMembership
from mindveil.errors import InputError, InvalidMeasurement


def test_a_copy_of_200_people_is_found():
    rng = np.random.default_rng(0)
    scene = Scene.of(201, rng)
    (found,) = scene.run(
        ShadowMembership(shadows=2), copied(scene.members, rng), rng, protect=copied
    )
    assert found.setting == "2 shadows"
    assert found.tier == "trained"
    assert found.people == scene.knowledge().known.ids
    assert scene.advantage(found)[0] >= 0.95


def test_a_shadow_has_the_shape_of_the_real_game():
    rng = np.random.default_rng(1)
    scene = Scene.of(150, rng)
    asked = []

    def protect(corpus, rng):
        asked.append(corpus.ids)
        return copied(corpus, rng)

    scene.run(ShadowMembership(shadows=3), copied(scene.members, rng), rng, protect=protect)
    assert [len(set(ids)) for ids in asked] == [150, 150, 150]
    # Reference people and controls were in some; nobody told which of them were in the real one.
    assert any(set(ids) & set(scene.reference.ids) for ids in asked)
    assert any(set(ids) & set(scene.controls.ids) for ids in asked)


def test_of_strangers_nobody_is_found():
    areas = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        scene = Scene.of(150, rng, items=6)
        release = blurred_strangers(rng)
        (found,) = scene.run(ShadowMembership(shadows=1), release, rng, protect=blurred6)
        areas.append(scene.advantage(found)[1])
    assert np.mean(areas) == pytest.approx(0.5, abs=0.05)


def blurred6(corpus, rng):
    return blurred(corpus, rng, 0.1)


def blurred_strangers(rng):
    return blurred6(cohort(150, rng, "X", items=6), rng)


def test_who_can_make_nothing_learns_nothing():
    rng = np.random.default_rng(2)
    scene = Scene.of(150, rng)
    release = copied(scene.members, rng)
    with pytest.raises(InvalidMeasurement, match="releases of his own"):
        scene.run(ShadowMembership(shadows=1), release, rng)

    def broken(corpus, rng):
        raise InputError("nothing can be made")

    with pytest.raises(InvalidMeasurement, match="no shadow"):
        scene.run(ShadowMembership(shadows=1), release, rng, protect=broken)
    few = replace(scene, controls=cohort(5, rng, "H"), members=cohort(50, rng, "P"))
    with pytest.raises(InvalidMeasurement, match="too few"):
        few.run(ShadowMembership(shadows=1), release, rng, protect=copied)
    with pytest.raises(InputError, match="shadows = 0"):
        ShadowMembership(shadows=0)
