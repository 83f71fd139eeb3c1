"""How severe is it? The total of a questionnaire from text, from scales, and from all."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from mindveil.corpus.model import Corpus, Modality, Stream
from mindveil.features.cases import cases_of
from mindveil.utility.base import Predictions
from mindveil.utility.forecast import Question, forecast, needs_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """Tell how high somebody scores on a questionnaire, trained on the release.

    ``target`` is a questionnaire or one of its subscales, as in ``phq9`` or ``hads.anxiety``.

    Source: Lin 1989 (the concordance correlation); Hoerl & Kennard 1970 (ridge regression).

    Limits: The truth is the total of a questionnaire, as exact as people answer it. Extremes are
    pulled to the middle, above all with few people.
    """

    family: ClassVar[Literal["detect", "severity"]] = "severity"
    target: str
    modality: Stream = "fused"

    @property
    def name(self) -> str:
        """Return the measure, as in ``severity/phq9``."""
        return f"severity/{self.target}"

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        return needs_of(self.modality)

    def predict(self, training: Corpus, test: Corpus, rng: np.random.Generator) -> Predictions:
        """Learn from the released corpus and predict held-out people's originals."""
        _ = rng  # nothing is drawn: the same people always give the same heads
        tool, _, subscale = self.target.partition(".")
        learn = cases_of(training, tool, subscale or None, self.modality)
        check = cases_of(test, tool, subscale or None, self.modality)
        middle = float(np.median(learn.totals)) if len(learn.ids) else 0.0
        labels = (learn.totals > middle).astype(np.float64)
        question = Question(labels=labels, totals=learn.totals, modality=self.modality)
        told = forecast(learn, check, question)
        return Predictions(
            ids=check.ids,
            truth=check.totals,
            predicted=told.severity,
            guess=np.full(len(check.ids), learn.totals.mean()),
        )
