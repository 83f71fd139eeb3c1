"""A model of somebody's own, trained again and again so that it can be attacked.

Whoever can train the model can be attacked at full strength: targets and shadows learn from
random halves of the people, all rows of a person together, and the truth about every one of them
is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.audit_file import Audited, audited
from mindveil.attack.label_only import robustness
from mindveil.attack.likelihood_ratio import likelihood_ratios
from mindveil.attack.model_signals import LEAST_SHADOWS, halves, log_odds_of, loss_scores, pooled
from mindveil.attack.quantile_threshold import quantile_scores
from mindveil.attack.relative_membership import relative_membership
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.train.base import Flags, Floats

LOSS = "model/membership-loss"
LIRA = "model/membership-lira"
RMIA = "model/membership-rmia"
QUANTILE = "model/membership-quantile"
LABEL_ONLY = "model/membership-label-only"

TARGETS = 5
"""Models that are attacked: with one alone, half of the people would be members only."""


class Estimator(Protocol):
    """What learns as scikit-learn's classifiers do.

    It also has a method ``decision_function(rows)``, one number a row, or ``predict_proba(rows)``,
    whose last column is the probability of class 1.
    """

    def fit(self, rows: Floats, labels: NDArray[np.intp], /) -> object:
        """Learn from rows (rows, columns) and their classes (rows,)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One attack on one model: what every person scored, shape (people,), NaN where none."""

    attack: str
    setting: str
    scores: Floats | InvalidMeasurement


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Rows (rows, columns), their classes (rows,) and whose they are (rows,), as numbers."""

    rows: Floats
    labels: Floats
    person: NDArray[np.intp]
    people: tuple[str, ...]

    @classmethod
    def of(cls, rows: Floats, labels: Floats, people: NDArray[np.str_] | None) -> Held:
        """Take a user's arrays.

        Raises:
            InputError: shapes differ, a row is not finite, or labels are not 0 and 1.
        """
        matrix, classes = np.asarray(rows, dtype=np.float64), np.asarray(labels, dtype=np.float64)
        names = np.arange(len(matrix)).astype(np.str_) if people is None else np.asarray(people)
        if matrix.ndim != 2 or {len(classes), len(names)} != {len(matrix)}:
            raise InputError(
                f"rows {matrix.shape}, labels {classes.shape}, people {names.shape}: "
                "give one label and one person a row"
            )
        if not np.isfinite(matrix).all():
            raise InputError("some rows are not finite numbers; fill their gaps first")
        if set(np.unique(classes).tolist()) != {0.0, 1.0}:
            raise InputError("labels are not 0 and 1, or of one class only")
        ids, person = np.unique(names.astype(np.str_), return_inverse=True)
        return cls(
            rows=matrix, labels=classes, person=person, people=tuple(str(name) for name in ids)
        )

    def groups(self) -> Floats:
        """Return the class that most rows of a person have."""
        return np.round(pooled(self.labels, self.person, len(self.people)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One model that is attacked: what it answered, and the model itself."""

    audited: Audited
    ask: Callable[[Floats], Floats]


def targets_of(
    make: Callable[[], Estimator], held: Held, shadows: int, rng: np.random.Generator
) -> tuple[Target, ...]:
    """Train targets and shadows on random halves of the people.

    Raises:
        InputError: fewer than four shadows, or the model cannot be asked.
    """
    if shadows < LEAST_SHADOWS:
        raise InputError(f"shadows = {shadows}: train {LEAST_SHADOWS} or more")
    groups = held.groups()
    member, inside = halves(groups, TARGETS, rng), halves(groups, shadows, rng)
    asked = [_taught(make, held, member[:, t]) for t in range(TARGETS)]
    odds = np.column_stack([_taught(make, held, inside[:, s])(held.rows) for s in range(shadows)])
    names, by_row = np.array(held.people)[held.person], inside[held.person]
    return tuple(
        Target(
            audited=audited(
                ask(held.rows), held.labels, member[held.person, t], names, (odds, by_row)
            ),
            ask=ask,
        )
        for t, ask in enumerate(asked)
    )


def questions(found: Audited) -> list[Question]:
    """Return every attack that needs answers and nothing else: loss, and with shadows the rest."""
    asked = [Question(attack=LOSS, setting="", scores=loss_scores(found.sure, found.groups))]
    heads = found.shadows.shape[1]
    if heads:
        ratios = likelihood_ratios(found.sure, found.shadows, found.inside)
        places = relative_membership(found.sure, found.shadows, found.inside)
        for attack, setting, scores in (
            (LIRA, "online", ratios.online),
            (LIRA, "offline", ratios.offline),
            (LIRA, "fixed variance", ratios.fixed),
            (RMIA, "online", places.online),
            (RMIA, "offline", places.offline),
        ):
            told = f"{setting}, {heads} shadows"
            asked.append(Question(attack=attack, setting=told, scores=scores))
    return asked


def questions_with_rows(target: Target, held: Held, rng: np.random.Generator) -> list[Question]:
    """Return the attacks that look at rows or ask the model again: quantile and label-only."""
    people = len(held.people)
    # Each half of the people is judged by what the strangers of the other half teach.
    half = rng.permutation(people) % 2 == 0
    rows, found = pooled(held.rows, held.person, people), target.audited
    expected: Floats | InvalidMeasurement = np.full(people, np.nan)
    try:
        scores = np.full(people, np.nan)
        for side in (True, False):
            here, strangers = half == side, (half != side) & ~found.member
            scores[here] = quantile_scores(
                rows[strangers],
                found.sure[strangers],
                rows[here],
                found.sure[here],
                (found.groups[strangers], found.groups[here]),
            )
        expected = scores
    except InvalidMeasurement as why:
        expected = why
    kept = robustness(lambda r: target.ask(r) >= 0, held.rows, held.labels, rng)
    return [
        Question(attack=QUANTILE, setting="", scores=expected),
        Question(attack=LABEL_ONLY, setting="", scores=pooled(kept, held.person, people)),
    ]


def _taught(make: Callable[[], Estimator], held: Held, inside: Flags) -> Callable[[Floats], Floats]:
    """Return how a model answers that these people taught, as log-odds."""
    chosen = inside[held.person]
    model = make()
    model.fit(held.rows[chosen], held.labels[chosen].astype(np.intp))
    decide: Callable[[Floats], Floats] | None = getattr(model, "decision_function", None)
    chance: Callable[[Floats], Floats] | None = getattr(model, "predict_proba", None)
    if decide is None and chance is None:
        raise InputError(
            f"{type(model).__name__} has neither decision_function nor predict_proba: "
            "it cannot be asked how sure it is"
        )

    def ask(rows: Floats) -> Floats:
        if decide is not None:
            return np.asarray(decide(rows), dtype=np.float64)
        assert chance is not None
        return log_odds_of(np.asarray(chance(rows), dtype=np.float64)[:, -1])

    return ask
