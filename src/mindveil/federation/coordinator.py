"""The coordinator of a federation: it asks sites that may refuse, fail or die, and joins sums.

It holds no corpus. What it learns is a detector, a record of who answered when, and the few
numbers that sites let go. It drives the very course that a simulation follows
(``train.federation_course``), so that what was simulated is what is deployed.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np

from mindveil.corpus.instruments import parse_target
from mindveil.engine.site_messages import SiteMessage
from mindveil.errors import InputError, RefusedError
from mindveil.federation import facts
from mindveil.federation.agreement import Agreement
from mindveil.federation.attendance import Attendance, Messages, Talk
from mindveil.federation.coordinator_rounds import Heard, Table, masked_round_of, open_round_of
from mindveil.federation.refusals import SiteRefusal
from mindveil.federation.rounds import Round, least
from mindveil.federation.site_estimates import SiteEstimate, estimates_from
from mindveil.store import cache
from mindveil.store.files import Json
from mindveil.train.detector import Detector
from mindveil.train.federation_course import course
from mindveil.train.public_scales import score_scale
from mindveil.train.reader import Reader
from mindveil.train.simulated_sites import Seen
from mindveil.train.site_answers import Request

Exchange = Callable[[Messages, float], Messages]
"""A transport: carries messages to sites by name and brings back what came in so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a federation came to; ``estimates`` by site, ``refused`` what sites did not say.

    ``record`` is JSON: who answered in which round, how many seconds it took, who was lost, why.
    """

    detector: Detector
    record: Mapping[str, Json]
    estimates: Mapping[str, tuple[SiteEstimate, ...]] = field(default_factory=dict)
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Coordinator:
    """A federation as a conversation: ``next_requests`` until it returns None, then ``outcome``.

    With ``estimates`` sites are asked in the end what the detector is worth on people who never
    taught it, and what ``attacks`` find. ``rng`` draws the start of a network and who takes part.
    """

    agreement: Agreement
    rng: np.random.Generator
    estimates: bool = False
    attacks: tuple[str, ...] = ()
    clock: Callable[[], float] = time.monotonic
    attendance: Attendance = field(init=False)
    rounds: list[dict[str, Json]] = field(init=False, default_factory=list)
    _talk: Talk[Outcome] | None = field(init=False, default=None)
    _outcome: Outcome | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.attendance = Attendance(present=self.agreement.sites, clock=self.clock)

    @property
    def outcome(self) -> Outcome:
        """What the federation came to; InputError before its end."""
        if self._outcome is None:
            raise InputError("the federation has not come to its end; carry its messages first")
        return self._outcome

    def next_requests(self, replies: Messages) -> Messages | None:
        """Return what to ask of which site next, given what came back; None at the end.

        Raises:
            RefusedError: fewer sites are left than the masks need, or none.
            InvalidMeasurement: too few answered in every round.
        """
        try:
            if self._talk is None:
                self._talk = self._conversation()
                return next(self._talk)
            return self._talk.send(replies)
        except StopIteration as end:
            self._outcome = cast("Outcome", end.value)
            return None

    def _conversation(self) -> Talk[Outcome]:
        reader = yield from self._hello()
        table = Table(
            agreement=self.agreement,
            terms=self.agreement.terms(sum(part.width for part in reader.parts)),
            attendance=self.attendance,
        )
        detector = yield from self._taught(table, reader)
        found = yield from self._estimates(detector)
        record: dict[str, Json] = {
            "lost": self.attendance.to_json(),
            "rounds": [*self.rounds],
            "sites": list(self.agreement.sites),
            "study": self.agreement.hash,
        }
        return Outcome(
            detector=detector,
            record=record,
            estimates={name: told[0] for name, told in found.items()},
            refused={name: told[1] for name, told in found.items()},
        )

    def _hello(self) -> Talk[Reader]:
        """Ask who takes part; those who read people otherwise than most are left out."""
        message = SiteMessage(kind="hello", facts={"agreement": self.agreement.to_json()})
        readers = yield from self.attendance.ask(
            dict.fromkeys(self.attendance.present, message), "agreed", _reader
        )
        self._check_left()
        digests = {name: _digest(reader) for name, reader in readers.items()}
        usual, count = Counter(digests.values()).most_common(1)[0]
        if 2 * count <= len(digests):
            raise RefusedError(
                "no more than half of the sites read people alike; let them declare the same "
                "columns and questionnaires"
            )
        for name, digest in digests.items():
            if digest != usual:
                self.attendance.leave(name, "reads people otherwise than most sites")
        self._check_left()
        return next(readers[name] for name in digests if digests[name] == usual)

    def _taught(self, table: Table, reader: Reader) -> Talk[Detector]:
        """Follow the course of a federation to its detector."""
        training, terms = self.agreement.training, table.terms
        recipe = training.recipe()
        way = course(terms, recipe.start(terms, self.rng), self.rng)
        try:
            request = next(way)
            while True:
                seen = yield from self._seen(table, request)
                request = way.send(seen)
        except StopIteration as end:
            learnt = end.value
        scale = score_scale(parse_target(training.target))
        # Sites draw their noise from the operating system, or refuse (``SitePolicy``).
        taught = recipe.taught(terms, learnt, scale, proved=not self.agreement.reproducible)
        before = tuple(cast("cache.Json", step.model_dump()) for step in self.agreement.before)
        return replace(training.detector(reader, taught), before=before)

    def _seen(self, table: Table, request: Request) -> Talk[Seen]:
        """Put one request of the course to the sites that are left."""
        self._check_left()
        names = self.agreement.sites
        chosen = self.attendance.among([names[i] for i in request.chosen])
        number, secure = len(self.rounds), table.terms.secure
        asked = Round(number=number, kind=request.kind, chosen=chosen, sent=request.sent)
        heard, before = Heard(answered=(), total=None), self.attendance.seconds
        if len(chosen) >= (max(2, least(table.terms, len(chosen))) if secure else 1):
            try:
                heard = yield from (masked_round_of if secure else open_round_of)(table, asked)
            except RefusedError:  # too few stayed: nothing is revealed, and nothing is learnt
                heard = Heard(answered=(), total=None)
        self.rounds.append(
            {
                "answered": list(heard.answered),
                "asked": list(chosen),
                "kind": request.kind,
                "round": number,
                "seconds": round(self.attendance.seconds - before, 3),
            }
        )
        return Seen(
            request=request,
            answered=tuple(names.index(name) for name in heard.answered),
            total=heard.total,
            messages=heard.messages,
            masked=heard.masked,
        )

    def _estimates(
        self, detector: Detector
    ) -> Talk[dict[str, tuple[tuple[SiteEstimate, ...], tuple[str, ...]]]]:
        if not self.estimates:
            return {}
        head = detector.head
        message = SiteMessage(
            kind="estimates",
            facts={
                "attacks": list(self.attacks),
                "head": head.kind,
                "head_facts": dict(head.facts()),
                "study": self.agreement.hash,
            },
            arrays={name: tensor.astype(np.float64) for name, tensor in head.tensors().items()},
        )
        requests = dict.fromkeys(self.attendance.present, message)
        found = yield from self.attendance.ask(requests, "estimates", _figures)
        return found

    def _check_left(self) -> None:
        """Go no further with fewer sites than masks need, or with none."""
        left, needed = len(self.attendance.present), 1
        if self.agreement.training.secure:
            needed = self.agreement.terms(1).threshold
        if left < needed:
            why = "; ".join(f"{name}: {said}" for name, said in self.attendance.lost.items())
            raise RefusedError(
                f"{left} of {len(self.agreement.sites)} sites are left and {needed} are needed "
                f"({why})"
            )


def led(coordinator: Coordinator, exchange: Exchange, seconds: float) -> Outcome:
    """Return what a federation comes to over a transport; who does not answer in time is lost.

    Raises:
        RefusedError: fewer sites are left than the masks need, or none.
    """
    requests = coordinator.next_requests({})
    while requests is not None:
        requests = coordinator.next_requests(exchange(requests, seconds))
    return coordinator.outcome


def _reader(name: str, reply: SiteMessage) -> Reader:
    reader = Reader.from_json(cast("dict[str, cache.Json]", facts.table(reply, "reader")))
    if facts.whole(reply, "columns") != sum(part.width for part in reader.parts):
        raise SiteRefusal(f"site {name} reads another number of columns than it says")
    return reader


def _digest(reader: Reader) -> str:
    words = json.dumps(reader.to_json(), sort_keys=True).encode()
    return hashlib.sha256(words).hexdigest()


def _figures(_: str, reply: SiteMessage) -> tuple[tuple[SiteEstimate, ...], tuple[str, ...]]:
    told = reply.facts.get("estimates")
    return estimates_from(told if isinstance(told, list) else [None]), facts.texts(reply, "refused")
