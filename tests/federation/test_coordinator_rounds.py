from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.federation.hospitals import Hospitals, agreed, hospitals

from mindveil.engine.site_messages import SiteMessage, excuse
from mindveil.errors import InputError, RefusedError
from mindveil.federation.agreement import Agreement
from mindveil.federation.attendance import Attendance, Talk
from mindveil.federation.coordinator_rounds import Heard, Table, masked_round_of, open_round_of
from mindveil.federation.rounds import Round
from mindveil.federation.site_session import SiteSession
from mindveil.train.federation_terms import Terms
from mindveil.train.site_answers import Request, SiteData, plain_answers

Change = Callable[[str, SiteMessage], SiteMessage]


def talked(
    talk: Talk[Heard],
    sites: dict[str, SiteSession],
    memories: dict[str, SiteMessage | None],
    change: Change = lambda _, message: message,
) -> Heard:
    """Carry the messages of one round, each changed on its way to a site."""
    replies: dict[str, SiteMessage] = {}
    try:
        asked = next(talk)
        while True:
            replies = {}
            for name, message in asked.items():
                try:
                    answer = sites[name].handle(change(name, message), memories[name])
                except (RefusedError, InputError) as why:
                    replies[name] = excuse("refused", str(why))
                    continue
                memories[name], replies[name] = answer.memory, answer.reply
            asked = talk.send(replies)
    except StopIteration as end:
        heard: Heard = end.value
        return heard


def begun(
    wards: Hospitals, agreement: Agreement
) -> tuple[Table, dict[str, SiteSession], dict[str, SiteMessage | None]]:
    sites = wards.sites(agreement)
    hello = SiteMessage(kind="hello", facts={"agreement": agreement.to_json()})
    memories = {name: site.handle(hello, None).memory for name, site in sites.items()}
    columns = wards.lessons(agreement.training).rows.shape[1]
    table = Table(
        agreement=agreement,
        terms=agreement.terms(columns),
        attendance=Attendance(present=wards.names),
    )
    return table, sites, memories


def plain_sum(wards: Hospitals, agreement: Agreement, terms: Terms, asked: Round) -> np.ndarray:
    lessons = wards.lessons(agreement.training)
    reach = agreement.training.recipe().reach
    people = SiteData.of(lessons, np.asarray(lessons.sites, np.intp), terms.clients, reach)
    everybody = tuple(range(terms.clients))
    request = Request(kind=asked.kind, round_number=0, sent=asked.sent, chosen=everybody)
    return plain_answers(terms, request, people).sum(axis=0)


def step_of(wards: Hospitals, terms: Terms, number: int = 0) -> Round:
    sent = np.linspace(-0.2, 0.2, terms.entries("update") - 1)
    return Round(number=number, kind="update", chosen=wards.names, sent=sent)


def test_the_sum_under_masks_is_the_sum(tmp_path: Path) -> None:
    wards = hospitals(tmp_path, 4)
    agreement = agreed(wards.names, secure=True)
    table, sites, memories = begun(wards, agreement)
    asked = step_of(wards, table.terms)
    heard = talked(masked_round_of(table, asked), sites, memories)
    expected = plain_sum(wards, agreement, table.terms, asked)
    assert heard.total is not None
    np.testing.assert_allclose(heard.total, expected, rtol=0, atol=1e-6)
    assert expected[-1] == sum(len(c.ids) for c in wards.corpora.values())
    assert heard.answered == wards.names
    assert heard.messages is None


def test_no_masked_vector_says_anything_of_its_site(tmp_path: Path) -> None:
    wards = hospitals(tmp_path, 3)
    agreement = agreed(wards.names, secure=True, hidden=30)
    table, sites, memories = begun(wards, agreement)
    heard = talked(masked_round_of(table, step_of(wards, table.terms)), sites, memories)
    assert heard.masked is not None
    # Bits of noise: each of 64 is set as often as not, in whatever vector.
    bits = np.unpackbits(heard.masked.view(np.uint8))
    assert abs(bits.mean() - 0.5) < 5 * 0.5 / np.sqrt(bits.size)


@pytest.mark.parametrize("secure", [False, True])
def test_the_noise_of_all_sites_is_what_was_counted_on_or_more(
    tmp_path: Path, *, secure: bool
) -> None:
    wards = hospitals(tmp_path, 3)
    agreement = agreed(wards.names, secure=secure, epsilon=2.0, hidden=40, rounds=2)
    table, sites, memories = begun(wards, agreement)
    asked = step_of(wards, table.terms)
    round_of = masked_round_of if secure else open_round_of
    heard = talked(round_of(table, asked), sites, memories)
    assert heard.total is not None
    away = heard.total - plain_sum(wards, agreement, table.terms, asked)
    terms = table.terms
    # Under masks each of three adds a part for the two that must stay.
    assert terms.honest == (2 if secure else 1)
    grains = terms.share("update").sigma(terms.grain("update"))
    expected = grains / terms.grain("update") * terms.longest("update")
    expected *= np.sqrt(3 / 2 if secure else 3)
    n = len(away)
    assert n > 400
    assert abs(away.std() / expected - 1) < 5 / np.sqrt(2 * n)


def test_sites_that_were_sent_other_weights_share_no_masks(tmp_path: Path) -> None:
    wards = hospitals(tmp_path, 4)
    table, sites, memories = begun(wards, agreed(wards.names, secure=True))

    def crafted(name: str, message: SiteMessage) -> SiteMessage:
        if message.kind != "keys" or name != "north":
            return message
        return replace(message, arrays={"sent": message.arrays["sent"] * 2.0})

    first = step_of(wards, table.terms)
    with pytest.raises(RefusedError, match="0 clients sent a masked vector"):
        talked(masked_round_of(table, first), sites, memories, crafted)
    # Nobody is at fault but the coordinator: all are still there, and another round is the sum.
    assert table.attendance.present == wards.names
    second = step_of(wards, table.terms, number=1)
    heard = talked(masked_round_of(table, second), sites, memories)
    assert heard.answered == wards.names


def test_a_list_that_leaves_others_out_shares_no_masks(tmp_path: Path) -> None:
    wards = hospitals(tmp_path, 4)
    table, sites, memories = begun(wards, agreed(wards.names, secure=True))

    def fewer(name: str, message: SiteMessage) -> SiteMessage:
        if message.kind != "keys" or name in {"north", "south"}:
            return message
        return replace(message, facts={**message.facts, "chosen": ["south", "west", "east"]})

    with pytest.raises(RefusedError):
        talked(masked_round_of(table, step_of(wards, table.terms)), sites, memories, fewer)


def test_nobody_answers(tmp_path: Path) -> None:
    wards = hospitals(tmp_path, 2)
    table, sites, memories = begun(wards, agreed(wards.names))
    nobody = dict.fromkeys(memories)
    heard = talked(open_round_of(table, step_of(wards, table.terms)), sites, nobody)
    assert (heard.answered, heard.total) == ((), None)
    assert table.attendance.present == ()
    assert "say hello first" in table.attendance.lost["north"]
