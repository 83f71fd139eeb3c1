"""A model of one's own: halves by person, what is asked of it, and which attacks answer."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from mindveil.attack.audit_file import audited
from mindveil.attack.own_model import (
    LABEL_ONLY,
    LIRA,
    LOSS,
    QUANTILE,
    RMIA,
    TARGETS,
    Held,
    questions,
    questions_with_rows,
    targets_of,
)
from mindveil.errors import InputError, InvalidMeasurement


@dataclass
class Seen:
    """Remembers whom it met; ``by`` is how it can be asked."""

    met: list = field(default_factory=list)

    def fit(self, rows, labels):
        self.met.append((rows.copy(), labels.copy()))

    def predict_proba(self, rows):
        chance = 1 / (1 + np.exp(-rows[:, 0]))
        return np.column_stack([1 - chance, chance])


def held(people=20, windows=2, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.repeat((np.arange(people) % 2).astype(float), windows)
    names = np.repeat([f"P{i:02d}" for i in range(people)], windows)
    return Held.of(rng.normal(size=(people * windows, 3)), labels, names)


def test_all_rows_of_a_person_teach_together():
    made = []

    def make():
        made.append(Seen())
        return made[-1]

    crowd = held()
    targets = targets_of(make, crowd, 6, np.random.default_rng(1))
    assert len(targets) == TARGETS
    assert len(made) == TARGETS + 6
    for model in made:
        ((rows, labels),) = model.met
        taught = np.isin(crowd.rows[:, 0], rows[:, 0]).reshape(20, 2)
        assert (taught[:, 0] == taught[:, 1]).all()
        assert taught[:, 0].sum() == 10
        assert labels.sum() == 10
    for model, target in zip(made, targets, strict=False):
        inside = np.isin(crowd.rows[:, 0], model.met[0][0][:, 0]).reshape(20, 2)[:, 0]
        assert (target.audited.member == inside).all()
        assert target.audited.sure.shape == (20,)


def test_probabilities_are_turned_into_log_odds():
    crowd = held()
    target = targets_of(Seen, crowd, 4, np.random.default_rng(1))[0]
    assert target.ask(crowd.rows) == pytest.approx(crowd.rows[:, 0])
    sure = np.where(crowd.labels > 0, crowd.rows[:, 0], -crowd.rows[:, 0])
    assert target.audited.sure == pytest.approx(sure.reshape(20, 2).mean(axis=1))


def test_which_attacks_answer():
    crowd = held(60)
    target = targets_of(Seen, crowd, 4, np.random.default_rng(1))[0]
    assert {q.attack for q in questions(target.audited)} == {LOSS, LIRA, RMIA}
    rest = questions_with_rows(target, crowd, np.random.default_rng(0))
    assert [q.attack for q in rest] == [QUANTILE, LABEL_ONLY]
    assert all(q.scores.shape == (60,) for q in rest)
    alone = audited(crowd.rows[:, 0], crowd.labels, crowd.person < 30)
    assert [q.attack for q in questions(alone)] == [LOSS]


def test_too_few_strangers_leave_a_reason_in_place_of_scores():
    crowd = held(20)
    target = targets_of(Seen, crowd, 4, np.random.default_rng(1))[0]
    quantile, label_only = questions_with_rows(target, crowd, np.random.default_rng(0))
    assert isinstance(quantile.scores, InvalidMeasurement)
    assert "did not teach the model" in str(quantile.scores)
    assert isinstance(label_only.scores, np.ndarray)


def test_few_shadows_are_refused():
    with pytest.raises(InputError, match="shadows = 3"):
        targets_of(Seen, held(), 3, np.random.default_rng(0))
