"""The wire between the coordinator's process and Flower's ServerApp: a socket in a private folder.

The coordinator stays in Mindveil's own process and environment; the ServerApp, which lives in
Flower's, only carries. A parcel is a head (JSON) and named bodies (bytes). Only processes of
this user reach the socket, since its folder is private to it.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

from mindveil.engine.site_messages import MAX_BYTES, MAX_FACT_BYTES
from mindveil.errors import InputError
from mindveil.store.files import Json

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What goes through the wire at once."""

    head: Mapping[str, Json]
    bodies: Mapping[str, bytes] = field(default_factory=dict)


def send_parcel(channel: socket.socket, parcel: Parcel) -> None:
    """Send a parcel whole."""
    sizes = {name: len(body) for name, body in parcel.bodies.items()}
    table = json.dumps({"head": parcel.head, "sizes": sizes}).encode()
    channel.sendall(len(table).to_bytes(4, "little") + table)
    for body in filter(None, parcel.bodies.values()):  # whoever awaits nothing may have gone
        channel.sendall(body)


def receive_parcel(channel: socket.socket) -> Parcel | None:
    """Wait for a parcel; None when the other side has gone between two parcels.

    Raises:
        InputError: the other side broke off inside a parcel, or speaks another language.
        TimeoutError: the channel has a time limit and it passed.
    """
    begun = _receive(channel, 4)
    if not begun:
        return None
    size = int.from_bytes(begun, "little")
    if size > MAX_FACT_BYTES:
        raise InputError(
            f"a parcel of the federation has a head of {size} bytes, which is too long"
        )
    told = json.loads(_whole(channel, size))
    sizes: dict[str, int] = told["sizes"]
    if any(not 0 <= n <= 2 * MAX_BYTES for n in sizes.values()):
        raise InputError("a parcel of the federation has a body that is too long")
    return Parcel(head=told["head"], bodies={k: _whole(channel, n) for k, n in sizes.items()})


def _whole(channel: socket.socket, size: int) -> bytes:
    received = _receive(channel, size)
    if len(received) != size:
        raise InputError("the Flower server app broke off in the middle of a parcel")
    return received


def _receive(channel: socket.socket, size: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < size:
        piece = channel.recv(min(size - len(pieces), _PIECE))
        if not piece:
            break
        pieces += piece
    return bytes(pieces)
