"""Heads without a promise learn what is there, and nothing of those who are left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.train.taught_people import PHQ9, auc, cohort, table

from mindveil.dp.noise import seeded
from mindveil.errors import InvalidMeasurement
from mindveil.train.base import Head, Part
from mindveil.train.plain import PlainLogistic, PlainMlp, PlainRidge, Stack
from mindveil.train.ridge import fit_head

MLP = PlainMlp(hidden=4, steps=60)
ALL = (PlainRidge(), PlainLogistic(), Stack(), MLP)


def rng(seed=1):
    return np.random.default_rng(seed)


def fitted(recipe, people, seed=1):
    return recipe.fit(people, seeded(rng(seed)), rng(seed))


def test_the_ridge_is_the_head_of_one_block():
    people = cohort(1)
    head, plain = (
        fitted(PlainRidge(), people).head,
        fit_head([people.rows], people.totals, people.labels),
    )
    assert head.log_odds(people.rows).tolist() == pytest.approx(
        plain.log_odds([people.rows]).tolist()
    )
    # Scores are kept within the questionnaire, not within those of the people who taught.
    inside = (plain.severity([people.rows]) > plain.lowest) & (
        plain.severity([people.rows]) < plain.highest
    )
    assert head.severity(people.rows)[inside].tolist() == pytest.approx(
        plain.severity([people.rows])[inside].tolist()
    )


@pytest.mark.parametrize("recipe", ALL)
def test_what_is_planted_is_found_and_means_what_it_says(recipe):
    people, others = cohort(2, 1200), cohort(3, 2000)
    taught = fitted(recipe, people)
    told = taught.head.log_odds(others.rows)
    assert isinstance(taught.head, Head)
    assert auc(told, others.labels) > 0.78
    chance = 1 / (1 + np.exp(-told))
    assert chance.mean() == pytest.approx(others.labels.mean(), abs=0.06)
    assert np.corrcoef(taught.head.severity(others.rows), others.totals)[0, 1] > 0.6
    # What those inside are told had they been left out is as good as what strangers are told.
    assert auc(taught.inside, people.labels) == pytest.approx(auc(told, others.labels), abs=0.04)


@pytest.mark.parametrize("recipe", ALL)
def test_nothing_is_learnt_where_nothing_is_told(recipe):
    found = []
    for seed in range(25):
        people, others = cohort(seed, 60, told=False), cohort(900 + seed, 200, told=False)
        head = fitted(recipe, people).head
        found.append(auc(head.log_odds(others.rows), others.labels))
    assert abs(np.mean(found) - 0.5) < 3.5 * (np.std(found) + 1e-3) / np.sqrt(len(found))


@pytest.mark.parametrize("recipe", ALL)
def test_nothing_is_promised_and_the_same_seed_gives_the_same_bytes(recipe):
    people = cohort(4, 80)
    heads = [fitted(recipe, people, 3) for _ in range(2)]
    assert heads[0].guarantee is None
    assert recipe.budget is None
    assert recipe.twin() == recipe
    said = [taught.head.log_odds(people.rows).tobytes() for taught in heads]
    assert said[0] == said[1]


@pytest.mark.parametrize("recipe", ALL)
def test_a_shadow_learns_from_those_inside_alone(recipe):
    people = cohort(5, 80)
    inside = rng(1).random((80, 3)) < 0.5
    said = recipe.shadows(people, inside, people.rows, rng(2))
    spoiled = people.rows.copy()
    spoiled[~inside[:, 1]] = -9.0
    other = recipe.shadows(replace(people, rows=spoiled), inside, people.rows, rng(2))
    if recipe is not MLP:  # Its line is learnt from those outside.
        assert said[:, 1].tolist() == pytest.approx(other[:, 1].tolist(), abs=1e-5)
    assert not np.allclose(said[:, 0], other[:, 0])


@pytest.mark.parametrize("recipe", [PlainRidge(), PlainLogistic(), Stack()])
def test_a_shadow_of_everybody_is_the_head_itself(recipe):
    people, others = cohort(6, 90), cohort(7, 20)
    everybody = np.ones((90, 2), np.bool_)
    said = recipe.shadows(people, everybody, others.rows, rng())
    told = fitted(recipe, people).head.log_odds(others.rows)
    for head in said.T:
        assert head.tolist() == pytest.approx(told.tolist(), abs=1e-6)


@pytest.mark.parametrize("recipe", ALL)
def test_too_few_of_one_class_are_refused(recipe):
    people = cohort(8, 40)
    few = people.of(np.cumsum(people.labels) * people.labels <= 4)
    with pytest.raises(InvalidMeasurement, match="at least 5"):
        fitted(recipe, few)


def test_more_columns_than_people_are_no_trouble():
    people, others = cohort(9, 60, 200), cohort(10, 400, 200)
    for recipe in (PlainRidge(), PlainLogistic(), Stack()):
        told = fitted(recipe, people).head.log_odds(others.rows)
        assert auc(told, others.labels) > 0.75


def test_an_overfitted_network_tells_who_was_inside():
    """Without noise and with many units, those who taught are told what they are."""
    inside = rng(3).random((60, 8)) < 0.5
    free, found = PlainMlp(hidden=32, steps=400, learning_rate=0.05), []
    for seed in (11, 12, 13):
        people = cohort(seed, 60, 100, told=False)
        said = free.shadows(people, inside, people.rows, rng(4))
        right = said * np.where(people.labels > 0, 1.0, -1.0)[:, None]
        found.append(auc(right.ravel(), inside.ravel().astype(float)))
    assert np.mean(found) > 0.6


def three_blocks(seed, people):
    made = cohort(seed, people, 6)
    rows = made.rows * [1.0, 1.0, 1.0, 50.0, 1.0, 1.0] + [0.0, 0.0, 0.0, 7.0, 0.0, 0.0]
    parts = (
        Part(modality="text", name="meaning", width=2),
        Part(modality="text", name="anchors", width=1),
        Part(modality="voice", name="measures", width=3),
    )
    silent = np.arange(people) % 5 == 0
    rows[silent, 3:] = 0.0
    return table(rows, made.totals, parts)


def test_a_stack_joins_modalities_and_hears_who_is_silent():
    people, others = three_blocks(12, 400), three_blocks(13, 1500)
    taught = fitted(Stack(), people)
    told = taught.head.log_odds(others.rows)
    text = fitted(PlainRidge(), replace(people, rows=people.rows[:, :3])).head
    assert auc(told, others.labels) > auc(text.log_odds(others.rows[:, :3]), others.labels)
    assert taught.head.spans == ((0, 3), (3, 6))
    assert np.isfinite(taught.inside).all()
    nothing = np.zeros((1, 6))
    assert np.isfinite(taught.head.log_odds(nothing)).all()
    assert taught.head.severity(nothing)[0] == pytest.approx(people.totals.mean(), abs=1.0)


def test_a_stack_is_what_the_detect_tasks_learn():
    """Text stays in its units, voice is measured in those of the training people."""
    people = three_blocks(14, 200)
    heard = (people.rows[:, 3:] != 0).any(axis=1)
    voice = people.rows[:, 3:]
    voice = (voice - voice[heard].mean(axis=0)) / voice[heard].std(axis=0)
    voice[~heard] = np.nan
    text = fit_head([people.rows[:, :2], people.rows[:, 2:3]], people.totals, people.labels)
    other = fit_head([voice], people.totals, people.labels)
    head = fitted(Stack(), people).head
    said = text.log_odds([people.rows[:, :2], people.rows[:, 2:3]])
    joined = np.where(heard, (said + np.nan_to_num(other.log_odds([voice]))) / 2, said)
    intercept, slope, _ = head.trust
    assert head.log_odds(people.rows).tolist() == pytest.approx(
        (intercept + slope * joined).tolist()
    )


def test_a_modality_that_too_few_have_is_left_out():
    people = three_blocks(15, 100)
    rows = people.rows.copy()
    rows[4:, 3:] = 0.0
    head = fitted(Stack(), replace(people, rows=rows)).head
    assert (head.spans, head.trust) == (((0, 3),), (0.0, 1.0, 0.0))
    with pytest.raises(InvalidMeasurement):
        fitted(Stack(), replace(people, rows=np.zeros((100, 0)), parts=()))


def test_scores_are_public_in_range():
    assert fitted(PlainRidge(), cohort(16)).head.scale == PHQ9
