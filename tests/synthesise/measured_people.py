"""People of whom words, voices and faces are only measured, with what was planted in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.features.feature_only import KINDS, with_rows
from mindveil.features.measures import MEASURED, Measured
from mindveil.synthesise.encoding_measures import BOUNDS

CROSSED = {("text", "negation"): 0.6, ("voice", "pause-length"): -0.5, ("face", "jaw-drop"): 0.4}
"""Loadings of a measure of each kind on how somebody feels."""

VISITS = 2


def planted(people: int, seed: int = 0, recorded: float = 0.5) -> Corpus:
    """People whose answers, words, voices and faces follow from one number; half are recorded."""
    rng = np.random.default_rng(seed)
    made = []
    for n in range(people):
        feels, seen = rng.standard_normal(), rng.random() < recorded
        sessions = tuple(
            _visit(
                f"{v + 1:02d}",
                feels + 0.4 * rng.standard_normal(),
                KINDS if seen or v == 0 else KINDS[:1],
                rng,
            )
            for v in range(VISITS)
        )
        made.append(Participant(participant_id=f"P{n}", attributes={}, sessions=sessions))
    columns = {"age": Column(role="quasi", kind="number", low=18, high=90)}
    people_of = [replace(p, attributes={"age": float(rng.integers(18, 90))}) for p in made]
    return Corpus(name="planted", participants=tuple(people_of), columns=columns)


def _visit(
    name: str, feels: float, kinds: tuple[Measured, ...], rng: np.random.Generator
) -> Session:
    latent = 0.8 * feels + 0.6 * rng.standard_normal(9)
    items = tuple(int(x) for x in np.clip(np.floor(latent + 1.5), 0, 3))
    session = Session(
        session_id=name, responses={"phq9": Response(items=items, total=float(sum(items)))}
    )
    rows = {kind: _row(kind, feels, rng) for kind in kinds}
    return with_rows(session, rows)


def _row(kind: Measured, feels: float, rng: np.random.Generator) -> np.ndarray:
    row = np.empty(len(MEASURED[kind]))
    for place, name in enumerate(MEASURED[kind]):
        low, high = BOUNDS[name].ends
        loading = CROSSED.get((kind, name), 0.0)
        noise = np.sqrt(1 - loading**2) * rng.standard_normal()
        at = (low + high) / 2 + (high - low) / 8 * np.clip(loading * feels + noise, -3.5, 3.5)
        row[place] = BOUNDS[name].restored(np.array([at]))[0]
    return row
