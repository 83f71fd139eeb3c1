"""The gate: a bundle that is allowed is installed, another is not even unpacked."""

from __future__ import annotations

import hashlib
import sys
from types import ModuleType

import pytest

from mindveil.engine.flower_gate import guarded, main
from mindveil.engine.flower_policy import POLICY_VARIABLE, NodePolicy, write_policy
from mindveil.errors import InputError, RefusedError


def test_only_a_listed_bundle_reaches_the_installer(tmp_path, monkeypatch):
    installed = []
    install = guarded(lambda content, *, skip_prompt: installed.append((content, skip_prompt)))
    path = tmp_path / "policy.json"
    monkeypatch.setenv(POLICY_VARIABLE, str(path))
    with pytest.raises(InputError, match="takes part in nothing"):
        install(b"good", skip_prompt=True)
    good = hashlib.sha256(b"good").hexdigest()
    write_policy(path, NodePolicy(name="north", handler="a:b", apps=(good,)))
    install(b"good", skip_prompt=True)
    with pytest.raises(RefusedError, match="does not allow the app"):
        install(b"evil", skip_prompt=True)
    assert installed == [(b"good", True)]


@pytest.fixture
def flower(monkeypatch):
    """Give the two modules of a Flower in which a client app is run."""
    program = ModuleType("flwr.supernode.cli.flwr_clientapp")
    stage = ModuleType("flwr.supernode.runtime.run_clientapp")
    for module in (program, stage):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return program, stage


def test_the_gate_stands_before_the_program_is_run(flower, tmp_path, monkeypatch):
    program, stage = flower
    path = tmp_path / "policy.json"
    monkeypatch.setenv(POLICY_VARIABLE, str(path))
    write_policy(path, NodePolicy(name="north", handler="a:b"))
    stage.install_from_fab = lambda content, *, skip_prompt: pytest.fail("it was installed")
    program.flwr_clientapp = lambda: stage.install_from_fab(b"evil", skip_prompt=True)
    with pytest.raises(RefusedError, match="does not allow the app"):
        main("clientapp")


def test_a_flower_that_installs_elsewhere_runs_nothing(flower):
    program, _ = flower
    program.flwr_clientapp = lambda: pytest.fail("it was run")
    with pytest.raises(RefusedError, match="out of sight of the gate"):
        main("clientapp")
