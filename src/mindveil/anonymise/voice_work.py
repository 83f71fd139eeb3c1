"""Walk a corpus and change what is heard: every recording of every session, in new files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from mindveil.anonymise.spoken_identifiers import Stretches, mute, spoken_identifiers
from mindveil.corpus.media import Audio, read_audio, write_audio
from mindveil.corpus.model import Corpus, MediaFile, Participant, Session
from mindveil.corpus.workshop import new_file
from mindveil.errors import InputError
from mindveil.randomness import stream

RATE = 16_000
"""Samples a second of every changed voice: what wide-band telephones and speech models use."""

KNEE, LOUDEST = 0.8, 0.99
"""Of full scale: samples above the knee are bent so that none is clipped when it is written."""

Waveform = npt.NDArray[np.float32]
Change = Callable[[Sequence[Waveform], np.random.Generator], Sequence[Waveform]]
"""Changes all recordings of one session, as long as before; 16 kHz, one channel."""
Draw = Literal["session", "person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceWork:
    """How a protection changes voices: under which name it draws, how often, and what it does."""

    name: str
    change: Change
    draw: Draw = "session"


def change_voices(corpus: Corpus, work: VoiceWork, rng: np.random.Generator) -> Corpus:
    """Return the corpus with every recording changed, identifiers muted in it, and no features.

    What is drawn for a person depends on one number from ``rng`` and on the person's id, so a
    copy stays the same whoever else is there. Identifiers are muted where words are timed
    (``*_words.tsv``), before the change, so that they shape nothing, and after it, so that nothing
    sounds there. Features that were read off the original (``*_features.parquet``) go.

    Raises:
        InputError: a recording or a table of words cannot be used; the sentence says which.
    """
    seed = int(rng.integers(2**63))
    people = []
    for person in corpus.participants:
        spoken = spoken_identifiers(person, corpus) if _is_heard(person) else {}
        sessions = []
        for session in person.sessions:
            key = (session.session_id,) if work.draw == "session" else ()
            own = stream(seed, work.name, person.participant_id, *key)
            where = f"participant {person.participant_id}, session {session.session_id}"
            silent = spoken.get(session.session_id, ())
            sessions.append(_changed(session, work, own, silent, where))
        people.append(replace(person, sessions=tuple(sessions)))
    return corpus.with_people(people)


def same_loudness(changed: Waveform, original: Waveform) -> Waveform:
    """Return the changed voice as loud as the original (root mean square), below full scale.

    Single peaks are rounded off rather than the whole recording made softer: how loud somebody
    speaks is a clinical measure.
    """
    before, after = _level(original), _level(changed)
    voice = changed * np.float32(before / after if after > 0 else 0)
    above = np.flatnonzero(np.abs(voice) > KNEE)
    peaks, room = voice[above], LOUDEST - KNEE
    voice[above] = np.sign(peaks) * (KNEE + room * np.tanh((np.abs(peaks) - KNEE) / room))
    return voice


def _is_heard(person: Participant) -> bool:
    return any(session.files("voice", "audio") for session in person.sessions)


def _changed(
    session: Session,
    work: VoiceWork,
    rng: np.random.Generator,
    silent: Sequence[Stretches],
    where: str,
) -> Session:
    if not session.files("voice"):
        return session
    files = session.files("voice", "audio")
    muted = [_heard(file, n, silent, where) for n, file in enumerate(files)]
    changed = work.change(muted, rng)
    written = []
    for number, (file, before, after) in enumerate(zip(files, muted, changed, strict=True)):
        voice = same_loudness(after, before)
        voice = mute(voice, silent[number], RATE) if silent else voice
        written.append(_written(file, voice))
    return replace(session, media={**session.media, "voice": tuple(written)})


def _heard(file: MediaFile, number: int, silent: Sequence[Stretches], where: str) -> Waveform:
    """Return a recording with its identifiers muted."""
    samples = read_audio(file.path, RATE).samples
    if not silent:
        return samples
    seconds = len(samples) / RATE
    if any(start > seconds for start, _ in silent[number]):
        raise InputError(
            f"{where}: words that must be muted are timed after the end of recording {number + 1}"
            f" ({seconds:.1f} s); the times of *_words.tsv are seconds from its start"
        )
    return mute(samples, silent[number], RATE)


def _written(file: MediaFile, voice: Waveform) -> MediaFile:
    path = new_file("_voice.flac")
    write_audio(path, Audio(samples=voice, rate=RATE))
    return replace(file, path=path)


def _level(samples: Waveform) -> float:
    return float(np.sqrt(np.mean(np.square(samples), dtype=np.float64))) if len(samples) else 0.0
