"""How a person who does not exist sounds, and how a bad week changes that.

Twenty-eight synthetic voices serve sixty people. Those who share one differ by the length of the
vocal tract (a warp of frequency by up to 10 %), by pitch and by rate: they are made to be
different speakers by signal processing, and the truth says who shares what.

How far a visit moves the voice follows reviews of speech in depression and anxiety: slower,
longer pauses, flatter pitch and loudness with depression (Cummins et al. 2015, doi:10.1016/
j.specom.2015.03.004); faster, higher and less steady with anxiety (Low, Bentley & Ghosh 2020,
doi:10.1002/lio2.354). The sizes are modest ones set by us, not estimates of theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from mindveil.corpus.sample.personas import Body, Persona
from mindveil.randomness import stream

TRACTS: tuple[float, ...] = (1.0, 0.92, 1.08, 0.96, 1.04, 0.9, 1.1)
"""Warps of frequency of the first, second, ... person with the same voice."""
_USUAL_RATE = 155.0
"""Words a minute of the voices at their usual speed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How somebody speaks at one visit, as a change of the synthetic voice.

    ``pitch`` in semitones; ``pitch_range`` and ``loudness_range`` multiply how far semitones and
    decibels stray from their mean; ``pause`` in seconds at each end of a clause; ``unsteadiness``
    is the standard deviation of pitch from one 5 ms frame to the next, in semitones.
    """

    voice_id: int
    tract: float
    speed: float
    pitch: float
    pitch_range: float
    loudness_range: float
    pause: float
    unsteadiness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What has nothing to do with the person: level, noise, microphone (dB at five pitches)."""

    level: float
    signal_to_noise: float
    response: tuple[float, ...]


def vocal_tracts(personas: Iterable[Persona]) -> Mapping[str, float]:
    """Return each person's warp of frequency: who comes later changes nobody before.

    >>> vocal_tracts(())
    {}
    """
    sharing: dict[int, int] = defaultdict(int)
    tracts = {}
    for persona in personas:
        voice = persona.body.voice_id
        tracts[persona.participant_id] = TRACTS[sharing[voice] % len(TRACTS)]
        sharing[voice] += 1
    return tracts


def deliver(
    body: Body, tract: float, state: tuple[float, ...], rng: np.random.Generator
) -> Delivery:
    """Draw how somebody speaks at a visit; ``state`` holds the traits on that day."""
    depression, anxiety = np.clip(state[:2], -2.5, 2.5)
    day = rng.standard_normal(7)
    speed = (body.words_per_minute / _USUAL_RATE) ** 0.6
    speed *= np.exp(-0.03 * depression + 0.035 * anxiety + 0.03 * day[0])
    spread = 0.35 + 0.95 * body.expressivity
    return Delivery(
        voice_id=body.voice_id,
        tract=_round(tract * np.exp(0.008 * day[1])),
        speed=_round(np.clip(speed, 0.7, 1.3)),
        pitch=_round(body.pitch_semitones + 0.3 * anxiety + 0.35 * day[2]),
        pitch_range=_round(np.clip(spread * np.exp(-0.16 * depression + 0.12 * day[3]), 0.25, 1.6)),
        loudness_range=_round(np.clip(1 - 0.1 * depression + 0.08 * day[4], 0.6, 1.35)),
        pause=_round(np.clip(0.34 * np.exp(0.4 * depression + 0.3 * day[5]), 0.08, 1.2)),
        unsteadiness=_round(np.clip(0.15 * np.exp(0.4 * anxiety + 0.3 * day[6]), 0.02, 0.6)),
    )


def furnish(rng: np.random.Generator) -> Room:
    """Draw the room and the microphone of a visit."""
    return Room(
        level=_round(rng.normal(-25.0, 1.5)),
        signal_to_noise=_round(rng.uniform(30.0, 40.0)),
        response=tuple(_round(v) for v in rng.normal(0.0, 1.2, 5)),
    )


def drawn(seed: int, persona: Persona, tract: float, visit: VisitState) -> tuple[Delivery, Room]:
    """Draw the manner of speaking and the room of one visit, each from a stream of its own."""
    name = (persona.participant_id, visit.session_id)
    delivery = deliver(persona.body, tract, visit.state, stream(seed, "delivery", *name))
    return delivery, furnish(stream(seed, "room", *name))


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitState:
    """Which visit it is and the traits on that day."""

    session_id: str
    state: tuple[float, ...]


def _round(value: float) -> float:
    return round(float(value), 4)
