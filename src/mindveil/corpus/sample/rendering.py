"""Draw the face of somebody who does not exist: a shaded head, one picture a visit.

A head is a surface over an angle around the neck axis and a height: two radii a height, bumps for
brows, sockets, nose, cheeks, lips and chin, colours for skin, lips, eyes, brows and hair. It is
turned, lit by one lamp (Lambert and Blinn-Phong) and drawn point by point, the nearest last.
Lengths are in half face widths: eyes lie 0.2 above the origin, the mouth 0.52 below.

These are drawings, not photographs: detectors and encoders of faces take them as faces, which is
all that is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom

from mindveil.corpus.sample.faces import Head, Look

SIZE = 160
"""Pixels of a side of a picture."""
_OVER = 2
"""Points are drawn at this many times the size, then averaged."""

Field = NDArray[np.float64]


def render(head: Head, look: Look, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a picture (160, 160, 3) of a head with a look; ``rng`` adds the camera's grain."""
    layers = [_face(head, look), *_ears(head), _neck(head)]
    side = SIZE * _OVER
    picture = _background(look, side)
    depth = np.full(side * side, -np.inf)
    turn = _rotation(look.yaw, look.pitch, look.roll)
    for number, (points, colours, shine) in enumerate(layers):
        turned = points @ (turn.T if number < len(layers) - 1 else np.eye(3))
        light = _shade(turned, look, shine)
        shaded = colours * light[0][..., None] + light[1][..., None]
        _draw(picture, depth, (turned, shaded), (look, side))
    picture = picture.reshape(side, side, 3)
    picture = gaussian_filter(picture, (0.7, 0.7, 0))
    small = picture.reshape(SIZE, _OVER, SIZE, _OVER, 3).mean(axis=(1, 3))
    grain = gaussian_filter(rng.standard_normal((SIZE, SIZE, 3)), (0.6, 0.6, 0)) * 0.02
    encoded = np.clip(small * look.exposure + grain, 0, 1) ** (1 / 1.25)
    return (encoded * 255).round().astype(np.uint8)


def _bump(x: Field, y: Field, at: Sequence[float], wide: float, tall: float) -> Field:
    return np.asarray(np.exp(-(((x - at[0]) / wide) ** 2) - ((y - at[1]) / tall) ** 2))


def _pair(x: Field, y: Field, at: Sequence[float], wide: float, tall: float) -> Field:
    return _bump(np.abs(x), y, at, wide, tall)


def _step(value: Field, edge: float, soft: float) -> Field:
    return np.asarray(1 / (1 + np.exp(-(value - edge) / soft)))


def _grid(rows: int, columns: int) -> tuple[Field, Field]:
    angle = np.linspace(-np.pi * 0.62, np.pi * 0.62, columns)
    # The height is a sine, so that the crown gets as many points as the cheeks.
    height = np.linspace(-1.0, 1.0, rows)
    return np.meshgrid(angle, height)


