"""The course of a federation: what a server asks, round after round, and what it makes of it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np

from mindveil.errors import InvalidMeasurement
from mindveil.train.base import Floats
from mindveil.train.federation_terms import Terms
from mindveil.train.server_rules import Memory, joined, moved
from mindveil.train.simulated_sites import Seen
from mindveil.train.site_answers import Request

_AGAIN = 3
"""How often the last request is repeated where too few answered it."""

Course = Generator[Request, Seen, "Learnt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What a server holds in the end: weights (none for a regression) and sums (entries,).

    ``rounds`` is how many rounds had enough clients.
    """

    weights: Floats | None
    sums: Floats
    rounds: int


def course(terms: Terms, start: Floats, rng: np.random.Generator) -> Course:
    """Yield what is asked of whom, take what was seen of it, and return what was learnt.

    A round that too few clients finish teaches nothing, and the next one begins.

    Raises:
        InvalidMeasurement: too few clients answered in every round, or to the last request.
    """
    everybody = tuple(range(terms.clients))
    if terms.regression:
        seen = yield Request(kind="moments", round_number=0, sent=np.zeros(0), chosen=everybody)
        return Learnt(weights=None, sums=_needed(seen), rounds=1)
    weights, memory, met = start, Memory.of(start), 0
    for number in range(terms.rule.rounds):
        chosen = _chosen(terms, rng)
        seen = yield Request(
            kind="update", round_number=number, sent=sendable(weights), chosen=chosen
        )
        if seen.total is None:
            continue
        met += 1
        weights, memory = moved(terms.rule, weights, mean_move(terms, seen), memory)
    if not met:
        raise InvalidMeasurement(
            f"in none of {terms.rule.rounds} rounds did enough of {terms.clients} clients answer"
        )
    request = Request(
        kind="line", round_number=terms.rule.rounds, sent=sendable(weights), chosen=everybody
    )
    seen = yield request
    for _ in range(0 if terms.privacy else _AGAIN):  # what is promised pays for one answer
        if seen.total is None:
            seen = yield request
    return Learnt(weights=request.sent, sums=_line_sums(terms, seen), rounds=met)


def followed(way: Course, ask: Callable[[Request], Seen]) -> Learnt:
    """Return what is learnt where ``ask`` answers every request."""
    try:
        request = next(way)
        while True:
            request = way.send(ask(request))
    except StopIteration as end:
        learnt: Learnt = end.value
        return learnt


def sendable(weights: Floats) -> Floats:
    """Return weights as they are sent: numbers of single precision."""
    return weights.astype(np.float32).astype(np.float64)


def mean_move(terms: Terms, seen: Seen) -> Floats:
    """Return how far the clients of a round moved, on average or robustly, (parameters,).

    Under a promise sums are divided by public numbers, never by how many came.
    """
    assert seen.total is not None
    if terms.rule.combine != "mean" and seen.messages is not None:
        return joined(terms.rule, _moves(terms, seen.messages))
    return shared_move(terms, seen.total)


def shared_move(terms: Terms, total: Floats) -> Floats:
    """Return how far clients moved on average by the sum of what they sent, (..., parameters)."""
    if terms.privacy is None:
        return total[..., :-1] / np.maximum(total[..., -1:], 1.0)
    units = terms.clients if terms.per_client else terms.privacy.people
    return total[..., :-1] / (units * terms.rule.participation)


def _moves(terms: Terms, messages: Floats) -> Floats:
    """Return each client's own move, (clients, parameters)."""
    if terms.privacy is None:
        return messages[:, :-1] / np.maximum(messages[:, -1:], 1.0)
    share = 1.0 if terms.per_client else terms.clients / terms.privacy.people
    return messages[:, :-1] * share


def _line_sums(terms: Terms, seen: Seen) -> Floats:
    """Return the sums for the line; robustly, each client's mean person, times all people."""
    if terms.rule.combine == "mean" or seen.messages is None:
        return _needed(seen)
    count = np.maximum(seen.messages[:, :1], 1.0)
    typical = joined(terms.rule, seen.messages / count)
    return typical * float(np.median(count)) * len(count)


def _needed(seen: Seen) -> Floats:
    if seen.total is None:
        raise InvalidMeasurement(
            f"{len(seen.answered)} of {len(seen.request.chosen)} clients answered the last "
            "request, which are too few to take off the masks; train again"
        )
    return seen.total


def _chosen(terms: Terms, rng: np.random.Generator) -> tuple[int, ...]:
    """Return who is asked in a round: each with the probability of taking part.

    Never fewer than masks need, or one: a round that cannot succeed is not begun.
    """
    if terms.rule.participation == 1.0:
        return tuple(range(terms.clients))
    fate = rng.random(terms.clients)
    least = terms.threshold if terms.secure else 1
    there = fate < max(terms.rule.participation, np.sort(fate)[least - 1] + 1e-12)
    return tuple(np.flatnonzero(there).tolist())
