"""Made-up people who answer questionnaires, for tests of tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mindveil.corpus.model import Column, Corpus, Participant, Response, Session

COLUMNS = {
    "age": Column(role="quasi", kind="number"),
    "gender": Column(role="quasi", kind="nominal", levels=("f", "m")),
}


def table(answers, attributes=None, columns=None, prefix="P"):
    """Return a corpus: ``answers`` by tool, a row a person; attributes by name."""
    people = len(next(iter(answers.values())))
    background = attributes or {}
    return Corpus(
        name="toy",
        columns=columns if columns is not None else (COLUMNS if background else {}),
        participants=tuple(
            Participant(
                participant_id=f"{prefix}{i:05d}",
                attributes={name: values[i] for name, values in background.items()},
                sessions=(
                    Session(
                        session_id="01",
                        responses={
                            tool: Response(items=tuple(rows[i])) for tool, rows in answers.items()
                        },
                    ),
                ),
            )
            for i in range(people)
        ),
    )


def answered(people, items, rng, of=(0, 3), load=0.8):
    """Return answers of people to items that share one trait, as rows of whole numbers."""
    trait = rng.normal(size=(people, 1))
    noise = rng.normal(size=(people, items))
    told = 1.0 + load * trait + np.sqrt(max(1 - load**2, 0.0)) * noise
    return np.clip(np.round(told), *of).astype(int).tolist()


def cohort(people, rng, prefix="P"):
    """Return people with HADS and GAD-7 that go together, age and sex."""
    trait = rng.normal(size=(people, 1))
    noise = rng.normal(size=(people, 21))
    part = rng.normal(size=(people, 2))
    own = np.repeat(part, 7, axis=1)[:, np.argsort(np.tile([0, 1], 7), kind="stable").argsort()]
    hads = 1.0 + 0.5 * trait + 0.6 * own + 0.6 * noise[:, :14]
    gad = 1.0 + 0.7 * trait + 0.7 * noise[:, 14:]
    return table(
        {
            "hads": np.clip(np.round(hads), 0, 3).astype(int).tolist(),
            "gad7": np.clip(np.round(gad), 0, 3).astype(int).tolist(),
        },
        {
            "age": rng.integers(18, 80, size=people).astype(float).tolist(),
            "gender": rng.choice(["f", "m"], size=people).tolist(),
        },
        prefix=prefix,
    )


def scattered(corpus, rng):
    """Return people whose every answer and attribute was dealt out anew: margins alone stay."""
    people = corpus.participants
    deal = {
        (tool, i): rng.permutation(len(people))
        for tool in corpus.tools
        for i in range(len(people[0].latest(tool).items))
    }
    moved = {name: rng.permutation(len(people)) for name in corpus.columns}
    return corpus.with_people(
        replace(
            person,
            attributes={n: people[at[k]].attributes[n] for n, at in moved.items()},
            sessions=(
                replace(
                    person.sessions[0],
                    responses={
                        tool: Response(
                            items=tuple(
                                people[deal[tool, i][k]].latest(tool).items[i]
                                for i in range(len(person.latest(tool).items))
                            )
                        )
                        for tool in corpus.tools
                    },
                ),
            ),
        )
        for k, person in enumerate(people)
    )


def renamed(corpus, prefix="R"):
    """Return the same people under other ids."""
    return corpus.with_people(
        replace(p, participant_id=f"{prefix}{i:05d}") for i, p in enumerate(corpus.participants)
    )
