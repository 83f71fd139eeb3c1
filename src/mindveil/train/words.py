"""Words as numbers for a detector that promises something: every constant is public.

What a private learner may not buy with its budget are directions, so they are given to it: how
near a person's words come to sentences about symptoms of our own making, what forecasts taught by
made-up people say of them, or fixed directions of the encoder's space. Those people do not exist
(:mod:`~.public_words`), so nothing that they teach has to be paid for; and no row depends on anybody
else's words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Literal

import numpy as np
from safetensors.numpy import load

from mindveil.features import weights
from mindveil.features.blocks import ENCODER, text_encoder, text_rows
from mindveil.features.text import ANCHORS, Domain, anchor_sentences
from mindveil.store.cache import digest
from mindveil.train.base import Floats, Part

Inputs = Literal["contrasts", "anchors", "components", "projection", "all"]
"""How words become numbers: contrasts of symptom anchors, every anchor, principal components of
other text, a random projection of the meaning, or everything."""

WELL: Domain = "wellbeing"
SYMPTOMS: tuple[Domain, ...] = ("depression", "anxiety")
"""What is contrasted with being well, and forecast; the others are rarely spoken of."""
PROJECTED = 64
NEAR, SPREAD = 0.2, 0.05
"""Of people's nearness to an anchor: in the sample cohort .15 and .02 over all passages, .30 and .05
over the nearest."""
SHIPPED = "public_words.safetensors"
_SEED = 20261122


@dataclass(frozen=True, slots=True, kw_only=True)
class Directions:
    """The middle of the encoder's space, shape (384,), and principal axes through it (384, 64).

    ``along`` and ``spread`` are how far passages of made-up people lie from the middle: along one
    of the axes, and along any direction (root mean squares).
    """

    centre: Floats
    axes: Floats
    along: float
    spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """Lines from symptoms to scores of depression and anxiety that made-up people taught.

    ``weights`` has shape (2 x anchors, 2); ``middle`` and ``reach`` (2,) are where a person would
    lie who is neither ill nor well, and how far away one who says nothing but our own sentences
    about being ill, or well.
    """

    weights: Floats
    middle: Floats
    reach: Floats


def word_rows(documents: Sequence[Sequence[str]], inputs: Inputs) -> Floats:
    """Return one row a person, NaN for those without a word; ``documents`` are a person's texts."""
    meaning, symptoms = text_rows(documents)
    if inputs == "contrasts":
        return contrasts(symptoms)
    if inputs == "anchors":
        return _anchored(symptoms)
    found = directions()
    moved = meaning - found.centre
    if inputs == "components":
        return _times(moved, found.axes) / found.along
    if inputs == "projection":
        return _times(moved, _random_axes(moved.shape[1])) / found.spread
    # Every column of a block is scaled alike: a ridge regression finds what it finds in the raw one.
    return np.hstack([moved / found.spread, (symptoms - NEAR) / (2.0 * SPREAD)])


def word_parts(inputs: Inputs) -> tuple[Part, ...]:
    """Return what a row of words consists of."""
    anchors = 2 * len(anchor_sentences())
    widths: Mapping[Inputs, tuple[tuple[str, int], ...]] = {
        "contrasts": (("contrasts", 2 * len(SYMPTOMS)),),
        "anchors": (("anchors", anchors),),
        "components": (("components", PROJECTED),),
        "projection": (("projection", PROJECTED),),
        "all": (("meaning", len(directions().centre)), ("anchors", anchors)),
    }
    return tuple(Part(modality="text", name=n, width=w) for n, w in widths[inputs])


def words_digest() -> str:
    """Return the name of all that words are read with: encoder, anchors and shipped directions."""
    shipped = hashlib.sha256(_shipped()).hexdigest()
    return digest([weights.digest(ENCODER), shipped, *anchor_sentences()])


