"""Federations over real Flower nodes on the loopback: keys, refusals, deaths, and a clean end."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from mindveil.engine import flower_sites
from mindveil.engine.flower_certificates import public_half, write_node_key
from mindveil.engine.flower_link import Link, open_link
from mindveil.engine.flower_policy import NodePolicy, fingerprint, read_policy, write_policy
from mindveil.engine.flower_processes import FlowerHome, flower_home, flower_python, marked
from mindveil.engine.flower_relay import Parcel, receive_parcel, send_parcel
from mindveil.engine.flower_sites import (
    Limits,
    Proposal,
    SiteSetup,
    add_site,
    run_federation,
    run_on_flower,
)
from mindveil.engine.site_messages import SiteMessage, exchange
from mindveil.errors import InputError

slow = pytest.mark.slow
TOY = """
    from mindveil.engine.site_messages import Answer, SiteMessage
    from mindveil.errors import RefusedError

    class Toy:
        def __init__(self, settings):
            self.settings = settings

        def handle(self, request, memory):
            mood = request.facts.get(self.settings["name"])
            if mood == "refuse":
                raise RefusedError("3 people are fewer than the 5 that this site asks for")
            if mood == "break":
                raise ValueError("what Anna said about her sister")
            seen = 1 if memory is None else memory.facts["seen"] + 1
            vector = request.arrays["vector"] * 0.5 + self.settings["shift"]
            told = SiteMessage(kind="vector", facts={"seen": seen}, arrays={"vector": vector})
            return Answer(reply=told, memory=SiteMessage(kind="memory", facts={"seen": seen}))

    def open_site(settings):
        return Toy(settings)
