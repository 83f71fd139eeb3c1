"""A study whose federations real nodes teach: what is handed to whom, and nodes on the loopback."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from tests.engine.test_flower_sites import listening
from tests.federation.hospitals import Dying, Hospitals, agreed, federation, hospitals
from tests.train.clinic import clinic

from mindveil.corpus.manifest import load_corpus, save_corpus
from mindveil.dp.noise import seeded
from mindveil.engine.base import Job, Outcome
from mindveil.engine.flower_certificates import write_node_key
from mindveil.engine.flower_link import Link, open_link
from mindveil.engine.flower_policy import NodePolicy, read_policy, write_policy
from mindveil.engine.flower_processes import flower_python, marked
from mindveil.engine.flower_sites import Limits, Proposal, SiteSetup, add_site, run_federation
from mindveil.engine.site_messages import exchange
from mindveil.errors import InputError, RefusedError
from mindveil.federation import rehearsal
from mindveil.federation.agreement import Agreement
from mindveil.federation.coordinator import Coordinator
from mindveil.federation.coordinator import Outcome as Came
from mindveil.federation.rehearsal import HANDLER, FlowerPool, Rehearsal
from mindveil.federation.site_policy import load_policy
from mindveil.federation.site_session import open_site
from mindveil.harness.context import Context, context_of
from mindveil.harness.releases import load_model, make_release
from mindveil.randomness import stream
from mindveil.study_file import load_study
from mindveil.train.federated import FederatedTraining

LIMITS = Limits(start_seconds=90.0, round_seconds=60.0)
STUDY = """\
study  = "toy"
seed   = 7
corpus = "corpus"
out    = "run"

[split]
folds = 3

[[release]]
name  = "sites"
steps = [{ use = "train/federated", target = "phq9>=10", clients = 3, rounds = 3 }]

[[release]]
name  = "alone"
steps = [{ use = "train/federated", target = "phq9>=10", split = "people", secure = false, rounds = 2 }]

[[release]]
name  = "k3"
steps = [{ use = "scales/anonymise", level = 2, k = 3 }]

