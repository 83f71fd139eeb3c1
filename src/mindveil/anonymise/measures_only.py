"""Measures in place of recordings: what clinicians count, and nothing that could be read or heard."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.corpus.model import Corpus, Modality
from mindveil.features.feature_only import measured


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMeasures:
    """Replace what was said by measures of language: pronouns, negation, symptoms, length.

    The transcript leaves the release; a visit keeps one row of numbers
    (``_task-measures_features.parquet``). They are measures of one person and may still be linked
    or inverted: ``text/inversion`` tries.

    Source: measures in the place of transcripts; Pennebaker et al. 2015 on counting words of kinds.

    Limits: Measures of one person are no promise: they may be linked to the person or turned back.
    What nobody thought of measuring is lost to research for good.
    """

    name: ClassVar[str] = "text/measures"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"text"})
    alone: ClassVar[bool] = True

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus without any words."""
        del rng
        return measured(corpus, ["text"])


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceMeasures:
    """Replace recordings of the voice by measures of prosody: pitch, pauses, rate, loudness.

    The sound leaves the release; a visit keeps one row of numbers. They are measures of one
    person and may still be linked or inverted: ``voice/inversion`` tries.

    Source: measures in the place of recordings; Eyben et al. 2016 (a minimal set of measures of the
    voice).

    Limits: Measures of one person are no promise: they may be linked to the person or turned back.
    What is not among the measures is lost to research for good.
    """

    name: ClassVar[str] = "voice/measures"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"voice"})
    alone: ClassVar[bool] = True

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus without any sound."""
        del rng
        return measured(corpus, ["voice"])


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceMeasures:
    """Replace pictures of the face by measures of expression: brows, mouth, eyes, head.

    The pictures leave the release; a visit keeps one row of numbers, which may still be linked.

    Source: measures in the place of recordings, as the DAIC-WOZ interviews release what a face did
    and not the face (Gratch et al. 2014).

    Limits: Measures of one person are no promise: they may be linked to the person or turned back,
    above all together with other data. What is not among the measures is lost to research for good.
    """

    name: ClassVar[str] = "face/measures"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"face"})
    alone: ClassVar[bool] = True

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus without any picture."""
        del rng
        return measured(corpus, ["face"])
