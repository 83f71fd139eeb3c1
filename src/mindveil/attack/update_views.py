"""What each kind of server sees of the clients of a federation.

A **curious** server keeps to the course and remembers what it saw. Under masks that is sums; what
a single masked message tells is asked as well, and ought to be nothing. Stronger servers get at
single clients all the same, without breaking a mask: where all others **collude** they take their
own part from the sum (a threat that Bonawitz et al. 2017 name); where the same weights are asked
of all and then of all but one, the **difference** of two sums is that one; and where the server
chooses the **weights**, the answers of many people come apart by themselves (Fowl et al. 2022).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mindveil.errors import InvalidMeasurement
from mindveil.train.base import Flags, Floats
from mindveil.train.federation_course import course, sendable
from mindveil.train.federation_terms import Kind, Terms
from mindveil.train.simulated_sites import Seen
from mindveil.train.site_answers import Request, decoded, under_masks
from mindveil.train.update_release import UpdateRelease

CURIOUS = ""
MASKED = "one masked message"
COLLUDING = "all but one collude"
DIFFERENCED = "rounds differenced"
CRAFTED = "crafted weights"

_ROOM = 1 << 24
"""Numbers that a view may hold: 128 MB."""
_ROUNDS = 8
"""Rounds that are looked at where nothing is noisy: each of them tells all there is."""
_LEAST = 2
"""Clients without whom nobody makes masks."""
_PAIRS = 2
"""Pairs of noisy rounds that are differenced; the noise of all clients is in each of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a server isolated of what clients moved.

    ``signals`` (rounds, signals, parameters) are sums over people of minus rate x gradient, or
    people x (weights after - weights sent), without the count, which ``counts`` (rounds, signals)
    holds. ``clients`` says whose each signal is; it is empty where the one signal is the sum over
    all. Signals that are not ``there`` (rounds, signals) are zeros: a client was not asked, or
    dropped out. ``sent`` (rounds, parameters) are the weights of each round. ``noise`` is the
    standard deviation of each entry under a promise, as everybody knows it. A ``masked`` signal is
    a single message under its mask. Of a regression (``kind`` "moments") there is one round,
    nothing was sent, and signals are what people added.
    """

    setting: str
    kind: Kind
    sent: Floats
    signals: Floats
    counts: Floats
    there: Flags
    clients: tuple[int, ...]
    noise: float
    masked: bool = False


def views_of(
    release: UpdateRelease, weights: Floats | None, victims: int, rng: np.random.Generator
) -> tuple[View, ...]:
    """Return what servers of each kind see, the curious one first; views without signals are out.

    Where masks hide single clients, up to so many ``victims`` are singled out. ``weights``
    (parameters,) or (asks, parameters) are what a server that crafts them asks; under a promise
    they are asked again until every answer that is paid for was given, so that noise averages
    out. Each view has a federation of its own, begun anew.

    Raises:
        InvalidMeasurement: too few clients answered in every round.
    """
    terms = release.terms
    watched = _watched(release, rng)
    if not terms.secure:
        found = [_messages(terms, watched)]
    else:
        chosen = rng.choice(terms.clients, min(victims, terms.clients), replace=False)
        singled = tuple(sorted(chosen.tolist()))
        found = [
            _sums(terms, CURIOUS, watched),
            _masked(terms, watched, singled),
            _colluding(terms, watched, singled),
            *_differenced(release, singled),
        ]
    if weights is not None and not terms.regression:
        found.append(_crafted(release, np.atleast_2d(weights)))
    there = tuple(view for view in found if view.there.any())
    if not there:
        raise InvalidMeasurement(
            f"too few of {terms.clients} clients answered in every round: the server saw nothing"
        )
    return there


def noise_of_one(terms: Terms, kind: Kind) -> float:
    """Return the standard deviation of what one client adds to each entry, in plain units."""
    if terms.privacy is None:
        return 0.0
    return terms.part_of_noise(kind) * terms.longest(kind) / terms.grain(kind)


def _watched(release: UpdateRelease, rng: np.random.Generator) -> list[Seen]:
    """Return what an honest course shows, with what every client would tell a friend."""
    terms, ask = release.terms, release.begin()
    kind: Kind = "moments" if terms.regression else "update"
    most = max(1, _ROOM // (terms.clients * terms.entries(kind)))
    if terms.privacy is None:
        most = min(most, _ROUNDS)
    way, seen = course(terms, release.start, rng), []
    request = next(way)
    while True:
        # What all of them tell serves every victim: his own word is not used against him.
        seen.append(ask(request, request.chosen if terms.secure else ()))
        if terms.regression or len(seen) == min(most, terms.rule.rounds):
            return seen
        request = way.send(seen[-1])


def _messages(terms: Terms, watched: Sequence[Seen], setting: str = CURIOUS) -> View:
    """Return every client's own messages."""
    each = [(seen.answered, seen.messages) for seen in watched]
    whose = tuple(range(terms.clients))
    return _view(terms, setting, watched, [_placed(w, m, whose) for w, m in each], whose)


