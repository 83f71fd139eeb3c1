"""Every method in a process of its own, and what it left behind."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import mindveil
from mindveil.synthesise.codebook import MISSING, Codebook, Codes, to_json

HERE = Path(__file__).parent
PEERS = HERE.parent / "peers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One way to make a table: whose environment, which script, with what."""

    label: str
    owner: str
    script: Path
    name: str
    epsilon: float | None = None
    slow: bool = False
    """It takes minutes, so that fewer seeds are run."""

    def arguments(self, epochs: int) -> list[str]:
        """Return what its script is told beside the files."""
        privacy = [] if self.epsilon is None else ["--epsilon", str(self.epsilon)]
        taught = ["--epochs", str(epochs)] if self.name.endswith("ctgan") else []
        return [*privacy, *taught]


OURS = HERE / "ours.py"
COPULA, CTGAN, PRIVATE = (
    PEERS / f"{n}.py" for n in ("gaussian_copula", "conditional_gan", "dp_tables")
)
METHODS = (
    Method(label="copula", owner="ours", script=OURS, name="copula"),
    Method(label="GAN", owner="ours", script=OURS, name="gan", slow=True),
    Method(label="DP copula e1", owner="ours", script=OURS, name="dp-copula", epsilon=1.0),
    Method(label="DP copula e3", owner="ours", script=OURS, name="dp-copula", epsilon=3.0),
    Method(label="DP GAN e3", owner="ours", script=OURS, name="dp-gan", epsilon=3.0, slow=True),
    Method(label="DP marginals e1", owner="ours", script=OURS, name="dp-marginals", epsilon=1.0),
    Method(label="DP marginals e3", owner="ours", script=OURS, name="dp-marginals", epsilon=3.0),
    Method(label="SDV copula", owner="sdv", script=COPULA, name="copula"),
    Method(label="SDV copula, told", owner="sdv", script=COPULA, name="copula-told"),
    Method(label="SDV CTGAN", owner="sdv", script=CTGAN, name="ctgan", slow=True),
    Method(label="MST e1", owner="smartnoise", script=PRIVATE, name="mst", epsilon=1.0, slow=True),
    Method(label="MST e3", owner="smartnoise", script=PRIVATE, name="mst", epsilon=3.0, slow=True),
    Method(
        label="DP-CTGAN e3",
        owner="smartnoise",
        script=PRIVATE,
        name="dpctgan",
        epsilon=3.0,
        slow=True,
    ),
    Method(
        label="PATE-CTGAN e3",
        owner="smartnoise",
        script=PRIVATE,
        name="patectgan",
        epsilon=3.0,
        slow=True,
    ),
    Method(label="AIM e3", owner="smartnoise", script=PRIVATE, name="aim", epsilon=3.0, slow=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A synthetic table and its cost: CPU-seconds to fit and to draw, peak memory in MB."""

    codes: Codes
    fit: float
    sample: float
    peak: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Why there is none."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where tables are kept, the pythons of the peers, and how long one fit may take."""

    folder: Path
    pythons: Mapping[str, str | Missing]
    epochs: int
    patience: float

    def put(self, key: str, members: Codes, codebook: Codebook) -> Path:
        """Write a training table as csv, and return it."""
        folder = self.folder / key
        folder.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(members, columns=list(codebook.names)).to_csv(
            folder / "people.csv", index=False
        )
        (folder / "codebook.json").write_text(json.dumps(to_json(codebook)), encoding="utf-8")
        return folder / "people.csv"

    def make(self, method: Method, table: Path, codebook: Codebook, seed: int) -> Made | Missing:
        """Return the table that a method makes; taken from the folder if it is there already."""
        python = self.pythons[method.owner]
        if isinstance(python, Missing):
            return python
        nominal = ",".join(v.name for v in codebook.variables if not v.ordered)
        stem = method.label.replace(" ", "_").replace(",", "")
        made = table.with_name(f"{stem}.csv")
        command = [method.name, str(table), str(made), "--nominal", nominal, "--seed", str(seed)]
        command += method.arguments(self.epochs)
        record = made.with_suffix(".json")
        key = _key(command, table, method.script)
        kept = json.loads(record.read_text("utf-8")) if record.exists() else {}
        if kept.get("key") != key:
            kept = {"key": key, **self._ran([python, str(method.script), *command])}
            if "why" not in kept:
                record.write_text(json.dumps(kept), encoding="utf-8")
        if "why" in kept:
            return Missing(why=kept["why"])
        codes = clipped(pd.read_csv(made).to_numpy(), codebook)
        return Made(codes=codes, fit=kept["fit"], sample=kept["sample"], peak=kept["peak"])

    def _ran(self, command: list[str]) -> dict[str, float | str]:
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        threads |= {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false", "JAX_PLATFORMS": "cpu"}
        apart = {} if command[0] == sys.executable else {"PYTHONPATH": ""}
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                timeout=self.patience,
                env=os.environ | threads | apart,
            )
        except subprocess.TimeoutExpired:
            return {"why": f"stopped after {self.patience:.0f} s"}
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            return {"why": f"failed: {last[:150]}"}
        return dict(json.loads(done.stdout.splitlines()[-1]))


def clipped(codes: np.ndarray, codebook: Codebook) -> Codes:
    """Return a peer's table with answers brought within their cells; missing where it may be."""
    most = np.array([v.cells - 1 for v in codebook.variables])
    least = np.array([MISSING if v.may_miss else 0 for v in codebook.variables])
    return np.asarray(np.clip(codes, least, most), dtype=np.int16)


def _key(command: list[str], table: Path, script: Path) -> str:
    """Return what a kept table depends on: what was asked, of whom, and ours on our own code."""
    parts = ["\n".join(command).encode(), script.read_bytes(), table.read_bytes()]
    if script == OURS:
        package = Path(mindveil.__file__).parent
        parts += [
            p.read_bytes() for f in ("synthesise", "dp") for p in sorted((package / f).glob("*.py"))
        ]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
