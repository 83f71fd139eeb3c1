"""The seams of utility: what a release still tells of people, and of their recordings."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What was asked for in each tested recording, and what was recognised.

    ``people`` names whose recording each is; ``truth`` and ``told`` are places in ``classes``.
    """

    people: tuple[str, ...]
    classes: tuple[str, ...]
    truth: NDArray[np.int64]
    told: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """Measures of each recording before and after protection, both of shape (recordings, measures).

    NaN where a measure is not defined in a recording.
    """

    people: tuple[str, ...]
    measures: tuple[str, ...]
    original: NDArray[np.float64]
    released: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcribed:
    """Words of each recording that a recogniser got wrong, and words that were said."""

    people: tuple[str, ...]
    errors: NDArray[np.float64]
    words: NDArray[np.float64]


Signal = Recognised | Retained | Transcribed


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One fold of a question about recordings.

    ``training`` is the release; ``test`` are held-out people, voice and face protected like the
    release; ``original`` are the same people as they were recorded, session by session.
    """

    training: Corpus
    test: Corpus
    original: Corpus


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
        """Learn from the released corpus and predict held-out people.

        Their texts and answers are originals; their voices and faces are protected like the
        release, because whoever uses it would have to do the same.
        """
        ...


class SignalTask(Protocol):
    """A question about recordings of one modality: what can still be heard or seen in them."""

    family: ClassVar[Literal["retention", "recognition", "intelligibility"]]

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        ...

    @property
    def name(self) -> str:
        """Return the measure, as in ``retention/voice``."""
        ...

    @property
    def modality(self) -> Stream:
        """Return which recordings are looked at."""
        ...

    def measure(self, trial: Trial, rng: np.random.Generator) -> Signal:
        """Return what became of the recordings of held-out people."""
        ...
