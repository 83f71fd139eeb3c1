"""A pool of worker processes on this machine, one thread each.

Workers speak JSON lines over pipes: nothing is pickled, and a worker that raises, hangs or
crashes costs its own job only.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mindveil.engine.base import Job, Json, Outcome

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
_STEADY = {"PYTHONHASHSEED": "0", "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPool:
    """Run jobs in ``workers`` processes of this machine; ``minutes`` bounds each job."""

    workers: int
    minutes: float = 60.0

    def run(self, jobs: Sequence[Job], done: Callable[[Outcome], None]) -> None:
        """Compute every job once its predecessors are done; call ``done`` for each."""
        waiting = list(jobs)
        state: dict[str, bool] = {}
        keys = {j.key for j in jobs}
        pool: list[_Worker] = []
        try:
            while waiting or any(w.job for w in pool):
                for outcome in _unreachable(waiting, state):
                    done(outcome)
                _hand_out(waiting, pool, self.workers, state, keys)
                for outcome in _collect(pool, self.minutes * 60):
                    state[outcome.job.key] = outcome.result is not None
                    done(outcome)
        finally:
            for worker in pool:
                worker.stop()


def _unreachable(waiting: list[Job], state: dict[str, bool]) -> list[Outcome]:
    """Take out jobs whose predecessor failed."""
    lost = [j for j in waiting if any(state.get(k) is False for k in j.after)]
    for job in lost:
        waiting.remove(job)
        state[job.key] = False
    return [Outcome(job=j, result=None, fault="what it depends on could not be made") for j in lost]


def _hand_out(
    waiting: list[Job], pool: list[_Worker], limit: int, state: dict[str, bool], keys: set[str]
) -> None:
    for job in list(waiting):
        if any(k in keys and k not in state for k in (*job.after, *job.behind)):
            continue
        free = next((w for w in pool if w.job is None), None)
        if free is None:
            if len(pool) >= limit:
                return
            free = _Worker.start()
            pool.append(free)
        waiting.remove(job)
        free.give(job)


def _collect(pool: list[_Worker], limit_seconds: float) -> list[Outcome]:
    """Wait for the next answer, death or overrun of a worker."""
    busy = [w for w in pool if w.job]
    with selectors.DefaultSelector() as selector:
        for worker in busy:
            selector.register(worker.answers, selectors.EVENT_READ, worker)
        ready = [key.data for key, _ in selector.select(timeout=1.0)]
    outcomes = []
    for worker in busy:
        if worker in ready:
            outcome = worker.take()
        elif worker.elapsed > limit_seconds:
            outcome = worker.give_up(f"ran longer than {limit_seconds / 60:g} minutes")
        else:
            continue
        if outcome is None:
            continue
        if worker.process.poll() is not None:
            pool.remove(worker)
            worker.stop()
        outcomes.append(outcome)
    return outcomes


@dataclass(slots=True, eq=False)
class _Worker:
    process: subprocess.Popen[bytes]
    job: Job | None = None
    since: float = 0.0
    heard: bytes = field(default=b"")

    @classmethod
    def start(cls) -> _Worker:
        loud = os.environ.get("MINDVEIL_DEBUG")
        process = subprocess.Popen(
            [sys.executable, "-m", "mindveil.engine.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if loud else subprocess.DEVNULL,
            env={**os.environ, **ONE_THREAD, **_STEADY},
        )
        return cls(process=process)

    @property
    def answers(self) -> int:
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.since

    def give(self, job: Job) -> None:
        assert self.process.stdin is not None
        self.job, self.since, self.heard = job, time.monotonic(), b""
        line = json.dumps(job.payload).encode() + b"\n"
        try:
            self.process.stdin.write(line)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # its end of the answer pipe is closed as well, which take() reports

    def take(self) -> Outcome | None:
        piece = os.read(self.answers, 1 << 20)
        if not piece:
            code = self.process.wait()
            return self._close(None, f"the worker process ended (code {code}) before it was done")
        self.heard += piece
        if not self.heard.endswith(b"\n"):
            return None
        answer: dict[str, Json | str] = json.loads(self.heard)
        fault = answer.get("fault", "")
        result = answer.get("result")
        assert isinstance(fault, str)
        return self._close(result if isinstance(result, dict) else None, fault)

    def give_up(self, fault: str) -> Outcome:
        self.process.kill()
        self.process.wait()
        return self._close(None, fault)

    def _close(self, result: Json | None, fault: str) -> Outcome:
        assert self.job is not None
        outcome = Outcome(job=self.job, result=result, fault=fault, seconds=self.elapsed)
        self.job = None
        return outcome

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
