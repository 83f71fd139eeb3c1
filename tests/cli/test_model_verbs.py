"""Verbs on weights: the usual ones without names, the others by name, and a word about them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest

from mindveil.features import weights
from mindveil.features.archives import Archive
from mindveil.features.weight_table import Weight


def made(key: str, folder, *, default: bool) -> Weight:
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w") as archive:
        archive.writestr(zipfile.ZipInfo("toy/a.bin"), key)
    (folder / f"{key}.whl").write_bytes(page.getvalue())
    inside = f"{hashlib.sha256(key.encode()).hexdigest()}  a.bin\n"
    return Weight(
        key=key,
        archives=(
            Archive(
                package=key,
                version="1",
                file=f"{key}.whl",
                sha256=hashlib.sha256(page.getvalue()).hexdigest(),
                take={"toy/a.bin": "a.bin"},
            ),
        ),
        digest=hashlib.sha256(inside.encode()).hexdigest(),
        size=len(key),
        licence="MIT",
        purpose="tests",
        default=default,
    )


@pytest.fixture
def carried(tmp_path, monkeypatch):
    """A folder with two weights, of which one is only installed by name."""
    monkeypatch.setenv("MINDVEIL_HOME", str(tmp_path / "home"))
    folder = tmp_path / "carried"
    folder.mkdir()
    two = (made("usual", folder, default=True), made("seldom", folder, default=False))
    monkeypatch.setattr(weights, "WEIGHTS", {weight.key: weight for weight in two})
    return folder


def test_install_without_names_leaves_out_what_few_need_and_says_so(cli, carried):
    said = cli("models", "install", "--from", carried)
    assert said.code == 0, said.err
    assert "installed usual" in said.out
    assert "mindveil models install seldom" in said.out
    assert [state for _, state in weights.table()] == ["installed", "missing"]


def test_install_by_name_and_as_json(cli, carried):
    assert list(json.loads(cli("models", "install", "--from", carried, "--json").out)) == ["usual"]
    said = cli("models", "install", "seldom", "--from", carried)
    assert "left out" not in said.out
    assert [state for _, state in weights.table()] == ["installed", "installed"]


def test_verify_without_names_looks_at_all_that_are_there(cli, carried):
    assert cli("models", "verify").code == 2
    cli("models", "install", "--from", carried)
    assert list(json.loads(cli("models", "verify", "--json").out)) == ["usual"]
    cli("models", "install", "seldom", "--from", carried)
    assert list(json.loads(cli("models", "verify", "--json").out)) == ["usual", "seldom"]