def _sums(terms: Terms, setting: str, watched: Sequence[Seen]) -> View:
    """Return what masks leave: sums over all who answered."""
    sums = [None if seen.total is None else seen.total[None] for seen in watched]
    placed = [_placed((0,), told, (0,)) for told in sums]
    found = _view(terms, setting, watched, placed, ())
    return replace(found, noise=found.noise * math.sqrt(max(len(s.answered) for s in watched)))


def _masked(terms: Terms, watched: Sequence[Seen], victims: tuple[int, ...]) -> View:
    """Return single messages, read as if no mask were on them."""
    each = [(seen.answered, _unread(terms, seen)) for seen in watched]
    placed = [_placed(w, m, victims) for w, m in each]
    return replace(_view(terms, MASKED, watched, placed, victims), masked=True)


def _unread(terms: Terms, seen: Seen) -> Floats | None:
    if seen.masked is None:
        return None
    if terms.privacy is None:
        return under_masks(terms).decode(seen.masked)
    return decoded(terms, seen.request.kind, seen.masked.view(np.int64))


def _colluding(terms: Terms, watched: Sequence[Seen], victims: tuple[int, ...]) -> View:
    """Return the sum without what everybody but the victim told, one victim after another."""
    placed = []
    for seen in watched:
        if seen.total is None or seen.told is None:
            placed.append(_placed((), None, victims))
            continue
        answered = np.isin(seen.request.chosen, seen.answered)
        rest = seen.total - seen.told[answered].sum(axis=0)
        placed.append(_placed(seen.answered, rest + seen.told[answered], victims))
    return _view(terms, COLLUDING, watched, placed, victims)


def _differenced(release: UpdateRelease, victims: tuple[int, ...]) -> list[View]:
    """Return the sums of all clients without those of all but a victim, for the same weights."""
    terms = release.terms
    if terms.asked < 2 or terms.clients <= _LEAST:
        return []
    pairs = 1 if terms.privacy is None else min(_PAIRS, terms.asked // 2)
    everybody = tuple(range(terms.clients))
    shape = (pairs, len(victims), terms.entries("update"))
    found, there = np.zeros(shape), np.zeros(shape[:2], np.bool_)
    ask, whole = release.begin(masks=False), None
    for place, victim in enumerate(victims):
        if terms.privacy is not None:  # what is paid for is spent on one victim
            ask, whole = release.begin(masks=False), None
        for pair in range(pairs):
            if whole is None or terms.privacy is not None:
                whole = ask(_update(pair * (len(victims) + 1), release.start, everybody))
            others = everybody[:victim] + everybody[victim + 1 :]
            rest = ask(_update(whole.request.round_number + place + 1, release.start, others))
            alone = set(whole.answered) - set(rest.answered) == {victim}
            alone &= len(whole.answered) == len(rest.answered) + 1
            if whole.total is not None and rest.total is not None and alone:
                found[pair, place] = whole.total - rest.total
                there[pair, place] = True
    sent = np.repeat(sendable(release.start)[None], pairs, axis=0)
    noise = noise_of_one(terms, "update") * math.sqrt(2 * terms.clients - 1)
    return [
        View(
            setting=DIFFERENCED,
            kind="update",
            sent=sent,
            signals=found[:, :, :-1],
            counts=found[:, :, -1],
            there=there,
            clients=victims,
            noise=noise,
        )
    ]


def _crafted(release: UpdateRelease, weights: Floats) -> View:
    """Return what everybody answers to weights that the server chose."""
    terms, ask = release.terms, release.begin(masks=False)
    asks = len(weights) if terms.privacy is None else terms.asked
    everybody = tuple(range(terms.clients))
    watched = [
        ask(_update(number, weights[number % len(weights)], everybody)) for number in range(asks)
    ]
    if terms.secure:
        return _sums(terms, CRAFTED, watched)
    return _messages(terms, watched, CRAFTED)


def _update(number: int, weights: Floats, chosen: tuple[int, ...]) -> Request:
    return Request(kind="update", round_number=number, sent=sendable(weights), chosen=chosen)


def _placed(
    answered: Sequence[int], told: Floats | None, clients: tuple[int, ...]
) -> tuple[Floats | None, Flags]:
    """Return messages (clients, entries) in the order of clients, and who of them answered."""
    there = np.isin(clients, answered)
    if told is None:
        return None, np.zeros(len(clients), np.bool_)
    place = {client: i for i, client in enumerate(answered)}
    found = np.zeros((len(clients), told.shape[1]))
    found[there] = told[[place[c] for c, here in zip(clients, there, strict=True) if here]]
    return found, there


def _view(
    terms: Terms,
    setting: str,
    watched: Sequence[Seen],
    placed: Sequence[tuple[Floats | None, Flags]],
    clients: tuple[int, ...],
) -> View:
    """Return rounds joined; the noise is that of one client."""
    kind = watched[0].request.kind
    there = np.stack([here for _, here in placed])
    found = np.zeros((*there.shape, terms.entries(kind)))
    for place, (told, _) in enumerate(placed):
        if told is not None:
            found[place] = told
    updates = kind == "update"
    return View(
        setting=setting,
        kind=kind,
        sent=np.stack([seen.request.sent for seen in watched]),
        signals=found[:, :, :-1] if updates else found,
        counts=found[:, :, -1] if updates else np.zeros(there.shape),
        there=there,
        clients=clients,
        noise=noise_of_one(terms, kind),
    )
