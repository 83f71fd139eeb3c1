"""How a site answers the rounds of a study: openly in one message, or under masks in four.

Nothing is computed before the round was checked against the site's own record, and nothing leaves
before it was paid for and noted there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.noise import Noise, os_noise, seeded
from mindveil.engine.site_messages import Answer, SiteMessage
from mindveil.errors import InputError, RefusedError
from mindveil.federation import facts
from mindveil.federation.agreement import Agreement
from mindveil.federation.refusals import SiteRefusal
from mindveil.federation.rounds import Round, kind_at, length_sent, rounds_of
from mindveil.federation.signatures import is_signed, signed
from mindveil.federation.site_folder import SiteFolder
from mindveil.federation.site_people import SitePeople, people_of
from mindveil.federation.site_policy import SitePolicy
from mindveil.federation.site_state import Phase, SiteState, kind_of
from mindveil.randomness import stream
from mindveil.secure_sum import (
    ClientState,
    PublicKeys,
    RoundPlan,
    SealedShare,
    UnmaskRequest,
    mask_vector,
    open_round,
    reveal_shares,
    share_secrets,
)
from mindveil.secure_sum import from_bytes as secret_from_bytes
from mindveil.secure_sum import to_bytes as secret_to_bytes
from mindveil.train.federation_terms import Kind, Terms
from mindveil.train.site_answers import Request, noisy_answers, plain_answers, under_masks

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where a site answers: its policy, its folder, and the state of the run that it is in."""

    policy: SitePolicy
    folder: SiteFolder
    state: SiteState

    @property
    def agreement(self) -> Agreement:
        """What the site agreed to in this run."""
        return self.state.agreement

    def people(self) -> SitePeople:
        """Return the people of the site, of whom there are enough."""
        found = people_of(self.policy, self.folder, self.agreement)
        self.policy.check_people(len(found.taught.ids))
        return found

    def keep(self, reply: SiteMessage, state: SiteState) -> Answer:
        """Return an answer, and what the site keeps until the next message."""
        return Answer(reply=reply, memory=state.to_message())


def answer_openly(desk: Desk, kind: Kind, message: SiteMessage) -> Answer:
    """Answer a round in one message, as the coordinator may see it."""
    if desk.agreement.training.secure:
        raise SiteRefusal("this study hides updates under masks; ask for keys first")
    people = desk.people()
    asked = _begun(desk, kind, message, people.terms(desk.agreement))
    told = _vector(desk, asked, people)
    _pay(desk, asked)
    return desk.keep(
        SiteMessage(kind="told", arrays={"told": told}), replace(desk.state, last=asked.number)
    )


def send_keys(desk: Desk, message: SiteMessage) -> Answer:
    """Begin a round under masks: the site's keys of this round."""
    if not desk.agreement.training.secure:
        raise SiteRefusal("this study hides nothing under masks; ask for the update itself")
    kind = kind_of(facts.text(message, "asks"))
    # Weights say how many columns there are: no person has to be read for keys.
    terms = _terms_by_sent(desk, message)
    asked = _begun(desk, kind, message, terms)
    plan = _heard(lambda: asked.plan(desk.agreement, terms))
    client, keys = open_round(plan, asked.chosen.index(desk.policy.site))
    signature = signed(desk.folder.signing_key(), plan, desk.policy.site, keys)
    said = {"keys": _said(keys), "signature": signature}
    state = replace(desk.state, last=asked.number, phase="keys", round=asked, client=client)
    return desk.keep(SiteMessage(kind="keys", facts=said), state)


def send_shares(desk: Desk, message: SiteMessage) -> Answer:
    """Deal the secrets of the round to the others on the list."""
    client = _at(desk, "keys", message)
    roster = [_read(PublicKeys, k) for k in facts.texts(message, "roster")]
    _check_signed(desk, client.plan, roster, facts.texts(message, "signatures"))
    kept, sealed = _heard(lambda: share_secrets(client, roster))
    _once(desk, "shares", client)
    reply = SiteMessage(kind="shares", facts={"sealed": [_said(s) for s in sealed]})
    return desk.keep(reply, replace(desk.state, phase="shares", client=kept))


def send_masked(desk: Desk, message: SiteMessage) -> Answer:
    """Send what the people of the site add to the sum, under masks and noise: paid for, noted."""
    client, asked = _at(desk, "shares", message), desk.state.round
    assert asked is not None
    inbox = [_read(SealedShare, s) for s in facts.texts(message, "inbox")]
    people = desk.people()
    if people.terms(desk.agreement).entries(asked.kind) != client.plan.entries:
        raise SiteRefusal(f"site {desk.policy.site} reads people otherwise than this round asks")
    _check_paid(desk, asked)
    vector = _words(desk, asked, people)
    kept, masked = _heard(lambda: mask_vector(client, inbox, vector))
    _pay(desk, asked)
    _once(desk, "masked", client)
    reply = SiteMessage(kind="masked", arrays={"masked": masked})
    return desk.keep(reply, replace(desk.state, phase="masked", client=kept))


def send_reveal(desk: Desk, message: SiteMessage) -> Answer:
    """Send the shares that take the masks off the sum, and off nothing else."""
    client = _at(desk, "masked", message)
    request = _read(UnmaskRequest, facts.text(message, "request"))
    _, shares = _heard(lambda: reveal_shares(client, request))
    _once(desk, "revealed", client)
    reply = SiteMessage(kind="revealed", facts={"shares": _said(shares)})
    return desk.keep(reply, replace(desk.state, phase="idle", round=None, client=None))


