"""Many federations at once: the clients of all of them are one axis.

For attackers and for sweeps: each head has people, weights and noise of its own, noise is seeded
and in floats, and there are no masks, which change no sum. None of these heads may be released.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mindveil.train.adassp import PENALTY
from mindveil.train.base import Flags, Floats
from mindveil.train.client_steps import ClientPeople, contributions
from mindveil.train.corrected_line import corrected_by, residual_contributions
from mindveil.train.federation_course import shared_move
from mindveil.train.federation_terms import Kind, Terms
from mindveil.train.moments import SHARES, moments_of
from mindveil.train.moments import contributions as moments_of_people
from mindveil.train.noisy_line import lines_of, log_odds_of
from mindveil.train.server_rules import Memory, moved
from mindveil.train.site_answers import SiteData, stack_of
from mindveil.train.stepped_head import odds_from, seen_by

TOGETHER = 1 << 22
"""Floats of rows that are copied for heads taught together: 16 MB."""


def sums_in_all(terms: Terms) -> bool:
    """Whether a server needs nothing but the sum of all clients: then many can be taught at once."""
    return terms.rule.combine == "mean" and terms.rule.participation == 1.0 and not terms.per_client


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Clients whose people, some or others of them, teach many heads; rows ``asked`` are unit rows."""

    terms: Terms
    data: SiteData
    asked: Floats

    def odds(self, inside: Flags, start: Floats, rng: np.random.Generator) -> Floats:
        """Return the log-odds of heads, shape (asked, heads).

        ``inside`` (people, heads) says who of ``data`` teaches each head; ``start`` (heads,
        parameters) are the weights that each begins with.
        """
        if self.terms.regression:
            return self._of_sums(inside, rng)
        size = max(1, TOGETHER // max(1, self.data.rows.size))
        parts = [
            self._of_steps(inside[:, a : a + size], start[a : a + size], rng)
            for a in range(0, inside.shape[1], size)
        ]
        return np.concatenate(parts, axis=1)

    def _of_sums(self, inside: Flags, rng: np.random.Generator) -> Floats:
        terms = self.terms
        told = moments_of_people(self.data.rows, self.data.severity, SHARES)
        sums = inside.T.astype(np.float64) @ told
        sums += _noise(terms, "moments", sums.shape, rng)
        counted = moments_of(sums, terms.shape.columns, SHARES, terms.noise_in_all("moments"))
        return log_odds_of(lines_of(counted, PENALTY), self.asked)

    def _of_steps(self, inside: Flags, start: Floats, rng: np.random.Generator) -> Floats:
        terms, heads = self.terms, inside.shape[1]
        people = _people_of_all(terms, self.data, inside)
        head_of = np.repeat(np.arange(heads), terms.clients)
        everyone = np.arange(heads * terms.clients)
        weights, memory = start, Memory.of(start)
        for _ in range(terms.rule.rounds):
            sent = weights.astype(np.float32)
            told = contributions(people, terms.shape, terms.stepping, sent[head_of], everyone)
            total = told.reshape(heads, terms.clients, -1).sum(axis=1)
            total += _noise(terms, "update", total.shape, rng)
            weights, memory = moved(terms.rule, weights, shared_move(terms, total), memory)
        stack = stack_of(terms, weights)
        seen = seen_by(stack, self.data.rows)
        each = (residual_contributions(seen, self.data.severity, head) for head in range(heads))
        sums = np.stack([mine @ adds for mine, adds in zip(inside.T, each, strict=True)])
        sums += _noise(terms, "line", sums.shape, rng)
        lines = corrected_by(seen, sums, terms.noise_in_all("line"))
        return odds_from(stack, lines, self.asked)


def _people_of_all(terms: Terms, data: SiteData, inside: Flags) -> ClientPeople:
    """Return the people of all heads, head after head; who teaches two of them is there twice."""
    head, person = np.nonzero(inside.T)
    client = head * terms.clients + data.client[person]
    answers = (1.0 + data.severity[person]) / 2.0
    return ClientPeople.of(data.rows[person], answers, client, inside.shape[1] * terms.clients)


def _noise(
    terms: Terms, kind: Kind, shape: tuple[int, ...], rng: np.random.Generator
) -> Floats | float:
    """Return what all clients add to a sum together, in plain units."""
    if terms.privacy is None:
        return 0.0
    return terms.noise_in_all(kind) * terms.longest(kind) * rng.standard_normal(shape)
