from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mindveil.errors import InputError, RefusedError
from mindveil.secure_sum import (
    DropOuts,
    RoundPlan,
    ask_to_unmask,
    gather_keys,
    mask_vector,
    open_round,
    reveal_shares,
    route_shares,
    secure_sum,
    seeded,
    share_secrets,
    unmask_total,
    usual_threshold,
)
from mindveil.secure_sum.simulation import STUDY, simulate


def draw(clients, entries, seed=5):
    return np.random.default_rng(seed).integers(0, 2**64, (clients, entries), dtype=np.uint64)


def by_messages(plan, vectors, drop_outs, entropy):
    """Return what the server saw and the total, the round run message by message."""
    opened = [open_round(plan, c, entropy) for c in range(plan.clients)]
    roster = gather_keys(plan, [keys for _, keys in opened])
    dealt = [share_secrets(state, roster) for state, _ in opened]
    inbox = route_shares(plan, roster, [s for _, sealed in dealt for s in sealed])
    done = {
        c: mask_vector(dealt[c][0], inbox[c], vectors[c])
        for c in inbox
        if c not in drop_outs.before
    }
    masked = {c: vector for c, (_, vector) in done.items()}
    request = ask_to_unmask(plan, inbox, masked)
    answers = [
        reveal_shares(state, request)[1]
        for c, (state, _) in done.items()
        if c not in drop_outs.after
    ]
    return np.array(list(masked.values())), unmask_total(plan, roster, masked, request, answers)


def test_three_clients_by_hand():
    vectors = np.array([[1, 2**64 - 1], [10, 2], [100, 5]], np.uint64)
    whole = secure_sum(vectors)
    assert whole.total.tolist() == [111, 6]
    assert whole.survivors == (0, 1, 2)
    without = secure_sum(vectors, DropOuts(before=frozenset({1})))
    assert without.total.tolist() == [101, 4]
    assert without.survivors == (0, 2)
    assert without.masked.shape == (2, 2)
    after = secure_sum(vectors, DropOuts(after=frozenset({1})))
    assert after.total.tolist() == [111, 6]
    assert after.survivors == (0, 1, 2)


