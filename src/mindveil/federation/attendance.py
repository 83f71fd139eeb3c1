"""Which sites still answer a coordinator, and why the others do not."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from mindveil.engine.site_messages import TRANSPORT_KINDS, SiteMessage
from mindveil.errors import MindveilError
from mindveil.store.files import Json

T = TypeVar("T")
Messages = Mapping[str, SiteMessage]
Talk = Generator[Messages, Messages, T]
"""Yields what is asked of which site, takes what came back, and returns what was made of it."""

_LONGEST = 400
_PATIENCE = 2


@dataclass(slots=True, kw_only=True)
class Attendance:
    """Who is there. A site that refuses, fails or does not answer is left out from then on.

    ``lost`` says why, in the site's own sentence. ``seconds`` is how long sites were waited for.
    A site that refuses to go on with a round under masks may do so because another one lied: it
    is only left out when it does so in more than two rounds (``spared`` counts them).
    """

    present: tuple[str, ...]
    clock: Callable[[], float] = time.monotonic
    lost: dict[str, str] = field(default_factory=dict)
    spared: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def ask(
        self,
        requests: Messages,
        kind: str,
        read: Callable[[str, SiteMessage], T],
        *,
        patient: bool = False,
    ) -> Talk[dict[str, T]]:
        """Return what each site said that answered in this kind, as ``read`` understands it.

        ``patient`` bears with refusals: what is asked goes on with a round that others are in.
        """
        if not requests:
            return {}
        begun = self.clock()
        replies = yield requests
        self.seconds += self.clock() - begun
        found: dict[str, T] = {}
        for name in requests:
            reply = replies.get(name)
            if reply is None or reply.kind != kind:
                refused = reply is not None and reply.kind == "refused"
                if not (patient and refused and self._spare(name)):
                    self.leave(name, _excuse(reply))
                continue
            try:
                found[name] = read(name, reply)
            except MindveilError as fault:
                self.leave(name, str(fault))
        return found

    def leave(self, name: str, why: str) -> None:
        """Ask a site no more."""
        self.present = tuple(other for other in self.present if other != name)
        self.lost[name] = why[:_LONGEST]

    def _spare(self, name: str) -> bool:
        self.spared[name] = self.spared.get(name, 0) + 1
        return self.spared[name] <= _PATIENCE

    def among(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return those of some sites who are still there."""
        return tuple(name for name in names if name in self.present)

    def to_json(self) -> dict[str, Json]:
        """Return who was lost, and why, for the record."""
        return {name: self.lost[name] for name in sorted(self.lost)}


def _excuse(reply: SiteMessage | None) -> str:
    if reply is None:
        return "no answer in time"
    if reply.kind in TRANSPORT_KINDS:
        return f"{reply.kind}: {reply.facts.get('reason', '')}"
    return f"answered with a message of kind {reply.kind!r}, which was not asked for"
