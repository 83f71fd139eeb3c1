"""The verbs of a federation: what they check, what they print, and two hospitals that really meet."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.federation.hospitals import Hospitals, federation, hospitals
from tests.run.studies import command

from mindveil.engine.flower_certificates import write_node_key, write_server_identity
from mindveil.engine.flower_processes import flower_python
from mindveil.errors import InputError
from mindveil.federation import deployment
from mindveil.federation.agreement import Agreement, study_hash
from mindveil.federation.deployment import Post, Venture
from mindveil.federation.partners import load_partners, one_line
from mindveil.federation.signatures import signer_of
from mindveil.study_file import load_study
from mindveil.train.model_file import load_detector

STUDY = """\
study  = "wards"
corpus = "there-is-none"
out    = "run"

[[release]]
name  = "sites"
steps = [{ use = "train/federated", target = "phq9>=10", clients = 2, rounds = 2 }]

[[release]]
name  = "promised"
steps = [{ use = "train/federated", target = "phq9>=10", clients = 2, method = "moments", epsilon = 3.0, people = 70 }]

[[release]]
name  = "k3"
steps = [{ use = "scales/anonymise", level = 2, k = 3 }]

[policy]
max_epsilon = 4.0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Two hospitals with keys and policies, the list of both, and a study without a corpus."""

    wards: Hospitals
    agreement: Agreement

    @property
    def folder(self) -> Path:
        """Where everything lies."""
        return self.wards.folder

    def words(self, name: str = "north", **changed: object) -> list[str]:
        """Return what is typed at a site."""
        at = {
            "federation": self.folder / "federation.toml",
            "key": self.folder / f"{name}.key",
            "authority": self.folder / "authority.pem",
            "address": "127.0.0.1:9",
            **changed,
        }
        options = [str(word) for k, v in at.items() for word in (f"--{k}", v) if v is not None]
        return ["site", str(self.folder / f"{name}.toml"), *options]

    def federate(self, release: str, *more: object) -> list[str]:
        """Return what is typed at the coordinator."""
        listed = ["--federation", str(self.folder / "federation.toml")]
        return ["federate", str(self.folder / "study.toml"), release, *map(str, more), *listed]


def region_in(folder: Path, release: str = "sites") -> Region:
    wards = hospitals(folder, 2)
    public = {name: one_line(write_node_key(folder / f"{name}.key")) for name in wards.names}
    lines = [f'{name} = "{key}"\n' for name, key in public.items()]
    (folder / "federation.toml").write_text("[sites]\n" + "".join(lines), encoding="utf-8")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    write_server_identity(folder)
    agreement = Agreement.of(load_study(folder / "study.toml"), release, sorted(wards.names))
    for name in wards.names:
        wards.policy(name, agreement)
    return Region(wards=wards, agreement=agreement)


@pytest.fixture
def region(tmp_path: Path) -> Region:
    return region_in(tmp_path)


def test_a_new_key_says_what_the_others_need_and_nothing_else(cli, region, tmp_path):
    own = region.folder / "south.toml"
    said = cli("site", own, "--new-key", tmp_path / "fresh.key", "--json")
    assert said.code == 0
    told = json.loads(said.out)
    assert told["site"] == "south"
    assert told["signer"] == signer_of(region.wards.state("south").signing_key())
    assert (tmp_path / "fresh.key").stat().st_mode & 0o777 == 0o600
    listed = region.folder / "federation.toml"
    text = listed.read_text().replace(listed.read_text().split('"')[-2], told["public_key"])
    listed.write_text(text)
    assert one_line(load_partners(listed)["south"]) == told["public_key"]
    again = cli("site", own, "--new-key", tmp_path / "fresh.key")
    assert again.code == 2
    assert "has a key already" in again.err
    words = cli("site", own, "--new-key", tmp_path / "other.key").out
    assert f'south = "{told["signer"]}"' in words
    assert "PRIVATE" not in words


FAULTS = {
    "no option": ({"key": None}, "--federation, --key, --authority and --address"),
    "no port": ({"address": "hospital.example"}, "is no address; give HOST:PORT"),
    "no list": ({"federation": "nowhere.toml"}, "nowhere.toml does not exist"),
    "no certificate": ({"authority": "nowhere.pem"}, "it is the certificate by which"),
    "another file": ({"authority": "study.toml"}, "is no certificate"),
    "another's key": ({"key": "south.key"}, "is not the key that the list"),
    "no key": ({"key": "nowhere.key"}, "there is no node key here"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_site_says_what_is_in_its_way(cli, region, monkeypatch, fault):
    monkeypatch.chdir(region.folder)
    changed, sentence = FAULTS[fault]
    said = cli(*region.words(**changed))
    assert said.code == 2
    assert sentence in said.err


POLICIES = {
    "another site": ({"site": "moon"}, 2, "site moon is not on the list of the federation"),
    "other sites": ({"sites": ["north", "east"]}, 2, "agrees to the sites north, east, and the"),
    "other coordinator": ({"coordinator": ["0" * 64]}, 4, "does not answer the coordinator"),
    "no corpus": ({"corpus": "no-corpus"}, 2, "no-corpus"),
    "unknown key": ({"corpse": "x"}, 2, "unknown key 'corpse'"),
}


@pytest.mark.parametrize("fault", POLICIES)
def test_a_policy_that_does_not_fit_is_said_before_a_node_starts(cli, region, monkeypatch, fault):
    lines, code, sentence = POLICIES[fault]
    region.wards.policy("north", region.agreement, **lines)
    monkeypatch.setattr(deployment, "flower_python", lambda: Path("python"))
    monkeypatch.setattr(deployment, "flower_home", not_to_be_reached)
    said = cli(*region.words())
    assert (said.code, sentence in said.err) == (code, True), said.err


def not_to_be_reached() -> None:
    raise AssertionError


def test_a_key_that_others_can_read_and_a_missing_flower_are_said(cli, region, monkeypatch):
    monkeypatch.setenv("MINDVEIL_FLOWER_PYTHON", str(region.folder / "nowhere"))
    assert "there is no Flower here" in cli(*region.words()).err
    (region.folder / "north.key").chmod(0o644)
    said = cli(*region.words())
    assert "readable by its owner only" in said.err
    assert said.code == 2


@contextlib.contextmanager
def node_that(ends: object) -> Iterator[SimpleNamespace]:
    def wait() -> int:
        if isinstance(ends, BaseException):
            raise ends
        return 1

    yield SimpleNamespace(name="site north", process=SimpleNamespace(wait=wait, poll=lambda: 1))


ENDS = {
    "interrupted": (KeyboardInterrupt(), 130, "the same command goes on"),
    "by itself": (None, 2, "the node of site north ended with code 1: its key is not registered"),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_site_ends_when_it_is_told_to_or_says_why(cli, region, monkeypatch, end):
    ends, code, sentence = ENDS[end]
    posts: list[Post] = []

    def node(post: Post) -> contextlib.AbstractContextManager[SimpleNamespace]:
        posts.append(post)
        return node_that(ends)

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(deployment, "site_node", node)
    said = cli(*region.words())
    signal.signal(signal.SIGTERM, before)
    assert said.code == code
    assert sentence in said.err
    assert "site north answers 127.0.0.1:9 for 1 study" in said.err
    assert posts[0].partners == load_partners(region.folder / "federation.toml")


def test_hash_says_what_sites_agree_to_and_needs_no_corpus(cli, region, monkeypatch):
    monkeypatch.setenv("MINDVEIL_FLOWER_PYTHON", str(region.folder / "nowhere"))
    study = load_study(region.folder / "study.toml")
    told = json.loads(cli(*region.federate("promised"), "--hash", "--json").out)
    assert told["study"] == study_hash(study, "promised", ["north", "south"])
    assert told["epsilon"] == 3.0
    assert told["app"] == ""
    said = cli(*region.federate("sites"), "--hash").out
    assert f'studies = ["{region.agreement.hash}"]\nsites = ["north", "south"]' in said
    assert "nothing is promised" in said
    assert not (region.folder / "run").exists()


def test_the_order_of_the_list_is_not_part_of_the_agreement(cli, region):
    listed = region.folder / "federation.toml"
    one = json.loads(cli(*region.federate("sites"), "--hash", "--json").out)
    head, *lines = listed.read_text().splitlines()
    listed.write_text("\n".join([head, *reversed(lines)]))
    other = json.loads(cli(*region.federate("sites"), "--hash", "--json").out)
    assert one == other


def test_what_cannot_be_federated_is_refused_before_anything_starts(cli, region, monkeypatch):
    monkeypatch.setattr(Venture, "lead", not_to_be_reached)
    out = region.folder / "detector"
    assert "does not end in train/federated" in cli(*region.federate("k3", out)).err
    assert "no release 'nothing'" in cli(*region.federate("nothing", out)).err
    assert "name the detector folder" in cli(*region.federate("sites")).err
    out.mkdir()
    assert "exists already" in cli(*region.federate("sites", out)).err
    study = region.folder / "study.toml"
    study.write_text(STUDY.replace("clients = 2", "clients = 3"))
    assert "set clients = 2" in cli(*region.federate("sites", "--hash")).err
    study.write_text(STUDY.replace("max_epsilon = 4.0", "max_epsilon = 2.0"))
    said = cli(*region.federate("promised", region.folder / "other"))
    assert said.code == 4
    assert "[policy] max_epsilon is 2" in said.err


def test_a_detector_is_written_with_its_record_and_its_card(cli, tmp_path, monkeypatch):
    region = region_in(tmp_path, "promised")
    sites = region.wards.sites(region.agreement, outputs=["updates", "estimates"], held_out=0.3)
    outcome = federation(region.agreement, sites, estimates=True)
    asked: list[Venture] = []

    def lead(self, authority, tell):
        asked.append(self)
        tell("127.0.0.1:4")
        return outcome, ()

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(Venture, "lead", lead)
    out = tmp_path / "out" / "detector"
    said = cli(*region.federate("promised", out, "--estimates", "--round-seconds", 7), "--json")
    signal.signal(signal.SIGTERM, before)
    assert said.code == 0, said.err
    assert json.loads(said.out)["lost"] == {}
    assert "detector.authority.pem" in said.err
    assert (asked[0].limits.round_seconds, asked[0].estimates) == (7.0, True)
    made = load_detector(out)
    assert made.guarantee == outcome.detector.guarantee
    assert made.guarantee.epsilon == 3.0
    record = json.loads((tmp_path / "out" / "detector.federation.json").read_text())
    assert record["record"]["study"] == region.agreement.hash
    assert {*record["estimates"]} == {"north", "south"}
    card = json.loads((tmp_path / "out" / "detector.dp-card.json").read_text())
    assert card["guarantee"]["epsilon"] == 3.0
    assert card["spent"] is None
    assert "Each site keeps a ledger of its own" in str(card["words"])


def test_without_a_promise_there_is_no_card_and_who_was_lost_is_said(cli, region, monkeypatch):
    outcome = federation(region.agreement, region.wards.sites(region.agreement))
    record = {**outcome.record, "lost": {"south": "absent: gone"}}
    lost = replace(outcome, record=record)
    monkeypatch.setattr(Venture, "lead", lambda *_: (lost, ("south",)))
    before = signal.getsignal(signal.SIGTERM)
    said = cli(*region.federate("sites", region.folder / "detector"))
    signal.signal(signal.SIGTERM, before)
    assert "south: absent: gone" in said.out
    assert "taught by 1 of 2 sites to the end" in said.out
    assert not (region.folder / "detector.dp-card.json").exists()
    told = json.loads((region.folder / "detector.federation.json").read_text())
    assert told["never_came"] == ["south"]


def test_an_interrupted_federation_says_what_was_paid_and_writes_nothing(cli, region, monkeypatch):
    def lead(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Venture, "lead", lead)
    before = signal.getsignal(signal.SIGTERM)
    said = cli(*region.federate("sites", region.folder / "detector"))
    signal.signal(signal.SIGTERM, before)
    assert said.code == 130
    assert "give it another seed" in said.err
    assert not list(region.folder.glob("detector*"))


def processes_of(folder: Path) -> list[int]:
    """Return the processes that carry a folder in their environment or their command."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            told = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            if entry.name.isdigit() and str(folder).encode() in told:
                found.append(int(entry.name))
    return found


