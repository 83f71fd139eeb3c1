"""Fill in what was never asked, so that a generator learns answers and not absences.

Whoever came once has no answers at a second visit. In a coded table they look like answers that
were left out, and a generator that learns so leaves out too many where there is a visit. So they
are filled in before fitting, each person from one donor who was there and is like him elsewhere
(predictive mean matching: Rubin 1986, J Bus Econ Stat 4:87-94; Little 1988, ibid. 6:287-296). What
is drawn at a visit that does not take place is taken out again when people are made.

One person's answers go into the rows of others, so this is nothing for a release with a guarantee.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mindveil.synthesise.codebook import Codes
from mindveil.synthesise.encoding import Encoding
from mindveil.synthesise.encoding_answers import Form

NEAREST = 3
"""Donors among whom chance decides."""

_FEWEST = 10
_MOST = 1000
_ROWS = 500

Scores = NDArray[np.float64]


def filled(encoding: Encoding, codes: Codes, rng: np.random.Generator) -> Codes:
    """Return the codes with every questionnaire that a person was not asked filled in.

    Questions that were left out stay so. ``encoding.consistent`` gives the codes back as they
    were. Where fewer than ten people have a questionnaire, nothing is filled in.
    """
    scores = _scores(encoding, codes)
    groups: dict[bytes, list[int]] = {}
    for n in np.flatnonzero(np.isnan(scores).any(axis=0)).tolist():
        groups.setdefault(np.isnan(scores[:, n]).tobytes(), []).append(n)
    kept = codes.copy()
    for group in groups.values():
        absent = np.isnan(scores[:, group[0]])
        donors = np.flatnonzero(~absent)
        if len(donors) < _FEWEST:
            continue
        donors = rng.choice(donors, min(_MOST, len(donors)), replace=False)
        others = np.delete(scores, group, axis=1)
        chosen = donors[_alike(others[absent], others[donors], rng)]
        for n in group:
            form = encoding.layout.forms[n]
            kept[absent, form.members] = codes[chosen, form.members]
    return kept


def _scores(encoding: Encoding, codes: Codes) -> Scores:
    """Return everybody's mean answer to each questionnaire in standard deviations, NaN where none.

    Shape (people, questionnaires at visits).
    """
    forms = encoding.layout.forms
    if not forms:
        return np.zeros((len(codes), 0))
    scores = np.column_stack([_score(codes, form) for form in forms])
    told = ~np.isnan(scores)
    count = np.maximum(told.sum(axis=0), 1)
    centre = np.where(told, scores, 0.0).sum(axis=0) / count
    spread = np.sqrt(np.where(told, (scores - centre) ** 2, 0.0).sum(axis=0) / count)
    return np.asarray((scores - centre) / np.maximum(spread, 1e-12), dtype=np.float64)


def _score(codes: Codes, form: Form) -> Scores:
    mine = codes[:, form.members].astype(np.float64)
    told = mine >= 0
    count = told.sum(axis=1)
    total = np.where(told, mine, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _alike(people: Scores, donors: Scores, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return one of the nearest donors of each person, by what both answered."""
    chosen = np.empty(len(people), dtype=np.intp)
    known = ~np.isnan(donors)
    values = np.where(known, donors, 0.0)
    for start in range(0, len(people), _ROWS):
        rows = people[start : start + _ROWS]
        told = ~np.isnan(rows)
        mine = np.where(told, rows, 0.0)
        shared = told.astype(np.float64) @ known.T
        apart = (mine**2) @ known.T + told @ (values**2).T - 2.0 * mine @ values.T
        # Chance decides between donors who are equally near, or of whom nothing is known.
        distance = apart / np.maximum(shared, 1.0) + 1e-9 * rng.random(apart.shape)
        nearest = np.argpartition(distance, min(NEAREST, len(donors)) - 1, axis=1)[:, :NEAREST]
        place = rng.integers(0, nearest.shape[1], len(rows))
        chosen[start : start + _ROWS] = nearest[np.arange(len(rows)), place]
    return chosen
