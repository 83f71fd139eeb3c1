"""Federations over real Flower nodes on the loopback: keys, refusals, deaths, and a clean end."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from mindveil.engine.flower_certificates import write_node_key
from mindveil.engine.flower_link import Link, open_link
from mindveil.engine.flower_policy import SitePolicy, read_policy, write_policy
from mindveil.engine.flower_processes import flower_python, marked
from mindveil.engine.flower_sites import Agreement, Limits, add_site, run_federation
from mindveil.engine.site_messages import SiteMessage, exchange
from mindveil.errors import InputError

pytestmark = pytest.mark.slow

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
    def agreement(self) -> Agreement:
        return Agreement(study=STUDY, partners=self.partners)

    def policy_file(self, name: str) -> Path:
        return self.link.home.folder / "sites" / name / "policy.json"


def toy_policy(link: Link, name: str, partners: Mapping[str, str]) -> SitePolicy:
    return SitePolicy(
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


def test_three_rounds_over_nodes_equal_three_rounds_in_one_process(scene):
    import toy_sites  # noqa: PLC0415 - written by the fixture

    deployed, simulated = Mean(tuple("abc"), 3), Mean(tuple("abc"), 3)
    assert run_federation(scene.link, deployed, scene.agreement, LIMITS) == ()
    sites = {n: toy_sites.open_site({"name": n, "shift": float(ord(n))}) for n in "abc"}
    exchange(simulated, sites)
    np.testing.assert_allclose(deployed.vector, simulated.vector, rtol=0, atol=1e-12)
    assert deployed.kinds() == simulated.kinds() == [dict.fromkeys("abc", "vector")] * 3
    assert [heard["a"].facts["seen"] for heard in deployed.heard] == [1, 2, 3]


def test_a_site_that_refuses_or_breaks_costs_itself_only(scene):
    mean = Mean(tuple("abc"), 1, facts={"a": "refuse", "b": "break"})
    run_federation(scene.link, mean, scene.agreement, LIMITS)
    assert mean.kinds() == [{"a": "refused", "b": "failed", "c": "vector"}]
    assert mean.reason("a") == "3 people are fewer than the 5 that this site asks for"
    assert mean.reason("b").startswith("ValueError in toy_sites.py:")
    assert "Anna" not in mean.reason("b")


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


def test_a_node_that_is_not_on_the_list_is_never_spoken_to(scene):
    """The coordinator's list leaves out c: it is not asked, and a and b refuse the short list."""
    short = {name: scene.partners[name] for name in "ab"}
    mean = Mean(tuple("abc"), 1)
    run_federation(scene.link, mean, Agreement(study=STUDY, partners=short), LIMITS)
    assert mean.kinds() == [{"a": "refused", "b": "refused", "c": "absent"}]
    assert "no node here under the key on the list" in mean.reason("c")


def test_an_unregistered_node_does_not_come_in(scene):
    key = scene.link.home.folder / "keys" / "x"
    partners = {**scene.partners, "x": write_node_key(key)}
    add_site(scene.link, toy_policy(scene.link, "x", partners), key)
    mean = Mean(("x",), 1)
    quick = Limits(start_seconds=8.0, round_seconds=8.0)
    assert run_federation(scene.link, mean, Agreement(study=STUDY, partners=partners), quick) == (
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


def test_a_killed_node_does_not_end_the_run_and_nothing_is_left(toy_path):
    with open_link() as link:
        scene = populate(link, "ab")
        mean = Killing(tuple("ab"), 3, victim=link.nodes["a"].process)
        limits = Limits(start_seconds=60.0, round_seconds=20.0)
        assert run_federation(link, mean, scene.agreement, limits) == ()
        mark, folder = link.home.mark, link.home.folder
        ports = {int(link.address.rpartition(":")[2]), *listening(marked(mark))}
        assert len(ports) >= 2
    assert mean.kinds() == [
        {"a": "vector", "b": "vector"},
        {"a": "absent", "b": "vector"},
        {"a": "absent", "b": "vector"},
    ]
    assert "did not answer within 20 s" in mean.reason("a")
    assert not marked(mark)
    assert not folder.exists()
    for port in ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


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
    until = time.monotonic() + 10
    while marked(mark) and time.monotonic() < until:
        time.sleep(0.1)
    assert not marked(mark)
    assert Path(folder).name.startswith("mindveil-flower-")


def listening(processes: list[int]) -> set[int]:
    """Return the loopback ports on which processes listen (state 0A of /proc/net/tcp)."""
    sockets = set()
    for process in processes:
        try:
            links = [p.readlink() for p in Path(f"/proc/{process}/fd").iterdir()]
        except OSError:
            continue
        sockets |= {str(link) for link in links}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {
        int(row[1].rpartition(":")[2], 16)
        for row in rows
        if row[3] == "0A" and f"socket:[{row[9]}]" in sockets
    }
