"""The audit of a trainer: promises that are kept pass, broken ones are refuted, and power is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from tests.attack.audit_toys import (
    DeafRecipe,
    MeanRecipe,
    broken,
    budget,
    lessons,
    situation,
)

from mindveil.attack.canary_people import apart, joined, length_of, made_up, teachers
from mindveil.attack.model_audit import OneRunAudit, evidence_for
from mindveil.dp.accounting import Budget
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.evidence.canaries import measure_canaries
from mindveil.train.base import Recipe
from mindveil.train.private import PrivateTraining


def rng(seed=7):
    return np.random.default_rng(seed)


def audited(recipe, folds=5, columns=40, seed=0, **settings):
    attack = OneRunAudit(**settings)
    release, knowledge = situation(recipe, columns=columns)
    found = [attack.run(release, knowledge, rng(seed * 100 + f))[0] for f in range(folds)]
    return found, {m.metric: m for m in measure_canaries([(f, None) for f in found], rng(seed))}


def test_made_up_people_by_hand():
    people = lessons(4, 3)
    made = made_up(np.eye(3)[:2], np.array([1.0, 0.0]), people)
    assert made.totals.tolist() == [27.0, 0.0]
    assert len(set(made.ids)) == 2
    both = joined(people, made)
    assert both.rows.shape == (6, 3)
    assert both.ids[:4] == people.ids
    assert length_of(people) >= np.sqrt(3)


def test_directions_are_at_right_angles():
    rows = apart(7, 5, rng())
    assert rows.shape == (7, 5)
    assert np.allclose(rows[:5] @ rows[:5].T, np.eye(5))
    assert np.allclose(np.linalg.norm(rows, axis=1), 1)


def test_evidence_by_hand():
    # In: answers 3 and 1; out: 1 and -1. The middle is 1, the effect 2, and the spread 2 x 1.
    practice, inside = np.array([[3.0, 1.0, 1.0, -1.0]]), np.array([[True, True, False, False]])
    scores = evidence_for(np.array([1.0]), practice, inside)
    assert scores.tolist() == [0.0]
    assert evidence_for(np.array([2.0]), practice, inside) == pytest.approx([1.0])
    assert evidence_for(np.array([0.0]), practice, inside) == pytest.approx([-1.0])


def test_people_who_are_held_twice_teach_once():
    release, knowledge = situation(MeanRecipe())
    assert len(teachers(release, knowledge).ids) == 120
    knowledge = type(knowledge)(
        attacker="semi-informed",
        known=knowledge.reference,
        reference=knowledge.reference,
        recipe=knowledge.recipe,
    )
    assert len(teachers(release, knowledge).ids) == 60


def test_without_a_promise_everybody_is_told():
    found, figures = audited(MeanRecipe(), folds=2)
    assert found[0].epsilon is None
    assert len(found[0].scores) == 40  # as many as a row has columns
    assert ((found[0].scores > 0) == found[0].included).all()
    assert set(figures) == {"epsilon-lower"}
    assert figures["epsilon-lower"].estimate.value == figures["epsilon-lower"].estimate.high
    assert "nothing is claimed" in figures["epsilon-lower"].note


@pytest.mark.parametrize("epsilon", [1.0, 3.0, 8.0])
def test_a_promise_that_is_kept_is_not_refuted(epsilon):
    for seed in range(6):
        _, figures = audited(MeanRecipe(budget=budget(epsilon)), seed=seed)
        assert figures["claim-refuted"].estimate.value == 0
        assert figures["epsilon-lower"].estimate.value <= epsilon
        note = figures["claim-refuted"].note
        assert ("cannot refute" if epsilon == 8.0 else "not refuted") in note


@pytest.mark.parametrize(("epsilon", "honesty"), [(1.0, 0.2), (1.0, 0.0), (3.0, 0.0)])
def test_a_promise_that_is_broken_is_refuted(epsilon, honesty):
    _, figures = audited(broken(MeanRecipe(budget=budget(epsilon)), honesty), folds=8)
    assert figures["claim-refuted"].estimate.value == 1
    assert "refuted: epsilon is above" in figures["claim-refuted"].note


def test_power_is_told_and_is_there_where_it_is_told():
    _, weak = audited(MeanRecipe(budget=budget(1.0)), folds=1)
    assert weak["epsilon-lower"].note.count("no power") == 1
    _, strong = audited(MeanRecipe(budget=budget(8.0)), folds=20)
    assert "; power" in strong["epsilon-lower"].note
    assert "cannot refute epsilon 8" in strong["claim-refuted"].note
    assert strong["epsilon-lower"].estimate.value > 1.0  # an ideal attacker: about 2


def test_a_trainer_that_learns_nothing_shows_nothing():
    shown = [
        audited(DeafRecipe(budget=budget(3.0)), seed=s)[1]["epsilon-lower"].estimate.value
        for s in range(10)
    ]
    assert sum(v > 0 for v in shown) <= 3  # 5 % each


def test_few_columns_still_carry_twenty():
    found, _ = audited(MeanRecipe(budget=budget(3.0)), folds=1, columns=4)
    assert len(found[0].scores) == 20


def test_the_same_audit_twice_is_the_same():
    one, two = (audited(MeanRecipe(budget=budget(3.0)), folds=1)[0][0] for _ in range(2))
    assert one.scores.tolist() == two.scores.tolist()


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="at least 1 and 8"):
        OneRunAudit(practice=2)


def test_answers_that_are_no_numbers_are_invalid():
    class Broken(MeanRecipe):
        def shadows(self, lessons, inside, asked, rng):
            return np.full((len(asked), inside.shape[1]), np.nan)

    with pytest.raises(InvalidMeasurement, match="no number"):
        audited(Broken(), folds=1)


# --- the trainers that are shipped ------------------------------------------------------------

METHODS = ("adassp", "noisy-gradient", "output", "objective")
EPSILONS = (1.0, 3.0, 8.0)
COHORTS = (20, 100, 500)


def shipped(method, epsilon):
    step = PrivateTraining(
        target="phq9>=10", method=method, epsilon=epsilon, people=100, small_cohort=True
    )
    return step.recipe()


def trial(recipe, people=100, folds=10, cells=1):
    """Return the figures of an audit of trainings on these many people."""
    attack, group = OneRunAudit(), lessons(people, 40)
    found = [(attack.audit(recipe, group, rng(f)), None) for f in range(folds)]
    return {m.metric: m for m in measure_canaries(found, rng(), cells=cells)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Liar:
    """Claims one budget and spends another."""

    spends: Recipe
    budget: Budget
    name: ClassVar[str] = "liar"

    def fit(self, lessons, noise, rng):
        """Teach with what is really spent."""
        return self.spends.fit(lessons, noise, rng)

    def shadows(self, lessons, inside, asked, rng):
        """Teach many."""
        return self.spends.shadows(lessons, inside, asked, rng)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_shipped_trainers_keep_their_promise(method):
    cells = len(METHODS) * len(EPSILONS) * len(COHORTS)
    for epsilon in EPSILONS:
        for people in COHORTS:
            figures = trial(shipped(method, epsilon), people, cells=cells)
            assert figures["claim-refuted"].estimate.value == 0
            assert "power" in figures["epsilon-lower"].note


@pytest.mark.parametrize("method", ["adassp", "noisy-gradient"])
def test_the_audit_sees_a_shipped_trainer_spend(method):
    figures = trial(shipped(method, 8.0), folds=15)
    assert "; power" in figures["epsilon-lower"].note
    assert 0.3 < figures["epsilon-lower"].estimate.value < 8.0


@pytest.mark.parametrize("method", METHODS)
def test_a_shipped_trainer_that_spends_thirty_times_its_claim_is_refuted(method):
    figures = trial(Liar(spends=shipped(method, 30.0), budget=budget(1.0, 1e-6)), folds=15)
    assert figures["claim-refuted"].estimate.value == 1
