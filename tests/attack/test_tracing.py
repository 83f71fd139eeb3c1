"""``synthetic/tracing``: planted members, strangers, and tables from which sums alone are kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.attack.tables import Scene, cohort, copied

from mindveil.attack.base import Membership
from mindveil.attack.tracing import CANDIDATES, REFERENCE, SyntheticTracing
from mindveil.corpus.model import Response, Session
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.measured import Truth
from mindveil.evidence.membership import measure_membership


def test_members_of_a_copy_are_traced_and_the_whole_pull_is_explained():
    rng = np.random.default_rng(0)
    scene = Scene.of(150, rng)
    among, beyond = scene.run(SyntheticTracing(), copied(scene.members, rng), rng)
    assert (among.setting, beyond.setting) == (CANDIDATES, REFERENCE)
    assert among.people == scene.knowledge().known.ids
    assert among.tier == "trained"
    # There are about as many moments as people: hardly anybody is left unexplained.
    assert scene.advantage(among)[0] >= 0.75
    assert scene.advantage(beyond)[1] > 0.55


def test_the_order_of_records_and_the_random_stream_say_nothing():
    rng = np.random.default_rng(1)
    scene = Scene.of(90, rng)
    one = scene.run(SyntheticTracing(), copied(scene.members, rng), np.random.default_rng(5))
    two = scene.run(SyntheticTracing(), copied(scene.members, rng), np.random.default_rng(6))
    assert one[0].scores == pytest.approx(two[0].scores, rel=1e-3, abs=1e-3)


def scrambled(corpus, rng, size):
    """Records of which every answer is some member's: shares are kept, links are lost."""
    people = corpus.participants
    answers = np.array([p.sessions[0].responses["phq9"].items for p in people])
    drawn = np.column_stack([rng.choice(column, size) for column in answers.T]).tolist()
    made = []
    for i, items in enumerate(drawn):
        session = Session(session_id="1", responses={"phq9": Response(items=tuple(items))})
        one = people[int(rng.integers(len(people)))]
        made.append(replace(one, participant_id=f"S{i}", sessions=(session,)))
    return corpus.with_people(made)


def test_means_alone_betray_members_a_little_and_the_more_so_the_more_records():
    found = []
    for size in (60, 240, 3000):
        areas = []
        for seed in range(10):
            rng = np.random.default_rng(seed)
            scene = Scene.of(60, rng)
            among, _ = scene.run(SyntheticTracing(), scrambled(scene.members, rng, size), rng)
            areas.append(scene.advantage(among)[1])
        found.append(np.mean(areas))
    assert found[0] < found[2]
    assert found[2] > 0.57


def strangers(seed):
    """A release of other people, and everything that tracing says of who was in it."""
    rng = np.random.default_rng(seed)
    scene = Scene.of(60, rng, items=5)
    release = copied(cohort(60, rng, "X", items=5), rng)
    return scene, scene.run(SyntheticTracing(), release, rng)


def test_of_strangers_nobody_is_traced():
    areas = []
    for seed in range(40):
        scene, found = strangers(seed)
        areas.append([scene.advantage(guesses)[1] for guesses in found])
    assert np.mean(areas, axis=0) == pytest.approx(0.5, abs=0.03)


@pytest.mark.slow
def test_the_interval_of_strangers_excludes_nothing_as_often_as_it_may():
    outside, times = np.zeros(2), 200
    for seed in range(times):
        scene, found = strangers(seed)
        truth = Truth(person_of={}, released=scene.members, absent=scene.controls)
        for question, guesses in enumerate(found):
            rng = np.random.default_rng(seed)
            seen = measure_membership([(guesses, truth)], frozenset(), rng)[0].estimate
            outside[question] += not seen.low <= 0 <= seen.high
    assert (outside / times >= 0.01).all()
    assert (outside / times <= 0.10).all()


def test_too_few_to_be_traced():
    rng = np.random.default_rng(2)
    scene = Scene.of(60, rng)
    with pytest.raises(InvalidMeasurement, match="release of 5 records"):
        scene.run(SyntheticTracing(), cohort(5, rng, "S"), rng)
    few = Scene.of(4, rng)
    with pytest.raises(InvalidMeasurement, match="5 known people"):
        few.run(SyntheticTracing(), cohort(50, rng, "S"), rng)


def test_without_reference_people_candidates_are_enough():
    rng = np.random.default_rng(3)
    scene = Scene.of(90, rng)
    alone = replace(scene, reference=scene.reference.with_people(()))
    (found,) = alone.run(SyntheticTracing(), copied(scene.members, rng), rng)
    assert isinstance(found, Membership)
    assert alone.advantage(found)[0] > 0.7
