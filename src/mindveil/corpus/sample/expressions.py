"""How the face of somebody who does not exist moves in eight seconds of a visit.

A series of ratios of the face and the turning of the head, ten times a second: what a person's
face is at rest (that identifies), what the day and the camera add, and what happens: smiles, brow
flashes, blinks, talking, turning. With depression smiles get rarer and smaller and the head
stiller (Girard et al. 2014, doi:10.1016/j.imavis.2013.12.007), with anxiety blinks and small
movements of the head more frequent; the sizes are ours, modest ones.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mindveil.corpus.sample.personas import Body

PER_SECOND = 10
SECONDS = 8
_SESSION = 0.25
"""How far a visit shifts a face at rest, as a share of how people differ."""

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One column: mean at rest, spread between people, what each movement adds, jitter.

    ``smile``, ``brows``, ``talk``, ``blink``, ``turn`` are what a full movement adds.
    """

    rest: float
    people: float
    smile: float = 0.0
    brows: float = 0.0
    talk: float = 0.0
    blink: float = 0.0
    turn: float = 0.0
    jitter: float = 0.01


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "brow-height": Measure(rest=0.36, people=0.025, brows=0.06, smile=0.005),
        "brow-gap": Measure(rest=0.445, people=0.012, brows=0.01, jitter=0.005),
        "mouth-width": Measure(rest=0.85, people=0.03, smile=0.18, talk=-0.03),
        "mouth-opening": Measure(rest=0.03, people=0.008, smile=0.03, talk=0.1, jitter=0.005),
        "lip-corners": Measure(rest=0.05, people=0.01, smile=0.06, jitter=0.005),
        "lip-thickness": Measure(rest=0.265, people=0.015, smile=-0.03, jitter=0.005),
        "jaw-drop": Measure(rest=0.89, people=0.045, talk=0.08),
        "cheek-height": Measure(rest=0.59, people=0.03, smile=-0.03),
        "eye-opening": Measure(rest=0.23, people=0.022, blink=-0.2, brows=0.02, smile=-0.03),
        "head-yaw": Measure(rest=0.0, people=2.0, turn=6.0, jitter=0.3),
        "head-pitch": Measure(rest=-4.0, people=3.0, turn=4.0, jitter=0.3),
        "head-roll": Measure(rest=0.0, people=1.5, turn=2.5, jitter=0.2),
    }
)
"""The columns of a series, in order, without ``seconds``.

Rest and spread are about what the mesh reads off the pictures of this cohort.
"""

_MOVEMENTS = ("smile", "brows", "talk", "blink")


def draw_series(body: Body, state: tuple[float, ...], rng: np.random.Generator) -> Series:
    """Draw the series (80, columns) of one visit; ``state`` holds the traits on that day."""
    frames = PER_SECOND * SECONDS
    moving = movements(body.expressivity, state, rng)
    rest = at_rest(body)
    drawn = np.empty((frames, len(MEASURES)))
    stillness, fidget = _head(state)
    for column, (name, measure) in enumerate(MEASURES.items()):
        day = _SESSION * measure.people * rng.standard_normal()
        values = np.full(frames, rest[name] + day)
        for movement in _MOVEMENTS:
            values += float(getattr(measure, movement)) * moving[movement]
        if measure.turn:
            slow, quick = _wander(frames, 1.5, rng), _wander(frames, 0.15, rng)
            values += measure.turn * (stillness * slow + 0.3 * fidget * quick)
        drawn[:, column] = values + measure.jitter * rng.standard_normal(frames)
    return drawn


def at_rest(body: Body) -> Mapping[str, float]:
    """Return a person's face at rest, by column: set by the eight proportions of the body."""
    mixing = np.random.default_rng(8).standard_normal((len(MEASURES), len(body.face)))
    mixing /= np.linalg.norm(mixing, axis=1, keepdims=True)
    spread = mixing @ np.asarray(body.face)
    return {
        n: m.rest + m.people * float(s) for (n, m), s in zip(MEASURES.items(), spread, strict=True)
    }


def movements(
    expressivity: float, state: tuple[float, ...], rng: np.random.Generator
) -> Mapping[str, Series]:
    """Draw how far each movement has gone at each frame, from 0 to about 1."""
    depression, anxiety = np.clip(state[:2], -2.5, 2.5)
    liveliness = 0.5 + expressivity
    day = np.exp(0.25 * rng.standard_normal(3))
    smiles = 0.25 * liveliness * np.exp(-0.3 * depression) * day[0]
    flashes = 0.3 * liveliness * np.exp(-0.12 * depression) * day[1]
    blinks = 0.3 * np.exp(0.15 * anxiety) * day[2]
    frames = PER_SECOND * SECONDS
    talk = np.clip(_wander(frames, 0.12, rng) + 0.3, 0, 2) * (_wander(frames, 1.0, rng) > -0.4)
    return {
        "smile": _events(smiles, 1.6, liveliness * np.exp(-0.15 * depression), rng),
        "brows": _events(flashes, 0.7, liveliness, rng),
        "blink": np.clip(_events(blinks, 0.25, 1.3, rng), 0, 1),
        "talk": np.asarray(talk * 0.6),
    }


def _head(state: tuple[float, ...]) -> tuple[float, float]:
    depression, anxiety = np.clip(state[:2], -2.5, 2.5)
    return float(np.exp(-0.22 * depression)), float(np.exp(0.3 * anxiety))


def _events(rate: float, lasting: float, size: float, rng: np.random.Generator) -> Series:
    """Return bumps that start at ``rate`` a second and last ``lasting`` seconds."""
    at = np.arange(PER_SECOND * SECONDS) / PER_SECOND
    track = np.zeros(len(at))
    for _ in range(int(rng.poisson(rate * SECONDS))):
        start = rng.uniform(-lasting / 2, SECONDS - lasting / 2)
        long = lasting * np.exp(0.25 * rng.standard_normal())
        part = np.clip((at - start) / long, 0, 1)
        track = np.maximum(track, size * rng.uniform(0.4, 1.0) * np.sin(np.pi * part) ** 2)
    return track


def _wander(frames: int, memory: float, rng: np.random.Generator) -> Series:
    """Return a random walk that is drawn back to 0 within ``memory`` seconds, of variance 1."""
    keep = float(np.exp(-1 / (memory * PER_SECOND)))
    track, value = np.empty(frames), rng.standard_normal()
    for frame, step in enumerate(rng.standard_normal(frames)):
        value = keep * value + np.sqrt(1 - keep**2) * step
        track[frame] = value
    return track


def series_bytes(values: Series) -> bytes:
    """Return a series as the bytes of a Parquet table: seconds, then the columns, as float32."""
    seconds = np.arange(len(values), dtype=np.float32) / PER_SECOND
    columns = {"seconds": seconds} | {
        name: values[:, i].astype(np.float32) for i, name in enumerate(MEASURES)
    }
    sink = io.BytesIO()
    pq.write_table(
        pa.table(columns),
        sink,
        compression="zstd",
        use_dictionary=False,
        write_statistics=False,
        store_schema=False,
    )
    return sink.getvalue()
