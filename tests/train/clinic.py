"""People whose anxiety says much of their depression, for tests of whole detectors."""

from __future__ import annotations

import numpy as np

from mindveil.corpus.model import Column, Corpus, Participant, Response, Session


def clinic(people: int, rng: np.random.Generator) -> Corpus:
    """Return people with PHQ-9, GAD-7, age and sex; their ids are ``zebra-000`` and so on."""
    ill = rng.standard_normal(people)

    def items(size: int) -> np.ndarray:
        felt = 1.3 + 0.9 * ill[:, None] + 0.8 * rng.standard_normal((people, size))
        return np.clip(np.rint(felt), 0, 3).astype(int)

    phq9, gad7 = items(9), items(7)
    made = [
        Participant(
            participant_id=f"zebra-{i:03d}",
            attributes={"age": float(rng.integers(18, 80)), "sex": ("female", "male")[i % 2]},
            sessions=(
                Session(
                    session_id="01",
                    responses={
                        "phq9": Response(items=tuple(map(int, phq9[i]))),
                        "gad7": Response(items=tuple(map(int, gad7[i]))),
                    },
                ),
            ),
        )
        for i in range(people)
    ]
    columns = {
        "age": Column(role="quasi", kind="number", low=18, high=80),
        "sex": Column(role="quasi", kind="nominal", levels=("female", "male")),
    }
    return Corpus(name="clinic", participants=tuple(made), columns=columns)
