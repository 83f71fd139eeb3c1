"""What the scripts that audit a model with a peer have in common."""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from small_net import SmallNet, train
from torch.utils.data import DataLoader, TensorDataset


def asked() -> argparse.Namespace:
    """Return what the benchmark asked for, with the people in ``rows``, ``labels``, ``member``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--shadows", type=int, required=True)
    parser.add_argument("--hidden", type=int, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    stored = np.load(options.data)
    options.rows, options.labels = stored["rows"], stored["labels"].astype(np.int64)
    options.member = stored["member"]
    return options


def target_of(options: argparse.Namespace) -> SmallNet:
    """Train the model that is attacked, on the members."""
    net = SmallNet(options.rows.shape[1], options.hidden)
    taught = TensorDataset(
        torch.tensor(options.rows[options.member]), torch.tensor(options.labels[options.member])
    )
    loader = DataLoader(taught, batch_size=options.batch, shuffle=True)
    train(net, loader, options.epochs, options.learning_rate)
    return net


def run(
    options: argparse.Namespace, attack: Callable[[SmallNet], tuple[dict[str, float], float]]
) -> None:
    """Train the target, attack, and print seconds, CPU-seconds, memory and what came out."""
    begin, spent = time.perf_counter(), time.process_time()
    net = target_of(options)
    auc, alone = attack(net)
    seconds, cpu = time.perf_counter() - begin, time.process_time() - spent
    with torch.no_grad():
        right = net(torch.tensor(options.rows)).argmax(1).numpy() == options.labels
    accuracy = [float(right[options.member].mean()), float(right[~options.member].mean())]
    cost = {"seconds": seconds, "cpu": cpu, "alone": alone, "peak": peak()}
    print(json.dumps({**cost, "accuracy": accuracy, "auc": auc}))


def peak() -> float:
    """Return the most memory this process held at a time, MB; what its parent held is not in it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
