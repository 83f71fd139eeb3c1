"""``model/property-inference``: the share of a group among those who taught a head."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.attack.detectors import Lesson, Ridge

from mindveil.attack.model_property_inference import CASES, ModelPropertyInference
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.evidence.worlds import measure_worlds


def scene(seed, people=80, **kind):
    return Lesson.of(people, people, 2 * people, np.random.default_rng(seed), **kind)


def advantages(lesson, seed=0, worlds=10):
    attack = ModelPropertyInference(worlds=worlds)
    found = attack.run(lesson.release, lesson.knowledge(), np.random.default_rng(seed))
    return {g.setting: measure_worlds([g])[1].estimate for g in found}


def test_a_group_that_shapes_the_head_is_told():
    """Men and women have the scores of different numbers: the head weighs them by their share."""
    told = advantages(scene(1, split=1.0))
    assert set(told) == {"share of sex female", CASES} or set(told) == {"share of sex male", CASES}
    assert min(e.low for name, e in told.items() if name != CASES) > 0.8
    assert told[CASES].low > 0.6  # the head's constant gives the share of cases away


def test_a_group_that_is_like_all_others_is_not_told():
    found = [e for seed in range(4) for name, e in advantages(scene(seed)).items() if name != CASES]
    assert all(e.low <= 0 <= e.high for e in found)
    assert abs(np.mean([e.value for e in found])) < 0.2


def test_the_more_a_group_differs_the_more_is_told():
    told = [
        next(e.value for name, e in advantages(scene(6, split=split)).items() if name != CASES)
        for split in (0.0, 0.2, 1.0)
    ]
    assert told[0] < told[1] < told[2]


def test_noise_on_the_head_hides_a_share():
    loud, quiet = (
        advantages(scene(2, split=1.0, recipe=Ridge(noise=n)))[CASES] for n in (1.0, 0.0)
    )
    assert loud.low <= 0
    assert loud.value < 0.4 < quiet.low


def test_worlds_are_of_one_size_and_judged_on_other_people():
    class Watching(Ridge):
        def shadows(self, lessons, inside, asked, rng):
            seen.append(inside)
            return super().shadows(lessons, inside, asked, rng)

    seen = []
    lesson = scene(3)
    attack = ModelPropertyInference(worlds=10, divisions=2, rare=0.25)
    knowledge = replace(lesson.knowledge(), recipe=Watching())
    found = attack.run(lesson.release, knowledge, np.random.default_rng(0))
    truth = [row for worlds in found for row in worlds.truth]
    for learning, judging, common in zip(seen[::2], seen[1::2], truth, strict=True):
        assert learning.shape[1] == judging.shape[1] == len(common) == 20
        assert not (learning.any(axis=1) & judging.any(axis=1)).any()
        assert len(set(judging.sum(axis=0))) == 1
        assert common.sum() == 10


def test_twice_is_the_same():
    lesson = scene(4, people=60)
    one, two = (
        ModelPropertyInference(worlds=8).run(
            lesson.release, lesson.knowledge(), np.random.default_rng(3)
        )
        for _ in range(2)
    )
    assert [g.guessed.tobytes() for g in one] == [g.guessed.tobytes() for g in two]


def test_what_cannot_be_asked_is_said():
    with pytest.raises(InputError, match="worlds"):
        ModelPropertyInference(worlds=2)
    with pytest.raises(InputError, match="rare"):
        ModelPropertyInference(rare=0.5)
    with pytest.raises(InputError, match="divisions"):
        ModelPropertyInference(divisions=1)
    few = Lesson.of(8, 8, 8, np.random.default_rng(0))
    with pytest.raises(InvalidMeasurement, match="24 people are there"):
        ModelPropertyInference().run(few.release, few.knowledge(), np.random.default_rng(0))
    nobody = replace(few.knowledge(), known=few.taught.with_people(()))
    with pytest.raises(InvalidMeasurement, match="0 known people"):
        ModelPropertyInference().run(few.release, nobody, np.random.default_rng(0))
