"""Whose face is this? Linkage of released pictures to earlier pictures of known people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import ATTACKERS, Attacker, Holding, Knowledge, LinkScores, Tier
from mindveil.attack.faces import (
    CHANNELS,
    EMBEDDING,
    EXPRESSION,
    OWN,
    PIXEL_CHANNELS,
    count,
    look,
    moved,
)
from mindveil.attack.groups import Group, Impression, in_groups, whole
from mindveil.attack.practice import Sense, Side, Trained, Way, practise
from mindveil.attack.score_fusion import both_ways, fuse
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InvalidMeasurement
from mindveil.release import DataRelease

Floats = NDArray[np.float64]

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
        queries = in_groups(release.corpus, max(1, knowledge.recordings), count)
        people = whole(knowledge.known, count)
        if not queries or not people:
            raise InvalidMeasurement(
                "nobody has two sessions with pictures: linkage enrols on an earlier session"
            )
        sense = sense_of(self.encoder)
        known: dict[Side, Corpus] = {"original": knowledge.known}
        if knowledge.protect is not None:
            known["protected"] = knowledge.protect(knowledge.known, rng)
        trained = None
        if knowledge.attacker == "semi-informed":
            trained = practise(knowledge, sense, rng)
        stand = _Stand(
            sense=sense,
            queries=queries,
            people=people,
            released={c: sense.read(c, release.corpus) for c in sense.channels},
            known=known,
        )
        if not any(np.isfinite(seen.plain).any() for seen in stand.released.values()):
            raise InvalidMeasurement("nothing can be seen in any released picture")
        found = stand.plainly() if trained is None else stand.as_trained(trained)
        light: Tier = "light" if trained is None else "trained"
        tier: Tier = "external" if self.encoder else light
        return tuple(
            LinkScores(
                queries=tuple(g.person for g in queries),
                candidates=tuple(g.person for g in people),
                scores=scores,
                tier=tier,
                setting=setting,
                curves=not setting,
            )
            for setting, scores in found.items()
            if not setting or np.isfinite(scores).any()
        )


def sense_of(encoder: str) -> Sense:
    """Return how faces are looked at, by an encoder of one's own too where one is named."""
    own = (OWN,) if encoder else ()
    return Sense(
        count=count,
        read=partial(look, encoder=encoder),
        channels=(*CHANNELS, *own),
        safe=frozenset({*PIXEL_CHANNELS, EMBEDDING, *own}),
        singly={c: partial(moved, channel=c) for c in PIXEL_CHANNELS},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stand:
    """The released recordings as each channel sees them, and whom they are compared with."""

    sense: Sense
    queries: tuple[Group, ...]
    people: tuple[Group, ...]
    released: Mapping[str, Impression]
    known: Mapping[Side, Corpus]

    def plainly(self) -> dict[str, Floats]:
        """Return scores by question without learning, the headline first.

        The naive attacker has a face encoder and nothing else; who has protected copies looks
        at pixels as well. Without any picture, what a face does is all there is.
        """
        side: Side = "protected" if "protected" in self.known else "original"
        channels = tuple(self.released)
        scores = np.stack([self._scores(self.sense.way(c, side)) for c in channels])
        used = self.sense.safe
        if side == "original":
            used = used.difference(PIXEL_CHANNELS)
        headline = np.array([c in used for c in channels])
        if not np.isfinite(scores[headline]).any():
            headline = ~headline
        return _by_question(scores, headline.astype(np.float64), channels)

    def as_trained(self, trained: Trained) -> dict[str, Floats]:
        """Return scores by question: all ways as they were learned to be weighed, then each."""
        scores = np.stack([self._scores(way) for way in trained.ways])
        return _by_question(scores, trained.weights, [w.channel for w in trained.ways])

    def _scores(self, way: Way) -> Floats:
        corpus = self.known[way.side]
        theirs = {g.person: g for g in whole(corpus, count)}
        nobody = tuple[int, ...]()
        # also where a copy of the corpus has lost somebody, everybody keeps a column
        columns = [theirs.get(g.person, Group(person=g.person, rows=nobody)) for g in self.people]
        known = self.sense.read(way.channel, corpus)
        return both_ways(way.score(self.released[way.channel], self.queries, known, columns))


def _by_question(scores: Floats, weights: Floats, channels: Sequence[str]) -> dict[str, Floats]:
    """Return the fused scores of all ways under "", then of those that answer each question."""
    found = {"": fuse(scores, weights / weights.sum())}
    for question, asked in _QUESTIONS.items():
        mine = np.array([c in asked for c in channels])
        if mine.any():
            part = np.where(mine, weights, 0.0)
            part = part if part.sum() > 0 else mine.astype(np.float64)
            found[question] = fuse(scores, part / part.sum())
    return found
