"""The desk at a SuperLink, with a stand-in that answers, refuses, keeps silent or ends."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

from mindveil.engine import flower_link
from mindveil.engine.flower_certificates import ServerIdentity
from mindveil.engine.flower_link import Desk, Link
from mindveil.engine.flower_processes import FlowerHome, Wish, end, start
from mindveil.errors import InputError

DESK = """
    import json, sys, time
    for line in sys.stdin:
        wish = json.loads(line)
        if wish["do"] == "register":
            answer = {"fault": "NotFound: no such node"} if wish["name"] == "bad" else {"node": "1"}
        elif wish["do"] == "submit":
            answer = {"run": wish["folder"] + " at " + wish["meeting"]}
        elif wish["do"] == "status":
            answer = {"status": "pending", "how": "", "why": "it waits"}
        elif wish["do"] == "silence":
            time.sleep(60)
        else:
            sys.exit(0)
        print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def link(tmp_path):
    home = FlowerHome(python=Path(sys.executable), folder=tmp_path, mark="none")
    program = (sys.executable, "-c", textwrap.dedent(DESK))
    worker = start(home, Wish(name="desk", command=program, talks=True))
    nowhere = Path("none")
    yield Link(
        home=home,
        identity=ServerIdentity(authority=nowhere, certificate=nowhere, key=nowhere),
        address="127.0.0.1:9",
        server=worker,
        desk=Desk(worker=worker),
        app_folder=Path("/the/app"),
        app="0" * 64,
    )
    end([worker])


def test_a_link_asks_its_desk(link):
    link.register("good", "key")
    assert link.submit(Path("/the/meeting")) == "/the/app at /the/meeting"
    assert link.condition("7") == "pending it waits"
    with pytest.raises(InputError, match="could not register: NotFound: no such node"):
        link.register("bad", "key")


def test_a_desk_that_is_silent_or_gone_is_told(link, monkeypatch):
    with pytest.raises(InputError, match="could not go: its desk is silent"):
        link.desk.ask({"do": "go"})
    link.desk.worker.process.wait(timeout=10)
    with pytest.raises(InputError, match="could not register: its desk is silent"):
        link.register("good", "key")


def test_a_silent_desk_is_waited_for_so_long(link, monkeypatch):
    monkeypatch.setattr(flower_link, "ANSWER_SECONDS", 0.2)
    with pytest.raises(InputError, match="could not silence: its desk is silent"):
        link.desk.ask({"do": "silence"})
