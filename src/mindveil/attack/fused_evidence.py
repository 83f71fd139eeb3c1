"""What each modality says of every released person against every known one, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.answer_stability import link_answers
from mindveil.attack.authorship import Authorship
from mindveil.attack.base import ATTACKERS, Knowledge, LinkScores, Tier
from mindveil.attack.face_linkage import FaceLinkage
from mindveil.attack.score_fusion import Block, both_ways
from mindveil.attack.speaker_linkage import SpeakerLinkage
from mindveil.attack.visits import divided
from mindveil.corpus.model import MODALITIES, Corpus, Modality, Participant
from mindveil.errors import InvalidMeasurement, MindveilError
from mindveil.release import DataRelease

Floats = NDArray[np.float64]
Link = Callable[[DataRelease, Knowledge, np.random.Generator], LinkScores]
"""An attack by one modality: its main question."""

LEAST_TEACHERS = 8
_STRONGEST_TIER: tuple[Tier, ...] = ("light", "trained", "external")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What every modality says of the same queries and candidates, on one scale.

    ``scores`` holds a matrix (queries, candidates) a modality, normalised both ways; a pair of
    which a modality has nothing is -inf. A person is a query once for each recording (or group
    of so many as the attacker pools) of the modality that there is most of.
    """

    queries: tuple[str, ...]
    candidates: tuple[str, ...]
    scores: Mapping[Modality, Floats]
    tier: Tier
    silent: tuple[Modality, ...] = ()
    """Modalities that both sides have and that could not be compared."""

    def stacked(self, modalities: Iterable[Modality]) -> Floats:
        """Return the scores of some modalities, (k, queries, candidates)."""
        return np.stack([self.scores[m] for m in modalities])


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """The attacks by single modalities that are joined; encoders of one's own where named."""

    voice_encoder: str = ""
    face_encoder: str = ""

    def link(self, modality: Modality) -> Link:
        """Return the attack by one modality."""
        found: dict[Modality, Link] = {
            "text": _link_words,
            "voice": lambda *told: SpeakerLinkage(encoder=self.voice_encoder).run(*told)[0],
            "face": lambda *told: FaceLinkage(encoder=self.face_encoder).run(*told)[0],
            "scales": link_answers,
        }
        return found[modality]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """Protected copies that were made once, for all who ask for some of the people again."""

    originals: Mapping[str, Participant] = field(repr=False)
    copies: Mapping[str, Participant] = field(repr=False)
    made: Corpus = field(repr=False)

    @classmethod
    def of(cls, corpus: Corpus, protected: Corpus) -> Copies:
        """Keep what was made of a corpus."""
        return cls(
            originals={p.participant_id: p for p in corpus.participants},
            copies={p.participant_id: p for p in protected.participants},
            made=protected,
        )

    def __call__(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the copies of these people's visits; whoever was not protected is left out."""
        _ = rng
        people = []
        for person in corpus.participants:
            copy = self.copies.get(person.participant_id)
            if copy is not None:
                mine = self.originals[person.participant_id]
                place = {s.session_id: i for i, s in enumerate(mine.sessions)}
                kept = tuple(copy.sessions[place[s.session_id]] for s in person.sessions)
                people.append(replace(copy, sessions=kept))
        return self.made.with_people(people)


def copied_once(knowledge: Knowledge, rng: np.random.Generator) -> Knowledge:
    """Return the same knowledge, with everybody protected once for all modalities.

    A protection that refuses reference people (they are fewer than its k, say) leaves none to
    learn from; one that refuses the known people leaves them as they were recorded.
    """
    if knowledge.protect is None:
        return knowledge
    try:
        known = Copies.of(knowledge.known, knowledge.protect(knowledge.known, rng))
    except MindveilError:
        return replace(knowledge, protect=None)
    if knowledge.attacker != ATTACKERS[-1]:
        return replace(knowledge, protect=known)
    try:
        others = Copies.of(knowledge.reference, knowledge.protect(knowledge.reference, rng))
    except MindveilError:
        nobody = knowledge.reference.with_people(())
        return replace(knowledge, protect=known, reference=nobody)
    both = Copies(
        originals={**others.originals, **known.originals},
        copies={**others.copies, **known.copies},
        made=known.made,
    )
    return replace(knowledge, protect=both)


def gather(
    release: DataRelease, knowledge: Knowledge, engines: Engines, rng: np.random.Generator
) -> Evidence:
    """Return what every modality says that the release and what is known have in common.

    Raises:
        InvalidMeasurement: no modality can be compared.
    """
    shared = release.corpus.modalities & knowledge.known.modalities
    found: dict[Modality, LinkScores] = {}
    faults = []
    for modality in (m for m in MODALITIES if m in shared):
        try:
            scored = engines.link(modality)(release, knowledge, rng)
        except InvalidMeasurement as fault:
            faults.append(f"{modality}: {fault}")
            continue
        told = scored.scores[np.isfinite(scored.scores)]
        if told.size and np.ptp(told) > 0:
            found[modality] = scored
    if not found:
        why = "; ".join(faults) or "release and earlier visits have no modality in common"
        raise InvalidMeasurement(f"nothing can be joined: {why}")
    queries = _queries(release.corpus.ids, found.values())
    return Evidence(
        queries=queries,
        candidates=knowledge.known.ids,
        scores={m: _placed(s, queries, knowledge.known.ids) for m, s in found.items()},
        tier=max((s.tier for s in found.values()), key=_STRONGEST_TIER.index),
        silent=tuple(m for m in MODALITIES if m in shared and m not in found),
    )


def rehearse(
    knowledge: Knowledge,
    engines: Engines,
    modalities: Sequence[Modality],
    rng: np.random.Generator,
) -> tuple[Block, ...]:
    """Return what each modality says of reference people, of whom the attacker knows the truth.

    One half plays the release and the known people while the other one teaches, and the other
    way round. A modality that a half has nothing of is missing there. Empty where there are too
    few people to learn from.
    """
    if knowledge.attacker != ATTACKERS[-1] or knowledge.protect is None:
        return ()
    later, earlier = divided(knowledge.reference, knowledge.recordings)
    if len(later.ids) < LEAST_TEACHERS:
        return ()
    protected = knowledge.protect(later, rng)
    order = [later.ids[i] for i in rng.permutation(len(later.ids))]
    halves = frozenset(order[::2]), frozenset(order[1::2])
    blocks = []
    for half, others in (halves, halves[::-1]):
        shown = DataRelease(name="rehearsal", corpus=protected.select(half))
        mine = replace(
            knowledge,
            known=earlier.select(half),
            reference=knowledge.reference.select(others),
        )
        try:
            seen = gather(shown, mine, engines, rng)
        except InvalidMeasurement:
            continue
        blocks.append(_block(seen, modalities))
    return tuple(blocks)


def _link_words(release: DataRelease, knowledge: Knowledge, rng: np.random.Generator) -> LinkScores:
    """Compare the words of those who said any."""
    spoken, known = _speaking(release.corpus), _speaking(knowledge.known)
    there = replace(release, corpus=spoken)
    return Authorship().run(there, replace(knowledge, known=known), rng)[0]


def _speaking(corpus: Corpus) -> Corpus:
    return corpus.with_people(
        p for p in corpus.participants if any(w.strip() for s in p.sessions for w in s.said())
    )


def _queries(people: Sequence[str], found: Iterable[LinkScores]) -> tuple[str, ...]:
    """Return everybody of whom anything is compared, as often as there are recordings."""
    times = dict.fromkeys(people, 0)
    for scored in found:
        for person in set(scored.queries):
            times[person] = max(times[person], scored.queries.count(person))
    return tuple(p for p, count in times.items() for _ in range(count))


def _placed(scored: LinkScores, queries: Sequence[str], candidates: Sequence[str]) -> Floats:
    """Return the scores at the place of each query and candidate, normalised both ways."""
    rows: dict[str, list[int]] = {}
    for row, person in enumerate(scored.queries):
        rows.setdefault(person, []).append(row)
    column = {person: i for i, person in enumerate(candidates)}
    asked: dict[str, int] = {}
    table = np.full((len(queries), len(candidates)), -np.inf)
    columns = [column[c] for c in scored.candidates]
    normal = both_ways(scored.scores)
    for place, person in enumerate(queries):
        mine = rows.get(person)
        if mine:
            time = asked.get(person, 0)
            asked[person] = time + 1
            table[place, columns] = normal[mine[time % len(mine)]]
    return table


def _block(seen: Evidence, modalities: Sequence[Modality]) -> Block:
    """Return the evidence of those whose own column is there."""
    column = {person: i for i, person in enumerate(seen.candidates)}
    kept = [i for i, person in enumerate(seen.queries) if person in column]
    missing = np.full((len(seen.queries), len(seen.candidates)), -np.inf)
    stacked = np.stack([seen.scores.get(m, missing) for m in modalities])
    own = np.array([column[seen.queries[i]] for i in kept], dtype=np.intp)
    return Block(channels=stacked[:, kept], own=own)
