from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from tests.suite.miniature import raw_suite

from mindveil import catalog
from mindveil.attack.base import is_on_data
from mindveil.corpus.imports.sources import IMPORTERS
from mindveil.corpus.manifest import content_digest
from mindveil.corpus.sample.load import load_sample
from mindveil.errors import InputError
from mindveil.suite.suite_file import SHIPPED, load_suite, parse_suite

LATER = {"fused/linkage", "release/leaks"}


def shipped(name="threats-v1"):
    return tomllib.loads(
        Path(str(files("mindveil").joinpath("suites", f"{name}.toml"))).read_text()
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_shipped_is_what_was_published(name):
    suite = load_suite(name)
    assert suite.frozen, f"the digest is {suite.digest}"
    assert suite.title == "threats-v1 1.0"


def test_a_changed_copy_is_another_suite_and_says_so(tmp_path):
    raw = shipped()
    raw["track"][0]["lineup"] += 1
    changed = parse_suite(raw, "threats-v1.toml")
    assert not changed.frozen
    assert changed.digest != load_suite("threats-v1").digest
    assert changed.title.startswith("not threats-v1")


def test_comments_and_the_order_of_keys_are_not_content():
    raw = shipped()
    turned = dict(reversed(raw.items()))
    assert parse_suite(turned, "x").digest == load_suite("threats-v1").digest


def test_a_suite_of_ones_own_calls_itself_so():
    assert parse_suite(raw_suite(), "mine.toml").title.startswith("own (digest ")


def test_the_frozen_suite_names_steps_attacks_and_questions_that_there_are():
    for track in load_suite("threats-v1").part.tracks:
        for name in track.attacks:
            if catalog.explained(name) is None:
                assert name in LATER, name
            else:
                assert is_on_data(catalog.attack(name, track.settings.get(name, {})))
        for defence in track.defences:
            for step in defence.steps:
                assert catalog.step(step.use, step.settings)
        names = [d.name for d in track.defences]
        assert "verbatim" in names


def test_the_frozen_people_are_those_of_the_package():
    parts = {c.name: c for c in load_suite("threats-v1").part.corpora}
    sample = load_sample()
    assert content_digest(sample) == parts["sample"].digest
    assert content_digest(sample.select(sample.ids[:100])) == parts["sample-100"].digest
    assert all(c.source in {"sample", *IMPORTERS} for c in parts.values())
    assert all(c.licence and c.where for c in parts.values())


def test_the_frozen_seed_is_nobody_elses():
    root = Path(__file__).resolve().parents[2]
    seed = str(load_suite("threats-v1").part.seed)
    found = [p for p in (root / "src").rglob("*.py") if seed in p.read_text(encoding="utf-8")]
    assert not found


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sede": 1}, "unknown key 'sede'; did you mean 'seed'?"),
        ({"track": []}, "track"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_file_that_is_none_is_refused(change, sentence):
    with pytest.raises(InputError, match=r"mine\.toml") as found:
        parse_suite({**raw_suite(), **change}, "mine.toml")
    assert sentence in str(found.value)


@pytest.mark.parametrize(
    ("track", "sentence"),
    [
        ({"corpus": "nobody"}, "names no corpus"),
        ({"linup": 20}, "did you mean 'lineup'?"),
        ({"headline": "detect/gad7>=10"}, "headline is not in its utility"),
        ({"defence": [{"name": "none", "steps": []}]}, "none of them is 'none'"),
        ({"attackers": ["omniscient"]}, "attackers"),
    ],
)
def test_a_track_that_is_none_is_refused(track, sentence):
    with pytest.raises(InputError) as found:
        parse_suite(raw_suite(**track), "mine.toml")
    assert sentence in str(found.value)


def test_no_suite_of_that_name():
    with pytest.raises(InputError, match="did you mean 'threats-v1'"):
        load_suite("threats-v2")
    with pytest.raises(InputError, match="no track 'texts'; did you mean 'text'"):
        load_suite("threats-v1").track("texts")
