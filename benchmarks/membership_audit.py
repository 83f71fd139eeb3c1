"""A membership audit with 64 shadow models side by side: ours and published ones, in one run.

    python benchmarks/membership_audit.py [--shadows N] [--seed N] [--peers PYTHON] [--only NAME]

Two thousand people, 384 columns, two classes that overlap. A small network (384-64-2, 20 epochs)
learns from half of them, and auditors who may train as many shadows as are asked for find out who
they are. Ours runs five attacks with all intervals; SACRO-ML its LiRA in three modes on the same
shadows and its quantile regression, ART its shadow models and black-box attack. Everybody trains the same network for as many epochs with the same
learning rate, in a process of its own with one thread. Printed: seconds, CPU-seconds, memory, the
accuracy of the target on those who taught it and on others, AUCs, and ratios.

LeakPro, the strongest we know of, cannot be installed from the package index: what stands there
under its name holds no code.

The peers live in an environment of their own, made under build/peers where none is named. They are
run and never imported. SACRO-ML and ART are under the MIT licence.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from audit.people import COLUMNS, PEOPLE, written

HERE = Path(__file__).parent
FOLDER = HERE.parent / "build" / "peers" / "membership"
PACKAGES = (
    "sacroml==2.0.1",
    "adversarial-robustness-toolbox==1.20.1",
    "torch==2.13.0",
    "scikit-learn",
    "six",
)
OURS = "ours, five attacks"
SCRIPTS = {
    OURS: HERE / "audit" / "ours.py",
    "SACRO-ML": HERE / "peers" / "membership_sacro.py",
    "ART": HERE / "peers" / "membership_art.py",
}
MOST_SECONDS, MOST_MEMORY, LEAST_RATIO = 6.0, 250.0, 5.0
PATIENCE = 1800.0


def main() -> None:
    """Run all, and print."""
    options = asked()
    chosen = {n: s for n, s in SCRIPTS.items() if options.only in n}
    print(
        f"{PEOPLE} people x {COLUMNS} columns, target taught by half of them, "
        f"{options.shadows} shadows, 20 epochs of batches of 128, one thread"
    )
    python = sys.executable
    if set(chosen) - {OURS}:
        python = options.peers or environment()
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        data = written(Path(scratch), options.seed)
        for name, script in chosen.items():
            runner = sys.executable if name == OURS else python
            told = ran(runner, script, data, options.shadows, ours=name == OURS)
            print(line(name, told), flush=True)
            found[name] = told
    if OURS in found:
        compared(found)


def asked() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shadows", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--peers", help="python of an environment with the peers")
    parser.add_argument("--only", default="", help="run those alone whose name holds this")
    return parser.parse_args()


def environment() -> str:
    """Return the python of the peers' environment, made if it is not there."""
    python, ready = FOLDER / "bin" / "python", FOLDER / "ready"
    if not ready.exists():
        print(f"installing {', '.join(PACKAGES)} into {FOLDER}", flush=True)
        venv.create(FOLDER, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--retries", "1"]
        subprocess.run([*pip, *PACKAGES], check=True)
        ready.touch()
    return str(python)


def ran(python: str, script: Path, data: Path, shadows: int, *, ours: bool) -> dict[str, object]:
    """Return what a script told, or why it told nothing."""
    # One output of log-odds learns at half the pace of two softmax outputs that move apart.
    pace = "2" if ours else "1"
    command = [python, str(script), str(data), "--shadows", str(shadows), "--hidden", "64"]
    command += ["--epochs", "20", "--batch", "128", "--learning-rate", pace]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    apart = {} if ours else {"PYTHONPATH": ""}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            env=os.environ | threads | apart,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        return {"why": str(fault)[:150]}
    if done.returncode:
        return {"why": (done.stderr.strip().splitlines() or ["no message"])[-1][:150]}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def line(name: str, told: dict[str, object]) -> str:
    """Return one tool's figures in words."""
    if "why" in told:
        return f"MISSING {name}: {told['why']}"
    inside, outside = told["accuracy"]
    head = (
        f"\n{name}: {told['seconds']:.1f} s, {told['cpu']:.1f} CPU-s, {told['peak']:.0f} MB; "
        f"target right on {inside:.1%} of those who taught it, {outside:.1%} of others"
    )
    rows = [f"  AUC {attack}: {shown(value)}" for attack, value in told["auc"].items()]
    rows += [f"  INVALID {attack}: {why}" for attack, why in told.get("invalid", {}).items()]
    return "\n".join([head, *rows])


def shown(value: float | list[float]) -> str:
    """Return an AUC, with its interval where it came with one."""
    if isinstance(value, list):
        middle, low, high = value
        return f"{middle:.3f} ({low:.3f} to {high:.3f})"
    return f"{value:.3f}, no interval"


def compared(found: dict[str, dict[str, object]]) -> None:
    """Print ratios, and whether the limits that we set ourselves are kept."""
    ours = found[OURS]
    if "why" in ours:
        return
    print(
        f"\nours: {ours['cpu']:.1f} CPU-s (limit {MOST_SECONDS:g}), "
        f"{ours['peak']:.0f} MB (limit {MOST_MEMORY:g})"
    )
    for name, told in found.items():
        if name != OURS and "why" not in told:
            print(
                f"against {name}: {told['cpu'] / ours['cpu']:.1f} x faster by CPU-seconds, "
                f"{told['seconds'] / ours['seconds']:.1f} x by the clock (wanted {LEAST_RATIO:g}); "
                f"{told['alone'] / ours['cpu']:.1f} x if its first attack alone is asked and all "
                f"of ours; {ours['peak'] / told['peak']:.0%} of its memory"
            )


if __name__ == "__main__":
    main()