"""
STUDY = "5" * 64
LIMITS = Limits(start_seconds=60.0, round_seconds=60.0)


@dataclass(slots=True)
class Mean:
    """Send a vector to all, take the mean of what comes back, and so on."""

    names: tuple[str, ...]
    rounds: int
    facts: Mapping[str, str] = field(default_factory=dict)
    vector: np.ndarray = field(default_factory=lambda: np.array([0.1, -2.0, 1 / 3]))
    heard: list[Mapping[str, SiteMessage]] = field(default_factory=list)

    def next_requests(self, replies):
        if replies:
            self.heard.append(replies)
            told = [r.arrays["vector"] for r in replies.values() if r.kind == "vector"]
            self.vector = np.mean(told, axis=0) if told else self.vector
        if len(self.heard) == self.rounds:
            return None
        ask = SiteMessage(kind="ask", facts=self.facts, arrays={"vector": self.vector})
        return dict.fromkeys(self.names, ask)

    def kinds(self) -> list[dict[str, str]]:
        return [{name: r.kind for name, r in heard.items()} for heard in self.heard]

    def reason(self, name: str) -> str:
        return str(self.heard[-1][name].facts["reason"])


@dataclass(frozen=True, slots=True)
class Scene:
    """A link with three sites that agreed to a study with each other."""

    link: Link
    partners: Mapping[str, str]

    @property
    def agreement(self) -> Proposal:
        return Proposal(study=STUDY, partners=self.partners)

    def policy_file(self, name: str) -> Path:
        return self.link.home.folder / "sites" / name / "policy.json"


def toy_policy(link: Link, name: str, partners: Mapping[str, str]) -> NodePolicy:
    return NodePolicy(
        name=name,
        handler="toy_sites:open_site",
        settings={"name": name, "shift": float(ord(name))},
        apps=(link.app,),
        studies=(STUDY,),
        partners=partners,
    )


def populate(link: Link, names: str) -> Scene:
    keys = link.home.folder / "keys"
    partners = {name: write_node_key(keys / name) for name in names}
    for name, public_key in partners.items():
        link.register(name, public_key)
        add_site(link, toy_policy(link, name, partners), keys / name)
    return Scene(link, partners)


@pytest.fixture(scope="module")
def toy_path(tmp_path_factory) -> Iterator[Path]:
    try:
        flower_python()
    except InputError as fault:
        pytest.skip(str(fault))
    folder = tmp_path_factory.mktemp("toy")
    (folder / "toy_sites.py").write_text(textwrap.dedent(TOY), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        patch.syspath_prepend(folder)
        yield folder


@pytest.fixture(scope="module")
def scene(toy_path) -> Iterator[Scene]:
    with open_link() as link:
        yield populate(link, "abc")


@slow
def test_three_rounds_over_nodes_equal_three_rounds_in_one_process(scene):
    import toy_sites  # noqa: PLC0415 - written by the fixture

    deployed, simulated = Mean(tuple("abc"), 3), Mean(tuple("abc"), 3)
    assert run_federation(scene.link, deployed, scene.agreement, LIMITS) == ()
    sites = {n: toy_sites.open_site({"name": n, "shift": float(ord(n))}) for n in "abc"}
    exchange(simulated, sites)
    np.testing.assert_allclose(deployed.vector, simulated.vector, rtol=0, atol=1e-12)
    assert deployed.kinds() == simulated.kinds() == [dict.fromkeys("abc", "vector")] * 3
    assert [heard["a"].facts["seen"] for heard in deployed.heard] == [1, 2, 3]


@slow
def test_a_site_that_refuses_or_breaks_costs_itself_only(scene):
    mean = Mean(tuple("abc"), 1, facts={"a": "refuse", "b": "break"})
    run_federation(scene.link, mean, scene.agreement, LIMITS)
    assert mean.kinds() == [{"a": "refused", "b": "failed", "c": "vector"}]
    assert mean.reason("a") == "3 people are fewer than the 5 that this site asks for"
    assert mean.reason("b").startswith("ValueError in toy_sites.py:")
    assert "Anna" not in mean.reason("b")


@slow
def test_sites_refuse_what_they_have_not_agreed_to(scene):
    """Site a knows another study only, b does not allow the app, c has other partners."""
    before = {name: read_policy(scene.policy_file(name)) for name in "abc"}
    changes = {
        "a": {"studies": ("6" * 64,)},
        "b": {"apps": ("0" * 64,)},
        "c": {"partners": {**scene.partners, "a": scene.partners["b"]}},
    }
    for name, change in changes.items():
        write_policy(scene.policy_file(name), dataclasses.replace(before[name], **change))
    mean = Mean(tuple("abc"), 1)
    try:
        run_federation(scene.link, mean, scene.agreement, LIMITS)
    finally:
        for name, policy in before.items():
            write_policy(scene.policy_file(name), policy)
    assert mean.kinds() == [dict.fromkeys("abc", "refused")]
    assert "has not agreed to study" in mean.reason("a")
    assert "does not allow the app" in mean.reason("b")
    assert "agreed to other partners" in mean.reason("c")


@slow
def test_a_node_that_is_not_on_the_list_is_never_spoken_to(scene):
    """The coordinator's list leaves out c: it is not asked, and a and b refuse the short list."""
    short = {name: scene.partners[name] for name in "ab"}
    mean = Mean(tuple("abc"), 1)
    run_federation(scene.link, mean, Proposal(study=STUDY, partners=short), LIMITS)
    assert mean.kinds() == [{"a": "refused", "b": "refused", "c": "absent"}]
    assert "no node here under the key on the list" in mean.reason("c")


@slow
def test_an_app_that_somebody_else_submits_is_not_run(scene, tmp_path):
    """Anyone who reaches the SuperLink's port may submit: the coordinator's gate has to say no."""
    other, proof = tmp_path / "mindveil-federation", tmp_path / "it-was-run"
    shutil.copytree(scene.link.app_folder, other)
    server = other / "mindveil_federation" / "server.py"
    server.write_text(f"open({str(proof)!r}, 'w').close()\n{server.read_text()}")
    run = dataclasses.replace(scene.link, app_folder=other).submit(tmp_path / "nowhere")
    until = time.monotonic() + 30
    while "finished" not in scene.link.condition(run) and time.monotonic() < until:
        time.sleep(0.2)
    assert "site coordinator does not allow the app" in scene.link.condition(run)
    assert not proof.exists()


@slow
def test_an_unregistered_node_does_not_come_in(scene):
    key = scene.link.home.folder / "keys" / "x"
    partners = {**scene.partners, "x": write_node_key(key)}
    add_site(scene.link, toy_policy(scene.link, "x", partners), key)
    mean = Mean(("x",), 1)
    quick = Limits(start_seconds=8.0, round_seconds=8.0)
    assert run_federation(scene.link, mean, Proposal(study=STUDY, partners=partners), quick) == (
        "x",
    )
    assert mean.kinds() == [{"x": "absent"}]
    assert scene.link.nodes["x"].process.wait(timeout=20) != 0


