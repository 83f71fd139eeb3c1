from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.federation.hospitals import Hospitals, agreed, hospitals

from mindveil.corpus.manifest import load_corpus
from mindveil.corpus.model import Corpus, Session, Turn
from mindveil.dp.ledger import Ledger
from mindveil.engine.site_messages import SiteMessage
from mindveil.errors import InputError, RefusedError
from mindveil.federation.agreement import Agreement
from mindveil.federation.refusals import SiteRefusal
from mindveil.federation.rounds import Round
from mindveil.federation.site_folder import SiteFolder
from mindveil.federation.site_people import people_of
from mindveil.federation.site_session import SiteSession, open_site
from mindveil.secure_sum import PublicKeys, RoundPlan, open_round, to_bytes
from mindveil.study import StepPart
from mindveil.train.federation_terms import Kind
from mindveil.train.site_answers import Request, SiteData, decoded, plain_answers

Change = Callable[[SiteMessage], SiteMessage]


@dataclass(slots=True, kw_only=True)
class Line:
    """A coordinator that talks to one site, and remembers for it."""

    site: SiteSession
    agreement: Agreement
    memory: SiteMessage | None = None

    def say(
        self, kind: str, arrays: dict[str, np.ndarray] | None = None, **said: object
    ) -> SiteMessage:
        facts = {"study": self.agreement.hash, **said}
        return self.send(SiteMessage(kind=kind, facts=facts, arrays=arrays or {}))  # type: ignore[arg-type]

    def hello(self) -> SiteMessage:
        return self.send(SiteMessage(kind="hello", facts={"agreement": self.agreement.to_json()}))

    def step(self, number: int, kind: str = "update", columns: int | None = None) -> SiteMessage:
        sent = np.zeros(length(self) if columns is None else columns)
        chosen = list(self.agreement.sites)
        return self.say(kind, {"sent": sent}, round=number, chosen=chosen)

    def send(self, message: SiteMessage) -> SiteMessage:
        heard = SiteMessage.from_bytes(message.to_bytes())
        answer = self.site.handle(heard, self.memory)
        self.memory = (
            None if answer.memory is None else SiteMessage.from_bytes(answer.memory.to_bytes())
        )
        return answer.reply


def length(line: Line) -> int:
    agreement = line.agreement
    people = agreement.training.lessons(load(line))
    return people.rows.shape[1] + 1


def load(line: Line) -> Corpus:
    return load_corpus(line.site.policy.corpus)


def line(wards: Hospitals, agreement: Agreement, **lines: object) -> Line:
    site = open_site({"policy": str(wards.policy("north", agreement, **lines))})
    return Line(site=site, agreement=agreement)


def log_of(wards: Hospitals) -> list[dict[str, object]]:
    path = wards.state("north").path / "log.jsonl"
    return [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()]


def nothing_was_spent(wards: Hospitals) -> bool:
    folder = wards.state("north").path
    return not (folder / "ledger.jsonl").exists() and not list(folder.glob("answers-*"))


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Hospitals:
    """Return hospitals whose corpora are read only; states are per test (see ``wards``)."""
    return hospitals(tmp_path_factory.mktemp("hospitals"), 3)


@pytest.fixture
def wards(three: Hospitals, tmp_path: Path) -> Hospitals:
    """Return the same hospitals with fresh policies and states."""
    return at_another_place(three, tmp_path)


def at_another_place(wards: Hospitals, folder: Path) -> Hospitals:
    for name in wards.names:
        (folder / f"{name}-corpus").symlink_to(wards.folder / f"{name}-corpus")
    return replace(wards, folder=folder)


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
    assert agreed_to.facts["people"] == 40  # in tens
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


@pytest.mark.parametrize("epsilon", [0.0, 4.0])
def test_a_round_is_answered_once_and_as_often_as_was_promised(
    wards: Hospitals, epsilon: float
) -> None:
    agreement = agreed(wards.names, epsilon=epsilon, rounds=3)
    here = line(wards, agreement)
    here.hello()
    for number in (0, 2):  # a site need not be chosen in every round
        here.step(number)
        for again in range(number + 1):
            with pytest.raises(SiteRefusal, match=f"round {again}"):
                here.step(again)
    with pytest.raises(SiteRefusal, match="asks for 'line', not for 'update'"):
        here.step(3)
    here.step(3, "line")
    if epsilon:
        with pytest.raises(SiteRefusal, match="round 4, and the study has 4"):
            here.step(4, "line")
        here.hello()  # a run that begins anew is the same study: nothing is answered twice
        for number, kind in enumerate(("update", "update", "update", "line")):
            with pytest.raises(SiteRefusal, match=f"has answered round {number}"):
                here.step(number, kind)
        assert len(Ledger(path=wards.state("north").path / "ledger.jsonl").entries()) == 1
    else:
        for number in (4, 5, 6):
            here.step(number, "line")
        with pytest.raises(SiteRefusal, match="round 7"):
            here.step(7, "line")


