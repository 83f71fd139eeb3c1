"""A site's node, with a stand-in for Flower's program: its key, its gate and its policy."""

from __future__ import annotations

import dataclasses
import json
import sys

import pytest

from mindveil.engine.flower_certificates import write_node_key
from mindveil.engine.flower_nodes import Doorway, start_node
from mindveil.engine.flower_policy import POLICY_VARIABLE, NodePolicy, read_policy
from mindveil.engine.flower_processes import FlowerHome
from mindveil.errors import InputError


@pytest.fixture
def home(tmp_path):
    programs = tmp_path / "environment"
    programs.mkdir()
    program = programs / "flower-supernode"
    program.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        "print(json.dumps([sys.argv[1:], dict(os.environ)]))\n"
    )
    program.chmod(0o700)
    (programs / "python").symlink_to(sys.executable)
    return FlowerHome(python=programs / "python", folder=tmp_path / "home", mark="none")


def test_a_node_shows_its_key_and_starts_behind_its_own_gate(home, tmp_path):
    home.folder.mkdir()
    key = tmp_path / "key"
    policy = NodePolicy(name="north", handler="a:b", partners={"north": write_node_key(key)})
    door = Doorway(address="127.0.0.1:9", authority=tmp_path / "authority.pem", key=key)
    node = start_node(home, policy, door)
    assert node.process.wait(timeout=20) == 0
    arguments, environment = json.loads(node.log.read_text())
    told = dict(zip(arguments[::2], arguments[1::2], strict=True))
    assert told["--superlink"] == "127.0.0.1:9"
    assert told["--root-certificates"] == str(door.authority)
    assert told["--auth-supernode-private-key"] == str(key)
    assert told["--host"] == "127.0.0.1"
    assert "--insecure" not in arguments
    folder = home.folder / "sites" / "north"
    assert environment[POLICY_VARIABLE] == str(folder / "policy.json")
    assert read_policy(folder / "policy.json") == policy
    assert environment["PATH"] == str(folder / "programs")


def test_a_key_that_the_partners_do_not_know_is_not_shown(home, tmp_path):
    home.folder.mkdir()
    told = write_node_key(tmp_path / "other")
    write_node_key(tmp_path / "key")
    policy = NodePolicy(name="north", handler="a:b", partners={"north": told})
    door = Doorway(address="127.0.0.1:9", authority=tmp_path / "a.pem", key=tmp_path / "key")
    with pytest.raises(InputError, match="not the one on its list of partners"):
        start_node(home, policy, door)
    with pytest.raises(InputError, match="no node key here"):
        start_node(home, policy, dataclasses.replace(door, key=tmp_path / "none"))
    assert not (home.folder / "sites").exists()
