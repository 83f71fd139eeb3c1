"""``train/central``: a detector learnt from everybody in one place, without a promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from mindveil.corpus.model import Corpus, Stream
from mindveil.dp.noise import Noise
from mindveil.errors import InputError
from mindveil.train.abstention import least_sure
from mindveil.train.base import Recipe
from mindveil.train.detector import Detector
from mindveil.train.reader import Inputs, Reader

Method = Literal["stack", "ridge", "logistic", "mlp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CentralTraining:
    """A detector for one cut-off, as good as these people can teach it, and promised to nobody.

    ``method`` "stack" gives every modality a head of its own and joins them, as the ``detect/``
    tasks do; "ridge", "logistic" and "mlp" (``hidden`` units) are single heads on all columns: the
    undefended twins of private training. It decides on about ``coverage`` of the people: the rest
    lie nearer to one half than the training people's leave-one-out predictions say is safe.

    Source: Hoerl & Kennard 1970 (ridge regression); Platt 1999 (probabilities); Wolpert 1992
    (joining heads).

    Limits: Nothing is promised to anybody who taught it: only attacks can tell what it gives away.
    It learns from a questionnaire and not from a diagnosis, and is no medical device.
    """

    name: ClassVar[str] = "train/central"

    target: str
    modality: Stream = "fused"
    method: Method = "stack"
    inputs: Inputs = "all"
    coverage: float = 0.75
    hidden: int = 64

    def __post_init__(self) -> None:
        if not 0.0 < self.coverage <= 1.0:
            raise InputError(
                f"train/central coverage = {self.coverage:g}: give a share above 0, at most 1"
            )

    def recipe(self) -> Recipe:
        """Return how the head is learnt."""
        from mindveil.train import plain  # noqa: PLC0415 - loaded when something is trained
        from mindveil.train.stack import Stack  # noqa: PLC0415

        if self.method == "stack":
            return Stack()
        if self.method == "ridge":
            return plain.PlainRidge()
        if self.method == "logistic":
            return plain.PlainLogistic()
        return plain.PlainMlp(hidden=self.hidden)

    def undefended(self) -> CentralTraining:
        """Return this step: it promises nothing."""
        return self

    def train(self, corpus: Corpus, noise: Noise, rng: np.random.Generator) -> Detector:
        """Return a detector that these people taught."""
        reader = Reader.of(corpus, self.target, self.modality, self.inputs)
        lessons = reader.lessons(corpus)
        taught = self.recipe().fit(lessons, noise, rng)
        inside = taught.head.log_odds(lessons.rows) if taught.inside is None else taught.inside
        return Detector(
            reader=reader,
            head=taught.head,
            guarantee=taught.guarantee,
            least=least_sure(inside, self.coverage),
        )
