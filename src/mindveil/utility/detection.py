"""Who is above the cut-off? Detection from text, voice, face, scales, and all together."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from mindveil.corpus.model import Corpus, Modality, Stream
from mindveil.corpus.targets import meets, parse_question
from mindveil.features.cases import cases_of
from mindveil.utility.base import Predictions
from mindveil.utility.forecast import Question, forecast, needs_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """Tell who reaches the cut-off of a questionnaire, trained on the release.

    ``target`` is a questionnaire, an operator and a cut, as in ``phq9>=10`` or
    ``dass42.depression>=14``. A frozen encoder and small heads; every choice is made inside the
    training people. From what is said, from how it sounds (prosody), from what a face does, and
    from the items of other questionnaires and background; no predictor shares an item with the
    target.

    ``phq9>=10@coverage=0.75`` lets the detector be silent where it is least sure: it decides on
    the surest three quarters of the training people, predicted by what the others taught, and on
    whoever else is as sure. Every other figure stays one over everybody.

    Source: Moons et al. 2015 (TRIPOD) and Steyerberg 2019 for how a prediction is reported; Platt
    1999 for probabilities.

    Limits: The truth is a questionnaire at a cut-off, which is no diagnosis. The detector is small
    on purpose; how much a larger one would tell is not known. Figures hold for people like those in
    the corpus.
    """

    family: ClassVar[Literal["detect", "severity"]] = "detect"
    target: str
    modality: Stream = "fused"

    @property
    def name(self) -> str:
        """Return the measure, as in ``detect/phq9>=10``."""
        return f"detect/{self.target}"

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        return needs_of(self.modality)

    def predict(self, training: Corpus, test: Corpus, rng: np.random.Generator) -> Predictions:
        """Learn from the released corpus and predict held-out people's originals."""
        _ = rng  # nothing is drawn: the same people always give the same heads
        target, coverage = parse_question(self.target)
        learn = cases_of(training, target.tool, target.subscale, self.modality)
        check = cases_of(test, target.tool, target.subscale, self.modality)
        labels = meets(target, learn.totals)
        question = Question(
            labels=labels, totals=learn.totals, modality=self.modality, coverage=coverage
        )
        told = forecast(learn, check, question)
        return Predictions(
            ids=check.ids,
            truth=meets(target, check.totals),
            predicted=told.probability,
            guess=np.full(len(check.ids), labels.mean()),
            decided=told.decided,
        )
