"""What the face of somebody who does not exist is like, and how it looks at one visit.

``Head`` stays with the person, ``Look`` changes from visit to visit: expression, pose, lamp,
camera. People who are depressed smile less and hold the head stiller (Girard et al. 2014,
doi:10.1016/j.imavis.2013.12.007); the sizes are ours, modest ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.sample.personas import Persona

Colour = tuple[float, float, float]

_SKINS: tuple[Colour, ...] = (
    (0.90, 0.72, 0.62),
    (0.84, 0.64, 0.52),
    (0.78, 0.58, 0.44),
    (0.66, 0.46, 0.33),
    (0.52, 0.35, 0.25),
    (0.40, 0.26, 0.18),
)
_HAIRS: tuple[Colour, ...] = (
    (0.07, 0.06, 0.06),
    (0.14, 0.09, 0.07),
    (0.26, 0.16, 0.10),
    (0.40, 0.27, 0.15),
    (0.62, 0.47, 0.28),
    (0.46, 0.20, 0.09),
)
_GREY: Colour = (0.58, 0.57, 0.56)
_IRISES: tuple[Colour, ...] = (
    (0.20, 0.12, 0.07),
    (0.28, 0.19, 0.10),
    (0.25, 0.38, 0.48),
    (0.30, 0.38, 0.26),
)
_CLOTHES: tuple[Colour, ...] = ((0.2, 0.25, 0.4), (0.45, 0.2, 0.2), (0.25, 0.35, 0.28))


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stays with a person; lengths in half face widths, colours linear red, green, blue."""

    width: float
    chin: float
    crown: float
    jaw: float
    brow_ridge: float
    cheek: float
    lips: float
    nose_length: float
    nose_height: float
    nose_width: float
    mouth_low: float
    mouth_wide: float
    eye_gap: float
    eye_wide: float
    eye_tall: float
    eye_tilt: float
    brow_thick: float
    brow_arch: float
    ears: float
    skin: Colour
    lip_tint: Colour
    iris: Colour
    hair: Colour
    hairline: float
    parting: float
    volume: float
    length: float
    fringe: float
    cover: float
    beard: float
    glasses: bool
    cloth: Colour
    texture: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One moment: expression (0 to 1, brows and gaze -1 to 1), pose in degrees, lamp, camera."""

    smile: float = 0.0
    open_mouth: float = 0.0
    brows: float = 0.0
    frown: float = 0.0
    eyes: float = 1.0
    gaze: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    lamp: Colour = (0.4, 0.5, 0.8)
    exposure: float = 1.0
    scale: float = 0.31
    right: float = 0.0
    up: float = 0.0
    wall: Colour = (0.6, 0.62, 0.64)


def draw_head(persona: Persona, rng: np.random.Generator) -> Head:
    """Draw a person's head: eight proportions from the body, the rest from ``rng``."""
    who, face = persona.identity, np.clip(persona.body.face, -2.2, 2.2)
    more = np.clip(rng.standard_normal(12), -2, 2)
    woman = who.sex == "female" or (who.sex == "other" and bool(rng.random() < 0.5))
    skin = _SKINS[_tone(who.nationality, rng)]
    hair, iris = _hair_and_iris(skin, who.age, rng)
    bald = not woman and who.age > 35 and bool(rng.random() < 0.3)
    beard = 0.0 if woman or rng.random() < 0.55 else float(rng.uniform(0.4, 1.0))
    return Head(
        width=0.93 + 0.045 * face[0],
        chin=1.2 + 0.07 * face[1] + (0.0 if woman else 0.06),
        crown=1.38 + 0.03 * more[0],
        jaw=(0.86 if woman else 0.97) + 0.06 * face[2],
        brow_ridge=(0.6 if woman else 1.2) + 0.3 * more[1],
        cheek=1.0 + 0.6 * more[2],
        lips=(1.1 if woman else 0.85) + 0.2 * face[3],
        nose_length=0.22 + 0.045 * face[4],
        nose_height=0.26 + 0.04 * more[3],
        nose_width=0.14 + 0.02 * face[5],
        mouth_low=0.035 * more[4] + 0.02 * face[4],
        mouth_wide=0.32 + 0.03 * more[5],
        eye_gap=0.38 + 0.028 * face[6],
        eye_wide=0.18 + 0.014 * more[6],
        eye_tall=0.075 + 0.011 * face[7],
        eye_tilt=0.5 * more[7],
        brow_thick=(0.032 if woman else 0.045) * (1 + 0.25 * more[8]),
        brow_arch=1.0 + 0.5 * more[9],
        ears=1.0 + 0.12 * more[10],
        skin=skin,
        lip_tint=(0.95, 0.62, 0.64) if woman else (0.93, 0.74, 0.72),
        iris=iris,
        hair=hair,
        hairline=0.86 + 0.07 * more[11] + (0.3 if bald else 0.0),
        parting=float(rng.uniform(-1, 1)),
        volume=float(rng.uniform(0.5, 1.8)),
        length=float(rng.uniform(0.3, 1.1)) if woman else float(rng.uniform(-0.4, -0.05)),
        fringe=float(rng.uniform(-1, 1)),
        cover=1.0,
        beard=beard,
        glasses=bool(rng.random() < 0.25),
        cloth=_CLOTHES[0],
        texture=int(rng.integers(2**31)),
    )


