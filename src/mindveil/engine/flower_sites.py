"""Run a federation over real Flower nodes: the coordinator here, every site behind its own node.

The coordinator is an object of this process. Flower's ServerApp meets it at a socket and carries
what it asks to the nodes whose public keys are on its list, and to no others; each site checks
the study, the list and the app against its own policy. A site that is killed is absent from
then on, and the rounds go on with who is left.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mindveil.engine.flower_certificates import write_node_key
from mindveil.engine.flower_link import Link, open_link
from mindveil.engine.flower_nodes import Doorway, start_node
from mindveil.engine.flower_policy import NodePolicy, fingerprint
from mindveil.engine.flower_processes import LOUDER
from mindveil.engine.flower_relay import Parcel, receive_parcel, send_parcel
from mindveil.engine.site_messages import Coordinator, SiteMessage, excuse
from mindveil.errors import InputError
from mindveil.store.files import Json

_SLACK_SECONDS = 60.0
"""What Flower may take beyond a round's own limit to move the last replies."""

_SERVER_SECONDS = 90.0
"""What Flower may take to start the server half of the app."""

_LONGEST_SOCKET = 103
"""Bytes of a socket's path that every system takes."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSetup:
    """A site that is started on this machine, and the code that answers for it."""

    name: str
    handler: str
    settings: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What the coordinator proposes: a study's fingerprint, and sites with their public keys."""

    study: str
    partners: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long to wait: for the nodes to come, and for the answers of a round."""

    start_seconds: float = 90.0
    round_seconds: float = 120.0


LIMITS = Limits()


def run_on_flower(
    coordinator: Coordinator,
    setups: Sequence[SiteSetup],
    study: str,
    limits: Limits = LIMITS,
) -> tuple[str, ...]:
    """Start a SuperLink and a node a site, run a federation, and end everything.

    Returns the sites whose node never came.

    Raises:
        InputError: there is no Flower environment, or Flower broke down.
    """
    with open_link() as link:
        keys = link.home.folder / "keys"
        partners = {setup.name: write_node_key(keys / _checked(setup.name)) for setup in setups}
        for setup in setups:
            policy = NodePolicy(
                name=setup.name,
                handler=setup.handler,
                settings=setup.settings,
                apps=(link.app,),
                studies=(study,),
                partners=partners,
            )
            link.register(setup.name, partners[setup.name])
            add_site(link, policy, keys / setup.name)
        return run_federation(link, coordinator, Proposal(study=study, partners=partners), limits)


def add_site(link: Link, policy: NodePolicy, key: Path) -> None:
    """Start the node of a site beside the SuperLink; that its key is registered is another step."""
    name = _checked(policy.name)
    door = Doorway(address=link.address, authority=link.identity.authority, key=key)
    link.nodes[name] = start_node(link.home, policy, door)


def run_federation(
    link: Link, coordinator: Coordinator, agreement: Proposal, limits: Limits = LIMITS
) -> tuple[str, ...]:
    """Run one federation over the nodes of a link; return the sites whose node never came.

    Raises:
        InputError: two sites share a key, no node came, or Flower broke down.
    """
    if len({"".join(key.split()) for key in agreement.partners.values()}) < len(agreement.partners):
        raise InputError("two sites of the federation have the same public key; give each its own")
    with _meeting(link, limits) as channel:
        present = _meet(channel, agreement, limits)
        if not present:
            raise InputError(
                f"none of the {len(agreement.partners)} sites came within "
                f"{limits.start_seconds:g} s; {LOUDER}"
            )
        replies: dict[str, SiteMessage] = {}
        sequence = 0
        while (requests := coordinator.next_requests(replies)) is not None:
            sequence += 1
            head: dict[str, Json] = {
                "do": "ask",
                "study": agreement.study,
                "partners": fingerprint(agreement.partners),
                "sequence": sequence,
                "seconds": limits.round_seconds,
            }
            bodies = {name: request.to_bytes() for name, request in requests.items()}
            send_parcel(channel, Parcel(head=head, bodies=bodies))
            replies = _replies(_received(channel), requests)
    return tuple(sorted(set(agreement.partners) - present))


@contextlib.contextmanager
def _meeting(link: Link, limits: Limits) -> Iterator[socket.socket]:
    """Submit the app and wait for it at a socket; hanging up ends it."""
    place = link.home.folder / f"meeting-{secrets.token_hex(4)}"
    if len(str(place).encode()) > _LONGEST_SOCKET:
        raise InputError(f"{place} is too long a path for a socket; set TMPDIR to a shorter folder")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.bind(str(place))
        door.listen(1)
        door.settimeout(_SERVER_SECONDS)
        run = link.submit(place)
        try:
            channel, _ = door.accept()
        except TimeoutError as fault:
            raise InputError(
                f"Flower did not start its server app within {_SERVER_SECONDS:g} s: "
                f"{link.condition(run)}; {LOUDER}"
            ) from fault
        with channel:
            channel.settimeout(max(limits.start_seconds, limits.round_seconds) + _SLACK_SECONDS)
            yield channel


def _meet(channel: socket.socket, agreement: Proposal, limits: Limits) -> set[str]:
    head: dict[str, Json] = {
        "do": "meet",
        "partners": dict(agreement.partners),
        "seconds": float(limits.start_seconds),
    }
    send_parcel(channel, Parcel(head=head))
    present = _received(channel).head["present"]
    assert isinstance(present, list)
    return {str(name) for name in present}


def _received(channel: socket.socket) -> Parcel:
    try:
        parcel = receive_parcel(channel)
    except (TimeoutError, ConnectionError) as fault:
        raise InputError("Flower's server app fell silent; the federation ended early") from fault
    if parcel is None:
        raise InputError("Flower's server app ended before the federation did")
    return parcel


def _replies(parcel: Parcel, requests: Mapping[str, SiteMessage]) -> dict[str, SiteMessage]:
    """Read what came back; a reply that cannot be read counts as a failure of its site."""
    verdicts = parcel.head["verdicts"]
    assert isinstance(verdicts, dict)
    replies = {}
    for name in requests:
        status, reason = verdicts[name]
        if status != "answered":
            replies[name] = excuse(status, reason)
            continue
        try:
            replies[name] = SiteMessage.from_bytes(parcel.bodies[name])
        except InputError as fault:
            replies[name] = excuse("failed", str(fault))
    return replies


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} cannot be the name of a site; use up to 40 letters, digits, - and _"
        )
    return name
