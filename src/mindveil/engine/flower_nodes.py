"""A site's end of a federation on Flower: one SuperNode behind the site's own gate and policy.

The node shows its registered key to the SuperLink, knows the SuperLink by the authority's
certificate, and hands each message to the site's gate, since Flower finds no other program
(flower_programs.py). What the node keeps between messages is in its
memory; nothing of it is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mindveil.engine.flower_certificates import public_half, write_server_identity
from mindveil.engine.flower_policy import POLICY_VARIABLE, NodePolicy, write_policy
from mindveil.engine.flower_processes import FlowerHome, FlowerProcess, Wish, free_port, start
from mindveil.engine.flower_programs import write_programs
from mindveil.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorway:
    """How a node gets in: the SuperLink's address, whom to trust, and the node's own key."""

    address: str
    authority: Path
    key: Path


def start_node(home: FlowerHome, policy: NodePolicy, doorway: Doorway) -> FlowerProcess:
    """Start the node of one site on this machine; its folder is ``sites/NAME`` of the home.

    Raises:
        InputError: the key cannot be used, or is not the one that the partners know.
    """
    known, own = policy.partners.get(policy.name, ""), public_half(doorway.key)
    if known and known.split() != own.split():
        raise InputError(
            f"site {policy.name}: the key {doorway.key} is not the one on its list of partners"
        )
    folder = home.folder / "sites" / policy.name
    write_policy(folder / "policy.json", policy)
    identity = write_server_identity(folder / "tls")
    programs = write_programs(home, folder / "programs", "clientapp")
    return start(
        home,
        Wish(
            name=f"site {policy.name}",
            command=(
                *(home.command("flower-supernode"), "--superlink", doorway.address),
                *("--root-certificates", doorway.authority),
                *("--auth-supernode-private-key", doorway.key),
                *("--host", "127.0.0.1", "--port", str(free_port())),
                *("--ssl-certfile", identity.certificate, "--ssl-keyfile", identity.key),
                *("--ssl-ca-certfile", identity.authority),
            ),
            environment={
                POLICY_VARIABLE: str(folder / "policy.json"),
                "FLWR_HOME": str(folder / "flwr"),
                "PATH": str(programs),
            },
        ),
    )
