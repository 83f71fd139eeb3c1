"""Releases without a kind of recording: what is not there is neither read nor heard nor linked."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mindveil.corpus.model import Corpus, Modality, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Omission:
    """A step that leaves out all of the modalities that it names."""

    changes: ClassVar[AbstractSet[Modality]]
    alone: ClassVar[bool] = True

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus without these modalities."""
        del rng
        return corpus.map_sessions(lambda _, s: self._without(s))

    def _without(self, session: Session) -> Session:
        media = {m: files for m, files in session.media.items() if m not in self.changes}
        if "text" in self.changes:
            return replace(session, transcript=(), entities=(), media=media)
        return replace(session, media=media)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOmit(Omission):
    """Leave out what was said: transcripts, timed words and whatever was measured of them.

    Source: suppression, the oldest method of disclosure control (Hundepool et al. 2012).

    Limits: Words stay audible where the voice goes out. All that they tell clinically is lost.
    """

    name: ClassVar[str] = "text/omit"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"text"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceOmit(Omission):
    """Leave out voices: recordings and whatever was measured of them.

    Source: suppression, the oldest method of disclosure control (Hundepool et al. 2012).

    Limits: Transcripts still say what was said. All that voices tell clinically is lost.
    """

    name: ClassVar[str] = "voice/omit"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"voice"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceOmit(Omission):
    """Leave out faces: pictures, films, landmarks and whatever was measured of them.

    Source: suppression, the oldest method of disclosure control (Hundepool et al. 2012).

    Limits: Voices and transcripts stay, and may tell who it is. All that faces tell clinically is
    lost.
    """

    name: ClassVar[str] = "face/omit"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"face"})
