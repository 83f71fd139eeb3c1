"""Questionnaire answers from latent traits: a graded response model with steady item habits.

An answer is a latent propensity cut at ordered thresholds (Samejima 1969). The part of an item
that its trait does not explain is half a habit of the person, the same at every visit, and half
chance of the day: answers of two visits resemble each other more than their totals do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Response
from mindveil.corpus.sample.lives import FACTOR_CORRELATION
from mindveil.corpus.sample.personas import FACTORS, Persona
from mindveil.randomness import stream

FloatArray = NDArray[np.float64]

_STABLE = 0.85
"""Share of the variance of a trait at a visit that lasts; the rest is the day."""
_HABIT = 0.5
_MISSING = 0.01
_PROBLEM = 14
"""Position of the last item of the MDQ, how much of a problem it all was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A questionnaire as this cohort answers it: one trait, and a loading and difficulty an item.

    ``steps`` are distances of the thresholds from an item's difficulty, in standard deviations.
    """

    factor: str
    items: tuple[tuple[float, float], ...]
    steps: tuple[float, ...]


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "phq9": Form(
            factor="depression",
            items=(
                *((0.8, 0.0), (0.87, -0.05), (0.7, -0.3), (0.78, -0.4), (0.69, 0.15)),
                *((0.82, 0.1), (0.76, 0.05), (0.66, 0.6), (0.7, 1.1)),
            ),
            steps=(-0.2, 0.5, 1.05),
        ),
        "gad7": Form(
            factor="anxiety",
            items=(
                *((0.86, -0.2), (0.89, -0.05), (0.87, -0.2), (0.82, -0.15), (0.71, 0.35)),
                *((0.71, -0.1), (0.79, 0.2)),
            ),
            steps=(-0.2, 0.55, 1.1),
        ),
        "pcl5": Form(
            factor="ptsd",
            items=(
                *((0.8, 0.1), (0.72, 0.35), (0.68, 0.55), (0.82, 0.0), (0.74, 0.3)),
                *((0.74, 0.05), (0.72, 0.25), (0.5, 0.6), (0.74, 0.2), (0.7, 0.15)),
                *((0.78, 0.1), (0.74, 0.2), (0.74, 0.15), (0.7, 0.3), (0.64, 0.2)),
                *((0.5, 0.85), (0.68, 0.1), (0.7, 0.2), (0.68, 0.05), (0.62, -0.15)),
            ),
            steps=(-0.3, 0.25, 0.75, 1.35),
        ),
        "mdq": Form(
            factor="mania",
            items=(
                *((0.7, 0.75), (0.62, 0.2), (0.58, 0.5), (0.68, 0.6), (0.72, 0.55)),
                *((0.7, 0.2), (0.64, 0.1), (0.74, 0.7), (0.72, 0.8), (0.62, 0.95)),
                *((0.54, 0.85), (0.66, 0.8), (0.6, 0.75), (0.7, 0.6), (0.68, 0.3)),
            ),
            steps=(0.0, 0.6, 1.2),
        ),
        "pq16": Form(
            factor="psychosis",
            items=(
                *((0.5, -0.1), (0.64, 0.5), (0.62, 1.0), (0.66, 1.1), (0.58, 1.1)),
                *((0.64, 1.0), (0.62, 0.5), (0.62, 0.8), (0.58, 1.2), (0.66, 0.9)),
                *((0.62, 1.3), (0.6, 0.8), (0.66, 1.4), (0.58, 0.7), (0.62, 1.2)),
                *((0.64, 1.0),),
            ),
            steps=(0.0,),
        ),
    }
)
"""Set so that screens are about as often positive as in a help-seeking sample."""


def states(seed: int, persona: Persona) -> tuple[tuple[float, ...], ...]:
    """Return the traits of a person at each visit: what lasts and what the day brings."""
    chol = np.linalg.cholesky(FACTOR_CORRELATION)
    base = np.array(persona.factors)
    made = []
    for visit in range(persona.sessions):
        rng = stream(seed, "state", persona.participant_id, str(visit))
        day = chol @ rng.standard_normal(len(FACTORS))
        state = np.sqrt(_STABLE) * base + np.sqrt(1 - _STABLE) * day
        made.append(tuple(round(float(v), 3) for v in state))
    return tuple(made)


def answer(
    seed: int, persona: Persona, visit: int, state: tuple[float, ...]
) -> dict[str, Response]:
    """Return the answers of a person to every questionnaire at one visit."""
    given = {}
    for tool, form in FORMS.items():
        habit = stream(seed, "habit", persona.participant_id, tool).standard_normal(len(form.items))
        rng = stream(seed, "answers", persona.participant_id, str(visit), tool)
        codes = _codes(tool, state[FACTORS.index(form.factor)], habit, rng)
        left_out = rng.random(len(codes)) < _MISSING
        given[tool] = Response(
            items=tuple(
                None if gap else int(code) for code, gap in zip(codes, left_out, strict=True)
            )
        )
    return given


def _codes(tool: str, trait: float, habit: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Cut the propensity of each item at its thresholds.

    Only the last item of the MDQ has more than two answers.
    """
    form = FORMS[tool]
    loadings, difficulties = np.array(form.items).T
    unique = np.sqrt(_HABIT) * habit + np.sqrt(1 - _HABIT) * rng.standard_normal(len(habit))
    propensity = loadings * trait + np.sqrt(1 - loadings**2) * unique
    above = propensity[:, None] > difficulties[:, None] + np.array(form.steps)
    codes: FloatArray = above.sum(axis=1).astype(np.float64)
    if tool == "mdq":
        codes[:_PROBLEM] = np.minimum(codes[:_PROBLEM], 1)
    return codes
