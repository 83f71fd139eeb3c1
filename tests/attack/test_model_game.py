"""The game: candidates first, reference people once, confidence in the true class."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.attack.taught import ByLine, games, world

from mindveil.attack.model_game import game_of, shadows_of
from mindveil.errors import InvalidMeasurement


def played(**more):
    rng = np.random.default_rng(0)
    crowd = world(50, rng, columns=6, **more)
    ((release, knows, _),) = games(crowd, ByLine(penalty=1.0), 1, rng)
    return crowd, release, knows


def test_candidates_come_first_and_nobody_twice():
    crowd, release, knows = played()
    both = replace(knows, reference=crowd.corpus(range(50)))
    game = game_of(release, both)
    assert game.candidates == knows.known.ids
    assert len(game.everybody.ids) == len(set(game.everybody.ids)) == 50
    assert game.known.sum() == len(knows.known.ids)


def test_confidence_is_in_the_true_class():
    _, release, knows = played()
    game = game_of(release, knows)
    odds = release.model.head.log_odds(game.everybody.rows)
    assert game.sure.tolist() == np.where(game.everybody.labels > 0, odds, -odds).tolist()


def test_shadows_learn_from_halves_and_answer_for_everybody():
    _, release, knows = played()
    game = game_of(release, knows)
    shadows = shadows_of(game, knows, 6, np.random.default_rng(1))
    assert shadows.sure.shape == shadows.inside.shape == (50, 6)
    assert (shadows.inside.sum(axis=1) == 3).all()
    who = shadows.inside[:, 0]
    head = knows.recipe.head(game.everybody.rows[who], game.everybody.labels[who])
    odds = head.log_odds(game.everybody.rows)
    assert shadows.sure[:, 0] == pytest.approx(np.where(game.everybody.labels > 0, odds, -odds))


def test_a_crowd_of_strangers_teaches_no_shadows_of_another_size():
    crowd, release, knows = played()
    many = replace(knows, known=crowd.corpus(range(12)), reference=crowd.corpus(range(12, 50)))
    game = game_of(release, many)
    shadows = shadows_of(game, many, 6, np.random.default_rng(1))
    assert (shadows.inside[:18].sum(axis=1) == 3).all()
    assert not shadows.inside[18:].any()
    assert shadows.sure.shape == (50, 6)


def test_people_without_an_answer_are_nobody_to_ask_about():
    silent = frozenset(f"P{i:04d}" for i in range(45))
    _, release, knows = played(silent=silent)
    with pytest.raises(InvalidMeasurement, match="known people have an answer"):
        game_of(release, knows)