def _begun(desk: Desk, kind: Kind, message: SiteMessage, terms: Terms) -> Round:
    """Return the round that a message asks for, where it may be begun."""
    site, number = desk.policy.site, facts.whole(message, "round")
    if number <= desk.state.last:
        raise SiteRefusal(f"site {site} has begun round {number} of this run already")
    due = kind_at(terms, number)
    if due is None:
        raise SiteRefusal(
            f"site {site} was asked for round {number}, and the study has {rounds_of(terms)} "
            "that its people agreed to, counted from 0"
        )
    if kind != due:
        raise SiteRefusal(f"round {number} of this study asks for {due!r}, not for {kind!r}")
    chosen = facts.texts(message, "chosen")
    listed = tuple(name for name in desk.agreement.sites if name in chosen)
    if site not in chosen or chosen != listed:
        raise SiteRefusal(
            f"the list of round {number} is none of the sites of the study in their order, "
            f"with {site} among them"
        )
    length = length_sent(terms)
    sent = facts.numbers(message, "sent", length) if length else np.zeros(0)
    asked = Round(number=number, kind=kind, chosen=chosen, sent=sent)
    _check_paid(desk, asked)
    return asked


def _check_paid(desk: Desk, asked: Round) -> None:
    """Refuse a round that the promise does not pay for, or paid for already."""
    cost, study = desk.agreement.cost, desk.agreement.hash
    if cost is None:
        return
    answered = [int(a) for a in desk.folder.answered(study) if a.isdigit()]
    if answered and asked.number <= max(answered):
        raise SiteRefusal(
            f"site {desk.policy.site} has answered round {asked.number} of this study; "
            "its people were promised that it does so once"
        )
    desk.policy.check_promise(cost, desk.folder.spent_on_others(study))


def _pay(desk: Desk, asked: Round) -> None:
    """Debit the study, once, and note the answer; after this it may leave."""
    cost, study = desk.agreement.cost, desk.agreement.hash
    if cost is not None:
        desk.folder.pay(study, cost)
        desk.folder.note(study, str(asked.number))


def _vector(
    desk: Desk, asked: Round, people: SitePeople
) -> NDArray[np.float64] | NDArray[np.uint64]:
    """Return what the people of the site add, shape (entries,): whole numbers under a promise."""
    terms, data = people.terms(desk.agreement), people.data(desk.agreement)
    alone = Request(kind=asked.kind, round_number=asked.number, sent=asked.sent, chosen=(0,))
    if terms.privacy is None:
        plain: NDArray[np.float64] = plain_answers(terms, alone, data)[0]
        return plain
    noisy: NDArray[np.int64] = noisy_answers(terms, alone, data, _noise(desk, asked))[0]
    return noisy.view(np.uint64)


def _words(desk: Desk, asked: Round, people: SitePeople) -> NDArray[np.uint64]:
    told = _vector(desk, asked, people)
    if told.dtype == np.uint64:
        return told.astype(np.uint64)
    return under_masks(people.terms(desk.agreement)).encode(told.astype(np.float64))


def _noise(desk: Desk, asked: Round) -> Noise:
    if not desk.agreement.reproducible:
        return os_noise()
    name, number = desk.policy.site, str(asked.number)
    return seeded(stream(desk.agreement.seed, "federation", "noise", name, number))


def _terms_by_sent(desk: Desk, message: SiteMessage) -> Terms:
    if desk.agreement.training.method == "moments":
        return desk.people().terms(desk.agreement)
    sent = message.arrays.get("sent")
    length = 0 if sent is None else len(sent)
    hidden = desk.agreement.training.hidden
    # weights: columns + 1, or hidden x (columns + 1) and hidden + 1 more
    inputs = (length - hidden - 1) // hidden if hidden else length
    if inputs < 2:
        raise SiteRefusal("a message of kind 'keys' lacks the weights of the round")
    return desk.agreement.terms(inputs - 1)


def _at(desk: Desk, phase: Phase, message: SiteMessage) -> ClientState:
    """Return the secrets of the round that a message goes on with."""
    number, state = facts.whole(message, "round"), desk.state
    if number != state.last or state.phase != phase or state.client is None:
        raise SiteRefusal(
            f"site {desk.policy.site} is not in round {number} where a message of kind "
            f"{message.kind!r} comes next"
        )
    return state.client


def _once(desk: Desk, step: str, client: ClientState) -> None:
    """Refuse a step that was taken with these secrets, whatever state was handed back since."""
    words = step.encode() + secret_to_bytes(client.secrets)
    desk.folder.once(hashlib.sha256(words).hexdigest())


def _check_signed(
    desk: Desk, plan: RoundPlan, roster: Sequence[PublicKeys], signatures: Sequence[str]
) -> None:
    """Refuse keys that no partner signed, where the policy lists who they are."""
    partners, asked = desk.policy.partners, desk.state.round
    if not partners or asked is None:
        return
    names = [asked.chosen[k.client] if 0 <= k.client < plan.clients else "" for k in roster]
    told = dict(zip(names, signatures, strict=False))
    for name, keys in zip(names, roster, strict=True):
        if not is_signed(partners.get(name, ""), told.get(name, ""), plan, name, keys):
            raise SiteRefusal(
                f"the keys of site {name!r} in round {asked.number} are not signed by it; "
                f"site {desk.policy.site} shares no masks with whoever made them"
            )


def _heard(step: Callable[[], T]) -> T:
    """Return what a step of the masks gives; its refusals name numbers of clients only."""
    try:
        return step()
    except (InputError, RefusedError) as fault:
        raise SiteRefusal(str(fault)) from None


def _read(kind: type[T], said: str) -> T:
    return _heard(lambda: secret_from_bytes(kind, said.encode()))


def _said(message: object) -> str:
    return secret_to_bytes(message).decode("ascii")
