"""The house: sizes of modules, one-way imports, nothing that unpickles."""

from __future__ import annotations

import ast
import re
import statistics
from pathlib import Path

import pytest

import mindveil

ROOT = Path(mindveil.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

SOCKETS = {  # why a module may hold one
    "files.py": "the host's name, for temporaries",
    "flower_processes.py": "free ports of the loopback",
    "flower_relay.py": "parcels over a Unix socket",
    "flower_server_app.py": "the same",
    "flower_sites.py": "the same",
}


def lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_module_is_longer_than_400_lines(path):
    assert lines(path) <= 400


def test_the_median_module_is_100_to_250_lines():
    sizes = [lines(p) for p in MODULES if p.name != "__init__.py"]
    assert 100 <= statistics.median(sizes) <= 250


def test_file_names_are_nouns_of_the_domain():
    banned = {"utils", "util", "common", "helper", "helpers", "manager", "handler", "misc"}
    assert not {p.stem for p in MODULES} & banned


def test_the_flow_is_explained_by_three_short_modules():
    assert sum(lines(ROOT / name) for name in ("study.py", "plan.py", "execution.py")) <= 450


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_nothing_unpickles_or_reaches_for_the_network(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        (node.module or "").partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }
    banned = {"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
    network = {"socket", "urllib", "http", "requests", "httpx", "aiohttp"}
    assert not names & banned
    allowed = {"socket"} if path.name in SOCKETS else set()
    assert not names & (network - allowed)


@pytest.mark.parametrize("name", sorted(SOCKETS.keys() - {"files.py"}))
def test_sockets_are_of_this_machine_only(name):
    text = (ROOT / "engine" / name).read_text(encoding="utf-8")
    assert "AF_INET" not in text
    assert not set(re.findall(r'"\d+\.\d+\.\d+\.\d+"', text)) - {'"127.0.0.1"'}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_public_name_has_a_docstring(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name
