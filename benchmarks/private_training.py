"""Private training side by side: ours and Opacus, on the same people, in one run.

    python benchmarks/private_training.py [--opacus PYTHON] [--rounds N] [--models N]

2,000 made-up people with 384 numbers each and two classes; a logistic head and a network of 64
hidden units, one column of log-odds; 20 epochs, Poisson batches of about 256, clip 1, epsilon 3 at delta 1e-5. Everybody
runs in a process of its own with one thread: ours trains 64 heads at once, Opacus one after the
other, in its two ways (hooks, ghost clipping). Rounds alternate, so that a busy machine slows
everybody; a ratio is taken within a round.

Opacus makes 2,000 / 256 eight steps an epoch at rate 1/8; so does ours. Both use the noise of
Renyi accounting here, so that equal noise gives equal accuracy; the multipliers of the tighter
accountants (ours: privacy loss distributions, Opacus: PRV) stand beside it.

Opacus 1.6 is installed into an environment of its own, made under build/peers if none is named.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

from training.made import write_people

HERE = Path(__file__).parent
ROOT = HERE.parent
PACKAGES = ("opacus==1.6.0", "torch==2.13.0")
SCRIPTS = {"ours": HERE / "training" / "ours.py", "opacus": HERE / "peers" / "private_heads.py"}
KINDS = (("MLP 384-64-1", 64, 1.0), ("logistic", 0, 2.0))
GOALS = {("MLP 384-64-1", "ghost"): 7, ("MLP 384-64-1", "hooks"): 25, ("logistic", "ghost"): 60}
GOALS |= {("logistic", "hooks"): 60}
EPOCHS, BATCH, EPSILON, DELTA, CLIP = 20, 256, 3.0, 1e-5, 1.0
STEPS_AN_EPOCH = 8
LARGEST, ALIKE = 350.0, 1e-3

Told = dict[str, Any]


def main() -> None:
    """Run everybody in turn, and print."""
    options = asked()
    opacus = options.opacus or environment()
    print(
        f"{options.rounds} rounds; ours {options.models} heads at once, Opacus "
        f"{options.peer_models} a round; CPU-seconds, one thread; {EPOCHS * STEPS_AN_EPOCH} steps"
    )
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "people.npz"
        write_people(data, 0)
        for kind, hidden, rate in KINDS:
            settings = [str(data), *arguments(hidden, rate)]
            if options.only is not None and bool(hidden) != (options.only == "mlp"):
                continue
            rounds = []
            for number in range(options.rounds):
                seeded = [*settings, "--seed", str(1 + 1000 * number)]
                rounds.append(one_round(seeded, options, opacus))
            told(kind, rounds, options.models)


def asked() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--opacus", help="python of an environment with opacus")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("mlp", "logistic"), help="one kind of head alone")
    parser.add_argument("--models", type=int, default=64, help="our heads a round")
    parser.add_argument("--peer-models", type=int, default=2, help="Opacus's heads a round")
    return parser.parse_args()


def environment() -> str:
    """Return the python of Opacus's environment, made if it is not there."""
    folder = ROOT / "build" / "peers" / "opacus"
    python, ready = folder / "bin" / "python", folder / "ready"
    if not ready.exists():
        print(f"installing {', '.join(PACKAGES)} into {folder}", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--retries", "1"]
        subprocess.run([*pip, *PACKAGES], check=True)
        ready.touch()
    return str(python)


def arguments(hidden: int, rate: float) -> list[str]:
    """Return what every script is told."""
    named = {
        "hidden": hidden,
        "batch": BATCH,
        "epochs": EPOCHS,
        "steps": EPOCHS * STEPS_AN_EPOCH,
        "rate": 1.0 / STEPS_AN_EPOCH,
        "epsilon": EPSILON,
        "delta": DELTA,
        "clip": CLIP,
        "learning-rate": rate,
    }
    return [part for name, value in named.items() for part in (f"--{name}", str(value))]


def one_round(settings: list[str], options: argparse.Namespace, opacus: str) -> dict[str, Told]:
    """Return what everybody says, one after the other."""
    ours, theirs = ["--models", str(options.models)], ["--models", str(options.peer_models)]
    return {
        "ours": ran(sys.executable, "ours", ["private", *settings, *ours]),
        "ghost": ran(opacus, "opacus", ["ghost", *settings, *theirs]),
        "hooks": ran(opacus, "opacus", ["hooks", *settings, *theirs]),
        "plain": ran(opacus, "opacus", ["plain", *settings, *theirs]),
        "shadows": ran(sys.executable, "ours", ["shadows", *settings, *ours]),
    }


def ran(python: str, owner: str, command: list[str]) -> Told:
    """Return what a process says that has one thread and knows nothing of the others."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    apart = {} if python == sys.executable else {"PYTHONPATH": ""}
    done = subprocess.run(
        [python, str(SCRIPTS[owner]), *command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | threads | apart,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command[:1])} failed:\n{done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def told(kind: str, rounds: list[dict[str, Told]], models: int) -> None:
    """Print one kind of head."""
    print(f"\n{kind}")
    print(
        f"  {'':8} {'s a head':>9} {'calibrated':>10} {'wall':>8} {'ratio':>7} "
        f"{'(rounds)':>15} {'accuracy +- se':>18} {'peak MB':>8}"
    )
    for name in ("ours", "ghost", "hooks", "plain", "shadows"):
        row = [r[name] for r in rounds]
        ratios = [cost(r[name]) / cost(r["ours"]) for r in rounds]
        heads = models if name == "ours" else 1
        whole = [cost(t) + t["noise"].get(calibrator(name), 0.0) / heads for t in row]
        mean, error = accuracy(row)
        print(
            f"  {name:8} {statistics.median(map(cost, row)):9.4f} "
            f"{statistics.median(whole):10.4f} "
            f"{statistics.median(statistics.fmean(t['seconds']) for t in row):8.4f} "
            f"{statistics.median(ratios):7.1f} {f'({min(ratios):.1f}-{max(ratios):.1f})':>15} "
            f"{f'{mean:.4f} +- {error:.4f}':>18} {max(t['peak'] for t in row):8.0f}"
            + goal(kind, name, statistics.median(ratios))
        )
    noise(rounds[0])
    agreement(rounds)
    peak = max(r["ours"]["peak"] for r in rounds)
    print(f"  memory of ours {peak:.0f} MB: {met(peak <= LARGEST)} (at most {LARGEST:.0f})")


def noise(first: dict[str, Told]) -> None:
    """Print the noise multipliers, accountant by accountant."""
    ours, theirs = first["ours"]["noise"], first["ghost"]["noise"]
    apart = ours["rdp"] - theirs["rdp"]
    print(
        f"  noise multiplier, Renyi accounting: ours {ours['rdp']:.4f}, Opacus "
        f"{theirs['rdp']:.4f}, apart {apart:+.4f}: {met(abs(apart) <= ALIKE)} ({ALIKE:g})\n"
        f"  noise multiplier, tight accounting: ours PLD {ours['pld']:.4f}, Opacus PRV "
        f"{theirs['prv']:.4f}, apart {ours['pld'] - theirs['prv']:+.4f}"
    )


def agreement(rounds: list[dict[str, Told]]) -> None:
    """Print whether ours are at most one standard error of the difference below Opacus's.

    Its two ways to clip are one method: with the same seed they learn the same heads.
    """
    mean, error = accuracy([r["ours"] for r in rounds])
    other, spread = accuracy([r["ghost"] for r in rounds])
    allowed = (error**2 + spread**2) ** 0.5
    print(
        f"  accuracy of ours - Opacus {mean - other:+.4f}, one standard error {allowed:.4f}: "
        f"{met(mean - other >= -allowed)}"
    )


def goal(kind: str, name: str, ratio: float) -> str:
    """Return whether a goal is met, where there is one."""
    least = GOALS.get((kind, name))
    return "" if least is None else f"  {met(ratio >= least)} (at least {least})"


def met(reached: bool) -> str:  # noqa: FBT001 - a word for a flag
    """Return the word for it."""
    return "met" if reached else "NOT MET"


def cost(one: Told) -> float:
    """Return CPU-seconds of one head."""
    return statistics.median(one["cpu"])


def calibrator(name: str) -> str:
    """Return whose calibration is counted: the one that each uses by default."""
    return "pld cpu" if name == "ours" else "rdp cpu"


def accuracy(some: list[Told]) -> tuple[float, float]:
    """Return the mean over heads, and its standard error."""
    found = [a for one in some for a in one["accuracy"]]
    return statistics.fmean(found), statistics.stdev(found) / len(found) ** 0.5


if __name__ == "__main__":
    main()