MESSAGES = st.tuples(st.sampled_from(["update", "line", "moments", "hello"]), st.integers(0, 5))


@settings(max_examples=20, deadline=None)
@given(st.lists(MESSAGES, max_size=14))
def test_whatever_is_asked_no_more_is_spent_than_was_promised(
    three: Hospitals, tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[Kind, int]]
) -> None:
    wards = at_another_place(three, tmp_path_factory.mktemp("asked"))
    agreement = agreed(wards.names, epsilon=4.0, rounds=3)
    here = line(wards, agreement)
    here.hello()
    columns, told = length(here), []
    for kind, number in asked:
        try:
            if kind == "hello":
                here.hello()
                continue
            here.step(number, kind, columns)
            told.append((kind, number))
        except SiteRefusal:
            pass
    terms = agreement.terms(columns - 1)
    assert len({number for _, number in told}) == len(told)
    assert tuple(str(n) for _, n in told) == wards.state("north").answered(agreement.hash)
    spent = sum(terms.share(kind).rho for kind, _ in told)
    assert spent <= terms.privacy.budget.rho * (1 + 1e-9)  # type: ignore[union-attr]
    debits = wards.state("north").spent_on_others("another")
    assert len(debits) == bool(told)


def test_a_line_is_not_asked_for_instead_of_a_step(wards: Hospitals) -> None:
    # A line costs fifteen hundredths of the budget: asked in every round it would spend it often.
    here = line(wards, agreed(wards.names, epsilon=4.0))
    here.hello()
    for kind in ("line", "moments"):
        with pytest.raises(SiteRefusal, match=f"'update', not for '{kind}'"):
            here.step(0, kind)
    assert nothing_was_spent(wards)


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


class Killed(BaseException):
    """The machine stops here."""


POINTS = ("before debit", "after debit", "before note", "after note", "before log")


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("point", POINTS)
def test_a_kill_never_leaves_an_answer_unpaid(
    wards: Hospitals,
    monkeypatch: pytest.MonkeyPatch,
    point: str,
    *,
    secure: bool,
) -> None:
    agreement = agreed(wards.names, epsilon=4.0, rounds=2, secure=secure)
    lines = {name: line_at(wards, agreement, name) for name in wards.names}
    for each in lines.values():
        each.hello()
    north = lines["north"]
    answer = under_masks(lines, 0) if secure else lambda: north.step(0)
    with monkeypatch.context() as patched:
        kill_at(patched, point)
        with pytest.raises(Killed):
            answer()
    ledger = Ledger(path=wards.state("north").path / "ledger.jsonl")
    debits, noted = ledger.entries(), wards.state("north").answered(agreement.hash)
    assert len(debits) == (point != "before debit")
    assert noted == (("0",) if point in {"after note", "before log"} else ())
    # The machine starts again with what was on its disk. What was noted is never said again.
    if noted:
        with pytest.raises(SiteRefusal, match="has answered round 0"):
            answer()
    else:
        assert answer().arrays
        assert wards.state("north").answered(agreement.hash) == ("0",)
    assert (under_masks(lines, 1) if secure else lambda: north.step(1))().arrays
    assert len(ledger.entries()) == 1


def kill_at(patched: pytest.MonkeyPatch, point: str) -> None:
    when, what = point.split()
    kind, name = {
        "debit": (Ledger, "debit"),
        "note": (SiteFolder, "note"),
        "log": (SiteFolder, "log"),
    }[what]
    whole = getattr(kind, name)

    def stopped(self: object, *given: object) -> None:
        told = given[0] if given else {}
        if (
            what == "log"
            and isinstance(told, dict)
            and told.get("kind") not in {"update", "masked"}
        ):
            whole(self, *given)
            return
        if when == "after":
            whole(self, *given)
        raise Killed

    patched.setattr(kind, name, stopped)


def line_at(wards: Hospitals, agreement: Agreement, name: str) -> Line:
    site = open_site({"policy": str(wards.policy(name, agreement))})
    return Line(site=site, agreement=agreement)


def under_masks(
    lines: dict[str, Line], number: int, columns: int | None = None
) -> Callable[[], SiteMessage]:
    """Hold a round under masks, and return how the first site sends its vector."""
    sent, chosen = np.zeros(columns or length(lines["north"])), list(lines)
    asked = {"round": number, "chosen": chosen, "asks": "update"}
    told = [each.say("keys", {"sent": sent}, **asked).facts for each in lines.values()]
    said = {name: [each[name] for each in told] for name in ("keys", "signature")}
    roster = {"roster": said["keys"], "signatures": said["signature"]}
    sealed = [
        share
        for each in lines.values()
        for share in each.say("shares", round=number, **roster).facts["sealed"]
    ]
    inbox = [share for share in sealed if json.loads(share)["receiver"] == 0]
    return lambda: lines["north"].say("masked", round=number, inbox=inbox)


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


