"""A simulation of a round of the protocol, all clients in one process.

The masks are those that the clients would send, the secrets are dealt and put together again, and
what the server sees is what it would see; messages are not sealed, since nobody is in between,
and a mask of two clients is worked out once where each of the two would work it out. With the
same entropy the masked vectors and the total are those of the run message by message.

Somebody who holds all vectors in one process needs no protection from himself: this is for
studies of what a server learns and of what drop-out does, never for a deployment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError, RefusedError
from mindveil.secure_sum import masks
from mindveil.secure_sum.client import ClientSecrets, draw_secrets
from mindveil.secure_sum.entropy import Entropy, operating_system
from mindveil.secure_sum.messages import PublicKeys
from mindveil.secure_sum.round_plan import RoundPlan, usual_threshold
from mindveil.secure_sum.server import take_off_masks
from mindveil.secure_sum.sharing import deal_many

STUDY = "simulation"
"""The name under which simulated rounds derive their keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOuts:
    """Who drops out of a round: before or after its masked vector was sent.

    Both have dealt their shares. The vectors of those ``before`` are not in the total, and their
    masks with others have to be recovered; those ``after`` are in the total but answer nothing.
    """

    before: frozenset[int] = frozenset()
    after: frozenset[int] = frozenset()


NOBODY = DropOuts()
"""A round from which nobody drops out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureRound:
    """What the server holds after a round.

    ``total`` is the sum of the survivors' vectors modulo 2**64 (entries,); ``masked`` what each
    of them sent, in their order (survivors, entries); ``survivors`` those in the total.
    """

    total: NDArray[np.uint64]
    masked: NDArray[np.uint64]
    survivors: tuple[int, ...]


def secure_sum(
    vectors: NDArray[np.uint64],
    drop_outs: DropOuts = NOBODY,
    *,
    threshold: int | None = None,
    round_number: int = 0,
    entropy: Entropy = operating_system,
) -> SecureRound:
    """Simulate one round over the vectors (clients, entries), in one process.

    ``threshold`` is two thirds of the clients where it is not given. Raises RefusedError where
    fewer than that stay; nothing was put together then.

    >>> vectors = np.array([[1, 2], [3, 4], [5, 6]], np.uint64)
    >>> secure_sum(vectors, DropOuts(before=frozenset({1}))).total
    array([6, 8], dtype=uint64)
    """
    if vectors.ndim != 2 or vectors.dtype != np.uint64:
        raise InputError(
            f"vectors of shape {vectors.shape} and type {vectors.dtype} cannot be summed; give "
            "one row of uint64 a client"
        )
    clients, entries = vectors.shape
    plan = RoundPlan(
        study=STUDY,
        round_number=round_number,
        clients=clients,
        threshold=usual_threshold(clients) if threshold is None else threshold,
        entries=entries,
    )
    return simulate(plan, vectors, drop_outs, entropy)


def simulate(
    plan: RoundPlan, vectors: NDArray[np.uint64], drop_outs: DropOuts, entropy: Entropy
) -> SecureRound:
    """Simulate one round of a plan over the vectors (clients, entries), in one process."""
    survivors, present = _who_stays(plan, drop_outs)
    secrets = [draw_secrets(entropy) for _ in range(plan.clients)]
    context = plan.context()
    private = [masks.private_key(s.mask_key, context, b"mask key") for s in secrets]
    roster = tuple(
        PublicKeys(
            client=client,
            mask_key=masks.public_key(private[client]),
            cipher_key=b"",
            seed_check=masks.derive(secrets[client].self_mask, context, b"check"),
        )
        for client in range(plan.clients)
    )
    holders = plan.holders()
    masked = vectors.copy()
    for one, near in enumerate(holders):
        masked[one] += masks.self_mask(secrets[one].self_mask, context, plan.entries)
        for other in near:
            if other <= one or (one in drop_outs.before and other in drop_outs.before):
                continue
            secret = masks.agree(private[one], roster[other].mask_key)
            label = masks.pair_label(one, other)
            mask = masks.pair_mask(secret, context, label, plan.entries)
            masked[one] += mask
            masked[other] -= mask
    sent = masked[list(survivors)]
    seeds, keys = _answers(plan, secrets, (survivors, present), entropy)
    total = take_off_masks(plan, roster, sent.sum(axis=0, dtype=np.uint64), seeds, keys)
    return SecureRound(total=total, masked=sent, survivors=survivors)


def _who_stays(plan: RoundPlan, drop_outs: DropOuts) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return who is in the total and who answers the last request."""
    everybody = frozenset(range(plan.clients))
    gone = drop_outs.before | drop_outs.after
    if not gone <= everybody or drop_outs.before & drop_outs.after:
        raise InputError(
            f"drop-outs {sorted(drop_outs.before)} and {sorted(drop_outs.after)} of "
            f"{plan.clients} clients cannot be: each is a client, and drops out once"
        )
    present = tuple(sorted(everybody - gone))
    if len(present) < plan.threshold:
        raise RefusedError(
            f"{len(present)} of {plan.clients} clients stayed to the end, fewer than the "
            f"threshold of {plan.threshold}; the round is refused"
        )
    return tuple(sorted(everybody - drop_outs.before)), present


def _answers(
    plan: RoundPlan,
    secrets: Sequence[ClientSecrets],
    who: tuple[tuple[int, ...], tuple[int, ...]],
    entropy: Entropy,
) -> tuple[dict[int, dict[int, bytes]], dict[int, dict[int, bytes]]]:
    """Return the shares that those present reveal: of seeds of survivors, of keys of others."""
    survivors, present = frozenset(who[0]), frozenset(who[1])
    seeds: dict[int, dict[int, bytes]] = {}
    keys: dict[int, dict[int, bytes]] = {}
    # Of each client one secret is put together, so that only that one is dealt here.
    chosen = [s.self_mask if c in survivors else s.mask_key for c, s in enumerate(secrets)]
    holders = plan.holders()
    dealt = deal_many(chosen, plan.majority(), len(holders[0]), entropy)
    for owner, (near, shares) in enumerate(zip(holders, dealt, strict=True)):
        table = seeds if owner in survivors else keys
        table[owner] = {h: s for h, s in zip(near, shares, strict=True) if h in present}
    return seeds, keys
