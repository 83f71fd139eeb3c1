"""What `explain` says: everything in the catalog has a source, limits, settings and figures."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from tests.harness.test_glass_and_null import fight
from tests.harness.toys import glass

from mindveil import catalog
from mindveil.cli.explained import Explained, describe, everything
from mindveil.cli.figure_words import SENTENCES, WRITES, figures_of
from mindveil.evidence.frontier import asked

NAMES = sorted({n for names in everything().values() for n in names})
ATTACKS = sorted({**catalog.ATTACKS, **catalog.MODEL_ATTACKS, **catalog.UPDATE_ATTACKS})


def told(name: str) -> Explained:
    kind = catalog.explained(name)
    assert kind is not None
    return describe(name, kind)


def test_nothing_of_the_catalog_is_left_out():
    families = {*catalog.FAMILIES, *catalog.CHECKS}
    assert {*catalog.PROTECTIONS, *catalog.TRAINERS, *ATTACKS, *families} == set(NAMES)
    assert sum(map(len, everything().values())) == len(NAMES), "each has one kind"


@pytest.mark.parametrize("name", NAMES)
def test_everything_says_where_it_comes_from_and_what_it_cannot_see(name):
    found = told(name)
    assert found.does.count(".") >= 1
    assert found.first.endswith(".")
    assert len(found.source) > 15, "a paper, a standard, or that it is our own"
    assert re.search(r"\b(19|20)\d\d\b|opinion|our own|ourselves|arXiv|CFR", found.source), (
        found.source
    )
    sentences = re.findall(r"[.:](?:\s|$)", found.limits)
    assert 1 <= len(sentences) <= 5
    assert 60 < len(found.limits) < 600
    assert "Source:" not in found.does
    assert "Limits:" not in found.does
    assert "Raises:" not in found.does


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_has_a_meaning(name):
    for setting in told(name).settings:
        assert len(setting.meaning) > 10, setting.name


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_says_who_makes_it_what_he_holds_and_how_strong_he_is(name):
    found = told(name)
    for attacker in catalog.attack(name, {}).attackers:
        assert f"- {attacker}:" in found.who
    assert "They hold" in found.who
    assert re.search(r"Strength of the test: (light|trained)", found.who)


@pytest.mark.parametrize("name", sorted({*ATTACKS, *catalog.FAMILIES, *catalog.CHECKS}))
def test_every_measure_says_which_figures_it_writes(name):
    assert figures_of(name)


def test_every_figure_is_a_sentence_and_is_written_by_something():
    assert {figure for figures in WRITES.values() for figure in figures} == set(SENTENCES)
    assert all(s.endswith(".") and len(s) > 20 for s in SENTENCES.values())


@pytest.mark.parametrize(
    "name",
    ["scales/linkage", "scales/singling-out", "text/authorship", "text/residual-identifiers"],
)
def test_what_an_attack_writes_is_announced(name):
    found = fight(name, "ignorant", glass(60, np.random.default_rng(1)), np.random.default_rng(2))
    written = {asked(metric).figure for metric in found}
    assert written
    assert written <= {figure for figure, _ in figures_of(name)}


def test_a_task_is_explained_by_its_family(cli):
    said = cli("explain", "identity/phq9>=10")
    assert said.code == 0
    assert said.out.startswith("identity/phq9>=10  (validity check)")
    for heading in ("What it does", "Where it comes from", "Limits", "Settings", "Figures"):
        assert f"\n{heading}" in said.out
    assert "Who does it" not in said.out


def test_one_document_for_programs(cli):
    found = json.loads(cli("explain", "scales/linkage", "--json").out)
    assert list(found) == [
        *("name", "kind", "does", "who", "source", "limits", "settings", "figures"),
    ]
    assert found["kind"] == "attack on a release"
    assert "Fellegi" in found["source"]
    assert {"name", "default", "meaning"} == set(found["settings"][0])
    assert "rank1" in found["figures"]


def test_without_a_name_all_are_listed_by_kind(cli):
    said = cli("explain")
    assert said.code == 0
    assert all(kind in said.out for kind in everything())
    listed = json.loads(cli("explain", "--json").out)
    assert {n for names in listed.values() for n in names} == set(NAMES)
    assert all(first.endswith(".") for names in listed.values() for first in names.values())


def test_a_slip_is_told_with_what_was_meant(cli):
    said = cli("explain", "identty")
    assert said.code == 2
    assert "did you mean 'identity'?" in said.err


def test_a_class_of_your_own_is_explained_as_well(cli):
    said = cli("explain", "mindveil.attack.authorship:Authorship")
    assert said.code == 0
    assert "class of your own" in said.out
