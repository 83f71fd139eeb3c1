"""Whom a released questionnaire misrepresents: a planted group is named, with its gap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.utility.answers import cohort, renamed

from mindveil.corpus.model import Response
from mindveil.evidence.fidelity_groups import groups_seen, worst_groups
from mindveil.evidence.pooled_figures import signature
from mindveil.utility.psychometrics import Psychometrics


def seen(release, original, rng):
    fold = Psychometrics(target="hads").compare(release, original, rng)
    told = (*signature(fold, fold.released), *signature(fold, fold.original))
    groups = groups_seen(fold, told, rng)
    return groups, worst_groups({key: [one] for key, one in groups.items()}, rng)


def healthier_women(people):
    """Return the people with every woman's HADS answers set to 0 but the first."""

    def changed(person):
        if person.attributes["gender"] != "f":
            return person
        session = person.sessions[0]
        items = (session.responses["hads"].items[0], *(0,) * 13)
        return replace(
            person,
            sessions=(
                replace(session, responses={**session.responses, "hads": Response(items=items)}),
            ),
        )

    return people.with_people(map(changed, people.participants))


def test_the_group_whose_figures_moved_is_named():
    draw = np.random.default_rng(1)
    people = cohort(400, draw)
    groups, found = seen(renamed(healthier_women(people)), people, draw)
    assert {label for kind, label in groups if kind == "gender"} == {"f", "m"}
    made = {m.metric: m for m in found}
    worst = made["prevalence-change-worst@gender"]
    assert "gender = f" in worst.note
    assert worst.estimate.high < -0.1
    assert made["prevalence-change-gap@gender"].estimate.low > 0.1
    assert worst.estimate.n == sum(p.attributes["gender"] == "f" for p in people.participants)
    assert not any(m.metric == "prevalence-change-worst@severity" for m in found)


def test_a_copy_misrepresents_nobody():
    draw = np.random.default_rng(2)
    people = cohort(200, draw)
    _, found = seen(renamed(people), people, draw)
    assert all(abs(m.estimate.value) < 1e-9 for m in found)
    assert all(m.estimate.low <= 0 <= m.estimate.high for m in found)


def test_a_release_without_the_column_tells_of_no_group():
    draw = np.random.default_rng(3)
    people = cohort(100, draw)
    bare = people.with_people(replace(p, attributes={}) for p in people.participants)
    groups, found = seen(replace(bare, columns={}), people, draw)
    assert {kind for kind, _ in groups} == {"severity"}
    assert not any(m.metric.endswith(("@gender", "@age")) for m in found)
