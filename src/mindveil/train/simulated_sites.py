"""All sites of a federation in one process: a simulation, which hides nothing from its owner.

It shows what a server would see, to the number. What protects people in it is simulated as well:
masks are really made and really taken off, and noise is really drawn, but all in one memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.noise import Noise
from mindveil.errors import RefusedError
from mindveil.secure_sum import DropOuts, Entropy, secure_sum, usual_threshold
from mindveil.train.base import Floats
from mindveil.train.federation_terms import Kind, Terms
from mindveil.train.site_answers import (
    Request,
    SiteData,
    decoded,
    noisy_answers,
    plain_answers,
    under_masks,
)

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a server sees of one request.

    ``answered`` are the clients in the sum ``total`` (entries,), which is missing where too few
    answered. Without masks ``messages`` (answered, entries) are theirs one by one; under masks
    ``masked`` are the same under masks. ``told`` are the messages of clients that collude.
    """

    request: Request
    answered: tuple[int, ...]
    total: Floats | None
    messages: Floats | None = None
    masked: Words | None = None
    told: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """Clients that drop out: each with this probability a round, half of them before they send."""

    rate: float
    rng: np.random.Generator

    def among(self, chosen: Sequence[int]) -> DropOuts:
        """Return the places of those of the chosen who drop out, before or after they send."""
        fate = self.rng.random(len(chosen))
        before = np.flatnonzero(fate < self.rate / 2.0).tolist()
        after = np.flatnonzero((fate >= self.rate / 2.0) & (fate < self.rate)).tolist()
        return DropOuts(before=frozenset(before), after=frozenset(after))


@dataclass(slots=True, kw_only=True)
class SimulatedSites:
    """Sites that answer, each no oftener than what was promised pays for.

    ``answers_given``, (clients,) for each kind of request, is all that they remember. Without
    ``masks`` sums are told as masks would leave them: where nobody looks at what is masked, making
    them is spared.
    """

    terms: Terms
    data: SiteData
    noise: Noise
    entropy: Entropy
    failing: Failing | None = None
    masks: bool = True
    answers_given: dict[Kind, NDArray[np.int64]] = field(init=False, default_factory=dict)

    def ask(self, request: Request, colluding: Sequence[int] = ()) -> Seen:
        """Return what the server sees of these clients' answers.

        Raises:
            RefusedError: a client was asked more often than its people were promised, or twice
                at once.
        """
        self._count(request)
        kept = self.failing.among(request.chosen) if self.failing else DropOuts()
        if self.terms.privacy:
            told = noisy_answers(self.terms, request, self.data, self.noise)
            return self._joined(request, told, kept, colluding)
        plain = plain_answers(self.terms, request, self.data)
        return self._joined(request, plain, kept, colluding)

    def _count(self, request: Request) -> None:
        known = set(range(self.terms.clients))
        if not known.issuperset(request.chosen) or len(set(request.chosen)) < len(request.chosen):
            raise RefusedError("a request names a client twice, or one that there is not")
        paid = self.terms.paid(request.kind)
        if not paid:
            raise RefusedError(f"nobody agreed to answer what is asked: {request.kind!r}")
        if self.terms.privacy is None:
            return
        asked = np.asarray(request.chosen, np.intp)
        given = self.answers_given.setdefault(request.kind, np.zeros(self.terms.clients, np.int64))
        if (given[asked] >= paid).any():
            raise RefusedError(
                f"a client was asked for answer {int(given[asked].max()) + 1} of its kind, and "
                f"what its people were promised pays for {paid}; it does not answer"
            )
        given[asked] += 1

    def _joined(
        self,
        request: Request,
        told: NDArray[np.generic],
        kept: DropOuts,
        colluding: Sequence[int],
    ) -> Seen:
        """Return what the server sees of contributions (chosen, entries)."""
        there = [i for i in range(len(request.chosen)) if i not in kept.before]
        answered = tuple(request.chosen[i] for i in there)
        plain = self._plain(request, told)
        spoken = [i for i, c in enumerate(request.chosen) if c in set(colluding)]
        seen = Seen(
            request=request, answered=answered, total=None, told=plain[spoken] if spoken else None
        )
        if not self.terms.secure:
            return _openly(seen, plain[there])
        if not self.masks:
            enough = len(there) - len(kept.after) >= self._least(len(plain))
            return replace(seen, total=plain[there].sum(axis=0)) if enough else seen
        return self._under_masks(seen, told, kept)

    def _least(self, asked: int) -> int:
        """Return how many of those who were asked must finish a round."""
        return max(self.terms.threshold, usual_threshold(asked))

    def _plain(self, request: Request, told: NDArray[np.generic]) -> Floats:
        if self.terms.privacy:
            return decoded(self.terms, request.kind, told.astype(np.int64))
        return told.astype(np.float64)

    def _under_masks(self, seen: Seen, told: NDArray[np.generic], kept: DropOuts) -> Seen:
        if len(told) < self._least(len(told)):
            return seen
        scale = None if self.terms.privacy else under_masks(self.terms)
        words = (
            told.astype(np.int64).view(np.uint64)
            if scale is None
            else scale.encode(told.astype(np.float64))
        )
        try:
            met = secure_sum(
                words,
                kept,
                threshold=self._least(len(words)),
                round_number=seen.request.round_number,
                entropy=self.entropy,
            )
        except RefusedError:
            return seen
        whole = met.total.view(np.int64)
        total = (
            decoded(self.terms, seen.request.kind, whole)
            if scale is None
            else scale.decode(met.total)
        )
        return replace(seen, total=total, masked=met.masked)


def _openly(seen: Seen, messages: Floats) -> Seen:
    total = messages.sum(axis=0) if len(messages) else None
    return replace(seen, total=total, messages=messages)
