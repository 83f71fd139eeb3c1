"""Everything that a corpus says of each person in answers and attributes, at every visit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.features.feature_only import measure_name, measured_kinds
from mindveil.features.measures import MEASURED, is_measured_only, visit_rows
from mindveil.features.scales import Table, latest_table

_NUMBER = Column(role="other", kind="number")


def visit_name(tool: str, visit: int) -> str:
    """Return how a questionnaire is called at a visit, counted from 1.

    >>> visit_name("phq9", 1), visit_name("phq9", 2)
    ('phq9', 'phq9@2')
    """
    return tool if visit == 1 else f"{tool}@{visit}"


def whole_table(corpus: Corpus) -> Table:
    """Return attributes and the answers to every questionnaire at every visit, a row a person.

    The first time that a person answers a questionnaire is its first visit, whatever the session
    is called; fields of the second are named ``phq9@2_01``. A visit that did not take place is
    missing.

    Where a corpus holds measures of words, voices or faces and no recordings of the kind, these
    are numbers beside the attributes: ``voice jitter``, at the second visit ``voice jitter@2``.

    Raises:
        InputError: an attribute has the name of an item or total of a questionnaire.
    """
    told = _measures(corpus)
    columns = {**corpus.columns, **dict.fromkeys(told, _NUMBER)}
    people = []
    for number, person in enumerate(corpus.participants):
        mine = {name: values[number] for name, values in told.items()}
        plain = _side_by_side(person)
        people.append(replace(plain, attributes={**plain.attributes, **mine}))
    return latest_table(replace(corpus, columns=columns, participants=tuple(people)))


def responses_of(person: Participant) -> Mapping[str, Response]:
    """Return all answers of a person, by the name of the questionnaire at its visit."""
    times: Counter[str] = Counter()
    found: dict[str, Response] = {}
    for session in person.sessions:
        for tool, response in session.responses.items():
            times[tool] += 1
            found[visit_name(tool, times[tool])] = response
    return found


def _side_by_side(person: Participant) -> Participant:
    return replace(person, sessions=(Session(session_id="all", responses=responses_of(person)),))


def _measures(corpus: Corpus) -> dict[str, list[float | None]]:
    """Return the stored measures of everybody at every visit, by the names of their columns."""
    told: dict[str, list[float | None]] = {}
    visits = max((len(p.sessions) for p in corpus.participants), default=0)
    for kind in measured_kinds(corpus):
        for visit in range(1, visits + 1):
            came = [
                (n, p.sessions[visit - 1])
                for n, p in enumerate(corpus.participants)
                if len(p.sessions) >= visit and is_measured_only(p.sessions[visit - 1], kind)
            ]
            rows = visit_rows([session for _, session in came], kind)
            for name, column in zip(MEASURED[kind], rows.T, strict=True):
                if np.isfinite(column).any():
                    values: list[float | None] = [None] * len(corpus.participants)
                    for (person, _), value in zip(came, column.tolist(), strict=True):
                        values[person] = value if np.isfinite(value) else None
                    told[visit_name(measure_name(kind, name), visit)] = values
    return told
