"""What Flower finds to start: its executor, one gate, and programs that decline."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mindveil.engine.flower_processes import FlowerHome
from mindveil.engine.flower_programs import write_programs


@pytest.mark.parametrize(
    ("half", "other"), [("clientapp", "serverapp"), ("serverapp", "clientapp")]
)
def test_one_half_is_the_gate_and_all_else_declines(tmp_path, half, other):
    environment = tmp_path / "an environment"
    environment.mkdir()
    for name in ("python", "flower-superexec"):
        (environment / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (environment / name).chmod(0o700)
    home = FlowerHome(python=environment / "python", folder=tmp_path, mark="none")
    folder = write_programs(home, tmp_path / "programs", half)

    def run(name):
        done = subprocess.run(
            [folder / name, "--token", "a b"], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout

    assert run(f"flwr-{half}") == (0, f"python -m mindveil.engine.flower_gate {half} --token a b\n")
    assert run("flower-superexec") == (0, "flower-superexec --token a b\n")
    for name in (other, "agentapp", "connector", "model", "simulation"):
        assert run(f"flwr-{name}") == (1, "")
    assert {p.stat().st_mode & 0o777 for p in Path(folder).iterdir()} == {0o700}
