"""Tables of made-up people, releases of them, and what an attacker on a synthetic one is given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mindveil.attack.base import Knowledge
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.release import DataRelease

COLUMNS = {
    "age": Column(role="quasi", kind="number", low=18, high=90),
    "town": Column(role="quasi", kind="nominal", levels=tuple("abcdef")),
}


def cohort(people, rng, prefix="P", items=16):
    """People of one severity each, who answer items of it."""
    severity = rng.normal(size=(people, 1))
    answers = np.clip(np.round(1.2 + severity + rng.normal(0, 0.9, (people, items))), 0, 3)
    towns = rng.choice(list("abcdef"), p=[0.4, 0.2, 0.1, 0.1, 0.1, 0.1], size=people)
    ages = rng.integers(18, 66, people)
    made = []
    for i, row in enumerate(answers.astype(int).tolist()):
        session = Session(session_id="1", responses={"phq9": Response(items=tuple(row))})
        made.append(
            Participant(
                participant_id=f"{prefix}{i:04d}",
                attributes={"age": float(ages[i]), "town": str(towns[i])},
                sessions=(session,),
            )
        )
    return Corpus(name="toy", participants=tuple(made), columns=COLUMNS)


def copied(corpus, rng):
    """The very people under pseudonyms, in another order."""
    order = rng.permutation(len(corpus.participants))
    return corpus.with_people(
        replace(corpus.participants[j], participant_id=f"S{i:04d}") for i, j in enumerate(order)
    )


@dataclass(frozen=True)
class Scene:
    """Who was in, who was not, and the attacker's reference people."""

    members: Corpus
    controls: Corpus
    reference: Corpus

    @classmethod
    def of(cls, people, rng, **shape):
        third = people // 3
        return cls(
            members=cohort(people, rng, "P", **shape),
            controls=cohort(third, rng, "H", **shape),
            reference=cohort(third, rng, "A", **shape),
        )

    def knowledge(self, protect=None):
        everybody = (*self.controls.participants, *self.members.participants)
        return Knowledge(
            attacker="ignorant" if protect is None else "semi-informed",
            known=self.members.with_people(everybody),
            reference=self.reference,
            protect=protect,
        )

    def run(self, attack, released, rng, protect=None, model: Path | None = None):
        release = DataRelease(name="toy", corpus=released, model=model)
        return attack.run(release, self.knowledge(protect), rng)

    def advantage(self, guesses):
        """True minus false positive rate at the best threshold, and the area under the curve."""
        inside = np.isin(guesses.people, self.members.ids)
        member, control = guesses.scores[inside], guesses.scores[~inside]
        at = np.unique(guesses.scores)[:, None]
        gap = (member >= at).mean(axis=1) - (control >= at).mean(axis=1)
        below = (control[:, None] < member).mean() + (control[:, None] == member).mean() / 2
        return float(gap.max()), float(below)
