"""The surfaces of a made-up head: face and hair of the head, ears, long hair, neck.

A head is a surface over an angle around the axis of the neck and a height: two radii a height,
then bumps for brows, sockets, nose, cheeks, lips and chin. Lengths are in half face widths. Every
surface is points (rows, columns, 3), colours of the same shape and shine (rows, columns).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter

from mindveil.corpus.sample.complexion import Field, bump, paint, pair, step
from mindveil.corpus.sample.faces import Head, Look

Surface = tuple[Field, Field, Field]


def surfaces(head: Head, look: Look) -> tuple[Surface, ...]:
    """Return the surfaces of a person: the last one, neck and shoulders, does not turn."""
    return (_face(head, look), *_ears(head), _neck(head))


def _face(head: Head, look: Look) -> Surface:
    angle, t = _grid(420, 380)
    y = np.where(t < 0, t * head.chin, t * head.crown)
    wide = _profile(t, (0.0, 0.44, 0.68, 0.86, 0.96, 1.0, 0.98, 0.86, 0.56, 0.0), head)
    deep = _profile(t, (0.0, 0.66, 0.84, 0.94, 1.0, 1.02, 1.06, 1.0, 0.72, 0.0), head)
    x = wide * np.sin(angle) * head.width
    front = np.clip(np.cos(angle), 0, 1)
    z = deep * np.cos(angle) * 1.02 + front * _relief(x, y, head, look)
    colours, shine = paint(x, y, np.cos(angle), (head, look))
    hair = _hair(x, y, np.cos(angle), head)
    lift = 1 + 0.07 * hair * head.volume
    points = np.stack([x * lift, y + 0.05 * hair * head.volume * (t > 0.4), z * lift], axis=-1)
    rng = np.random.default_rng(head.texture)
    strands = gaussian_filter(rng.standard_normal(x.shape), (14, 0.8)) * 3
    tint = np.clip(np.asarray(head.hair) * (1 + 0.5 * strands)[..., None], 0, 1)
    colours = colours * (1 - hair[..., None]) + tint * hair[..., None]
    return points, colours, shine * (1 - hair) + 0.12 * hair


def _grid(rows: int, columns: int) -> tuple[Field, Field]:
    angle = np.linspace(-np.pi * 0.62, np.pi * 0.62, columns)
    # The height is a sine, so that the crown gets as many points as the cheeks.
    height = np.linspace(-1.0, 1.0, rows)
    return np.meshgrid(angle, height)


def _profile(t: Field, radii: Sequence[float], head: Head) -> Field:
    """Return radii over the height from chin (-1) to crown (1), the jaw as wide as the head's."""
    at = (-1.0, -0.9, -0.7, -0.45, -0.2, 0.1, 0.4, 0.7, 0.92, 1.0)
    jaw = np.array([1.0, head.jaw, head.jaw, 0.5 + 0.5 * head.jaw, *([1.0] * 6)])
    fine = np.linspace(-1, 1, 400)
    smooth = gaussian_filter(np.interp(fine, at, np.asarray(radii) * jaw), 9, mode="nearest")
    ends = np.sqrt(np.clip(1 - np.clip((np.abs(fine) - 0.86) / 0.14, 0, 1) ** 2, 0, 1))
    return np.asarray(np.interp(t, fine, smooth * (0.25 + 0.75 * ends) * (ends > 0)))


def _relief(x: Field, y: Field, head: Head, look: Look) -> Field:
    """Return how far the surface stands out: the shape of the face."""
    eye, mouth = (head.eye_gap, 0.2), -0.52 - head.mouth_low
    side = np.abs(x)
    ridge = np.clip((0.3 - y) / (0.3 + head.nose_length), 0, 1) * (y > -head.nose_length - 0.06)
    nose = head.nose_height * ridge * np.exp(-((side / (0.09 + 0.05 * ridge)) ** 2))
    nose *= step(y, -head.nose_length, 0.02)
    tip = 0.12 * bump(x, y, (0.0, -head.nose_length + 0.07), head.nose_width, 0.1)
    wings = 0.11 * pair(x, y, (head.nose_width, -head.nose_length + 0.05), 0.065, 0.07)
    brow = 0.07 * head.brow_ridge * pair(x, y, (eye[0], 0.39 + look.brows * 0.04), 0.26, 0.07)
    socket = -0.13 * pair(x, y, (eye[0] - 0.03, eye[1]), 0.2, 0.12)
    ball = 0.075 * pair(x, y, eye, 0.15, 0.09)
    cheek = (0.06 * head.cheek + 0.05 * look.smile) * pair(x, y, (0.46, -0.12), 0.22, 0.2)
    fold = -0.035 * (0.3 + look.smile) * _fold(side, y, mouth)
    lips = 0.075 * head.lips * bump(x, y, (0.0, mouth + 0.06), 0.24, 0.06)
    lips += 0.085 * head.lips * bump(x, y, (0.0, mouth - 0.08), 0.2, 0.06)
    lips -= 0.05 * bump(x, y, (0.0, mouth), 0.28, 0.018)
    chin = 0.09 * bump(x, y, (0.0, -head.chin * 0.82), 0.2, 0.13)
    under = -0.05 * bump(x, y, (0.0, mouth - 0.2), 0.22, 0.06)
    filtrum = -0.02 * bump(x, y, (0.0, mouth + 0.15), 0.035, 0.06)
    parts = (nose, tip, wings, brow, socket, ball, cheek, fold, lips, chin, under, filtrum)
    return np.asarray(sum(parts))


