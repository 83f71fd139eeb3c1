"""The seams of utility: what a release still tells of people, and of their recordings."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Corpus, Modality, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """One line a tested person, all arrays of shape (people,).

    ``truth`` is 0/1 for detection and the total for severity; ``predicted`` is the probability
    or the predicted total; ``guess`` is what knowing only the training labels gives. ``decided``
    is False where a detector that may be silent is: ``predicted`` stands there all the same. None:
    it decides on everybody.
    """

    ids: tuple[str, ...]
    truth: NDArray[np.float64]
    predicted: NDArray[np.float64]
    guess: NDArray[np.float64]
    decided: NDArray[np.bool_] | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSheet:
    """One score of a questionnaire: the columns of its items, its cut-off and its bands.

    ``subscale`` is none for the total. ``items`` are columns of the answers, none where the score is no sum of them; ``public`` says
    that its authors published it as a subscale: a factor of its own. ``bands`` are pairs of first
    score and name, lowest first.
    """

    name: str
    tool: str
    subscale: str | None = None
    items: tuple[int, ...] = ()
    public: bool = False
    cutoff: float | None = None
    bands: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginSheet:
    """One variable of a table and its cells, the last one for a missing or another value."""

    name: str
    cells: int
    background: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What one table says of a questionnaire, a row a person; NaN is missing.

    ``items`` has shape (people, items), higher answers meaning more of what is measured;
    ``scores`` (people, scores); ``margins`` (people, cells of all variables one after the other),
    shares that sum to 1 within a variable. ``groups`` says in which group of each kind (sex, age,
    severity) a person is, empty where it is not known.
    """

    ids: tuple[str, ...]
    items: NDArray[np.float64]
    scores: NDArray[np.float64]
    margins: NDArray[np.float32]
    groups: Mapping[str, NDArray[np.str_]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How much each record looks like a released one; two halves of originals are the control."""

    released: NDArray[np.float64]
    original: NDArray[np.float64]
    one_half: NDArray[np.float64]
    other_half: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity:
    """A release and the very people it was made from, as one questionnaire shows them.

    ``pairs`` are the scores (by place) that share no item, so that their correlation says
    something; ``factors`` is the number of factors that the items ``factor_items`` have in the
    original.
    """

    tool: str
    scores: tuple[ScoreSheet, ...]
    variables: tuple[MarginSheet, ...]
    pairs: tuple[tuple[int, int], ...]
    factor_items: tuple[int, ...]
    factors: int
    released: Answered
    original: Answered
    told: Told


class FidelityTask(Protocol):
    """A question about a table itself: does it still measure what the original measured?"""

    family: ClassVar[Literal["psychometrics"]]

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        ...

    @property
    def name(self) -> str:
        """Return the measure, as in ``psychometrics/dass42``."""
        ...

    @property
    def modality(self) -> Stream:
        """Return what is looked at: scales."""
        ...

    def compare(self, release: Corpus, original: Corpus, rng: np.random.Generator) -> Fidelity:
        """Return both tables; ``original`` are the very people that the release was made from."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One fold of a question about adding a release to real people.

    ``original`` are the released people's originals, ``test`` held-out people.
    """

    release: Corpus
    original: Corpus
    test: Corpus


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What was predicted from so many real people alone, and from them with the release."""

    alone: Predictions
    joined: Predictions


class AugmentationTask(Protocol):
    """A question about what a release adds to real people who are there already."""

    family: ClassVar[Literal["augment"]]

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        ...

    @property
    def name(self) -> str:
        """Return the measure, as in ``augment/phq9>=10``."""
        ...

    @property
    def modality(self) -> Stream:
        """Return which recordings the detector sees."""
        ...

    def add(self, lesson: Lesson, rng: np.random.Generator) -> Mapping[str, Added]:
        """Return the predictions by number of real people: ``all``, ``300``, ``100``."""
        ...
