"""What a site remembers between two messages of one run of a study; it never leaves the site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np

from mindveil.engine.site_messages import SiteMessage
from mindveil.federation import facts
from mindveil.federation.agreement import Agreement
from mindveil.federation.refusals import SiteRefusal
from mindveil.federation.rounds import Round
from mindveil.secure_sum import ClientState
from mindveil.secure_sum import from_bytes as secret_from_bytes
from mindveil.secure_sum import to_bytes as secret_to_bytes
from mindveil.train.federation_terms import Kind

Phase = Literal["idle", "keys", "shares", "masked"]
"""What a site did last of a round under masks: nothing, sent keys, dealt shares, sent its vector."""

_KIND = "site-state"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteState:
    """The run that a site is in: the agreement, and how far it came.

    ``last`` is the number of the latest round that was begun, -1 before the first. Under masks
    ``round`` is what it asks, and ``client`` the secrets of its masks.
    """

    agreement: Agreement
    last: int = -1
    phase: Phase = "idle"
    round: Round | None = None
    client: ClientState | None = None

    def to_message(self) -> SiteMessage:
        """Return the state as a node keeps it; holds secrets of masks, and nothing of people."""
        secret = "" if self.client is None else secret_to_bytes(self.client).decode("ascii")
        now = self.round or Round(number=0, kind="update", chosen=(), sent=np.zeros(0))
        return SiteMessage(
            kind=_KIND,
            facts={
                "agreement": self.agreement.to_json(),
                "chosen": list(now.chosen),
                "client": secret,
                "kind": now.kind,
                "next": self.last + 1,
                "phase": self.phase,
            },
            arrays={"sent": now.sent} if len(now.sent) else {},
        )

    @classmethod
    def from_message(cls, kept: SiteMessage | None) -> SiteState:
        """Return the state that was kept.

        Raises:
            SiteRefusal: nothing was, so that the run did not begin here.
        """
        if kept is None or kept.kind != _KIND:
            raise SiteRefusal("this site is in no run of a study; say hello first")
        secret, phase = facts.text(kept, "client"), facts.text(kept, "phase")
        assert phase in get_args(Phase)
        last, chosen = facts.whole(kept, "next") - 1, facts.texts(kept, "chosen")
        now = Round(
            number=max(last, 0),
            kind=kind_of(facts.text(kept, "kind")),
            chosen=chosen,
            sent=np.asarray(kept.arrays.get("sent", np.zeros(0)), np.float64),
        )
        return cls(
            agreement=Agreement.from_json(facts.table(kept, "agreement")),
            last=last,
            phase=cast("Phase", phase),
            round=now if chosen else None,
            client=secret_from_bytes(ClientState, secret.encode()) if secret else None,
        )


def kind_of(word: str) -> Kind:
    """Return what is asked for; refuses a word that stands for nothing."""
    if word not in get_args(Kind):
        raise SiteRefusal(f"a site can give no {word[:40]!r}; ask for {', '.join(get_args(Kind))}")
    return cast("Kind", word)
