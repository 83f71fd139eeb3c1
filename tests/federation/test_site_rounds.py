from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.federation.hospitals import Hospitals, agreed
from tests.federation.lines import (
    Line,
    at_another_place,
    length,
    line,
    line_at,
    nothing_was_spent,
    under_masks,
)

from mindveil.dp.ledger import Ledger
from mindveil.federation.refusals import SiteRefusal
from mindveil.federation.rounds import Round
from mindveil.federation.site_folder import SiteFolder
from mindveil.federation.site_session import open_site
from mindveil.secure_sum import PublicKeys, RoundPlan, open_round, to_bytes
from mindveil.train.federation_terms import Kind
from mindveil.train.site_answers import Request, SiteData, decoded, plain_answers


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
    noise = np.concatenate(away) / (
        terms.part_of_noise("update") / terms.grain("update") * terms.longest("update")
    )
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


def test_a_state_that_was_handed_back_answers_nothing_again(wards: Hospitals) -> None:
    """Both secrets of a neighbour would be revealed: one by each of the two answers."""
    agreement = agreed(wards.names, secure=True)
    lines = {name: line_at(wards, agreement, name) for name in wards.names}
    for each in lines.values():
        each.hello()
    answer, here = under_masks(lines, 0), lines["north"]
    before = here.memory
    answer()
    after, here.memory = here.memory, before
    with pytest.raises(SiteRefusal, match="has taken this step"):
        answer()
    here.memory = after
    assert here.say("reveal", round=0, request='{"survivors":[0,1,2],"dropped":[]}').facts
    here.memory = after
    with pytest.raises(SiteRefusal, match="has taken this step"):
        here.say("reveal", round=0, request='{"survivors":[0,1],"dropped":[2]}')
    under_masks(lines, 1)()


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


def test_weights_of_another_width_are_masked_by_nobody(wards: Hospitals) -> None:
    agreement = agreed(wards.names, secure=True, epsilon=4.0)
    lines = {name: line_at(wards, agreement, name) for name in wards.names}
    for each in lines.values():
        each.hello()
    answer = under_masks(lines, 0, columns=length(lines["north"]) + 1)
    with pytest.raises(SiteRefusal, match="reads people otherwise than this round asks"):
        answer()
    assert nothing_was_spent(wards)


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
