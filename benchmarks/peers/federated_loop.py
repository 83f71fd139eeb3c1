"""Federated averaging as a plain loop over clients in one process, in numpy alone.

Reads what ``federated/people.py`` wrote; prints JSON: seconds of the rounds, accuracy, peak memory.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from federated_client import accuracy, learnt, with_constant


def main(path: str, rounds: int, settings: dict[str, float]) -> None:
    """Train, and tell."""
    held = np.load(path)
    rows, labels, client = with_constant(held["rows"]), held["labels"], held["client"]
    parts = [(rows[client == c], labels[client == c]) for c in range(int(client.max()) + 1)]
    weights = [held["first"], held["last"]]
    begin = time.perf_counter()
    for _ in range(rounds):
        told = [(len(own), learnt(weights, own, answers, settings)) for own, answers in parts]
        whole = sum(count for count, _ in told)
        weights = [
            sum((count / whole) * np.float64(layers[i]) for count, layers in told).astype(
                np.float32
            )
            for i in range(2)
        ]
    seconds = time.perf_counter() - begin
    found = {
        "seconds": seconds,
        "accuracy": accuracy(weights, with_constant(held["test_rows"]), held["test_labels"]),
        "peak": peak(),
    }
    print(json.dumps(found))


def peak() -> float:
    """Return the most memory this process held at a time, MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(x for x in status if x.startswith("VmHWM")).split()[1]) / 1024.0


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3]))
