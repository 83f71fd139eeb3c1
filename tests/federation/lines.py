"""A coordinator that talks to one site at a time, for tests of what a site answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tests.federation.hospitals import Hospitals

from mindveil.corpus.manifest import load_corpus
from mindveil.corpus.model import Corpus
from mindveil.engine.site_messages import SiteMessage
from mindveil.federation.agreement import Agreement
from mindveil.federation.site_session import SiteSession, open_site


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


def at_another_place(wards: Hospitals, folder: Path) -> Hospitals:
    for name in wards.names:
        (folder / f"{name}-corpus").symlink_to(wards.folder / f"{name}-corpus")
    return replace(wards, folder=folder)


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
