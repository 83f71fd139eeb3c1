"""Synthetic questionnaires side by side: ours and the best others, on the same tables.

    python benchmarks/synthetic_tables.py [DATA] [--full] [--sdv PYTHON] [--smartnoise PYTHON]

Two tables: 5,000 made-up people with a PHQ-9, a GAD-7 and four demographics, and the DASS-42 of
real adults (from the folder of real data, default: ../shared/data beside the checkout). Every
method learns from the same people, in a process of its own with one thread, and is measured
alike: margins, alpha, correlations, prevalence, factors, what the table predicts about people who
are not in it, what attackers find out about who was in it, CPU-seconds and memory. Without
``--full`` the run is short: few people, few epochs, and no peer that takes minutes.

The peers are SDV (Gaussian copula, CTGAN) and SmartNoise (MST, AIM, DP-CTGAN, PATE-CTGAN), in
environments of their own, which are made under build/peers where none is named. They are run and
never imported. SDV, CTGAN and Copulas are under the Business Source Licence 1.1.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import numpy as np

from mindveil.synthesise.codebook import Codes
from tables.attackers import advantages
from tables.figures import Figures, fidelity, prediction
from tables.printed import Row, Seed, row_of, told
from tables.runs import METHODS, Bench, Made, Method, Missing
from tables.sources import Scene, Source, dass_table, made_table

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
PACKAGES = {
    "sdv": ("sdv==2.0.0", "torch==2.13.0"),
    "smartnoise": ("smartnoise-synth==1.0.8", "torch==2.13.0", "packaging"),
}
SHORT = {"people": 600, "seeds": 2, "slow_seeds": 1, "epochs": 20, "patience": 120.0}
FULL = {"people": 5000, "seeds": 5, "slow_seeds": 2, "epochs": 300, "patience": 7200.0}
LEFT_OUT = ("MST e1", "MST e3", "DP-CTGAN e3", "PATE-CTGAN e3", "AIM e3")


def main() -> None:
    """Make all tables, measure them, and print."""
    options = asked()
    owners = {"sdv": options.sdv, "smartnoise": options.smartnoise}
    pythons = {name: python or environment(name) for name, python in owners.items()}
    print(
        f"up to {options.people} people; {options.seeds} tables a method, {options.slow_seeds} of "
        f"slow ones; peers' networks {options.epochs} epochs (their own default: 300); intervals "
        "are 95 % over tables; delta 1e-5; one thread"
    )
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(
            folder=options.keep or Path(scratch),
            pythons={"ours": sys.executable, **pythons},
            epochs=options.epochs,
            patience=options.patience,
        )
        if options.table != "dass":
            made = made_table(options.people)
            told(made, measured(made, bench, options))
        if options.table != "made":
            dass = dass_table(options.data, options.people)
            if dass is None:
                print(f"\nMISSING DASS-42: {options.data} has no tabular/dass42_adults.csv")
            else:
                told(dass, measured(dass, bench, options))


def asked() -> argparse.Namespace:
    """Return the options; what is not given is short, or full."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--full", action="store_true", help="5,000 people, 300 epochs, all peers")
    parser.add_argument("--table", choices=("made", "dass"), help="one of the two tables alone")
    parser.add_argument("--sdv", help="python of an environment with sdv")
    parser.add_argument("--smartnoise", help="python of an environment with smartnoise-synth")
    parser.add_argument("--people", type=int, help="people of a table, at most")
    parser.add_argument("--seeds", type=int, help="tables of each method")
    parser.add_argument("--slow-seeds", type=int, help="the same of those that take minutes")
    parser.add_argument("--epochs", type=int, help="epochs of the peers' networks")
    parser.add_argument("--patience", type=float, help="seconds after which a fit is stopped")
    parser.add_argument("--without", action="append", default=[], help="a method to leave out")
    parser.add_argument(
        "--keep", type=Path, help="folder to resume from; it will hold people's rows"
    )
    options = parser.parse_args()
    for name, value in (FULL if options.full else SHORT).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    if not options.full:
        options.without += LEFT_OUT
    return options


def environment(name: str) -> str | Missing:
    """Return the python of a peer's environment, made if it is not there; or why there is none."""
    folder = ROOT / "build" / "peers" / name
    python, ready = folder / "bin" / "python", folder / "ready"
    if ready.exists():
        return str(python)
    print(f"installing {', '.join(PACKAGES[name])} into {folder}", flush=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "20"]
    try:
        venv.create(folder, with_pip=True, clear=True)
        done = subprocess.run([*pip, *PACKAGES[name]], check=False, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as fault:
        return Missing(why=f"no environment for {name}: {fault}")
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return Missing(why=f"{name} could not be installed: {why[:150]}")
    ready.touch()
    return str(python)


def measured(source: Source, bench: Bench, options: argparse.Namespace) -> list[Row]:
    """Return a row a method, real tables first."""
    scenes = [source.scene(seed) for seed in range(options.seeds)]
    known = [prediction(s.members, s.controls, source.codebook, source.cuts) for s in scenes]
    named = [("the table itself", [s.members for s in scenes])]
    if scenes[0].others is not None:
        named.append(("other real people", [s.others for s in scenes if s.others is not None]))
    rows = [
        Row(
            label=label,
            people=len(tables[0]),
            seeds=tuple(
                figures(t, s, source, k) for t, s, k in zip(tables, scenes, known, strict=True)
            ),
        )
        for label, tables in named
    ]
    for method in METHODS:
        if method.label in options.without:
            rows.append(Row(label=method.label, why="left out of this run (short, or --without)"))
            continue
        count = min(options.seeds, options.slow_seeds) if method.slow else options.seeds
        found = [one(method, source, bench, scenes[s], known[s]) for s in range(count)]
        rows.append(row_of(method, found))
    return rows


def one(
    method: Method, source: Source, bench: Bench, scene: Scene, known: Figures
) -> tuple[Made | Missing, Seed]:
    """Return one method's table of one seed, and all figures of it."""
    table = bench.put(f"{source.key}-{scene.seed}", scene.members, source.codebook)
    made = bench.make(method, table, source.codebook, scene.seed)
    if isinstance(made, Missing):
        print(f"{source.key} {scene.seed} {method.label}: {made.why}", file=sys.stderr, flush=True)
        return made, {}
    cost = {"fit": made.fit, "sample": made.sample, "peak": made.peak}
    return made, {**figures(made.codes, scene, source, known), **cost}


def figures(made: Codes, scene: Scene, source: Source, known: Figures) -> Seed:
    """Return fidelity, use and risk of one table."""
    book, cuts = source.codebook, source.cuts
    kept = fidelity(made, scene.members, book, cuts)
    use = prediction(made, scene.controls, book, cuts)
    changes = {f"{k} change": use[k] - known[k] for k in use}
    derived = {
        "not congruent": 1 - kept["congruence"],
        "margins off": 1 - kept["1-TV"],
        "auc lost": max(0.0, 1 - use["auc"] / known["auc"]),
    }
    risk = advantages(made, scene, book, np.random.default_rng([7, len(made)]))
    return {**kept, **use, **changes, **derived, **risk}


if __name__ == "__main__":
    main()
