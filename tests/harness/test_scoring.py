"""Questions of several folds meet by their names where a server saw nothing from one of its seats."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from mindveil.attack.base import Membership
from mindveil.corpus.model import Corpus, Participant
from mindveil.evidence.measured import Truth
from mindveil.harness.scoring import Bout, score_bouts

CONTEXT = SimpleNamespace(unusual=frozenset())


def people(first, count):
    made = [
        Participant(participant_id=f"p{i:03d}", sessions=()) for i in range(first, first + count)
    ]
    return Corpus(name="some", participants=tuple(made))


def bout(fold, **known):
    """A fold in which some seats tell members from others, and some tell nothing."""
    released, absent = people(100 * fold, 20), people(100 * fold + 50, 20)
    ids = released.ids + absent.ids
    rng = np.random.default_rng(fold)
    guesses = tuple(
        Membership(
            people=ids,
            scores=(np.arange(40) < 20) * 10.0 * tells + rng.random(40),
            setting=seat.replace("_", " ").strip(),
        )
        for seat, tells in known.items()
    )
    return Bout(
        guesses=guesses, truth=Truth(person_of={}, released=released, absent=absent), by_seat=True
    )


def test_seats_meet_by_their_names():
    bouts = [
        bout(0, others_collude=1),
        bout(1, _=0, one_masked_message=0, others_collude=1),
        bout(2, _=0, others_collude=1),
    ]
    found = {m.metric: m for m in score_bouts(CONTEXT, bouts, "", np.random.default_rng(0))}
    assert found["auc"].estimate.n == 80  # the curious server comes first, of two folds
    assert found["auc"].estimate.value < 0.75
    assert found["auc@others collude"].estimate.value == 1.0
    assert found["auc@others collude"].estimate.n == 120
    assert found["auc@one masked message"].estimate.n == 40


def test_questions_of_other_attacks_meet_by_their_places():
    first, second = bout(0, one=1, two=0), bout(1, uno=1, due=0)
    bouts = [Bout(guesses=b.guesses, truth=b.truth) for b in (first, second)]
    found = {m.metric: m for m in score_bouts(CONTEXT, bouts, "", np.random.default_rng(0))}
    assert found["auc"].estimate.n == found["auc@two"].estimate.n == 80
