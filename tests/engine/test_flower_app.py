"""The generated app: the same bytes every time, and halves that name what is installed."""

from __future__ import annotations

import ast
import importlib
import tomllib

from mindveil.engine.flower_app import write_app
from mindveil.engine.flower_server_app import MEETING


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_app_is_the_same_every_time_and_holds_no_code_of_its_own(tmp_path):
    one, two = write_app(tmp_path / "one"), write_app(tmp_path / "two")
    assert contents(one) == contents(two)
    assert sum(len(body.splitlines()) for body in contents(one).values()) < 40


def test_its_two_halves_call_functions_that_mindveil_has(tmp_path):
    folder = write_app(tmp_path)
    told = tomllib.loads((folder / "pyproject.toml").read_text())["tool"]["flwr"]["app"]
    assert told["config"] == {MEETING: ""}
    assert set(told["components"]) == {"serverapp", "clientapp"}
    for place in told["components"].values():
        module, _, name = place.partition(":")
        tree = ast.parse((folder / f"{module.replace('.', '/')}.py").read_text())
        (imported,) = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
        (given,) = [node for node in tree.body if isinstance(node, ast.Assign)]
        assert given.targets[0].id == name
        assert callable(getattr(importlib.import_module(imported.module), imported.names[0].name))
