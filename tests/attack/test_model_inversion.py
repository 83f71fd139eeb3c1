"""``model/inversion``: the one person whom the informed adversary does not know."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.attack.detectors import Lesson, Ridge

from mindveil.attack.base import ANSWER_ALONE
from mindveil.attack.model_inversion import CLASS_MEAN, ROW_ALONE, ModelInversion
from mindveil.dp.accounting import Budget
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.evidence.linkage import measure_linkage, name_pairs
from mindveil.evidence.membership import measure_membership
from mindveil.train.adassp import AdaSSP
from mindveil.train.plain import PlainRidge


def attacked(scene, seed=0, games=20):
    return ModelInversion().run(scene.release, scene.knowledge(games), np.random.default_rng(seed))


def linked(scenes, question, games=20):
    """Figures of one question over several worlds, of people who are not the same."""
    folds = []
    for i, scene in enumerate(scenes):
        pairs = name_pairs(attacked(scene, games=games)[question], scene.truth)
        names = {
            part: tuple(f"{i}-{p}" for p in getattr(pairs, part))
            for part in ("rows", "columns", "absent")
        }
        folds.append(replace(pairs, **names))
    found = measure_linkage(folds, 100, frozenset(), np.random.default_rng(0))
    return {m.metric: m for m in found}


def test_without_noise_the_missing_person_is_found():
    scene = Lesson.of(30, 40, 40, np.random.default_rng(1))
    found = attacked(scene)
    assert [g.setting for g in found] == ["", ROW_ALONE, CLASS_MEAN]
    best = found[0].scores.argmax(axis=1)
    assert [found[0].candidates[i] for i in best] == [scene.codes[q] for q in found[0].queries]
    # The very numbers of the released head come out again.
    assert (found[0].scores.max(axis=1) > -1e-9).all()


@pytest.mark.parametrize("columns", [3, 8, 60])
def test_glass_the_right_one_is_first_among_many(columns):
    scenes = [Lesson.of(n, 60, 60, np.random.default_rng(n), columns=columns) for n in (12, 80)]
    assert linked(scenes, 0)["rank1"].estimate.value >= 0.95


def test_the_row_is_worked_out_without_anybody_to_compare_with():
    rank1 = linked([Lesson.of(40, 40, 60, np.random.default_rng(s)) for s in (2, 3)], 1)["rank1"]
    assert rank1.estimate.low > 0.5
    assert rank1.control.value < 0.1


def test_a_head_that_others_taught_tells_of_nobody():
    """Games of one head hang together, so that many heads are asked a few games each."""
    scenes = [Lesson.of(30, 40, 40, np.random.default_rng(s), teachers="others") for s in range(12)]
    for question in (0, 1):
        advantage = linked(scenes, question, games=6)["advantage"].estimate
        assert advantage.low <= 0 <= advantage.high
        assert advantage.high < 0.15


def test_noise_on_the_head_hides_who_is_missing():
    scenes = [
        Lesson.of(30, 40, 40, np.random.default_rng(s), recipe=Ridge(noise=0.5)) for s in range(4)
    ]
    for question in (0, 1):
        advantage = linked(scenes, question)["advantage"].estimate
        assert advantage.low <= 0.02
        assert advantage.high < 0.15


def test_a_real_recipe_gives_its_people_away_and_a_private_one_does_not():
    plain = [Lesson.of(40, 60, 60, np.random.default_rng(s), recipe=PlainRidge()) for s in (0, 1)]
    assert linked(plain, 0)["rank1"].estimate.value >= 0.95
    private = AdaSSP(budget=Budget(epsilon=1.0, delta=1e-4))
    hidden = [Lesson.of(40, 60, 60, np.random.default_rng(s), recipe=private) for s in range(3)]
    for question in (0, 1):
        advantage = linked(hidden, question)["advantage"].estimate
        assert advantage.low <= 0.02
        assert advantage.high < 0.2


def test_less_noise_hides_less():
    found = [
        linked(
            [
                Lesson.of(30, 40, 40, np.random.default_rng(s), recipe=Ridge(noise=n))
                for s in (0, 1)
            ],
            0,
        )["rank1"].estimate.value
        for n in (0.0, 1e-3, 1e-2, 0.3)
    ]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[1] > found[3]


def test_nobody_inside_is_a_candidate_and_games_are_capped():
    scene = Lesson.of(20, 10, 30, np.random.default_rng(3))
    found = ModelInversion(games=6).run(
        scene.release, scene.knowledge(20), np.random.default_rng(0)
    )[0]
    assert len(found.queries) == 6
    assert len(found.candidates) == 6 + 10
    assert (np.isfinite(found.scores).sum(axis=1) == 1 + 10).all()


def test_twice_is_the_same_and_no_reference_is_no_row():
    scene = Lesson.of(20, 10, 30, np.random.default_rng(4), recipe=Ridge(noise=0.01))
    one, two = attacked(scene, 5), attacked(scene, 5)
    assert all(a.scores.tobytes() == b.scores.tobytes() for a, b in zip(one, two, strict=True))
    knowledge = replace(scene.knowledge(8), reference=scene.reference.with_people(()))
    found = ModelInversion().run(scene.release, knowledge, np.random.default_rng(0))
    assert [g.setting for g in found] == ["", CLASS_MEAN]


def test_an_answer_under_a_code_is_told_by_what_was_said_of_others():
    scene = Lesson.of(30, 40, 60, np.random.default_rng(7))
    model = scene.release.model
    said = model.head.log_odds(model.reader.rows(scene.taught))
    odds = dict(zip(scene.taught.ids, said.tolist(), strict=True))
    answers = {code: odds[person] for code, person in scene.codes.items()}
    found = ModelInversion().run(
        scene.release, replace(scene.knowledge(8), answers=answers), np.random.default_rng(0)
    )
    assert [g.setting for g in found] == ["", ROW_ALONE, ANSWER_ALONE, CLASS_MEAN]
    # A head without noise is a line, which others show to the last digit.
    best = found[2].scores.argmax(axis=1)
    right = [
        found[2].candidates[i] == scene.codes[q]
        for i, q in zip(best, found[2].queries, strict=True)
    ]
    assert np.mean(right) > 0.8
    hidden = dict.fromkeys(answers, 0.0)
    found = ModelInversion().run(
        scene.release, replace(scene.knowledge(8), answers=hidden), np.random.default_rng(0)
    )
    assert np.ptp(found[2].scores, axis=0).max() == 0


def test_the_class_mean_tells_of_those_whose_answers_were_learnt_by_heart():
    deep = Lesson.of(40, 60, 40, np.random.default_rng(5), columns=200, recipe=Ridge(penalty=1e-3))
    null = Lesson.of(40, 60, 40, np.random.default_rng(5), columns=200, teachers="others")
    aucs = [
        {
            m.metric: m.estimate
            for m in measure_membership(
                [(attacked(scene)[2], scene.truth)], frozenset(), np.random.default_rng(0)
            )
        }["auc"]
        for scene in (deep, null)
    ]
    assert aucs[0].low > 0.6
    assert aucs[1].low <= 0.5 <= aucs[1].high


def test_a_head_that_says_one_thing_whoever_taught_it_is_no_measurement():
    class Flat(Ridge):
        def learn(self, lessons, weight, rng):
            found = super().learn(lessons, weight, rng)
            return replace(found, weights=np.zeros_like(found.weights))

    scene = Lesson.of(20, 20, 20, np.random.default_rng(0), recipe=Flat())
    with pytest.raises(InvalidMeasurement, match="saw nothing"):
        attacked(scene)


def test_what_cannot_be_played_is_said():
    scene = Lesson.of(20, 10, 30, np.random.default_rng(6))
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="games"):
        ModelInversion(games=1)
    with pytest.raises(InvalidMeasurement, match="0 games"):
        ModelInversion().run(scene.release, scene.knowledge(0), rng)
    alone = replace(scene.knowledge(4), known=scene.taught)
    with pytest.raises(InvalidMeasurement, match="hold people out"):
        ModelInversion().run(scene.release, alone, rng)
