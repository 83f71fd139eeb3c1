"""What the scripts that run a peer on a table have in common; needs pandas and nothing else."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd


def asked() -> argparse.Namespace:
    """Return what the benchmark asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("method")
    parser.add_argument("table", type=Path, help="csv of whole numbers to learn from, -1 missing")
    parser.add_argument("made", type=Path, help="csv of synthetic people to write")
    parser.add_argument("--nominal", default="", help="names of unordered columns, by comma")
    parser.add_argument("--epsilon", type=float, default=3.0)
    parser.add_argument("--delta", type=float, default=1e-5)
    parser.add_argument("--epochs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def run(
    options: argparse.Namespace,
    fit: Callable[[pd.DataFrame], object],
    sample: Callable[[object, int], pd.DataFrame],
) -> None:
    """Fit, draw as many people, write them, and print CPU-seconds and the peak of memory."""
    table = pd.read_csv(options.table)
    begin = time.process_time()
    model = fit(table)
    fitted = time.process_time()
    made = sample(model, len(table))
    drawn = time.process_time()
    numbers = made[list(table.columns)].apply(pd.to_numeric, errors="coerce")
    numbers.round().fillna(-1).astype(np.int64).to_csv(options.made, index=False)
    print(json.dumps({"fit": fitted - begin, "sample": drawn - fitted, "peak": peak()}))


def peak() -> float:
    """Return the most memory this process held at a time, MB; what its parent held is not in it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource  # noqa: PLC0415 - not on every system

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
