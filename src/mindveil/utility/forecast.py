"""From cases to forecasts: one head a modality, and the fused one."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge

from mindveil.corpus.model import Modality
from mindveil.errors import InvalidMeasurement
from mindveil.utility.base import Stream
from mindveil.utility.cases import Cases, design

Floats = NDArray[np.float64]
_LEAST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the training people teach: class labels (0/1) and totals, shape (people,)."""

    labels: Floats
    totals: Floats
    modality: Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """For each tested person the probability of the class and the expected total."""

    probability: Floats
    severity: Floats


def needs_of(modality: Stream) -> AbstractSet[Modality]:
    """Return what a corpus must hold for a detector of this kind."""
    return frozenset({"text", "scales"} if modality == "fused" else {modality})


def forecast(
    training: Cases, test: Cases, question: Question, rng: np.random.Generator
) -> Forecast:
    """Learn from the training people and forecast the others."""
    cases = int(question.labels.sum())
    if min(cases, len(training.ids) - cases) < _LEAST:
        raise InvalidMeasurement(
            f"{cases} of {len(training.ids)} people to learn from are cases; "
            f"at least {_LEAST} of either kind needed"
        )
    parts = ["text", "scales"] if question.modality == "fused" else [question.modality]
    rows = []
    for part in parts:
        if part == "text":
            view = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2))
            one = view.fit_transform([" ".join(d) for d in training.documents]).toarray()
            two = view.transform([" ".join(d) for d in test.documents]).toarray() * 1.0
            rows.append((one * 4, two * 4))
        else:
            rows.append(design(training, test))
    left, right = np.hstack([r[0] for r in rows]), np.hstack([r[1] for r in rows])
    head = LogisticRegression(C=0.1, max_iter=1000).fit(left, question.labels)
    return Forecast(
        probability=head.predict_proba(right)[:, 1],
        severity=Ridge(alpha=30.0).fit(left, question.totals).predict(right),
    )
