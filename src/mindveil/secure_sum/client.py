"""One client's side of a round: four steps, each a pure function of its state and of a message.

Keys, shares, masked vector, answer (Bonawitz et al. 2017). The server may be curious and may lie
about who stayed; a client then answers nothing that could take the mask off a single vector:

- never shares of both secrets of one client (its self-mask seed and its mask key);
- never fewer survivors than the threshold of the plan, which is more than half;
- never a second request that differs from the first, a second list of keys, a second vector;
- nothing to a list that leaves it out, repeats a client, or shows it its own key as another's.

A state is used once: write the new one down before the message goes out, and forget the old one.
A state holds secrets. It can be kept as JSON (``to_bytes``) at the client, in no other place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError, RefusedError
from mindveil.secure_sum import masks
from mindveil.secure_sum.entropy import Entropy, operating_system
from mindveil.secure_sum.messages import (
    OwnedShare,
    PublicKeys,
    RevealedShares,
    SealedShare,
    UnmaskRequest,
)
from mindveil.secure_sum.round_plan import RoundPlan
from mindveil.secure_sum.sharing import SIZE, deal


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecrets:
    """Three seeds of 16 bytes: of the mask key, of the self mask, of the key that seals shares."""

    __pydantic_config__: ClassVar[dict[str, str]] = {
        "ser_json_bytes": "base64",
        "val_json_bytes": "base64",
    }

    mask_key: bytes = field(repr=False)
    self_mask: bytes = field(repr=False)
    cipher_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldShares:
    """The shares of one client's two secrets that this client keeps."""

    __pydantic_config__: ClassVar[dict[str, str]] = {
        "ser_json_bytes": "base64",
        "val_json_bytes": "base64",
    }

    owner: int
    seed: bytes = field(repr=False)
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientState:
    """What a client keeps between two messages of a round.

    ``roster`` holds the keys of its neighbours once they came, ``held`` the shares that it keeps
    (its own first, then the neighbours'), ``masked`` whether its vector went out, ``answered``
    the request that it answered.
    """

    plan: RoundPlan
    client: int
    secrets: ClientSecrets = field(repr=False)
    roster: tuple[PublicKeys, ...] = ()
    held: tuple[HeldShares, ...] = field(default=(), repr=False)
    masked: bool = False
    answered: UnmaskRequest | None = None


def draw_secrets(entropy: Entropy) -> ClientSecrets:
    """Return the seeds of one client for one round."""
    drawn = entropy(3 * masks.SEED)
    parts = [drawn[i : i + masks.SEED] for i in range(0, len(drawn), masks.SEED)]
    return ClientSecrets(mask_key=parts[0], self_mask=parts[1], cipher_key=parts[2])


def open_round(
    plan: RoundPlan, client: int, entropy: Entropy = operating_system
) -> tuple[ClientState, PublicKeys]:
    """Draw the client's secrets; return its state and the public keys it sends."""
    if not 0 <= client < plan.clients:
        raise InputError(
            f"client {client} is not in a plan of {plan.clients} clients; count them from 0"
        )
    state = ClientState(plan=plan, client=client, secrets=draw_secrets(entropy))
    return state, _public(state)


def share_secrets(
    state: ClientState, roster: Sequence[PublicKeys]
) -> tuple[ClientState, tuple[SealedShare, ...]]:
    """Deal the client's two secrets; return its state and a sealed share for each neighbour.

    ``roster`` are the keys of all who take part, this client's own among them.
    """
    if state.roster:
        raise RefusedError(f"client {state.client} was given a second list of keys in its round")
    _check_roster(state, roster)
    holders = state.plan.holders()[state.client]
    near = tuple(k for k in roster if k.client in holders and k.client != state.client)
    majority = state.plan.majority()
    if len(near) + 1 < majority:
        raise RefusedError(
            f"client {state.client} has {len(near)} neighbours in this round; with fewer than "
            f"{majority - 1} its mask could not be taken off, so that it takes no part"
        )
    seeds = dict(zip(holders, deal(state.secrets.self_mask, majority, len(holders)), strict=True))
    keys = dict(zip(holders, deal(state.secrets.mask_key, majority, len(holders)), strict=True))
    own = HeldShares(owner=state.client, seed=seeds[state.client], key=keys[state.client])
    context = state.plan.context()
    private = masks.private_key(state.secrets.cipher_key, context, b"cipher key")
    sealed = []
    for other in near:
        address = _address(context, state.client, other.client)
        key = masks.derive(masks.agree(private, other.cipher_key), address, b"share")
        words = masks.seal(
            key,
            operating_system(masks.NONCE),
            seeds[other.client] + keys[other.client],
            address,
        )
        sealed.append(SealedShare(sender=state.client, receiver=other.client, sealed=words))
    return replace(state, roster=near, held=(own,)), tuple(sealed)


def mask_vector(
    state: ClientState, inbox: Sequence[SealedShare], vector: NDArray[np.uint64]
) -> tuple[ClientState, NDArray[np.uint64]]:
    """Return the client's state and its masked vector, modulo 2**64, of the same length.

    ``inbox`` holds the shares for this client of all neighbours who dealt. Those are the ones it
    shares masks with.
    """
    if state.masked or not state.roster:
        raise RefusedError(
            f"client {state.client} masks one vector a round, after its shares were dealt: a "
            "second one under the same masks would give their difference away"
        )
    if vector.shape != (state.plan.entries,) or vector.dtype != np.uint64:
        raise InputError(
            f"a vector of shape {vector.shape} and type {vector.dtype} cannot be masked; the plan "
            f"asks for {state.plan.entries} whole numbers of type uint64"
        )
    received = _open_inbox(state, inbox)
    context = state.plan.context()
    private = masks.private_key(state.secrets.mask_key, context, b"mask key")
    public = {keys.client: keys.mask_key for keys in state.roster}
    masked = vector + masks.self_mask(state.secrets.self_mask, context, state.plan.entries)
    for share in received:
        secret = masks.agree(private, public[share.owner])
        label = masks.pair_label(state.client, share.owner)
        mask = masks.pair_mask(secret, context, label, state.plan.entries)
        if state.client < share.owner:
            masked += mask
        else:
            masked -= mask
    return replace(state, held=(*state.held, *received), masked=True), masked


