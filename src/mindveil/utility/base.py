"""The seam of every utility task: train on the release, test on people it never saw."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Corpus, Modality

Stream = Modality | Literal["fused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """One line a tested person, all arrays of shape (people,).

    ``truth`` is 0/1 for detection and the total for severity; ``predicted`` is the probability
    or the predicted total; ``guess`` is what knowing only the training labels gives.
    """

    ids: tuple[str, ...]
    truth: NDArray[np.float64]
    predicted: NDArray[np.float64]
    guess: NDArray[np.float64]


class UtilityTask(Protocol):
    """A clinical question the data was collected to answer; a frozen dataclass."""

    family: ClassVar[Literal["detect", "severity"]]

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        ...

    @property
    def name(self) -> str:
        """Return the measure, as in ``detect/phq9>=10``."""
        ...

    @property
    def modality(self) -> Stream:
        """Return which recordings the detector sees."""
        ...

    def predict(self, training: Corpus, test: Corpus, rng: np.random.Generator) -> Predictions:
        """Learn from the released corpus and predict held-out people's originals."""
        ...
