"""What a person's update says of her sex, age and background."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.attack.federations import Answered, attacked, people, recipe_of

from mindveil.attack.base import is_on_updates
from mindveil.attack.update_attribute_inference import (
    UpdateAttributeInference,
    features_of,
    fields_of,
)
from mindveil.corpus.model import Column, Corpus, Participant
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.inference import measure_inference
from mindveil.evidence.measured import Truth
from mindveil.train.client_steps import Local

TAUGHT, BESIDE = 100, 60


def planted(seed, *, shown=True, columns=30):
    """People with a sex, an age and a home; the first shows in half of the columns, or nowhere."""
    world = people(TAUGHT + BESIDE, columns, seed)
    rng = np.random.default_rng([seed, 8])
    man = rng.random(TAUGHT + BESIDE) < 0.45
    rows = world.rows.copy()
    if shown:
        rows[:, : columns // 2] += 0.5 * (2.0 * man[:, None] - 1.0)
    more = [
        {
            "sex": "M" if m else "F",
            "age": float(rng.integers(18, 80)),
            "home": "town" if rng.random() < 0.6 else "country",
            "town": f"T{i}",
        }
        for i, m in enumerate(man)
    ]
    seen = Answered(ids=world.ids, rows=rows, labels=world.labels, totals=world.totals)
    return seen, more


def corpus(world, more, places):
    return Corpus(
        name="people",
        participants=tuple(
            Participant(participant_id=world.ids[i], attributes=more[i]) for i in places
        ),
        columns={
            "home": Column(role="quasi", kind="nominal"),
            "town": Column(role="sensitive", kind="nominal"),
        },
    )


def game(recipe, seed=1, **how):
    """The one guess, and the truth that judges it."""
    world, more = planted(seed, **how)
    release, knowledge = attacked(world, recipe, range(TAUGHT), known=range(TAUGHT), seed=seed)
    beside = corpus(world, more, range(TAUGHT, TAUGHT + BESIDE))
    rng = np.random.default_rng(seed)
    found = UpdateAttributeInference().run(release, replace(knowledge, reference=beside), rng)
    person_of = {f"c{i:03d}": world.ids[i] for i in range(TAUGHT)}
    taught = corpus(world, more, range(TAUGHT))
    truth = Truth(person_of=person_of, released=taught, absent=beside)
    assert len(found) == 1
    return found[0], truth


def figures(recipe, seed=1, **how):
    guess, truth = game(recipe, seed, **how)
    found = measure_inference([(guess, truth)], np.random.default_rng(seed))
    return {m.metric: m for m in found}


def test_it_is_an_attack_on_updates():
    assert is_on_updates(UpdateAttributeInference())


def test_a_row_is_what_a_unit_learnt_over_what_its_constant_learnt():
    # One round, one person (row 0.5, -1) and one unit: what was wrong is 0.2.
    terms = recipe_of(0).terms(2, 1)
    signal = np.array([[[0.1, -0.2, 0.2]]])
    there = np.ones((1, 1), np.bool_)
    row, mean = features_of(terms, "update", signal, there, 0.0)
    np.testing.assert_allclose(row, [[0.5, -1.0]])
    np.testing.assert_array_equal(mean, signal[0])
    # Noise as loud as what was wrong: half is believed.
    shortened, _ = features_of(terms, "update", signal, there, 0.2)
    np.testing.assert_allclose(shortened, [[0.25, -0.5]])


def test_of_a_regression_the_row_is_told_in_full():
    terms = recipe_of(0, regression=True).terms(2, 1)
    told = np.arange(10.0)[None, None]
    row, severity = features_of(terms, "moments", told, np.ones((1, 1), np.bool_), 0.0)
    assert row.tolist() == [[1.0, 2.0]]
    assert severity.tolist() == [[3.0]]


def test_declared_columns_are_guessed_beside_sex_and_age():
    world, more = planted(1)
    assert fields_of(corpus(world, more, range(3))) == ("sex", "gender", "age", "home", "town")


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"hidden": 6},
        {"local": Local(steps=4, learning_rate=1.0)},
        {"regression": True},
        {"dropout": 0.2},
    ],
)
def test_what_shows_in_rows_is_found_in_plain_updates(more):
    found = figures(recipe_of(0, **more))
    assert found["accuracy@sex"].estimate.value >= 0.9
    assert found["advantage@sex"].estimate.low > 0.5
    assert found["advantage@home"].estimate.low < 0.0  # it shows nowhere


def test_every_client_is_guessed_and_nothing_is_stated():
    guess, _ = game(recipe_of(0))
    assert sorted(guess.records) == [f"c{i:03d}" for i in range(TAUGHT)]
    assert set(guess.guesses) == {"sex", "age", "home"}  # a town of one's own is a name
    assert set(guess.guesses["sex"]) == {"female", "male"}
    assert not any(map(any, guess.stated.values()))


def test_what_does_not_show_is_not_found():
    right = []
    for seed in range(16):
        guess, truth = game(recipe_of(0), seed, shown=False)
        sexes = {p.participant_id: p.attributes["sex"] for p in truth.released.participants}
        actual = np.array([sexes[truth.person_of[code]] for code in guess.records])
        said = np.array(["M" if g == "male" else "F" for g in guess.guesses["sex"]])
        right.append(np.mean([np.mean(said[actual == sex] == sex) for sex in "MF"]))
    spread = np.std(right) / np.sqrt(len(right))
    assert abs(np.mean(right) - 0.5) < 3.0 * spread < 0.06


def test_masked_messages_tell_nothing():
    found = figures(recipe_of(0, secure=True))["balanced-accuracy@sex"].estimate
    assert found.low <= 0.5 <= found.high


def test_a_promise_hides_it():
    told = [
        figures(recipe_of(0, epsilon=e, people=TAUGHT))["balanced-accuracy@sex"].estimate
        for e in (3000.0, 8.0, 1.0)
    ]
    assert told[0].value > 0.8
    assert told[1].value < 0.65
    assert told[2].low <= 0.5


def test_clients_of_many_people_are_no_persons():
    with pytest.raises(InvalidMeasurement, match="each of 5 clients has many people"):
        game(recipe_of(5))


def test_who_knows_nobody_learns_nothing():
    world, _ = planted(1)
    release, knowledge = attacked(world, recipe_of(0), range(20), reference=range(100, 160))
    with pytest.raises(InvalidMeasurement, match="nobody teaches"):
        UpdateAttributeInference().run(release, knowledge, np.random.default_rng(0))
