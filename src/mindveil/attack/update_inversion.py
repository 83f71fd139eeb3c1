"""``updates/gradient-inversion``: the rows of people, worked out from what their clients sent."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mindveil.attack.base import (
    Attacker,
    Guesses,
    Holding,
    LinkScores,
    ModelKnowledge,
    Reconstructions,
)
from mindveil.attack.model_rows import unit
from mindveil.attack.own_updates import Held, held_by
from mindveil.attack.update_bins import crafted_weights, isolated_rows
from mindveil.attack.update_crowds import crowd_rows
from mindveil.attack.update_people import person_rows
from mindveil.attack.update_rows import Prior
from mindveil.attack.update_views import CRAFTED, View, views_of
from mindveil.corpus.model import Modality
from mindveil.errors import InputError
from mindveil.train.base import Floats
from mindveil.train.update_release import UpdateRelease

_FEWEST = 10
"""Reference people from whom a prior is learnt; of fewer, candidates help."""
_MANY = 100
"""Clients of many people up to which each of them is singled out in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientInversion:
    """Work out the rows of people from updates, from each seat that a server can take.

    Where a client is one person, her row is a quotient of what she sent, exact without noise and
    a posterior mean under it; whom it is like is asked of everybody known. Of clients with more
    people, and of sums under masks, rows are what single units, directions that matter to no
    other person, gradient matching and crafted weights give; then each person is judged by the
    row that is most like hers, against people who are not there at all.

    Sources: Phong et al. 2018; Zhu et al. 2019; Zhao et al. 2020; Geiping et al. 2020; Fowl et al.
    2022; Kariyappa et al. 2023.

    ``victims`` is how many clients of one person are singled out where masks hide them; of clients
    of more people all are, or, where they are above a hundred, none.
    ``bins`` is how finely crafted weights divide people.

    Limits: It gives back the numbers that were read of a person, not words, voices or pictures. Of
    larger networks and of many people at a client more, or less, may be found than is tried here.
    """

    name: ClassVar[str] = "updates/gradient-inversion"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "updates"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("semi-informed",)

    victims: int = 20
    bins: int = 64

    def __post_init__(self) -> None:
        if self.victims < 2 or self.bins < 2:
            raise InputError(
                f"updates/gradient-inversion victims = {self.victims}, bins = {self.bins}: "
                "give at least 2 of both"
            )

    def run(
        self, release: UpdateRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return rows, and whose they are where clients are single people; curious server first.

        Raises:
            InvalidMeasurement: too few known people, or too few clients in every round.
        """
        held = held_by(release, knowledge)
        known = len(held.candidates)
        beside = held.data.rows[known:]
        prior = Prior.of(beside if len(beside) >= _FEWEST else held.data.rows)
        weights = None
        if not release.terms.regression and (release.terms.secure or not release.of_people):
            learnt_from = beside if len(beside) >= _FEWEST else held.data.rows
            weights = crafted_weights(release.terms, learnt_from, self.bins, rng)
        found: list[Guesses] = []
        clients = release.terms.clients
        few = clients if not release.of_people and clients <= _MANY else self.victims
        for view in views_of(release, weights, few, rng):
            seen = averaged(view)
            if not release.of_people and 0 < len(view.clients) < clients:
                continue  # nobody says at whose client a person is: those left out are not found
            if release.of_people and view.clients:
                found += _of_people(release, seen, held, prior)
            else:
                rows = _of_crowds(release, seen, prior, rng)
                found.append(Reconstructions(rows=rows, setting=view.setting))
        return tuple(found)


def averaged(view: View) -> View:
    """Return a view whose noisy rounds of the same weights are joined into their mean."""
    if not view.noise or not view.sent.shape[1]:
        return view
    sent, first, which, times = np.unique(
        view.sent, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    often = int(times.min())
    if often < 2 or not view.there.all():
        return view
    order = np.argsort(first)
    mean = [view.signals[which == group].mean(axis=0) for group in order]
    return replace(
        view,
        sent=sent[order],
        signals=np.stack(mean),
        counts=view.counts[first[order]],
        there=view.there[first[order]],
        noise=view.noise / np.sqrt(often),
    )


def _of_people(release: UpdateRelease, view: View, held: Held, prior: Prior) -> list[Guesses]:
    """Return the row behind each client, and how like it is to everybody known."""
    known = len(held.candidates)
    rows = person_rows(release.terms, view, held, prior)
    there = view.there.any(axis=0)
    codes = tuple(release.codes[view.clients[i]] for i in np.flatnonzero(there))
    scores = unit(rows[there] - prior.mean) @ unit(held.data.rows[:known] - prior.mean).T
    return [
        LinkScores(
            queries=codes,
            candidates=held.candidates,
            scores=np.asarray(scores, np.float64),
            tier="trained",
            setting=view.setting,
        ),
        Reconstructions(rows=rows[there], codes=codes, setting=view.setting),
    ]


def _of_crowds(
    release: UpdateRelease, view: View, prior: Prior, rng: np.random.Generator
) -> Floats:
    """Return all rows found in the signals of a view, (found, columns)."""
    if view.setting == CRAFTED:
        found = [
            isolated_rows(release.terms.shape, view.signals[:, i], prior, view.noise)
            for i in range(view.signals.shape[1])
        ]
        return np.concatenate(found)
    return crowd_rows(release.terms, view, prior, rng)