@dataclass(slots=True)
class Killing(Mean):
    """The same, but one site's node is killed before the second round."""

    victim: subprocess.Popen[bytes] | None = None

    def next_requests(self, replies):
        requests = Mean.next_requests(self, replies)
        if len(self.heard) == 1 and self.victim is not None:
            os.kill(self.victim.pid, signal.SIGKILL)
        return requests


@slow
def test_a_killed_node_does_not_end_the_run_and_nothing_is_left(toy_path):
    with open_link() as link:
        scene = populate(link, "ab")
        mean = Killing(tuple("ab"), 3, victim=link.nodes["a"].process)
        limits = Limits(start_seconds=60.0, round_seconds=30.0)
        assert run_federation(link, mean, scene.agreement, limits) == ()
        mark, folder = link.home.mark, link.home.folder
        ports = listening(marked(mark))
        assert int(link.address.rpartition(":")[2]) in ports
        assert len(ports) == 2  # the SuperLink's and the living node's
    assert mean.kinds() == [
        {"a": "vector", "b": "vector"},
        {"a": "absent", "b": "vector"},
        {"a": "absent", "b": "vector"},
    ]
    assert "did not answer within 30 s" in mean.reason("a")
    assert not marked(mark)
    assert not folder.exists()
    for port in ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


@slow
def test_nothing_outlives_a_killed_coordinator(toy_path):
    program = """
        import sys, time
        from mindveil.engine.flower_link import open_link
        with open_link() as link:
            print(link.home.mark, link.home.folder, flush=True)
            time.sleep(600)
    """
    coordinator = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True
    )
    with coordinator:
        mark, folder = coordinator.stdout.readline().split()
        assert len(marked(mark)) >= 2
        coordinator.kill()
    until = time.monotonic() + 30
    while marked(mark) and time.monotonic() < until:
        time.sleep(0.1)
    assert not marked(mark)
    with flower_home():
        assert not Path(folder).exists()  # with the keys in it


def listening(processes: list[int]) -> set[int]:
    """Return the ports on which processes listen; all their sockets must be of the loopback."""
    ours = set()
    for process in processes:
        with contextlib.suppress(OSError):
            ours |= {str(link.readlink()) for link in Path(f"/proc/{process}/fd").iterdir()}
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    lines += Path("/proc/net/tcp6").read_text().splitlines()[1:]
    rows = [row for row in map(str.split, lines) if f"socket:[{row[9]}]" in ours]
    assert {row[1].partition(":")[0] for row in rows} == {"0100007F"}
    assert {row[2].partition(":")[0] for row in rows} <= {"0100007F", "00000000"}
    return {int(row[1].partition(":")[2], 16) for row in rows if row[3] == "0A"}


@dataclass(slots=True)
class ToldLink:
    """A link without Flower: its server half answers each meeting as it is told."""

    home: FlowerHome
    answers: list[Parcel | None]
    heard: list[Parcel] = field(default_factory=list)
    registered: dict[str, str] = field(default_factory=dict)
    app: str = "4" * 64
    threads: list[threading.Thread] = field(default_factory=list)

    def submit(self, meeting: Path) -> str:
        self.threads.append(threading.Thread(target=self._speak, args=(str(meeting),)))
        if self.answers:
            self.threads[-1].start()
        return "7"

    def register(self, name: str, public_key: str) -> None:
        self.registered[name] = public_key

    def condition(self, run: str) -> str:
        return f"run {run} is pending"

    def _speak(self, meeting: str) -> None:
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect(meeting)
            for answer in self.answers:
                heard = receive_parcel(channel)
                assert heard is not None
                self.heard.append(heard)
                if answer is None:
                    return
                send_parcel(channel, answer)
            assert receive_parcel(channel) is None


@pytest.fixture
def told(tmp_path) -> Iterator[ToldLink]:
    link = ToldLink(FlowerHome(python=Path(sys.executable), folder=tmp_path, mark="none"), [])
    yield link
    for thread in link.threads:
        if link.answers:
            thread.join(timeout=10)
            assert not thread.is_alive()


