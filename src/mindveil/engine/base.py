"""The seam of every executor: jobs go in as JSON, outcomes come back as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Json = Mapping[str, object]
"""What json.loads returns for an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One unit of work.

    ``after`` names jobs without whose result it cannot be done; ``behind`` names jobs that
    should end first, well or not, because their work can be taken over.
    """

    key: str
    title: str
    payload: Json
    after: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a job: a result, or in one sentence why there is none."""

    job: Job
    result: Json | None
    fault: str = ""
    seconds: float = 0.0


class Executor(Protocol):
    """Somewhere that jobs are computed: this machine, a shard of many, a cluster, other sites."""

    def run(self, jobs: Sequence[Job], done: Callable[[Outcome], None]) -> None:
        """Compute every job once its predecessors are done; call ``done`` for each.

        A job whose predecessor failed is not run and fails with a sentence that says so.
        """
        ...