[execute]
where = "flower"
reproducible = true
"""


def study_in(folder: Path, text: str = STUDY) -> Context:
    """Return the context of a study of 60 people."""
    folder.mkdir(exist_ok=True)
    save_corpus(clinic(60, np.random.default_rng(5)), folder / "corpus")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return context_of(load_study(folder / "study.toml"))


def here(
    coordinator: Coordinator, setups: Sequence[SiteSetup], study: str, limits: Limits
) -> tuple[str, ...]:
    """Do what Flower does, in one process: open each site by its own policy and carry messages."""
    assert {setup.handler for setup in setups} == {HANDLER}
    for setup in setups:
        assert load_policy(Path(str(setup.settings["policy"]))).studies == (study,)
    exchange(coordinator, {setup.name: open_site(setup.settings) for setup in setups})
    return ()


def weights(tensors: Mapping[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([tensors[name].ravel() for name in sorted(tensors)])


@pytest.mark.parametrize("split", ["even", "uneven", "by-score"])
def test_people_are_divided_as_a_simulation_divides_them(tmp_path: Path, split: str) -> None:
    people = clinic(80, np.random.default_rng(5))
    training = FederatedTraining(target="phq9>=10", clients=4, split=split, dropout=0.25)  # type: ignore[arg-type]
    made = Rehearsal.of(training, people, tmp_path, stream(3, "training"))
    lessons = training.lessons(people)
    client = training.recipe().division.of(lessons, stream(3, "training"))
    for number, (name, folder) in enumerate(made.corpora.items()):
        assert name == f"site-{number + 1}"
        mine = np.asarray(lessons.ids)[client == number]
        assert sorted(load_corpus(folder).ids) == sorted(mine)
    assert (made.training.split, made.training.dropout, made.training.site) == ("even", 0.0, "")
    assert made.training.rounds == training.rounds


@pytest.mark.parametrize(
    "settings",
    [
        {"secure": False},
        {"secure": True},
        {"secure": False, "hidden": 3, "split": "by-score"},
        {"secure": True, "method": "moments", "split": "uneven"},
    ],
    ids=str,
)
def test_what_a_rehearsal_learns_is_what_a_simulation_learns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, object]
) -> None:
    context = study_in(tmp_path / "study")
    people = context.corpus
    training = FederatedTraining(
        **{"target": "phq9>=10", "clients": 3, "rounds": 3, **settings}  # type: ignore[arg-type]
    )
    simulated = training.train(people, seeded(stream(1, "noise")), stream(3, "training"))
    monkeypatch.setattr(rehearsal, "run_on_flower", here)
    rng = stream(3, "training")
    deployed = Rehearsal.of(training, people, tmp_path / "sites", rng).run(rng, LIMITS, context)
    np.testing.assert_allclose(
        weights(deployed.head.tensors()), weights(simulated.head.tensors()), rtol=0, atol=1e-6
    )


def test_each_site_of_a_rehearsal_agrees_to_this_study_and_to_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = study_in(tmp_path / "study")
    seen: list[SiteSetup] = []

    def run(
        coordinator: Coordinator, setups: Sequence[SiteSetup], study: str, limits: Limits
    ) -> tuple[str, ...]:
        seen.extend(setups)
        return here(coordinator, setups, study, limits)

    monkeypatch.setattr(rehearsal, "run_on_flower", run)
    training = FederatedTraining(
        target="phq9>=10", clients=3, rounds=2, epsilon=3.0, delta=1e-6, people=60
    )
    rng = stream(3, "training")
    made = Rehearsal.of(training, context.corpus, tmp_path / "sites", rng)
    assert made.run(rng, LIMITS, context).guarantee is not None
    for setup in seen:
        policy = load_policy(Path(str(setup.settings["policy"])))
        assert policy.site == setup.name
        assert policy.sites == tuple(made.corpora)
        assert (policy.secure_only, policy.seeded_noise, policy.held_out) == (True, True, 0.0)
        assert policy.max_delta == 1e-6
        assert (policy.state / "ledger.jsonl").is_file()
        assert policy.outputs == ("updates",)


@dataclass(slots=True)
class Pool:
    """A pool that notes what it was given, and says that all is done."""

    given: list[str] = field(default_factory=list)

    def run(self, jobs: Sequence[Job], done: Callable[[Outcome], None]) -> None:
        self.given += [job.key for job in jobs]
        for job in jobs:
            done(Outcome(job=job, result={}))


def jobs_of(*names: str) -> list[Job]:
    """Return for each release the job that makes it, and a cell that waits for it."""
    made = [Job(key=n, title=n, payload={"do": "release", "name": n}) for n in names]
    cells = [Job(key=f"{n}-cell", title=n, payload={"do": "cell"}, after=(n,)) for n in names]
    return [*made, *cells]


def test_federations_are_taught_and_all_else_is_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, pool = study_in(tmp_path / "study"), Pool()
    ran: list[str] = []

    def run(
        coordinator: Coordinator, setups: Sequence[SiteSetup], study: str, limits: Limits
    ) -> tuple[str, ...]:
        ran.append(study)
        return here(coordinator, setups, study, limits)

    monkeypatch.setattr(rehearsal, "run_on_flower", run)
    ended: dict[str, Outcome] = {}
    FlowerPool(context=context, pool=pool, limits=LIMITS).run(
        jobs_of("sites", "alone", "k3"), lambda o: ended.update({o.job.key: o})
    )
    assert pool.given == ["k3", "sites-cell", "alone-cell", "k3-cell"]
    assert all(outcome.result is not None for outcome in ended.values())
    assert len(ended) == 6
    assert len(ran) == len(context.folds)  # people who are clients of their own meet nowhere
    other = study_in(tmp_path / "again")
    make_release(other, "sites")
    for fold in context.folds:
        one, two = (load_model(c, "sites", fold).model for c in (context, other))
        np.testing.assert_allclose(
            weights(one.head.tensors()), weights(two.head.tensors()), rtol=0, atol=1e-6
        )
    assert not list(context.folder.sealed.glob(".mv-*"))


def test_what_waits_for_a_federation_that_failed_fails_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, pool = study_in(tmp_path / "study"), Pool()

    def run(*_: object) -> tuple[str, ...]:
        raise RefusedError("1 of 3 sites are left and 2 are needed")

    monkeypatch.setattr(rehearsal, "run_on_flower", run)
    later = Job(key="later", title="later", payload={"do": "cell"}, after=("sites-cell",))
    ended: dict[str, Outcome] = {}
    FlowerPool(context=context, pool=pool).run(
        [*jobs_of("sites", "k3"), later], lambda o: ended.update({o.job.key: o})
    )
    assert pool.given == ["k3", "k3-cell"]
    assert ended["sites"].fault == "1 of 3 sites are left and 2 are needed"
    for key in ("sites-cell", "later"):
        assert ended[key].result is None
        assert ended[key].fault == "what it depends on could not be made"
    assert not (context.folder.releases / "sites").exists()


@pytest.fixture(scope="module")
def flower() -> Path:
    try:
        return flower_python()
    except InputError as fault:
        pytest.skip(str(fault))


@pytest.fixture
def corner() -> Iterator[Path]:
    """Return a place for temporaries whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="mv-") as folder:
        yield Path(folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ward:
    """Hospitals behind nodes that are up; policies are read anew with each message."""

    link: Link
    wards: Hospitals
    partners: Mapping[str, str]

    def agree(self, agreement: Agreement, **lines: Mapping[str, object]) -> None:
        """Have all sites agree, but for the lines of those that are named."""
        for name in self.wards.names:
            self.wards.policy(name, agreement, **lines.get(name, {}))
            path = self.link.home.folder / "sites" / name / "policy.json"
            write_policy(path, dataclasses.replace(read_policy(path), studies=(agreement.hash,)))

    def run(self, coordinator: Coordinator, limits: Limits = LIMITS) -> Came:
        """Return what the sites come to over Flower."""
        proposal = Proposal(study=coordinator.agreement.hash, partners=self.partners)
        assert run_federation(self.link, coordinator, proposal, limits) == ()
        return coordinator.outcome


def ward(link: Link, folder: Path) -> Ward:
    """Start three hospitals beside a link."""
    wards = hospitals(folder, 3)
    keys = link.home.folder / "keys"
    partners = {name: write_node_key(keys / name) for name in wards.names}
    for name, key in partners.items():
        link.register(name, key)
        policy = NodePolicy(
            name=name,
            handler=HANDLER,
            settings={"policy": str(folder / f"{name}.toml")},
            apps=(link.app,),
            studies=("0" * 64,),
            partners=partners,
        )
        add_site(link, policy, keys / name)
    return Ward(link=link, wards=wards, partners=partners)


@pytest.fixture(scope="module")
def three_nodes(flower: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    with open_link() as link:
        yield ward(link, tmp_path_factory.mktemp("nodes"))


def coordinator_of(agreement: Agreement, *, estimates: bool = False) -> Coordinator:
    return Coordinator(agreement=agreement, rng=stream(3, "coordinator"), estimates=estimates)


def simulated(wards: Hospitals, agreement: Agreement) -> np.ndarray:
    """Return the numbers of the head that a simulation of the same sites learns."""
    training, rng = agreement.training, stream(3, "coordinator")
    taught = training.recipe().fit(wards.lessons(training), seeded(stream(1, "noise")), rng)
    return weights(taught.head.tensors())


def alive_in(folder: Path) -> list[int]:
    """Return the processes whose environment names a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and str(folder).encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found


@pytest.mark.slow
def test_three_rounds_over_nodes_teach_what_a_simulation_teaches(
    flower: Path, tmp_path: Path, corner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(corner))  # all that runs has its home there
    context = study_in(tmp_path / "study")
    training = FederatedTraining(target="phq9>=10", clients=3, rounds=3, secure=False)
    expected = training.train(context.corpus, seeded(stream(1, "noise")), stream(3, "training"))
    rng = stream(3, "training")
    made = Rehearsal.of(training, context.corpus, tmp_path / "sites", rng)
    found = made.run(rng, LIMITS, context)
    np.testing.assert_allclose(
        weights(found.head.tensors()), weights(expected.head.tensors()), rtol=0, atol=1e-6
    )
    assert not alive_in(corner)
    assert not list(corner.glob("mindveil-flower-*/*"))


@pytest.mark.slow
def test_under_masks_nodes_teach_what_a_simulation_teaches(three_nodes: Ward) -> None:
    agreement = agreed(three_nodes.wards.names, secure=True, method="moments")
    three_nodes.agree(agreement)
    came = three_nodes.run(coordinator_of(agreement))
    np.testing.assert_allclose(
        weights(came.detector.head.tensors()),
        simulated(three_nodes.wards, agreement),
        rtol=0,
        atol=1e-6,
    )
    assert came.record["lost"] == {}


@pytest.mark.slow
def test_a_study_to_which_no_site_agreed_ends_with_each_site_s_own_sentence(
    three_nodes: Ward,
) -> None:
    agreement = agreed(three_nodes.wards.names)
    three_nodes.agree(
        agreement,
        north={"studies": ["6" * 64]},
        south={"sites": ["south", "moon"]},
        west={"min_people": 40},
    )
    with pytest.raises(RefusedError, match="0 of 3 sites are left and 1 are needed") as why:
        three_nodes.run(coordinator_of(agreement))
    for sentence in (
        f"site north has not agreed to study {agreement.hash[:16]}",
        "site south agreed to other partners than this study has",
        "site west has fewer than 40 people for this study, and takes no part",
    ):
        assert sentence in str(why.value)
    assert not (three_nodes.wards.state("west").path / "ledger.jsonl").exists()


@pytest.mark.slow
def test_others_go_on_without_a_site_that_is_too_small_and_small_numbers_stay(
    three_nodes: Ward,
) -> None:
    agreement = agreed(three_nodes.wards.names, method="moments")
    told = {"outputs": ["updates", "estimates"], "held_out": 0.4, "min_people": 1}
    three_nodes.agree(
        agreement,
        north={**told, "min_count": 5},
        south={**told, "min_count": 30},
        west={**told, "min_people": 100},
    )
    came = three_nodes.run(coordinator_of(agreement, estimates=True))
    lost = came.record["lost"]
    assert isinstance(lost, dict)
    assert set(lost) == {"west"}
    assert "site west has fewer than 100 people" in str(lost["west"])
    assert [line["answered"] for line in rounds_of(came)] == [["north", "south"]]
    assert {e.metric for e in came.estimates["north"]} >= {"auroc", "accuracy"}
    assert came.estimates["south"] == ()
    assert "says nothing about fewer than 30 people of a group" in came.refused["south"][0]


def rounds_of(came: Came) -> list[dict[str, object]]:
    rounds = came.record["rounds"]
    assert isinstance(rounds, list)
    return rounds  # type: ignore[return-value]


@dataclass(slots=True, kw_only=True)
class Killing:
    """A coordinator beside whom a node is killed, ahead of a message of one kind."""

    coordinator: Coordinator
    kind: str
    victim: subprocess.Popen[bytes]
    site: str

    def next_requests(self, replies):
        requests = self.coordinator.next_requests(replies)
        if requests and self.kind in {message.kind for message in requests.values()}:
            os.kill(self.victim.pid, signal.SIGKILL)
        return requests


@pytest.mark.slow
def test_masks_come_off_without_a_node_that_was_killed_and_nothing_is_left(
    flower: Path, tmp_path: Path
) -> None:
    """It dealt its shares and died: two of three are enough to take its masks off the sum."""
    with open_link() as link:
        there = ward(link, tmp_path)
        agreement = agreed(there.wards.names, secure=True, method="moments", threshold=2)
        there.agree(agreement)
        coordinator = coordinator_of(agreement)
        killing = Killing(
            coordinator=coordinator,
            kind="masked",
            victim=link.nodes["west"].process,
            site="west",
        )
        proposal = Proposal(study=agreement.hash, partners=there.partners)
        limits = Limits(start_seconds=90.0, round_seconds=45.0)
        run_federation(link, killing, proposal, limits)
        mark = link.home.mark
        ports = listening(marked(mark))
    came = coordinator.outcome
    assert [line["answered"] for line in rounds_of(came)] == [["north", "south"]]
    assert "did not answer within 45 s" in str(came.record["lost"])
    other = tmp_path / "other"
    other.mkdir()
    again = hospitals(other, 3)
    sites: dict[str, object] = dict(again.sites(agreement))
    sites["west"] = Dying(site=again.sites(agreement)["west"], kind="masked")
    np.testing.assert_allclose(
        weights(came.detector.head.tensors()),
        weights(federation(agreement, sites).detector.head.tensors()),
        rtol=0,
        atol=1e-6,
    )
    until = time.monotonic() + 10
    while marked(mark) and time.monotonic() < until:
        time.sleep(0.1)
    assert not marked(mark)
    assert ports
    for port in ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
