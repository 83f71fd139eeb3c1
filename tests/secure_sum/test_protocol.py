from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.errors import InputError, RefusedError
from mindveil.secure_sum import (
    ClientState,
    PublicKeys,
    RevealedShares,
    RoundPlan,
    SealedShare,
    UnmaskRequest,
    ask_to_unmask,
    fixed_point,
    from_bytes,
    gather_keys,
    mask_vector,
    open_round,
    reveal_shares,
    route_shares,
    seeded,
    share_secrets,
    to_bytes,
    unmask_total,
    usual_threshold,
)
from mindveil.secure_sum.messages import OwnedShare
from mindveil.secure_sum.server import shares_of


def make_plan(clients, entries=3, round_number=0, threshold=None, degree=0):
    return RoundPlan(
        study="test",
        round_number=round_number,
        clients=clients,
        threshold=threshold or usual_threshold(clients),
        entries=entries,
        degree=degree,
    )


class Run:
    """One round message by message: every message and state travels as bytes."""

    def __init__(self, plan, seed=0, absent=()):
        self.plan = plan
        entropy = seeded(np.random.default_rng(seed))
        opened = [open_round(plan, client, entropy) for client in range(plan.clients)]
        self.states = [state for state, _ in opened]
        here = [c for c in range(plan.clients) if c not in absent]
        keys = [from_bytes(PublicKeys, to_bytes(opened[c][1])) for c in here]
        self.roster = gather_keys(plan, keys[::-1])
        self.here = here
        self.inbox = {}
        self.masked = {}

    def share(self, silent=()):
        sent = []
        for client in self.here:
            self.states[client], sealed = share_secrets(self.states[client], self.roster)
            if client not in silent:
                sent += [from_bytes(SealedShare, to_bytes(s)) for s in sealed]
            self.reload(client)
        self.inbox = route_shares(self.plan, self.roster, sent)
        return self

    def mask(self, vectors, dropped=()):
        for client in self.inbox:
            if client not in dropped:
                self.states[client], self.masked[client] = mask_vector(
                    self.states[client], self.inbox[client], vectors[client]
                )
                self.reload(client)
        return self

    def request(self):
        return ask_to_unmask(self.plan, self.inbox, self.masked)

    def total(self, dropped=()):
        request = from_bytes(UnmaskRequest, to_bytes(self.request()))
        answers = []
        for client in request.survivors:
            if client not in dropped:
                self.states[client], answer = reveal_shares(self.states[client], request)
                answers.append(from_bytes(RevealedShares, to_bytes(answer)))
        return unmask_total(self.plan, self.roster, self.masked, request, answers)

    def reload(self, client):
        self.states[client] = from_bytes(ClientState, to_bytes(self.states[client]))


def draw(plan, seed=5):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2**64, (plan.clients, plan.entries), dtype=np.uint64)


def added(vectors, clients):
    return vectors[sorted(clients)].sum(axis=0, dtype=np.uint64)


def ready(clients=5, **options):
    """Return a round in which all have masked, and a request could be answered."""
    plan = make_plan(clients, **options)
    return Run(plan).share().mask(draw(plan))


# --- worked by hand -----------------------------------------------------------------------------


VECTORS = np.array([[1, 2**64 - 1, 0], [10, 2, 7], [100, 5, 0]], np.uint64)


@pytest.mark.parametrize(
    ("before", "after", "total"),
    [
        ((), (), [111, 6, 7]),  # 2**64 - 1 is minus one: -1 + 2 + 5
        ((1,), (), [101, 4, 0]),  # its vector never came: -1 + 5
        ((), (2,), [111, 6, 7]),  # it came, and counts
    ],
)
def test_three_clients_of_whom_one_drops_out(before, after, total):
    run = Run(make_plan(3)).share().mask(VECTORS, dropped=before)
    assert run.total(dropped=after).tolist() == total


def test_who_never_dealt_is_left_out():
    run = Run(make_plan(6, threshold=4), absent={5}).share(silent={0}).mask(draw(make_plan(6)))
    assert run.request() == UnmaskRequest(survivors=(1, 2, 3, 4), dropped=())
    assert run.total().tolist() == added(draw(make_plan(6)), {1, 2, 3, 4}).tolist()


# --- any number of clients, any drop-out up to a third ------------------------------------------