def reveal_shares(state: ClientState, request: UnmaskRequest) -> tuple[ClientState, RevealedShares]:
    """Return the client's state and the shares that take the masks off the sum.

    Of each survivor that it holds shares of, the share of its self-mask seed; of each that
    dropped out, the share of its mask key; of nobody both.
    """
    _check_request(state, request)
    survivors, dropped = frozenset(request.survivors), frozenset(request.dropped)
    seeds = tuple(
        OwnedShare(owner=h.owner, share=h.seed) for h in state.held if h.owner in survivors
    )
    keys = tuple(OwnedShare(owner=h.owner, share=h.key) for h in state.held if h.owner in dropped)
    answer = RevealedShares(client=state.client, seeds=seeds, keys=keys)
    return replace(state, answered=request), answer


def _public(state: ClientState) -> PublicKeys:
    context, secrets = state.plan.context(), state.secrets
    return PublicKeys(
        client=state.client,
        mask_key=masks.public_key(masks.private_key(secrets.mask_key, context, b"mask key")),
        cipher_key=masks.public_key(masks.private_key(secrets.cipher_key, context, b"cipher key")),
        seed_check=masks.derive(secrets.self_mask, context, b"check"),
    )


def _address(context: bytes, sender: int, receiver: int) -> bytes:
    return context + sender.to_bytes(8, "big") + receiver.to_bytes(8, "big")


def _check_roster(state: ClientState, roster: Sequence[PublicKeys]) -> None:
    clients = [keys.client for keys in roster]
    if len(set(clients)) != len(clients):
        raise RefusedError("a client is twice on the list of keys; the round is refused")
    outside = [client for client in clients if not 0 <= client < state.plan.clients]
    if outside:
        raise RefusedError(f"client {outside[0]} is on the list of keys but not in the plan")
    if len(clients) < state.plan.threshold:
        raise RefusedError(
            f"{len(clients)} clients sent keys, fewer than the threshold of "
            f"{state.plan.threshold}; the round is refused"
        )
    mine = _public(state)
    if mine not in roster:
        raise RefusedError(f"the list of keys holds no or other keys of client {state.client}")
    said = [key for keys in roster for key in (keys.mask_key, keys.cipher_key)]
    if len(set(said)) != len(said):
        raise RefusedError(
            "a key is twice on the list of keys, as one's own shown as another's would be; "
            "the round is refused"
        )


def _open_inbox(state: ClientState, inbox: Sequence[SealedShare]) -> tuple[HeldShares, ...]:
    public = {keys.client: keys.cipher_key for keys in state.roster}
    senders = [share.sender for share in inbox]
    if len(set(senders)) != len(senders):
        raise RefusedError(f"client {state.client} was sent two shares by one client")
    if len(senders) + 1 < state.plan.majority():
        raise RefusedError(
            f"client {state.client} was sent the shares of {len(senders)} neighbours, fewer than "
            f"{state.plan.majority() - 1}; it masks nothing"
        )
    context = state.plan.context()
    private = masks.private_key(state.secrets.cipher_key, context, b"cipher key")
    received = []
    for share in sorted(inbox, key=lambda s: s.sender):
        if share.receiver != state.client or share.sender not in public:
            raise RefusedError(
                f"client {state.client} was sent a share from {share.sender} to "
                f"{share.receiver}, who are not it and a neighbour; it masks nothing"
            )
        address = _address(context, share.sender, state.client)
        key = masks.derive(masks.agree(private, public[share.sender]), address, b"share")
        words = masks.unseal(key, share.sealed, address)
        if len(words) != 2 * SIZE:
            raise RefusedError(f"client {share.sender} sealed {len(words)} bytes, not two shares")
        received.append(HeldShares(owner=share.sender, seed=words[:SIZE], key=words[SIZE:]))
    return tuple(received)


def _check_request(state: ClientState, request: UnmaskRequest) -> None:
    survivors, dropped = frozenset(request.survivors), frozenset(request.dropped)
    if not state.masked:
        raise RefusedError(f"client {state.client} has masked nothing yet and reveals nothing")
    if state.answered is not None and state.answered != request:
        raise RefusedError(
            f"client {state.client} has answered another request in this round; both together "
            "could take the mask off a single vector"
        )
    if survivors & dropped:
        raise RefusedError(
            f"client {min(survivors & dropped)} is said to have stayed and to have dropped out; "
            "the shares of both its secrets would take the mask off its vector"
        )
    if len(survivors) + len(dropped) != len(request.survivors) + len(request.dropped):
        raise RefusedError("a client is twice on a list of the request; nothing is revealed")
    if not all(0 <= client < state.plan.clients for client in survivors | dropped):
        raise RefusedError("a client of the request is not in the plan; nothing is revealed")
    if len(survivors) < state.plan.threshold:
        raise RefusedError(
            f"{len(survivors)} clients stayed, fewer than the threshold of "
            f"{state.plan.threshold}; nothing is revealed"
        )
    holds = frozenset(share.owner for share in state.held)
    near = frozenset(keys.client for keys in state.roster)
    known = state.client in survivors and holds <= survivors | dropped
    if not known or survivors & near - holds:
        raise RefusedError(
            f"the request does not fit the shares that client {state.client} was sent, or leaves "
            "it out; nothing is revealed"
        )
