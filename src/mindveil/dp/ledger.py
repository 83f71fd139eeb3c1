"""What has been promised about a corpus so far: debited before anything leaves, never erased.

The ledger is a file of JSON lines. Each line carries the digest of all lines before it, so that
a changed line is found; beside it, ``<name>.head`` says how many lines were durable when the last
debit returned, so that a shortened ledger is found. Lines are only ever appended, under a lock.

The order is what keeps it true: a debit is on the disk **before** the caller may write his
release. A run that dies in between has spent for nothing: its debit stays. A line that a dying
machine left half written was never answered for (``debit`` had not returned, which the head
shows): nothing was released for it. It is kept where it is, and it counts as spent if it can
still be read; what cannot be read has provably bought nothing and counts as nothing.

Spending adds up over releases, however each was chosen in view of the ones before (fully adaptive
composition: Whitehouse, Ramdas, Rogers & Wu 2023 for "zcdp"; Smith & Thakurta 2022 for
"gaussian"). It is kept by the digest of a corpus: whoever releases the same people from a corpus
of another digest must add the two up himself.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from mindveil.dp.accounting import Accountant, Budget
from mindveil.dp.conversion import check_promise
from mindveil.dp.spending import Spent, total
from mindveil.errors import InputError, RefusedError
from mindveil.store.files import sweep, write_json

State = Literal["debited", "released"]
"""Every line is a debit, or the note that the release of a debit was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: ``number`` counts debits from 1; a "released" line repeats its debit's number.

    ``rho`` is what was paid in the common currency, None where the mechanism has no rho (training
    on random people); ``corpus`` is the digest of the corpus it was about.
    """

    number: int
    state: State
    what: str
    corpus: str
    epsilon: float
    delta: float
    rho: float | None
    accountant: Accountant
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A ledger file; ``limit`` is the largest epsilon that one corpus may ever spend."""

    path: Path
    limit: float | None = None

    def debit(self, what: str, corpus: str, budget: Budget, rho: float | None) -> int:
        """Spend a budget on a corpus and return the debit's number; only then write the release.

        ``rho`` is the budget's own (``budget.rho``), or None for a mechanism without one. Raises
        RefusedError, with nothing written, where the corpus would spend more than the limit.
        """
        check_promise(budget.epsilon, budget.delta)
        if not what or not corpus:
            raise InputError("a debit names what is released and the digest of its corpus")
        if rho is not None and not (math.isfinite(rho) and rho > 0.0):
            raise InputError(f"a debit of rho {rho!r} is none; give a positive number or None")
        with self._held() as handle:
            lines = self._mended(handle)
            debits = [e for e in _entries(lines) if e.state == "debited"]
            entry = Entry(
                number=len(debits) + 1,
                state="debited",
                what=what,
                corpus=corpus,
                epsilon=budget.epsilon,
                delta=budget.delta,
                rho=rho,
                accountant=budget.accountant,
                when=datetime.now(UTC).isoformat(timespec="seconds"),
            )
            self._check_limit([*debits, entry], corpus)
            self._append(handle, lines, entry)
        return entry.number

    def released(self, number: int) -> None:
        """Note that the release of a debit was written; what is spent does not change."""
        with self._held() as handle:
            lines = self._mended(handle)
            known = {e.number: e for e in _entries(lines) if e.state == "debited"}
            if number not in known:
                raise InputError(f"the ledger {self.path.name} has no debit {number}")
            parts = asdict(known[number])
            parts.update(state="released", when=datetime.now(UTC).isoformat(timespec="seconds"))
            self._append(handle, lines, Entry(**parts))

    def entries(self) -> tuple[Entry, ...]:
        """Return all lines, oldest first; RefusedError where one was altered or is missing."""
        if not self.path.exists():
            self._check_head(0)
            return ()
        with self._held() as handle:
            return _entries(self._mended(handle))

    def spent(self, corpus: str) -> Spent:
        """Return what all debits of a corpus promise together, released or not."""
        return _spent(self.entries(), corpus)

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

    def _mended(self, handle: int) -> list[str]:
        """Return the whole lines, after ending one that a dying machine left without its end."""
        sweep(self.path.parent)
        text = _all_of(handle).decode("utf-8", errors="replace")
        if text and not text.endswith("\n"):
            os.write(handle, b"\n")
            os.fsync(handle)
            text += "\n"
        lines = text.split("\n")[:-1]
        self._check_head(len(lines))
        return lines

    def _append(self, handle: int, lines: Sequence[str], entry: Entry) -> None:
        parts = asdict(entry)
        parts["chain"] = _chain(lines, parts)
        line = json.dumps(parts, allow_nan=False, ensure_ascii=True) + "\n"
        rest = line.encode("ascii")
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        write_json(self._head, {"lines": len(lines) + 1})

    @property
    def _head(self) -> Path:
        return self.path.with_name(self.path.name + ".head")

    def _check_head(self, lines: int) -> None:
        """Refuse a ledger that is shorter than it was when a debit last returned."""
        if not self._head.exists():
            return
        try:
            head = int(json.loads(self._head.read_bytes())["lines"])
        except (ValueError, KeyError, TypeError):
            raise RefusedError(f"{self._head.name} cannot be read; restore it from a copy") from None
        if lines < head:
            raise RefusedError(
                f"the ledger {self.path.name} has {lines} of {head} lines: debits are missing; "
                "restore it from a copy before anything else is released"
            )

    def _check_limit(self, debits: Sequence[Entry], corpus: str) -> None:
        if self.limit is None:
            return
        after = _spent(debits, corpus)
        if after.epsilon > self.limit * (1.0 + 1e-9):
            raise RefusedError(
                f"with this release the corpus would have spent epsilon {after.epsilon:.3g} of "
                f"{self.limit:g}; ask for a smaller epsilon, or stop releasing from it"
            )


def _all_of(handle: int) -> bytes:
    os.lseek(handle, 0, os.SEEK_SET)
    parts: list[bytes] = []
    while part := os.read(handle, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _chain(before: Sequence[str], parts: dict[str, object]) -> str:
    body = {name: value for name, value in parts.items() if name != "chain"}
    text = "\n".join([*before, json.dumps(body, sort_keys=True, allow_nan=False)])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _entries(lines: Sequence[str]) -> tuple[Entry, ...]:
    """Return the lines as entries; skip what was never answered for, refuse what was altered."""
    found: list[Entry] = []
    for place, line in enumerate(lines):
        parts = _parsed(line)
        if parts is None:
            _refuse_unless_torn(lines, place)
            continue
        if parts.get("chain") != _chain(lines[:place], parts):
            raise RefusedError(f"line {place + 1} of the ledger was altered; restore it from a copy")
        found.append(Entry(**{name: value for name, value in parts.items() if name != "chain"}))
    return tuple(found)
