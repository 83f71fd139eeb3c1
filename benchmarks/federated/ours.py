"""Our simulation of federated averaging in a process of its own: all clients in one array.

Reads what ``federated/people.py`` wrote; prints JSON: seconds in all and of the course alone for
each number of rounds asked for, accuracy after the last, peak memory. A first round warms up the
machine and is not counted. With ``masked`` in the settings clients answer under masks.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.noise import seeded
from mindveil.secure_sum import operating_system
from mindveil.train.client_steps import ClientPeople, Local, flat_of, tensors_of
from mindveil.train.federation_course import course, followed
from mindveil.train.federation_terms import Terms
from mindveil.train.heads import Shape
from mindveil.train.server_rules import Rule
from mindveil.train.simulated_sites import SimulatedSites
from mindveil.train.site_answers import SiteData

Floats = NDArray[np.float64]
Held = dict[str, NDArray[np.generic]]
Settings = dict[str, float]


def main(path: str, rounds: list[int], settings: Settings) -> None:
    """Train so often, and tell."""
    with np.load(path) as stored:
        held = dict(stored)
    trained(held, 1, settings)
    told = [trained(held, number, settings) for number in rounds]
    found = {
        "seconds": [seconds for _, seconds, _ in told],
        "rounds": [seconds for _, _, seconds in told],
        "accuracy": accuracy(told[-1][0], held),
        "peak": peak(),
    }
    print(json.dumps(found))


def trained(held: Held, rounds: int, settings: Settings) -> tuple[Floats, float, float]:
    """Return weights, and the seconds for them, in all and of the rounds alone."""
    begin = time.perf_counter()
    rng = np.random.default_rng(0)
    terms = agreed(held, rounds, settings)
    sites = SimulatedSites(
        terms=terms,
        data=answering(held, terms.clients),
        noise=seeded(rng),
        entropy=operating_system,
    )
    ready = time.perf_counter()
    learnt = followed(course(terms, flat_of((held["first"], held["last"])), rng), sites.ask)
    end = time.perf_counter()
    assert learnt.weights is not None
    return learnt.weights, end - begin, end - ready


def agreed(held: Held, rounds: int, settings: Settings) -> Terms:
    """Return the terms of a plain federation, in which the server sees every update or sums."""
    clients, masked = int(held["client"].max()) + 1, "masked" in settings
    local = Local(
        steps=int(settings["steps"]),
        batch=int(settings["batch"]),
        learning_rate=settings["learning_rate"],
    )
    return Terms(
        shape=shape_of(held),
        local=local,
        rule=Rule(rounds=rounds),
        clients=clients,
        secure=masked,
        threshold=clients // 2 + 1 if masked else 0,
    )


def answering(held: Held, clients: int) -> SiteData:
    """Return everybody as the sites read them; their rows are left as they are."""
    place = np.argsort(held["client"], kind="stable")
    client = held["client"][place].astype(np.intp)
    rows, labels = held["rows"][place], held["labels"][place]
    return SiteData(
        rows=rows.astype(np.float64),
        severity=2.0 * labels.astype(np.float64) - 1.0,
        client=client,
        people=ClientPeople.of(rows, labels, client, clients),
        place=place,
    )


def shape_of(held: Held) -> Shape:
    """Return what network the weights to start from are of."""
    hidden, inside = held["first"].shape
    return Shape(columns=inside - 1, hidden=hidden)


def accuracy(weights: Floats, held: Held) -> float:
    """Return the share of people whose class the network says."""
    first, last = tensors_of(shape_of(held), weights)
    units = np.maximum(held["test_rows"] @ first[:, :-1].T + first[:, -1], 0.0)
    said = units @ last[0, :-1] + last[0, -1] > 0.0
    return float(np.mean(said == (held["test_labels"] > 0.5)))


def peak() -> float:
    """Return the most memory this process held at a time, MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(x for x in status if x.startswith("VmHWM")).split()[1]) / 1024.0


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3]))