def _face(head: Head, look: Look) -> tuple[Field, Field, Field]:
    angle, t = _grid(520, 440)
    y = np.where(t < 0, t * head.chin, t * head.crown)
    wide = _profile(t, (0.0, 0.44, 0.68, 0.86, 0.96, 1.0, 0.98, 0.86, 0.56, 0.0), head)
    deep = _profile(t, (0.0, 0.66, 0.84, 0.94, 1.0, 1.02, 1.06, 1.0, 0.72, 0.0), head)
    x = wide * np.sin(angle) * head.width
    front = np.clip(np.cos(angle), 0, 1)
    z = deep * np.cos(angle) * 1.02 + front * _relief(x, y, head, look)
    colours, shine = _paint(x, y, np.cos(angle), (head, look))
    hair = _hair(x, y, np.cos(angle), head)
    lift = 1 + 0.07 * hair * head.volume
    points = np.stack([x * lift, y + 0.05 * hair * head.volume * (t > 0.4), z * lift], axis=-1)
    rng = np.random.default_rng(head.texture)
    strands = gaussian_filter(rng.standard_normal(x.shape), (14, 0.8)) * 3
    tint = np.clip(np.asarray(head.hair) * (1 + 0.5 * strands)[..., None], 0, 1)
    colours = colours * (1 - hair[..., None]) + tint * hair[..., None]
    return points, colours, shine * (1 - hair) + 0.12 * hair


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
    nose *= _step(y, -head.nose_length, 0.02)
    tip = 0.12 * _bump(x, y, (0.0, -head.nose_length + 0.07), head.nose_width, 0.1)
    wings = 0.11 * _pair(x, y, (head.nose_width, -head.nose_length + 0.05), 0.065, 0.07)
    brow = 0.07 * head.brow_ridge * _pair(x, y, (eye[0], 0.39 + look.brows * 0.04), 0.26, 0.07)
    socket = -0.13 * _pair(x, y, (eye[0] - 0.03, eye[1]), 0.2, 0.12)
    ball = 0.075 * _pair(x, y, eye, 0.15, 0.09)
    cheek = (0.06 * head.cheek + 0.05 * look.smile) * _pair(x, y, (0.46, -0.12), 0.22, 0.2)
    fold = -0.035 * (0.3 + look.smile) * _fold(side, y, mouth)
    lips = 0.075 * head.lips * _bump(x, y, (0.0, mouth + 0.06), 0.24, 0.06)
    lips += 0.085 * head.lips * _bump(x, y, (0.0, mouth - 0.08), 0.2, 0.06)
    lips -= 0.05 * _bump(x, y, (0.0, mouth), 0.28, 0.018)
    chin = 0.09 * _bump(x, y, (0.0, -head.chin * 0.82), 0.2, 0.13)
    under = -0.05 * _bump(x, y, (0.0, mouth - 0.2), 0.22, 0.06)
    filtrum = -0.02 * _bump(x, y, (0.0, mouth + 0.15), 0.035, 0.06)
    parts = (nose, tip, wings, brow, socket, ball, cheek, fold, lips, chin, under, filtrum)
    return np.asarray(sum(parts))


def _fold(side: Field, y: Field, mouth: float) -> Field:
    """The crease from the wing of the nose to the corner of the mouth."""
    line = 0.2 + 0.3 * (-0.18 - y)
    inside = _step(-y, 0.14, 0.03) * _step(y, mouth - 0.05, 0.04)
    return np.asarray(np.exp(-(((side - line) / 0.045) ** 2)) * inside)


def _paint(x: Field, y: Field, facing: Field, who: tuple[Head, Look]) -> tuple[Field, Field]:
    """Return colours (rows, columns, 3) and shine of the skin and what lies in it."""
    head, look = who
    rng = np.random.default_rng(head.texture)
    skin = np.asarray(head.skin)
    mottle = gaussian_filter(rng.standard_normal(x.shape), 9) * 0.35
    pores = gaussian_filter(rng.standard_normal(x.shape), 1.2) * 0.06
    colour = skin * (1 + mottle + pores)[..., None]
    red = 0.16 * _pair(x, y, (0.45, -0.1), 0.22, 0.18) + 0.14 * _bump(x, y, (0, -0.15), 0.14, 0.12)
    colour = colour * (1 + red[..., None] * np.array([0.5, -0.35, -0.3]))
    shadow = 0.3 * _pair(x, y, (head.eye_gap - 0.02, 0.2), 0.2, 0.11)
    shadow += 0.35 * _bump(x, y, (0, -head.nose_length - 0.03), head.nose_width + 0.05, 0.04)
    shadow += 0.2 * _bump(x, y, (0, -0.74 - head.mouth_low), 0.2, 0.05)
    colour *= (1 - np.clip(shadow, 0, 0.8))[..., None]
    shine = np.full(x.shape, 0.16)
    front = _step(facing, 0.0, 0.05)
    for mask, tint, gloss in _details(x, y, head, look):
        cover = np.clip(mask * front, 0, 1)
        colour = colour * (1 - cover[..., None]) + np.asarray(tint) * cover[..., None]
        shine = shine * (1 - cover) + gloss * cover
    return colour, shine


def _details(
    x: Field, y: Field, head: Head, look: Look
) -> list[tuple[Field, Sequence[float], float]]:
    return [
        *_beard(x, y, head),
        *_mouth(x, y, head, look),
        *_eyes(x, y, head, look),
        *_brows(x, y, head, look),
        (_pair(x, y, (head.nose_width * 0.6, -head.nose_length + 0.005), 0.035, 0.022),
         [v * 0.25 for v in head.skin], 0.0),
        *_glasses(x, y, head),
    ]  # fmt: skip