def _fold(side: Field, y: Field, mouth: float) -> Field:
    """The crease from the wing of the nose to the corner of the mouth."""
    line = 0.2 + 0.3 * (-0.18 - y)
    inside = step(-y, 0.14, 0.03) * step(y, mouth - 0.05, 0.04)
    return np.asarray(np.exp(-(((side - line) / 0.045) ** 2)) * inside)


def _hair(x: Field, y: Field, facing: Field, head: Head) -> Field:
    """Return where hair covers the head: above the hairline and behind the temples."""
    side = np.abs(x)
    line = head.hairline - 0.35 * np.clip(side - 0.35, 0, 1) ** 1.5 + head.parting * 0.15 * x
    top = step(y, 0.0, 0.02) * step(y - line, 0.0, 0.025)
    behind = step(-facing, -0.28 - 0.1 * head.fringe, 0.03) * step(y, -head.length, 0.03)
    return np.asarray(np.clip(top + behind, 0, 1) * head.cover)


def _ears(head: Head) -> list[Surface]:
    """Return the ears, or the long hair that hides them."""
    if head.length > 0.2:
        return [_mane(head)]
    angle, height = np.meshgrid(np.linspace(0, 2 * np.pi, 90), np.linspace(-1, 1, 90))
    flat = np.sqrt(np.clip(1 - height**2, 0, 1))
    made = []
    for side in (-1.0, 1.0):
        x = side * (head.width * 0.99 + 0.06 * head.ears * flat * np.cos(angle))
        y = 0.08 + 0.24 * head.ears * height
        points = np.stack([x, y, -0.05 + 0.14 * flat * np.sin(angle)], axis=-1)
        colour = np.asarray(head.skin) * np.full((*x.shape, 1), 0.92)
        made.append((points, colour, np.full(x.shape, 0.1)))
    return made


def _mane(head: Head) -> Surface:
    """Return long hair: a curtain behind the face, from the temples to its length."""
    angle, t = np.meshgrid(np.linspace(-np.pi / 2, np.pi / 2, 300), np.linspace(0, 1, 300))
    y = 0.9 - t * (1.1 + head.length)
    out = head.width * (0.9 + 0.14 * head.volume * np.sin(np.pi * np.clip(t + 0.15, 0, 1)) ** 0.5)
    wave = 1 + 0.03 * np.sin(9 * t + head.parting * 6)
    points = np.stack([out * wave * np.sin(angle), y, 0.35 * np.cos(angle) - 0.3], axis=-1)
    strands = gaussian_filter(
        np.random.default_rng(head.texture).standard_normal(t.shape), (14, 0.8)
    )
    colour = np.clip(np.asarray(head.hair) * (1 + 1.5 * strands)[..., None], 0, 1)
    return points, colour, np.full(t.shape, 0.1)


def _neck(head: Head) -> Surface:
    angle, t = np.meshgrid(np.linspace(-np.pi / 2, np.pi / 2, 420), np.linspace(0, 1, 420))
    spread = 0.52 * head.width + 1.5 * np.clip(t - 0.48, 0, 1) ** 1.1
    bow = np.cos(angle)
    points = np.stack([spread * np.sin(angle), -0.55 - 1.6 * t, 0.45 * bow * (1 + t) - 0.35], -1)
    cloth = step(t, 0.56 + 0.03 * bow, 0.008)[..., None]
    skin = np.asarray(head.skin) * (0.5 + 0.35 * np.clip(t / 0.55, 0, 1))[..., None]
    return points, skin * (1 - cloth) + np.asarray(head.cloth) * cloth, np.full(t.shape, 0.03)
