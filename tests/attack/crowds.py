"""People with attributes and answers that hang together, and tables made of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mindveil.attack.base import Knowledge
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.release import DataRelease

TOWNS = tuple("abcdefgh")
COLUMNS = {
    "age": Column(role="quasi", kind="number"),
    "town": Column(role="quasi", kind="nominal", levels=TOWNS),
    "sex": Column(role="quasi", kind="nominal", levels=("f", "m")),
    "work": Column(role="sensitive", kind="ordinal", levels=("none", "part", "full")),
}


def person(name, age, town, items, *, sex="f", work="full"):
    return Participant(
        participant_id=name,
        attributes={"age": age, "town": town, "sex": sex, "work": work},
        sessions=(Session(session_id="1", responses={"q": Response(items=tuple(items))}),),
    )


def corpus(*people):
    return Corpus(name="crowd", participants=tuple(people), columns=COLUMNS)


def crowd(people, rng, prefix="P"):
    """People of a latent severity; 16 answers of 0-3."""
    severity = rng.normal(size=people)
    noise = rng.normal(0, 0.9, (people, 16))
    answers = np.clip(np.round(1.2 + severity[:, None] + noise), 0, 3).astype(int)
    ages = rng.integers(18, 66, people)
    towns = rng.choice(TOWNS, people, p=[0.4, 0.2, 0.1, *[0.06] * 5])
    work = np.clip(np.round(1.2 - severity / 2 + rng.normal(0, 0.6, people)), 0, 2).astype(int)
    return corpus(
        *(
            person(
                f"{prefix}{i:04d}",
                float(ages[i]),
                str(towns[i]),
                answers[i].tolist(),
                sex="fm"[int(rng.integers(2))],
                work=COLUMNS["work"].levels[work[i]],
            )
            for i in range(people)
        )
    )


def nameless(people, rng):
    """A verbatim copy under new ids, in another order."""
    order = rng.permutation(len(people.ids))
    made = [
        replace(people.participants[j], participant_id=f"S{i:05d}") for i, j in enumerate(order)
    ]
    return replace(people.with_people(made), synthetic=True)


def blurred(keep):
    """Every cell is kept with this probability, else it is that of somebody else (PRAM)."""

    def protect(people, rng):
        rows = [(*p.attributes.values(), *p.latest("q").items) for p in people.participants]
        cells = np.array(rows, dtype=object)
        luck = np.argsort(rng.random(cells.shape), axis=0)
        cells = np.where(
            rng.random(cells.shape) < keep, cells, np.take_along_axis(cells, luck, axis=0)
        )
        made = [
            person(p.participant_id, row[0], row[1], row[4:], sex=row[2], work=row[3])
            for p, row in zip(people.participants, cells.tolist(), strict=True)
        ]
        return nameless(people.with_people(made), rng)

    return protect


def both(one, other):
    return one.with_people((*one.participants, *other.participants))


def put_before(attack, table, members, controls, reference, *, protect=None, seed=0):
    """Let an attack see a table and everybody it may have been made of."""
    known = both(controls, members)
    kind = "ignorant" if protect is None else "semi-informed"
    knowledge = Knowledge(attacker=kind, known=known, reference=reference, protect=protect)
    release = DataRelease(name="crowd", corpus=table)
    return attack.run(release, knowledge, np.random.default_rng(seed))