def test_a_promised_answer_is_the_sum_and_its_noise(wards: Hospitals) -> None:
    agreement = agreed(wards.names, epsilon=2.0, hidden=12, rounds=3)
    here = line(wards, agreement)
    here.hello()
    lessons = agreement.training.lessons(wards.corpora["north"])
    terms = agreement.terms(lessons.rows.shape[1])
    alone = SiteData.of(
        lessons, np.zeros(len(lessons.ids), np.intp), 1, agreement.training.recipe().reach
    )
    sent = np.linspace(-0.1, 0.1, terms.entries("update") - 1)
    away = []
    for number in range(3):
        told = here.say("update", {"sent": sent}, round=number, chosen=list(wards.names))
        counted = decoded(terms, "update", told.arrays["told"].view(np.int64))
        request = Request(kind="update", round_number=number, sent=sent, chosen=(0,))
        away.append(counted - plain_answers(terms, request, alone)[0])
    noise = np.concatenate(away) / (terms.noise_in_all("update") * terms.longest("update"))
    n = len(noise)
    assert n > 400
    assert abs(noise.mean()) < 5 / np.sqrt(n)
    assert abs(noise.std() - 1) < 5 / np.sqrt(2 * n)
    assert not np.array_equal(away[0], away[1])


def test_noise_of_a_reproducible_study_is_the_sites_and_the_rounds(wards: Hospitals) -> None:
    agreement = replace(agreed(wards.names, epsilon=2.0), reproducible=True)
    told = {}
    for name in ("north", "south"):
        policy = wards.policy(name, agreement, seeded_noise=True)
        here = Line(site=open_site({"policy": str(policy)}), agreement=agreement)
        here.hello()
        told[name] = [here.step(number).arrays["told"] for number in (0, 1)]
    assert not np.array_equal(told["north"][0], told["north"][1])
    assert not np.array_equal(told["north"][0], told["south"][0])


def test_masks_are_asked_for_where_the_study_has_them(wards: Hospitals) -> None:
    under, openly = agreed(wards.names, secure=True), agreed(wards.names)
    here = line(wards, under)
    here.hello()
    with pytest.raises(SiteRefusal, match="ask for keys first"):
        here.step(0)
    other = line(wards, openly)
    other.hello()
    with pytest.raises(SiteRefusal, match="hides nothing under masks"):
        other.say("keys", {"sent": np.zeros(11)}, round=0, asks="update", chosen=list(wards.names))


def test_a_round_under_masks_goes_forward_only(wards: Hospitals) -> None:
    agreement = agreed(wards.names, secure=True, epsilon=4.0)
    lines = {name: line_at(wards, agreement, name) for name in wards.names}
    for each in lines.values():
        each.hello()
    here = lines["north"]
    for kind in ("shares", "masked", "reveal"):
        with pytest.raises(SiteRefusal, match="comes next"):
            here.say(kind, round=0, roster=[], signatures=[], inbox=[], request="{}")
    under_masks(lines, 0)()
    for kind in ("shares", "masked"):
        with pytest.raises(SiteRefusal, match="comes next"):
            here.say(kind, round=0, roster=[], signatures=[], inbox=[])
    one = '{"survivors":[0],"dropped":[1,2]}'
    with pytest.raises(SiteRefusal, match="fewer than the threshold of 2; nothing is revealed"):
        here.say("reveal", round=0, request=one)
    both = '{"survivors":[0,1,2],"dropped":[1]}'
    with pytest.raises(SiteRefusal, match="said to have stayed and to have dropped out"):
        here.say("reveal", round=0, request=both)
    with pytest.raises(SiteRefusal, match="should hold UnmaskRequest do not"):
        here.say("reveal", round=0, request="rows")
    assert here.say("reveal", round=0, request='{"survivors":[0,1,2],"dropped":[]}').facts
    with pytest.raises(SiteRefusal, match="comes next"):
        here.say("reveal", round=0, request='{"survivors":[0,1],"dropped":[2]}')
    with pytest.raises(SiteRefusal, match="has begun round 0"):
        under_masks(lines, 0)