def _beard(x: Field, y: Field, head: Head) -> list[tuple[Field, Sequence[float], float]]:
    mouth = -0.52 - head.mouth_low
    low = _step(-y - 0.25 * np.abs(x) * 0, 0.42 - 0.35 * np.clip(np.abs(x) - 0.3, 0, 1), 0.05)
    bare = 1 - _bump(x, y, (0, mouth), 0.34, 0.12)
    return [(head.beard * low * bare * 0.9, [v * 0.9 for v in head.hair], 0.05)]


def _mouth(
    x: Field, y: Field, head: Head, look: Look
) -> list[tuple[Field, Sequence[float], float]]:
    half = head.mouth_wide * (1 + 0.22 * look.smile)
    part = np.clip(np.abs(x) / half, 0, 1)
    middle = -0.52 - head.mouth_low + (0.1 * look.smile - 0.02) * part**2
    arch = np.sqrt(np.clip(1 - part**2, 0, 1))
    bow = 1 - 0.25 * np.exp(-((x / 0.05) ** 2))
    gap = (0.02 + 0.1 * look.open_mouth) * arch
    thick = 0.1 * head.lips
    over = _step(y, 0, 0.008) * 0 + 1.0
    top = _between(y, middle + gap * 0.5, middle + gap * 0.5 + thick * 0.85 * arch * bow)
    low = _between(y, middle - gap * 0.5 - thick * 1.15 * arch, middle - gap * 0.5)
    inner = _between(y, middle - gap * 0.5, middle + gap * 0.5) * over
    within = _step(half - np.abs(x), 0.0, 0.008)
    lip = np.asarray(head.skin) * np.array(head.lip_tint)
    teeth = inner * within * _step(np.asarray(0.04 + 0 * x), 0.03 / (0.2 + look.open_mouth), 0.05)
    return [
        ((top + low) * within * 0.9, list(lip), 0.35),
        (inner * within * 0.95, (0.16, 0.05, 0.05), 0.0),
        (teeth * (look.open_mouth > 0.2) * 0.9, (0.85, 0.83, 0.78), 0.3),
    ]


def _between(y: Field, low: Field, high: Field) -> Field:
    return np.asarray(_step(y - low, 0.0, 0.007) * _step(high - y, 0.0, 0.007))


def _eyes(
    x: Field, y: Field, head: Head, look: Look
) -> list[tuple[Field, Sequence[float], float]]:
    u = (np.abs(x) - head.eye_gap) / head.eye_wide
    arch = np.clip(1 - u**2, 0, 1)
    opening = head.eye_tall * look.eyes
    tilt = 0.2 + head.eye_tilt * u * 0.05
    upper = tilt + opening * arch**0.7 * 0.95
    lower = tilt - opening * arch * 0.6
    within = _between(y, lower, upper) * (np.abs(u) < 1)
    gaze = np.abs(x) - head.eye_gap - look.gaze * np.sign(x) * 0.03
    far = np.hypot(gaze, y - 0.205)
    iris = within * _step(-far, -0.085, 0.006)
    rim = iris * _step(far, 0.07, 0.006)
    pupil = within * _step(-far, -0.035, 0.005)
    spark = within * _step(-np.hypot(gaze - 0.025, y - 0.235), -0.016, 0.004)
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


def _brows(
    x: Field, y: Field, head: Head, look: Look
) -> list[tuple[Field, Sequence[float], float]]:
    u = (np.abs(x) - head.eye_gap) / (head.eye_wide * 1.35)
    line = 0.42 + 0.05 * look.brows + head.brow_arch * (0.05 - 0.06 * (u - 0.25) ** 2)
    line = line - 0.04 * look.frown * (u < 0)
    thick = head.brow_thick * (1 - 0.45 * np.clip(u, -1, 1))
    mask = np.exp(-(((y - line) / thick) ** 2)) * _step(1 - np.abs(u), 0.0, 0.05)
    return [(mask * 0.92, [v * 0.6 for v in head.hair], 0.02)]


def _glasses(x: Field, y: Field, head: Head) -> list[tuple[Field, Sequence[float], float]]:
    if not head.glasses:
        return []
    far = np.hypot((np.abs(x) - head.eye_gap) / 0.27, (y - 0.19) / 0.2)
    ring = np.exp(-(((far - 1) / 0.07) ** 2))
    bridge = np.exp(-(((y - 0.24) / 0.02) ** 2)) * (np.abs(x) < head.eye_gap - 0.27)
    arm = np.exp(-(((y - 0.24) / 0.025) ** 2)) * (np.abs(x) > head.eye_gap + 0.27)
    return [(np.clip(ring + bridge + arm, 0, 1) * 0.95, (0.06, 0.05, 0.05), 0.5)]


