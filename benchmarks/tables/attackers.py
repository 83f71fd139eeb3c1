"""Who was in the table? Our attackers on any table of codes, ours or a peer's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import SYNTHETIC, Attack, Knowledge, Membership
from mindveil.attack.nearest_record import NearestRecord
from mindveil.attack.table_membership import SyntheticMembership
from mindveil.attack.tracing import SyntheticTracing
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.features.unusual import most_unusual
from mindveil.release import DataRelease
from mindveil.synthesise.codebook import Codebook, Codes
from tables.sources import Scene

Floats = NDArray[np.float64]
ATTACKS: tuple[Attack, ...] = (SyntheticTracing(), SyntheticMembership(), NearestRecord())
ALL, UNUSUAL = "everybody: ", "unusual: "
"""How the names of questions begin, by whom they are judged on."""


def advantages(
    made: Codes, scene: Scene, codebook: Codebook, rng: np.random.Generator
) -> dict[str, float]:
    """Return true minus false positive rate of each question, for all and for the most unusual.

    The attacker is the ignorant one: he holds the originals of members and of as many controls as
    there are, does not know who is who, and has reference people. Thresholds are chosen on one
    half of the people and applied to the other.
    """
    members = corpus_of(scene.members, codebook, "M")
    controls = corpus_of(scene.controls, codebook, "C")
    everybody = (*controls.participants, *members.participants)
    known = members.with_people(everybody)
    knowledge = Knowledge(
        attacker="ignorant",
        known=known,
        reference=corpus_of(scene.reference, codebook, "R"),
        protect=None,
    )
    release = DataRelease(name="synthetic", corpus=corpus_of(made, codebook, "S"))
    inside = np.array([name.startswith("M") for name in known.ids])
    rare = np.isin(known.ids, list(most_unusual(known)))
    half = rng.permutation(len(inside)) % 2 == 0
    found = {}
    for attack in ATTACKS:
        for guesses in attack.run(release, knowledge, rng):
            assert isinstance(guesses, Membership)
            question = f"{attack.name.removeprefix(SYNTHETIC)}, {guesses.setting}"
            found[ALL + question] = advantage(guesses.scores, inside, half)
            if rare.any():
                found[UNUSUAL + question] = advantage(
                    guesses.scores[rare], inside[rare], half[rare]
                )
    return found


def advantage(scores: Floats, inside: NDArray[np.bool_], half: NDArray[np.bool_]) -> float:
    """Return TPR - FPR where each half of the people is judged by the threshold of the other.

    >>> half = np.array([True, False] * 4)
    >>> scores = np.array([0.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 13.0])
    >>> advantage(scores, scores > 5, half)
    1.0
    """
    named = np.empty(len(scores), dtype=np.bool_)
    for side in (True, False):
        judged, chosen = half == side, half != side
        named[judged] = scores[judged] >= threshold(scores[chosen], inside[chosen])
    return float(named[inside].mean() - named[~inside].mean())


def threshold(scores: Floats, inside: NDArray[np.bool_]) -> float:
    """Return the score from which on the two rates differ most."""
    order = np.argsort(-scores, kind="stable")
    ranked, member = scores[order], inside[order]
    gap = np.cumsum(member) / member.sum() - np.cumsum(~member) / (~member).sum()
    last = np.append(ranked[1:] < ranked[:-1], True)
    best = int(np.argmax(np.where(last, gap, -np.inf)))
    return float((ranked[best] + ranked[min(best + 1, len(ranked) - 1)]) / 2)


def corpus_of(codes: Codes, codebook: Codebook, prefix: str) -> Corpus:
    """Return coded people as a corpus: ordered columns are answers, the others attributes."""
    variables = codebook.variables
    ordered = [i for i, v in enumerate(variables) if v.ordered]
    named = [(i, v) for i, v in enumerate(variables) if not v.ordered]
    answers = codes[:, ordered].tolist()
    people = []
    for number, row in enumerate(codes.tolist()):
        items = tuple(None if a < 0 else a for a in answers[number])
        session = Session(session_id="1", responses={"table": Response(items=items)})
        attributes = {v.name: None if row[i] < 0 else v.levels[row[i]] for i, v in named}
        people.append(
            Participant(
                participant_id=f"{prefix}{number:05d}", attributes=attributes, sessions=(session,)
            )
        )
    columns = {v.name: Column(role="quasi", kind="nominal", levels=v.levels) for _, v in named}
    return Corpus(name="table", participants=tuple(people), columns=columns)
