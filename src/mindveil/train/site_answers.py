"""What a site answers a server: sums over its own people, counted, noised, never a row of anybody.

The same code answers for one site in a hospital and for all clients of a simulation at once.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.clipping import clip_norm, whole
from mindveil.dp.noise import Noise
from mindveil.errors import InputError
from mindveil.secure_sum import FixedPoint, fixed_point
from mindveil.train.base import Floats, Lessons
from mindveil.train.bounded_steps import bounded_sums, bounded_weights, seen_alone
from mindveil.train.client_steps import ClientPeople, contributions, tensors_of
from mindveil.train.corrected_line import residual_contributions
from mindveil.train.federation_terms import Kind, Terms
from mindveil.train.heads import HeadStack
from mindveil.train.moments import SHARES
from mindveil.train.moments import contributions as moments_of_people
from mindveil.train.stepped_head import seen_by
from mindveil.train.unit_rows import unit_rows

Indices = NDArray[np.intp]
Whole = NDArray[np.int64]
N = TypeVar("N", np.int64, np.float64)

LARGEST = 1e5
"""No entry of an answer is larger where nothing bounds it: what is longer is no learning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a server asks of some clients in a round: ``sent`` are weights, empty for a regression."""

    kind: Kind
    round_number: int
    sent: Floats
    chosen: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteData:
    """The people of clients, client after client, as public rules read them.

    ``rows`` (people, columns) have length at most 1, ``severity`` (people,) lies within -1..1,
    ``client`` (people,) rises; ``place`` (people,) is where each of them stood in the lessons.
    """

    rows: Floats
    severity: Floats
    client: Indices
    people: ClientPeople
    place: Indices

    @classmethod
    def of(cls, lessons: Lessons, client: Indices, clients: int, reach: float) -> SiteData:
        """Return the data of so many clients."""
        place = np.argsort(client, kind="stable")
        rows = unit_rows(lessons.rows, reach)[place]
        severity = lessons.scale.severity(lessons.totals)[place]
        own = client[place]
        people = ClientPeople.of(rows, (1.0 + severity) / 2.0, own, clients)
        return cls(rows=rows, severity=severity, client=own, people=people, place=place)


def stack_of(terms: Terms, weights: Floats) -> HeadStack:
    """Return flat weights (parameters,) or (heads, parameters) as heads."""
    flat = np.atleast_2d(weights).astype(np.float32)
    layers = tensors_of(terms.shape, flat)
    return HeadStack(shape=terms.shape, tensors=tuple(np.asarray(t, np.float32) for t in layers))


def plain_answers(terms: Terms, request: Request, data: SiteData) -> Floats:
    """Return the contribution of each chosen client, (chosen, entries), nothing hidden yet.

    Where whole clients are promised something, a contribution is the mean over its people, and
    no longer than ``terms.longest``.
    """
    asked = np.asarray(request.chosen, np.intp)
    if request.kind == "update":
        if not terms.per_client:
            return contributions(data.people, terms.shape, terms.stepping, request.sent, asked)
        told = _of_clients(terms, request.sent, data, asked)
        people = np.maximum(told[:, -1:], 1.0)
        moves = clip_norm(_normal(told[:, :-1] / people), terms.longest("update"))
        return np.hstack([moves, np.zeros_like(people)])
    summed = _sums(terms, data, _of_people(terms, request, data), asked)
    return np.asarray(summed, np.float64)


def noisy_answers(terms: Terms, request: Request, data: SiteData, noise: Noise) -> Whole:
    """Return what each chosen client sends under a promise, in whole numbers, (chosen, entries).

    Whatever finite weights were sent, there is an answer: a refusal could tell of people.
    """
    grain, asked = terms.grain(request.kind), np.asarray(request.chosen, np.intp)
    request = replace(request, sent=bounded_weights(request.sent))
    if terms.per_client:
        told = plain_answers(terms, request, data) / terms.longest(request.kind)
        counted = np.rint(told * grain).astype(np.int64)
    elif request.kind == "update":
        counted = bounded_sums(data.people, terms, request.sent, asked)
    else:
        told = _of_people(terms, request, data)
        tiny = np.abs(told) < np.finfo(np.float64).tiny
        each = whole(np.where(tiny, 0.0, told), grain, grain)
        counted = _added(data, each, asked)
    return counted + noise.gaussian(terms.part_of_noise(request.kind), counted.shape)


def decoded(terms: Terms, kind: Kind, told: NDArray[np.integer]) -> Floats:
    """Return what clients sent under a promise, or the sum of it, in plain units."""
    return np.asarray(told * (terms.longest(kind) / terms.grain(kind)), np.float64)


def under_masks(terms: Terms) -> FixedPoint:
    """Return how plain answers are counted where masks hide them and nothing else."""
    return fixed_point(clients=terms.clients, bound=LARGEST)


def _of_clients(terms: Terms, sent: Floats, data: SiteData, asked: Indices) -> Floats:
    """Return the contributions of whole clients; one whose steps leave the numbers sends zeros.

    That steps were too long for its people is not for the server to know.
    """
    # What fits nobody is refused: with nobody asked, that depends on no people.
    contributions(data.people, terms.shape, terms.stepping, sent, asked[:0])
    with suppress(InputError):
        return contributions(data.people, terms.shape, terms.stepping, sent, asked)
    told = np.zeros((len(asked), terms.entries("update")))
    for place in range(len(asked)):
        one = asked[place : place + 1]
        with suppress(InputError):
            told[place] = contributions(data.people, terms.shape, terms.stepping, sent, one)[0]
    return told


def _of_people(terms: Terms, request: Request, data: SiteData) -> Floats:
    """Return what each person adds to a sum of moments, no row longer than 1."""
    if request.kind == "moments":
        return moments_of_people(data.rows, data.severity, SHARES)
    if terms.privacy and terms.shape.hidden:
        seen = seen_alone(terms.shape, request.sent, data.rows)
    else:
        seen = seen_by(stack_of(terms, request.sent), data.rows)
    return residual_contributions(seen, data.severity, 0)


def _sums(terms: Terms, data: SiteData, each: Floats, asked: Indices) -> Floats:
    summed = _added(data, each, asked)
    if not terms.per_client:
        return summed
    sizes = np.maximum(data.people.sizes[asked], 1)[:, None]
    return clip_norm(_normal(summed / sizes), 1.0)


def _added(data: SiteData, each: NDArray[N], asked: Indices) -> NDArray[N]:
    """Return the sum over each chosen client's people; their rows stand together."""
    firsts, sizes = data.people.firsts[asked], data.people.sizes[asked]
    found = np.zeros((len(asked), each.shape[1]), each.dtype)
    for place, (first, size) in enumerate(zip(firsts, sizes, strict=True)):
        np.sum(each[first : first + size], axis=0, out=found[place])
    return found


def _normal(values: Floats) -> Floats:
    """Return values, those too small for full precision as 0: a refusal would tell of them."""
    return np.where(np.abs(values) < np.finfo(np.float64).tiny, 0.0, values)
