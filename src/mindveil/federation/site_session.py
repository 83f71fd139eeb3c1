"""One hospital's side of a federation: it answers one message after another, or says why not.

The order is that of the site's own policy, whatever the coordinator says: which study, with whom,
how many people, what is promised to them and what was spent before, whether masks hide what
leaves, and how often. Each message may meet a fresh process: what lasts is the state that is
returned with an answer, and the site's folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from mindveil.engine.site_messages import Answer, SiteMessage
from mindveil.errors import InputError
from mindveil.features.shelf import shelf
from mindveil.federation import facts
from mindveil.federation.agreement import Agreement
from mindveil.federation.refusals import SiteRefusal, place_of
from mindveil.federation.signatures import signer_of
from mindveil.federation.site_estimates import Questions, figures_of
from mindveil.federation.site_folder import SiteFolder
from mindveil.federation.site_policy import SitePolicy, load_policy
from mindveil.federation.site_rounds import (
    Desk,
    answer_openly,
    send_keys,
    send_masked,
    send_reveal,
    send_shares,
)
from mindveil.federation.site_state import SiteState, kind_of
from mindveil.randomness import stream
from mindveil.store import cache
from mindveil.store.files import Json
from mindveil.train.base import Head
from mindveil.train.model_file import KINDS

_OPEN = ("update", "line", "moments")
_MASKED = {
    "keys": send_keys,
    "shares": send_shares,
    "masked": send_masked,
    "reveal": send_reveal,
}
_KNOWN = ("hello", *_OPEN, *_MASKED, "estimates")
_ESTIMATES = "estimates"
_TENS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSession:
    """A site that answers under its policy."""

    policy: SitePolicy

    def handle(self, request: SiteMessage, memory: SiteMessage | None) -> Answer:
        """Answer one message; ``memory`` is what the last answer left, None before the first.

        Raises:
            SiteRefusal: with one sentence, which is in the site's log too. What goes wrong at the
                site itself is said without its text, which may name people.
        """
        limit = self.policy.max_epsilon
        folder = SiteFolder(path=self.policy.state, site=self.policy.site, limit=limit)
        with folder.held():
            told = _logged(request)
            try:
                # Each message may meet a fresh process: words are read once for all of them.
                with shelf(self.policy.state / "features"):
                    answer = self._answer(folder, request, memory)
            except SiteRefusal as why:
                folder.log({**told, "outcome": "refused", "reason": str(why)})
                raise
            except Exception as fault:  # noqa: BLE001 - no text of an error leaves the site
                folder.log({**told, "outcome": "failed", "place": place_of(fault)})
                raise SiteRefusal(
                    f"site {self.policy.site} could not answer a message of kind "
                    f"{told['kind']!r}; its log says where"
                ) from None
            folder.log({**told, "outcome": "answered"})
        return answer

    def _answer(
        self, folder: SiteFolder, request: SiteMessage, memory: SiteMessage | None
    ) -> Answer:
        if request.kind not in _KNOWN:
            raise SiteRefusal(f"site {self.policy.site} knows no message of this kind")
        if request.kind == "hello":
            state = SiteState(agreement=_agreement(request))
            desk = Desk(policy=self.policy, folder=folder, state=state)
            self._check(desk)
            return _hello(desk)
        desk = Desk(policy=self.policy, folder=folder, state=SiteState.from_message(memory))
        if facts.text(request, "study") != desk.agreement.hash:
            raise SiteRefusal(f"site {self.policy.site} is in a run of another study")
        self._check(desk)
        if request.kind == _ESTIMATES:
            return _estimates(desk, request)
        self.policy.check_output("updates")
        if request.kind in _MASKED:
            return _MASKED[request.kind](desk, request)
        return answer_openly(desk, kind_of(request.kind), request)

    def _check(self, desk: Desk) -> None:
        """Hold the agreement against the policy as it is now: a site may change its mind."""
        agreement = desk.agreement
        self.policy.check_study(agreement.hash)
        self.policy.check_sites(agreement.sites)
        self.policy.check_masks(secure=agreement.training.secure)
        self.policy.check_noise(seeded=agreement.reproducible and agreement.cost is not None)
        self.policy.check_promise(agreement.cost, desk.folder.spent_on_others(agreement.hash))


def open_site(settings: Mapping[str, object]) -> SiteSession:
    """Return the site whose policy file the settings name: ``{"policy": "/etc/site.toml"}``.

    Where the policy lists coordinators, ``certificate`` names the file by which this node knows
    the one that it is joined to.

    Raises:
        InputError: they name none, or it cannot be used.
        SiteRefusal: the certificate is not of a coordinator that the site answers.
    """
    path, certificate = settings.get("policy"), settings.get("certificate", "")
    known = set(settings) <= {"policy", "certificate"}
    if not (isinstance(path, str) and isinstance(certificate, str) and known):
        raise InputError(
            "a site is opened with the path of its policy file, policy = 'site.toml', and of the "
            "certificate that its node trusts, certificate = 'ca.crt'"
        )
    policy = load_policy(Path(path))
    if policy.coordinator:
        file = Path(certificate)
        if not certificate or not file.is_file():
            raise InputError(
                f"site {policy.site} lists the coordinators that it answers; name the certificate "
                "that its node trusts, certificate = 'ca.crt'"
            )
        policy.check_coordinator(hashlib.sha256(file.read_bytes()).hexdigest())
    return SiteSession(policy=policy)


def _agreement(request: SiteMessage) -> Agreement:
    try:
        return Agreement.from_json(facts.table(request, "agreement"))
    except InputError as fault:  # says what the coordinator sent, and nothing of the site
        raise SiteRefusal(str(fault)) from None


def _hello(desk: Desk) -> Answer:
    """Take part: say how people are read here, and in tens how many teach.

    Under a promise no count is said: one person more can be the next ten, without any noise.
    """
    desk.policy.check_output("updates")
    people = desk.people()
    said: dict[str, Json] = {
        "columns": people.columns,
        "reader": people.reader.to_json(),
        "signer": signer_of(desk.folder.signing_key()),
    }
    if desk.agreement.cost is None:
        count = len(people.taught.ids)
        said["people"] = count - count % _TENS
    return desk.keep(SiteMessage(kind="agreed", facts=said), desk.state)


def _estimates(desk: Desk, request: SiteMessage) -> Answer:
    """Say what a head is worth here, once for each study."""
    policy, study = desk.policy, desk.agreement.hash
    policy.check_output("estimates")
    if _ESTIMATES in desk.folder.answered(study):
        raise SiteRefusal(f"site {policy.site} has given its estimates for this study already")
    asked = Questions(head=_head(request), attacks=facts.texts(request, "attacks"))
    people = desk.people()
    # What is drawn again must be the same at the same site, or means over asking sharpen it.
    rng = stream(desk.agreement.seed, "federation", _ESTIMATES, policy.site)
    found = figures_of(policy, desk.agreement, people, asked, rng)
    desk.folder.note(study, _ESTIMATES)
    said: dict[str, Json] = {
        "estimates": [e.to_json() for e in found.estimates],
        "refused": list(found.refused),
    }
    return desk.keep(SiteMessage(kind=_ESTIMATES, facts=said), desk.state)


def _head(request: SiteMessage) -> Head:
    kind = facts.text(request, "head")
    if kind not in KINDS:
        raise SiteRefusal(f"no head of the kind {kind[:40]!r} is known here")
    tensors = {name: array.astype(np.float64) for name, array in request.arrays.items()}
    return KINDS[kind](tensors, cast("dict[str, cache.Json]", facts.table(request, "head_facts")))


def _logged(request: SiteMessage) -> dict[str, str | int]:
    """Return what the log says of a message: its kind and its round, where they are such."""
    told: dict[str, str | int] = {
        "kind": request.kind if request.kind in _KNOWN else "unknown",
    }
    number, study = request.facts.get("round"), request.facts.get("study")
    if isinstance(number, int):
        told["round"] = number
    if isinstance(study, str):
        told["study"] = study[:16]
    return told
