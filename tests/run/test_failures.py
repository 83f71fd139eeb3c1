"""One attack that raises, hangs or crashes: the rest completes, the hole is shown, exit code 3."""

from __future__ import annotations

import json

import pytest
from tests.run.studies import STUDY, call, toy_study

MODULE = '''
import os, time
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Bad:
    """Fail in one way or another."""

    name: ClassVar[str] = "bad"
    needs: ClassVar = frozenset({"scales"})
    modality: ClassVar[str] = "scales"
    holding: ClassVar[str] = "nothing"
    attackers: ClassVar = ("ignorant",)

    def run(self, release, knowledge, rng):
        how = "HOW"
        if how == "raise":
            raise ValueError("a participant said: Maria")
        if how == "hang":
            time.sleep(600)
        os.kill(os.getpid(), 11)
'''


@pytest.mark.parametrize("how", ["raise", "hang", "crash"])
def test_one_failing_attack_costs_its_own_cell(how, tmp_path):
    (tmp_path / "bad_attack.py").write_text(MODULE.replace("HOW", how))
    text = STUDY.replace(
        "[attack]", '[attack]\nuse = ["scales/singling-out", "bad_attack:Bad"]'
    ).replace('attackers = ["ignorant", "lazy-informed"]', 'attackers = ["ignorant"]')
    text += "[execute]\ncell_minutes = 0.6\n"
    done = call("run", toy_study(tmp_path, text), PYTHONPATH=str(tmp_path))
    assert done.returncode == 3, done.stderr
    dossier = json.loads((tmp_path / "run" / "verdict.json").read_text())
    failed = [r for r in dossier["rows"] if r["status"] == "failed"]
    assert {r["measure"] for r in failed} == {"bad_attack:Bad"}
    assert all(r["note"] for r in failed)
    good = [r for r in dossier["rows"] if r["measure"] == "scales/singling-out"]
    assert {r["status"] for r in good} == {"ok"}
    for path in (tmp_path / "run").rglob("*"):
        if path.is_file() and "sealed" not in path.parts:
            assert b"Maria" not in path.read_bytes(), path
    assert "Maria" not in done.stdout + done.stderr
