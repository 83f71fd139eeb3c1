"""From cases to forecasts: one head a modality, and all together by their log-odds."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Modality, Stream
from mindveil.errors import InvalidMeasurement
from mindveil.features.blocks import Blocks, blocks_of
from mindveil.features.cases import Cases
from mindveil.train.abstention import Flags, is_decided, least_sure
from mindveil.train.ridge import Head, fit_head, fuse

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the training people teach: class labels (0/1) and totals, shape (people,).

    ``coverage`` is the share of them that a detector is to decide on, None for everybody.
    """

    labels: Floats
    totals: Floats
    modality: Stream
    coverage: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """For each tested person the probability of the class and the expected total.

    ``decided`` is False where the probability is too near one half; None where nobody asked.
    """

    probability: Floats
    severity: Floats
    decided: Flags | None = None


def needs_of(modality: Stream) -> AbstractSet[Modality]:
    """Return what a corpus must hold for a detector of this kind; all together needs no one."""
    return frozenset() if modality == "fused" else frozenset({modality})


def forecast(training: Cases, test: Cases, question: Question) -> Forecast:
    """Learn from the training people and forecast the others.

    Raises:
        InvalidMeasurement: too few people of either class, or nothing to predict from.
    """
    if not len(training.ids) or not len(test.ids):
        raise InvalidMeasurement("nobody has both an answer and something to predict it from")
    taught = _taught(training, test, question)
    said = [head.log_odds(check) for head, check in taught]
    if len(taught) == 1:
        head, check = taught[0]
        return Forecast(
            probability=head.probability(check),
            severity=head.severity(check),
            decided=_decided(head.inside, said[0], question.coverage),
        )
    fusion = fuse([head.inside for head, _ in taught], question.labels)
    return Forecast(
        probability=fusion.probability(said),
        severity=_together(taught, said),
        decided=_decided(fusion.inside, fusion.log_odds(said), question.coverage),
    )


def _decided(inside: Floats, said: Floats, coverage: float | None) -> Flags | None:
    """Return whom to decide on, by a limit that the training people alone have set."""
    return None if coverage is None else is_decided(said, least_sure(inside, coverage))


def _taught(training: Cases, test: Cases, question: Question) -> list[tuple[Head, Blocks]]:
    """Return a head for each modality, and what it sees of the tested people.

    Among several, a modality of which too few people were recorded is left out.
    """
    parts = blocks_of(training, test, question.modality)
    taught, why = [], InvalidMeasurement("the two sides share no modality to predict from")
    for learn, check in parts:
        try:
            taught.append((fit_head(learn, question.totals, question.labels), check))
        except InvalidMeasurement as fault:
            why = fault
    if not taught:
        raise why
    return taught


def _together(taught: Sequence[tuple[Head, Blocks]], said: Sequence[Floats]) -> Floats:
    """Return the mean of what the modalities that a person has expect: heads are calibrated."""
    expected = np.stack([head.severity(check) for head, check in taught])
    spoke = np.isfinite(np.stack(said))
    spoke |= ~spoke.any(axis=0)
    return np.asarray((expected * spoke).sum(axis=0) / spoke.sum(axis=0), dtype=np.float64)
