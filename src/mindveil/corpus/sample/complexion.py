"""The colours of a made-up face: skin, eyes, brows, lips, beard, glasses, by place on the face.

``x`` and ``y`` are places seen from the front in half face widths: eyes lie 0.2 above the origin,
the mouth 0.52 below. Masks go from 0 to 1; colours are linear red, green, blue.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from mindveil.corpus.sample.faces import Head, Look

Field = NDArray[np.float64]
Layer = tuple[Field, Sequence[float], float]
"""Where it covers the face, its colour, how much it shines."""


def bump(x: Field, y: Field, at: Sequence[float], wide: float, tall: float) -> Field:
    """Return a bump of height 1 at a place, so wide and so tall."""
    return np.asarray(np.exp(-(((x - at[0]) / wide) ** 2) - ((y - at[1]) / tall) ** 2))


def pair(x: Field, y: Field, at: Sequence[float], wide: float, tall: float) -> Field:
    """Return two bumps, left and right of the middle."""
    return bump(np.abs(x), y, at, wide, tall)


def step(value: Field, edge: Field | float, soft: float) -> Field:
    """Return a soft step from 0 to 1 where a value passes an edge."""
    return np.asarray(1 / (1 + np.exp(-(value - edge) / soft)))


def paint(x: Field, y: Field, facing: Field, who: tuple[Head, Look]) -> tuple[Field, Field]:
    """Return colours (rows, columns, 3) and shine of the skin and what lies in it."""
    head, look = who
    rng = np.random.default_rng(head.texture)
    skin = np.asarray(head.skin)
    mottle = gaussian_filter(rng.standard_normal(x.shape), 9) * 0.35
    pores = gaussian_filter(rng.standard_normal(x.shape), 1.2) * 0.06
    colour = skin * (1 + mottle + pores)[..., None]
    red = 0.16 * pair(x, y, (0.45, -0.1), 0.22, 0.18) + 0.14 * bump(x, y, (0, -0.15), 0.14, 0.12)
    colour = colour * (1 + red[..., None] * np.array([0.5, -0.35, -0.3]))
    shadow = 0.3 * pair(x, y, (head.eye_gap - 0.02, 0.2), 0.2, 0.11)
    shadow += 0.35 * bump(x, y, (0, -head.nose_length - 0.03), head.nose_width + 0.05, 0.04)
    shadow += 0.2 * bump(x, y, (0, -0.74 - head.mouth_low), 0.2, 0.05)
    colour *= (1 - np.clip(shadow, 0, 0.8))[..., None]
    shine = np.full(x.shape, 0.16)
    front = step(facing, 0.0, 0.05)
    for mask, tint, gloss in _details(x, y, head, look):
        cover = np.clip(mask * front, 0, 1)
        colour = colour * (1 - cover[..., None]) + np.asarray(tint) * cover[..., None]
        shine = shine * (1 - cover) + gloss * cover
    return colour, shine


def _details(x: Field, y: Field, head: Head, look: Look) -> list[Layer]:
    return [
        *_beard(x, y, head),
        *_mouth(x, y, head, look),
        *_eyes(x, y, head, look),
        *_brows(x, y, head, look),
        (pair(x, y, (head.nose_width * 0.6, -head.nose_length + 0.005), 0.035, 0.022),
         [v * 0.25 for v in head.skin], 0.0),
        *_glasses(x, y, head),
    ]  # fmt: skip


def _beard(x: Field, y: Field, head: Head) -> list[Layer]:
    mouth = -0.52 - head.mouth_low
    low = step(-y, 0.42 - 0.35 * np.clip(np.abs(x) - 0.3, 0, 1), 0.05)
    bare = 1 - bump(x, y, (0, mouth), 0.34, 0.12)
    return [(head.beard * low * bare * 0.9, [v * 0.9 for v in head.hair], 0.05)]


def _mouth(x: Field, y: Field, head: Head, look: Look) -> list[Layer]:
    half = head.mouth_wide * (1 + 0.22 * look.smile)
    part = np.clip(np.abs(x) / half, 0, 1)
    middle = -0.52 - head.mouth_low + (0.1 * look.smile - 0.02) * part**2
    arch = np.sqrt(np.clip(1 - part**2, 0, 1))
    bow = 1 - 0.25 * np.exp(-((x / 0.05) ** 2))
    gap = (0.02 + 0.1 * look.open_mouth) * arch
    thick = 0.1 * head.lips
    top = _between(y, middle + gap * 0.5, middle + gap * 0.5 + thick * 0.85 * arch * bow)
    low = _between(y, middle - gap * 0.5 - thick * 1.15 * arch, middle - gap * 0.5)
    inner = _between(y, middle - gap * 0.5, middle + gap * 0.5)
    within = step(half - np.abs(x), 0.0, 0.008)
    lip = np.asarray(head.skin) * np.array(head.lip_tint)
    teeth = inner * within * step(y, middle, 0.01) * float(look.open_mouth > 0.2)
    return [
        ((top + low) * within * 0.9, list(lip), 0.35),
        (inner * within * 0.95, (0.16, 0.05, 0.05), 0.0),
        (teeth * 0.9, (0.85, 0.83, 0.78), 0.3),
    ]


def _between(y: Field, low: Field, high: Field) -> Field:
    return np.asarray(step(y - low, 0.0, 0.007) * step(high - y, 0.0, 0.007))


def _eyes(x: Field, y: Field, head: Head, look: Look) -> list[Layer]:
    u = (np.abs(x) - head.eye_gap) / head.eye_wide
    arch = np.clip(1 - u**2, 0, 1)
    opening = head.eye_tall * look.eyes
    tilt = 0.2 + head.eye_tilt * u * 0.05
    upper = tilt + opening * arch**0.7 * 0.95
    lower = tilt - opening * arch * 0.6
    within = _between(y, lower, upper) * (np.abs(u) < 1)
    gaze = np.abs(x) - head.eye_gap - look.gaze * np.sign(x) * 0.03
    far = np.hypot(gaze, y - 0.205)
    iris = within * step(-far, -0.085, 0.006)
    rim = iris * step(far, 0.07, 0.006)
    pupil = within * step(-far, -0.035, 0.005)
    spark = within * step(-np.hypot(gaze - 0.025, y - 0.235), -0.016, 0.004)
    lid = np.exp(-(((y - upper) / 0.016) ** 2)) * (np.abs(u) < 1.03)
    crease = np.exp(-(((y - upper - 0.05) / 0.014) ** 2)) * (np.abs(u) < 0.95) * arch
    edge = np.exp(-(((y - lower) / 0.012) ** 2)) * (np.abs(u) < 1.0)
    dark = [v * 0.35 for v in head.skin]
    return [
        (within, (0.84, 0.81, 0.78), 0.3),
        (iris, head.iris, 0.4),
        (rim, [v * 0.4 for v in head.iris], 0.2),
        (pupil, (0.02, 0.02, 0.02), 0.5),
        (spark, (1.0, 1.0, 1.0), 0.5),
        (crease * 0.5, dark, 0.0),
        (edge * 0.4, dark, 0.0),
        (np.asarray(lid) * 0.95, (0.07, 0.05, 0.05), 0.0),
    ]


def _brows(x: Field, y: Field, head: Head, look: Look) -> list[Layer]:
    u = (np.abs(x) - head.eye_gap) / (head.eye_wide * 1.35)
    line = 0.42 + 0.05 * look.brows + head.brow_arch * (0.05 - 0.06 * (u - 0.25) ** 2)
    line = line - 0.04 * look.frown * (u < 0)
    thick = head.brow_thick * (1 - 0.45 * np.clip(u, -1, 1))
    mask = np.exp(-(((y - line) / thick) ** 2)) * step(1 - np.abs(u), 0.0, 0.05)
    return [(mask * 0.92, [v * 0.6 for v in head.hair], 0.02)]


def _glasses(x: Field, y: Field, head: Head) -> list[Layer]:
    if not head.glasses:
        return []
    far = np.hypot((np.abs(x) - head.eye_gap) / 0.27, (y - 0.19) / 0.2)
    ring = np.exp(-(((far - 1) / 0.07) ** 2))
    bridge = np.exp(-(((y - 0.24) / 0.02) ** 2)) * (np.abs(x) < head.eye_gap - 0.27)
    arm = np.exp(-(((y - 0.24) / 0.025) ** 2)) * (np.abs(x) > head.eye_gap + 0.27)
    return [(np.clip(ring + bridge + arm, 0, 1) * 0.95, (0.06, 0.05, 0.05), 0.5)]
