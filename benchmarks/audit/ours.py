"""Our audit in a process of its own: 64 shadow heads, five attacks, all intervals."""

from __future__ import annotations

import argparse
import json
import time

import numpy as np
from process import peak

from mindveil.attack.audit_file import audited
from mindveil.attack.model_signals import halves
from mindveil.attack.own_model import Held, Target
from mindveil.evidence.model_audit import GAP, audit_targets
from mindveil.train.draws import SeededDraws
from mindveil.train.heads import Examples, HeadStack, Shape, Steps, train_heads


def main() -> None:
    """Train, attack, and tell what it cost and what came out."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--shadows", type=int, required=True)
    parser.add_argument("--hidden", type=int, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    options = parser.parse_args()
    stored = np.load(options.data)
    begin, spent = time.perf_counter(), time.process_time()
    rng = np.random.default_rng(0)
    rows, labels, member = stored["rows"], stored["labels"], stored["member"]
    held = Held.of(rows, labels, np.array([f"P{i:05d}" for i in range(len(rows))]))
    inside = halves(held.groups(), options.shadows, rng)
    target = heads(stored, member[:, None], options, rng)
    shadows = heads(stored, inside, options, rng)
    found = audited(
        target.log_odds(rows)[:, 0],
        held.labels,
        member,
        np.array(held.people),
        (shadows.log_odds(rows), inside),
    )
    trained = time.process_time()

    def ask(asked: np.ndarray) -> np.ndarray:
        return target.log_odds(asked)[:, 0]

    findings = audit_targets([Target(audited=found, ask=ask)], held, rng)
    figures = {
        f"{f.attack} {f.setting}".strip(): {
            m.metric: (m.estimate.value, m.estimate.low, m.estimate.high) for m in f.measured
        }
        for f in findings
        if f.attack != GAP
    }
    right = found.sure > 0
    told = {
        "seconds": time.perf_counter() - begin,
        "cpu": time.process_time() - spent,
        "training": trained - spent,
        "peak": peak(),
        "accuracy": [float(right[found.member].mean()), float(right[~found.member].mean())],
        "auc": {name: figure["auc"] for name, figure in figures.items() if "auc" in figure},
        "invalid": {f.attack: f.invalid for f in findings if f.invalid},
    }
    print(json.dumps(told))


def heads(
    stored: np.lib.npyio.NpzFile,
    inside: np.ndarray,
    options: argparse.Namespace,
    rng: np.random.Generator,
) -> HeadStack:
    """Train one head a column of ``inside`` on the people it names."""
    models, people = inside.shape[1], float(inside.sum(axis=0).mean())
    rate = options.batch / people
    return train_heads(
        Examples(rows=stored["rows"], labels=stored["labels"], weights=inside),
        Shape(columns=stored["rows"].shape[1], hidden=options.hidden),
        Steps(
            steps=round(options.epochs / rate),
            people=people,
            rate=rate,
            learning_rate=options.learning_rate,
        ),
        SeededDraws.of(models, rng),
        models,
    )


if __name__ == "__main__":
    main()
