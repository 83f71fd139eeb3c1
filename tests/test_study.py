"""The study file: what is accepted, and the one sentence that refuses the rest."""

from __future__ import annotations

import tomllib

import pytest

from mindveil.cli.templates import DEMO_STUDY, NEW_STUDY
from mindveil.errors import InputError
from mindveil.evidence.contexts import policy_of
from mindveil.harness.summary import frozen
from mindveil.study_file import did_you_mean, load_study, parse_study

LEAST = {"study": "s", "corpus": "c", "out": "o"}


def study(tmp_path, **more):
    return parse_study({**LEAST, **more}, "study.toml", tmp_path)


def test_the_defaults_are_those_of_the_contract(tmp_path):
    made = study(tmp_path)
    assert (made.split.folds, made.split.reference, made.split.repeats) == (5, 1, 1)
    assert made.attack.attackers == ("ignorant", "lazy-informed", "semi-informed")
    assert made.attack.lineup == 100
    policy = policy_of(made.policy, made.utility.margin)
    assert (policy.max_match, policy.max_advantage, policy.min_risk_reduction) == (0.09, 0.10, 0.92)
    assert made.utility.margin == 0.05
    assert made.policy.context == "open"


def test_the_original_is_always_measured_and_comes_once(tmp_path):
    assert [r.name for r in study(tmp_path).releases] == ["original"]
    named = study(tmp_path, release=[{"name": "a"}, {"name": "original"}])
    assert [r.name for r in named.releases] == ["a", "original"]


def test_paths_are_relative_to_the_study_file(tmp_path):
    assert study(tmp_path).corpus == (tmp_path / "c").resolve()


@pytest.mark.parametrize("text", [NEW_STUDY, DEMO_STUDY])
def test_the_templates_are_studies(text, tmp_path):
    assert parse_study(tomllib.loads(text), "study.toml", tmp_path).releases


def test_a_frozen_study_reads_back_as_itself(tmp_path):
    made = parse_study(tomllib.loads(DEMO_STUDY), "study.toml", tmp_path)
    made.out.mkdir()
    (made.out / "study.toml").write_text(frozen(made))
    assert load_study(made.out / "study.toml") == made
    assert str(tmp_path) not in frozen(made)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"sede": 1}, "unknown key 'sede'; did you mean 'seed'?"),
        ({"split": {"fold": 5}}, "unknown key 'split.fold'; did you mean 'folds'?"),
        ({"attack": {"linup": 5}}, "did you mean 'lineup'?"),
        ({"policy": {"contxt": "open"}}, "did you mean 'context'?"),
        ({"policy": {"context": "public"}}, "policy.context"),
        ({"policy": {"max_match": 1.5}}, "policy.max_match"),
        ({"seed": -1}, "seed"),
        ({"release": [{"name": "a"}, {"name": "a"}]}, "used twice"),
        ({"release": [{"name": "../x"}]}, "release.1.name"),
        ({"release": [{"name": "original", "steps": [{"use": "x"}]}]}, "undefended twin"),
        ({"release": [{"name": "a", "stepz": []}]}, "did you mean 'steps'?"),
        ({"split": {"folds": 2}}, "at least 3"),
        ({"split": {"reference": 0}}, "nobody to learn from"),
        ({"execute": {"where": "ray"}}, "not available in this version"),
        ({"attack": {"attackers": ["clever"]}}, "attack.attackers"),
        ({"utility": {"margin": 0}}, "utility.margin"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(raw, says, tmp_path):
    with pytest.raises(InputError) as fault:
        study(tmp_path, **raw)
    assert says in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_missing_key_is_named(tmp_path):
    with pytest.raises(InputError, match="'corpus' is missing"):
        parse_study({"study": "s", "out": "o"}, "study.toml", tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"study = ", "not valid TOML"), (b"\xff\xfe", "not UTF-8")],
)
def test_an_unreadable_file_is_said(content, says, tmp_path):
    (tmp_path / "study.toml").write_bytes(content)
    with pytest.raises(InputError, match=says):
        load_study(tmp_path / "study.toml")


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match="mindveil init"):
        load_study(tmp_path / "study.toml")


def test_far_words_get_the_list():
    assert did_you_mean("zzz", ["a", "b"]) == "; known: a, b"
