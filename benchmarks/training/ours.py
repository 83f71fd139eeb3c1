"""Our heads on frozen features, all at once, in a process of its own; prints what it cost.

The same arguments and the same answer as the peers' script, one more method: ``shadows`` are
heads without privacy, each on a half of the people.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import time

import numpy as np

from mindveil.dp.accounting import Budget
from mindveil.dp.poisson import Training, epsilon_of_training, multiplier_of
from mindveil.train.draws import SeededDraws
from mindveil.train.heads import Examples, HeadStack, Shape, Steps, train_heads


def main() -> None:
    """Train, and tell what it cost."""
    options = asked()
    held = np.load(options.data)
    noise = calibrated(options) if options.method == "private" else {}
    trained(held, options, noise, models=2)  # warms up
    begin, spent = time.perf_counter(), time.process_time()
    stack = trained(held, options, noise, options.models)
    cost = time.perf_counter() - begin, time.process_time() - spent
    right = (stack.log_odds(held["test_rows"]) > 0.0) == (held["test_labels"][:, None] > 0.5)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    told = {
        "seconds": [cost[0] / options.models],
        "cpu": [cost[1] / options.models],
        "accuracy": right.mean(axis=0).tolist(),
        "peak": peak,
        "noise": noise,
    }
    print(json.dumps(told))


def asked() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("method", choices=("private", "shadows"))
    parser.add_argument("data")
    for name in ("hidden", "models", "seed", "epochs", "batch", "steps"):
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ("epsilon", "delta", "clip", "learning-rate", "rate"):
        parser.add_argument(f"--{name}", type=float, required=True)
    return parser.parse_args()


def calibrated(options: argparse.Namespace) -> dict[str, float]:
    """Return noise multipliers by accountant, and what finding the one that is used took."""
    training = Training(rate=options.rate, steps=options.steps)
    begin, spent = time.perf_counter(), time.process_time()
    budget = Budget(epsilon=options.epsilon, delta=options.delta, accountant="gaussian")
    found = {"pld": multiplier_of(budget, training)}
    found["pld seconds"] = time.perf_counter() - begin
    found["pld cpu"] = time.process_time() - spent
    low, high = 0.3, 30.0
    while high - low > 1e-5:
        middle = (low + high) / 2.0
        spends = epsilon_of_training(training, middle, options.delta, "rdp")
        low, high = (low, middle) if spends <= options.epsilon else (middle, high)
    return {**found, "rdp": high}


def trained(
    held: np.lib.npyio.NpzFile, options: argparse.Namespace, noise: dict[str, float], models: int
) -> HeadStack:
    """Return so many heads."""
    rng = np.random.default_rng([2026, options.seed])
    rows, labels = held["rows"], held["labels"]
    private = options.method == "private"
    steps = Steps(
        steps=options.steps,
        people=float(len(rows)) / (1.0 if private else 2.0),
        rate=options.rate,
        learning_rate=options.learning_rate,
        clip=options.clip if private else math.inf,
        multiplier=noise.get("rdp", 0.0),
    )
    inside = np.arange(len(rows))[:, None] % 2 == np.zeros((1, models))
    return train_heads(
        Examples(
            rows=rows, labels=labels, weights=None if private else rng.permuted(inside, axis=0)
        ),
        Shape(columns=rows.shape[1], hidden=options.hidden),
        steps,
        SeededDraws.of(models, rng),
        models,
    )


main()