@settings(max_examples=40)
@given(st.integers(2, 12), st.integers(0, 2**32), st.data())
def test_the_simulation_is_the_run_message_by_message(clients, seed, data):
    order = data.draw(st.permutations(range(clients)))
    gone = order[: data.draw(st.integers(0, clients // 3))]
    cut = data.draw(st.integers(0, len(gone)))
    drop_outs = DropOuts(before=frozenset(gone[:cut]), after=frozenset(gone[cut:]))
    vectors = draw(clients, 5, seed)
    seen = secure_sum(
        vectors, drop_outs, round_number=4, entropy=seeded(np.random.default_rng(seed))
    )
    plan = RoundPlan(
        study=STUDY, round_number=4, clients=clients, threshold=usual_threshold(clients), entries=5
    )
    masked, total = by_messages(plan, vectors, drop_outs, seeded(np.random.default_rng(seed)))
    assert np.array_equal(seen.masked, masked)
    assert np.array_equal(seen.total, total)
    assert np.array_equal(total, vectors[list(seen.survivors)].sum(axis=0, dtype=np.uint64))


def test_the_simulation_is_the_run_on_a_sparse_graph_too():
    plan = RoundPlan(study=STUDY, round_number=0, clients=42, threshold=28, entries=6, degree=20)
    drop_outs = DropOuts(before=frozenset({1, 20, 33}), after=frozenset({2, 40}))
    vectors = draw(42, 6)
    masked, total = by_messages(plan, vectors, drop_outs, seeded(np.random.default_rng(1)))
    seen = simulate(plan, vectors, drop_outs, seeded(np.random.default_rng(1)))
    assert np.array_equal(seen.masked, masked)
    assert np.array_equal(seen.total, total)


@pytest.mark.parametrize("clients", [40, 61, 90])
def test_a_third_drops_out_of_many(clients):
    gone = np.random.default_rng(clients).permutation(clients)[: clients // 3].tolist()
    drop_outs = DropOuts(before=frozenset(gone[::2]), after=frozenset(gone[1::2]))
    vectors = draw(clients, 7)
    seen = secure_sum(vectors, drop_outs)
    assert np.array_equal(seen.total, vectors[list(seen.survivors)].sum(axis=0, dtype=np.uint64))


def test_the_same_seed_repeats_the_round_and_another_number_does_not():
    vectors = draw(4, 60)

    def run(round_number):
        return secure_sum(
            vectors, round_number=round_number, entropy=seeded(np.random.default_rng(9))
        )

    assert np.array_equal(run(1).masked, run(1).masked)
    assert not np.any(run(1).masked == run(2).masked)
    assert not np.any(secure_sum(vectors).masked == secure_sum(vectors).masked)


def test_fewer_than_the_threshold_are_refused():
    vectors = draw(9, 2)
    with pytest.raises(RefusedError, match="5 of 9 clients stayed"):
        secure_sum(vectors, DropOuts(before=frozenset({0, 1}), after=frozenset({2, 3})))
    with pytest.raises(RefusedError, match="more than half"):
        secure_sum(vectors, threshold=4)
    assert secure_sum(vectors, DropOuts(before=frozenset({0, 1, 2, 3})), threshold=5)


@pytest.mark.parametrize(
    ("vectors", "drop_outs"),
    [
        (np.zeros(3, np.uint64), DropOuts()),
        (np.zeros((3, 2)), DropOuts()),
        (np.zeros((3, 2), np.uint64), DropOuts(before=frozenset({3}))),
        (np.zeros((3, 2), np.uint64), DropOuts(before=frozenset({1}), after=frozenset({1}))),
    ],
)
def test_what_cannot_be_summed_is_refused(vectors, drop_outs):
    with pytest.raises(InputError):
        secure_sum(vectors, drop_outs)


# --- nothing of an input shows in what the server sees --------------------------------------------


def test_a_masked_vector_has_no_correlation_with_its_input():
    entries = 200_000
    inputs = np.linspace(-1.0, 1.0, entries)
    vectors = np.tile((inputs * 2**62).astype(np.int64).view(np.uint64), (3, 1))
    masked = secure_sum(vectors, entropy=seeded(np.random.default_rng(2))).masked
    for row in masked:
        r = np.corrcoef(inputs, row.view(np.int64).astype(np.float64))[0, 1]
        assert abs(r) <= 4 / np.sqrt(entries)


@pytest.mark.parametrize("value", [0, 1, 2**63, 2**64 - 1])
def test_a_refused_round_shows_the_same_chance_whatever_the_input(value):
    # What a server holds where too few stay: masked vectors of some. Their top byte is even over
    # its 256 values, one input or the other (chi-square, odds of a false alarm 1 in 10,000).
    vectors = np.full((5, 60_000), value, np.uint64)
    masked = secure_sum(vectors, entropy=seeded(np.random.default_rng(3))).masked
    for row in masked[:2]:
        counts = np.bincount((row >> np.uint64(56)).astype(np.int64), minlength=256)
        assert stats.chisquare(counts).pvalue > 1e-4
    both = (masked[0] + masked[1]) >> np.uint64(56)  # masks of others and self masks remain
    counts = np.bincount(both.astype(np.int64), minlength=256)
    assert stats.chisquare(counts).pvalue > 1e-4


def test_two_inputs_under_other_secrets_cannot_be_told_apart():
    entries = 60_000
    low = secure_sum(np.zeros((3, entries), np.uint64), entropy=seeded(np.random.default_rng(4)))
    high = secure_sum(
        np.full((3, entries), 2**40, np.uint64), entropy=seeded(np.random.default_rng(5))
    )
    for one, other in zip(low.masked, high.masked, strict=True):
        gap = one - other
        counts = np.bincount((gap >> np.uint64(56)).astype(np.int64), minlength=256)
        assert stats.chisquare(counts).pvalue > 1e-4


def test_any_input_explains_a_masked_vector():
    # The mask of client 0 is one number an entry, independent of the input: with the same secrets
    # the difference of two masked vectors is the difference of the inputs and nothing more, and
    # every masked vector is reached by every input under one mask.
    one, other = draw(4, 30, 1), draw(4, 30, 2)
    first = secure_sum(one, entropy=seeded(np.random.default_rng(8))).masked
    second = secure_sum(other, entropy=seeded(np.random.default_rng(8))).masked
    assert np.array_equal(first - second, one - other)
