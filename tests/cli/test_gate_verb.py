"""The gate on the command line: exit codes, documents, an earlier run."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from pydantic import TypeAdapter
from tests.report.dossiers import dossier_of, study, study_rows

from mindveil.evidence.dossier import Dossier
from mindveil.store.files import write_json

FACTS = {"corpus": "c", "line-up": "100"}
MADE, EXPIRED = "1772500000", "1809000000"
"""Seconds of a day after the made-up study, in March 2026, and of one in 2027."""


def written(folder, dossier):
    folder.mkdir()
    write_json(folder / "verdict.json", TypeAdapter(Dossier).dump_python(dossier, mode="json"))
    return folder


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", MADE)
    return written(tmp_path / "run", replace(study(), provenance=FACTS))


def safer(rows):
    """Return a scorecard in which attackers found nobody."""
    return [
        replace(r, value=0.0, low=0.0, high=0.001) if r.metric.startswith("rank1") else r
        for r in rows
    ]


def passing(dossier):
    """Return the study with verdicts that all allow a release."""
    good = tuple(replace(v, decision="RELEASE") for v in dossier.judgement.releases)
    return replace(dossier, provenance=FACTS, judgement=replace(dossier.judgement, releases=good))


def test_what_may_leave_leaves_with_0(cli, tmp_path, run):
    good = written(tmp_path / "good", passing(study()))
    assert cli("gate", good).code == 0
    assert cli("gate", run).code == 1


def test_an_expired_verdict_closes_the_gate(cli, tmp_path, monkeypatch):
    good = written(tmp_path / "good", passing(study()))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EXPIRED)
    said = cli("gate", good)
    assert said.code == 1
    assert "the verdict expired on 2027-03-02" in said.out
    told = json.loads(cli("gate", good, "--json").out)
    assert (told["expired"], told["passed"]) == (True, False)


def test_documents_are_written_beside_the_exit_code(cli, run, tmp_path):
    xml, log = tmp_path / "gate.xml", tmp_path / "gate.sarif"
    assert cli("gate", run, "--junit", xml, "--sarif", log).code == 1
    tree = ET.fromstring(xml.read_bytes())  # noqa: S314 - a document of our own
    assert int(tree.get("failures")) > 0
    assert json.loads(log.read_text())["version"] == "2.1.0"
    assert str(tmp_path) not in xml.read_text() + log.read_text()
    once = xml.read_bytes(), log.read_bytes()
    cli("gate", run, "--junit", xml, "--sarif", log)
    assert (xml.read_bytes(), log.read_bytes()) == once


def test_a_release_that_became_worse_closes_the_gate(cli, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", MADE)
    now = written(tmp_path / "now", passing(study()))
    before = written(tmp_path / "before", passing(dossier_of(safer(study_rows()))))
    said = cli("gate", now, "--release", "redacted", "--baseline", before)
    assert said.code == 1
    assert "worse: The risk by text/authorship is worse than in the earlier run" in said.out
    told = json.loads(cli("gate", now, "--release", "redacted", "--baseline", before, "--json").out)
    assert told["worse"]
    back = cli("gate", before, "--release", "redacted", "--baseline", now)
    assert back.code == 0
    assert "no worse for sure than in the earlier run" in back.out


def test_a_run_on_other_people_is_refused_as_an_earlier_one(cli, run, tmp_path):
    other = written(tmp_path / "other", replace(study(), provenance={**FACTS, "corpus": "d"}))
    said = cli("gate", run, "--baseline", other)
    assert said.code == 2
    assert "about another corpus" in said.err
