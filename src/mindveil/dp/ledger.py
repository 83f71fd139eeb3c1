"""What has been promised about a corpus so far: debited before anything leaves, never erased.

The ledger is a file of JSON lines, appended to under a lock. Each line carries the digest of all
lines before it, so that a changed line is found; beside it, ``<name>.head`` says how many lines
were durable when a debit last returned, so that a shortened ledger is found.

The order is what keeps it true: a debit is on the disk **before** the caller may write his
release. A run that dies in between has spent for nothing: its debit stays. A line that a dying
machine left half written was never answered for (``debit`` had not returned, which the head
shows), so nothing was released for it. It stays where it is; it counts as spent if it can still
be read, and what cannot be read has provably bought nothing and counts as nothing.

Spending adds up over releases, however each was chosen in view of the ones before (fully adaptive
composition: Whitehouse, Ramdas, Rogers & Wu 2023 for "zcdp"; Smith & Thakurta 2022 for
"gaussian"). It is kept by the digest of a corpus: whoever releases the same people from a corpus
of another digest must add the two up himself. Whoever may write to both files can forge them;
they guard against accidents and forgetting, not against their owner.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from mindveil.dp.composition import Cost, Spent, together
from mindveil.errors import InputError, RefusedError

State = Literal["debited", "released"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: a debit, or the note that the release of a debit was written.

    ``number`` counts debits from 1; a "released" line repeats its debit's number. ``corpus`` is
    the digest of the corpus it was about, ``when`` the time in UTC.
    """

    number: int
    state: State
    what: str
    corpus: str
    cost: Cost
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A ledger file; ``limit`` is the largest epsilon that one corpus may ever spend."""

    path: Path
    limit: float | None = None

    def debit(self, what: str, corpus: str, cost: Cost) -> int:
        """Spend on a corpus and return the debit's number; only then may the release be written.

        Raises RefusedError, with nothing written, where the corpus would spend more than the
        limit, or where the ledger was altered.
        """
        if not what or not corpus:
            raise InputError("a debit names what is released and the digest of its corpus")
        with self._held() as handle:
            text, entries = self._read(handle)
            debits = [e for e in entries if e.state == "debited"]
            self._check_limit([e.cost for e in debits if e.corpus == corpus], cost)
            number = len(debits) + 1
            entry = Entry(
                number=number, state="debited", what=what, corpus=corpus, cost=cost, when=_now()
            )
            self._append(handle, text, entry)
        return number

    def released(self, number: int) -> None:
        """Note that the release of a debit was written; what is spent does not change."""
        with self._held() as handle:
            text, entries = self._read(handle)
            debit = {e.number: e for e in entries if e.state == "debited"}.get(number)
            if debit is None:
                raise InputError(f"the ledger {self.path.name} has no debit {number}")
            entry = Entry(
                number=number,
                state="released",
                what=debit.what,
                corpus=debit.corpus,
                cost=debit.cost,
                when=_now(),
            )
            self._append(handle, text, entry)

    def entries(self) -> tuple[Entry, ...]:
        """Return all lines, oldest first; RefusedError where one was altered or is missing."""
        if not self.path.exists() and not self._head.exists():
            return ()
        with self._held() as handle:
            return self._read(handle)[1]

    def spent(self, corpus: str) -> Spent:
        """Return what all debits of a corpus promise together, released or not."""
        debits = [e for e in self.entries() if e.state == "debited" and e.corpus == corpus]
        return together([e.cost for e in debits])

    @property
    def _head(self) -> Path:
        return self.path.with_name(self.path.name + ".head")

    @contextmanager
    def _held(self) -> Iterator[int]:
        """Hold the ledger alone, for reading too: a reader never sees a line half written."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)

    def _read(self, handle: int) -> tuple[bytes, tuple[Entry, ...]]:
        text = _all_of(handle)
        lines = text.splitlines()
        answered = self._answered()
        if len(lines) < answered:
            raise RefusedError(
                f"the ledger {self.path.name} has {len(lines)} of {answered} lines: debits are "
                "missing; restore it from a copy before anything else is released"
            )
        entries = _entries(lines, answered)
        if entries and not self._head.exists():
            raise RefusedError(
                f"{self._head.name} is missing beside a ledger that has been used; "
                "restore it from a copy before anything else is released"
            )
        return text, entries

    def _answered(self) -> int:
        """Return how many lines were durable when a debit last returned."""
        if not self._head.exists():
            return 0
        # A number whose end is missing is smaller than it was meant to be; the rest still hold.
        return max(
            (int(line) for line in self._head.read_bytes().split() if line.isdigit()), default=0
        )

    def _append(self, handle: int, text: bytes, entry: Entry) -> None:
        # The head is there before the first line is, so that a ledger without one is refused.
        head = os.open(self._head, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        try:
            _sync_folder(self.path.parent)
            if text and not text.endswith(b"\n"):
                text += b"\n"
                _append_durably(handle, b"\n")
            parts = asdict(entry)
            chain = _chain(hashlib.sha256(text), parts)
            line = json.dumps({**parts, "chain": chain}, allow_nan=False) + "\n"
            _append_durably(handle, line.encode("ascii"))
            _append_durably(head, f"\n{len(text.splitlines()) + 1}\n".encode("ascii"))
        finally:
            os.close(head)

    def _check_limit(self, before: Sequence[Cost], cost: Cost) -> None:
        if self.limit is None:
            return
        after = together([*before, cost])
        if after.epsilon > self.limit * (1.0 + 1e-9):
            raise RefusedError(
                f"with this release the corpus would have spent epsilon {after.epsilon:.3g} of "
                f"{self.limit:g}; ask for a smaller epsilon, or stop releasing from it"
            )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _all_of(handle: int) -> bytes:
    os.lseek(handle, 0, os.SEEK_SET)
    parts: list[bytes] = []
    while part := os.read(handle, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _append_durably(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
    os.fsync(handle)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _chain(before: hashlib._Hash, parts: dict[str, object]) -> str:
    total = before.copy()
    total.update(json.dumps(parts, sort_keys=True, allow_nan=False).encode("ascii"))
    return total.hexdigest()


def _entries(lines: Sequence[bytes], answered: int) -> tuple[Entry, ...]:
    """Return the lines as entries.

    A line that cannot be read is a torn one, and is passed over, if no debit returned with it
    (only later ones did, and their chain holds it as it is). Any other is refused.
    """
    found: list[Entry] = []
    before = hashlib.sha256()
    torn: list[int] = []
    for place, line in enumerate(lines, start=1):
        parts = _parsed(line)
        if parts is None:
            torn.append(place)
        else:
            chain = parts.pop("chain", None)
            if chain != _chain(before, parts):
                raise RefusedError(
                    f"line {place} of the ledger was altered; restore it from a copy"
                )
            torn.clear()
            found.append(_entry(parts))
        before.update(line + b"\n")
    if torn and torn[0] <= answered:
        raise RefusedError(f"line {torn[0]} of the ledger is damaged; restore it from a copy")
    return tuple(found)


def _parsed(line: bytes) -> dict[str, object] | None:
    try:
        parts = json.loads(line)
    except ValueError:
        return None
    return parts if isinstance(parts, dict) else None


def _entry(parts: dict[str, object]) -> Entry:
    cost = parts.pop("cost")
    if not isinstance(cost, dict):
        raise RefusedError("a line of the ledger has no cost; restore it from a copy")
    return Entry(**parts, cost=Cost(**cost))  # type: ignore[arg-type]  # the chain vouches