PAIR = Proposal(study=STUDY, partners={"a": "key a", "b": "key b"})
MET = Parcel(head={"present": ["a"]})


def round_of(verdicts: Mapping[str, list[str]], **bodies: bytes) -> Parcel:
    return Parcel(head={"verdicts": verdicts}, bodies=bodies)


def test_what_comes_back_reaches_the_coordinator_in_its_words(told):
    told.answers = [
        MET,
        round_of(
            {"a": ["answered", ""], "b": ["absent", "site b is away"]},
            a=SiteMessage(kind="vector", arrays={"vector": np.ones(3)}).to_bytes(),
        ),
        round_of({"a": ["answered", ""], "b": ["refused", "no"]}, a=b"damaged"),
    ]
    mean = Mean(tuple("ab"), 2)
    assert run_federation(told, mean, PAIR, LIMITS) == ("b",)
    assert mean.kinds() == [{"a": "vector", "b": "absent"}, {"a": "failed", "b": "refused"}]
    assert mean.heard[0]["b"].facts["reason"] == "site b is away"
    assert "cut off" in mean.reason("a")
    meet, first, second = told.heard
    assert meet.head == {"do": "meet", "partners": PAIR.partners, "seconds": 60.0}
    assert (first.head["sequence"], second.head["sequence"]) == (1, 2)
    assert (first.head["study"], first.head["partners"]) == (STUDY, fingerprint(PAIR.partners))
    asked = SiteMessage.from_bytes(second.bodies["b"])
    np.testing.assert_array_equal(asked.arrays["vector"], np.ones(3))


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ([Parcel(head={"present": []})], "none of the 2 sites came within 60 s"),
        ([MET, None], "ended before the federation did"),
        ([None], "ended before the federation did"),
        ([], "did not start its server app within 0.2 s: run 7 is pending"),
    ],
)
def test_a_flower_that_breaks_down_is_told_in_one_sentence(told, monkeypatch, answers, sentence):
    told.answers = answers
    monkeypatch.setattr(flower_sites, "_SERVER_SECONDS", 5.0 if answers else 0.2)
    with pytest.raises(InputError, match=sentence):
        run_federation(told, Mean(tuple("ab"), 2), PAIR, LIMITS)


def test_every_site_is_registered_before_its_node_starts_and_agrees_with_all(told, monkeypatch):
    told.answers = [Parcel(head={"present": ["a", "b"]})]
    started = []

    def add(link, policy, key):
        assert link.registered[policy.name] == public_half(key)
        started.append(policy)

    monkeypatch.setattr(flower_sites, "open_link", lambda: contextlib.nullcontext(told))
    monkeypatch.setattr(flower_sites, "add_site", add)
    setups = [SiteSetup(name=n, handler="toy:open", settings={"name": n}) for n in "ab"]
    assert run_on_flower(Mean(tuple("ab"), 0), setups, STUDY) == ()
    assert [(p.name, p.handler, p.settings) for p in started] == [
        ("a", "toy:open", {"name": "a"}),
        ("b", "toy:open", {"name": "b"}),
    ]
    for policy in started:
        assert policy.partners == told.registered == told.heard[0].head["partners"]
        assert (policy.studies, policy.apps) == ((STUDY,), (told.app,))


def test_a_meeting_needs_a_place_that_a_socket_can_have(told):
    deep = dataclasses.replace(told.home, folder=told.home.folder / ("x" * 100))
    with pytest.raises(InputError, match="is too long a path for a socket; set TMPDIR"):
        run_federation(dataclasses.replace(told, home=deep), Mean(("a",), 1), PAIR, LIMITS)


def test_sites_have_names_that_can_be_files_and_keys_of_their_own(told):
    twins = Proposal(study=STUDY, partners={"a": "key\n", "b": "key"})
    with pytest.raises(InputError, match="the same public key"):
        run_federation(told, Mean(tuple("ab"), 1), twins, LIMITS)
    for name in ("", "../a", "a b", "-a", "x" * 41):
        with pytest.raises(InputError, match="cannot be the name of a site"):
            add_site(told, NodePolicy(name=name, handler="a:b"), Path("key"))