@settings(max_examples=30)
@given(st.integers(2, 12), st.integers(0, 2**32), st.data())
def test_the_sum_is_right_whoever_drops_out(clients, seed, data):
    plan = make_plan(clients, entries=4)
    order = data.draw(st.permutations(range(clients)))
    gone = order[: data.draw(st.integers(0, clients // 3))]
    cut = data.draw(st.integers(0, len(gone)))
    real = np.random.default_rng(seed).uniform(-3.0, 3.0, (clients, 4))
    scale = fixed_point(clients, 3.0)
    vectors = scale.encode(real)
    run = Run(plan, seed).share().mask(vectors, dropped=gone[:cut])
    total = run.total(dropped=gone[cut:])
    stayed = sorted(set(range(clients)) - set(gone[:cut]))
    assert total.tolist() == added(vectors, stayed).tolist()
    assert np.max(np.abs(scale.decode(total) - real[stayed].sum(axis=0))) <= 1e-6


def test_forty_four_clients_on_a_sparse_graph():
    plan = make_plan(44, entries=50, degree=24)
    vectors = draw(plan)
    run = Run(plan).share().mask(vectors, dropped={3, 17, 30, 31})
    assert {len(box) for box in run.inbox.values()} == {24}
    assert run.total(dropped={0, 9, 40}).tolist() == added(vectors, set(run.masked)).tolist()


# --- fewer than the threshold --------------------------------------------------------------------


def test_too_few_keys_shares_vectors_or_answers_are_refused():
    plan = make_plan(6, threshold=4)
    with pytest.raises(RefusedError, match="sent keys, fewer"):
        Run(plan, absent={0, 1, 2})
    with pytest.raises(RefusedError, match="dealt shares, fewer"):
        Run(plan).share(silent={0, 1, 2})
    run = Run(plan).share().mask(draw(plan), dropped={0, 1, 2})
    with pytest.raises(RefusedError, match="sent a masked vector, fewer"):
        run.request()
    with pytest.raises(RefusedError, match="answered, fewer"):
        ready(6, threshold=4).total(dropped={0, 1, 2})


def test_a_neighbourhood_without_its_majority_is_refused():
    plan = make_plan(40, degree=4, threshold=30)
    run = Run(plan).share().mask(draw(plan))
    near = plan.holders()[7]
    with pytest.raises(RefusedError, match="hold shares of client"):
        run.total(dropped=set(near[:3]))


def test_clients_refuse_to_start_with_too_few():
    plan = make_plan(6, threshold=4)
    state, keys = open_round(plan, 0)
    others = [open_round(plan, c)[1] for c in (1, 2, 3, 4, 5)]
    with pytest.raises(RefusedError, match="fewer than the threshold"):
        share_secrets(state, [keys, *others[:2]])
    with pytest.raises(RefusedError, match="fewer than 3"):
        mask_vector(*_dealt(state, [keys, *others]), np.zeros(3, np.uint64))


def _dealt(state, roster):
    state, _ = share_secrets(state, roster)
    return state, ()


def test_a_client_without_neighbours_takes_no_part():
    plan = make_plan(40, degree=4, threshold=21)
    near = set(plan.holders()[7]) - {7}
    keys = {c: open_round(plan, c) for c in range(40) if c not in sorted(near)[:3]}
    with pytest.raises(RefusedError, match="takes no part"):
        share_secrets(keys[7][0], [public for _, public in keys.values()])


# --- servers that lie ----------------------------------------------------------------------------


def ask(survivors, dropped=()):
    return UnmaskRequest(survivors=tuple(survivors), dropped=tuple(dropped))


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (ask((0, 1, 2, 3, 4), (3,)), "both its secrets"),
        (ask((0, 1, 2), (3, 4)), "fewer than the threshold"),
        (ask((0, 1, 2, 3)), "does not fit"),  # client 4 dealt and is on neither list
        (ask((1, 2, 3, 4), (0,)), "leaves it out"),  # the client itself
        (ask((0, 1, 1, 2), (3, 4)), "twice"),
        (ask((0, 1, 2, 3, 9), (4,)), "not in the plan"),
    ],
)
def test_requests_that_would_unmask_a_single_vector_are_refused(request_, words):
    with pytest.raises(RefusedError, match=words):
        reveal_shares(ready(5).states[0], request_)


def test_a_second_story_is_refused_and_the_same_one_is_answered_again():
    run = ready(6, threshold=4)
    state, answer = reveal_shares(run.states[0], ask(range(6)))
    with pytest.raises(RefusedError, match="another request"):
        reveal_shares(state, ask(range(5), (5,)))
    assert reveal_shares(state, ask(range(6)))[1] == answer


def test_two_halves_that_are_told_different_stories_give_no_vector_away():
    # Client 5 is said to have stayed to some and to have dropped out to others: each answers one
    # story, so that of its two secrets the server can put together one at most.
    run = ready(6, threshold=4)
    stayed, gone = ask(range(6)), ask(range(5), (5,))
    told = [stayed, stayed, stayed, gone, gone]
    answers = [reveal_shares(run.states[c], story)[1] for c, story in enumerate(told)]
    seeds = sum(any(s.owner == 5 for s in a.seeds) for a in answers)
    keys = sum(any(s.owner == 5 for s in a.keys) for a in answers)
    assert seeds + keys == 5
    assert min(seeds, keys) < run.plan.threshold
    assert not any({s.owner for s in a.seeds} & {s.owner for s in a.keys} for a in answers)


def test_a_survivor_who_dealt_no_share_does_not_fit():
    run = Run(make_plan(6, threshold=4)).share(silent={5}).mask(draw(make_plan(6)))
    with pytest.raises(RefusedError, match="does not fit"):
        reveal_shares(run.states[0], ask(range(6)))


def test_nothing_is_revealed_before_a_vector_was_masked():
    with pytest.raises(RefusedError, match="masked nothing yet"):
        reveal_shares(Run(make_plan(3)).share().states[0], ask(range(3)))


def test_messages_of_another_round_are_refused():
    old, new = ready(4, round_number=1), Run(make_plan(4, round_number=2)).share()
    with pytest.raises(RefusedError, match="changed on its way, or belongs to another round"):
        mask_vector(new.states[0], old.inbox[0], np.zeros(3, np.uint64))
    with pytest.raises(RefusedError, match="no or other keys of client 0"):
        share_secrets(open_round(new.plan, 0)[0], old.roster)


def test_the_same_seed_gives_other_masks_in_another_round():
    zeros = np.zeros((3, 50), np.uint64)
    first, second = (
        Run(make_plan(3, entries=50, round_number=r), seed=1).share().mask(zeros) for r in (0, 1)
    )
    assert not any(np.any(first.masked[c] == second.masked[c]) for c in range(3))


def test_a_tampered_share_is_refused():
    run = Run(make_plan(4)).share()
    first, *rest = run.inbox[0]
    for at in (0, 20, len(first.sealed) - 1):
        words = bytearray(first.sealed)
        words[at] ^= 1
        with pytest.raises(RefusedError, match="changed on its way"):
            mask_vector(
                run.states[0], [replace(first, sealed=bytes(words)), *rest], np.zeros(3, np.uint64)
            )
    swapped = [replace(first, sealed=rest[0].sealed), replace(rest[0], sealed=first.sealed)]
    with pytest.raises(RefusedError, match="changed on its way"):
        mask_vector(run.states[0], [*swapped, *rest[1:]], np.zeros(3, np.uint64))


def test_shares_sent_twice_or_astray_are_refused():
    run = Run(make_plan(4)).share()
    box, zeros = run.inbox[0], np.zeros(3, np.uint64)
    with pytest.raises(RefusedError, match="two shares by one client"):
        mask_vector(run.states[0], [*box, box[0]], zeros)
    with pytest.raises(RefusedError, match="not it and a neighbour"):
        mask_vector(run.states[0], [*box[1:], run.inbox[1][0]], zeros)
    with pytest.raises(RefusedError, match="came twice"):
        route_shares(run.plan, run.roster, [box[0], box[0]])


def test_a_second_vector_or_list_of_keys_is_refused():
    run = ready(3)
    with pytest.raises(RefusedError, match="one vector a round"):
        mask_vector(run.states[0], run.inbox[0], np.zeros(3, np.uint64))
    with pytest.raises(RefusedError, match="second list of keys"):
        share_secrets(run.states[0], run.roster)


def test_lists_of_keys_that_repeat_or_echo_are_refused():
    plan = make_plan(3)
    run = Run(plan)
    state = run.states[0]
    mine, one, two = run.roster
    with pytest.raises(RefusedError, match="twice on the list"):
        share_secrets(state, [mine, one, two, two])
    with pytest.raises(RefusedError, match="one's own shown as another's"):
        share_secrets(state, [mine, one, replace(two, mask_key=mine.mask_key)])
    with pytest.raises(RefusedError, match="one's own shown as another's"):
        share_secrets(state, [mine, one, replace(two, cipher_key=mine.mask_key)])
    with pytest.raises(RefusedError, match="no or other keys"):
        share_secrets(state, [replace(mine, mask_key=bytes(32)), one, two])
    with pytest.raises(RefusedError, match="not in the plan"):
        share_secrets(state, [mine, one, two, replace(two, client=3)])
    with pytest.raises(RefusedError, match="sent keys twice"):
        gather_keys(plan, [mine, one, one])


# --- wrong answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dropped", [(), (3,)])
def test_a_wrong_share_is_found_out(dropped):
    plan = make_plan(4)
    run = Run(plan).share().mask(draw(plan), dropped=dropped)
    request = run.request()
    answers = [reveal_shares(run.states[c], request)[1] for c in request.survivors]
    kind = "keys" if dropped else "seeds"
    shares = getattr(answers[0], kind)
    wrong = (*shares[:-1], replace(shares[-1], share=bytes(16)))
    with pytest.raises(RefusedError, match=r"shares of client 3 give a secret that is not its own"):
        unmask_total(
            plan,
            run.roster,
            run.masked,
            request,
            [replace(answers[0], **{kind: wrong}), *answers[1:]],
        )


def test_answers_that_were_not_asked_or_come_twice_are_refused():
    run = ready(4)
    request = run.request()
    answers = [reveal_shares(run.states[c], request)[1] for c in request.survivors]
    turned = replace(answers[0], seeds=(), keys=answers[0].seeds)
    with pytest.raises(RefusedError, match="which was not asked"):
        unmask_total(run.plan, run.roster, run.masked, request, [turned, *answers[1:]])
    with pytest.raises(RefusedError, match="answered twice"):
        unmask_total(run.plan, run.roster, run.masked, request, [*answers, answers[0]])
    with pytest.raises(RefusedError, match="not those of the survivors"):
        unmask_total(run.plan, run.roster, {0: run.masked[0]}, request, answers)


# --- forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "vector", [np.zeros(4, np.uint64), np.zeros(3), np.zeros((1, 3), np.uint64)]
)
def test_vectors_of_another_form_are_refused(vector):
    run = Run(make_plan(3)).share()
    with pytest.raises(InputError, match="cannot be masked"):
        mask_vector(run.states[0], run.inbox[0], vector)


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"survivors":["x"],"dropped":[]}'])
def test_bytes_that_hold_no_message_are_refused(data):
    with pytest.raises(InputError, match="UnmaskRequest"):
        from_bytes(UnmaskRequest, data)


