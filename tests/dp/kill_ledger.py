"""Kill processes that debit a ledger, and check after each kill that nothing was forgotten.

Run as ``python kill_ledger.py <folder> <kills> <seed>``; prints one JSON line of counts. Each
process debits, and only then "releases": it makes an empty file named by its debit's number.
Half of the kills hit a single process just before its k-th call to the operating system, or in
the middle of a write; the other half hit one of three concurrent processes at a random moment.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from mindveil.dp.composition import Cost
from mindveil.dp.ledger import Ledger

CALLS = ("open", "lseek", "read", "write", "fsync", "close")
POINTS = 18
COST = Cost(epsilon=0.5, delta=1e-6)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def kill_before(point, half):
    """Arrange that this process dies just before its ``point``-th call, or within that write."""
    left = [point]

    def counted(name, real):
        def call(*parts, **named):
            left[0] -= 1
            if left[0] == 0:
                if half and name == "write":
                    real(parts[0], parts[1][: max(1, len(parts[1]) // 2)])
                die()
            return real(*parts, **named)

        return call

    for name in CALLS:
        setattr(os, name, counted(name, getattr(os, name)))
    fcntl.flock = counted("flock", fcntl.flock)


def release(folder, times):
    for _ in range(times):
        number = Ledger(path=folder / "ledger").debit("table", "corpus", COST)
        (folder / "released" / str(number)).touch(exist_ok=False)


def child(task):
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            task()
            os._exit(0)
        os._exit(1)
    return pid


def ended_by(pid):
    return os.WTERMSIG(status) if os.WIFSIGNALED(status := os.waitpid(pid, 0)[1]) else 0


def one_kill(folder, turn):
    def task():
        kill_before(1 + turn % POINTS, half=(turn // POINTS) % 2 == 1)
        release(folder, 1)

    return int(ended_by(child(task)) == signal.SIGKILL)


def crowd_kill(folder, rng):
    pids = [child(lambda: release(folder, 4)) for _ in range(3)]
    time.sleep(float(rng.uniform(0.0, 0.03)))
    with contextlib.suppress(ProcessLookupError):
        os.kill(pids[int(rng.integers(3))], signal.SIGKILL)
    ends = [ended_by(pid) for pid in pids]
    return sum(end == signal.SIGKILL for end in ends)


def main():
    folder, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    (folder / "released").mkdir(parents=True)
    rng = np.random.default_rng(seed)
    killed = forgotten = 0
    turn = 0
    while killed < kills and turn < 4 * kills + 40:
        killed += one_kill(folder, turn // 2) if turn % 2 == 0 else crowd_kill(folder, rng)
        turn += 1
        numbers = {int(path.name) for path in (folder / "released").iterdir()}
        debited = {e.number for e in Ledger(path=folder / "ledger").entries()}
        forgotten += len(numbers - debited)
    release(folder, 1)
    lines = (folder / "ledger").read_bytes().splitlines()
    spent = Ledger(path=folder / "ledger").spent("corpus")
    counts = {
        "killed": killed,
        "forgotten": forgotten,
        "released": len(list((folder / "released").iterdir())),
        "debited": spent.releases,
        "epsilon": spent.epsilon,
        "torn": len(lines) - spent.releases,
    }
    sys.stdout.write(json.dumps(counts) + "\n")


if __name__ == "__main__":
    main()