def contrasts(symptoms: Floats) -> Floats:
    """Return how much more a person sounds ill than well, within -1..1, shape (people, 4).

    First the nearness to sentences about depression, and about anxiety, less that to sentences
    about being well; then the forecasts that made-up people taught. 0 is in the middle of what
    our own sentences about being ill and well come to; nobody talks of nothing else, so half of
    the way to those of one kind is already 1 for nearness, and all of it for a forecast, both bent
    (tanh) so that no one is ever beyond. ``symptoms`` has shape (people, 2 x anchors).
    """
    middle, reach = _ends()
    near = (against_well(symptoms[:, : symptoms.shape[1] // 2]) - middle) / (reach / 2.0)
    lines = forecasts()
    expected = (_times(symptoms, lines.weights) - lines.middle) / lines.reach
    return np.tanh(np.hstack([near, expected]))


def against_well(cosines: Floats) -> Floats:
    """Return nearness to symptoms less that to being well; (people, anchors) to (people, 2)."""
    means = dict(zip(ANCHORS, domain_means(cosines).T, strict=True))
    return np.column_stack([means[domain] - means[WELL] for domain in SYMPTOMS])


def domain_means(cosines: Floats) -> Floats:
    """Return the mean over the anchors of each domain; (people, anchors) to (people, domains)."""
    ends = np.cumsum([0, *map(len, ANCHORS.values())])
    return np.column_stack([cosines[:, a:b].mean(axis=1) for a, b in pairwise(ends)])


@cache
def directions() -> Directions:
    """Return the shipped directions, read off made-up people (:mod:`~.public_words`)."""
    stored = load(_shipped())
    return Directions(
        centre=stored["centre"].astype(np.float64),
        axes=stored["axes"].astype(np.float64),
        along=float(stored["spread"][0]),
        spread=float(stored["spread"][1]),
    )


@cache
def forecasts() -> Forecasts:
    """Return the shipped forecasts, taught by made-up people (:mod:`~.public_words`)."""
    stored = load(_shipped())
    return Forecasts(
        weights=stored["weights"].astype(np.float64),
        middle=stored["middle"].astype(np.float64),
        reach=stored["reach"].astype(np.float64),
    )


def _anchored(symptoms: Floats) -> Floats:
    """Return how near each anchor is beside the mean over all anchors, less what is usual.

    What is usual is read off the anchors alone: how near each is to the others.
    """
    half = symptoms.shape[1] // 2
    parts = (symptoms[:, :half], symptoms[:, half:])
    beside = [one - one.mean(axis=1, keepdims=True) for one in parts]
    return np.hstack([(one - _usual()) / (2.0 * SPREAD) for one in beside])


def _times(rows: Floats, matrix: Floats) -> Floats:
    """Return the product, each row alone: who else is read changes no last bit of a row."""
    made = [row @ matrix for row in rows]
    return np.stack(made) if made else np.zeros((0, matrix.shape[1]))


@cache
def _between_anchors() -> Floats:
    """Return the cosines between all anchors, shape (anchors, anchors)."""
    vectors = text_encoder().encode(anchor_sentences()).astype(np.float64)
    return np.asarray(vectors @ vectors.T)


@cache
def _ends() -> tuple[Floats, Floats]:
    """Return the middle between being ill and being well for each contrast, and the way to either."""
    raw = against_well(_between_anchors())
    told = dict(zip(ANCHORS, domain_means(raw.T).T, strict=True))
    ill = np.array([told[domain][place] for place, domain in enumerate(SYMPTOMS)])
    well = told[WELL]
    return (ill + well) / 2.0, (ill - well) / 2.0


@cache
def _usual() -> Floats:
    cosines = _between_anchors()
    others = (cosines.sum(axis=0) - 1.0) / (len(cosines) - 1)
    return np.asarray(others - others.mean())


@cache
def _random_axes(dimensions: int) -> Floats:
    """Return orthonormal axes of a fixed draw, shape (dimensions, 64)."""
    drawn = np.random.default_rng(_SEED).standard_normal((dimensions, PROJECTED))
    return np.asarray(np.linalg.qr(drawn)[0])


@cache
def _shipped() -> bytes:
    return files(__package__).joinpath(SHIPPED).read_bytes()
