"""The log of a run: events with fields from a short list, never free text from data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FIELDS = frozenset({"cells", "workers", "title", "seconds", "failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """An append-only file of JSON lines, readable by its owner only."""

    path: Path

    def event(self, name: str, **fields: str | float) -> None:
        """Append one event.

        Raises ValueError for a field that is not on the list: what is logged is decided here,
        not where it happens.
        """
        extra = fields.keys() - FIELDS
        if extra:
            raise ValueError(f"log fields {sorted(extra)} are not allowed")
        line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "event": name, **fields}
        self.path.touch(mode=0o600)
        with self.path.open("a", encoding="utf-8") as page:
            page.write(json.dumps(line) + "\n")