@pytest.fixture
def corner() -> Iterator[Path]:
    """Return a place for temporaries whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="mv-") as folder:
        yield Path(folder)


@pytest.mark.slow
def test_two_hospitals_meet_over_tls_and_leave_nothing_running(tmp_path, corner):
    try:
        flower_python()
    except InputError as fault:
        pytest.skip(str(fault))
    folder = tmp_path / "region"
    folder.mkdir()
    region = region_in(folder, "promised")
    signers = {n: signer_of(region.wards.state(n).signing_key()) for n in region.wards.names}
    for name in region.wards.names:
        region.wards.policy(name, region.agreement, partners=signers, secure_only=True)
    env = {**os.environ, "TMPDIR": str(corner)}
    words = region.federate("promised", folder / "detector", "--json", "--start-seconds", "120")
    lead = subprocess.Popen(
        command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    )
    with lead, contextlib.ExitStack() as ending:
        ending.callback(lead.kill)
        address = lead.stderr.readline().split()[4].strip(",")
        nodes = []
        for name in region.wards.names:
            at = {"address": address, "authority": folder / "detector.authority.pem"}
            node = subprocess.Popen(
                command(*region.words(name, **at)), stderr=subprocess.PIPE, text=True, env=env
            )
            ending.callback(node.kill)
            nodes.append(node)
        out, err = lead.communicate(timeout=400)
        assert lead.returncode == 0, err
        for node, ends in zip(nodes, (signal.SIGINT, signal.SIGTERM), strict=True):
            node.send_signal(ends)
            _, said = node.communicate(timeout=180)
            assert node.returncode == 130, said
            assert "has ended and left nothing running" in said
    assert json.loads(out)["lost"] == {}
    assert load_detector(folder / "detector").guarantee.epsilon == 3.0
    for name in region.wards.names:
        assert (region.wards.state(name).path / "ledger.jsonl").is_file()
    until = time.monotonic() + 10
    while processes_of(corner) and time.monotonic() < until:
        time.sleep(0.2)
    assert not processes_of(corner)
    assert not list(corner.glob("mindveil-flower-*/*"))