def test_a_state_prints_no_secret():
    state = ready(3).states[0]
    assert "secrets" not in repr(state)
    assert state.secrets.mask_key.hex() not in repr(state)
    assert "held" not in repr(state)


def test_a_share_from_one_who_was_dealt_none_is_refused():
    plan = make_plan(40, degree=4)
    holders = plan.holders()
    stranger = next(c for c in range(40) if c not in holders[0])
    said = {stranger: (OwnedShare(owner=0, share=bytes(16)),)}
    with pytest.raises(RefusedError, match="which dealt it none"):
        shares_of([0], said, holders)
    near = {holders[0][1]: said[stranger]}
    assert shares_of([0], near, holders) == {0: {holders[0][1]: bytes(16)}}


def unmasked_apart(clients, threshold, liars):
    """Return the first client's vector as a server and liars find it, if they do.

    Liars answer two requests: one says that the first client stayed, one that it dropped out.
    """
    plan = make_plan(clients, threshold=threshold)
    run = Run(plan)
    run.share()
    vectors = np.arange(3 * clients, dtype=np.uint64).reshape(clients, 3)
    run.mask(vectors)
    bad, honest = list(range(clients - liars, clients)), list(range(1, clients - liars))
    cut = threshold - liars - 1
    requests = [
        (ask_to_unmask(plan, range(clients), range(first, clients)), group)
        for first, group in ((0, [0, *honest[:cut]]), (1, honest[cut:]))
    ]
    totals = []
    for request, group in requests:
        answers = [reveal_shares(run.states[c], request)[1] for c in group + bad]
        sent = {c: run.masked[c] for c in request.survivors}
        totals.append(unmask_total(plan, run.roster, sent, request, answers))
    return (totals[0] - totals[1]).tolist() == vectors[0].tolist()


@pytest.mark.parametrize(("clients", "threshold", "liars"), [(5, 3, 1), (10, 6, 2)])
def test_liars_in_two_groups_unmask_one_client_where_the_threshold_is_low(
    clients, threshold, liars
):
    """Why a promise asks for more than half of clients and liars together."""
    assert unmasked_apart(clients, threshold, liars)
    with pytest.raises(RefusedError, match="fewer than the threshold"):
        unmasked_apart(clients, threshold + 1, liars)
