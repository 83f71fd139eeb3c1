from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from tests.federation.hospitals import (
    Dying,
    Hospitals,
    agreed,
    federation,
    hospitals,
)

from mindveil.corpus.manifest import save_corpus
from mindveil.dp.noise import seeded
from mindveil.engine.site_messages import Answer, SiteMessage, excuse
from mindveil.errors import InputError, RefusedError
from mindveil.federation.agreement import Agreement
from mindveil.federation.attendance import Messages
from mindveil.federation.coordinator import Coordinator, led
from mindveil.federation.site_session import SiteSession
from mindveil.randomness import stream
from mindveil.train.federation_course import course, followed
from mindveil.train.simulated_sites import Seen
from mindveil.train.site_answers import Request, SiteData, plain_answers


def simulated(wards: Hospitals, agreement: Agreement) -> Mapping[str, np.ndarray]:
    """Return the head that a simulation of the same sites learns."""
    training = agreement.training
    rng = stream(3, "coordinator")
    taught = training.recipe().fit(wards.lessons(training), seeded(stream(1, "noise")), rng)
    return taught.head.tensors()


@pytest.mark.parametrize(
    "settings",
    [
        {"secure": False},
        {"secure": True},
        {"secure": False, "method": "fedadam"},
        {"secure": True, "method": "fedprox", "batch": 7},
        {"secure": False, "method": "moments"},
        {"secure": True, "method": "moments"},
        {"secure": False, "combine": "median"},
        {"secure": False, "hidden": 4},
        {"secure": True, "hidden": 4},
        {"secure": False, "participation": 0.6},
    ],
    ids=str,
)
def test_what_was_simulated_is_what_is_deployed(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    wards = hospitals(tmp_path, 3)
    agreement = agreed(wards.names, **settings)
    outcome = federation(agreement, wards.sites(agreement))
    expected = simulated(wards, agreement)
    assert outcome.detector.head.tensors().keys() == expected.keys()
    for name, tensor in outcome.detector.head.tensors().items():
        np.testing.assert_allclose(tensor, expected[name], rtol=0, atol=1e-6)


def without(wards: Hospitals, agreement: Agreement, lost: int, since: int) -> np.ndarray:
    """Return the weights of a head whom one site taught no more from some round on."""
    training = agreement.training
    recipe, lessons = training.recipe(), wards.lessons(training)
    terms = agreement.terms(lessons.rows.shape[1])
    people = SiteData.of(lessons, np.asarray(lessons.sites, np.intp), terms.clients, recipe.reach)

    def ask(request: Request) -> Seen:
        stay = [i for i in request.chosen if i != lost or request.round_number < since]
        told = plain_answers(terms, replace(request, chosen=tuple(stay)), people)
        return Seen(request=request, answered=tuple(stay), total=told.sum(axis=0))

    rng = stream(3, "coordinator")
    learnt = followed(course(terms, recipe.start(terms, rng), rng), ask)
    return recipe.taught(terms, learnt, lessons.scale, proved=True).head.tensors()["weights"]


@pytest.mark.parametrize(
    ("kind", "number", "since"),
    [
        ("hello", 0, 0),
        ("keys", 0, 0),
        ("keys", 2, 2),
        ("shares", 1, 1),
        ("masked", 1, 1),
        ("reveal", 1, 2),  # its vector is in the sum, and it tells nothing of the masks
        ("reveal", 4, 5),
    ],
)
def test_a_site_that_dies_is_in_the_sum_or_out_of_it(
    tmp_path: Path, kind: str, number: int, since: int
) -> None:
    wards = hospitals(tmp_path, 5)
    agreement = agreed(wards.names, secure=True, rounds=4)
    sites: dict[str, object] = dict(wards.sites(agreement))
    sites["west"] = Dying(site=wards.sites(agreement)["west"], kind=kind, round=number)
    outcome = federation(agreement, sites)
    expected = without(wards, agreement, wards.names.index("west"), since)
    np.testing.assert_allclose(
        outcome.detector.head.tensors()["weights"], expected, rtol=0, atol=1e-6
    )
    assert set(outcome.record["lost"]) == {"west"}
    for line in outcome.record["rounds"]:
        assert ("west" in line["answered"]) == (line["round"] < since)
        assert ("west" in line["asked"]) == (line["round"] <= number and kind != "hello")


def test_without_masks_one_site_is_enough(tmp_path: Path) -> None:
    wards = hospitals(tmp_path, 3)
    agreement = agreed(wards.names)
    sites: dict[str, object] = dict(wards.sites(agreement))
    for name, number in (("north", 0), ("west", 2)):
        sites[name] = Dying(site=sites[name], kind="update", round=number)  # type: ignore[arg-type]
    rounds = federation(agreement, sites).record["rounds"]
    assert [len(line["answered"]) for line in rounds] == [2, 2, 1, 1, 1]


@pytest.mark.parametrize("kind", ["hello", "keys", "shares", "masked", "reveal"])
def test_below_the_threshold_the_federation_is_refused(tmp_path: Path, kind: str) -> None:
    wards = hospitals(tmp_path, 3)
    agreement = agreed(wards.names, secure=True)
    sites: dict[str, object] = dict(wards.sites(agreement))
    for name in ("south", "west"):
        sites[name] = Dying(site=sites[name], kind=kind)  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match="1 of 3 sites are left and 2 are needed"):
        federation(agreement, sites)


