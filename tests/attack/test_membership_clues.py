"""Every clue at once: what is learned from games whose members are known."""

from __future__ import annotations

import numpy as np
import pytest
from tests.attack.tables import Scene, copied

from mindveil.attack.membership_clues import CLUES, Scales, clues_of, learn, weigh
from mindveil.attack.table_space import rows_of


def test_weights_by_hand():
    # One clue that is right three times in four; log odds of 3 to 1, but for the shrinkage.
    clues = np.repeat([[1.0], [1.0], [-1.0], [-1.0]], [3000, 1000, 3000, 1000], axis=0)
    member = np.repeat([True, False, False, True], [3000, 1000, 3000, 1000])
    weights = learn(clues, member)
    assert weights[0] == pytest.approx(np.log(3), abs=0.01)
    assert weights[1] == pytest.approx(0, abs=1e-6)
    assert weigh(np.array([[2.0]]), weights) == pytest.approx(2 * np.log(3), abs=0.02)


def test_members_told_entirely_do_not_run_away():
    clues = np.array([[1.0, 0.3], [2.0, -0.1], [-1.0, 0.2], [-2.0, -0.4]])
    weights = learn(clues, np.array([True, True, False, False]))
    assert np.isfinite(weights).all()
    assert weights[0] > abs(weights[1])


def test_every_clue_points_to_the_members_of_a_copy():
    rng = np.random.default_rng(0)
    scene = Scene.of(150, rng)
    knowledge = scene.knowledge()
    released = copied(scene.members, rng)
    space, (known, reference, made) = rows_of(knowledge.known, knowledge.reference, released)
    game = Scales(space=space, known=known, reference=reference, released=made)
    clues = clues_of(game, rng)
    assert clues.shape == (len(known), len(CLUES) + 3)
    assert clues[:, : len(CLUES)].mean(axis=0) == pytest.approx(0, abs=1e-9)
    inside = np.isin(knowledge.known.ids, scene.members.ids)
    gap = clues[inside].mean(axis=0) - clues[~inside].mean(axis=0)
    assert (gap[: len(CLUES)] > 0.2).all()
    # Being unusual is no clue of its own.
    assert abs(gap[len(CLUES)]) < 0.5
