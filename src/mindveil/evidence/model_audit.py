"""The audit of a model: every membership attack with its interval, and the gap that feeds them.

For models of somebody's own: from a file of answers, or from anything that learns as
scikit-learn's classifiers do. What cannot be believed is named, and never a risk of 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.audit_file import Audited, read_audit
from mindveil.attack.model_signals import log_chance, require_told
from mindveil.attack.own_model import (
    Estimator,
    Held,
    Question,
    Target,
    questions,
    questions_with_rows,
    targets_of,
)
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.measured import Measured
from mindveil.evidence.membership_figures import measure_scored
from mindveil.evidence.trials import Flags, Floats, Interval, Rates, Scored, drawn_once, trials_of

GAP = "model/generalisation-gap"
"""No attack: how much better the model is on those who taught it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One question of an audit: its figures, or why there are none."""

    attack: str
    setting: str
    measured: tuple[Measured, ...] = ()
    invalid: str = ""


def audit_file(path: Path, rng: np.random.Generator) -> list[Finding]:
    """Return what the answers in a file give away (see :mod:`mindveil.attack.audit_file`).

    Raises:
        InputError: the file cannot be used as it is.
    """
    return audit_scores(read_audit(path), rng)


def audit_scores(found: Audited, rng: np.random.Generator) -> list[Finding]:
    """Return what one model's answers give away: the loss, and with shadows LiRA and RMIA."""
    return _findings([found], [questions(found)], rng)


def audit_estimator(
    make: Callable[[], Estimator],
    held: tuple[Floats, Floats, NDArray[np.str_] | None],
    rng: np.random.Generator,
    shadows: int = 64,
) -> list[Finding]:
    """Return what models of this kind give away about whom they were taught by: five attacks.

    ``make`` returns a model that has learnt nothing yet; ``held`` are rows (rows, columns),
    labels 0/1 (rows,) and whose row each is (rows,), or None where each is somebody else's. Five
    targets and so many shadows are trained on random halves of the people.

    Raises:
        InputError: rows, labels or model cannot be used as they are.
    """
    people = Held.of(*held)
    return audit_targets(targets_of(make, people, shadows, rng), people, rng)


def audit_targets(targets: Sequence[Target], held: Held, rng: np.random.Generator) -> list[Finding]:
    """Return what some models give away that were taught by halves of the people: five attacks."""
    asked = [
        questions(target.audited) + questions_with_rows(target, held, rng) for target in targets
    ]
    return _findings([target.audited for target in targets], asked, rng)


def _findings(
    targets: Sequence[Audited], asked: Sequence[Sequence[Question]], rng: np.random.Generator
) -> list[Finding]:
    """Return one finding a question, over all targets that were attacked."""
    interval = drawn_once(rng)
    found = []
    for same in zip(*asked, strict=True):
        finding = Finding(attack=same[0].attack, setting=same[0].setting)
        try:
            folds = [_scored(t, q) for t, q in zip(targets, same, strict=True)]
            measured = tuple(measure_scored(folds, frozenset(), rng, interval))
            found.append(replace(finding, measured=measured))
        except InvalidMeasurement as why:
            found.append(replace(finding, invalid=str(why)))
    return [*found, gap_of(targets, rng, interval)]


def gap_of(targets: Sequence[Audited], rng: np.random.Generator, interval: Interval) -> Finding:
    """Return how much better models do on those who taught them.

    ``accuracy`` is that on controls, with the accuracy on members as control: the gap between
    the two bounds what the crudest attacker gains. ``tnr`` is the share of controls whom the
    attack of Yeom et al. 2018 rejects, which takes for members all whose loss is below the
    members' mean; beside it the share of members it rejects.
    """
    finding = Finding(attack=GAP, setting="")
    try:
        folds = [Scored(people=t.people, scores=t.sure, member=t.member) for t in targets]
        names, trials = trials_of(folds, rng)
        there = np.ones(len(names), dtype=np.bool_)
        right = np.concatenate([(t.sure > 0) + 0.5 * (t.sure == 0) for t in targets])
        rejected = np.concatenate([_rejected(t.sure, t.member) for t in targets])
        rates = {
            "accuracy": Rates.of(trials, right, there),
            "tnr": Rates.of(trials, rejected, there),
        }
        figures = tuple(
            Measured(
                metric=name,
                estimate=rate.estimate(1, interval),
                control=rate.estimate(0, interval),
                note="people who did not teach the model; control: those who did",
            )
            for name, rate in rates.items()
        )
    except InvalidMeasurement as why:
        return replace(finding, invalid=str(why))
    return replace(finding, measured=figures)


def _rejected(sure: Floats, member: Flags) -> Floats:
    if member.all() or not member.any():
        raise InvalidMeasurement("all people are on one side: nothing can be compared")
    loss = -log_chance(sure)
    return np.asarray(loss > loss[member].mean(), dtype=np.float64)


def _scored(target: Audited, question: Question) -> Scored:
    if isinstance(question.scores, InvalidMeasurement):
        raise question.scores
    scores = require_told(question.scores)
    there = ~np.isnan(scores)
    people = tuple(p for p, t in zip(target.people, there, strict=True) if t)
    return Scored(people=people, scores=scores[there], member=target.member[there])