def test_nobody_is_left(tmp_path: Path) -> None:
    agreement = agreed(("north", "south"))
    with pytest.raises(RefusedError, match="0 of 2 sites are left and 1 are needed"):
        federation(agreement, {})


def test_sites_that_read_people_otherwise_are_left_out(tmp_path: Path) -> None:
    wards = hospitals(tmp_path, 4)
    columns = wards.everybody.columns
    other = replace(wards.corpora["west"], columns={"sex": columns["sex"]})
    save_corpus(other, tmp_path / "narrow")
    agreement = agreed(wards.names)
    sites = wards.sites(agreement)
    path = wards.policy("west", agreement, corpus="narrow")
    assert path.is_file()
    sites["west"] = replace(
        sites["west"],
        policy=sites["west"].policy.model_copy(update={"corpus": tmp_path / "narrow"}),
    )
    outcome = federation(agreement, sites)
    assert outcome.record["lost"] == {"west": "reads people otherwise than most sites"}
    sites["east"] = replace(
        sites["east"],
        policy=sites["east"].policy.model_copy(update={"corpus": tmp_path / "narrow"}),
    )
    with pytest.raises(RefusedError, match="no more than half of the sites read people alike"):
        federation(agreement, sites)


@dataclass(frozen=True, slots=True)
class Lying:
    """A site that changes what it says."""

    site: SiteSession
    kind: str

    def handle(self, request: SiteMessage, memory: SiteMessage | None) -> Answer:
        answer = self.site.handle(request, memory)
        if request.kind != self.kind:
            return answer
        arrays = {name: array[:-1] for name, array in answer.reply.arrays.items()}
        facts = {
            name: said.replace('"client":0', '"client":1') if isinstance(said, str) else [said]
            for name, said in answer.reply.facts.items()
        }
        return replace(
            answer, reply=SiteMessage(kind=answer.reply.kind, facts=facts, arrays=arrays)
        )


@pytest.mark.parametrize("kind", ["hello", "keys", "shares", "masked", "reveal"])
def test_a_site_that_says_nonsense_is_left_out(tmp_path: Path, kind: str) -> None:
    wards = hospitals(tmp_path, 4)
    agreement = agreed(wards.names, secure=True, rounds=2)
    sites: dict[str, object] = dict(wards.sites(agreement))
    sites["north"] = Lying(sites["north"], kind)  # type: ignore[arg-type]
    outcome = federation(agreement, sites)
    assert set(outcome.record["lost"]) == {"north"}
    assert outcome.record["rounds"][-1]["answered"] == ["south", "west", "east"]


def test_a_transport_brings_back_what_came_in_time(tmp_path: Path) -> None:
    wards = hospitals(tmp_path, 3)
    agreement = agreed(wards.names)
    sites, memories, waited = wards.sites(agreement), {}, []

    def exchange(messages: Messages, seconds: float) -> Messages:
        waited.append(seconds)
        found = {}
        for name, message in messages.items():
            if name == "south" and len(waited) > 2:
                continue
            answer = sites[name].handle(message, memories.get(name))
            memories[name], found[name] = answer.memory, answer.reply
        return found

    seconds = itertools.count(0.0, 0.5)
    coordinator = Coordinator(
        agreement=agreement, rng=stream(3, "coordinator"), clock=lambda: next(seconds)
    )
    with pytest.raises(InputError, match="not come to its end"):
        _ = coordinator.outcome
    outcome = led(coordinator, exchange, 9.0)
    assert outcome.record["lost"] == {"south": "no answer in time"}
    assert waited == [9.0] * 6
    assert [line["seconds"] for line in outcome.record["rounds"]] == [0.5] * 5
    assert json.loads(json.dumps(outcome.record)) == outcome.record


