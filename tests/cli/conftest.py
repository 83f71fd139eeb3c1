from __future__ import annotations

import sys
from dataclasses import dataclass

import pytest

from mindveil.cli.main import main


@dataclass
class Said:
    """How a call of the command line ended, and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(monkeypatch, capsys):
    """Call the command line in this process."""

    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["mindveil", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        printed = capsys.readouterr()
        return Said(code=code, out=printed.out, err=printed.err)

    return call
