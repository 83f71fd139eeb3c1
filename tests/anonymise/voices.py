"""Made-up voices and corpora for the tests of voice protections."""

from __future__ import annotations

import re

import numpy as np
from scipy.signal import lfilter

from mindveil.corpus.media import Audio, read_audio, write_audio
from mindveil.corpus.model import Corpus, MediaFile, Participant, Session

RATE = 16_000
FORMANTS = ((700.0, 80.0), (1220.0, 90.0), (2600.0, 120.0))


def vowel(pitch, formants=FORMANTS):
    """Return a vowel whose pitch in hertz is given for each sample."""
    phase = np.cumsum(np.asarray(pitch) / RATE)
    pulses = np.diff(np.floor(phase), prepend=0.0)
    for frequency, bandwidth in formants:
        radius = np.exp(-np.pi * bandwidth / RATE)
        pole = 2 * radius * np.cos(2 * np.pi * frequency / RATE)
        pulses = lfilter([1.0], [1.0, -pole, radius**2], pulses)
    return (0.3 * pulses / np.max(np.abs(pulses))).astype(np.float32)


def melody(seconds, level=120.0, semitones=2.0):
    """Return a pitch that swings around a level, a sine of this size."""
    t = np.arange(int(seconds * RATE)) / RATE
    return level * 2 ** (semitones * np.sin(2 * np.pi * 1.5 * t) / 12)


def noise(seconds, seed=1):
    """Return a recording in which something sounds all the time."""
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal(int(seconds * RATE))).astype(np.float32)


def recorded(folder, name, samples, rate=RATE):
    """Write a recording and return it as a medium."""
    folder.mkdir(exist_ok=True, parents=True)
    write_audio(folder / name, Audio(samples=samples, rate=rate))
    return MediaFile(path=folder / name, run=run_in(name))


def timed(folder, name, rows):
    """Write timed words and return them as a medium."""
    folder.mkdir(exist_ok=True, parents=True)
    lines = ["word\tstart\tend", *("\t".join(map(str, row)) for row in rows)]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return MediaFile(path=folder / name, run=run_in(name))


def person(name, *sessions):
    """Return a person with the media of each session."""
    return Participant(
        participant_id=name,
        sessions=tuple(
            Session(session_id=str(n), media=media) for n, media in enumerate(sessions, start=1)
        ),
    )


def corpus(*people, language="en"):
    """Return a corpus of these people."""
    return Corpus(name="toy", participants=people, language=language)


def heard(release):
    """Return all recordings by person and session."""
    return {
        (p.participant_id, s.session_id): [
            read_audio(f.path).samples for f in s.files("voice", "audio")
        ]
        for p in release.participants
        for s in p.sessions
    }


def run_in(name: str) -> int:
    """Return the run that a file name of the layout says."""
    found = re.search(r"_run-([0-9]+)_", name)
    return int(found[1]) if found else 0
