"""The pool: order, failures, crashes and overruns, with workers that are real processes."""

from __future__ import annotations

import json
import os
import signal
import sys
import textwrap
import time
from pathlib import Path

import pytest

from mindveil.engine import local, worker
from mindveil.engine.base import Job
from mindveil.engine.local import LocalPool
from mindveil.harness import work

TOY = """
    import json, os, sys, time
    for line in sys.stdin:
        job = json.loads(line)
        if job["do"] == "crash":
            os.kill(os.getpid(), 11)
        if job["do"] == "hang":
            time.sleep(600)
        if job["do"] == "raise":
            print(json.dumps({"fault": "it cannot be done"}), flush=True)
            continue
        big = "x" * job.get("bytes", 0)
        print(json.dumps({"result": {"echo": job["n"], "pid": os.getpid(), "big": big}}), flush=True)
"""


@pytest.fixture
def toy_workers(tmp_path, monkeypatch):
    script = tmp_path / "worker.py"
    script.write_text(textwrap.dedent(TOY))
    real = local.subprocess.Popen

    def popen(command, **options):
        return real([sys.executable, str(script)], **options)

    monkeypatch.setattr(local.subprocess, "Popen", popen)


def job(number, do="echo", after=(), behind=(), **more):
    payload = {"do": do, "n": number, **more}
    return Job(key=str(number), title=f"job {number}", payload=payload, after=after, behind=behind)


def run(jobs, **options):
    outcomes = {}
    order = []

    def done(outcome):
        outcomes[outcome.job.key] = outcome
        order.append(outcome.job.key)

    LocalPool(**{"workers": 2, **options}).run(jobs, done)
    return outcomes, order


def test_every_job_is_done_once(toy_workers):
    outcomes, order = run([job(i) for i in range(20)])
    assert sorted(order, key=int) == [str(i) for i in range(20)]
    assert all(o.result["echo"] == int(k) for k, o in outcomes.items())


def test_predecessors_come_first(toy_workers):
    _, order = run([job(1, after=("2", "3")), job(2, after=("3",)), job(3)])
    assert order == ["3", "2", "1"]


def test_a_job_behind_another_waits_for_it_and_does_not_need_it(toy_workers):
    outcomes, order = run([job(1, behind=("2",)), job(2, do="raise"), job(3, behind=("9",))])
    assert order.index("2") < order.index("1")
    assert outcomes["1"].result["echo"] == 1
    assert outcomes["3"].result["echo"] == 3


def test_large_answers_arrive_whole(toy_workers):
    outcomes, _ = run([job(1, bytes=3_000_000)])
    assert len(outcomes["1"].result["big"]) == 3_000_000


def test_a_fault_costs_its_own_job_and_those_after_it(toy_workers):
    outcomes, _ = run([job(1, do="raise"), job(2, after=("1",)), job(3)])
    assert outcomes["1"].fault == "it cannot be done"
    assert "depends on" in outcomes["2"].fault
    assert outcomes["3"].result["echo"] == 3


def test_a_crash_costs_its_own_job(toy_workers):
    outcomes, _ = run([job(1, do="crash"), *(job(i) for i in range(2, 8))])
    assert outcomes["1"].result is None
    assert "ended" in outcomes["1"].fault
    assert all(outcomes[str(i)].result for i in range(2, 8))


def test_a_hang_is_ended(toy_workers):
    started = time.monotonic()
    outcomes, _ = run([job(1, do="hang"), job(2)], minutes=0.02)
    assert "longer than" in outcomes["1"].fault
    assert outcomes["2"].result
    assert time.monotonic() - started < 20


def test_one_worker_uses_one_process(toy_workers):
    outcomes, _ = run([job(i) for i in range(4)], workers=1)
    assert len({o.result["pid"] for o in outcomes.values()}) == 1


def test_a_real_worker_dies_with_its_parent(tmp_path):
    # The parent starts a worker, tells its process number, and is killed.
    script = tmp_path / "parent.py"
    script.write_text(
        "from mindveil.engine.local import _Worker\n"
        "import time\n"
        "w = _Worker.start()\n"
        "print(w.process.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = local.subprocess.Popen([sys.executable, str(script)], stdout=local.subprocess.PIPE)
    child = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 20
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(child)


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_a_worker_names_foreign_errors_by_type_only(monkeypatch):
    def explode(payload):
        raise ValueError("my name is Maria and I feel low")

    monkeypatch.setattr(work, "work", explode)
    answer = worker._answer(json.dumps({"do": "x"}))
    assert "ValueError" in answer["fault"]
    assert "Maria" not in answer["fault"]
