"""Where in a recording something is said that identifies somebody, and how it falls silent."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from mindveil.anonymise.conversations import read_conversations
from mindveil.anonymise.text_smoothing import TAG
from mindveil.anonymise.text_spans import ROLES, Span, merge_spans
from mindveil.anonymise.timed_words import Stretch, TimedWord
from mindveil.corpus.model import Corpus, MediaFile, Participant, Session
from mindveil.errors import InputError

PAD = 0.05
"""Seconds muted on both sides: word times are this uncertain, and sounds run into each other."""

FADE = 0.01
"""Seconds of fading outside of what is muted, so that nothing clicks."""

LANGUAGE = "en"

_HIDDEN = re.compile(
    r"[\[<(](?:scrubbed|redacted|removed|deleted|anonymi[sz]ed|pseudonym|name|person|place|identifier)",
    re.IGNORECASE,
)
"""What others write where they took an identifier out (DAIC-WOZ: ``scrubbed_entry``)."""

Stretches = tuple[tuple[float, float], ...]
"""Stretches of a recording in seconds, in order and disjoint."""


def spoken_identifiers(person: Participant, corpus: Corpus) -> Mapping[str, tuple[Stretches, ...]]:
    """Return by session what is to be muted in each of its recordings.

    Direct and quasi identifiers are looked for as in transcripts, at the strictest level; words
    that were replaced by a tag (``[PERSON_1]``) before count as well. Sessions without timed
    words are not in the answer: nothing can be muted there, and names stay audible.

    Raises:
        InputError: timed words that cannot be read or told which recording they belong to, or
            that are not English; silence would look like safety.
    """
    wanted = {
        session.session_id
        for session in person.sessions
        if session.files("voice", "audio") and session.files("text", "words")
    }
    if not wanted:
        return {}
    if not corpus.language.lower().startswith(LANGUAGE):
        raise InputError(
            f"participant {person.participant_id}: identifiers are recognised in English only, and"
            f" the corpus is in {corpus.language!r}; mute names in the recordings by hand and take"
            " the *_words.tsv out of the corpus"
        )
    talk = read_conversations(person, corpus.columns)
    told = iter(talk.found[talk.turns :])
    answer: dict[str, tuple[Stretches, ...]] = {}
    for session, parts in zip(person.sessions, talk.spoken, strict=True):
        hidden = [_hidden_words(stretch, next(told)) for stretch in parts]
        if session.session_id in wanted:
            answer[session.session_id] = _by_recording(person, session, parts, hidden)
    return answer


def mute(samples: npt.NDArray[np.float32], silent: Stretches, rate: int) -> npt.NDArray[np.float32]:
    """Return the recording with these stretches at zero, faded before and after them.

    Nothing of the recording is left between the two times of a stretch, padded beforehand.
    """
    gains = np.ones(len(samples), dtype=np.float32)
    fade = max(1, round(FADE * rate))
    ramp = np.linspace(1, 0, fade + 2, dtype=np.float32)[1:-1]
    for start, end in silent:
        first = min(len(samples), max(0, int(start * rate)))
        last = len(samples) if end == math.inf else min(len(samples), math.ceil(end * rate))
        if first >= len(samples):
            continue
        gains[first:last] = 0
        before = gains[max(0, first - fade) : first]
        before[:] = np.minimum(before, ramp[fade - len(before) :])
        after = gains[last : last + fade]
        after[:] = np.minimum(after, ramp[::-1][: len(after)])
    return samples * gains


def _hidden_words(stretch: Stretch, found: Sequence[Span]) -> set[int]:
    """Return the rows of its file that identify somebody or stand for what did."""
    spans = merge_spans(found, tuple(ROLES))
    rows = {n for first, last, _ in stretch.touched(spans) for n in range(first, last)}
    rows |= {n for n, w in enumerate(stretch.words) if TAG.search(w.text) or _HIDDEN.search(w.text)}
    return {stretch.first + n for n in rows}


def _by_recording(
    person: Participant,
    session: Session,
    parts: Sequence[Stretch],
    hidden: Sequence[set[int]],
) -> tuple[Stretches, ...]:
    """Return what is to be muted in each recording of a session."""
    recordings = session.files("voice", "audio")
    silent: list[Stretches] = [()] * len(recordings)
    for file, place in enumerate(_belongings(person, session)):
        words = [w for stretch in parts if stretch.file == file for w in stretch.words]
        rows = {
            n
            for stretch, own in zip(parts, hidden, strict=True)
            if stretch.file == file
            for n in own
        }
        silent[place] = _joined(_times(words, n) for n in sorted(rows))
    return tuple(silent)


def _belongings(person: Participant, session: Session) -> list[int]:
    """Return to which recording each table of timed words of a session belongs."""
    words, recordings = session.files("text", "words"), session.files("voice", "audio")
    runs, known = [_key(f) for f in words], [_key(f) for f in recordings]
    if all(known.count(key) == 1 for key in runs) and len(set(runs)) == len(runs):
        return [known.index(key) for key in runs]
    if len(words) == len(recordings):
        return list(range(len(words)))
    raise InputError(
        f"participant {person.participant_id}, session {session.session_id}: {len(words)} *_words.tsv"
        f" and {len(recordings)} recordings cannot be told which belong together; name each table"
        " after its recording (..._run-01_words.tsv beside ..._run-01_voice.flac)"
    )


def _key(file: MediaFile) -> tuple[str, int]:
    return file.task, file.run


def _times(words: Sequence[TimedWord], row: int) -> tuple[float, float]:
    """Return when a word sounds; one without times may be anywhere between its neighbours."""
    word = words[row]
    start, end = word.start, word.end
    if start is None:
        before = (t for w in reversed(words[:row]) for t in (w.end, w.start) if t is not None)
        start = next(before, 0.0)
    if end is None:
        after = (t for w in words[row + 1 :] for t in (w.start, w.end) if t is not None)
        end = max(start, next(after, math.inf))
    return start, end


def _joined(times: Iterable[tuple[float, float]]) -> Stretches:
    """Return padded stretches in order, those that meet as one."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted((max(0.0, a - PAD), b + PAD) for a, b in times):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)
