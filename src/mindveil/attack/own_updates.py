"""What people whom an adversary holds would have sent: he knows how a federation learns.

A server knows the weights that it sent and the recipe, and so has every client's computer but for
the people. What one person adds to the update of a client of many is her own gradient, along the
way that the client went; what a client of one person sends is computed to the bit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import ModelKnowledge
from mindveil.attack.model_game import people_held
from mindveil.train.base import Floats, Lessons
from mindveil.train.client_steps import ClientPeople, contributions
from mindveil.train.federation_terms import Terms
from mindveil.train.site_answers import Request, SiteData, plain_answers
from mindveil.train.update_release import UpdateRelease

_STOPS = 5
"""Places on a client's way at which gradients are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """People whom the adversary holds, each as a client of her own.

    Candidates come first: ``candidates`` names them. ``lessons`` are those of everybody.
    """

    candidates: tuple[str, ...]
    lessons: Lessons
    data: SiteData

    def first(self, people: int) -> Held:
        """Return the first so many of them."""
        some = self.lessons.of(np.arange(len(self.lessons.ids)) < people)
        own = np.arange(people, dtype=np.intp)
        data = SiteData(
            rows=self.data.rows[:people],
            severity=self.data.severity[:people],
            client=own,
            people=self.data.people.of(
                self.data.people.rows[:people], self.data.people.answers[:people], own, people
            ),
            place=own,
        )
        return Held(candidates=self.candidates[:people], lessons=some, data=data)


def held_by(release: UpdateRelease, knowledge: ModelKnowledge) -> Held:
    """Return candidates, then reference people, who have an answer and something to read.

    Raises:
        InvalidMeasurement: fewer than ten candidates do.
    """
    everybody, known = people_held(release.reader, knowledge)
    return Held(
        candidates=everybody.ids[:known],
        lessons=everybody,
        data=each_alone(everybody, release.recipe.reach),
    )


def each_alone(lessons: Lessons, reach: float) -> SiteData:
    """Return people as public rules read them, each a client of her own."""
    people = len(lessons.ids)
    return SiteData.of(lessons, np.arange(people, dtype=np.intp), people, reach)


def alone(terms: Terms, data: SiteData, request: Request) -> Floats:
    """Return what each person sends as a client of her own, (people, entries), before any noise."""
    people = data.people.clients
    return plain_answers(
        replace(terms, clients=people, secure=False, threshold=0),
        replace(request, chosen=tuple(range(people))),
        data,
    )


def moves_alone(terms: Terms, data: SiteData, sent: Floats) -> Floats:
    """Return how each person moves the weights as a client of her own, (people, parameters)."""
    request = Request(kind="update", round_number=0, sent=sent, chosen=())
    return alone(terms, data, request)[:, :-1]


def moves_among_others(terms: Terms, data: SiteData, sent: Floats, moved: Floats) -> Floats:
    """Return what each person adds to the sum of moves of a client of many, (people, parameters).

    ``moved`` (parameters,) is how far that client came on the whole. One bounded or plain step
    adds up exactly; of more steps, gradients are looked at on the way from start to end.
    Where whole clients are promised something, the sum is before their mean is taken.
    """
    if is_sum(terms) and not terms.per_client:
        return moves_alone(terms, data, sent)
    single = replace(terms.stepping, steps=1, batch=0, proximal=0.0)
    everybody: NDArray[np.intp] = np.arange(data.people.clients, dtype=np.intp)
    total = np.zeros((len(everybody), len(sent)))
    stops, beside = _way(terms, data, sent)
    for stop, aside in zip(stops, beside, strict=True):
        on_the_way = sent + moved * stop + aside
        total += contributions(data.people, terms.shape, single, on_the_way, everybody)[:, :-1]
    return total * (terms.stepping.steps / len(stops))


def _way(terms: Terms, data: SiteData, sent: Floats) -> tuple[Floats, Floats]:
    """Return where a client is before each step: parts of the whole way, and how far beside it.

    Shapes (stops,) and (stops, parameters). First steps are the longest, and ways are bent: how, a
    client of everybody whom he holds shows.
    """
    all_of_them = np.zeros(len(data.client), np.intp)
    together = ClientPeople.of(data.people.rows, data.people.answers, all_of_them, 1)
    local = replace(terms.stepping, batch=0)
    places = [np.zeros(len(sent))]
    for step in range(1, local.steps + 1):
        part = replace(local, steps=step)
        told = contributions(together, terms.shape, part, sent, np.zeros(1, np.intp))
        places.append(told[0, :-1] / len(data.client))
    way = np.stack(places)
    length = float(way[-1] @ way[-1])
    along = way[:-1] @ way[-1] / length if length > 0.0 else np.zeros(local.steps)
    beside = way[:-1] - along[:, None] * way[-1]
    looked = np.unique(np.rint(np.linspace(0, local.steps - 1, _STOPS)).astype(np.intp))
    return np.asarray(along[looked], np.float64), beside[looked]


def is_sum(terms: Terms) -> bool:
    """Whether the update of a client of many is the sum of what each person would send alone."""
    return terms.stepping.steps == 1 and not terms.stepping.batch
