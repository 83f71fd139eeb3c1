"""Whose voice goes with these words? One modality of a record against another one of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.answer_stability import same_person
from mindveil.attack.base import Attacker, Holding, Knowledge, LinkScores, Tier
from mindveil.attack.modality_measures import Told, background, tell
from mindveil.attack.score_fusion import both_ways, fuse
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InvalidMeasurement
from mindveil.release import DataRelease

Floats = NDArray[np.float64]

PAIRS: tuple[tuple[Modality, Modality], ...] = (
    ("voice", "text"),
    ("face", "text"),
    ("voice", "scales"),
    ("text", "scales"),
    ("face", "scales"),
    ("voice", "face"),
)
"""What is released, and what is known of people."""

LEAST_TEACHERS = 8
_PARTS = 5
_SMOOTHNESS = (0.1, 1.0, 10.0, 100.0)
"""Times the number of columns: how much a mapping is drawn to the mean."""
_MOST = 0.9
_TINY = 1e-9


def question(released: Modality, known: Modality) -> str:
    """Return how a pair is called.

    >>> question("voice", "text")
    'voice to text'
    """
    return f"{released} to {known}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossModal:
    """Name the person behind a released modality from another modality of known people.

    Recordings are released apart, each under codes of its own, so that nobody can put a voice
    beside a transcript. The attacker has transcripts, faces or questionnaires of the very visits
    (from another part of the release, or from a clinic) and asks which is the person of this
    voice. What both tell of her is compared: how close words come to symptoms, pitch and pauses,
    expressions, answers; each mapped to the other and both to age, sex and burden by ridge
    regressions, and counted by how well a mapping does for reference people it was not learned
    from. The ignorant attacker learns from originals, the semi-informed one from protected
    recordings beside originals of the other modality. A pair of which fewer than 8 reference
    people have both is asked of nobody (its scores are empty): what was not learned would pass
    for safe. The headline joins all pairs; a guesser reaches ``1 / lineup``. Source: cross-modal biometric matching (Nagrani,
    Albanie & Zisserman 2018).

    Limits: It knows only what age, sex, manner and symptoms share between kinds of recordings, so
    that it is weak with few people. Whoever knows the person may see more.
    """

    name: ClassVar[str] = "fused/cross-modal"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "fused"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("ignorant", "semi-informed")

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[LinkScores, ...]:
        """Return how alike each released record is to each known person, a pair at a time.

        Raises:
            InvalidMeasurement: no pair of modalities has enough people to learn from.
        """
        taught, tier = _teachers(knowledge, rng)
        sides = _Sides(
            released=release.corpus, known=knowledge.known, taught=taught, truth=knowledge.reference
        )
        there = [p for p in PAIRS if sides.are_there(*p)]
        compared = {question(*p): sides.compare(*p, rng) for p in there}
        found = {name: scores for name, scores in compared.items() if scores is not None}
        if not found:
            raise InvalidMeasurement(
                f"fewer than {LEAST_TEACHERS} reference people have two modalities of one visit: "
                "how they go together cannot be learned"
            )
        stacked = np.stack([*found.values()])
        joined = fuse(stacked, np.full(len(stacked), 1 / len(stacked)))
        people = release.corpus.ids, knowledge.known.ids
        nothing = np.full(joined.shape, -np.inf)
        return tuple(
            _among(*people, nothing if scores is None else scores, tier, setting)
            for setting, scores in {"": joined, **compared}.items()
        )


def _teachers(knowledge: Knowledge, rng: np.random.Generator) -> tuple[Corpus, Tier]:
    """Return reference people as they would be released; as they are where that is refused."""
    protected = knowledge.protected(knowledge.reference, rng)
    return (knowledge.reference, "light") if protected is None else (protected, "trained")


def _among(
    records: Sequence[str], known: Sequence[str], scores: Floats, tier: Tier, setting: str
) -> LinkScores:
    """Return the scores among those records and people of whom there is anything to compare."""
    there = np.isfinite(scores)
    rows = [int(i) for i in np.flatnonzero(there.any(axis=1))]
    columns = [int(i) for i in np.flatnonzero(there.any(axis=0))]
    kept = scores[np.ix_(rows, columns)]
    return LinkScores(
        queries=tuple(records[i] for i in rows),
        candidates=tuple(known[i] for i in columns),
        scores=np.asarray(np.round(np.where(np.isfinite(kept), kept, 0.0), 9), dtype=np.float64),
        tier=tier,
        setting=setting,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """Released people and their teachers (of what is released), known ones and theirs."""

    released: Corpus
    known: Corpus
    taught: Corpus
    truth: Corpus
    told: dict[tuple[str, Modality], Told] = field(default_factory=dict)

    def are_there(self, released: Modality, known: Modality) -> bool:
        """Whether anything of one was released, and of the other is known."""
        return released in self.released.modalities and known in self.known.modalities

    def compare(
        self, released: Modality, known: Modality, rng: np.random.Generator
    ) -> Floats | None:
        """Return how alike each record and each known person are; None where too few teach it.

        Shape (records, known people), normalised both ways, -inf where one of the two has nothing.
        """
        probe, held = self._tell("released", released), self._tell("known", known)
        one, two = self._tell("taught", released), self._tell("truth", known)
        both = tuple(p for p in one.there if p in frozenset(two.there))
        if len(both) < LEAST_TEACHERS or not probe.there or not held.there:
            return None
        there = learn(one.of(both), two.of(both), rng)
        back = learn(two.of(both), one.of(both), rng)
        beside = background(self.truth)
        mine = learn(one.of(one.there), beside.of(one.there), rng)
        theirs = learn(two.of(two.there), beside.of(two.there), rng)
        told = [
            same_person(there.map(probe.rows), held.rows, there.trust),
            same_person(back.map(held.rows), probe.rows, back.trust).T,
            same_person(mine.map(probe.rows), theirs.map(held.rows), mine.trust * theirs.trust),
        ]
        return fuse(np.stack([both_ways(t) for t in told]), np.ones(len(told)))

    def _tell(self, side: str, modality: Modality) -> Told:
        if (side, modality) not in self.told:
            corpora: Mapping[str, Corpus] = {
                "released": self.released,
                "known": self.known,
                "taught": self.taught,
                "truth": self.truth,
            }
            self.told[side, modality] = tell(corpora[side], modality)
        return self.told[side, modality]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """A ridge regression from one modality to another, and how far each column is to be trusted."""

    weights: Floats
    trust: Floats

    def map(self, rows: Floats) -> Floats:
        """Return what is expected of people, in units of its own spread; NaN rows stay NaN."""
        return np.asarray(rows @ self.weights, dtype=np.float64)


def learn(rows: Floats, wanted: Floats, rng: np.random.Generator) -> Bridge:
    """Return the mapping of rows (n, d) to what is wanted of the same people (n, m).

    How smooth it is, and the trust in each column, come from people who were left out in turn: the
    correlation of what was expected of them with what they had, less what chance leaves at so
    many people. A column that a person lacks counts at its mean.
    """
    wanted = np.where(np.isfinite(wanted), wanted, 0.0)
    count = len(rows)
    part = rng.permutation(count) % min(_PARTS, count)
    best, least = -np.inf, _SMOOTHNESS[0]
    trust, spread = np.zeros(wanted.shape[1]), np.ones(wanted.shape[1])
    for smoothness in _SMOOTHNESS:
        expected = np.empty_like(wanted)
        for one in range(part.max() + 1):
            out = part == one
            expected[out] = rows[out] @ _ridge(rows[~out], wanted[~out], smoothness)
        seen = np.clip(_correlations(expected, wanted) - 1 / np.sqrt(count), 0.0, _MOST)
        if seen.mean() > best:
            best, least, trust = float(seen.mean()), smoothness, seen
            spread = np.maximum(np.sqrt((expected**2).mean(axis=0)), _TINY)
    if not trust.any():  # nothing is known to go together: everything counts a little
        trust = np.full(len(trust), 1 / np.sqrt(count))
    return Bridge(weights=_ridge(rows, wanted, least) / spread, trust=trust)


def _ridge(rows: Floats, wanted: Floats, smoothness: float) -> Floats:
    """Return the weights (d, m) of a ridge regression; people are fewer than columns."""
    kernel = rows @ rows.T + smoothness * rows.shape[1] * np.eye(len(rows))
    return np.asarray(rows.T @ np.linalg.solve(kernel, wanted), dtype=np.float64)


def _correlations(one: Floats, two: Floats) -> Floats:
    one, two = one - one.mean(axis=0), two - two.mean(axis=0)
    size = np.sqrt((one**2).sum(axis=0) * (two**2).sum(axis=0))
    return np.asarray((one * two).sum(axis=0) / np.maximum(size, _TINY), dtype=np.float64)
