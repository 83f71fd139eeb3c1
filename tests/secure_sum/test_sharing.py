from __future__ import annotations

import itertools
import secrets

import numpy as np
import pytest
from Crypto.Protocol.SecretSharing import Shamir
from hypothesis import given
from hypothesis import strategies as st

from mindveil.secure_sum import seeded
from mindveil.secure_sum.sharing import combine, deal, deal_many, weights


def element(number):
    return number.to_bytes(16, "big")


def test_a_line_over_the_field_worked_by_hand():
    # p(x) = 5 + 3 x, with + the exclusive or: p(1) = 6, p(2) = 5 ^ 6 = 3, p(3) = 5 ^ (3 * 3 = 5) = 0
    shares = deal_many([element(5)], 2, 3, lambda count: element(3))[0]
    assert [int.from_bytes(s, "big") for s in shares] == [6, 3, 0]
    # at 1 and 2: 2 / 3 and 1 / 3 are the weights; (2 * 6 ^ 1 * 3) / 3 = (12 ^ 3) / 3 = 15 / 3 = 5
    assert combine(weights((1, 2)), shares[:2]) == element(5)


@given(st.binary(min_size=16, max_size=16), st.integers(2, 9), st.data())
def test_the_library_and_this_module_exchange_shares(secret, threshold, data):
    holders = data.draw(st.integers(threshold, 12))
    chosen = data.draw(st.permutations(range(holders)))[:threshold]
    places = tuple(c + 1 for c in chosen)
    seed = data.draw(st.integers(0, 2**32))
    rng = np.random.default_rng(seed)
    other, ours = deal_many([bytes(16), secret], threshold, holders, seeded(rng))
    assert Shamir.combine([(p, other[p - 1]) for p in places]) == bytes(16)
    assert Shamir.combine([(p, ours[p - 1]) for p in places]) == secret
    theirs = deal(secret, threshold, holders)
    assert combine(weights(places), [theirs[c] for c in chosen]) == secret


def test_many_holders_far_apart():
    secret = secrets.token_bytes(16)
    shares = deal_many([secret], 90, 300, secrets.token_bytes)[0]
    places = tuple(range(300, 210, -1))
    assert combine(weights(places), [shares[p - 1] for p in places]) == secret


def test_fewer_than_the_threshold_know_nothing():
    # With one share missing, every secret is as likely: the missing share decides, one to one.
    secret = element(77)
    shares = deal_many([secret], 3, 3, secrets.token_bytes)[0]
    weight = weights((1, 2, 3))
    guesses = {combine(weight, (*shares[:2], element(last))) for last in range(256)}
    assert len(guesses) == 256
    for two in itertools.combinations((1, 2, 3), 2):
        assert combine(weights(two), [shares[p - 1] for p in two]) != secret


def test_a_wrong_number_of_shares_is_no_secret():
    with pytest.raises(ValueError, match="zip"):
        combine(weights((1, 2)), [element(1)])