def test_too_few_are_chosen_for_masks(wards: Hospitals) -> None:
    here = line(wards, agreed(wards.names, secure=True))
    here.hello()
    for chosen in (["north"], ["north", "west"]):
        said = {"round": 0, "asks": "update", "chosen": chosen}
        if len(chosen) == 2:  # two of three are the threshold
            assert here.say("keys", {"sent": np.zeros(length(here))}, **said).kind == "keys"
            continue
        with pytest.raises(SiteRefusal, match="hides nothing"):
            here.say("keys", {"sent": np.zeros(length(here))}, **said)
    with pytest.raises(SiteRefusal, match="lacks the weights"):
        here.say("keys", {}, round=1, asks="update", chosen=list(wards.names))


def test_what_is_no_agreement_is_answered_with_what_was_sent(wards: Hospitals) -> None:
    here = line(wards, agreed(wards.names))
    for sent, sentence in (
        ({"format": 9}, "no agreement of format 1"),
        ({**here.agreement.to_json(), "sites": ["north"]}, "set clients = 1"),
    ):
        with pytest.raises(SiteRefusal, match=sentence):
            here.send(SiteMessage(kind="hello", facts={"agreement": sent}))


def test_weights_of_another_width_are_masked_by_nobody(wards: Hospitals) -> None:
    agreement = agreed(wards.names, secure=True, epsilon=4.0)
    lines = {name: line_at(wards, agreement, name) for name in wards.names}
    for each in lines.values():
        each.hello()
    answer = under_masks(lines, 0, columns=length(lines["north"]) + 1)
    with pytest.raises(SiteRefusal, match="reads people otherwise than this round asks"):
        answer()
    assert nothing_was_spent(wards)


def test_people_pass_the_steps_before_they_teach(tmp_path: Path) -> None:
    def talk(_: object, session: Session) -> Session:
        words = Turn(speaker="participant", text="write to jane.doe@example.org, please")
        return replace(session, transcript=(words,))

    wards = hospitals(tmp_path, 2, change=talk)
    agreement = replace(
        agreed(wards.names, modality="scales"), before=(StepPart(use="text/redact"),)
    )
    site = open_site({"policy": str(wards.policy("north", agreement))})
    people = people_of(site.policy, wards.state("north"), agreement)
    said = [t.text for p in people.corpus.participants for s in p.sessions for t in s.transcript]
    assert len(said) == len(wards.corpora["north"].ids)
    assert not any("jane.doe@example.org" in words for words in said)


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


def made_up(plan: RoundPlan, me: int) -> list[PublicKeys]:
    """Return keys of sites that do not exist, as a coordinator could draw them."""
    return [open_round(plan, client)[1] for client in range(plan.clients) if client != me]


def test_a_coordinator_cannot_make_up_the_other_sites(wards: Hospitals) -> None:
    agreement = agreed(wards.names, secure=True)
    lines = {name: line_at(wards, agreement, name) for name in wards.names}
    partners = {name: each.hello().facts["signer"] for name, each in lines.items()}
    for name, each in lines.items():
        policy = wards.policy(name, agreement, partners=partners)
        each.site = open_site({"policy": str(policy)})
    assert under_masks(lines, 0)().arrays  # those who exist share masks
    here, sent = lines["north"], np.zeros(length(lines["north"]))
    asked = {"round": 1, "chosen": list(wards.names), "asks": "update"}
    mine = here.say("keys", {"sent": sent}, **asked).facts
    plan = Round(number=1, kind="update", chosen=wards.names, sent=sent).plan(
        agreement, agreement.terms(len(sent) - 1)
    )
    others = [to_bytes(keys).decode() for keys in made_up(plan, 0)]
    theirs = lines["south"].say("keys", {"sent": sent}, **asked).facts["signature"]
    for signatures in (
        [mine["signature"]],
        [mine["signature"], "", ""],
        [mine["signature"]] * 3,
        [mine["signature"], theirs, theirs],  # of other keys
        [mine["signature"], "not hex", "00" * 64],
    ):
        with pytest.raises(SiteRefusal, match="site 'south' in round 1 are not signed by it"):
            here.say("shares", round=1, roster=[mine["keys"], *others], signatures=signatures)


def test_a_signature_of_another_round_is_none(wards: Hospitals) -> None:
    agreement = agreed(wards.names, secure=True)
    lines = {name: line_at(wards, agreement, name) for name in wards.names}
    partners = {name: each.hello().facts["signer"] for name, each in lines.items()}
    here = lines["north"]
    here.site = open_site({"policy": str(wards.policy("north", agreement, partners=partners))})
    sent = {"sent": np.zeros(length(here))}
    rounds = [
        [
            each.say("keys", sent, round=n, chosen=list(lines), asks="update").facts
            for each in lines.values()
        ]
        for n in (0, 1)
    ]
    stale = [rounds[1][0], *rounds[0][1:]]
    with pytest.raises(SiteRefusal, match="are not signed by it"):
        here.say(
            "shares",
            round=1,
            roster=[each["keys"] for each in stale],
            signatures=[each["signature"] for each in stale],
        )


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
