"""The pages of the documentation, cut into blocks, and a place to try them out.

A block may be marked by comments on the lines before it: ``file: PATH`` (it is a file of that
name), ``map`` (a map of columns for ``import csv``), ``site`` (the policy of a site of a
federation), ``not run`` (a piece of code).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.sample.build import build_sample

ROOT = Path(__file__).resolve().parents[2]
STUDY = """\
study  = "docs"
corpus = "corpus"
out    = "run"

[attack]
use       = ["scales/linkage"]
attackers = ["ignorant"]
"""
DIARY = '{"person": "D1", "day": "2024-05-02", "text": "today was better than the day before"}\n'

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"<!-- (.*?) -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block: where it stands, its language, its text, and how it is marked."""

    where: str
    language: str
    text: str
    marks: tuple[str, ...]

    @property
    def file(self) -> str:
        """The name of the file that this block is, or nothing."""
        named = [m.removeprefix("file: ") for m in self.marks if m.startswith("file: ")]
        return named[0] if named else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the documentation."""

    path: Path
    text: str
    blocks: tuple[Block, ...]

    @property
    def name(self) -> str:
        """The path as a reader says it."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def prose(self) -> str:
        """The page without its blocks."""
        return _FENCE.sub("", self.text)

    def lay_out(self, folder: Path) -> None:
        """Write the files that the page holds."""
        for block in self.blocks:
            if block.file:
                path = folder / block.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8")


def read_page(path: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    blocks = []
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        above = text[: found.start()].splitlines()
        marks = []
        while above and (mark := _MARK.fullmatch(above[-1])):
            marks.append(mark[1])
            above.pop()
        blocks.append(
            Block(
                where=f"{path.name}:{line}",
                language=found[1],
                text=found[2],
                marks=tuple(marks),
            )
        )
    return Page(path=path, text=text, blocks=tuple(blocks))


@pytest.fixture(scope="session")
def pages():
    """Return every page, those in the root of the project included, by name."""
    paths = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
    return {p.name: p for p in map(read_page, paths)}


@pytest.fixture(scope="session")
def cohort():
    """Return 24 people who do not exist."""
    corpus, _ = build_sample(people=24)
    return corpus


@pytest.fixture
def laboratory(tmp_path, monkeypatch, pages, cohort):
    """Return a folder with a corpus, a study and the modules of the page for extenders."""
    pages["docs/extender.md"].lay_out(tmp_path)
    (tmp_path / "my_lab" / "__init__.py").write_text('"""A laboratory."""\n', encoding="utf-8")
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    (tmp_path / "diary.jsonl").write_text(DIARY, encoding="utf-8")
    save_corpus(cohort, tmp_path / "corpus", truth=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [n for n in sys.modules if n.partition(".")[0] == "my_lab"]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path
