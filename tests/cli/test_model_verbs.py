"""Verbs on weights: the usual ones without names, the others by name, and a word about them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import numpy as np
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


def answers(path, learnt=1.5):
    """Write answers of a model that is surer about the half of the people who taught it."""
    rng = np.random.default_rng(1)
    lines = ["person,member,label,log_odds"]
    for i in range(200):
        case = int(rng.random() < 0.4)
        sure = (1.2 + learnt * (i % 2)) * (2 * case - 1) + rng.normal()
        lines.append(f"zebra{i},{i % 2},{case},{sure:.4f}")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_audit_tells_what_a_model_of_ones_own_gives_away(cli, tmp_path):
    found = json.loads(cli("audit", answers(tmp_path / "own.csv"), "--json").out)
    told = {(r["attack"], r["metric"]): r for r in found}
    assert float(told["model/membership-loss", "auc"]["value"]) > 0.8
    low = told["model/membership-loss", "advantage"]["95 % interval"].strip("[]").split(",")[0]
    assert float(low) > 0.2
    assert ("model/generalisation-gap", "tnr") in told
    honest = json.loads(cli("audit", answers(tmp_path / "null.csv", learnt=0.0), "--json").out)
    (auc,) = (r for r in honest if (r["attack"], r["metric"]) == ("model/membership-loss", "auc"))
    low, high = map(float, auc["95 % interval"].strip("[]").split(","))
    assert low < 0.5 < high


def test_audit_prints_a_table_and_no_id(cli, tmp_path):
    said = cli("audit", answers(tmp_path / "own.csv"))
    assert said.code == 0
    assert "membership-loss" in said.out
    assert "zebra" not in said.out + said.err
    assert said.out == cli("audit", tmp_path / "own.csv").out


def test_audit_refuses_a_file_that_says_too_little(cli, tmp_path):
    (tmp_path / "own.csv").write_text("person,label,log_odds\na,1,0.5\n")
    said = cli("audit", tmp_path / "own.csv")
    assert said.code == 2
    assert "member" in said.err
    assert len(said.err.strip().splitlines()) <= 2
