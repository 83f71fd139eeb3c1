"""Who is at which site: as the data says, or as a study divides people to see what would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError
from mindveil.train.base import Lessons

Indices = NDArray[np.intp]
Split = Literal["even", "unequal", "by-score", "people"]

_SKEW = 0.7
"""How much of a person's place among sites is her score, the rest is chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """How people fall to clients where the data does not say where they were seen.

    "even" deals them out by lot; "unequal" gives client i a share that grows with i; "by-score"
    is unequal, and the more severe somebody is the later the client (not identically distributed);
    with "people" everybody is a client of her own.
    """

    clients: int
    split: Split = "even"

    def __post_init__(self) -> None:
        if self.clients < 1:
            raise InputError(f"{self.clients} clients make no federation; give at least one")

    def of(self, lessons: Lessons, rng: np.random.Generator) -> Indices:
        """Return the client of each person, shape (people,), numbered from 0.

        Raises:
            InputError: the data names more sites than there are clients.
        """
        if lessons.sites:
            return self._named(lessons.sites)
        people = len(lessons.ids)
        if self.split == "people":
            return rng.permutation(people)
        order = rng.permutation(people)
        if self.split == "by-score":
            severity = lessons.scale.severity(lessons.totals)
            rank = np.argsort(np.argsort(severity[order], kind="stable"), kind="stable")
            order = order[np.argsort(_SKEW * rank + (1.0 - _SKEW) * rng.permutation(people))]
        found = np.empty(people, np.intp)
        found[order] = _dealt(people, self.clients, even=self.split == "even")
        return found

    def number(self, people: int) -> int:
        """Return how many clients there are among so many people."""
        return people if self.split == "people" else self.clients

    def _named(self, sites: tuple[int, ...]) -> Indices:
        found = np.asarray(sites, dtype=np.intp)
        if self.split != "people" and int(found.max()) >= self.clients:
            raise InputError(
                f"people of {int(found.max()) + 1} sites were given to a federation of "
                f"{self.clients} clients; set clients to the number of sites"
            )
        return found


def _dealt(people: int, clients: int, *, even: bool) -> Indices:
    """Return clients in rising order, each with its share of so many people.

    >>> _dealt(6, 3, even=False).tolist()
    [0, 1, 1, 2, 2, 2]
    """
    weight = np.ones(clients) if even else np.arange(1.0, clients + 1.0)
    ends = np.rint(np.cumsum(weight) / weight.sum() * people).astype(np.intp)
    return np.repeat(np.arange(clients), np.diff(ends, prepend=0))
