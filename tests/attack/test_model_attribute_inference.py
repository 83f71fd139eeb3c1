"""``model/attribute-inference``: what a model adds to what was known of a person before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.attack.detectors import Lesson, Ridge

from mindveil.attack.model_attribute_inference import WITHOUT, ModelAttributeInference
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.model_gain import measure_model_gain
from mindveil.evidence.tables import measure_guessed

READ = {"also": "sex"}
WORDS = {"modality": "text"}


def attacked(lesson):
    return ModelAttributeInference().run(
        lesson.release, lesson.knowledge(), np.random.default_rng(0)
    )


def figures(lesson):
    guesses = attacked(lesson)
    using = [([g for g in guesses if g.setting != WITHOUT], lesson.truth)]
    found = measure_guessed(using, frozenset(), np.random.default_rng(0))
    return {m.metric: m for m in found + measure_model_gain([(guesses, lesson.truth)])}


def deep(seed, **kind):
    """A head that learnt the scores of its people by heart, sex among what it reads."""
    rng = np.random.default_rng(seed)
    kind = {"reading": READ, "columns": 60, **kind}
    return Lesson.of(36, 60, 90, rng, recipe=Ridge(penalty=1e-3), **kind)


def test_each_field_is_guessed_with_the_model_and_without():
    found = attacked(deep(0))
    assert [(g.field, g.setting) for g in found] == [
        ("sex", ""), ("sex", WITHOUT), ("housing", ""), ("housing", WITHOUT)
    ]  # fmt: skip
    assert all(len(g.people) == len(g.guesses) == 96 for g in found)


def test_glass_a_head_that_learnt_by_heart_gives_sex_away_of_its_people_only():
    found = figures(deep(1))
    gain = found["model-gain@sex"]
    assert found["accuracy@sex"].estimate.value >= 0.95
    assert found["accuracy@sex"].baseline < 0.7
    assert gain.estimate.low > 0.15
    assert gain.control.low <= 0
    assert found["advantage"].estimate.low > 0.5
    assert found["model-gain@housing"].estimate.low <= 0


def test_what_a_group_has_in_common_is_guessed_of_strangers_as_well():
    """Men score higher, everybody knows it, and so does the head: no harm to those who taught it."""
    lesson = Lesson.of(80, 80, 160, np.random.default_rng(2), worth=6.0, reading=READ)
    found = figures(lesson)
    assert found["accuracy@sex"].baseline > 0.6
    gain = found["model-gain@sex"]
    assert gain.estimate.low <= gain.control.high
    assert found["gain@sex"].estimate.low <= 0
    assert found["advantage"].estimate.low <= 0


def test_an_answer_tells_what_the_words_told_the_model():
    """Sex shows in the words and the head weighs them: the answer says more than the score."""
    rng = np.random.default_rng(3)
    kind = {"tell": 1.5, "worth": 6.0, "weight": 2.0, "reading": WORDS}
    found = figures(Lesson.of(80, 80, 160, rng, **kind))
    gain = found["model-gain@sex"]
    assert gain.estimate.low > 0.05
    assert gain.control.low > 0.05  # of strangers too: it is no trace of those who taught it
    assert found["gain@sex"].estimate.low <= 0


@pytest.mark.parametrize("reading", [READ, WORDS])
def test_a_head_that_others_taught_tells_of_nobody(reading):
    found = figures(deep(4, teachers="others", reading=reading))
    for name in ("advantage", "gain@sex", "gain@housing"):
        assert found[name].estimate.low <= 0
    gain = found["model-gain@housing"]
    assert gain.estimate.low <= 0 <= gain.estimate.high


def test_nobody_known_gives_her_own_secret_to_the_attacker():
    """The same guesses come out where the secret of every known person is blotted out."""
    lesson = deep(5)
    knowledge = lesson.knowledge()
    blind = knowledge.known.with_people(
        replace(p, attributes={**p.attributes, "sex": None}) for p in knowledge.known.participants
    )
    attack, rng = ModelAttributeInference(), np.random.default_rng(0)
    open_eyes = attack.run(lesson.release, knowledge, rng)
    blinded = attack.run(lesson.release, replace(knowledge, known=blind), rng)
    assert [g.guesses for g in open_eyes[:2]] == [g.guesses for g in blinded[:2]]


def test_without_people_or_secrets_nothing_is_guessed():
    lesson = deep(6)
    knowledge, rng = lesson.knowledge(), np.random.default_rng(0)
    nobody = lesson.taught.with_people(())
    with pytest.raises(InvalidMeasurement, match="0 reference people"):
        ModelAttributeInference().run(lesson.release, replace(knowledge, reference=nobody), rng)

    def bare(corpus):
        return corpus.with_people(replace(p, attributes={}) for p in corpus.participants)

    empty = replace(knowledge, known=bare(knowledge.known), reference=bare(knowledge.reference))
    with pytest.raises(InvalidMeasurement):
        ModelAttributeInference().run(lesson.release, empty, rng)
