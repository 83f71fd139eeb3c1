"""voice/anonymise: the dial for voices, from muted names to a voice that is not one's own."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from mindveil.anonymise.voice_mcadams import VoiceMcadams
from mindveil.anonymise.voice_pseudo_voice import VoicePseudoVoice
from mindveil.anonymise.voice_work import VoiceWork, Waveform, change_voices
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InputError

Level = Literal[1, 2]
LEVELS: tuple[Level, ...] = (1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceAnonymise:
    """Hide whose voice it is, the more the higher the level.

    Level 1 mutes spoken identifiers and gives each session the pitch and vocal tract of nobody
    (``voice/pseudo-voice``). Level 2 also moves the formants by a random power of their angle
    (``voice/mcadams``): of the cheap ways the strongest against attackers who train on protected
    voices. Melody, timing and loudness stay at both levels. Single methods can be set finer
    under their own names.

    Identifiers are muted where words are timed (``*_words.tsv``); where they are not, names stay
    audible. Recordings come out at 16 kHz, one channel.

    Source: the baselines of the VoicePrivacy Challenges (Tomashenko et al. 2022), put together by
    ourselves.

    Limits: Attackers who train on protected voices still recognise part of the speakers, and what
    is said may name them. Melody and timing stay on purpose; they are the clinical signal and
    something of the person.

    Raises:
        InputError: a level that does not exist, or pyworld is not installed.
    """

    name: ClassVar[str] = "voice/anonymise"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"voice"})
    alone: ClassVar[bool] = True

    level: int = 2

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise InputError(
                f"voice/anonymise: level {self.level!r} does not exist here; choose 1 (a pseudo-"
                "voice) or 2 (also with moved formants), or leave the voices out of the release"
            )

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus with its voices protected at this level."""
        return change_voices(corpus, VoiceWork(name=self.name, change=self.change), rng)

    def change(
        self, recordings: Sequence[Waveform], rng: np.random.Generator
    ) -> Sequence[Waveform]:
        """Return the recordings of one session, changed."""
        spoken = VoicePseudoVoice().change(recordings, rng)
        return spoken if self.level == 1 else VoiceMcadams().change(spoken, rng)
