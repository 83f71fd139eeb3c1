"""All sites of a federation in one process, as a server sees them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.train.federations import federated, promise, rng, sites_of
from tests.train.taught_people import cohort

from mindveil.errors import RefusedError
from mindveil.secure_sum import DropOuts
from mindveil.train.simulated_sites import Failing
from mindveil.train.site_answers import Request

PEOPLE = cohort(1, people=90)


def request(sites, number=0, chosen=None, kind="update"):
    sent = np.zeros(6)
    chosen = tuple(range(sites.terms.clients)) if chosen is None else chosen
    return Request(kind=kind, round_number=number, sent=sent, chosen=chosen)


class Fixed(Failing):
    """Drop-outs that a test names."""

    __slots__ = ("kept",)

    def __init__(self, before=(), after=()):
        object.__setattr__(self, "kept", DropOuts(before=frozenset(before), after=frozenset(after)))

    def among(self, chosen):
        return self.kept


def test_masks_change_nothing_about_the_sum():
    plain, masked = federated(secure=False), federated()
    openly = sites_of(plain, PEOPLE)
    seen, hidden = openly.ask(request(openly)), sites_of(masked, PEOPLE).ask(request(openly))
    assert np.abs(seen.total - hidden.total).max() <= 1e-6
    assert seen.messages.shape == (5, 7)
    assert hidden.messages is None
    assert hidden.masked.shape == (5, 7)


@given(st.integers(3, 9), st.data())
@settings(max_examples=25, deadline=None)
def test_up_to_a_third_may_drop_out_before_or_after_they_sent(clients, data):
    gone = data.draw(
        st.lists(st.integers(0, clients - 1), unique=True, max_size=clients // 3).map(tuple)
    )
    cut = data.draw(st.integers(0, len(gone)))
    sites = sites_of(federated(clients), PEOPLE)
    sites.failing = Fixed(before=gone[:cut], after=gone[cut:])
    seen = sites.ask(request(sites))
    openly = sites_of(federated(clients, secure=False), PEOPLE)
    counted = tuple(c for c in range(clients) if c not in gone[:cut])
    assert seen.answered == counted
    due = openly.ask(request(openly, chosen=counted)).total
    assert np.abs(seen.total - due).max() <= 1e-6


def test_fewer_than_the_threshold_reveal_nothing():
    sites = sites_of(federated(6), PEOPLE)
    sites.failing = Fixed(before=(0, 1), after=(2,))
    seen = sites.ask(request(sites))
    assert seen.total is None
    assert seen.messages is None
    assert seen.masked is None


def test_what_colluding_clients_tell_is_their_own():
    sites = sites_of(federated(), PEOPLE)
    openly = sites_of(federated(secure=False), PEOPLE)
    told = sites.ask(request(sites), colluding=(1, 3)).told
    assert np.allclose(told, openly.ask(request(openly)).messages[[1, 3]])


def test_what_is_left_when_all_others_tell_is_the_victim():
    """Masks alone do not withstand all but one."""
    sites = sites_of(federated(), PEOPLE)
    seen = sites.ask(request(sites), colluding=(0, 1, 2, 3))
    openly = sites_of(federated(secure=False), PEOPLE)
    victim = openly.ask(request(openly)).messages[4]
    assert np.abs(seen.total - seen.told.sum(axis=0) - victim).max() <= 1e-6


def test_a_promise_pays_for_so_many_answers_of_a_kind_and_no_more():
    sites = sites_of(federated(rounds=2, privacy=promise()), PEOPLE)
    for number in range(2):
        sites.ask(request(sites, number))
    with pytest.raises(RefusedError, match=r"answer 3 of its kind, .* pays for 2"):
        sites.ask(request(sites, 2))
    sites.ask(request(sites, 2, kind="line"))
    with pytest.raises(RefusedError, match=r"answer 2 of its kind, .* pays for 1"):
        sites.ask(request(sites, 3, kind="line"))
    free = sites_of(federated(rounds=2), PEOPLE)
    for number in range(9):
        free.ask(request(free, number))


@pytest.mark.parametrize("chosen", [(1, 1), (0, 1, 2, 3, 4, 1), (5,), (-1,)])
def test_a_client_named_twice_answers_not_at_all(chosen):
    """Two answers to one request would be paid for once; their mean is less noisy."""
    sites = sites_of(federated(rounds=2, secure=False, privacy=promise()), PEOPLE)
    with pytest.raises(RefusedError, match="twice, or one that there is not"):
        sites.ask(request(sites, chosen=chosen))
    assert not sites.answers_given


def test_who_is_asked_pays_and_nobody_else():
    sites = sites_of(federated(rounds=2, secure=False, privacy=promise()), PEOPLE)
    sites.failing = Fixed(before=(0,))
    sites.ask(request(sites, chosen=(1, 3)))
    assert sites.answers_given["update"].tolist() == [0, 1, 0, 1, 0]


@pytest.mark.parametrize(("regression", "kind"), [(False, "moments"), (True, "line")])
def test_what_nobody_agreed_to_is_not_answered(regression, kind):
    """The sums of a regression have the whole budget: beside steps they would spend it twice."""
    sites = sites_of(federated(regression=regression, privacy=promise()), PEOPLE)
    with pytest.raises(RefusedError, match="nobody agreed"):
        sites.ask(request(sites, kind=kind))


def test_sums_without_masks_are_those_that_masks_leave():
    recipe = federated(privacy=promise())
    masked, spared = sites_of(recipe, PEOPLE), sites_of(recipe, PEOPLE)
    spared.masks = False
    assert masked.ask(request(masked)).total.tolist() == pytest.approx(
        spared.ask(request(spared)).total.tolist()
    )


def test_masks_are_new_in_each_round():
    sites = sites_of(federated(), PEOPLE)
    one, two = (sites.ask(request(sites, number)).masked for number in (0, 1))
    assert not np.isin(one, two).any()


def test_clients_drop_out_as_often_as_asked():
    failing = Failing(rate=0.3, rng=rng())
    gone = [failing.among(range(10)) for _ in range(500)]
    before, after = (sum(len(getattr(g, side)) for g in gone) for side in ("before", "after"))
    assert before / 5000 == pytest.approx(0.15, abs=0.02)
    assert after / 5000 == pytest.approx(0.15, abs=0.02)
