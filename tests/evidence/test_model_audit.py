"""The audit of a model: learners by heart caught, fixed rules not, people and never rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from mindveil.attack.audit_file import audited
from mindveil.errors import InputError
from mindveil.evidence.model_audit import GAP, audit_estimator, audit_file, audit_scores

ATTACKS = {f"model/membership-{n}" for n in ("loss", "lira", "rmia", "quantile", "label-only")}


def people(count, rng, columns=6, windows=1):
    labels = np.repeat((rng.random(count) < 0.4).astype(float), windows)
    rows = np.repeat(rng.normal(size=(count, columns)), windows, axis=0)
    rows += 0.3 * rng.normal(size=rows.shape)
    names = np.repeat([f"P{i:03d}" for i in range(count)], windows)
    return rows, labels, names


@dataclass
class ByHeart:
    """Nearest neighbour, surer when nearer."""

    rows: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    labels: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def fit(self, rows, labels):
        self.rows, self.labels = rows, labels

    def predict_proba(self, rows):
        apart = ((rows[:, None] - self.rows[None]) ** 2).sum(axis=2)
        sure = 0.55 + 0.4 * np.exp(-apart.min(axis=1))
        chance = np.where(self.labels[apart.argmin(axis=1)] == 1, sure, 1 - sure)
        return np.column_stack([1 - chance, chance])


@dataclass
class Fixed:
    """A rule that nobody teaches; each time it is made it is another."""

    rng: np.random.Generator
    weights: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def fit(self, rows, labels):
        self.weights = self.rng.normal(size=rows.shape[1])

    def decision_function(self, rows):
        return rows @ self.weights


def told(findings):
    return {
        (f.attack, f.setting): {m.metric: m for m in f.measured} for f in findings if f.measured
    }


def test_learning_by_heart_is_caught_by_all_five():
    rows, labels, names = people(100, np.random.default_rng(0))
    found = audit_estimator(ByHeart, (rows, labels, names), np.random.default_rng(1), shadows=8)
    assert not [f for f in found if f.invalid]
    figures = told(found)
    assert {attack for attack, _ in figures} == ATTACKS | {GAP}
    gap = figures.pop((GAP, ""))
    assert gap["accuracy"].control.value == 1 > gap["accuracy"].estimate.high
    assert gap["tnr"].estimate.value > gap["tnr"].control.value
    for figure in figures.values():
        assert figure["advantage"].estimate.low > 0.1
        assert figure["auc"].estimate.n == 100


def test_a_rule_that_nobody_teaches_gives_nobody_away():
    missed, asked = 0, 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        found = audit_estimator(lambda rng=rng: Fixed(rng=rng), people(80, rng), rng, shadows=8)
        for (attack, _), figure in told(found).items():
            if attack != GAP:
                asked += 1
                missed += not figure["auc"].estimate.low <= 0.5 <= figure["auc"].estimate.high
    assert asked == 6 * 8
    assert missed <= 8


def test_windows_of_a_person_count_as_one_person():
    rng = np.random.default_rng(0)
    held = people(60, rng, windows=3)
    found = told(audit_estimator(ByHeart, held, np.random.default_rng(1), shadows=4))
    for (attack, _), figure in found.items():
        if attack != GAP:
            assert figure["auc"].estimate.n == 60
            assert figure["advantage"].estimate.low > 0


def test_the_same_audit_twice():
    held = people(40, np.random.default_rng(0))
    one, two = (
        audit_estimator(ByHeart, held, np.random.default_rng(3), shadows=4) for _ in range(2)
    )
    assert repr(one) == repr(two)


def test_models_of_scikit_learn_are_audited():

    rows, labels, _ = people(60, np.random.default_rng(0), columns=4)
    for make in (
        lambda: LogisticRegression(C=0.1),
        lambda: RandomForestClassifier(n_estimators=5, random_state=0),
    ):
        found = audit_estimator(make, (rows, labels, None), np.random.default_rng(1), shadows=4)
        assert {f.attack for f in found} == ATTACKS | {GAP}
    assert told(found)["model/membership-loss", ""]["advantage"].estimate.low > 0


@pytest.mark.parametrize(
    ("held", "sentence"),
    [
        ((np.ones((4, 2)), np.ones(3), None), "one label and one person a row"),
        ((np.full((2, 2), np.nan), np.array([0.0, 1]), None), "not finite"),
        ((np.ones((4, 2)), np.ones(4), None), "of one class only"),
    ],
)
def test_arrays_that_cannot_be_used_are_told(held, sentence):
    with pytest.raises(InputError, match=sentence):
        audit_estimator(ByHeart, held, np.random.default_rng(0))


def test_what_cannot_be_asked_is_told():
    class Mute:
        def fit(self, rows, labels):
            return self

    held = people(20, np.random.default_rng(0))
    with pytest.raises(InputError, match="Mute has neither decision_function nor predict_proba"):
        audit_estimator(Mute, held, np.random.default_rng(0), shadows=4)
    with pytest.raises(InputError, match="shadows = 2: train 4 or more"):
        audit_estimator(Mute, held, np.random.default_rng(0), shadows=2)


def test_a_file_of_a_model_that_leaks(tmp_path):
    rng = np.random.default_rng(0)
    member, label = rng.random(60) < 0.5, (rng.random(60) < 0.5).astype(int)
    odds = (2 * label - 1) * (1 + 4 * member + rng.normal(size=60))
    lines = [f"{int(m)},{y},{o}" for m, y, o in zip(member, label, odds, strict=True)]
    path = tmp_path / "audit.csv"
    path.write_text("\n".join(["member,label,log_odds", *lines]), encoding="utf-8")
    found = told(audit_file(path, np.random.default_rng(1)))
    assert set(found) == {("model/membership-loss", ""), (GAP, "")}
    loss = found["model/membership-loss", ""]
    assert loss["advantage"].estimate.low > 0.5
    # 30 controls in two halves resolve neither 1 % nor 10 %.
    assert not [name for name in loss if name.startswith("tpr") and name.endswith("0.01")]


def test_equal_answers_are_invalid_and_not_safe():
    rng = np.random.default_rng(0)
    labels, member = (rng.random(40) < 0.5).astype(float), rng.random(40) < 0.5
    found = audit_scores(audited(np.zeros(40), labels, member), rng)
    assert [f.invalid for f in found] == ["the attack gave everybody the same score"] * 2
    assert not any(f.measured for f in found)


def test_few_people_are_invalid():
    rng = np.random.default_rng(0)
    found = audit_scores(audited(rng.normal(size=12), np.ones(12), np.arange(12) < 6), rng)
    assert "too few" in found[0].invalid