def _tone(nationality: str, rng: np.random.Generator) -> int:
    """Draw a skin tone: origin shifts the chances, no origin rules any tone out."""
    chances = np.array([0.3, 0.26, 0.16, 0.12, 0.09, 0.07])
    if nationality not in {"British", "Irish", "Polish"}:
        chances = chances[::-1]
    return int(rng.choice(len(chances), p=chances / chances.sum()))


def _hair_and_iris(skin: Colour, age: int, rng: np.random.Generator) -> tuple[Colour, Colour]:
    dark = skin[0] < 0.75
    hair = _HAIRS[int(rng.integers(2 if dark else len(_HAIRS)))]
    iris = _IRISES[int(rng.integers(2 if dark else len(_IRISES)))]
    if rng.random() < (age - 40) / 40:
        part = float(rng.uniform(0.4, 1.0))
        grey = [part * g + (1 - part) * h for g, h in zip(_GREY, hair, strict=True)]
        hair = (grey[0], grey[1], grey[2])
    return hair, iris


def draw_look(expressivity: float, state: tuple[float, ...], rng: np.random.Generator) -> Look:
    """Draw the moment of a visit's picture; ``state`` holds the traits on that day."""
    depression, anxiety = np.clip(state[:2], -2.5, 2.5)
    day = np.clip(rng.standard_normal(10), -2, 2)
    smiling = rng.random() < np.clip(0.35 + 0.3 * expressivity - 0.12 * depression, 0.05, 0.9)
    return Look(
        smile=float(rng.uniform(0.4, 1.0)) if smiling else float(rng.uniform(0.0, 0.15)),
        open_mouth=float(rng.uniform(0.0, 0.6)) * bool(rng.random() < 0.4),
        brows=float(np.clip(0.4 * day[0], -1, 1)),
        frown=float(np.clip(0.2 + 0.2 * depression + 0.2 * day[1], 0, 1)),
        eyes=float(np.clip(0.98 - 0.04 * depression + 0.05 * anxiety + 0.08 * day[2], 0.7, 1.2)),
        gaze=float(0.4 * day[3]),
        yaw=float(7 * day[4]),
        pitch=float(3.0 * day[5] + 2.0 * depression),
        roll=float(2.5 * day[6]),
        lamp=(float(rng.uniform(-0.8, 0.8)), float(rng.uniform(0.2, 0.8)), 0.9),
        exposure=float(np.clip(1.0 + 0.07 * day[7], 0.8, 1.2)),
        scale=float(0.31 + 0.014 * day[8]),
        right=float(0.02 * day[9]),
        wall=_wall(rng),
    )


def _wall(rng: np.random.Generator) -> Colour:
    tone: NDArray[np.float64] = rng.uniform(0.35, 0.75) + rng.uniform(-0.05, 0.05, 3)
    return float(tone[0]), float(tone[1]), float(tone[2])
