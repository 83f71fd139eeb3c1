"""Federated averaging side by side: ours, Flower's simulation on Ray and a plain loop, in one run.

    python benchmarks/federated_rounds.py [--rounds N] [--without-flower] [--flower PYTHON]

10 clients of 36 to 380 people, 2,000 in all, made up, with 64 columns; a network of 32 hidden
units; 20 rounds of 35 local steps with batches of 32, which are five epochs of a client of middle
size. All three start from the same weights and take the same people in the same order. What is
known of the published comparison is the numbers of clients and rounds, "small MLP" and an accuracy
of .816; its data is not, so these people were made as hard to tell as that.

"masked" is ours where the server sees sums alone: masks are made and taken off in every round.
Flower's clients compute in plain numpy, read their people once a process and evaluate nothing, the
least it can be asked for. Times are of ``run_simulation``, and of its rounds alone, where Ray is up
already; the start of Python and its imports are in neither, for anybody. Its memory is that of all
its processes, shared pages counted once. All is repeated ``--rounds`` times in turn; a ratio is
taken within a turn.

Then our cost against clients and rounds, 20 people each: up to 1,000 clients x 100 rounds.

Flower 1.42 is installed into an environment of its own, made under build/peers if none is named;
1.41 where the package index lacks what 1.42 asks for. The version that ran is printed. It is run
and never imported, and is under the Apache licence.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import venv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from federated.people import COLUMNS, HIDDEN, TESTED, write_people

HERE = Path(__file__).parent
FOLDER = HERE.parent / "build" / "peers" / "flower"
PACKAGES = ("flwr[simulation]>=1.41,<1.43", "numpy")
OURS = HERE / "federated" / "ours.py"
LOOP = HERE / "peers" / "federated_loop.py"
FLOWER = HERE / "peers" / "federated_flower.py"
SIZES = [36, 72, 108, 144, 180, 216, 252, 288, 324, 380]
ROUNDS = 20
SETTINGS = {"steps": 35, "batch": 32, "learning_rate": 0.1}
MANY, LENGTHS, EACH = (100, 300, 1000), (10, 30, 100), 20
MANY_SETTINGS = {"steps": 5, "batch": 0, "learning_rate": 0.1}
LEAST_RATIO, MOST_SECONDS, ALIKE = 40.0, 0.3, 1e-3
MOST_SECONDS_OF_MANY, MOST_MEMORY_OF_MANY, LINEAR = 60.0, 1024.0, 0.15
PATIENCE = 900.0
MARK = "MINDVEIL_BENCHMARK"

Told = dict[str, Any]


def main() -> None:
    """Run all, and print."""
    options = asked()
    flower = "" if options.without_flower else options.flower or environment()
    print(
        f"{len(SIZES)} clients x {ROUNDS} rounds, {sum(SIZES)} people x {COLUMNS} columns, "
        f"{HIDDEN} hidden units, {SETTINGS['steps']} local steps of {SETTINGS['batch']}; "
        f"{options.rounds} turns, one thread a process"
    )
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "people.npz"
        write_people(data, SIZES, 0)
        turns = [one_turn(data, flower) for _ in range(options.rounds)]
        told(turns)
        growth(Path(scratch), options.rounds)


def asked() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often all is measured")
    parser.add_argument("--without-flower", action="store_true", help="ours and the loop alone")
    parser.add_argument("--flower", help="python of an environment with flwr[simulation]")
    return parser.parse_args()


def environment() -> str:
    """Return the python of Flower's environment, made if it is not there."""
    python, ready = FOLDER / "bin" / "python", FOLDER / "ready"
    if not ready.exists():
        print(f"installing {', '.join(PACKAGES)} into {FOLDER}", flush=True)
        venv.create(FOLDER, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--retries", "1"]
        subprocess.run([*pip, *PACKAGES], check=True)
        ready.touch()
    return str(python)


def one_turn(data: Path, flower: str) -> dict[str, Told]:
    """Return what everybody says, one after the other."""
    found, course = {}, [str(data), json.dumps([ROUNDS])]
    for name, settings in (("ours", SETTINGS), ("masked", SETTINGS | {"masked": 1})):
        said = ran(sys.executable, OURS, [*course, json.dumps(settings)])
        found[name] = said | {"seconds": said["seconds"][0], "rounds": said["rounds"][0]}
    given = [str(data), str(ROUNDS), json.dumps(SETTINGS)]
    loop = ran(sys.executable, LOOP, given)
    found["loop"] = loop | {"rounds": loop["seconds"]}
    if flower:
        found["flower"] = ran(flower, FLOWER, given)
    return found


def ran(python: str, script: Path, arguments: list[str]) -> Told:
    """Return what a script says, and what it and all processes it started held at most."""
    mark = secrets.token_hex(8)
    settings = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    settings |= {"RAY_USAGE_STATS_ENABLED": "0", "FLWR_TELEMETRY_ENABLED": "0", MARK: mark}
    if python != sys.executable:
        settings["PYTHONPATH"] = str(script.parent)
    done, watched = threading.Event(), Told(peak=0.0, processes=0)
    watch = threading.Thread(target=watching, args=(f"{MARK}={mark}", done, watched))
    watch.start()
    try:
        run = subprocess.run(
            [python, str(script), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            env=os.environ | settings,
        )
    finally:
        done.set()
        watch.join()
    if run.returncode:
        sys.exit(f"{script.name} failed:\n{run.stderr[-2000:]}")
    # What a process says of itself is exact; watched from outside, short peaks are missed.
    return watched | dict(json.loads(run.stdout.strip().splitlines()[-1]))


def watching(mark: str, done: threading.Event, found: Told) -> None:
    """Write the most memory that marked processes held together, MB, and how many they were."""
    while not done.wait(0.2):
        held = [size for p in Path("/proc").glob("[0-9]*") if (size := memory(p, mark))]
        found["peak"] = max(found["peak"], sum(held) / 1024.0)
        found["processes"] = max(found["processes"], len(held))


def memory(process: Path, mark: str) -> int:
    """Return the KB of a marked process, shared pages in part; 0 of any other."""
    try:
        if mark.encode() not in (process / "environ").read_bytes().split(b"\0"):
            return 0
        lines = (process / "smaps_rollup").read_text(encoding="ascii").splitlines()
        return int(next(x for x in lines if x.startswith("Pss:")).split()[1])
    except (OSError, StopIteration):  # it ended meanwhile, or is another user's
        return 0


def told(turns: list[dict[str, Told]]) -> None:
    """Print the comparison."""
    print(f"  {'':8} {'s':>8} {'rounds':>8} {'ratio':>7} {'(turns)':>15} {'of rounds':>9}", end="")
    print(f" {'accuracy':>9} {'peak MB':>8} {'processes':>9}")
    for name in turns[0]:
        row = [t[name] for t in turns]
        whole = [t[name]["seconds"] / t["ours"]["seconds"] for t in turns]
        alone = [t[name]["rounds"] / t["ours"]["rounds"] for t in turns]
        print(
            f"  {name:8} {middle(row, 'seconds'):8.3f} {middle(row, 'rounds'):8.3f} "
            f"{statistics.median(whole):7.1f} {f'({min(whole):.1f}-{max(whole):.1f})':>15} "
            f"{statistics.median(alone):9.1f} {middle(row, 'accuracy'):9.4f} "
            f"{max(t['peak'] for t in row):8.0f} {max(t['processes'] for t in row):9d}"
        )
    seconds = middle([t["ours"] for t in turns], "seconds")
    print(f"  ours took {seconds:.3f} s: {met(seconds <= MOST_SECONDS)} (at most {MOST_SECONDS})")
    if "flower" in turns[0]:
        ratio = statistics.median(t["flower"]["seconds"] / t["ours"]["seconds"] for t in turns)
        print(
            f"  {turns[0]['flower']['version']} / ours {ratio:.1f}: {met(ratio >= LEAST_RATIO)} (at least {LEAST_RATIO:g})"
        )
    missing = [len(SIZES) * ROUNDS - t["flower"]["answers"] for t in turns if "flower" in t]
    if any(missing):
        print(f"  Flower went on without {missing} answers in these turns: accuracies differ")
    reached = [t["accuracy"] for turn in turns for t in turn.values()]
    apart, rate = max(reached) - min(reached), reached[0]
    error = (rate * (1.0 - rate) / TESTED) ** 0.5
    print(
        f"  accuracies apart {apart:.5f}, one standard error {error:.4f}: "
        f"{met(apart <= ALIKE)} (at most {ALIKE:g})"
    )


def growth(folder: Path, turns: int) -> None:
    """Print our seconds against clients and rounds, and the exponents of both."""
    print(
        f"\nours, {EACH} people a client, {MANY_SETTINGS['steps']} local steps with everybody; "
        "the fastest of all turns"
    )
    print(f"  {'clients':>8} " + " ".join(f"{n:>4} rounds" for n in LENGTHS) + "   peak MB")
    for clients in MANY:
        write_people(folder / f"{clients}.npz", [EACH] * clients, 1)
    runs = [[ran_many(folder, clients) for clients in MANY] for _ in range(turns)]
    fastest = np.min([[told["seconds"] for told in turn] for turn in runs], axis=0)
    peaks = [max(turn[i]["peak"] for turn in runs) for i in range(len(MANY))]
    for clients, row, held in zip(MANY, fastest, peaks, strict=True):
        print(f"  {clients:8d} " + " ".join(f"{s:9.3f} s" for s in row) + f" {held:9.0f}")
    exponents(fastest)
    slowest = max(turn[-1]["seconds"][-1] for turn in runs)
    fine = slowest <= MOST_SECONDS_OF_MANY and peaks[-1] <= MOST_MEMORY_OF_MANY
    print(
        f"  {MANY[-1]} clients x {LENGTHS[-1]} rounds: at most {slowest:.1f} s and "
        f"{peaks[-1]:.0f} MB, accuracy {runs[0][-1]['accuracy']:.4f}: {met(fine)} "
        f"(at most {MOST_SECONDS_OF_MANY:g} s and {MOST_MEMORY_OF_MANY:g} MB)"
    )


def ran_many(folder: Path, clients: int) -> Told:
    """Return what our simulation of so many clients says."""
    settings = [json.dumps(LENGTHS), json.dumps(MANY_SETTINGS)]
    return ran(sys.executable, OURS, [str(folder / f"{clients}.npz"), *settings])


def exponents(seconds: NDArray[np.float64]) -> None:
    """Print how seconds (clients, rounds) grow: the least-squares powers of both."""
    clients, rounds = (a.ravel() for a in np.meshgrid(np.log(MANY), np.log(LENGTHS), indexing="ij"))
    factors = np.column_stack([np.ones_like(clients), clients, rounds])
    _, first, second = np.linalg.lstsq(factors, np.log(seconds).ravel())[0].tolist()
    linear = max(abs(first - 1.0), abs(second - 1.0)) <= LINEAR
    print(f"  seconds ~ clients^{first:.2f} x rounds^{second:.2f}: {met(linear)} (1 +- {LINEAR:g})")


def middle(row: list[Told], key: str) -> float:
    """Return the median of a figure."""
    return float(statistics.median(t[key] for t in row))


def met(reached: bool) -> str:  # noqa: FBT001 - a word for a flag
    """Return the word for it."""
    return "met" if reached else "NOT MET"


if __name__ == "__main__":
    main()
