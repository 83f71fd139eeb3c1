from __future__ import annotations

import json

import pytest

from mindveil.corpus import description
from mindveil.corpus.description import (
    ColumnsSheet,
    DatasetSheet,
    ToolSheet,
    read_json,
    read_sheet,
)


def said(tmp_path, kind, content: object, under: str = "") -> list[str]:
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    sheet, findings = read_sheet(kind, tmp_path, "a.json", under)
    assert (sheet is None) == bool(findings)
    return [str(f) for f in findings]


def test_the_least_description(tmp_path):
    assert said(tmp_path, DatasetSheet, {"name": "x"}) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"name": "x", "Licence": ""}, "unknown key 'Licence'; did you mean 'licence'?"),
        (
            {"name": "x", "zzz": ""},
            "unknown key 'zzz'; known keys: name, format, licence, language, consent, pseudo_",
        ),
        ({}, "key 'name' is missing; add it"),
        ({"name": 3}, "name: input should be a valid string; correct it"),
        ({"name": "x", "format": 99}, "layout 99 is newer than this Mindveil reads (1); update"),
        ({"name": "x", "format": 0}, "format: input should be greater than or equal to 1"),
        ({"name": "x", "synthetic": "yes"}, "synthetic: input should be a valid boolean"),
        ({"name": "x", "consent": {"voise": ""}}, "consent.voise must be one of: text, voice"),
    ],
)
def test_faults_of_the_description(tmp_path, content, words):
    (sentence,) = said(tmp_path, DatasetSheet, content)
    assert words in sentence


def test_faults_of_columns_name_the_column(tmp_path):
    content = {"age": {"role": "quasi", "levles": []}, "sex": {"kind": "nominl"}}
    first, second = said(tmp_path, ColumnsSheet, content, under="columns")
    assert first == "a.json: unknown key 'age.levles'; did you mean 'levels'?"
    kinds = "number, nominal, ordinal or text"
    assert second == f"a.json: sex.kind must be one of: {kinds}; did you mean 'nominal'?"
    assert "age: " in said(tmp_path, ColumnsSheet, {"age": 3}, under="columns")[0]


def test_a_questionnaire_runs_upwards(tmp_path):
    assert said(tmp_path, ToolSheet, {"items": 2, "low": 3, "high": 1}) == [
        "a.json: low = 3 is not below high = 1; correct it"
    ]


@pytest.mark.parametrize(
    "content",
    ["", "[1]", "{", '{"a": 1,}', "[" * 100_000, '{"a": ' + "9" * 5000 + "}", "nul", '"x"'],
)
def test_what_is_no_mapping_is_one_finding(tmp_path, content):
    (tmp_path / "a.json").write_text(content, encoding="utf-8")
    value, findings = read_json(tmp_path, "a.json")
    assert value is None
    assert [f.kind for f in findings] == ["json"]


def test_values_of_a_person_are_not_repeated(tmp_path):
    content = {"age": {"role": "quasi", "levels": "Zanzibarquux"}}
    (sentence,) = said(tmp_path, ColumnsSheet, content, under="columns")
    assert "Zanzibarquux" not in sentence


def test_a_json_file_too_large_is_not_parsed(tmp_path, monkeypatch):
    monkeypatch.setattr(description, "_LARGEST_CHARACTERS", 5)
    (tmp_path / "a.json").write_text('{"a": 1}', encoding="utf-8")
    assert [f.kind for f in read_json(tmp_path, "a.json")[1]] == ["too-large"]
