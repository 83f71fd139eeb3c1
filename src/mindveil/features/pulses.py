"""The pulses of the vocal folds, one after another, found by waveform matching.

From each pulse the next one is looked for about a period on, where the sound is most like itself
(the method of the Praat manual's "Sound & Pitch: To PointProcess (cc)"); there the excitation says
where exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.features.pitch import PitchTrack
from mindveil.features.sound import RATE, STEP, Sound

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

CHAIN_LIKENESS = 0.5
"""A chain of pulses ends where the sound a period on is less like itself than this."""

FADED = 0.5
"""A chain ends where a pulse is less than this share of the largest of the three before it: what
is left is ringing."""

BRIDGED = 4
"""Unvoiced frames within a voiced stretch: rough voices lose their track for a moment."""

SHORTEST = 5
"""Periods in a stretch of voice that are worth a chain."""

REACH = 0.2
"""Share of a period by which the next one may be shorter or longer than the pitch track says."""

_SLACK = 0.1


def find_chains(sound: Sound, track: PitchTrack, pulses: Floats) -> Iterator[Places]:
    """Yield chains (pulses,) of places in samples, in order; a voiced stretch gives one or more.

    ``pulses`` is the excitation of the sound, turned so that its pulses point up.
    """
    known = np.flatnonzero(track.voiced)
    frames = np.interp(np.arange(len(track.hz)), known, RATE / track.hz[known])
    walk = _Walk(
        samples=sound.samples,
        power=np.concatenate([[0.0], np.cumsum(sound.samples**2)]),
        pulses=pulses,
        periods=frames,
    )
    stops = np.flatnonzero(np.diff(known) > BRIDGED + 1)
    edges = np.column_stack([known[np.r_[0, stops + 1]], known[np.r_[stops, -1]] + 1])
    for begin, end in (edges * STEP * RATE).round().astype(int):
        found: list[Places] = []
        _search(walk, int(begin), min(int(end), len(pulses)), 0.0, found)
        yield from sorted(found, key=lambda marks: int(marks[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    samples: Floats
    power: Floats
    pulses: Floats
    periods: Floats

    def period_at(self, place: int) -> float:
        frame = min(int(place / RATE / STEP), len(self.periods) - 1)
        return float(self.periods[frame])


def _search(walk: _Walk, begin: int, end: int, least: float, found: list[Places]) -> None:
    """Collect the chains between two places, the one through the largest usual pulse first."""
    period = int(walk.period_at(begin))
    if end - begin < SHORTEST * period:
        return
    blocks = walk.pulses[begin : end - (end - begin) % period].reshape(-1, period)
    tops = blocks.max(axis=1)
    usual = float(np.median(tops))
    # A click is no pulse of the vocal folds, and none of the vocal folds' pulses is like it.
    block = int(np.argmax(np.where(tops <= 2 * usual, tops, -np.inf)))
    seed = begin + block * period + int(np.argmax(blocks[block]))
    if walk.pulses[seed] <= least:
        return
    chain = [*_steps(walk, seed, (begin, end), -1)[:0:-1], *_steps(walk, seed, (begin, end), 1)]
    found.append(np.array(chain, dtype=np.intp))
    least = max(least, FADED**2 * usual)
    _search(walk, begin, chain[0] - 1, least, found)
    _search(walk, chain[-1] + 1, end, least, found)


def _steps(walk: _Walk, seed: int, bounds: tuple[int, int], way: int) -> list[int]:
    chain = [seed]
    while (place := _next_pulse(walk, chain[-1], way * walk.period_at(chain[-1]))) is not None:
        largest = walk.pulses[chain[-3:]].max()
        if not bounds[0] <= place < bounds[1] or walk.pulses[place] < FADED * largest:
            break
        chain.append(place)
    return chain


def _next_pulse(walk: _Walk, place: int, period: float) -> int | None:
    """Return the pulse one period on (or back, if negative); None where nothing is like it."""
    half, reach = int(abs(period) / 2), int(abs(period) * REACH)
    centre, size = place + round(period), 2 * half + 1
    low = centre - reach - half
    if min(place - half, low) < 0 or max(place, centre + reach) + half >= len(walk.samples):
        return None
    own = walk.samples[place - half : place + half + 1]
    there = walk.samples[low : centre + reach + half + 1]
    total = walk.power[low : low + size + 2 * reach + 1]
    energy = (total[size:] - total[:-size]) * float(own @ own)
    likeness = np.correlate(there, own, mode="valid") / np.sqrt(np.maximum(energy, 1e-30))
    best = int(likeness.argmax())
    if likeness[best] < CHAIN_LIKENESS:
        return None
    # Matching drifts; the pulse itself does not.
    near, slack = centre - reach + best, max(1, int(abs(period) * _SLACK))
    return near - slack + int(np.argmax(walk.pulses[near - slack : near + slack + 1]))
