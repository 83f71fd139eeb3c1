"""Content addresses: flip any input of a cell and it is computed again; flip none and it is not."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import numpy as np
import pytest
from tests.harness.toys import glass
from tests.run.studies import STUDY

from mindveil import addresses
from mindveil.addresses import cell_key, release_key
from mindveil.corpus.manifest import content_digest
from mindveil.plan import make_plan
from mindveil.study_file import parse_study


def plan_of(tmp_path, **changed):
    raw = tomllib.loads(STUDY)
    corpus = glass(20, np.random.default_rng(3))
    if changed.pop("other_words", False):
        corpus = corpus.map_sessions(
            lambda _, s: replace(s, transcript=(replace(s.transcript[0], text="other"),))
        )
    for key, value in changed.items():
        part = raw
        *path, last = key.split("__")
        for step in path:
            part = part[step]
        part[last] = value
    study = parse_study(raw, "study.toml", tmp_path)
    return make_plan(study, corpus, content_digest(corpus))


def attack_cell(plan, release="k3"):
    return next(
        c
        for c in plan.cells
        if (c.release, c.measure, c.attacker) == (release, "scales/linkage", "lazy-informed")
    )


def task_cell(plan, release="k3"):
    return next(c for c in plan.cells if c.release == release and c.kind == "utility")


def keys(plan):
    return {
        "release": release_key(plan, "k3"),
        "attack": cell_key(plan, attack_cell(plan)),
        "task": cell_key(plan, task_cell(plan)),
    }


def test_flipping_nothing_keeps_every_key(tmp_path):
    one, two = plan_of(tmp_path), plan_of(tmp_path)
    assert keys(one) == keys(two)
    assert [cell_key(one, c) for c in one.cells] == [cell_key(two, c) for c in two.cells]
    assert len({cell_key(one, c) for c in one.cells}) == len(one.cells)


K4 = [{"name": "k3", "steps": [{"use": "scales/anonymise", "level": 2, "k": 4}]}]
LEVEL1 = [{"name": "k3", "steps": [{"use": "scales/anonymise", "level": 1, "k": 3}]}]
KEYED = [
    {
        "name": "k3",
        "pseudonyms": "keyed",
        "steps": [{"use": "scales/anonymise", "level": 2, "k": 3}],
    }
]


@pytest.mark.parametrize(
    ("changed", "touched"),
    [
        ({"seed": 8}, {"release", "attack", "task"}),
        ({"other_words": True}, {"release", "attack", "task"}),
        ({"split": {"folds": 4}}, {"release", "attack", "task"}),
        ({"split": {"repeats": 2}}, {"release", "attack", "task"}),
        ({"release": K4}, {"release", "attack", "task"}),
        ({"release": LEVEL1}, {"release", "attack", "task"}),
        ({"release": KEYED}, {"release", "attack", "task"}),
        ({"attack__lineup": 50}, {"attack"}),
        ({"attack__attackers": ["lazy-informed"]}, {"attack"}),
        ({"attack__settings": {"scales/linkage": {"demographics": False}}}, {"attack"}),
    ],
)
def test_flipping_an_input_changes_what_depends_on_it_and_nothing_else(changed, touched, tmp_path):
    before, after = keys(plan_of(tmp_path)), keys(plan_of(tmp_path, **changed))
    assert {name for name in before if before[name] != after[name]} == touched


@pytest.mark.parametrize(
    "changed",
    [
        {"policy": {"max_match": 0.5}},
        {"utility__margin": 0.1},
        {"execute": {"workers": 2}},
        {"out": "elsewhere"},
        {"study": "another name"},
    ],
)
def test_what_a_cell_does_not_depend_on_changes_nothing(changed, tmp_path):
    assert keys(plan_of(tmp_path)) == keys(plan_of(tmp_path, **changed))


def test_other_code_is_another_key(tmp_path, monkeypatch):
    plan = plan_of(tmp_path)
    before = keys(plan)
    monkeypatch.setattr(addresses, "code_digest", lambda: "other code")
    assert not set(before.values()) & set(keys(plan).values())


def test_other_weights_are_another_key_where_text_is_read(tmp_path, monkeypatch):
    plan = plan_of(tmp_path)
    text = next(c for c in plan.cells if c.measure == "text/authorship")
    before = cell_key(plan, text), cell_key(plan, attack_cell(plan))
    monkeypatch.setattr(addresses.weights, "digest", lambda key: "other weights")
    monkeypatch.setattr(
        addresses,
        "_weights",
        lambda names: {"w": "other"} if any(n.startswith("text/") for n in names) else {},
    )
    after = cell_key(plan, text), cell_key(plan, attack_cell(plan))
    assert before[0] != after[0]
    assert before[1] == after[1]
