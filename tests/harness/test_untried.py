"""A modality that goes out and that no attack looked at is told, and keeps a release back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from tests.harness.toys import glass

from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.model import Turn
from mindveil.evidence.contexts import policy_of
from mindveil.evidence.scorecard import Row
from mindveil.evidence.verdict import judge
from mindveil.harness.context import context_of
from mindveil.harness.untried import untried_rows
from mindveil.study_file import parse_study

PART = {"study": "toy", "corpus": "corpus", "out": "run"}
RELEASES = [
    {"name": "k3", "steps": [{"use": "scales/anonymise", "level": 2, "k": 3}]},
    {"name": "made", "steps": [{"use": "synthesise/copula"}]},
]


def context(folder, use):
    people = glass(40, np.random.default_rng(3))
    said = (Turn(speaker="participant", text="it goes well"),)
    talking = people.map_sessions(lambda _, s: replace(s, transcript=said))
    save_corpus(talking, folder / "corpus")
    return context_of(
        parse_study({**PART, "release": RELEASES, "attack": {"use": use}}, "s", folder)
    )


def row(measure, modality, metric="rank1", **more):
    parts = {"value": 0.01, "low": 0.0, "high": 0.02, "n": 400, **more}
    return Row(
        release="k3", kind="attack", measure=measure, modality=modality, metric=metric, **parts
    )


@pytest.mark.parametrize(
    ("rows", "untried"),
    [
        ([row("scales/linkage", "scales")], ["text"]),
        ([row("scales/linkage", "scales", status="invalid")], ["text"]),
        ([row("scales/linkage", "scales"), row("text/authorship", "text")], []),
        (
            [row("scales/linkage", "scales"), row("fused/linkage", "fused", "rank1@text alone")],
            [],
        ),
        (
            [
                row("scales/linkage", "scales"),
                row(
                    *("fused/linkage", "fused", "rank1@text alone"),
                    note="text could not be compared in 5 of 5 folds",
                ),
            ],
            ["text"],
        ),
        ([], ["scales", "text"]),
    ],
)
def test_what_nobody_attacked_is_told_of_peoples_records(tmp_path, rows, untried):
    found = untried_rows(context(tmp_path, ["scales/linkage"]), rows)
    assert [(r.release, r.modality, r.status) for r in found] == [
        ("k3", m, "inconclusive") for m in untried
    ]


def test_such_a_release_is_for_people_under_agreement_at_most(tmp_path):
    there = context(tmp_path, ["scales/linkage"])
    rows = [row("scales/linkage", "scales", m) for m in ("rank1", "advantage")]
    rows += untried_rows(there, rows)
    policy = policy_of(there.study.policy, 0.05)
    (verdict,) = judge(rows, ["k3"], policy, date(2026, 1, 1)).releases
    told = [f for f in verdict.findings if "no attack on it was asked" in f.sentence]
    assert [f.state for f in told] == ["caps"]


def test_a_study_without_attacks_says_so_elsewhere(tmp_path):
    assert untried_rows(context(tmp_path, []), []) == []
