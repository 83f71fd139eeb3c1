"""Who of the line-up is it? Released recordings against earlier recordings of known people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Knowledge, LinkScores, Tier
from mindveil.attack.groups import OWN, Group, Impression, in_groups, whole
from mindveil.attack.practice import Trained, practise
from mindveil.attack.score_fusion import both_ways, fuse, sure
from mindveil.attack.senses import Sense, Side, Way
from mindveil.corpus.model import Corpus
from mindveil.errors import InvalidMeasurement

Floats = NDArray[np.float64]


def link(
    released: Corpus, knowledge: Knowledge, sense: Sense, rng: np.random.Generator
) -> tuple[LinkScores, ...]:
    """Return how alike each group of released recordings is to each known person.

    The main question is the first one; a later one that no recording answers is left out.

    Raises:
        InvalidMeasurement: nobody has an earlier session, or no released recording says anything.
    """
    queries = in_groups(released, max(1, knowledge.recordings), sense.count)
    people = whole(knowledge.known, sense.count)
    if not queries or not people:
        raise InvalidMeasurement(
            f"nobody has two sessions with {sense.medium}: linkage enrols on an earlier session"
        )
    known: dict[Side, Corpus] = {"original": knowledge.known}
    if knowledge.protect is not None:
        known["protected"] = knowledge.protect(knowledge.known, rng)
    trained = None
    if knowledge.attacker == "semi-informed":
        trained = practise(knowledge, sense, rng)
    line_up = _LineUp(
        sense=sense,
        queries=queries,
        people=people,
        released={c: sense.read(c, released) for c in sense.channels},
        known=known,
    )
    if not any(np.isfinite(seen.plain).any() for seen in line_up.released.values()):
        raise InvalidMeasurement(f"{sense.nothing} in any of the released {sense.medium}")
    found = line_up.plainly() if trained is None else line_up.as_trained(trained)
    light: Tier = "light" if trained is None else "trained"
    return tuple(
        LinkScores(
            queries=tuple(g.person for g in queries),
            candidates=tuple(g.person for g in people),
            scores=scores,
            tier="external" if OWN in sense.channels else light,
            setting=setting,
            curves=not setting,
        )
        for setting, scores in found.items()
        if not setting or np.isfinite(scores).any()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _LineUp:
    """The released recordings as each channel sees them, and whom they are compared with."""

    sense: Sense
    queries: tuple[Group, ...]
    people: tuple[Group, ...]
    released: Mapping[str, Impression]
    known: Mapping[Side, Corpus]

    def plainly(self) -> dict[str, Floats]:
        """Return scores by question without learning, the headline first.

        The naive attacker uses what is of use against originals; who has protected copies uses
        all that is safe. Where none of it answers, whatever else there is must do.
        """
        side: Side = "protected" if "protected" in self.known else "original"
        channels = tuple(self.released)
        scores = np.stack([self._scores(self.sense.way(c, side)) for c in channels])
        used = self.sense.safe if side == "protected" else self.sense.naive
        headline = np.array([c in used for c in channels])
        if not np.isfinite(scores[headline]).any():
            headline = ~headline
        return self._by_question(scores, sure(scores, headline.astype(np.float64)), channels)

    def as_trained(self, trained: Trained) -> dict[str, Floats]:
        """Return scores by question: all ways as they were learned to be weighed, then each."""
        scores = np.stack([self._scores(way) for way in trained.ways])
        weights = trained.weights if trained.learned else sure(scores, trained.weights)
        return self._by_question(scores, weights, [w.channel for w in trained.ways])

    def _scores(self, way: Way) -> Floats:
        corpus = self.known[way.side]
        theirs = {g.person: g for g in whole(corpus, self.sense.count)}
        nobody = tuple[int, ...]()
        # also where a copy of the corpus has lost somebody, everybody keeps a column
        columns = [theirs.get(g.person, Group(person=g.person, rows=nobody)) for g in self.people]
        known = self.sense.read(way.channel, corpus)
        return both_ways(way.score(self.released[way.channel], self.queries, known, columns))

    def _by_question(
        self, scores: Floats, weights: Floats, channels: Sequence[str]
    ) -> dict[str, Floats]:
        """Return the fused scores of all ways under "", then of those that answer each question."""
        found = {"": fuse(scores, weights / weights.sum())}
        for question, asked in self.sense.questions.items():
            mine = np.array([c in asked for c in channels])
            if mine.any():
                part = np.where(mine, weights, 0.0)
                part = part if part.sum() > 0 else mine.astype(np.float64)
                found[question] = fuse(scores, part / part.sum())
        return found
