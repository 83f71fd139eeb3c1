"""Everything that a corpus says of each person in answers and attributes, at every visit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from mindveil.corpus.model import Corpus, Participant, Response, Session
from mindveil.features.scales import Table, latest_table


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

    Raises:
        InputError: an attribute has the name of an item or total of a questionnaire.
    """
    return latest_table(corpus.with_people(_side_by_side(p) for p in corpus.participants))


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
