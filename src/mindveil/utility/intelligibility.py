"""Can a machine still write down what is said?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from mindveil.corpus.model import Modality, Session
from mindveil.corpus.tables import read_table
from mindveil.errors import InvalidMeasurement
from mindveil.features.speech_recognition import transcribe
from mindveil.utility.base import Transcribed, Trial
from mindveil.utility.recordings import Heard, Medium, pairs_of

_WORD = re.compile(r"[a-z0-9']+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intelligibility:
    """Count the words that a speech recogniser gets wrong in protected recordings.

    The recogniser is Whisper tiny.en (Radford et al. 2022). What was said comes from the timed
    words of the recording, else from the transcript where the visit has a single turn; else from
    what the recogniser hears in the original, and then the figure says how far the two differ.
    It costs about .15 to .4 seconds of computing a second of audio.

    Source: Radford et al. 2022 (Whisper); word error rate as in the VoicePrivacy Challenges.

    Limits: A recogniser is no listener: it knows English, and fails at accents and at distressed
    speech more than people do. What is understood need not be how it was said.
    """

    family: ClassVar[Literal["retention", "recognition", "intelligibility"]] = "intelligibility"
    modality: Medium

    @property
    def name(self) -> str:
        """Return the measure, ``intelligibility/voice``."""
        return f"intelligibility/{self.modality}"

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        return frozenset({self.modality})

    def measure(self, trial: Trial, rng: np.random.Generator) -> Transcribed:
        """Return errors and words of held-out people's protected recordings."""
        _ = rng  # nothing is drawn
        if self.modality != "voice":
            raise InvalidMeasurement("there are no words to hear in a face; ask about voice")
        pairs = [(h, c) for h, c in pairs_of(trial.test, trial.original, "voice") if c is not None]
        if not pairs:
            raise InvalidMeasurement("no held-out person has a voice recording left")
        said = [_said(heard) for heard, _ in pairs]
        unknown = [i for i, words in enumerate(said) if words is None]
        for i, text in zip(
            unknown, transcribe([pairs[i][0].file.path for i in unknown]), strict=True
        ):
            said[i] = words_of(text)
        heard = [words_of(text) for text in transcribe([copy.path for _, copy in pairs])]
        known = [words or [] for words in said]
        return Transcribed(
            people=tuple(h.person for h, _ in pairs),
            errors=np.array([word_errors(a, b) for a, b in zip(known, heard, strict=True)]),
            words=np.array([len(words) for words in known], dtype=np.float64),
        )


def words_of(text: str) -> list[str]:
    """Return words without case and marks.

    >>> words_of("Kids are talking, by the door.")
    ['kids', 'are', 'talking', 'by', 'the', 'door']
    """
    return _WORD.findall(text.lower().replace("’", "'"))


def word_errors(said: Sequence[str], heard: Sequence[str]) -> float:
    """Return how many words were put in, left out or replaced (Levenshtein 1966).

    >>> word_errors("dogs are sitting".split(), "dogs sitting down".split())
    2.0
    """
    row = np.arange(len(heard) + 1, dtype=np.float64)
    for word in said:
        match = np.array([word != other for other in heard], dtype=np.float64)
        best = np.minimum(row[:-1] + match, row[1:] + 1)
        # words put in cost one each, counted from the left
        steps = np.arange(len(heard) + 1, dtype=np.float64)
        row = np.minimum.accumulate(np.concatenate([[row[0] + 1], best]) - steps) + steps
    return float(row[-1])


def _said(heard: Heard) -> list[str] | None:
    """Return what is known to be said in a recording; None where nothing is."""
    tables = heard.session.files("text", "words")
    alone = len(heard.session.files("voice", "audio")) == 1
    for table in tables if alone else ():
        found, _ = read_table(table.path.parent, table.path.name)
        if found is not None and "word" in found.header:
            return words_of(" ".join(found.column("word")))
    return _only_turn(heard.session)


def _only_turn(session: Session) -> list[str] | None:
    return words_of(session.transcript[0].text) if len(session.transcript) == 1 else None