def _hair(x: Field, y: Field, facing: Field, head: Head) -> Field:
    """Return where hair covers the head: above the hairline and behind the temples."""
    side = np.abs(x)
    line = head.hairline - 0.35 * np.clip(side - 0.35, 0, 1) ** 1.5 + head.parting * 0.15 * x
    top = _step(y, 0.0, 0.02) * _step(y - line, 0.0, 0.025)
    behind = _step(-facing, -0.28 - 0.1 * head.fringe, 0.03) * _step(y, -head.length, 0.03)
    return np.asarray(np.clip(top + behind, 0, 1) * head.cover)


def _ears(head: Head) -> list[tuple[Field, Field, Field]]:
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


def _mane(head: Head) -> tuple[Field, Field, Field]:
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


def _neck(head: Head) -> tuple[Field, Field, Field]:
    angle, t = np.meshgrid(np.linspace(-np.pi / 2, np.pi / 2, 420), np.linspace(0, 1, 420))
    spread = 0.52 * head.width + 1.5 * np.clip(t - 0.48, 0, 1) ** 1.1
    bow = np.cos(angle)
    points = np.stack([spread * np.sin(angle), -0.55 - 1.6 * t, 0.45 * bow * (1 + t) - 0.35], -1)
    cloth = _step(t, 0.56 + 0.03 * bow, 0.008)[..., None]
    skin = np.asarray(head.skin) * (0.5 + 0.35 * np.clip(t / 0.55, 0, 1))[..., None]
    return points, skin * (1 - cloth) + np.asarray(head.cloth) * cloth, np.full(t.shape, 0.03)


def _rotation(yaw: float, pitch: float, roll: float) -> Field:
    (a, b, c), cos, sin = np.deg2rad([yaw, pitch, roll]), np.cos, np.sin
    around_y = np.array([[cos(a), 0, sin(a)], [0, 1, 0], [-sin(a), 0, cos(a)]])
    around_x = np.array([[1, 0, 0], [0, cos(b), -sin(b)], [0, sin(b), cos(b)]])
    around_z = np.array([[cos(c), -sin(c), 0], [sin(c), cos(c), 0], [0, 0, 1]])
    return np.asarray(around_z @ around_x @ around_y)


def _shade(points: Field, look: Look, shine: Field) -> tuple[Field, Field]:
    """Return how much of its colour each point shows, and the glint on it."""
    along, down = np.gradient(points, axis=1), np.gradient(points, axis=0)
    normal = np.cross(along, down)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9
    lamp = np.asarray(look.lamp) / np.linalg.norm(look.lamp)
    fill = np.array([-lamp[0], 0.15, 0.8])
    fill /= np.linalg.norm(fill)
    diffuse = 0.32 + 0.6 * np.clip(normal @ lamp, 0, 1) + 0.22 * np.clip(normal @ fill, 0, 1)
    half = lamp + np.array([0, 0, 1.0])
    half /= np.linalg.norm(half)
    return diffuse, shine * 0.5 * np.clip(normal @ half, 0, 1) ** 18


def _background(look: Look, side: int) -> Field:
    height = np.linspace(1.08, 0.85, side)[:, None, None]
    return np.asarray((np.asarray(look.wall) * height * np.ones((side, side, 1))).reshape(-1, 3))


def _draw(
    picture: Field, depth: Field, surface: tuple[Field, Field], camera: tuple[Look, int]
) -> None:
    """Draw points into a picture, the nearest last; colours between points are interpolated."""
    (points, colours), (look, side) = surface, camera
    dense = [zoom(points[..., i], 1.6, order=1) for i in range(3)]
    tints = np.stack([zoom(colours[..., i], 1.6, order=1).ravel() for i in range(3)], -1)
    nearness = 1 / (7.0 - dense[2].ravel())
    scale = side * look.scale * 6.0 * nearness
    column = (side * (0.5 + look.right) + dense[0].ravel() * scale).astype(int)
    row = (side * (0.5 - look.up) - dense[1].ravel() * scale).astype(int)
    seen = (column >= 0) & (column < side) & (row >= 0) & (row < side)
    place, near = (row * side + column)[seen], nearness[seen]
    order = np.argsort(near, kind="stable")
    place, near, tint = place[order], near[order], tints[seen][order]
    closer = near > depth[place]
    depth[place[closer]] = near[closer]
    picture[place[closer]] = tint[closer]
