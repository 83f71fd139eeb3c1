"""What a site keeps on its own disk: ledger, log, what it answered, and who is held out.

Everything that decides whether an answer may leave is written here, durably, **before** it leaves.
A site that dies in between has spent for nothing: it never answers more than was paid for.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mindveil.dp.composition import Cost
from mindveil.dp.ledger import Ledger
from mindveil.errors import RefusedError
from mindveil.federation.refusals import SiteRefusal
from mindveil.store.files import write_bytes, write_json

LOGGED = ("kind", "round", "outcome", "reason", "place", "study")
"""All that a line of the log may hold beside its time and the site."""

_PEOPLE = "everybody at this site"
"""One account for all studies: a corpus that grew or was mended holds much the same people."""


_SECRET = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFolder:
    """The state folder of one site; ``limit`` is the largest epsilon that it may ever spend."""

    path: Path
    site: str
    limit: float | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder alone: a site answers one message after another."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def spent_on_others(self, study: str) -> tuple[Cost, ...]:
        """Return what all other studies spent here."""
        return tuple(cost for what, cost in self._debits() if what != _what(study))

    def pay(self, study: str, cost: Cost) -> None:
        """Debit a study, once however often it is called.

        Raises:
            RefusedError: the ledger leaves less, or was altered.
            SiteRefusal: the study was debited, and what it was answered is not there any more.
        """
        paid = any(what == _what(study) for what, _ in self._debits())
        if not self._answers(study).is_file():
            if paid:
                raise SiteRefusal(
                    f"site {self.site} has paid for this study and no longer knows what it has "
                    "answered; restore its state folder from a copy"
                )
            # There before the debit is: a debit without it means that it was lost.
            write_json(self._answers(study), [])
        if not paid:
            self._ledger.debit(_what(study), _PEOPLE, cost)

    def answered(self, study: str) -> tuple[str, ...]:
        """Return which answers of a study were paid out, oldest first.

        Raises:
            RefusedError: the list is damaged.
        """
        place = self._answers(study)
        if not place.is_file():
            return ()
        try:
            found = json.loads(place.read_text(encoding="utf-8"))
        except ValueError as fault:
            raise RefusedError(f"{place.name} is damaged; restore it from a copy") from fault
        if not isinstance(found, list) or not all(isinstance(f, str) for f in found):
            raise RefusedError(f"{place.name} is damaged; restore it from a copy")
        return tuple(found)

    def note(self, study: str, answer: str) -> None:
        """Write down that an answer of a study leaves; done before it does."""
        write_json(self._answers(study), [*self.answered(study), answer])

    def once(self, step: str) -> None:
        """Note a step with the secrets of a round, by a digest, before its answer leaves.

        Raises:
            SiteRefusal: it was taken already. A node may hand back what it remembered before an
                answer; two answers from the same secrets could take the masks off this site.
        """
        place = self.path / "mask-steps.txt"
        if place.is_file() and step in place.read_text(encoding="ascii").split():
            raise SiteRefusal(f"site {self.site} has taken this step of its round under masks")
        handle = os.open(place, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{step}\n")
            file.flush()
            os.fsync(file.fileno())

    def log(self, told: Mapping[str, str | int]) -> None:
        """Append a line to the site's log; only what is allow-listed is written."""
        line: dict[str, str | int] = {
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "site": self.site,
            **{key: told[key] for key in LOGGED if key in told},
        }
        handle = os.open(self.path / "log.jsonl", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def held_out(self, ids: Collection[str], share: float) -> frozenset[str]:
        """Return who is never taught: about this share, by a keyed hash of ids, always the same."""
        key = self._secret("held-out.key")
        limit = int(share * (1 << 64))
        return frozenset(name for name in ids if _place(key, name) < limit)

    def signing_key(self) -> bytes:
        """Return the key that signs what this site says in rounds, made where there is none."""
        return self._secret("signing.key")

    @property
    def _ledger(self) -> Ledger:
        return Ledger(path=self.path / "ledger.jsonl", limit=self.limit)

    def _debits(self) -> list[tuple[str, Cost]]:
        return [(e.what, e.cost) for e in self._ledger.entries() if e.state == "debited"]

    def _answers(self, study: str) -> Path:
        return self.path / f"answers-{study}.json"

    def _secret(self, name: str) -> bytes:
        place = self.path / name
        if not place.is_file():
            write_bytes(place, secrets.token_bytes(_SECRET))
        return place.read_bytes()


def _what(study: str) -> str:
    return f"federation {study}"


def _place(key: bytes, name: str) -> int:
    return int.from_bytes(hmac.new(key, name.encode(), hashlib.sha256).digest()[:8], "big")
