"""Releases without a kind of recording: what is not there is neither read nor heard nor linked."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mindveil.corpus.model import Corpus, Modality, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOmit:
    """Leave out what was said: transcripts, timed words and whatever was measured of them.

    Source: suppression, the oldest method of disclosure control (Hundepool et al. 2012).

    Limits: Words stay audible where the voice goes out. All that they tell clinically is lost.
    """

    name: ClassVar[str] = "text/omit"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"text"})
    alone: ClassVar[bool] = True

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus without transcripts."""
        del rng
        silent = corpus.map_sessions(lambda _, s: replace(s, transcript=(), entities=()))
        return _without(silent, "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceOmit:
    """Leave out voices: recordings and whatever was measured of them.

    Source: suppression, the oldest method of disclosure control (Hundepool et al. 2012).

    Limits: Transcripts still say what was said. All that voices tell clinically is lost.
    """

    name: ClassVar[str] = "voice/omit"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"voice"})
    alone: ClassVar[bool] = True

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus without voices."""
        del rng
        return _without(corpus, "voice")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceOmit:
    """Leave out faces: pictures, films, landmarks and whatever was measured of them.

    Source: suppression, the oldest method of disclosure control (Hundepool et al. 2012).

    Limits: Voices and transcripts stay, and may tell who it is. All that faces tell clinically is
    lost.
    """

    name: ClassVar[str] = "face/omit"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"face"})
    alone: ClassVar[bool] = True

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus without faces."""
        del rng
        return _without(corpus, "face")


def _without(corpus: Corpus, modality: Modality) -> Corpus:
    def kept(_: object, session: Session) -> Session:
        return replace(session, media={m: f for m, f in session.media.items() if m != modality})

    return corpus.map_sessions(kept)
