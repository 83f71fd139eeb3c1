"""What a person, or another program, sees of a verb."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from mindveil.errors import MindveilError


def console(*, error: bool = False) -> Console:
    """Return the console; plain where it is not a terminal or NO_COLOR is set."""
    return Console(stderr=error, highlight=False, soft_wrap=not sys.stdout.isatty())


def say(text: str) -> None:
    """Print a sentence."""
    console().print(text, markup=False)


def say_json(content: Mapping[str, object] | Sequence[object]) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n")


def say_fault(fault: MindveilError, *, as_json: bool) -> None:
    """Print what is wrong in one sentence."""
    if as_json:
        say_json({"error": str(fault), "exit_code": fault.exit_code})
    console(error=True).print(f"mindveil: {fault}", markup=False, soft_wrap=True)


def say_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table."""
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console().print(table, markup=False)


@dataclass(slots=True)
class Progress:
    """Says what was finished and how long is left, from the pace so far."""

    quiet: bool = False
    planned: int = 0
    seen: int = 0
    since: float = field(default_factory=time.monotonic)

    def tell(self, event: str, title: str, seconds: float) -> None:
        """Print one line for each job that ends."""
        if event == "planned":
            self.planned += 1
            return
        if event == "resumed":
            return
        if event == "because":
            console(error=True).print(f"    {title}", markup=False, soft_wrap=True)
            return
        self.seen += 1
        if self.quiet:
            return
        left = self.planned - self.seen
        pace = (time.monotonic() - self.since) / self.seen
        mark = "failed " if event == "failed" else ""
        ends = f"about {clock(pace * left)} left" if left else "done"
        console(error=True).print(
            f"[{self.seen}/{self.planned}] {mark}{title} ({seconds:.1f} s), {ends}",
            markup=False,
            soft_wrap=True,
        )


def clock(seconds: float) -> str:
    """Return a duration as a person says it.

    >>> clock(75), clock(4000)
    ('1 min 15 s', '1 h 6 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
