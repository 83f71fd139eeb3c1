"""The messages of a round, and how they become bytes.

Four times a round something is sent: public keys, sealed shares of two secrets, the masked vector
(plain numbers; it has no class here), and the shares that take the masks off the sum. What a
message holds is checked by whoever receives it; here only its form is.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from mindveil.errors import InputError

Message = TypeVar("Message")

_AS_TEXT = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeys:
    """What a client says of itself, to everybody.

    ``mask_key`` agrees on masks, ``cipher_key`` on the keys that seal shares (X25519, 32 bytes
    each); ``seed_check`` is a digest by which a self-mask seed put together from shares is known
    to be the right one.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _AS_TEXT

    client: int
    mask_key: bytes
    cipher_key: bytes
    seed_check: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedShare:
    """A share of each of the sender's two secrets, that only the receiver can read."""

    __pydantic_config__: ClassVar[dict[str, str]] = _AS_TEXT

    sender: int
    receiver: int
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmaskRequest:
    """What the server asks of all: seeds of those who stayed, mask keys of those who did not.

    ``survivors`` sent a masked vector and are in the total; ``dropped`` shared their secrets but
    sent none. Both in ascending order.
    """

    survivors: tuple[int, ...]
    dropped: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedShare:
    """A share that a client holds, and whose secret it is of."""

    __pydantic_config__: ClassVar[dict[str, str]] = _AS_TEXT

    owner: int
    share: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealedShares:
    """A client's answer: of each owner a share of its self-mask seed or of its mask key."""

    client: int
    seeds: tuple[OwnedShare, ...]
    keys: tuple[OwnedShare, ...]


def to_bytes(message: object) -> bytes:
    """Return a message, a plan or a client's state as JSON.

    >>> to_bytes(UnmaskRequest(survivors=(0, 2), dropped=(1,)))
    b'{"survivors":[0,2],"dropped":[1]}'
    """
    return _adapter(cast("Hashable", type(message))).dump_json(message)


def from_bytes(kind: type[Message], data: bytes) -> Message:
    """Return the message of this kind; raises InputError where the bytes hold no such message.

    >>> from_bytes(UnmaskRequest, b'{"survivors":[0,2],"dropped":[1]}').dropped
    (1,)
    """
    try:
        found = cast("Message", _adapter(cast("Hashable", kind)).validate_json(data))
    except ValidationError as error:
        raise InputError(
            f"{len(data)} bytes that should hold {kind.__name__} do not; "
            "both ends must run the same version"
        ) from error
    return found


@cache
def _adapter(kind: Hashable) -> TypeAdapter[object]:
    """Return what reads and writes one kind: building it costs more than using it."""
    return TypeAdapter(cast("type[object]", kind))
