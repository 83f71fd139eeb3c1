"""Can the emotion of a voice, or the expression of a face, still be told?"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InvalidMeasurement
from mindveil.features.blocks import standardised
from mindveil.features.expression import expression_rows
from mindveil.features.prosody import prosody_rows
from mindveil.features.speakers import embed_recordings
from mindveil.utility.base import Recognised, Trial
from mindveil.utility.recordings import Heard, Medium, about_own_mean, recordings_of

Floats = NDArray[np.float64]

LEAST_PEOPLE = 4
ENCODER = "ge2e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """Tell what was asked for in each recording (happy, sad, sleepy), trained on the release.

    The classes are the ``task`` part of the files' names. Taught by released people and tested on
    others whose recordings were protected alike. Each person's own mean is taken out first, which
    needs no labels. Every class has its recall: a fair mean can hide that sadness is lost.

    Source: Schuller et al. 2009 (the unweighted average recall).

    Limits: It tells what people were asked to show, which is acted in most corpora and no feeling.
    With few people a class may rest on a handful of recordings.
    """

    family: ClassVar[Literal["retention", "recognition", "intelligibility"]] = "recognition"
    modality: Medium

    @property
    def name(self) -> str:
        """Return the measure, as in ``recognition/voice``."""
        return f"recognition/{self.modality}"

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        return frozenset({self.modality})

    def measure(self, trial: Trial, rng: np.random.Generator) -> Recognised:
        """Learn on the release and tell the tasks of held-out people's protected recordings."""
        _ = rng  # nothing is drawn: the same recordings always teach the same
        learn, check = (_labelled(c, self.modality) for c in (trial.training, trial.test))
        classes = tuple(sorted({h.file.task for h in learn}))
        check = [h for h in check if h.file.task in classes]
        people = {h.person for h in learn}
        if len(classes) < 2 or len(people) < LEAST_PEOPLE or not check:
            raise InvalidMeasurement(
                f"{len(people)} people with recordings of {len(classes)} tasks to learn from; at "
                f"least {LEAST_PEOPLE} people and 2 tasks are needed"
            )
        one, two = standardised(_rows(self.modality, learn), _rows(self.modality, check))
        model = LinearDiscriminantAnalysis(
            solver="lsqr", shrinkage="auto", priors=np.full(len(classes), 1 / len(classes))
        )
        model.fit(np.nan_to_num(one), _places(learn, classes))
        return Recognised(
            people=tuple(h.person for h in check),
            classes=classes,
            truth=_places(check, classes),
            told=np.asarray(model.predict(np.nan_to_num(two)), dtype=np.int64),
        )


def _labelled(corpus: Corpus, medium: Medium) -> list[Heard]:
    return [h for h in recordings_of(corpus, medium) if h.file.task]


def _places(heard: Sequence[Heard], classes: Sequence[str]) -> NDArray[np.int64]:
    place = {name: i for i, name in enumerate(classes)}
    return np.array([place[h.file.task] for h in heard], dtype=np.int64)


def _rows(medium: Medium, heard: Sequence[Heard]) -> Floats:
    if medium == "face":
        rows = expression_rows([h.file for h in heard])
    else:
        paths = [h.file.path for h in heard]
        rows = np.hstack([prosody_rows(paths), embed_recordings(paths, ENCODER)])
    return about_own_mean(rows, [h.person for h in heard])
