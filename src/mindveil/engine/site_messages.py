"""What a coordinator and the sites of a federation say to each other, and in which order.

A message is a kind, some facts (JSON) and some named arrays. It travels as bytes: a checksum,
the facts, and the arrays as safetensors; nothing is pickled, the size is bounded, and bytes
that were damaged on the way are refused. The same words serve two transports: ``exchange``
in one process, and real Flower nodes (flower_sites.py).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from mindveil.errors import InputError, RefusedError
from mindveil.store.files import Json

Array = NDArray[np.float64] | NDArray[np.uint64]

MAX_BYTES = 256 << 20
MAX_FACT_BYTES = 1 << 20
TRANSPORT_KINDS = frozenset({"refused", "failed", "absent"})
"""Kinds that only a transport says, each with one sentence in ``facts["reason"]``."""

_MAGIC = b"mindveil site message 1\n"
_KIND = re.compile(r"[a-z][a-z0-9-]{0,39}")
_DTYPES = (np.dtype(np.float64), np.dtype(np.uint64))


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteMessage:
    """One thing said: its kind, its facts (JSON) and its arrays (float64 or uint64).

    >>> SiteMessage.from_bytes(SiteMessage(kind="hello", facts={"round": 1}).to_bytes()).facts
    {'round': 1}
    """

    kind: str
    facts: Mapping[str, Json] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Write the message; the same message gives the same bytes."""
        if not _KIND.fullmatch(self.kind):
            raise InputError(
                f"{self.kind!r} cannot be the kind of a message; use small letters and dashes"
            )
        for name, array in self.arrays.items():
            if array.dtype not in _DTYPES:
                raise InputError(
                    f"the array {name!r} of a message holds {array.dtype}; "
                    "sites exchange float64 and uint64 only"
                )
        try:
            said = json.dumps(
                {"kind": self.kind, "facts": self.facts}, sort_keys=True, allow_nan=False
            ).encode()
        except (TypeError, ValueError) as fault:
            raise InputError(f"the facts of a message of kind {self.kind} are no JSON") from fault
        tensors = save({k: np.ascontiguousarray(v) for k, v in sorted(self.arrays.items())})
        body = len(said).to_bytes(4, "little") + said + tensors
        if len(said) > MAX_FACT_BYTES or len(body) > MAX_BYTES:
            raise InputError(
                f"a message of kind {self.kind} takes {len(body)} bytes, {len(said)} of them "
                f"facts; the most are {MAX_BYTES} and {MAX_FACT_BYTES}"
            )
        return _MAGIC + hashlib.sha256(body).digest() + body

    @classmethod
    def from_bytes(cls, written: bytes) -> SiteMessage:
        """Read a message; damage, an unknown format or too great a size is an InputError."""
        body = _checked(written)
        size = int.from_bytes(body[:4], "little")
        if size > MAX_FACT_BYTES or 4 + size > len(body):
            raise InputError("a message between sites names a length that it does not have")
        try:
            said = json.loads(bytes(body[4 : 4 + size]))
            arrays = load(bytes(body[4 + size :]))
        except (ValueError, RecursionError, SafetensorError) as fault:
            raise InputError("a message between sites cannot be read; send it again") from fault
        return cls._of(said, arrays)

    @classmethod
    def _of(cls, said: object, arrays: Mapping[str, Array]) -> SiteMessage:
        whole = isinstance(said, dict) and set(said) == {"kind", "facts"}
        if not whole or not isinstance(said, dict) or not isinstance(said["facts"], dict):
            raise InputError("a message between sites lacks its kind or its facts")
        if not isinstance(said["kind"], str) or not _KIND.fullmatch(said["kind"]):
            raise InputError("a message between sites has a kind that cannot be one")
        if any(array.dtype not in _DTYPES for array in arrays.values()):
            raise InputError("a message between sites holds arrays other than float64 and uint64")
        return cls(kind=said["kind"], facts=said["facts"], arrays=arrays)


def _checked(written: bytes) -> memoryview:
    head = len(_MAGIC) + 32
    if len(written) > MAX_BYTES + head:
        raise InputError(
            f"a message between sites takes {len(written)} bytes; the most are {MAX_BYTES}"
        )
    if len(written) < head + 4 or not written.startswith(_MAGIC):
        raise InputError("a message between sites is cut off or written by something else")
    body = memoryview(written)[head:]
    if hashlib.sha256(body).digest() != written[len(_MAGIC) : head]:
        raise InputError("a message between sites was damaged on its way; send it again")
    return body


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a site says back, and what it keeps for itself until the next message."""

    reply: SiteMessage
    memory: SiteMessage | None = None


class Site(Protocol):
    """The side that holds the people. Nothing but ``memory`` lasts from message to message."""

    def handle(self, request: SiteMessage, memory: SiteMessage | None) -> Answer:
        """Answer one request, or raise RefusedError or InputError with one sentence."""
        ...


class Coordinator(Protocol):
    """The side that asks."""

    def next_requests(self, replies: Mapping[str, SiteMessage]) -> Mapping[str, SiteMessage] | None:
        """Say what to ask which site next, given the replies to what was asked; None ends it.

        The first call gets no replies. Later ones get one from every site that was asked; its
        kind is one of ``TRANSPORT_KINDS`` where the site itself did not speak.
        """
        ...


def excuse(kind: str, reason: str) -> SiteMessage:
    """Make the reply in the place of a site that did not answer as asked."""
    return SiteMessage(kind=kind, facts={"reason": reason})


def spoken(answer: SiteMessage) -> SiteMessage:
    """Refuse an answer that pretends to be said by the transport."""
    if answer.kind in TRANSPORT_KINDS:
        raise InputError(f"a site may not answer with the kind {answer.kind!r}; raise the error")
    return answer


def exchange(coordinator: Coordinator, sites: Mapping[str, Site]) -> None:
    """Carry messages between a coordinator and sites of this process until it is done.

    Every message takes the way through bytes that it takes between machines. What a site raises
    that is no refusal is a fault of the program and is raised here.
    """
    memories: dict[str, SiteMessage | None] = {}
    replies: dict[str, SiteMessage] = {}
    while (requests := coordinator.next_requests(replies)) is not None:
        replies = {}
        for name, request in requests.items():
            if name not in sites:
                replies[name] = excuse("absent", f"site {name} takes no part")
                continue
            heard = SiteMessage.from_bytes(request.to_bytes())
            try:
                answer = sites[name].handle(heard, memories.get(name))
            except (RefusedError, InputError) as fault:
                replies[name] = excuse("refused", str(fault))
                continue
            memories[name] = answer.memory
            replies[name] = SiteMessage.from_bytes(spoken(answer.reply).to_bytes())
