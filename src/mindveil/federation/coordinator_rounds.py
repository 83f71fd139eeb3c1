"""How a coordinator holds a round: openly in one message to each site, or under masks in four.

Under masks it passes keys and sealed shares on, and takes the masks off the sum of those whose
vectors came. A site that dies between two messages is out of the sum, or in it; the sum is right
either way, as long as enough stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.engine.site_messages import Array, SiteMessage
from mindveil.federation import facts
from mindveil.federation.agreement import Agreement
from mindveil.federation.attendance import Attendance, Talk
from mindveil.federation.refusals import SiteRefusal
from mindveil.federation.rounds import Round
from mindveil.secure_sum import (
    PublicKeys,
    RevealedShares,
    RoundPlan,
    SealedShare,
    UnmaskRequest,
    ask_to_unmask,
    from_bytes,
    gather_keys,
    route_shares,
    to_bytes,
    unmask_total,
)
from mindveil.store.files import Json
from mindveil.train.base import Floats
from mindveil.train.federation_terms import Terms
from mindveil.train.site_answers import decoded, under_masks

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came of a round: by site openly, or the sum of all whose masked vectors came."""

    answered: tuple[str, ...]
    total: Floats | None
    messages: Floats | None = None
    masked: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Where a coordinator sits: what was agreed, on which terms, and who is there."""

    agreement: Agreement
    terms: Terms
    attendance: Attendance

    def message(
        self, kind: str, asked: Round, said: Mapping[str, Json], *, weights: bool = False
    ) -> SiteMessage:
        """Return a message of a round to a site."""
        arrays: dict[str, Array] = {}
        if weights and len(asked.sent):
            arrays["sent"] = asked.sent
        whole = {"study": self.agreement.hash, "round": asked.number, **said}
        return SiteMessage(kind=kind, facts=whole, arrays=arrays)


def open_round_of(table: Table, asked: Round) -> Talk[Heard]:
    """Ask each chosen site for its answer; the sum is of those that came."""
    terms, entries = table.terms, table.terms.entries(asked.kind)

    def read(_: str, reply: SiteMessage) -> Floats:
        if terms.privacy is None:
            return facts.numbers(reply, "told", entries)
        counted = facts.words(reply, "told", entries).view(np.int64)
        return decoded(terms, asked.kind, counted)

    message = table.message(asked.kind, asked, {"chosen": list(asked.chosen)}, weights=True)
    told = yield from table.attendance.ask(dict.fromkeys(asked.chosen, message), "told", read)
    if not told:
        return Heard(answered=(), total=None)
    messages = np.stack(list(told.values()))
    return Heard(answered=tuple(told), total=messages.sum(axis=0), messages=messages)


def masked_round_of(table: Table, asked: Round) -> Talk[Heard]:
    """Ask the chosen sites for the sum of their answers, and learn nothing else of them.

    Raises:
        RefusedError: too few stayed, or a share was wrong; nothing is revealed.
    """
    plan = asked.plan(table.agreement, table.terms)
    place = {name: i for i, name in enumerate(asked.chosen)}
    keys = yield from _keys(table, asked, place)
    roster = gather_keys(plan, [said.keys for said in keys])
    inbox = yield from _shares(table, asked, plan, keys)
    dealt = [name for name in asked.chosen if place[name] in inbox]
    requests = {
        name: table.message("masked", asked, {"inbox": [_said(s) for s in inbox[place[name]]]})
        for name in dealt
    }
    vectors = yield from table.attendance.ask(
        requests,
        "masked",
        lambda _, reply: facts.words(reply, "masked", plan.entries),
        patient=True,
    )
    masked = {place[name]: vector for name, vector in vectors.items()}
    request = ask_to_unmask(plan, inbox.keys(), masked.keys())
    answers = yield from _reveal(table, asked, request, {n: place[n] for n in vectors})
    words = unmask_total(plan, roster, masked, request, answers)
    return Heard(
        answered=tuple(vectors),
        total=_plain(table.terms, asked, words),
        masked=np.stack(list(vectors.values())),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """The keys of a site in a round, with its signature, which its partners look at."""

    site: str
    keys: PublicKeys
    signature: str


def _keys(table: Table, asked: Round, place: Mapping[str, int]) -> Talk[list[Signed]]:
    def read(name: str, reply: SiteMessage) -> Signed:
        keys = from_bytes(PublicKeys, facts.text(reply, "keys").encode())
        if keys.client != place[name]:
            raise _stranger(name)
        return Signed(site=name, keys=keys, signature=facts.text(reply, "signature"))

    said: dict[str, Json] = {"asks": asked.kind, "chosen": list(asked.chosen)}
    message = table.message("keys", asked, said, weights=True)
    found = yield from table.attendance.ask(dict.fromkeys(asked.chosen, message), "keys", read)
    return list(found.values())


def _shares(
    table: Table, asked: Round, plan: RoundPlan, keys: Sequence[Signed]
) -> Talk[dict[int, tuple[SealedShare, ...]]]:
    place = {said.site: said.keys.client for said in keys}

    def read(name: str, reply: SiteMessage) -> tuple[SealedShare, ...]:
        said = facts.texts(reply, "sealed")
        sealed = tuple(from_bytes(SealedShare, s.encode()) for s in said)
        if any(share.sender != place[name] for share in sealed):
            raise _stranger(name)
        return sealed

    message = table.message(
        "shares",
        asked,
        {
            "roster": [_said(said.keys) for said in keys],
            "signatures": [said.signature for said in keys],
        },
    )
    requests = dict.fromkeys(place, message)
    dealt = yield from table.attendance.ask(requests, "shares", read, patient=True)
    shares = [share for sealed in dealt.values() for share in sealed]
    return route_shares(plan, [said.keys for said in keys], shares)


def _reveal(
    table: Table, asked: Round, request: UnmaskRequest, place: Mapping[str, int]
) -> Talk[Sequence[RevealedShares]]:
    def read(name: str, reply: SiteMessage) -> RevealedShares:
        shares = from_bytes(RevealedShares, facts.text(reply, "shares").encode())
        if shares.client != place[name]:
            raise _stranger(name)
        return shares

    message = table.message("reveal", asked, {"request": _said(request)})
    requests = dict.fromkeys(place, message)
    found = yield from table.attendance.ask(requests, "revealed", read, patient=True)
    return list(found.values())


def _plain(terms: Terms, asked: Round, words: Words) -> Floats:
    if terms.privacy is None:
        return under_masks(terms).decode(words)
    return decoded(terms, asked.kind, words.view(np.int64))


def _stranger(name: str) -> SiteRefusal:
    return SiteRefusal(f"site {name} spoke for another site; it is left out")


def _said(message: object) -> str:
    return to_bytes(message).decode("ascii")
