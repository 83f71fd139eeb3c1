"""What was released is never missing from the ledger, whatever dies and whoever edits it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mindveil.dp.accounting import Budget
from mindveil.dp.composition import Cost
from mindveil.dp.ledger import Ledger, _chain
from mindveil.errors import InputError, RefusedError

ONE = Cost(epsilon=1.0, delta=1e-6)


@pytest.fixture
def ledger(tmp_path):
    return Ledger(path=tmp_path / "books" / "ledger.jsonl")


def kill(folder, kills, seed):
    script = Path(__file__).with_name("kill_ledger.py")
    command = [sys.executable, str(script), str(folder), str(kills), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=900)
    return json.loads(done.stdout)


def test_three_releases_of_two_corpora_by_hand(ledger):
    assert ledger.entries() == ()
    assert ledger.spent("a").epsilon == 0.0
    assert ledger.debit("copula", "a", ONE) == 1
    assert ledger.debit("gan", "b", Cost(epsilon=2.0, delta=1e-5)) == 2
    assert ledger.debit("copula again", "a", ONE) == 3
    ledger.released(1)
    spent = ledger.spent("a")
    assert (spent.releases, spent.epsilon) == (2, 2.0)
    assert spent.delta == pytest.approx(2e-6)
    assert ledger.spent("b").epsilon == 2.0
    assert [e.state for e in ledger.entries()] == ["debited"] * 3 + ["released"]
    assert [e.number for e in ledger.entries()] == [1, 2, 3, 1]
    assert ledger.path.stat().st_mode & 0o777 == 0o600


def test_costs_in_rho_compose_better_than_their_sum(ledger):
    budget = Budget(epsilon=1.0, delta=1e-6, accountant="gaussian")
    for _ in range(9):
        ledger.debit("copula", "a", Cost.of(budget))
    # Nine Gaussians of mu are one of 3 mu: far from nine epsilons.
    assert 2.9 < ledger.spent("a").epsilon < 3.1


def test_a_release_beyond_the_limit_is_refused_and_not_written(ledger):
    limited = Ledger(path=ledger.path, limit=2.5)
    limited.debit("one", "a", ONE)
    limited.debit("two", "a", ONE)
    before = ledger.path.read_bytes()
    with pytest.raises(RefusedError, match=r"epsilon 3 of 2\.5") as refused:
        limited.debit("three", "a", ONE)
    assert refused.value.exit_code == 4
    assert ledger.path.read_bytes() == before
    limited.debit("another corpus", "b", ONE)


def test_nameless_debits_and_unknown_numbers_are_refused(ledger):
    for what, corpus in (("", "a"), ("x", "")):
        with pytest.raises(InputError, match="names"):
            ledger.debit(what, corpus, ONE)
    ledger.debit("x", "a", ONE)
    with pytest.raises(InputError, match="no debit 7"):
        ledger.released(7)


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace(b'"epsilon": 1.0', b'"epsilon": 0.1', 1),
        lambda text: text.replace(b'"corpus": "a"', b'"corpus": "b"', 1),
        lambda text: text[: text.index(b"\n") + 1],
        lambda text: text[text.index(b"\n") + 1 :],
        lambda text: b"",
        lambda text: b"".join(reversed(text.splitlines(keepends=True))),
        lambda text: text[:40] + b"?" + text[41:],
        lambda text: text[:-60] + b"\n",
        lambda text: text[:-60],
    ],
    ids="smaller-epsilon other-corpus last-lost first-lost emptied order unreadable cut torn".split(),
)
def test_an_edited_ledger_is_refused(ledger, edit):
    ledger.debit("one", "a", ONE)
    ledger.debit("two", "a", ONE)
    ledger.path.write_bytes(edit(ledger.path.read_bytes()))
    with pytest.raises(RefusedError):
        ledger.spent("a")
    with pytest.raises(RefusedError):
        ledger.debit("three", "a", ONE)


def test_a_removed_ledger_or_head_is_refused(ledger):
    ledger.debit("one", "a", ONE)
    head = ledger.path.with_name("ledger.jsonl.head")
    kept = head.read_bytes()
    head.unlink()
    with pytest.raises(RefusedError, match="head is missing"):
        ledger.debit("two", "a", ONE)
    head.write_bytes(kept)
    ledger.path.unlink()
    with pytest.raises(RefusedError, match="0 of 1 lines"):
        ledger.spent("a")


def test_a_line_without_a_cost_is_refused(ledger):
    """The chain fits, but the line does not say what was spent."""
    parts = {"number": 1, "cost": 3}
    chain = _chain(hashlib.sha256(b""), parts)
    ledger.path.parent.mkdir()
    ledger.path.write_text(json.dumps({**parts, "chain": chain}) + "\n")
    with pytest.raises(RefusedError, match="no cost"):
        ledger.entries()


def torn(ledger, monkeypatch, keep):
    """Debit, but die after so many bytes of the line."""
    real = os.write

    def write(handle, data):
        if data.startswith(b'{"number"'):
            real(handle, data[:keep])
            raise KeyboardInterrupt
        return real(handle, data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        with pytest.raises(KeyboardInterrupt):
            ledger.debit("dying", "a", ONE)


def test_a_line_torn_while_written_bought_nothing_and_stays(ledger, monkeypatch):
    ledger.debit("one", "a", ONE)
    torn(ledger, monkeypatch, 50)
    assert ledger.spent("a").releases == 1
    assert ledger.debit("two", "a", ONE) == 2
    torn(ledger, monkeypatch, 1)
    ledger.released(2)
    assert ledger.spent("a").releases == 2
    assert len(ledger.path.read_bytes().splitlines()) == 5
    # The torn line is part of the chain by now: taking it out is noticed.
    lines = ledger.path.read_bytes().splitlines(keepends=True)
    ledger.path.write_bytes(b"".join([lines[0], *lines[2:], lines[-1]]))
    with pytest.raises(RefusedError):
        ledger.entries()


def test_a_line_that_lacks_its_end_alone_counts_as_spent(ledger, monkeypatch):
    ledger.debit("one", "a", ONE)
    torn(ledger, monkeypatch, -1)
    assert ledger.spent("a").releases == 2
    assert ledger.debit("three", "a", ONE) == 3


def test_a_debit_is_durable_before_it_returns(ledger, monkeypatch):
    """Write, fsync of the ledger, then the head, then back to the caller: in this order."""
    seen = []
    real_write, real_sync = os.write, os.fsync

    def write(handle, data):
        seen.append("line" if data.startswith(b'{"number"') else "head")
        return real_write(handle, data)

    def sync(handle):
        seen.append("sync")
        real_sync(handle)

    monkeypatch.setattr(os, "write", write)
    monkeypatch.setattr(os, "fsync", sync)
    ledger.debit("one", "a", ONE)
    assert seen == ["sync", "line", "sync", "head", "sync"]


def test_24_kills_forget_nothing(tmp_path):
    counts = kill(tmp_path / "k", 24, 1)
    assert counts["killed"] >= 24
    assert counts["forgotten"] == 0
    assert counts["debited"] >= counts["released"] > 0
    assert counts["epsilon"] == pytest.approx(0.5 * counts["debited"])


@pytest.mark.slow
def test_500_kills_forget_nothing(tmp_path):
    counts = kill(tmp_path / "k", 500, 2)
    assert counts["killed"] >= 500
    assert counts["forgotten"] == 0
    assert counts["torn"] > 0, "no kill hit the middle of a line"
