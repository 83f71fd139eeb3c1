"""Words as numbers for a detector that promises something: every constant is public.

What a private learner may not buy with its budget are directions, so they are given to it: how
near a person's words come to sentences about symptoms of our own making, or fixed directions of
the encoder's space. Centres and scales come from those sentences and from the sample cohort, whose
people do not exist; no row depends on anybody else's words.
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
"""What is contrasted with being well; the others are rarely spoken of."""
PROJECTED = 64
NEAR, SPREAD = 0.2, 0.05
"""Of people's nearness to an anchor: in the sample cohort .15 and .02 over all passages, .30 and .05
over the nearest."""
COMPONENTS = "components.safetensors"
_SEED = 20261122


@dataclass(frozen=True, slots=True, kw_only=True)
class Directions:
    """The middle of the encoder's space, shape (384,), and directions through it (384, 64).

    ``spread`` is how far the passages of the sample cohort lie from the middle along the first.
    """

    centre: Floats
    axes: Floats
    spread: float


def word_rows(documents: Sequence[Sequence[str]], inputs: Inputs) -> Floats:
    """Return one row a person, NaN for those without a word; ``documents`` are a person's texts."""
    meaning, symptoms = text_rows(documents)
    if inputs == "contrasts":
        return contrasts(symptoms)
    if inputs == "anchors":
        return _anchored(symptoms)
    found = directions()
    moved = (meaning - found.centre) / (3.0 * found.spread)
    if inputs == "components":
        return np.asarray(moved @ found.axes)
    if inputs == "projection":
        return np.asarray(moved @ _random_axes(moved.shape[1]))
    # Every column of a block is scaled alike: a ridge regression finds what it finds in the raw one.
    return np.hstack([moved, (symptoms - NEAR) / (3.0 * SPREAD)])


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
    """Return how much more a person sounds like an illness than like being well.

    For depression and anxiety, over all passages, then over the nearest passages: 1 is what our
    own sentences about the illness come to, -1 those about being well. ``symptoms`` has shape
    (people, 2 x anchors), the result (people, 4).
    """
    half = symptoms.shape[1] // 2
    middle, reach = _ends()
    raw = (_against_well(symptoms[:, :half]), _against_well(symptoms[:, half:]))
    return np.hstack([(one - middle) / reach for one in raw])


@cache
def directions() -> Directions:
    """Return what is shipped: read off the sample cohort by :mod:`mindveil.train.public_words`."""
    stored = load(_shipped())
    return Directions(
        centre=stored["centre"].astype(np.float64),
        axes=stored["axes"].astype(np.float64),
        spread=float(stored["spread"][0]),
    )


def _anchored(symptoms: Floats) -> Floats:
    """Return how near each anchor is beside the mean over all anchors, less what is usual.

    What is usual is read off the anchors alone: how near each is to the others.
    """
    half = symptoms.shape[1] // 2
    parts = (symptoms[:, :half], symptoms[:, half:])
    beside = [one - one.mean(axis=1, keepdims=True) for one in parts]
    return np.hstack([(one - _usual()) / (3.0 * SPREAD) for one in beside])


def _against_well(cosines: Floats) -> Floats:
    """Return the nearness to symptoms less that to being well, shape (people, symptoms)."""
    means = dict(zip(ANCHORS, _domain_means(cosines).T, strict=True))
    return np.column_stack([means[domain] - means[WELL] for domain in SYMPTOMS])


def _domain_means(cosines: Floats) -> Floats:
    """Return the mean over the anchors of each domain; (people, anchors) to (people, domains)."""
    ends = np.cumsum([0, *map(len, ANCHORS.values())])
    return np.column_stack([cosines[:, a:b].mean(axis=1) for a, b in pairwise(ends)])


@cache
def _between_anchors() -> Floats:
    """Return the cosines between all anchors, shape (anchors, anchors)."""
    vectors = text_encoder().encode(anchor_sentences()).astype(np.float64)
    return np.asarray(vectors @ vectors.T)


@cache
def _ends() -> tuple[Floats, Floats]:
    """Return the middle between being ill and being well for each contrast, and the way to either.

    A sentence about depression is to count as 1 on average, one about being well as -1.
    """
    raw = _against_well(_between_anchors())
    told = dict(zip(ANCHORS, _domain_means(raw.T).T, strict=True))
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
    return files(__package__).joinpath(COMPONENTS).read_bytes()
