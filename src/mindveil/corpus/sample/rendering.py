"""Draw the face of somebody who does not exist: a shaded head, one picture a visit.

The surfaces of a head are turned, lit by one lamp (Lambert and Blinn-Phong) with a weak fill
light, and drawn point by point, the nearest last. These are drawings, not photographs: detectors
and encoders of faces take them as faces, which is all that is claimed.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom

from mindveil.corpus.sample.complexion import Field
from mindveil.corpus.sample.faces import Head, Look
from mindveil.corpus.sample.surfaces import surfaces

SIZE = 160
"""Pixels of a side of a picture."""
_OVER = 2
"""Points are drawn at this many times the size, then averaged."""
_QUALITY = 90


def render(head: Head, look: Look, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a picture (160, 160, 3) of a head with a look; ``rng`` adds the camera's grain."""
    layers = surfaces(head, look)
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
    return np.asarray((encoded * 255).round(), dtype=np.uint8)


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
    dense = [zoom(points[..., i], 1.5, order=1) for i in range(3)]
    tints = np.stack([zoom(colours[..., i], 1.5, order=1).ravel() for i in range(3)], -1)
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


def picture_bytes(picture: NDArray[np.uint8]) -> bytes:
    """Return a picture as the bytes of a JPEG without metadata: about 6 kB."""
    from PIL import Image  # noqa: PLC0415 - only those who build the cohort need it

    sink = io.BytesIO()
    Image.fromarray(picture).save(sink, "JPEG", quality=_QUALITY, optimize=True)
    return sink.getvalue()
