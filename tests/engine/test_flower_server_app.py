"""The coordinator's carrier over a grid of made-up nodes: who is asked, waited for, and told."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from mindveil.engine import flower_server_app
from mindveil.engine.flower_relay import Parcel, receive_parcel, send_parcel


@dataclass
class Grid:
    """Nodes by key; what each answers: bytes, an error text, an error code, or nothing (None)."""

    answers: dict[int, object]
    keys: dict[int, str] = field(default_factory=lambda: {1: "k1", 2: "k2", 3: "k3"})
    pushed: list[tuple[int, bytes]] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)

    def get_nodes(self):
        return [
            SimpleNamespace(node_id=n, public_key=f"{k}\n".encode()) for n, k in self.keys.items()
        ]

    def push_messages(self, messages):
        tickets = []
        for node, body, _ in messages:
            self.pushed.append((node, body))
            tickets.append(f"t{len(self.pushed)}")
            self.waiting[tickets[-1]] = node
        return tickets

    def pull_messages(self, tickets):
        told = []
        for ticket in tickets:
            answer = self.answers.get(self.waiting[ticket])
            if answer is None:
                continue
            error = None
            if not isinstance(answer, bytes):
                code = answer if isinstance(answer, int) else 2
                error = SimpleNamespace(code=code, reason=str(answer))
            record = {"status": "answered", "reason": "", "body": answer}
            told.append(
                SimpleNamespace(
                    metadata=SimpleNamespace(reply_to_message_id=ticket),
                    has_error=lambda error=error: error is not None,
                    error=error,
                    content={"envelope": record},
                )
            )
        return told


@pytest.fixture
def carry(monkeypatch):
    """Give a function that carries parcels over a grid and returns the answers."""
    monkeypatch.setattr(
        flower_server_app, "_wrapped", lambda node, body, terms: (node, body, terms)
    )

    def run(grid, parcels, tmp):
        place = str(tmp / "meeting")
        context = SimpleNamespace(run_config={"meeting": place})
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(place)
            door.listen()
            thread = threading.Thread(target=flower_server_app.carry, args=(grid, context))
            thread.start()
            channel, _ = door.accept()
            answers = []
            with channel:
                for parcel in parcels:
                    send_parcel(channel, parcel)
                    answers.append(receive_parcel(channel))
            thread.join(timeout=10)
            assert not thread.is_alive()
        return answers

    return run


def meet(partners, seconds=5.0):
    return Parcel(head={"do": "meet", "partners": partners, "seconds": seconds})


def ask(bodies, seconds=5.0, sequence=1):
    head = {"do": "ask", "study": "s", "partners": "p", "sequence": sequence, "seconds": seconds}
    return Parcel(head=head, bodies=bodies)


LIST = {"north": "k1", "south": "k2"}


def test_only_nodes_on_the_list_are_met_and_asked(carry, tmp_path):
    grid = Grid({1: b"n", 2: b"s", 3: b"stranger"})
    asked = ask({"north": b"1", "south": b"2", "east": b"3"})
    met, told = carry(grid, [meet(LIST), asked], tmp_path)
    assert met.head == {"present": ["north", "south"]}
    assert grid.pushed == [(1, b"1"), (2, b"2")]
    assert told.bodies == {"north": b"n", "south": b"s"}
    assert told.head["verdicts"]["east"] == [
        "absent",
        "site east has no node here under the key on the list",
    ]


def test_a_node_that_never_comes_is_waited_for_so_long_and_no_longer(carry, tmp_path):
    grid = Grid({1: b"n"}, keys={1: "k1"})
    begun = time.monotonic()
    (met,) = carry(grid, [meet(LIST, 0.3)], tmp_path)
    assert met.head == {"present": ["north"]}
    assert 0.3 <= time.monotonic() - begun < 3


def test_a_silent_node_is_waited_for_once_and_asked_again(carry, tmp_path):
    grid = Grid({1: b"n", 2: None})
    begun = time.monotonic()
    rounds = [ask({"north": b"1", "south": b"2"}, 0.6, n) for n in (1, 2, 3)]
    _, *told = carry(grid, [meet(LIST), *rounds], tmp_path)
    assert 0.6 <= time.monotonic() - begun < 1.2
    for parcel in told:
        assert parcel.head["verdicts"]["north"] == ["answered", ""]
        assert parcel.head["verdicts"]["south"] == [
            "absent",
            "site south did not answer within 0.6 s",
        ]
    assert [node for node, _ in grid.pushed] == [1, 2] * 3


def test_refusals_of_a_gate_are_told_apart_from_faults_whose_text_stays(carry, tmp_path):
    gate = "<class 'mindveil.errors.RefusedError'>:<'site north does not allow the app 12'>"
    grid = Grid({1: gate, 2: "<class 'ValueError'>:<'Anna'>"})
    _, told = carry(grid, [meet(LIST), ask({"north": b"1", "south": b"2"})], tmp_path)
    assert told.head["verdicts"] == {
        "north": ["refused", "site north does not allow the app 12"],
        "south": ["failed", "site south sent Flower's error 2"],
    }


@pytest.mark.parametrize("code", [3, 4, 5])
def test_a_node_that_flower_gave_up_is_absent(carry, tmp_path, code):
    grid = Grid({1: b"n", 2: code})
    bodies = {"north": b"1", "south": b"2"}
    _, first = carry(grid, [meet(LIST), ask(bodies)], tmp_path)
    assert first.head["verdicts"] == {
        "north": ["answered", ""],
        "south": ["absent", "site south did not answer within 5 s"],
    }