def test_a_site_that_miscounts_its_columns_is_left_out(tmp_path: Path) -> None:
    wards = hospitals(tmp_path, 3)
    agreement = agreed(wards.names)
    sites: dict[str, object] = dict(wards.sites(agreement))
    sites["west"] = Miscounting(sites["west"])  # type: ignore[arg-type]
    lost = federation(agreement, sites).record["lost"]
    assert lost == {"west": "site west reads another number of columns than it says"}


@dataclass(frozen=True, slots=True)
class Miscounting:
    """A site that says it reads more than it does."""

    site: SiteSession

    def handle(self, request: SiteMessage, memory: SiteMessage | None) -> Answer:
        answer = self.site.handle(request, memory)
        facts = {**answer.reply.facts, "columns": 99}
        return replace(answer, reply=replace(answer.reply, facts=facts))


def test_an_answer_to_another_question_is_none() -> None:
    agreement = agreed(("north", "south"))
    coordinator = Coordinator(agreement=agreement, rng=stream(3, "coordinator"))
    asked = coordinator.next_requests({})
    assert asked is not None
    assert set(asked) == {"north", "south"}
    with pytest.raises(RefusedError, match="'told', which was not asked for"):
        coordinator.next_requests(
            {"north": SiteMessage(kind="told"), "south": excuse("absent", "killed")}
        )


def test_a_round_that_falls_short_teaches_nothing(tmp_path: Path) -> None:
    # Four of five are needed. One is gone: where it was chosen among four, the round is not held.
    wards = hospitals(tmp_path, 5)
    agreement = agreed(wards.names, secure=True, rounds=9, participation=0.1)
    sites: dict[str, object] = dict(wards.sites(agreement))
    sites["west"] = Dying(site=sites["west"], kind="hello")  # type: ignore[arg-type]
    rounds = federation(agreement, sites).record["rounds"]
    asked = [len(line["asked"]) for line in rounds]
    assert set(asked) == {3, 4}
    assert [len(line["answered"]) for line in rounds] == [4 * (n == 4) for n in asked]


def test_a_site_that_lies_costs_a_round_and_not_the_others(tmp_path: Path) -> None:
    # Its sealed shares are of no use: all others refuse to mask anything, once, and go on.
    wards = hospitals(tmp_path, 4)
    agreement = agreed(wards.names, secure=True, rounds=3)
    sites: dict[str, object] = dict(wards.sites(agreement))
    sites["north"] = Spoiling(sites["north"])  # type: ignore[arg-type]
    outcome = federation(agreement, sites)
    assert outcome.record["lost"] == {}
    answered = [len(line["answered"]) for line in outcome.record["rounds"]]
    assert answered == [0, 4, 4, 4]


@dataclass(slots=True)
class Spoiling:
    """A site that seals other shares than it says, in the first round."""

    site: SiteSession

    def handle(self, request: SiteMessage, memory: SiteMessage | None) -> Answer:
        answer = self.site.handle(request, memory)
        if request.kind != "shares" or request.facts["round"] != 0:
            return answer
        shares = [json.loads(share) for share in answer.reply.facts["sealed"]]
        swapped = [s["sealed"] for s in shares[1:] + shares[:1]]
        sealed = [
            json.dumps({**share, "sealed": words})
            for share, words in zip(shares, swapped, strict=True)
        ]
        return replace(answer, reply=replace(answer.reply, facts={"sealed": sealed}))


def test_under_a_promise_the_detector_says_what_was_promised(tmp_path: Path) -> None:
    wards = hospitals(tmp_path, 3)
    settings = {"method": "moments", "epsilon": 8.0, "people": 110}
    agreement = agreed(wards.names, **settings)
    outcome = federation(agreement, wards.sites(agreement, max_epsilon=8.0))
    promised = outcome.detector.guarantee
    assert promised is not None
    assert promised.epsilon == pytest.approx(8.0)
    # Noise that a seed repeats protects nobody: it is the same label, without "proved".
    seeds = replace(agreement, reproducible=True)
    again = federation(seeds, wards.sites(seeds, seeded_noise=True)).detector.guarantee
    assert again is not None
    assert (promised.label, again.label) == ("proved", "accounted")
