"""One round as coordinator and sites both see it: what is asked, of whom, from which weights.

Under masks all of it is bound into every key of the round: sites that were told different things
(other weights, another list) cannot take each other's masks off, so that their sum stays noise.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import numpy as np

from mindveil.federation.agreement import Agreement
from mindveil.secure_sum import RoundPlan, usual_threshold
from mindveil.train.base import Floats
from mindveil.train.client_steps import parameters_of
from mindveil.train.federation_terms import Kind, Terms

RETRIES = 3
"""How often sites repeat the last answer of a study that promises nothing (federation_course)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What is asked in a round; ``chosen`` are names of sites, in the order of the agreement.

    ``number`` counts requests from 0 and never comes twice in a run.
    """

    number: int
    kind: Kind
    chosen: tuple[str, ...]
    sent: Floats

    def plan(self, agreement: Agreement, terms: Terms) -> RoundPlan:
        """Return what all who share masks in this round agree on.

        Raises:
            InputError: fewer were chosen than must stay.
        """
        told = json.dumps([agreement.hash, self.kind, list(self.chosen)]).encode()
        weights = np.ascontiguousarray(self.sent, "<f8").tobytes()
        return RoundPlan(
            study=hashlib.sha256(told + weights).hexdigest(),
            round_number=self.number,
            clients=len(self.chosen),
            threshold=least(terms, len(self.chosen)),
            entries=terms.entries(self.kind),
        )


def least(terms: Terms, chosen: int) -> int:
    """Return how many of the chosen must stay in a round under masks."""
    return max(terms.threshold, usual_threshold(chosen))


def kind_at(terms: Terms, number: int) -> Kind | None:
    """Return what a round of this number asks for; None beyond the last that is paid for.

    Steps come first and one line after them. A site holds to it: a line costs more than a step.
    """
    if terms.regression:
        return "moments" if number == 0 else None
    if number < terms.rule.rounds:
        return "update"
    more = 0 if terms.privacy else RETRIES
    return "line" if number <= terms.rule.rounds + more else None


def rounds_of(terms: Terms) -> int:
    """Return how many rounds a study has: its steps and the line, or one of sums."""
    return 1 if terms.regression else terms.rule.rounds + 1


def length_sent(terms: Terms) -> int:
    """Return how many weights come with a request."""
    return 0 if terms.regression else parameters_of(terms.shape)
