"""The server's side of a round: it passes messages on and takes the masks off the sum.

It holds no secret. What it sees are public keys, sealed shares, masked vectors, and shares of one
secret of each client: the self-mask seed of those who stayed, the mask key of those who did not.
Nothing is put together before it is known that enough of them answered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import RefusedError
from mindveil.secure_sum import masks
from mindveil.secure_sum.messages import (
    OwnedShare,
    PublicKeys,
    RevealedShares,
    SealedShare,
    UnmaskRequest,
)
from mindveil.secure_sum.round_plan import RoundPlan
from mindveil.secure_sum.sharing import combine, weights

Table = Mapping[int, Mapping[int, bytes]]
"""Shares by owner and holder."""


def gather_keys(plan: RoundPlan, keys: Sequence[PublicKeys]) -> tuple[PublicKeys, ...]:
    """Return the list of keys that all are sent, in the order of the clients.

    Raises RefusedError where a client is there twice, is unknown, or too few came.
    """
    _check_clients(plan, [key.client for key in keys], "sent keys")
    return tuple(sorted(keys, key=lambda k: k.client))


def route_shares(
    plan: RoundPlan, roster: Sequence[PublicKeys], sealed: Sequence[SealedShare]
) -> dict[int, tuple[SealedShare, ...]]:
    """Return the inbox of each client that dealt to all its neighbours on the list of keys.

    Who dealt to some of them only counts as dropped out before it dealt: its shares go nowhere.
    """
    here = {keys.client for keys in roster}
    holders = plan.holders()
    sent: dict[int, dict[int, SealedShare]] = {client: {} for client in here}
    for share in sealed:
        box = sent.get(share.sender)
        if box is None or share.receiver in box or share.receiver not in holders[share.sender]:
            raise RefusedError(
                f"a share from {share.sender} to {share.receiver} came twice or fits no plan; "
                "the round is refused"
            )
        box[share.receiver] = share
    dealt = {c for c in here if here.intersection(holders[c]) - {c} == set(sent[c])}
    _check_clients(plan, sorted(dealt), "dealt shares")
    return {
        client: tuple(
            sent[other][client] for other in holders[client] if other != client and other in dealt
        )
        for client in sorted(dealt)
    }


def ask_to_unmask(
    plan: RoundPlan, sharers: Collection[int], survivors: Collection[int]
) -> UnmaskRequest:
    """Return what is asked of the survivors, who dealt shares and sent a masked vector."""
    strangers = set(survivors) - set(sharers)
    if strangers:
        raise RefusedError(
            f"client {min(strangers)} sent a masked vector but dealt no shares; leave it out"
        )
    _check_clients(plan, list(survivors), "sent a masked vector")
    return UnmaskRequest(
        survivors=tuple(sorted(survivors)), dropped=tuple(sorted(set(sharers) - set(survivors)))
    )


def unmask_total(
    plan: RoundPlan,
    roster: Sequence[PublicKeys],
    masked: Mapping[int, NDArray[np.uint64]],
    request: UnmaskRequest,
    answers: Sequence[RevealedShares],
) -> NDArray[np.uint64]:
    """Return the sum of the survivors' vectors modulo 2**64, of the length of the plan.

    Raises RefusedError where fewer answered than the threshold, where a client's neighbours who
    answered are no majority, or where shares give a secret that is not the client's.
    """
    _check_clients(plan, [answer.client for answer in answers], "answered")
    if set(masked) != set(request.survivors):
        raise RefusedError("the masked vectors are not those of the survivors; ask again")
    holders = plan.holders()
    seeds = shares_of(request.survivors, {a.client: a.seeds for a in answers}, holders)
    keys = shares_of(request.dropped, {a.client: a.keys for a in answers}, holders)
    total = np.zeros(plan.entries, np.uint64)
    for vector in masked.values():
        total += vector
    return take_off_masks(plan, roster, total, seeds, keys)


def shares_of(
    owners: Collection[int],
    answers: Mapping[int, Sequence[OwnedShare]],
    holders: Sequence[Sequence[int]],
) -> dict[int, dict[int, bytes]]:
    """Return the shares by owner and holder, an entry for each of these owners.

    ``holders`` says of each owner who was dealt a share; raises RefusedError where another speaks.
    """
    table: dict[int, dict[int, bytes]] = {owner: {} for owner in owners}
    for holder, shares in answers.items():
        for share in shares:
            if share.owner not in table:
                raise RefusedError(
                    f"client {holder} sent a share of client {share.owner}, which was not asked"
                )
            if holder not in holders[share.owner]:
                raise RefusedError(
                    f"client {holder} sent a share of client {share.owner}, which dealt it none; "
                    "the round is refused"
                )
            table[share.owner][holder] = share.share
    return table


def take_off_masks(
    plan: RoundPlan,
    roster: Sequence[PublicKeys],
    total: NDArray[np.uint64],
    seeds: Table,
    keys: Table,
) -> NDArray[np.uint64]:
    """Return the total of masked vectors without its masks.

    ``seeds`` holds shares of the survivors' self-mask seeds, ``keys`` shares of the mask keys of
    those who dropped out: their masks with survivors are still in the total.
    """
    holders, context = plan.holders(), plan.context()
    public = {keys_of.client: keys_of for keys_of in roster}
    recovered = _put_together(holders, plan.majority(), {**seeds, **keys})
    bare = total.copy()
    for owner in seeds:
        seed = recovered[owner]
        if masks.derive(seed, context, b"check") != public[owner].seed_check:
            raise _wrong(owner)
        bare -= masks.self_mask(seed, context, plan.entries)
    for owner in keys:
        private = masks.private_key(recovered[owner], context, b"mask key")
        if masks.public_key(private) != public[owner].mask_key:
            raise _wrong(owner)
        for other in holders[owner]:
            if other not in seeds:
                continue
            secret = masks.agree(private, public[other].mask_key)
            label = masks.pair_label(owner, other)
            mask = masks.pair_mask(secret, context, label, plan.entries)
            if other < owner:  # the survivor added it
                bare -= mask
            else:
                bare += mask
    return bare


def _put_together(
    holders: Sequence[Sequence[int]], majority: int, table: Table
) -> dict[int, bytes]:
    for owner, shares in table.items():
        if len(shares) < majority:
            raise RefusedError(
                f"{len(shares)} who hold shares of client {owner} answered, fewer than "
                f"{majority}; the round is refused and nothing is put together"
            )
    known: dict[tuple[int, ...], tuple[int, ...]] = {}
    recovered = {}
    for owner, shares in table.items():
        chosen = sorted(shares)[:majority]
        places = tuple(holders[owner].index(holder) + 1 for holder in chosen)
        if places not in known:
            known[places] = weights(places)
        recovered[owner] = combine(known[places], [shares[holder] for holder in chosen])
    return recovered


def _check_clients(plan: RoundPlan, clients: Sequence[int], what: str) -> None:
    if len(set(clients)) != len(clients):
        raise RefusedError(f"a client {what} twice; the round is refused")
    outside = [client for client in clients if not 0 <= client < plan.clients]
    if outside:
        raise RefusedError(f"client {outside[0]} {what} but is not in the plan")
    if len(clients) < plan.threshold:
        raise RefusedError(
            f"{len(clients)} clients {what}, fewer than the threshold of {plan.threshold}; "
            "the round is refused"
        )


def _wrong(owner: int) -> RefusedError:
    return RefusedError(
        f"the shares of client {owner} give a secret that is not its own: a share was wrong; "
        "the round is refused"
    )
