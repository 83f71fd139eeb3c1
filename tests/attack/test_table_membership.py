"""``synthetic/membership``: copies are found, smoothed copies too, strangers are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.attack.tables import Scene, cohort, copied

from mindveil.attack.table_membership import CELLS, NARROW, WIDE, SyntheticMembership
from mindveil.corpus.model import Response, Session
from mindveil.errors import InvalidMeasurement


def blurred(corpus, rng, share):
    """Copies of which this share of the answers was given anew."""

    def change(one):
        items = one.sessions[0].responses["phq9"].items
        new = tuple(int(rng.integers(4)) if rng.random() < share else i for i in items)
        return replace(
            one, sessions=(Session(session_id="1", responses={"phq9": Response(items=new)}),)
        )

    return corpus.with_people(change(p) for p in copied(corpus, rng).participants)


def test_a_copy_of_200_people_is_found():
    rng = np.random.default_rng(0)
    scene = Scene.of(200, rng)
    found = scene.run(SyntheticMembership(), copied(scene.members, rng), rng)
    assert [f.setting for f in found] == [NARROW, WIDE, CELLS]
    assert scene.advantage(found[0])[0] >= 0.95
    assert all(scene.advantage(f)[1] > 0.6 for f in found)


def test_the_more_answers_are_given_anew_the_less_is_found():
    means = []
    for share in (0, 0.1, 0.2, 0.4, 0.7, 1.0):
        found = []
        for seed in range(3):
            rng = np.random.default_rng(seed)
            scene = Scene.of(150, rng)
            guesses = scene.run(SyntheticMembership(), blurred(scene.members, rng, share), rng)
            found.append(scene.advantage(guesses[0])[1])
        means.append(np.mean(found))
    assert np.corrcoef(np.argsort(np.argsort(means)), range(6))[0, 1] <= -0.9
    assert means[1] > 0.8


def test_strangers_are_no_denser_where_members_stand():
    areas = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        scene = Scene.of(90, rng)
        found = scene.run(SyntheticMembership(), copied(cohort(90, rng, "X"), rng), rng)
        areas.append([scene.advantage(guesses)[1] for guesses in found])
    assert np.mean(areas, axis=0) == pytest.approx(0.5, abs=0.03)


def test_too_few_for_a_density():
    rng = np.random.default_rng(1)
    scene = Scene.of(60, rng)
    with pytest.raises(InvalidMeasurement, match="fewer than 10"):
        scene.run(SyntheticMembership(), cohort(5, rng, "X"), rng)


def test_without_reference_people_candidates_are_enough():
    rng = np.random.default_rng(2)
    scene = Scene.of(90, rng)
    alone = replace(scene, reference=scene.reference.with_people(()))
    found = alone.run(SyntheticMembership(), copied(scene.members, rng), rng)
    assert alone.advantage(found[0])[0] >= 0.95
