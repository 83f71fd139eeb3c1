"""The only programs that Flower may start beside a SuperLink or a SuperNode.

Flower starts a program by its name for every task: the halves of an app, but also agents,
connectors and models that a bundle may ask for, from whoever reaches the SuperLink's port.
Here it finds nothing but this folder: its own executor, the gate (flower_gate.py) in the place
of the one half that is wanted, and programs that decline in the place of all others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from mindveil.engine.flower_processes import FlowerHome

Half = Literal["clientapp", "serverapp"]

_TASKS = ("agentapp", "clientapp", "connector", "model", "serverapp", "simulation")
_DECLINE = "echo 'this program is not allowed here' >&2\nexit 1"


def write_programs(home: FlowerHome, folder: Path, half: Half) -> Path:
    """Write the folder that is to be the whole search path; return it."""
    folder.mkdir(mode=0o700, parents=True)
    lines = {f"flwr-{task}": _DECLINE for task in _TASKS}
    lines[f"flwr-{half}"] = f'exec "{home.python}" -m mindveil.engine.flower_gate {half} "$@"'
    lines["flower-superexec"] = f'exec "{home.command("flower-superexec")}" "$@"'
    for name, line in lines.items():
        (folder / name).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        (folder / name).chmod(0o700)
    return folder
