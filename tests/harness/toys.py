"""Small corpora of people whose identity is planted, for proofs of attacks."""

from __future__ import annotations

import numpy as np

from mindveil.attack.base import Attack
from mindveil.corpus.model import Column, Corpus, Entity, Participant, Response, Session, Turn
from mindveil.evidence.measured import Truth
from mindveil.harness.context import Context
from mindveil.harness.releases import rename
from mindveil.harness.views import Stage, view
from mindveil.release import DataRelease

SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo zu".split()
COMMON = "i feel was very then and the day night work home sleep good bad tired could not".split()


def glass(people: int, rng: np.random.Generator) -> Corpus:
    """Return people who are transparent: private words, rare answers, names said aloud."""
    made = tuple(_person(f"P{number:04d}", rng) for number in range(people))
    return Corpus(
        name="glass",
        participants=made,
        columns={
            "age": Column(role="quasi", kind="number"),
            "town": Column(role="quasi", kind="nominal"),
        },
    )


def _word(rng: np.random.Generator, size: int = 4) -> str:
    return "".join(SYLLABLES[i] for i in rng.integers(len(SYLLABLES), size=size))


def _person(name: str, rng: np.random.Generator) -> Participant:
    private = [_word(rng) for _ in range(12)]
    own = _word(rng, 5)
    return Participant(
        participant_id=name,
        attributes={"age": float(rng.integers(18, 80)), "town": f"town-{rng.integers(8)}"},
        sessions=tuple(_visit(f"{visit + 1:02d}", private, own, rng) for visit in range(2)),
    )


def _visit(visit: str, private: list[str], own: str, rng: np.random.Generator) -> Session:
    words = [COMMON[i] for i in rng.integers(len(COMMON), size=60)]
    for word in private:
        words.insert(int(rng.integers(len(words))), word)
    said = f"my name is {own} and " + " ".join(words)
    start = said.index(own)
    entity = Entity(
        turn=0, start=start, end=start + len(own), type="PERSON", role="direct", entity=own
    )
    return Session(
        session_id=visit,
        transcript=(Turn(speaker="participant", text=said),),
        entities=(entity,),
        responses={
            "pcl5": Response(items=tuple(int(v) for v in rng.integers(5, size=20))),
            "phq9": Response(items=tuple(int(v) for v in rng.integers(4, size=9))),
        },
    )


def stage(corpus: Corpus, rng: np.random.Generator, *, shuffled: bool = False) -> Stage:
    """Release three fifths of a corpus undefended; ``shuffled`` gives every record a stranger."""
    order = rng.permutation(len(corpus.ids))
    fifth = len(order) // 5
    ids = [corpus.ids[i] for i in order]
    absent, reference, targets = ids[:fifth], ids[fifth : 2 * fifth], ids[2 * fifth :]
    codes = {p: f"R{i:04d}" for p, i in zip(targets, rng.permutation(len(targets)), strict=True)}
    released, person_of = rename(corpus.select(targets), codes)
    if shuffled:
        people = [targets[i] for i in rng.permutation(len(targets))]
        person_of = dict(zip(sorted(person_of), people, strict=True))
    return Stage(
        release=DataRelease(name="toy", corpus=released),
        person_of=person_of,
        targets=frozenset(targets),
        absent=frozenset(absent),
        reference=frozenset(reference),
    )


def made_of_others(corpus: Corpus, rng: np.random.Generator) -> Stage:
    """Release as many other people as are targets: a table that nobody here is behind."""
    shown = stage(corpus, rng)
    others = glass(len(shown.targets), rng)
    codes = {p: f"R{i:04d}" for i, p in enumerate(others.ids)}
    released, _ = rename(others, codes)
    return Stage(
        release=DataRelease(name="toy", corpus=released),
        person_of={},
        targets=shown.targets,
        absent=shown.absent,
        reference=shown.reference,
    )


class Bare:
    """As much of a context as a view needs."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.public = None


def see(corpus: Corpus, attack: Attack, shown: Stage):
    """Return the view of an attack on a toy corpus."""
    context: Context = Bare(corpus)  # type: ignore[assignment]
    return view(context, attack, 1, shown)


__all__ = ["Truth", "glass", "made_of_others", "see", "stage"]
