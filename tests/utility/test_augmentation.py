"""Real people with a release and without: nobody is mixed up, and help is seen as help."""

from __future__ import annotations

import numpy as np
import pytest
from tests.utility.answers import answered, cohort, scattered, table

from mindveil.errors import InvalidMeasurement
from mindveil.utility.augmentation import Augmentation, together
from mindveil.utility.base import Lesson

TASK = Augmentation(target="hads.depression>=8")


def test_ids_of_both_never_meet():
    draw = np.random.default_rng(1)
    people = cohort(20, draw)
    both = together(people, people)
    assert len(set(both.ids)) == 40
    assert both.columns == people.columns


def test_every_size_that_is_there_is_learnt_from():
    draw = np.random.default_rng(2)
    lesson = Lesson(
        release=cohort(400, draw, "R"), original=cohort(350, draw), test=cohort(150, draw, "T")
    )
    made = TASK.add(lesson, draw)
    assert list(made) == ["100", "300", "all"]
    for one in made.values():
        assert one.alone.ids == one.joined.ids == lesson.test.ids
        assert (one.alone.truth == one.joined.truth).all()
    assert not np.allclose(made["100"].alone.predicted, made["300"].alone.predicted)


def test_exactly_a_hundred_is_all():
    draw = np.random.default_rng(3)
    people = cohort(100, draw)
    made = TASK.add(Lesson(release=people, original=people, test=cohort(50, draw, "T")), draw)
    assert list(made) == ["all"]


def test_noise_in_the_release_does_harm_and_good_people_help():
    draw = np.random.default_rng(4)
    real, test = cohort(100, draw), cohort(600, draw, "T")
    good = cohort(1500, draw, "R")

    def error(release):
        one = TASK.add(Lesson(release=release, original=real, test=test), draw)["all"]
        return tuple(float(((p.predicted - p.truth) ** 2).mean()) for p in (one.alone, one.joined))

    alone, helped = error(good)
    _, harmed = error(scattered(good, draw))
    assert helped < alone < harmed


def test_where_nothing_can_be_learnt_it_is_said():
    draw = np.random.default_rng(5)
    people = table({"hads": [[0] * 14] * 30, "gad7": answered(30, 7, draw)})
    with pytest.raises(InvalidMeasurement, match="0 of 30 people"):
        TASK.add(Lesson(release=people, original=people, test=people), draw)
    nobody = people.with_people(())
    with pytest.raises(InvalidMeasurement):
        TASK.add(Lesson(release=people, original=nobody, test=people), draw)
