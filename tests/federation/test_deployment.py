"""What a site starts its node with, and what a coordinator leaves behind when writing fails."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.federation.hospitals import Hospitals, agreed, federation

from mindveil.engine.flower_certificates import write_node_key, write_server_identity
from mindveil.engine.flower_link import open_link
from mindveil.engine.flower_nodes import Doorway
from mindveil.engine.flower_policy import NodePolicy
from mindveil.engine.flower_processes import flower_home, flower_python
from mindveil.errors import InputError
from mindveil.federation import deployment
from mindveil.federation.agreement import Agreement
from mindveil.federation.deployment import Post, Venture, app_of, own_app, site_node, write_outcome
from mindveil.federation.site_session import open_site


@dataclass(slots=True)
class Started:
    """Notes what would have been started, and what was ended."""

    policies: list[NodePolicy] = field(default_factory=list)
    doors: list[Doorway] = field(default_factory=list)
    ended: list[object] = field(default_factory=list)

    def start(self, _: object, policy: NodePolicy, door: Doorway) -> str:
        self.policies.append(policy)
        self.doors.append(door)
        return "the node"


def post_in(folder: Path, wards: Hospitals, agreement: Agreement, **lines: object) -> Post:
    partners = {name: write_node_key(folder / f"{name}.key") for name in wards.names}
    identity = write_server_identity(folder)
    door = Doorway(address="localhost:9092", authority=identity.authority, key=folder / "north.key")
    return Post(policy=wards.policy("north", agreement, **lines), partners=partners, door=door)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    noted = Started()
    monkeypatch.setattr(deployment, "flower_python", lambda: Path("python"))
    monkeypatch.setattr(deployment, "flower_home", lambda: contextlib.nullcontext("home"))
    monkeypatch.setattr(deployment, "app_of", lambda *_: "4" * 64)
    monkeypatch.setattr(deployment, "start_node", noted.start)
    monkeypatch.setattr(deployment, "end", noted.ended.extend)
    return noted


def test_a_node_is_started_with_what_the_site_agreed_to_and_ends_with_the_block(
    wards: Hospitals, tmp_path: Path, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement = agreed(wards.names)
    post = post_in(tmp_path, wards, agreement)
    with contextlib.suppress(KeyboardInterrupt), site_node(post) as node:
        assert node == "the node"
        assert started.ended == []
        raise KeyboardInterrupt
    assert started.ended == ["the node"]
    (own,) = started.policies
    assert (own.name, own.apps, own.studies) == ("north", ("4" * 64,), (agreement.hash,))
    assert own.partners == post.partners
    monkeypatch.chdir("/")  # a node has a folder of its own: its paths must hold anywhere
    assert open_site(own.settings).policy.site == "north"
    assert started.doors[0].key.is_absolute()


def test_an_app_that_cannot_be_built_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An environment with a Flower and without Mindveil: its desk ends at once."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    for name in ("python", "flower-superlink"):
        (python.parent / name).write_text("#!/bin/sh\nexit 1\n")
        (python.parent / name).chmod(0o700)
    monkeypatch.setenv("MINDVEIL_FLOWER_PYTHON", str(python))
    identity = write_server_identity(tmp_path)
    door = Doorway(address="localhost:1", authority=identity.authority, key=identity.key)
    with flower_home() as home, pytest.raises(InputError, match="lacks this Mindveil"):
        app_of(home, door)
    assert own_app() == ""


def test_a_place_that_is_taken_keeps_what_it_has(wards: Hospitals, tmp_path: Path) -> None:
    agreement = agreed(wards.names)
    outcome = federation(agreement, wards.sites(agreement))
    venture = Venture(agreement=agreement, partners={})
    out = tmp_path / "out"
    write_outcome(venture, outcome, (), out)
    before = {path: path.read_bytes() for path in tmp_path.glob("out*/*")}
    record = (tmp_path / "out.federation.json").read_bytes()
    with pytest.raises(InputError, match="exists already"):
        write_outcome(venture, outcome, ("north",), out)
    assert {path: path.read_bytes() for path in tmp_path.glob("out*/*")} == before
    assert (tmp_path / "out.federation.json").read_bytes() == record


@pytest.mark.slow
def test_a_site_computes_the_app_that_the_coordinator_sends(tmp_path: Path) -> None:
    try:
        flower_python()
    except InputError as fault:
        pytest.skip(str(fault))
    with open_link() as link:
        assert own_app() == link.app
