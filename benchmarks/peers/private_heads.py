"""Opacus on small heads over frozen features, in an environment of its own.

Reads an npz of rows, labels, test rows and test labels; trains one head after the other; prints
JSON: seconds and CPU-seconds a head, seconds of one calibration, noise multipliers by accountant,
accuracies, peak memory in MB. ``hooks`` and ``ghost`` are its two ways to clip, ``plain`` is torch
without privacy. Two classes have one column of log-odds, as ours do.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
import warnings

import numpy as np
import torch
from opacus import PrivacyEngine
from opacus.accountants.utils import get_noise_multiplier
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

Data = tuple[torch.Tensor, torch.Tensor]


def main() -> None:
    """Train, and tell what it cost."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    options = asked()
    held = np.load(options.data)
    taught = torch.tensor(held["rows"]), torch.tensor(held["labels"])
    tested = torch.tensor(held["test_rows"]), torch.tensor(held["test_labels"])
    noise = {} if options.method == "plain" else calibrated(options)
    train(taught, options, noise.get("rdp", 0.0), epochs=1, seed=0)  # warms up
    seconds, cpu, accuracy = [], [], []
    for seed in range(options.seed, options.seed + options.models):
        begin, spent = time.perf_counter(), time.process_time()
        model = train(taught, options, noise.get("rdp", 0.0), options.epochs, seed)
        seconds.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - spent)
        with torch.no_grad():
            accuracy.append(float(((model(tested[0]) > 0.0) == (tested[1] > 0.5)).float().mean()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    told = {"seconds": seconds, "cpu": cpu, "accuracy": accuracy, "peak": peak, "noise": noise}
    print(json.dumps(told))


def asked() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("method", choices=("hooks", "ghost", "plain"))
    parser.add_argument("data")
    parser.add_argument("--hidden", type=int, required=True)
    parser.add_argument("--models", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--epsilon", type=float, required=True)
    parser.add_argument("--delta", type=float, required=True)
    parser.add_argument("--clip", type=float, required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    return parser.parse_args()


def calibrated(options: argparse.Namespace) -> dict[str, float]:
    """Return noise multipliers by accountant, and what finding one took, in seconds and CPU."""
    found: dict[str, float] = {}
    for accountant in ("rdp", "prv"):
        begin, spent = time.perf_counter(), time.process_time()
        found[accountant] = get_noise_multiplier(
            target_epsilon=options.epsilon,
            target_delta=options.delta,
            sample_rate=options.rate,
            steps=options.steps,
            accountant=accountant,
            epsilon_tolerance=1e-4,
        )
        found[f"{accountant} seconds"] = time.perf_counter() - begin
        found[f"{accountant} cpu"] = time.process_time() - spent
    return found


def train(
    taught: Data, options: argparse.Namespace, noise: float, epochs: int, seed: int
) -> nn.Module:
    """Return one trained head."""
    torch.manual_seed(seed)
    columns = taught[0].shape[1]
    layers: list[nn.Module] = [nn.Linear(columns, 1)]
    if options.hidden:
        layers = [nn.Linear(columns, options.hidden), nn.ReLU(), nn.Linear(options.hidden, 1)]
    # One number a row, not a column of one: ghost clipping would mix rows up without a word.
    model = nn.Sequential(*layers, nn.Flatten(0))
    optimiser = torch.optim.SGD(model.parameters(), lr=options.learning_rate)
    loader = DataLoader(TensorDataset(*taught), batch_size=options.batch, shuffle=True)
    criterion = nn.BCEWithLogitsLoss()
    if options.method == "plain":
        learn(model, optimiser, criterion, loader, epochs)
        return model
    ghost = {"grad_sample_mode": "ghost", "criterion": criterion}
    private = PrivacyEngine(accountant="rdp").make_private(
        module=model,
        optimizer=optimiser,
        data_loader=loader,
        noise_multiplier=noise,
        max_grad_norm=options.clip,
        poisson_sampling=True,
        **(ghost if options.method == "ghost" else {}),
    )
    if options.method == "ghost":
        wrapped, stepper, criterion, batches = private
    else:
        wrapped, stepper, batches = private
    learn(wrapped, stepper, criterion, batches, epochs)
    return model


def learn(
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    criterion: nn.Module,
    loader: DataLoader[Data],
    epochs: int,
) -> None:
    """Go through the data."""
    for _ in range(epochs):
        for rows, labels in loader:
            optimiser.zero_grad()
            criterion(model(rows), labels).backward()
            optimiser.step()


main()
