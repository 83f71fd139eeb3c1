"""Detection from a table of people who do not exist: strange levels, gaps and bands do not stop it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from tests.utility.answers import COLUMNS, cohort, renamed, scattered

from mindveil.corpus.model import Column
from mindveil.utility.detection import Detection

TASK = Detection(target="hads.depression>=8", modality="scales")
TOWNS = Column(role="quasi", kind="nominal")


def with_towns(people, towns):
    """Return the people with a town each; nothing is declared about the towns there are."""
    return replace(
        people.with_people(
            replace(p, attributes={**p.attributes, "town": town})
            for p, town in zip(people.participants, towns, strict=True)
        ),
        columns={**COLUMNS, "town": TOWNS},
        synthetic=True,
    )


def area(release, test, rng):
    made = TASK.predict(release, test, rng)
    return roc_auc_score(made.truth, made.predicted)


def test_levels_that_only_one_side_has_gaps_and_bands():
    rng = np.random.default_rng(1)
    names = np.array([*(f"town {i}" for i in range(40)), "a|b", "*", None], dtype=object)
    release = with_towns(cohort(500, rng, "R"), rng.choice(names, size=500))
    release = release.with_people(
        replace(p, attributes={**p.attributes, "age": "30-39" if i % 3 else None})
        for i, p in enumerate(release.participants)
    )
    test = with_towns(cohort(300, rng), rng.choice(["town 1", "nowhere", None], size=300))
    made = TASK.predict(release, test, rng)
    assert np.isfinite(made.predicted).all()
    assert roc_auc_score(made.truth, made.predicted) > 0.65


def test_what_was_drawn_from_the_same_people_teaches_as_much():
    rng = np.random.default_rng(2)
    one, two, test = (cohort(n, rng, p) for n, p in ((800, "P"), (800, "R"), (800, "T")))
    assert area(two, test, rng) == pytest.approx(area(one, test, rng), abs=0.03)


def test_what_was_scattered_teaches_nothing():
    rng = np.random.default_rng(3)
    people, test = cohort(800, rng), cohort(800, rng, "T")
    assert area(renamed(scattered(people, rng)), test, rng) < 0.62 < area(people, test, rng)


def test_a_detector_may_be_silent_where_it_is_least_sure_and_predicts_all_the_same():
    rng = np.random.default_rng(4)
    people, test = cohort(600, rng), cohort(600, rng, "T")
    plain = TASK.predict(people, test, rng)
    silent = Detection(target=f"{TASK.target}@coverage=0.7", modality="scales")
    assert silent.name == "detect/hads.depression>=8@coverage=0.7"
    made = silent.predict(people, test, rng)
    assert plain.decided is None
    np.testing.assert_array_equal(made.predicted, plain.predicted)
    assert made.decided.mean() == pytest.approx(0.7, abs=0.07)
    sure = np.abs(made.predicted - 0.5)
    assert sure[made.decided].min() >= sure[~made.decided].max()
    right = (made.predicted >= 0.5) == (made.truth > 0)
    assert right[made.decided].mean() > right.mean() + 0.02


def test_who_is_tested_has_no_say_in_where_the_limit_lies():
    rng = np.random.default_rng(5)
    people, test = cohort(400, rng), cohort(60, rng, "T")
    silent = Detection(target="hads.depression>=8@coverage=0.6", modality="scales")
    every = silent.predict(people, test, rng)
    for part in (slice(0, 7), slice(30, 60)):
        alone = silent.predict(people, test.with_people(test.participants[part]), rng)
        np.testing.assert_array_equal(alone.decided, every.decided[part])
