"""What stands in a block of the documentation works."""

from __future__ import annotations

import json
import tomllib

import pytest

from mindveil.corpus.imports.annomi import AnnoMIOptions
from mindveil.corpus.imports.audio_folders import AudioOptions
from mindveil.corpus.imports.csv_map import ColumnPart, CsvMap, QuestionnairePart, TextPart
from mindveil.corpus.imports.image_folders import ImageOptions
from mindveil.corpus.imports.interviews import InterviewOptions
from mindveil.corpus.imports.ravdess import RavdessOptions
from mindveil.federation.site_policy import SitePolicy
from mindveil.study import Study
from mindveil.study_file import parse_study

LEAST = {"study": "fragment", "corpus": "corpus", "out": "run"}


def blocks(pages, *languages):
    return [b for p in pages.values() for b in p.blocks if b.language in languages]


def test_every_block_says_its_language(pages):
    assert not [b.where for b in blocks(pages, "")]
    known = {"python", "toml", "json", "sh", "text", "yaml", "html"}
    assert {b.language for p in pages.values() for b in p.blocks} <= known


def test_every_study_in_the_documentation_is_one(pages, tmp_path):
    studies = 0
    for block in blocks(pages, "toml"):
        raw = tomllib.loads(block.text)
        if "map" in block.marks:
            CsvMap.model_validate(raw)
            continue
        if "site" in block.marks:
            SitePolicy.model_validate(raw)
            assert set(raw) == set(SitePolicy.model_fields), "all keys are shown"
            continue
        studies += "study" in raw
        parse_study(LEAST | raw, block.where, tmp_path)
    assert studies >= 4


def test_every_json_block_is_json(pages):
    for block in blocks(pages, "json"):
        json.loads(block.text)


def test_every_python_block_compiles(pages):
    found = blocks(pages, "python")
    assert len(found) > 8
    for block in found:
        compile(block.text, block.where, "exec")


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("README.md", marks=pytest.mark.slow),
        "docs/bring-your-data.md",
        "docs/data-steward.md",
        "docs/extender.md",
        pytest.param("docs/researcher.md", marks=pytest.mark.slow),
    ],
)
def test_python_blocks_run(page, pages, laboratory):
    if page not in pages:
        pytest.skip(f"there is no {page} yet")
    for block in pages[page].blocks:
        if block.language == "python" and not block.file and "not run" not in block.marks:
            exec(compile(block.text, block.where, "exec"), {"__name__": "__main__"})  # noqa: S102


def test_the_keys_of_a_study_are_documented(pages):
    text = pages["docs/researcher.md"].text
    missing = [n for n in Study.model_fields if n not in {"releases", "execute"} and n not in text]
    for part in ("split", "attack", "utility", "policy"):
        fields = Study.model_fields[part].annotation.model_fields
        missing += [f"[{part}] {name}" for name in fields if name not in text]
    assert not missing


@pytest.mark.parametrize(
    "kind",
    [
        CsvMap,
        QuestionnairePart,
        ColumnPart,
        TextPart,
        AnnoMIOptions,
        AudioOptions,
        ImageOptions,
        RavdessOptions,
        InterviewOptions,
    ],
)
def test_the_options_of_importers_are_documented(kind, pages):
    text = pages["docs/bring-your-data.md"].text
    sections = {"questionnaires", "columns", "text"}
    names = {f.alias or n for n, f in kind.model_fields.items()} - sections
    assert not {n for n in names if f"`{n}`" not in text}
