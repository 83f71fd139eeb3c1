"""A head that clients teach together: their rows stay with them, sums travel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mindveil.dp.accounting import Budget, advantage_of_mu, statement
from mindveil.dp.noise import Noise, seeded
from mindveil.release import Guarantee
from mindveil.secure_sum import Entropy, operating_system, usual_threshold
from mindveil.secure_sum import seeded as seeded_entropy
from mindveil.secure_sum.round_plan import COMPLETE
from mindveil.train.adassp import PENALTY
from mindveil.train.base import Flags, Floats, Head, Lessons, Recipe, Scale, Taught
from mindveil.train.client_steps import Local, begun
from mindveil.train.corrected_line import corrected_by
from mindveil.train.federated_shadows import Crowd, sums_in_all
from mindveil.train.federation_course import Learnt, course, followed
from mindveil.train.federation_terms import Privacy, Terms
from mindveil.train.heads import Shape
from mindveil.train.moments import SHARES, moments_of
from mindveil.train.noisy_line import Lines, head_of, lines_of
from mindveil.train.server_rules import Rule
from mindveil.train.simulated_sites import Failing, SimulatedSites
from mindveil.train.site_answers import SiteData, stack_of
from mindveil.train.sites import Division, Indices
from mindveil.train.stepped_head import head_from, seen_by
from mindveil.train.unit_rows import REACH, bound_of, unit_rows

RULE = Rule()
LOCAL = Local(steps=5, learning_rate=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Federated:
    """How clients teach a head: by steps that a server averages, or by the sums of a regression.

    What is learnt is the severity from 0 to 1, as in ``sampled-gradient``; a last request of
    sums gives the line to log-odds. ``regression`` asks for the sums of ridge regression instead
    (AdaSSP), once: then the head is what one place would have learnt, whoever was where.
    ``secure`` hides single clients in sums by masks, ``privacy`` promises something besides.
    """

    name: ClassVar[str] = "federated"
    division: Division
    rule: Rule = RULE
    local: Local = LOCAL
    hidden: int = 0
    regression: bool = False
    secure: bool = True
    threshold: int = 0
    privacy: Privacy | None = None
    dropout: float = 0.0
    reach: float = REACH

    @property
    def budget(self) -> Budget | None:
        """What one head spends; none where nothing is promised."""
        return self.privacy.budget if self.privacy else None

    def terms(self, columns: int, clients: int) -> Terms:
        """Return what clients with rows of so many columns agree to.

        Raises:
            InputError: settings that exclude each other.
        """
        return Terms(
            shape=Shape(columns=columns, hidden=self.hidden),
            local=self.local,
            rule=self.rule,
            clients=clients,
            secure=self.secure,
            threshold=self.threshold or usual_threshold(clients),
            privacy=self.privacy,
            regression=self.regression,
        )

    def sites(
        self, lessons: Lessons, client: Indices, noise: Noise, rng: np.random.Generator
    ) -> SimulatedSites:
        """Return the sites of these people, in one process, ready to be asked.

        ``client`` (people,) says who is where. Keys of masks come from the operating system where
        noise does, else from ``rng``, and so does who drops out.
        """
        clients = self.division.number(len(lessons.ids))
        failing = Failing(rate=self.dropout, rng=rng) if self.dropout else None
        entropy: Entropy = operating_system if noise.proved else seeded_entropy(rng)
        return SimulatedSites(
            terms=self.terms(lessons.rows.shape[1], clients),
            data=SiteData.of(lessons, client, clients, self.reach),
            noise=noise,
            entropy=entropy,
            failing=failing,
        )

    def start(self, terms: Terms, rng: np.random.Generator) -> Floats:
        """Return the weights that the server begins with."""
        return begun(terms.shape, rng)

    def fit(self, lessons: Lessons, noise: Noise, rng: np.random.Generator) -> Taught:
        """Return the head that the clients of a simulation taught, and the promise it keeps.

        Raises:
            InvalidMeasurement: too few clients answered.
            RefusedError: delta is too large for so few people.
        """
        client = self.division.of(lessons, rng)
        clients = self.division.number(len(lessons.ids))
        # Drawn before masks are, so that real sites begin where simulated ones do.
        start = self.start(self.terms(lessons.rows.shape[1], clients), rng)
        sites = self.sites(lessons, client, noise, rng)
        way = course(sites.terms, start, rng)
        return self.taught(
            sites.terms, followed(way, sites.ask), lessons.scale, proved=noise.proved
        )

    def taught(self, terms: Terms, learnt: Learnt, scale: Scale, *, proved: bool) -> Taught:
        """Return the head of what a server learnt; looks at nobody.

        ``proved`` says that all noise came from the operating system.
        """
        lines = lines_from(terms, learnt)
        promised = _promised(terms, int(lines.count[0]), proved=proved)
        return Taught(head=self._head(terms, learnt, lines, scale), guarantee=promised)

    def shadows(
        self, lessons: Lessons, inside: Flags, asked: Floats, rng: np.random.Generator
    ) -> Floats:
        """Return the log-odds of many heads, shape (asked, heads), without masks: they add nothing.

        Each head has a federation of its own, with seeded noise, for no release.
        """
        clients = self.division.number(len(lessons.ids))
        terms = self.terms(lessons.rows.shape[1], clients)
        if not sums_in_all(terms):
            return self._one_by_one(lessons, inside, asked, rng)
        heads = inside.shape[1]
        data = SiteData.of(lessons, self.division.of(lessons, rng), clients, self.reach)
        start = np.stack([self.start(terms, rng) for _ in range(heads)])
        crowd = Crowd(terms=terms, data=data, asked=unit_rows(asked, self.reach))
        return crowd.odds(inside[data.place], start, rng)

    def twin(self) -> Recipe:
        """Return the same without masks, noise or promise."""
        return replace(self, secure=False, threshold=0, privacy=None)

    def _one_by_one(
        self, lessons: Lessons, inside: Flags, asked: Floats, rng: np.random.Generator
    ) -> Floats:
        found = np.empty((len(asked), inside.shape[1]))
        for head, chosen in enumerate(inside.T):
            mine = lessons.of(chosen)
            client = self.division.of(mine, rng)
            sites = replace(self, dropout=0.0).sites(mine, client, seeded(rng), rng)
            sites.masks = False
            way = course(sites.terms, self.start(sites.terms, rng), rng)
            learnt = followed(way, sites.ask)
            lines = lines_from(sites.terms, learnt)
            found[:, head] = self._head(sites.terms, learnt, lines, lessons.scale).log_odds(asked)
        return found

    def _head(self, terms: Terms, learnt: Learnt, lines: Lines, scale: Scale) -> Head:
        if learnt.weights is None:
            return head_of(lines, scale, bound_of(terms.shape.columns, self.reach))
        return head_from(stack_of(terms, learnt.weights), lines, scale, self.reach)


def lines_from(terms: Terms, learnt: Learnt) -> Lines:
    """Return the line that the last sums support; looks at nobody."""
    sums = learnt.sums[None]
    if learnt.weights is None:
        noise = terms.noise_in_all("moments")
        return lines_of(moments_of(sums, terms.shape.columns, SHARES, noise), PENALTY)
    seen = seen_by(stack_of(terms, learnt.weights), np.zeros((0, terms.shape.columns)))
    return corrected_by(seen, sums, terms.noise_in_all("line"))


def _promised(terms: Terms, people: int, *, proved: bool) -> Guarantee | None:
    told = terms.privacy
    if told is None:
        return None
    whom = "a client" if terms.per_client else "a person"
    parts = "" if terms.honest == 1 else f", each adding a part for {terms.honest} that keep theirs"
    kinds = (
        [f"one Gaussian sum of the moments of {terms.shape.columns} columns and the severity"]
        if terms.regression
        else [
            f"{terms.rule.rounds} Gaussian sums of what {terms.clients} clients move",
            "one Gaussian sum of the moments of one score and the severity",
        ]
    )
    against = f"noise is drawn at the clients{parts}; what {whom} adds is bounded there"
    if terms.secure:
        against += "; holds against a server"
        against += f" with up to {told.colluding} of the clients" if told.colluding else ""
        if told.colluding and terms.clients > COMPLETE:
            # Few neighbours hold a client's shares: one liar among them can tip their majority.
            against += " that tells all others the same"
        against += "" if told.colluding else " to which no client tells its part of the noise"
    made = statement(
        told.budget,
        [*kinds, against],
        # A sum of several clients' rounded noise is no rounded noise; a client's mean is a float.
        proved and terms.honest == 1 and not terms.per_client,
        # What hides whole clients hides their people no better than this delta does.
        people=max(terms.clients, told.people) if terms.per_client else people,
        small_cohort=told.small_cohort,
    )
    if not terms.per_client:
        return made
    # One person more or less may replace all that a client sends: twice its bound.
    doubled = advantage_of_mu(2.0 * (2.0 * told.budget.rho) ** 0.5)
    return replace(made, unit="client", advantage=doubled)
