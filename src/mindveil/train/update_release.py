"""What a federation gives away while it learns: everything that a server can ask for and see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mindveil.train.base import Floats
from mindveil.train.federated_recipe import Federated
from mindveil.train.federation_terms import Terms
from mindveil.train.reader import Reader
from mindveil.train.simulated_sites import Seen
from mindveil.train.site_answers import Request


class Ask(Protocol):
    """The server's seat: it asks, and sees what the defences of the federation let through."""

    def __call__(self, request: Request, colluding: Sequence[int] = ()) -> Seen:
        """Return what the server sees of the chosen clients' answers.

        Raises:
            RefusedError: a client has answered as often as its people were promised.
        """
        ...


class Begin(Protocol):
    """Opens a federation anew."""

    def __call__(self, *, masks: bool = True) -> Ask:
        """Return the server's seat; without ``masks`` sums come as masks leave them, and sooner."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRelease:
    """A federation as the adversary in the server's seat meets it.

    ``begin`` opens the same federation anew: the same people at the same clients, fresh masks and
    fresh noise, no answer given yet. ``start`` (parameters,) are the weights that an honest server
    begins with. ``codes`` names each client; where every client is one person (``of_people``) a
    code stands for a person.
    """

    name: str
    reader: Reader
    recipe: Federated
    terms: Terms
    start: Floats
    codes: tuple[str, ...]
    begin: Begin

    @property
    def of_people(self) -> bool:
        """Whether every client is one person."""
        return self.recipe.division.split == "people"
