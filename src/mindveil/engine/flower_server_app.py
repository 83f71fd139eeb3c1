"""The coordinator's half of the Flower app: carry envelopes from the coordinator to its nodes.

Called in Flower's environment only. The coordinator itself stays in Mindveil's own process;
this one meets it at a socket, checks its list of partners against the nodes that are registered
and online, by public key, and carries parcels until the socket closes. A node that is not on
the list is never spoken to. A node that does not answer in time is asked again in later rounds,
but not waited for as long as others answer.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mindveil.engine.flower_client_app import ENVELOPE
from mindveil.engine.flower_relay import Parcel, receive_parcel, send_parcel

if TYPE_CHECKING:
    from flwr.app import Context, Message
    from flwr.serverapp import Grid, ServerApp

MEETING = "meeting"
_LOST = (3, 4, 5)
"""Flower's codes for a message, a reply and a node that are unavailable."""

_REFUSALS = ("RefusedError", "InputError")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """What one round asks: the terms that stand on every envelope, and how long to wait."""

    study: str
    partners: str
    sequence: int
    seconds: float


@dataclass(slots=True, kw_only=True)
class _Carrier:
    """Nodes by site name, and the sites that did not answer when they were last asked."""

    grid: Grid
    nodes: dict[str, int] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)


def server_app() -> ServerApp:
    """Make the app that Flower runs beside the SuperLink."""
    from flwr.serverapp import ServerApp  # noqa: PLC0415 - Flower's environment only

    app = ServerApp()
    app.main()(carry)
    return app


def carry(grid: Grid, context: Context) -> None:
    """Meet the coordinator at its socket and carry until it hangs up."""
    carrier = _Carrier(grid=grid)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
        channel.connect(str(context.run_config[MEETING]))
        while (parcel := receive_parcel(channel)) is not None:
            if parcel.head["do"] == "meet":
                send_parcel(channel, _meet(carrier, parcel))
            else:
                send_parcel(channel, _ask(carrier, parcel))


def _meet(carrier: _Carrier, parcel: Parcel) -> Parcel:
    """Wait for the nodes of the list; say who is there."""
    partners, seconds = parcel.head["partners"], parcel.head["seconds"]
    assert isinstance(partners, dict)
    assert isinstance(seconds, float)
    wanted = {"".join(str(key).split()): name for name, key in partners.items()}
    until = time.monotonic() + seconds
    while True:
        carrier.nodes = _online(carrier.grid, wanted)
        if len(carrier.nodes) == len(wanted) or time.monotonic() > until:
            return Parcel(head={"present": sorted(carrier.nodes)})
        time.sleep(0.2)


def _online(grid: Grid, wanted: Mapping[str, str]) -> dict[str, int]:
    """Return the nodes that are online under a key of the list, by site name."""
    keyed = {"".join(n.public_key.decode("ascii").split()): n.node_id for n in grid.get_nodes()}
    return {name: keyed[key] for key, name in wanted.items() if key in keyed}


def _ask(carrier: _Carrier, parcel: Parcel) -> Parcel:
    """Send every body to its site; collect what comes back in time."""
    head = parcel.head
    terms = _Round(
        study=str(head["study"]),
        partners=str(head["partners"]),
        sequence=int(str(head["sequence"])),
        seconds=float(str(head["seconds"])),
    )
    asked = {name: body for name, body in parcel.bodies.items() if name in carrier.nodes}
    tickets = _push(carrier, asked, terms)
    verdicts: dict[str, list[str]] = {}
    bodies: dict[str, bytes] = {}
    lost: set[str] = set()
    until = time.monotonic() + terms.seconds
    while tickets and time.monotonic() < until:
        for reply in carrier.grid.pull_messages(list(tickets)):
            name = tickets.pop(reply.metadata.reply_to_message_id)
            if _is_lost(reply):
                lost.add(name)
                continue
            verdicts[name], bodies[name] = _opened(name, reply)
        if bodies and carrier.late.issuperset(tickets.values()):
            break
        time.sleep(0.1)
    carrier.late = lost.union(tickets.values())
    for name in parcel.bodies:
        missed = [
            "absent",
            f"site {name} did not answer within {terms.seconds:g} s"
            if name in asked
            else f"site {name} has no node here under the key on the list",
        ]
        verdicts.setdefault(name, missed)
    return Parcel(head={"verdicts": verdicts}, bodies=bodies)


def _push(carrier: _Carrier, asked: Mapping[str, bytes], terms: _Round) -> dict[str, str]:
    """Send the envelopes; return the site that each message went to."""
    messages = [_wrapped(carrier.nodes[name], body, terms) for name, body in asked.items()]
    sent: Iterable[str | None] = carrier.grid.push_messages(messages) if messages else []
    return {ticket: name for ticket, name in zip(sent, asked, strict=True) if ticket}


def _wrapped(node: int, body: bytes, terms: _Round) -> Message:
    from flwr.app import ConfigRecord, Message, RecordDict  # noqa: PLC0415 - Flower's environment only

    envelope = ConfigRecord(
        {
            "study": terms.study,
            "partners": terms.partners,
            "sequence": terms.sequence,
            "body": body,
        }
    )
    return Message(
        RecordDict({ENVELOPE: envelope}),
        dst_node_id=node,
        message_type="query",
        ttl=terms.seconds,
        group_id=str(terms.sequence),
    )


def _is_lost(reply: Message) -> bool:
    """Say if Flower itself gave up on a node, whose time was over or whose heart did not beat."""
    return reply.has_error() and reply.error.code in _LOST


def _opened(name: str, reply: Message) -> tuple[list[str], bytes]:
    """Return a status with its sentence, and the body."""
    if reply.has_error():
        reason = str(reply.error.reason)
        if any(f"mindveil.errors.{kind}" in reason for kind in _REFUSALS):
            return ["refused", reason.partition(":<'")[2].removesuffix("'>")], b""
        return ["failed", f"site {name} sent Flower's error {reply.error.code}"], b""
    told = reply.content[ENVELOPE]
    return [str(told["status"]), str(told["reason"])], bytes(told["body"])
