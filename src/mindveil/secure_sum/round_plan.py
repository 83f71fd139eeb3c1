"""The plan of one round: what everybody agrees on before a key is made.

All of it is public. Its digest is bound into every key that is derived and into every sealed
share, so that two parties who were told different things cannot understand each other, and so
that the masks of one round, study or list of clients never come back in another.

Up to 32 clients everybody shares masks with everybody (Bonawitz et al. 2017, "Practical secure
aggregation for privacy-preserving machine learning"). Above, each has some neighbours only (Bell
et al. 2020, "Secure single-server aggregation with (poly)logarithmic overhead"): the clients are
put on a ring in an order drawn by a hash, and each is joined to the next ones on both sides (a
Harary graph, the sturdiest graph of its degree). The degree grows with the logarithm of the number
of clients, so that it must pass three odds, each of 1 in 1,000 a round: that all neighbourhoods
keep their majority when a third of the clients drops out, and that no gap of half a
neighbourhood opens in the ring when half of the clients are missing or collude.

A share can be put together by a majority of those who hold it, never by fewer: two halves that
were told different stories by a server then cannot give it both secrets of one client.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass

from mindveil.errors import InputError, RefusedError

COMPLETE = 32
"""Up to this many clients, everybody is a neighbour of everybody."""

ODDS = 1e-3
"""How often a round may fail for want of neighbours."""

LARGEST = 1 << 32
"""Client and round numbers are packed in 8 bytes; vectors and lists beyond this are mistakes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundPlan:
    """What all parties of one round were told.

    ``study`` names the study (free words), ``round_number`` counts from 0 and never comes twice
    in a study, ``clients`` are numbered from 0, ``threshold`` is how many of them must stay,
    ``entries`` is the length of a vector, ``degree`` the number of neighbours (0: by the rule).
    """

    study: str
    round_number: int
    clients: int
    threshold: int
    entries: int
    degree: int = 0

    def __post_init__(self) -> None:
        """Refuse a plan that hides nothing."""
        if not 2 <= self.clients < LARGEST:
            raise InputError(
                f"a secure sum of {self.clients} clients hides nothing; have 2 or more"
            )
        if not 0 <= self.round_number < LARGEST:
            raise InputError(f"round {self.round_number} cannot be; count rounds from 0")
        if not 1 <= self.entries < LARGEST:
            raise InputError(f"vectors of {self.entries} entries cannot be summed; give 1 or more")
        if self.threshold > self.clients:
            raise InputError(
                f"a threshold of {self.threshold} cannot be met by {self.clients} clients"
            )
        if 2 * self.threshold <= self.clients:
            raise RefusedError(
                f"a threshold of {self.threshold} of {self.clients} clients is refused: two "
                "halves could be told different stories; ask for more than half"
            )
        if self.degree and not (2 <= self.degree < self.clients and self.degree % 2 == 0):
            raise InputError(
                f"{self.degree} neighbours of {self.clients} clients cannot be; give an even "
                "number from 2 on, or 0 for the rule"
            )

    def context(self) -> bytes:
        """Return the digest of the plan (32 bytes)."""
        words = json.dumps(asdict(self), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(b"mindveil secure sum 1\n" + words.encode()).digest()

    def holders(self) -> tuple[tuple[int, ...], ...]:
        """Return, per client, who holds a share of its secrets: itself and its neighbours.

        Each list is in ascending order; the share of the i-th holder is the polynomial at i + 1.
        """
        degree = self.degree or usual_degree(self.clients)
        if degree >= self.clients - 1:
            return (tuple(range(self.clients)),) * self.clients
        context = self.context()
        ring = sorted(
            range(self.clients),
            key=lambda c: hashlib.sha256(context + c.to_bytes(8, "big")).digest(),
        )
        places = range(-(degree // 2), degree // 2 + 1)
        around = {
            client: tuple(sorted(ring[(at + step) % self.clients] for step in places))
            for at, client in enumerate(ring)
        }
        return tuple(around[client] for client in range(self.clients))

    def majority(self) -> int:
        """Return how many holders it takes to put a secret of a client together."""
        degree = self.degree or usual_degree(self.clients)
        if degree >= self.clients - 1:
            return self.threshold
        return (degree + 1) // 2 + 1


def usual_threshold(clients: int) -> int:
    """Return two thirds of the clients, rounded up: a third of them may drop out.

    >>> [usual_threshold(n) for n in (2, 3, 10, 12)]
    [2, 2, 7, 8]
    """
    return max(clients // 2 + 1, -(-2 * clients // 3))


def usual_degree(clients: int) -> int:
    """Return how many neighbours a client has: all others up to 32 clients, else by the odds.

    >>> [usual_degree(n) for n in (10, 32, 100, 1000)]
    [9, 31, 58, 164]
    """
    if clients <= COMPLETE:
        return clients - 1
    degree = 2 * math.ceil(math.log2(clients / ODDS))
    while degree < clients - 1 and clients * _lost(clients, degree) > ODDS:
        degree += 2
    return min(degree, clients - 1)


def _lost(clients: int, degree: int) -> float:
    """Return how probably a client's holders lose their majority when a third drops out.

    The client itself holds too and is taken as gone, the worse case: a hypergeometric tail.
    """
    gone = clients // 3 - 1
    stay = clients - 1 - gone
    need = (degree + 1) // 2 + 1
    lost = sum(
        math.comb(stay, k) * math.comb(gone, degree - k)
        for k in range(max(0, degree - gone), min(need, degree + 1))
    )
    return lost / math.comb(clients - 1, degree)
