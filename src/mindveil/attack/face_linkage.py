"""Whose face is this? Linkage of released pictures to earlier pictures of known people."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from mindveil.attack.base import ATTACKERS, Attacker, Holding, Knowledge, LinkScores
from mindveil.attack.faces import (
    CHANNELS,
    EMBEDDING,
    EXPRESSION,
    PIXEL_CHANNELS,
    count,
    look,
    moved,
)
from mindveil.attack.groups import OWN
from mindveil.attack.line_up import link
from mindveil.attack.senses import Sense
from mindveil.corpus.model import Modality
from mindveil.release import DataRelease

_QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "embedding": (EMBEDDING,),
    "own": (OWN,),
    "pixels": PIXEL_CHANNELS,
    "expression": (EXPRESSION,),
}
"""Later questions, and the channels that answer each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceLinkage:
    """Name the person behind each released face, from earlier pictures of known people.

    The attacker pools as many released recordings as the study lets him hold and compares them
    with all that he has of each known person. An ignorant attacker compares the embeddings of a
    face encoder with those of originals. A lazy-informed one protects his originals the same way
    first, and looks at the pixels too, for the most similar picture: that undoes a blur. A
    semi-informed one practises on protected pictures of other people: he learns what still tells
    people apart in embeddings, pixels and the proportions of a face, compares with originals and
    with protected copies, and weighs all that by how well it worked. He needs 8 people with 2
    recordings to learn from; with fewer he does what the lazy-informed one does. Where a release
    holds series of expressions and no pictures, those are compared.
    ``encoder`` is an encoder of your own (see ``mindveil models``), which joins the bundled one.
    A guesser reaches ``1 / lineup``. Source: the parrot attack of Newton, Sweeney & Malin 2005
    and its trained form in McPherson, Shokri & Shmatikov 2016.

    Limits: The bundled encoder is small, and a larger one recognises more; nobody's memory of a
    face is tried, nor the web. It needs pictures of two days, and with few people to practise on it
    is weak.
    """

    encoder: str = ""

    name: ClassVar[str] = "face/linkage"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"face"})
    modality: ClassVar[str] = "face"
    holding: ClassVar[Holding] = "earlier-sessions"
    attackers: ClassVar[tuple[Attacker, ...]] = ATTACKERS

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[LinkScores, ...]:
        """Return how alike each group of released recordings is to each known person."""
        return link(release.corpus, knowledge, sense_of(self.encoder), rng)


def sense_of(encoder: str) -> Sense:
    """Return how faces are looked at, by an encoder of one's own too where one is named."""
    own = (OWN,) if encoder else ()
    naive = frozenset({EMBEDDING, *own})
    return Sense(
        medium="pictures",
        nothing="nothing can be seen",
        count=count,
        read=partial(look, encoder=encoder),
        channels=(*CHANNELS, *own),
        safe=naive.union(PIXEL_CHANNELS),
        naive=naive,
        questions=_QUESTIONS,
        singly={c: partial(moved, channel=c) for c in PIXEL_CHANNELS},
    )
