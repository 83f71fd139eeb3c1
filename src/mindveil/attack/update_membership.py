"""``updates/membership``: "was she among those whose updates were added up?"."""

from __future__ import annotations

import math
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from mindveil.attack.base import Attacker, Guesses, Holding, Membership, ModelKnowledge
from mindveil.attack.own_updates import Held, alone, held_by, is_sum, moves_alone
from mindveil.attack.own_updates import moves_among_others as moves_among
from mindveil.attack.sum_membership import Overlap, Suspicion, as_one, of_any, overlap_of
from mindveil.attack.update_views import CURIOUS, View, noise_of_one, views_of
from mindveil.corpus.model import Modality
from mindveil.errors import InputError
from mindveil.secure_sum import usual_threshold
from mindveil.train.base import Flags, Floats
from mindveil.train.moments import SHARES
from mindveil.train.site_answers import Request, SiteData, plain_answers
from mindveil.train.update_release import UpdateRelease

_UNEXPLAINED = (1.0, 0.1, 1e-2, 1e-3, 1e-4, 1e-6, 1e-8, 1e-10)
"""Of the variance of people in a sum: what he may take for nobody's doing, the most first."""
_PRACTICE = 6
"""Federations of his own on which he finds which of them to take."""
_SMOOTH = (0.25, 0.5, 0.25)
_FEW = 20
"""Clients up to which each of them can be singled out in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateMembership:
    """Tell whether each known person was at the clients, from what a server saw.

    The adversary knows the weights that were sent and the recipe, so that he can compute what
    each person would have sent. Her score is how much likelier the sums are with her in them than
    without, all rounds together; where single clients were seen, that she was at one of them.
    How much of a sum is nobody's doing (clients of many do not add up exactly), he finds on
    federations of his own. ``aggregates`` asks k clients at a time, all of them in turn, for each
    k: what a sum gives away against the number of clients in it. Masks with a threshold above k
    do not show such sums, and nothing is guessed. Where not everybody could be singled out, a
    view of single clients is left out.

    This adversary is strong where he holds everybody who may be in a sum, whoever it is: then
    what others add is no riddle to him. Of a sum of more people than he holds, the rest is noise.
    Others are taken together, as a bell; who tries all pairs of candidates takes a sum of two
    apart, so that figures of sums of few people are lower bounds.

    Source: Homer et al. 2008 and Sankararaman et al. 2009 (tracing people in sums); Nasr, Shokri &
    Houmansadr 2019 (membership from updates).

    Limits: The server is taken to know everybody who may be in a sum: a worst case. Figures of sums
    of few people are lower bounds, since pairs of candidates are not tried.
    """

    name: ClassVar[str] = "updates/membership"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "updates"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("semi-informed",)

    aggregates: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if any(k < 1 for k in self.aggregates):
            raise InputError(f"{self.name} aggregates = {self.aggregates}: numbers of clients")

    def run(
        self, release: UpdateRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return how surely each known person was at a client, one entry a view.

        Raises:
            InvalidMeasurement: fewer than ten known people, or nothing was seen.
        """
        held = held_by(release, knowledge)
        clients = release.terms.clients
        views = views_of(release, None, clients if clients <= _FEW else 1, rng)
        asked = [
            Sight.of(release, view, np.ones(clients) if view.clients else np.array([clients]))
            for view in views
            if len(view.clients) in {0, clients}
        ]
        asked += [sight for k in self.aggregates if (sight := _summed(release, views[0], k, rng))]
        return tuple(
            Membership(
                people=held.candidates,
                scores=_scores(sight, held, rng)[: len(held.candidates)],
                setting=sight.view.setting,
            )
            for sight in asked
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A view, and what is publicly known of it.

    ``clients`` (signals,) is how many clients a signal is of, ``people`` (rounds, signals) how
    many people. ``steady`` says that the same clients are in all rounds.
    """

    release: UpdateRelease
    view: View
    clients: Floats
    people: Floats
    steady: bool

    @classmethod
    def of(cls, release: UpdateRelease, view: View, clients: NDArray[np.number]) -> Sight:
        """Return a view whose signals are of so many clients (signals,)."""
        recipe, terms = release.recipe, release.terms
        steady = recipe.rule.participation == 1.0 and not recipe.dropout
        number = clients.astype(np.float64)
        if terms.privacy is None and not view.masked:
            count = view.counts
            if view.kind == "moments":
                count = view.signals[:, :, 0] / SHARES.roots()[0]
        else:
            each = 1.0
            if not release.of_people and terms.privacy is not None:
                each = terms.privacy.people / terms.clients
            curious = view.setting == CURIOUS and not view.clients
            asked = number * (recipe.rule.participation if curious else 1.0)
            count = np.broadcast_to(asked * each, view.there.shape)
        return cls(
            release=release,
            view=view,
            clients=number,
            people=np.where(view.there, np.maximum(count, 1.0), 1.0),
            steady=steady and bool(view.there.all()),
        )

    @property
    def single(self) -> bool:
        """Whether each signal is of one person."""
        return self.release.of_people and bool((self.clients == 1.0).all())

    @property
    def whole(self) -> Sight:
        """The sum of all its signals: single sums may leave more open than their sum."""
        view, signals = self.view, len(self.clients)
        joined = replace(
            view,
            signals=view.signals.sum(axis=1, keepdims=True),
            counts=view.counts.sum(axis=1, keepdims=True),
            there=np.asarray(view.there.all(axis=1, keepdims=True), np.bool_),
            clients=(),
            noise=view.noise * math.sqrt(signals),
        )
        return replace(
            self,
            view=joined,
            clients=self.clients.sum(keepdims=True),
            people=self.people.sum(axis=1, keepdims=True),
        )

    def own(self, data: SiteData, round_: int, signal: int) -> Floats:
        """Return what each person would have added to a signal, (people, entries)."""
        terms, sent = self.release.terms, self.view.sent[round_]
        if self.view.kind == "moments":
            request = Request(kind="moments", round_number=0, sent=sent, chosen=())
            told = alone(terms, data, request)
        elif self.release.of_people:
            return moves_alone(terms, data, sent)
        else:
            mean = self.view.signals[round_, signal] / self.people[round_, signal]
            told = moves_among(terms, data, sent, mean if not self.view.noise else 0.0 * mean)
        if terms.per_client and not self.release.of_people:  # clients send means
            told = told * (self.clients[signal] / self.people[round_, signal])
        return told

    @property
    def alike(self) -> bool:
        """Whether a person adds the same to each signal."""
        terms = self.release.terms
        if self.release.of_people:
            return True
        return not terms.per_client and (self.view.kind == "moments" or is_sum(terms))


def _scores(sight: Sight, held: Held, rng: np.random.Generator) -> Floats:
    """Return the score of everybody he holds, candidates first; of a sum perhaps only theirs."""
    if sight.single:
        return _of_one(sight, held)
    inside = float(sight.people.sum(axis=1).max())
    if inside < len(held.candidates):
        held = held.first(len(held.candidates))
    ways = [sight, sight.whole] if len(sight.clients) > 1 and sight.steady else [sight]
    practised = [_practised(way, held, rng) for way in ways]
    best = max(range(len(ways)), key=lambda way: practised[way][0])
    way, (_, unexplained) = ways[best], practised[best]
    return _told(_suspicions(way, held.data), unexplained, way.view.noise)


def _of_one(sight: Sight, held: Held) -> Floats:
    view = sight.view
    away = np.zeros((held.data.people.clients, view.signals.shape[1]))
    typical = 0.0
    for round_, (signals, there) in enumerate(zip(view.signals, view.there, strict=True)):
        own = sight.own(held.data, round_, 0)
        length = np.square(own).sum(axis=1)
        power = np.square(signals).sum(axis=1)
        away += (length[:, None] - 2.0 * (own @ signals.T) + power) * there
        typical += float(length.mean())
    return of_any(as_one(away, view.noise**2 + max(_UNEXPLAINED[-1] * typical, 1e-300)))


def _suspicions(sight: Sight, data: SiteData) -> list[list[tuple[Suspicion, Flags]]]:
    """Return, signal after signal or for all at once, what each block of rounds says.

    Where the same clients are in all rounds, these are one block: nobody is in half of it.
    """
    view = sight.view
    signals = view.signals.shape[1]
    groups = [slice(0, signals)] if sight.alike else [slice(s, s + 1) for s in range(signals)]
    made = []
    for group in groups:
        rounds = [
            overlap_of(sight.own(data, r, group.start), view.signals[r, group])
            for r in range(len(view.sent))
        ]
        share = sight.people[:, group] / data.people.clients
        there = view.there[:, group]
        if sight.steady:
            rounds, share, there = [_joined(rounds)], share[:1], there[:1]
        made.append(
            [
                (Suspicion.of(overlap, part), here)
                for overlap, part, here in zip(rounds, share, there, strict=True)
            ]
        )
    return made


def _joined(rounds: list[Overlap]) -> Overlap:
    whole = rounds[0]
    for later in rounds[1:]:
        whole = whole.and_then(later)
    return whole


def _told(
    suspected: list[list[tuple[Suspicion, Flags]]], unexplained: float, noise: float
) -> Floats:
    each = [
        sum((one.scores(unexplained, noise) * here for one, here in blocks), start=np.zeros(()))
        for blocks in suspected
    ]
    return of_any(np.hstack(each))


def _practised(sight: Sight, held: Held, rng: np.random.Generator) -> tuple[float, float]:
    """Return how well he does, and which variance is best taken for nobody's.

    He sees it in federations of people whom he holds.
    """
    worth = np.zeros(len(_UNEXPLAINED))
    for _ in range(_PRACTICE):
        inside, mine = _own_federation(sight, held, rng)
        suspected = _suspicions(mine, held.data)
        worth += [_auc(_told(suspected, u, mine.view.noise), inside) for u in _UNEXPLAINED]
    # A few federations are a noisy judge: neighbours, which do about as well, have a say.
    best = int(np.argmax(np.convolve(np.pad(worth, 1, "edge"), _SMOOTH, "valid")))
    return float(worth[best]), _UNEXPLAINED[best]


def _own_federation(sight: Sight, held: Held, rng: np.random.Generator) -> tuple[Flags, Sight]:
    """Return a federation of some whom he holds, as large and as noisy, asked the same."""
    release, view = sight.release, sight.view
    everybody = held.data.people.clients
    wanted = float(sight.people.sum(axis=1).max())
    number = round(wanted) if wanted < everybody else everybody // 2
    clients = number if release.of_people else int(sight.clients.sum())
    inside = np.zeros(everybody, np.bool_)
    inside[rng.choice(everybody, number, replace=False)] = True
    lessons = held.lessons.of(inside)
    own = release.recipe.division.of(lessons, rng)
    data = SiteData.of(lessons, own, clients, release.recipe.reach)
    terms = replace(release.terms, clients=clients, secure=False, threshold=0)
    signal = rng.permutation(_signal_of(sight.clients, clients))
    told = np.zeros((len(view.sent), len(sight.clients), release.terms.entries(view.kind)))
    for round_, sent in enumerate(view.sent):
        request = Request(kind=view.kind, round_number=0, sent=sent, chosen=tuple(range(clients)))
        np.add.at(told[round_], signal, plain_answers(terms, request, data))
    moved = told[:, :, :-1] if view.kind == "update" else told
    people = np.bincount(signal[own], minlength=len(sight.clients)).astype(np.float64)
    mine = replace(
        view,
        signals=moved + view.noise * rng.standard_normal(moved.shape),
        there=np.ones_like(view.there),
    )
    several = np.broadcast_to(np.maximum(people, 1.0), sight.people.shape)
    return inside, replace(sight, view=mine, people=several)


def _signal_of(clients: Floats, there: int) -> NDArray[np.intp]:
    """Return in which signal each client is.

    >>> _signal_of(np.array([1.0, 2.0]), 6).tolist()
    [0, 0, 1, 1, 1, 1]
    """
    ends = np.cumsum(clients) / clients.sum() * there
    return np.searchsorted(ends, np.arange(there) + 0.5).astype(np.intp)


def _auc(scores: Floats, inside: Flags) -> float:
    rank = rankdata(scores)[inside]
    members, strangers = int(inside.sum()), int((~inside).sum())
    if not members or not strangers:
        return 0.5
    return (float(rank.sum()) - members * (members + 1) / 2.0) / (members * strangers)


def _summed(release: UpdateRelease, seen: View, k: int, rng: np.random.Generator) -> Sight | None:
    """Return the sums of k clients at a time, all clients in turn; none where masks forbid it."""
    terms = release.terms
    least = max(terms.threshold, usual_threshold(k)) if terms.secure else 1
    if k > terms.clients or k < least:
        return None
    order = rng.permutation(terms.clients)
    groups = [tuple(sorted(g.tolist())) for g in np.array_split(order, terms.clients // k)]
    ask = release.begin(masks=False)
    shape = (len(seen.sent), len(groups))
    found = np.zeros((*shape, terms.entries(seen.kind)))
    there = np.zeros(shape, np.bool_)
    for round_, sent in enumerate(seen.sent):
        for place, group in enumerate(groups):
            number = round_ * len(groups) + place
            request = Request(kind=seen.kind, round_number=number, sent=sent, chosen=group)
            total = ask(request).total
            if total is not None:
                found[round_, place], there[round_, place] = total, True
    updates = seen.kind == "update"
    view = View(
        setting=f"sum of {k} clients",
        kind=seen.kind,
        sent=seen.sent,
        signals=found[:, :, :-1] if updates else found,
        counts=found[:, :, -1] if updates else np.zeros(shape),
        there=there,
        clients=(),
        noise=noise_of_one(terms, seen.kind) * math.sqrt(max(map(len, groups))),
    )
    return Sight.of(release, view, np.array([len(group) for group in groups]))
