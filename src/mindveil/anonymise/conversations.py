"""All that was said with a person, in transcripts and timed words, and what identifies in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from mindveil.anonymise.text_recognisers import Known, find_identifiers, known_identifiers
from mindveil.anonymise.text_spans import Span
from mindveil.anonymise.timed_words import Stretch, stretches
from mindveil.corpus.model import Column, Participant


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversations:
    """What was said in all sessions of a person: the turns, then the stretches of timed words.

    ``found`` are the identifiers in each of ``texts``, the first ``turns`` of which are the turns
    of the transcripts; the rest are those of ``spoken``, session by session.
    """

    texts: tuple[str, ...]
    found: tuple[tuple[Span, ...], ...]
    turns: int
    spoken: tuple[tuple[Stretch, ...], ...]


def read_conversations(person: Participant, columns: Mapping[str, Column]) -> Conversations:
    """Read all that was said with a person together: a name found once is looked for everywhere.

    Raises:
        InputError: a table of timed words cannot be used, or the English model is missing.
    """
    turns = [turn.text for session in person.sessions for turn in session.transcript]
    spoken = tuple(stretches(session) for session in person.sessions)
    texts = (*turns, *(stretch.text for parts in spoken for stretch in parts))
    return Conversations(
        texts=texts,
        found=_recognised(texts, known_identifiers(person, columns)),
        turns=len(turns),
        spoken=spoken,
    )


@lru_cache(maxsize=1024)
def _recognised(texts: tuple[str, ...], known: tuple[Known, ...]) -> tuple[tuple[Span, ...], ...]:
    """Recognise once what is replaced twice: by the release, and by whoever attacks it."""
    return find_identifiers(texts, known)
