"""The coordinator's desk at a SuperLink: register nodes, submit the app, ask how it goes.

Runs in Flower's environment and answers one JSON line with another, so that Mindveil's own
process never imports Flower: ``python -m mindveil.engine.flower_control ADDRESS AUTHORITY``.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mindveil.store.files import Json

if TYPE_CHECKING:
    from flwr.supercore.control import ControlHttpClient


def main(address: str, authority: str) -> None:
    """Answer lines until the other side hangs up."""
    from flwr.supercore.control import ControlHttpClient  # noqa: PLC0415 - Flower's environment only
    from flwr.supercore.interceptors import RuntimeVersionHttpInterceptor  # noqa: PLC0415 - Flower's environment only

    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what Flower prints cannot be taken for an answer
    desk = ControlHttpClient.from_server_address(
        server_address=address,
        insecure=False,
        root_certificates=Path(authority).read_bytes(),
        interceptors=[RuntimeVersionHttpInterceptor(component_name="flwr CLI")],
    )
    for line in sys.stdin:
        try:
            answer = _answer(desk, json.loads(line))
        except Exception as fault:  # noqa: BLE001 - the other side decides what a fault means
            answer = {"fault": f"{type(fault).__name__}: {fault}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _answer(desk: ControlHttpClient, wish: dict[str, str]) -> dict[str, Json]:
    from flwr.cli.build import build_fab_from_disk  # noqa: PLC0415 - Flower's environment only
    from flwr.proto import control_pb2 as words  # noqa: PLC0415 - Flower's environment only

    match wish["do"]:
        case "app":
            return {"app": hashlib.sha256(build_fab_from_disk(Path(wish["folder"]))).hexdigest()}
        case "register":
            request = words.RegisterNodeRequest(public_key=wish["key"].encode(), name=wish["name"])
            return {"node": str(desk.RegisterNode(request).node_id)}
        case "submit":
            return {"run": str(_submit(desk, Path(wish["folder"]), wish["meeting"]))}
        case "status":
            return _status(desk, int(wish["run"]))
        case "stop":
            return {"stopped": bool(desk.StopRun(words.StopRunRequest(run_id=int(wish["run"]))))}
        case unknown:
            return {"fault": f"nobody here can do {unknown!r}"}


def _submit(desk: ControlHttpClient, folder: Path, meeting: str) -> int:
    from flwr.cli.build import build_fab_from_disk  # noqa: PLC0415 - Flower's environment only
    from flwr.common.serde import fab_to_proto, user_config_to_proto  # noqa: PLC0415 - Flower's environment only
    from flwr.proto import control_pb2 as words  # noqa: PLC0415 - Flower's environment only
    from flwr.supercore.fab import Fab  # noqa: PLC0415 - Flower's environment only

    bundle = build_fab_from_disk(folder)
    request = words.StartRunRequest(
        fab=fab_to_proto(Fab(hashlib.sha256(bundle).hexdigest(), bundle, {})),
        override_config=user_config_to_proto({"meeting": meeting}),
    )
    return int(desk.StartRun(request).run_id)


def _status(desk: ControlHttpClient, run: int) -> dict[str, Json]:
    from flwr.proto import control_pb2 as words  # noqa: PLC0415 - Flower's environment only

    status = desk.ListRuns(words.ListRunsRequest(run_id=run)).run_dict[run].status
    return {"status": status.status, "how": status.sub_status, "why": status.details}


if __name__ == "__main__":
    main(*sys.argv[1:])
