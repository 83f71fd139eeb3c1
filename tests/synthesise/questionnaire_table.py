"""A table of questionnaires with known figures, on which generators of others were measured.

5,000 people, 20 variables: PHQ-9, GAD-7 and four demographics, from a two-factor ordinal model.
Its constants were set so that alpha is .86 for both scales, the scales correlate .65, 21.8 % of
people have a PHQ-9 of 10 or more, and logistic regression on everything but the PHQ-9 tells
them from the others with an AUC of .864.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from mindveil.synthesise.codebook import Codebook, Codes, Variable

PEOPLE = 5_000
CUT = 10
PHQ, GAD = slice(0, 9), slice(9, 16)

LOADINGS = np.r_[
    0.825,
    0.845,
    0.71,
    0.74,
    0.68,
    0.785,
    0.72,
    0.68,
    0.65,
    0.83,
    0.85,
    0.81,
    0.76,
    0.64,
    0.65,
    0.73,
]
"""Of each item's latent answer on its own scale's factor."""

BETWEEN = 0.775
"""Correlation of the two factors."""

FIRST_CUT = np.r_[
    0.21,
    0.21,
    -0.01,
    -0.21,
    0.25,
    0.41,
    0.47,
    0.85,
    1.20,
    -0.10,
    0.14,
    0.02,
    0.08,
    0.50,
    0.12,
    0.38,
]
"""Where an item's latent answer passes from 0 to 1; further steps are evenly spaced."""

SPACING = 0.60


def codebook() -> Codebook:
    """Return what the columns mean."""
    answers = ("not at all", "several days", "more than half the days", "nearly every day")
    items = [
        Variable(name=f"{tool}_{n:02d}", kind="ordinal", levels=answers, block=tool)
        for tool, count in (("phq9", 9), ("gad7", 7))
        for n in range(1, count + 1)
    ]
    beside = [
        Variable(name="age", kind="number", edges=(18, 25, 35, 45, 55, 65, 75, 90), whole=True),
        Variable(name="sex", kind="nominal", levels=("female", "male")),
        Variable(name="education", kind="ordinal", levels=("none", "school", "college", "degree")),
        Variable(name="region", kind="nominal", levels=("north", "east", "south", "west", "isles")),
    ]
    return Codebook(variables=(*items, *beside))


def questionnaire_table(rng: np.random.Generator, people: int = PEOPLE) -> Codes:
    """Return so many people's codes, shape (people, 20)."""
    depressed = rng.standard_normal(people)
    worried = BETWEEN * depressed + np.sqrt(1 - BETWEEN**2) * rng.standard_normal(people)
    factors = np.hstack([np.tile(depressed[:, None], 9), np.tile(worried[:, None], 7)])
    own = rng.standard_normal((people, 16)) * np.sqrt(1 - LOADINGS**2)
    answers = factors * LOADINGS + own
    items = (answers[:, :, None] > FIRST_CUT[:, None] + SPACING * np.arange(3)).sum(axis=2)
    age = _cut(-0.38 * depressed, (0.12, 0.18, 0.18, 0.18, 0.16, 0.12, 0.06), rng)
    male = _cut(-0.38 * depressed, (0.55, 0.45), rng)
    education = _cut(-0.34 * depressed, (0.1, 0.4, 0.3, 0.2), rng)
    region = rng.choice(5, size=people, p=[0.3, 0.25, 0.25, 0.15, 0.05])
    return np.column_stack([items, age, male, education, region]).astype(np.int16)


def is_case(codes: Codes) -> NDArray[np.bool_]:
    """Whether a person's PHQ-9 is 10 or more."""
    return np.asarray(codes[:, PHQ].sum(axis=1) >= CUT)


def predictors(codes: Codes) -> NDArray[np.float64]:
    """Return everything but the PHQ-9: GAD-7 items, age, sex, education, one column a region."""
    regions = codes[:, 19, None] == np.arange(5)
    return np.hstack([codes[:, 9:19], regions]).astype(np.float64)


def alpha(items: Codes) -> float:
    """Return Cronbach's alpha."""
    count = items.shape[1]
    parts, whole = items.var(axis=0, ddof=1).sum(), items.sum(axis=1).var(ddof=1)
    return float(count / (count - 1) * (1 - parts / whole))


def between_scales(codes: Codes) -> float:
    """Return the correlation of the PHQ-9 and the GAD-7."""
    return float(np.corrcoef(codes[:, PHQ].sum(axis=1), codes[:, GAD].sum(axis=1))[0, 1])


def transfer_auc(train: Codes, test: Codes) -> float:
    """Return the AUC on ``test`` of a regression of caseness trained on ``train``."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - slow to import
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - as above

    model = LogisticRegression(max_iter=500).fit(predictors(train), is_case(train))
    return float(roc_auc_score(is_case(test), model.predict_proba(predictors(test))[:, 1]))


def _cut(
    lean: NDArray[np.float64], shares: tuple[float, ...], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return cells of these shares, leaning as told: a unit of latent answer has variance 1."""
    latent = lean + rng.standard_normal(len(lean)) * np.sqrt(1 - lean.var())
    return np.searchsorted(ndtri(np.cumsum(shares)[:-1]), latent)
