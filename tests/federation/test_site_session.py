from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.federation.hospitals import Hospitals, agreed, hospitals
from tests.federation.lines import (
    length,
    line,
    log_of,
    nothing_was_spent,
)

from mindveil.corpus.model import Session, Turn
from mindveil.dp.ledger import Ledger
from mindveil.engine.site_messages import SiteMessage
from mindveil.errors import InputError, RefusedError
from mindveil.federation.refusals import SiteRefusal
from mindveil.federation.site_session import open_site

Change = Callable[[SiteMessage], SiteMessage]


REFUSED_AT_HELLO: dict[str, tuple[dict[str, object], dict[str, object], str]] = {
    "hash": ({}, {"studies": ["0" * 64]}, "has not agreed to study"),
    "no hash": ({}, {"studies": []}, "has not agreed to study"),
    "list": ({}, {"sites": ["north", "south"]}, "agreed to other partners"),
    "swapped": ({}, {"sites": ["north", "south", "east"]}, "agreed to other partners"),
    "people": ({}, {"min_people": 43}, "fewer than 43 people"),
    "epsilon": ({"epsilon": 9.0}, {"max_epsilon": 8.0}, "this study asks for 9"),
    "no promise": ({}, {"max_epsilon": 8.0}, "promises nothing"),
    "delta": ({"epsilon": 1.0, "delta": 1e-3}, {}, "this study asks for 0.001"),
    "secure_only": ({}, {"secure_only": True}, "under masks only"),
    "outputs": ({}, {"outputs": ["estimates"]}, "gives no updates"),
    "noise": ({"epsilon": 3.0}, {}, "takes the noise off"),
}


@pytest.mark.parametrize("line_of", REFUSED_AT_HELLO)
def test_every_line_of_the_policy_refuses(wards: Hospitals, line_of: str) -> None:
    settings, lines, sentence = REFUSED_AT_HELLO[line_of]
    agreement = agreed(wards.names, **settings)
    if line_of == "noise":
        agreement = replace(agreement, reproducible=True)
    here = line(wards, agreement, **lines)
    with pytest.raises(SiteRefusal, match=sentence) as told:
        here.hello()
    assert here.memory is None
    assert nothing_was_spent(wards)
    if line_of == "people":
        assert "42" not in str(told.value)  # how many there are
    [logged] = log_of(wards)
    assert (logged["kind"], logged["outcome"]) == ("hello", "refused")
    assert logged["reason"] == str(told.value)
    with pytest.raises(SiteRefusal, match="say hello first"):
        here.step(0)


def test_the_same_study_is_answered_where_every_line_allows_it(wards: Hospitals) -> None:
    agreement = agreed(wards.names, epsilon=8.0)
    here = line(wards, agreement, max_epsilon=8.0, outputs=["updates", "estimates"], min_people=42)
    agreed_to = here.hello()
    assert "people" not in agreed_to.facts  # one more can be the next ten, without noise
    assert nothing_was_spent(wards)
    assert here.step(0).kind == "told"
    [entry] = Ledger(path=wards.state("north").path / "ledger.jsonl").entries()
    assert entry.cost.epsilon == 8.0
    assert wards.state("north").answered(agreement.hash) == ("0",)


def test_a_site_may_change_its_mind(wards: Hospitals) -> None:
    agreement = agreed(wards.names)
    here = line(wards, agreement)
    here.hello()
    here.step(0)
    here.site = line(wards, agreement, studies=[]).site
    with pytest.raises(SiteRefusal, match="has not agreed"):
        here.step(1)


def test_two_studies_spend_from_one_ledger(wards: Hospitals) -> None:
    first, second = agreed(wards.names, epsilon=5.0), agreed(wards.names, epsilon=5.0, rounds=5)
    allow = {"studies": [first.hash, second.hash], "max_epsilon": 6.0}
    here = line(wards, first, **allow)
    here.hello()
    here.step(0)
    ledger = Ledger(path=wards.state("north").path / "ledger.jsonl")
    before = ledger.entries()
    other = line(wards, second, **allow)
    with pytest.raises(SiteRefusal, match="earlier studies leaves less"):
        other.hello()
    assert ledger.entries() == before
    assert not (wards.state("north").path / f"answers-{second.hash}.json").exists()
    here.step(1)  # what was paid for goes on
    assert ledger.entries() == before


