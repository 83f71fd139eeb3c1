"""The coordinator's end of a federation on Flower: one SuperLink, its desk, its list of sites.

``open_link`` starts a SuperLink with a certificate of its own that lets in registered nodes
only, and a desk (flower_control.py) at which nodes are registered and the app is submitted.
Flower asks nobody who submits an app or registers a node who they are, so the SuperLink listens
on the loopback; sites elsewhere come through a tunnel, or a proxy that passes ``/v1/fleet`` only.
Whoever else reaches the port gets no code run: the gate lets in Mindveil's own app alone.
"""

from __future__ import annotations

import contextlib
import json
import select
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mindveil.engine.flower_app import write_app
from mindveil.engine.flower_certificates import ServerIdentity, write_server_identity
from mindveil.engine.flower_policy import POLICY_VARIABLE, NodePolicy, write_policy
from mindveil.engine.flower_processes import (
    LOUDER,
    FlowerHome,
    FlowerProcess,
    Wish,
    end,
    flower_home,
    free_port,
    start,
    wait_for_port,
)
from mindveil.engine.flower_programs import write_programs
from mindveil.errors import InputError

START_SECONDS = 60.0
ANSWER_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The process that speaks to the SuperLink for us, one line at a time."""

    worker: FlowerProcess

    def ask(self, wish: Mapping[str, str]) -> dict[str, str]:
        """Say one wish and return the answer.

        Raises:
            InputError: the SuperLink refused, or the desk is gone or silent.
        """
        to_desk, from_desk = self.worker.process.stdin, self.worker.process.stdout
        assert to_desk is not None
        assert from_desk is not None
        with contextlib.suppress(BrokenPipeError):
            to_desk.write(json.dumps(wish).encode() + b"\n")
            to_desk.flush()
        heard, _, _ = select.select([from_desk], [], [], ANSWER_SECONDS)
        line = from_desk.readline() if heard else b""
        fault = f"its desk is silent; {LOUDER}"
        answer: dict[str, str] = json.loads(line) if line else {"fault": fault}
        if "fault" in answer:
            raise InputError(f"the SuperLink could not {wish['do']}: {answer['fault']}")
        return answer


@dataclass(slots=True, eq=False, kw_only=True)
class Link:
    """A running SuperLink. ``app`` is the fingerprint of the app that it will submit."""

    home: FlowerHome
    identity: ServerIdentity
    address: str
    server: FlowerProcess
    desk: Desk
    app_folder: Path
    app: str
    nodes: dict[str, FlowerProcess] = field(default_factory=dict)

    def register(self, name: str, public_key: str) -> None:
        """Let in the node that holds the private half of a key."""
        self.desk.ask({"do": "register", "key": public_key, "name": name})

    def submit(self, meeting: Path) -> str:
        """Submit the app, whose server half will come to a socket; return the run's number."""
        wish = {"do": "submit", "folder": str(self.app_folder), "meeting": str(meeting)}
        return self.desk.ask(wish)["run"]

    def condition(self, run: str) -> str:
        """Say how a run is doing."""
        answer = self.desk.ask({"do": "status", "run": run})
        return " ".join(part for part in answer.values() if part)


@contextlib.contextmanager
def open_link() -> Iterator[Link]:
    """Start a SuperLink on the loopback; end it, and every node started for it, afterwards.

    Raises:
        InputError: there is no Flower environment, or the SuperLink does not start.
    """
    with flower_home() as home:
        identity = write_server_identity(home.folder / "link")
        port = free_port()
        address = f"127.0.0.1:{port}"
        with contextlib.ExitStack() as ending:
            server = start(home, _superlink(home, identity, port))
            ending.callback(end, [server])
            worker = start(home, _desk(home, address, identity))
            ending.callback(end, [worker])
            wait_for_port(server, port, START_SECONDS)
            desk = Desk(worker=worker)
            folder = write_app(home.folder / "mindveil-federation")
            app = desk.ask({"do": "app", "folder": str(folder)})["app"]
            own = NodePolicy(name="coordinator", handler="none", apps=(app,))
            write_policy(home.folder / "link" / "policy.json", own)
            link = Link(
                home=home,
                identity=identity,
                address=address,
                server=server,
                desk=desk,
                app_folder=folder,
                app=app,
            )
            ending.callback(lambda: end(link.nodes.values()))
            yield link


def _superlink(home: FlowerHome, identity: ServerIdentity, port: int) -> Wish:
    return Wish(
        name="superlink",
        command=(
            *(home.command("flower-superlink"), "--host", "127.0.0.1", "--port", str(port)),
            *("--ssl-certfile", identity.certificate, "--ssl-keyfile", identity.key),
            *("--ssl-ca-certfile", identity.authority),
            *("--enable-supernode-auth", "--disable-runtime-dependency-installation"),
        ),
        environment={
            POLICY_VARIABLE: str(home.folder / "link" / "policy.json"),
            "PATH": str(write_programs(home, home.folder / "link" / "programs", "serverapp")),
        },
    )


def _desk(home: FlowerHome, address: str, identity: ServerIdentity) -> Wish:
    return Wish(
        name="desk",
        command=(
            *(home.python, "-m", "mindveil.engine.flower_control"),
            *(address, identity.authority),
        ),
        talks=True,
    )
