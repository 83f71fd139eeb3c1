"""Federated averaging in Flower's own simulation, on Ray, in an environment of its own.

Reads what ``federated/people.py`` wrote; prints JSON: seconds of ``run_simulation`` in all and of
its rounds alone, accuracy, and how many answers of clients were counted. Clients compute in plain
numpy, keep their people between rounds, and nobody evaluates: the least that can be asked for.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version

import numpy as np
from federated_client import accuracy, client_people, learnt, with_constant
from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import FedAvg
from flwr.simulation import run_simulation


def client_app(path: str, settings: dict[str, float]) -> ClientApp:
    """Return what each client runs."""
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        rows, labels = client_people(path, int(context.node_config["partition-id"]))
        weights = message.content["arrays"].to_numpy_ndarrays()
        told = {
            "arrays": ArrayRecord(learnt(weights, rows, labels, settings)),
            "metrics": MetricRecord({"num-examples": len(rows)}),
        }
        return Message(content=RecordDict(told), reply_to=message)

    return app


def main(path: str, rounds: int, settings: dict[str, float]) -> None:
    """Train, and tell."""
    held = np.load(path)
    clients = int(held["client"].max()) + 1
    found: dict[str, float | str] = {"version": f"Flower {version('flwr')} on Ray {version('ray')}"}
    server = ServerApp()

    @server.main()
    def serve(grid: Grid, context: Context) -> None:  # noqa: ARG001 - Flower passes it
        begin = time.perf_counter()
        # Without a least number a round begins before all nodes have said that they are there.
        strategy = FedAvg(
            fraction_evaluate=0.0,
            min_train_nodes=clients,
            min_available_nodes=clients,
            train_metrics_aggr_fn=lambda replies, _: MetricRecord({"answers": len(replies)}),
        )
        result = strategy.start(
            grid=grid,
            initial_arrays=ArrayRecord([held["first"], held["last"]]),
            num_rounds=rounds,
        )
        found["rounds"] = time.perf_counter() - begin
        found["answers"] = sum(int(m["answers"]) for m in result.train_metrics_clientapp.values())
        weights = result.arrays.to_numpy_ndarrays()
        found["accuracy"] = accuracy(weights, with_constant(held["test_rows"]), held["test_labels"])

    begin = time.perf_counter()
    run_simulation(
        server_app=server,
        client_app=client_app(path, settings),
        num_supernodes=clients,
        backend_config={"client_resources": {"num_cpus": 1, "num_gpus": 0.0}},
    )
    print(json.dumps(found | {"seconds": time.perf_counter() - begin}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3]))
