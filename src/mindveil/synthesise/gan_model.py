"""A trained generator network: its weights, and how people are drawn from it without torch.

A person is a latent vector and a cell (which of the first scales are above their cut-off). The
network turns them into one latent answer an item; the item adds logistic noise of its own size
and is cut at its thresholds. A nominal answer is the largest of its logits after Gumbel noise,
and a coin weighted by a logit of its own decides whether a group of answers is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import ndtri

from mindveil.errors import InputError
from mindveil.release import Guarantee
from mindveil.store.cache import Json
from mindveil.synthesise.base import Tensors
from mindveil.synthesise.codebook import MISSING, Codebook, Codes
from mindveil.synthesise.gan_gaps import Gaps, gaps_from_json, gaps_to_json
from mindveil.synthesise.gan_layout import Floats, Layout, Whole, layout_of

NAMES = frozenset(
    {
        *("bias", "cells", "first", "first.bias", "last"),
        *("noise", "second", "second.bias", "skip", "thresholds"),
    }
)
SLOPE = 0.2
"""Of the leaky rectifier, below 0."""

_CHUNK = 8192
"""People a pass, so that a large release needs no more memory than a small one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GanModel:
    """A generator of coded tables; ``weights`` are all that it knows.

    ``skip`` (latents + cells, outputs) is the straight path and ``first``, ``second``, ``last``
    the bent one; ``noise`` is the size of every ordered variable's own noise, ``thresholds`` its
    cuts, ``cells`` the share of people in each cell. ``settings`` says how it was trained,
    ``gaps`` what is missing together.
    """

    kind: ClassVar[str] = "gan"

    codebook: Codebook
    people: int
    weights: Tensors
    settings: Mapping[str, Json]
    gaps: Gaps
    guarantee: Guarantee | None = None

    def draw(self, people: int, rng: np.random.Generator) -> Codes:
        """Return a table of new people, shape (people, variables)."""
        layout = layout_of(self.codebook, self.gaps)
        cells = allotted(self.weights["cells"].astype(np.float64), people, rng)
        parts = [
            _answers(self.weights, layout, cells[start : start + _CHUNK], rng)
            for start in range(0, people, _CHUNK)
        ]
        return np.concatenate(parts) if parts else np.empty((0, len(self.codebook.names)), np.int16)

    def tensors(self) -> Tensors:
        """Return the network's weights, thresholds and noise sizes."""
        return self.weights

    def facts(self) -> Mapping[str, Json]:
        """Return how it was trained and what is missing together."""
        return {"settings": dict(self.settings), "gaps": gaps_to_json(self.gaps)}

    @classmethod
    def restored(
        cls,
        codebook: Codebook,
        people: int,
        guarantee: Guarantee | None,
        tensors: Tensors,
        facts: Mapping[str, Json],
    ) -> GanModel:
        """Return the model that was saved, or raise InputError where a tensor does not fit."""
        gaps, settings = gaps_from_json(facts.get("gaps"), codebook), facts.get("settings")
        _check(layout_of(codebook, gaps), tensors)
        return cls(
            codebook=codebook,
            people=people,
            weights=dict(tensors),
            settings=dict(settings) if isinstance(settings, Mapping) else {},
            gaps=gaps,
            guarantee=guarantee,
        )


def allotted(shares: Floats, people: int, rng: np.random.Generator) -> Whole:
    """Share people out among cells in proportion, in an order that says nothing.

    Every cell gets its share rounded up or down (systematic sampling), so that the prevalence of
    a release strays from the fitted one by less than chance would have it.
    """
    edges = np.cumsum(shares) / shares.sum()
    places = (np.arange(people) + rng.random()) / max(people, 1)
    cells = np.minimum(np.searchsorted(edges, places, side="right"), len(shares) - 1)
    return rng.permutation(cells)


def spread_latents(people: int, size: int, rng: np.random.Generator) -> Floats:
    """Return standard normal latents, spread evenly along each axis (a Latin hypercube).

    Everybody's are normal and independent of each other; among people they stray less from a
    bell curve than by chance, so that prevalences do as well (McKay, Beckman & Conover 1979).
    """
    places = rng.permuted(np.tile(np.arange(people)[:, None], size), axis=0)
    return np.asarray(ndtri((places + rng.random((people, size))) / people))


def outputs_of(weights: Tensors, latents: Floats, cells: Whole) -> Floats:
    """Return what the network says of people: latents, nominal logits, missing logits."""
    asked = np.eye(len(weights["cells"]))[cells]
    given = np.hstack([latents, asked])
    held = {name: np.asarray(w, dtype=np.float64) for name, w in weights.items()}
    inner = _bent(given @ held["first"] + held["first.bias"])
    inner = _bent(inner @ held["second"] + held["second.bias"])
    return np.asarray(given @ held["skip"] + held["bias"] + inner @ held["last"])


def latent_size(weights: Tensors) -> int:
    """Return how many numbers a person is drawn from."""
    return len(weights["skip"]) - len(weights["cells"])


def _answers(weights: Tensors, layout: Layout, cells: Whole, rng: np.random.Generator) -> Codes:
    people, count = len(cells), len(layout.ordered)
    said = outputs_of(weights, spread_latents(people, latent_size(weights), rng), cells)
    repeats = layout.gaps.repeats
    codes = np.empty((people, count + len(layout.nominal) + len(repeats)), dtype=np.int16)
    own = rng.logistic(size=(people, count)) * weights["noise"]
    reached = (said[:, :count] + own)[:, layout.steps_of] > weights["thresholds"]
    codes[:, layout.ordered] = reached @ layout.step_owner.T
    logits = said[:, count : count + len(layout.cells_of)]
    logits = logits + rng.gumbel(size=logits.shape)
    for place, variable in enumerate(layout.nominal):
        codes[:, variable] = logits[:, layout.cells_of == place].argmax(axis=1)
    odds = said[:, count + len(logits.T) :]
    gone = rng.logistic(size=odds.shape) < odds
    for repeat in repeats:
        codes[:, repeat.variable], gone = repeat.written(gone)
    for place, group in enumerate(layout.gaps.groups):
        codes[np.ix_(gone[:, place], np.array(group))] = MISSING
    return codes


def _bent(values: Floats) -> Floats:
    return np.asarray(np.maximum(values, SLOPE * values))


def _check(layout: Layout, tensors: Tensors) -> None:
    """Refuse weights that were not trained on such a table."""
    if set(tensors) != NAMES:
        raise InputError(f"a saved GAN holds {', '.join(sorted(NAMES))}; train it again")
    count = len(tensors["cells"])
    inputs, hidden = len(tensors["skip"]), len(tensors["second"])
    expected: dict[str, tuple[int, ...]] = {
        "bias": (layout.outputs,),
        "cells": (count,),
        "first": (inputs, hidden),
        "first.bias": (hidden,),
        "last": (hidden, layout.outputs),
        "noise": (len(layout.ordered),),
        "second": (hidden, hidden),
        "second.bias": (hidden,),
        "skip": (inputs, layout.outputs),
        "thresholds": (len(layout.steps_of),),
    }
    wrong = [name for name, shape in expected.items() if tensors[name].shape != shape]
    if wrong or not 0 < count <= inputs:
        raise InputError(f"a saved GAN does not fit its codebook ({', '.join(wrong)}); train again")
    if not np.all(tensors["cells"] >= 0) or not tensors["cells"].sum() > 0:
        raise InputError("a saved GAN has no people in any cell; train it again")
