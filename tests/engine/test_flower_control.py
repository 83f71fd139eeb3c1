"""The desk's language, line by line, with a stand-in for the client that Flower gives it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import textwrap

import pytest

FLOWER = {
    "cli/build.py": """
        def build_fab_from_disk(folder):
            return b"bundle of " + str(folder).encode()
    """,
    "common/serde.py": """
        def fab_to_proto(fab):
            return fab

        def user_config_to_proto(config):
            return config
    """,
    "proto/control_pb2.py": """
        from types import SimpleNamespace

        RegisterNodeRequest = StartRunRequest = StopRunRequest = ListRunsRequest = SimpleNamespace
    """,
    "supercore/fab.py": """
        class Fab:
            def __init__(self, name, content, verifications):
                self.name, self.content = name, content
    """,
    "supercore/interceptors.py": """
        class RuntimeVersionHttpInterceptor:
            def __init__(self, component_name):
                pass
    """,
    "supercore/control.py": """
        from types import SimpleNamespace

        class ControlHttpClient:
            @classmethod
            def from_server_address(cls, *, server_address, insecure, root_certificates, interceptors):
                print("what a library prints")
                assert (server_address, insecure, root_certificates) == ("here:1", False, b"trust")
                return cls()

            def RegisterNode(self, request):
                if request.name == "bad":
                    raise LookupError("no such key")
                return SimpleNamespace(node_id=int(request.public_key))

            def StartRun(self, request):
                self.asked = (request.fab.name, request.fab.content, request.override_config)
                return SimpleNamespace(run_id=7)

            def ListRuns(self, request):
                meeting = self.asked[2]["meeting"]
                status = SimpleNamespace(status="running", sub_status="", details=meeting)
                return SimpleNamespace(run_dict={request.run_id: SimpleNamespace(status=status)})

            def StopRun(self, request):
                return request.run_id == 7
    """,
}


@pytest.fixture
def ask(tmp_path):
    """Give a function that says lines to a desk and returns its answers."""
    for name, text in FLOWER.items():
        path = tmp_path / "flwr" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    (tmp_path / "authority.pem").write_bytes(b"trust")

    def ask(*wishes):
        done = subprocess.run(
            [sys.executable, "-m", "mindveil.engine.flower_control", "here:1", "authority.pem"],
            input="".join(json.dumps(wish) + "\n" for wish in wishes),
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
        )
        assert "what a library prints" in done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return ask


def test_every_wish_has_one_answer(ask):
    answers = ask(
        {"do": "app", "folder": "/x"},
        {"do": "register", "key": "12345678901234567890", "name": "good"},
        {"do": "submit", "folder": "/x", "meeting": "/m"},
        {"do": "status", "run": "7"},
        {"do": "stop", "run": "7"},
    )
    assert answers == [
        {"app": hashlib.sha256(b"bundle of /x").hexdigest()},
        {"node": "12345678901234567890"},
        {"run": "7"},
        {"status": "running", "how": "", "why": "/m"},
        {"stopped": True},
    ]


def test_a_fault_is_an_answer_and_ends_nothing(ask):
    answers = ask(
        {"do": "register", "key": "1", "name": "bad"},
        {"do": "dance"},
        {"nothing": "asked"},
        {"do": "register", "key": "1", "name": "good"},
    )
    assert answers == [
        {"fault": "LookupError: no such key"},
        {"fault": "nobody here can do 'dance'"},
        {"fault": "KeyError: 'do'"},
        {"node": "1"},
    ]
