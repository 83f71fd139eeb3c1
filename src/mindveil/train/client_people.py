"""The people of a federation, client after client, and who of them is in a step.

Clients are often of very unequal size. Their batches are not: a client goes round and round its
people, so that all who have enough of them fill the same batch, and none needs padding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError

Singles = NDArray[np.float32]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPeople:
    """Whom the clients of a federation learn from, client after client.

    ``given`` is (people, columns + 1), a constant 1 last, ``answers`` (people,), ``client``
    (people,) whose each person is, ``sizes`` (clients,). People of one client keep their order.
    """

    given: Singles
    answers: Singles
    client: Indices
    sizes: Indices

    @classmethod
    def of(
        cls,
        rows: NDArray[np.floating],
        answers: NDArray[np.floating],
        client: NDArray[np.integer],
        clients: int,
    ) -> ClientPeople:
        """Return people sorted by their client; a client may have nobody.

        Raises:
            InputError: numbers that are not finite, or a client that is not among so many.
        """
        people = len(rows)
        if clients < 1 or np.ndim(rows) != 2 or answers.shape != (people,):
            raise InputError(
                f"rows of shape {np.shape(rows)} and answers of shape {answers.shape} do not "
                f"describe the people of {clients} clients"
            )
        if client.shape != (people,) or (
            people and not 0 <= client.min() <= client.max() < clients
        ):
            raise InputError(f"each of {people} people needs one client of 0 to {clients - 1}")
        order = np.argsort(client, kind="stable")
        given = np.ones((people, rows.shape[1] + 1), np.float32)
        with np.errstate(over="ignore"):  # what single precision cannot hold is refused below
            given[:, :-1] = rows[order]
        if not (np.isfinite(given).all() and np.isfinite(answers).all() and (answers >= 0).all()):
            raise InputError("a row or an answer is no finite number, or an answer below 0")
        return cls(
            given=given,
            answers=answers[order].astype(np.float32),
            client=client[order].astype(np.intp),
            sizes=np.bincount(client, minlength=clients).astype(np.intp),
        )

    @property
    def rows(self) -> Singles:
        """What is known of each person: (people, columns)."""
        return self.given[:, :-1]

    @property
    def clients(self) -> int:
        """How many clients there are."""
        return self.sizes.size

    @property
    def firsts(self) -> Indices:
        """The place of each client's first person."""
        return np.cumsum(self.sizes) - self.sizes

    def only(self, client: int) -> ClientPeople:
        """Return one client's people, as a federation of that client alone."""
        first = int(self.firsts[client])
        own = slice(first, first + int(self.sizes[client]))
        return ClientPeople(
            given=self.given[own].copy(),
            answers=self.answers[own].copy(),
            client=np.zeros_like(self.client[own]),
            sizes=self.sizes[client : client + 1].copy(),
        )

    def batches(self, some: Indices, size: int, steps: int) -> Iterator[tuple[Singles, Singles]]:
        """Yield the rows and answers of each step, (clients, size, ...): round and round.

        The next batch begins with whoever follows the last of the batch before, and after a
        client's last person comes the first again, so that all batches are equally large.
        """
        firsts, sizes = self.firsts[some][:, None], self.sizes[some][:, None]
        reach = np.arange(size)
        whole = bool((sizes == size).all())
        for step in range(steps):
            if step == 0 or not whole:
                place = firsts + (step * size + reach) % sizes
                batch = self.given[place], self.answers[place]
            yield batch