def test_a_study_that_began_while_another_spent_is_refused_before_it_answers(
    wards: Hospitals,
) -> None:
    first, second = agreed(wards.names, epsilon=5.0), agreed(wards.names, epsilon=5.0, rounds=5)
    allow = {"studies": [first.hash, second.hash], "max_epsilon": 6.0}
    here, other = line(wards, first, **allow), line(wards, second, **allow)
    here.hello()
    other.hello()
    here.step(0)
    with pytest.raises(SiteRefusal, match="earlier studies leaves less"):
        other.step(0)
    assert wards.state("north").answered(second.hash) == ()


def test_a_ledger_that_was_paid_from_and_forgotten_answers_nothing(wards: Hospitals) -> None:
    agreement = agreed(wards.names, epsilon=4.0)
    here = line(wards, agreement)
    here.hello()
    here.step(0)
    state = wards.state("north").path
    (state / f"answers-{agreement.hash}.json").unlink()
    with pytest.raises(SiteRefusal, match="no longer knows what it has answered"):
        here.step(1)
    (state / f"answers-{agreement.hash}.json").write_text("{", encoding="utf-8")
    with pytest.raises(SiteRefusal, match="its log says where"):
        here.step(1)
    (state / "ledger.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(SiteRefusal, match="its log says where"):
        here.step(1)


def changed(**said: object) -> Change:
    return lambda m: replace(m, facts={**m.facts, **said})  # type: ignore[arg-type]


def array(**arrays: np.ndarray) -> Change:
    return lambda m: replace(m, arrays=arrays)


TAMPERED: dict[str, tuple[Change, str]] = {
    "study": (changed(study="f" * 64), "in a run of another study"),
    "no study": (changed(study=None), "lacks a text 'study'"),
    "round": (changed(round="0"), "lacks a whole number 'round'"),
    "true": (changed(round=True), "lacks a whole number 'round'"),
    "negative": (changed(round=-1), "lacks a whole number 'round'"),
    "chosen": (changed(chosen=["south", "west"]), "none of the sites of the study"),
    "order": (changed(chosen=["south", "north"]), "none of the sites of the study"),
    "twice": (changed(chosen=["north", "north"]), "none of the sites of the study"),
    "strangers": (changed(chosen=["north", "evil"]), "none of the sites of the study"),
    "no list": (changed(chosen="north"), "lacks a list 'chosen'"),
    "numbers": (changed(chosen=[1, 2]), "lacks a list of texts 'chosen'"),
    "no weights": (array(), "numbers 'sent'"),
    "short": (array(sent=np.zeros(3)), "numbers 'sent'"),
    "whole": (array(sent=np.zeros(11, np.uint64)), "numbers 'sent'"),
    "kind": (lambda m: replace(m, kind="rows"), "knows no message of this kind"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_message_that_was_altered_is_refused(wards: Hospitals, how: str) -> None:
    change, sentence = TAMPERED[how]
    here = line(wards, agreed(wards.names, epsilon=4.0))
    here.hello()
    facts = {"study": here.agreement.hash, "round": 0, "chosen": list(wards.names)}
    honest = SiteMessage(kind="update", facts=facts, arrays={"sent": np.zeros(length(here))})
    kept = here.memory
    with pytest.raises(SiteRefusal, match=sentence):
        here.send(change(honest))
    assert here.memory is kept
    assert nothing_was_spent(wards)
    assert here.send(honest).kind == "told"


def test_weights_that_are_no_numbers_are_refused(wards: Hospitals) -> None:
    here = line(wards, agreed(wards.names))
    here.hello()
    for wrong in (np.nan, np.inf):
        sent = np.full(length(here), wrong)
        with pytest.raises(SiteRefusal, match="finite numbers 'sent'"):
            here.say("update", {"sent": sent}, round=0, chosen=list(wards.names))


def test_bytes_that_were_damaged_never_reach_the_site(wards: Hospitals) -> None:
    agreement = agreed(wards.names)
    whole = SiteMessage(kind="hello", facts={"agreement": agreement.to_json()}).to_bytes()
    for place in (0, 30, len(whole) // 2, len(whole) - 1):
        spoilt = bytearray(whole)
        spoilt[place] ^= 1
        with pytest.raises(InputError):
            SiteMessage.from_bytes(bytes(spoilt))


def test_what_is_no_agreement_is_answered_with_what_was_sent(wards: Hospitals) -> None:
    here = line(wards, agreed(wards.names))
    for sent, sentence in (
        ({"format": 9}, "no agreement of format 1"),
        ({**here.agreement.to_json(), "sites": ["north"]}, "set clients = 1"),
    ):
        with pytest.raises(SiteRefusal, match=sentence):
            here.send(SiteMessage(kind="hello", facts={"agreement": sent}))


def test_a_site_is_opened_by_its_policy_alone(wards: Hospitals) -> None:
    for named in (
        {},
        {"policy": 3},
        {"policy": "x", "more": 1},
        {"policy": "x", "certificate": 1},
    ):
        with pytest.raises(InputError, match=r"policy = 'site\.toml'"):
            open_site(named)


def test_a_site_answers_the_coordinators_that_it_lists(wards: Hospitals) -> None:
    agreement, ours = agreed(wards.names), wards.folder / "ca.crt"
    ours.write_bytes(b"a certificate")
    digest = hashlib.sha256(b"a certificate").hexdigest()
    path = str(wards.policy("north", agreement, coordinator=[digest]))
    open_site({"policy": path, "certificate": str(ours)})
    for certificate in ({}, {"certificate": str(wards.folder / "none.crt")}):
        with pytest.raises(InputError, match=r"certificate = 'ca\.crt'"):
            open_site({"policy": path, **certificate})
    ours.write_bytes(b"another one")
    with pytest.raises(SiteRefusal, match="does not answer the coordinator"):
        open_site({"policy": path, "certificate": str(ours)})


CANARIES = ("zebra", "quokka-diary", "kept-secret-place")


def test_nothing_of_anybody_is_said_logged_or_raised(tmp_path: Path) -> None:
    def talk(_: object, session: Session) -> Session:
        return replace(session, transcript=(Turn(speaker="participant", text="my quokka-diary"),))

    folder = tmp_path / "kept-secret-place"
    folder.mkdir()
    wards = hospitals(folder, 3, change=talk)
    agreement = agreed(wards.names, modality="scales", secure=False)
    here = line(
        wards,
        agreement,
        outputs=["updates", "estimates"],
        held_out=0.5,
        min_people=5,
        min_count=5,
        attacks=["model/membership-loss"],
    )
    said, told, size = [here.hello(), here.step(0)], [], length(here)
    broken = wards.folder / "north-corpus" / "participants.tsv"
    whole = broken.read_text(encoding="utf-8")
    for spoilt in (whole + "sub-zebra-000\tn/a\tn/a\n", "quokka-diary", ""):
        broken.write_text(spoilt, encoding="utf-8")
        with pytest.raises(SiteRefusal, match="its log says where") as raised:
            here.step(1, columns=size)
        told.append(str(raised.value))
        assert raised.value.__suppress_context__
    broken.write_text(whole, encoding="utf-8")
    with pytest.raises(SiteRefusal) as raised:
        here.say(
            "estimates", {"weights": np.zeros(size - 1)}, head="linear", head_facts={}, attacks=[]
        )
    told.append(str(raised.value))
    every = b"".join(m.to_bytes() for m in said) + "".join(told).encode()
    state = wards.state("north").path
    kept = b"".join(p.read_bytes() for p in state.rglob("*") if p.is_file() and p.suffix != ".npy")
    assert here.memory is not None
    for canary in CANARIES:
        assert canary.encode() not in every
        assert canary.encode() not in kept
        assert canary.encode() not in here.memory.to_bytes()
    for row in log_of(wards):
        assert set(row) <= {"when", "site", "kind", "round", "outcome", "reason", "place", "study"}
    assert {row["outcome"] for row in log_of(wards)} == {"answered", "failed"}


def test_a_refusal_is_an_error_that_ends_with_the_exit_code_of_refusals() -> None:
    assert issubclass(SiteRefusal, RefusedError)
    assert SiteRefusal("no").exit_code == 4
