"""The seam of validity checks: is a detector's accuracy owed to the illness, or to something else?

A check says nothing of what a release is worth. It says whether the figures that do can be
believed, and never becomes one of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Corpus, Modality, Stream
from mindveil.utility.base import Predictions

Floats = NDArray[np.float64]
Family = Literal["identity", "interviewer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One fold of a validity check: who teaches, and whom the detector meets afterwards.

    ``training`` is the release under the names of its people; ``again`` are those very people and
    ``fresh`` people who are not in the release, both with their own texts and answers and with
    voices and faces protected like the release.
    """

    training: Corpus
    again: Corpus
    fresh: Corpus


class ValidityTask(Protocol):
    """A question about the evidence itself: what else could a detector have learnt?"""

    family: ClassVar[Family]

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        ...

    @property
    def name(self) -> str:
        """Return the measure, as in ``identity/phq9>=10``."""
        ...

    @property
    def modality(self) -> Stream:
        """Return which recordings the detector sees."""
        ...

    def tell(self, meeting: Meeting, rng: np.random.Generator) -> Mapping[str, Predictions]:
        """Return what is predicted in each of the situations that are set side by side."""
        ...


def words_of(
    training: Sequence[Sequence[str]], test: Sequence[Sequence[str]]
) -> tuple[Floats, Floats]:
    """Return how often each word stands in what each person said, rare words counting more.

    The vocabulary and its weights are those of the training people (TF-IDF); a row of NaN is a
    person without words. Counted words give away authors and fixed questions at least as well as
    the sentence encoder of the detectors does, and cost next to nothing.
    """
    # Takes a second to import, which nobody should pay for who only reads.
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

    sides = [[" ".join(documents) for documents in people] for people in (training, test)]
    reader = TfidfVectorizer(sublinear_tf=True)
    found = []
    for number, texts in enumerate(sides):
        rows = (reader.transform(texts) if number else reader.fit_transform(texts)).toarray()
        rows[[not text.strip() for text in texts]] = np.nan
        found.append(np.asarray(rows, dtype=np.float64))
    return found[0], found[1]
