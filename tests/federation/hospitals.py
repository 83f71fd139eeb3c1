"""A few hospitals, each with a corpus and a policy on disk, for tests of whole federations."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tests.train.clinic import clinic

from mindveil.corpus.manifest import load_corpus, save_corpus
from mindveil.corpus.model import Corpus, Participant, Session
from mindveil.engine.site_messages import Answer, Site, SiteMessage, excuse
from mindveil.errors import InputError, RefusedError
from mindveil.federation.agreement import Agreement
from mindveil.federation.coordinator import Coordinator, Outcome, led
from mindveil.federation.site_folder import SiteFolder
from mindveil.federation.site_policy import load_policy
from mindveil.federation.site_session import SiteSession, open_site
from mindveil.randomness import stream
from mindveil.train.base import Lessons
from mindveil.train.federated import FederatedTraining

Change = Callable[[Participant, Session], Session]

NAMES = ("north", "south", "west", "east", "coast")
SIZES = (42, 31, 36, 28, 33)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospitals:
    """Sites on disk by name; ``everybody`` holds all their people, site after site."""

    folder: Path
    everybody: Corpus
    corpora: Mapping[str, Corpus]

    @property
    def names(self) -> tuple[str, ...]:
        """The sites, in their order."""
        return tuple(self.corpora)

    def lessons(self, training: FederatedTraining) -> Lessons:
        """Return what everybody teaches, with the site of each: what a simulation is given."""
        seen = {i: n for n, c in enumerate(self.corpora.values()) for i in c.ids}
        found = training.lessons(self.everybody)
        return replace(found, sites=tuple(seen[i] for i in found.ids))

    def policy(self, name: str, agreement: Agreement, **lines: object) -> Path:
        """Write the policy of a site that allows a study, but for the lines that are given."""
        said: dict[str, object] = {
            "site": name,
            "corpus": f"{name}-corpus",
            "studies": [agreement.hash],
            "sites": list(self.names),
            "secure_only": False,
            "held_out": 0.0,
            "state": f"{name}-state",
            **lines,
        }
        # A key that is drawn would hold out others in every run of a test.
        key = self.folder / f"{name}-state" / "held-out.key"
        key.parent.mkdir(mode=0o700, exist_ok=True)
        key.write_bytes(hashlib.sha256(name.encode()).digest())
        key.chmod(0o600)
        path = self.folder / f"{name}.toml"
        path.write_text(
            "".join(f"{k} = {_toml(v)}\n" for k, v in said.items() if v is not None), "utf-8"
        )
        path.chmod(0o600)
        return path

    def sites(self, agreement: Agreement, **lines: object) -> dict[str, SiteSession]:
        """Return all sites, each with a policy of its own and the same further lines."""
        return {
            name: open_site({"policy": str(self.policy(name, agreement, **lines))})
            for name in self.names
        }

    def state(self, name: str) -> SiteFolder:
        """Return the state folder of a site."""
        policy = load_policy(self.folder / f"{name}.toml")
        return SiteFolder(path=policy.state, site=name, limit=policy.max_epsilon)


def hospitals(folder: Path, sites: int = 3, change: Change | None = None) -> Hospitals:
    """Return so many hospitals of 28 to 42 people each, in a folder; ``change`` their visits."""
    everybody = clinic(sum(SIZES[:sites]), np.random.default_rng(5))
    everybody = everybody.map_sessions(change) if change else everybody
    ends = np.cumsum((0, *SIZES[:sites])).tolist()
    corpora = {}
    for place, name in enumerate(NAMES[:sites]):
        ids = everybody.ids[ends[place] : ends[place + 1]]
        save_corpus(everybody.select(ids), folder / f"{name}-corpus")
        corpora[name] = load_corpus(folder / f"{name}-corpus")
    people = [p for corpus in corpora.values() for p in corpus.participants]
    first = corpora[NAMES[0]]
    return Hospitals(folder=folder, everybody=first.with_people(people), corpora=corpora)


def agreed(sites: Sequence[str], **settings: object) -> Agreement:
    """Return what these sites agree to: a few rounds of a linear head, unless settings say more."""
    training = FederatedTraining(
        **{"target": "phq9>=10", "clients": len(sites), "rounds": 4, "secure": False, **settings}  # type: ignore[arg-type]
    )
    return Agreement(sites=tuple(sites), training=training, seed=11)


class Gone(Exception):  # noqa: N818 - it is a death, not an error
    """The site does not answer, and never will."""


def carried(coordinator: Coordinator, sites: Mapping[str, object]) -> Outcome:
    """Return what a federation in one process comes to; sites that are gone say nothing."""
    memories: dict[str, SiteMessage | None] = {}

    def exchange(messages: Mapping[str, SiteMessage], _: float) -> dict[str, SiteMessage]:
        found = {}
        for name, message in messages.items():
            site: Site | None = sites.get(name)  # type: ignore[assignment]
            heard = SiteMessage.from_bytes(message.to_bytes())
            try:
                if site is None:
                    continue
                answer = site.handle(heard, memories.get(name))
            except Gone:
                continue
            except (RefusedError, InputError) as why:
                found[name] = excuse("refused", str(why))
                continue
            memories[name], found[name] = answer.memory, answer.reply
        return {name: SiteMessage.from_bytes(m.to_bytes()) for name, m in found.items()}

    return led(coordinator, exchange, 1.0)


def federation(agreement: Agreement, sites: Mapping[str, object], **more: object) -> Outcome:
    """Return what sites come to under an agreement."""
    rng = stream(3, "coordinator")
    return carried(Coordinator(agreement=agreement, rng=rng, **more), sites)  # type: ignore[arg-type]


@dataclass(slots=True, kw_only=True)
class Dying:
    """A site that stops answering at the first message of a kind in a round, and never comes back."""

    site: SiteSession
    kind: str
    round: int = 0
    dead: bool = False

    def handle(self, request: SiteMessage, memory: SiteMessage | None) -> Answer:
        """Answer, or be gone."""
        if request.kind == self.kind and request.facts.get("round", self.round) == self.round:
            self.dead = True
        if self.dead:
            raise Gone
        return self.site.handle(request, memory)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return repr(value) if isinstance(value, int | float) else f'"{value}"'
