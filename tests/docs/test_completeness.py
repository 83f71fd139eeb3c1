"""What the program has, the documentation names; what the documentation promises, exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import mindveil
from mindveil import catalog
from mindveil.evidence.estimate import people_needed, resolution
from mindveil.evidence.scorecard import COLUMNS
from mindveil.features.weights import WEIGHTS

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = ["Context", "Decision", "Consequences", "What we gave up"]


def test_nothing_is_left_to_be_filled_in(pages):
    marks = re.compile(r"@@|\b(TODO|TBD|FIXME|XXX|lorem)\b", re.IGNORECASE)
    assert not [p.name for p in pages.values() if marks.search(p.text)]


def test_every_attack_protection_and_task_is_named(pages):
    text = "\n".join(p.text for p in pages.values())
    names = {*catalog.ATTACKS, *catalog.PROTECTIONS}
    assert names
    assert not {n for n in names if f"`{n}`" not in text}
    assert not {f for f in catalog.TASKS if f"{f}/" not in text}


def test_nothing_is_named_that_does_not_exist(pages):
    """Names such as ``voice/mcadams`` are reserved; a page that uses them promises them."""
    shelves = {*catalog.ATTACKS, *catalog.PROTECTIONS}
    families = "text|voice|face|scales|synthesise|train|synthetic|model|fused|updates"
    name = re.compile(rf"`((?:{families})/[a-z][a-z-]*)`")
    found = {(p.name, n) for p in pages.values() for n in name.findall(p.prose)}
    own = {"text/talk-length", "text/shorten"}
    assert not {(page, n) for page, n in found if n not in shelves | own}


def test_every_public_name_is_in_the_page_for_researchers(pages):
    text = pages["docs/researcher.md"].text
    assert not [n for n in mindveil.__all__ if f"`{n}`" not in text]


def test_columns_of_the_scorecard_are_those_of_the_page(pages):
    text = " ".join(pages["docs/researcher.md"].prose.split())
    assert f"`{', '.join(COLUMNS)}`" in text


def test_figures_of_resolution_are_computed(pages):
    text = pages["docs/reviewer.md"].text
    row = next(line for line in text.splitlines() if "zero hits still allow" in line)
    said = [float(n) for n in re.findall(r"([\d.]+) %", row)]
    assert said == [
        round(100 * resolution(n), d) for n, d in ((50, 1), (100, 1), (189, 1), (1000, 2))
    ]
    assert f"At least {people_needed(0.09)} people" in text


def test_every_weight_is_named(pages):
    text = pages["docs/data-steward.md"].text
    assert not [key for key in WEIGHTS if f"`{key}`" not in text]


def test_decisions_have_their_four_parts(pages):
    decisions = [p for p in pages.values() if re.match(r"docs/decisions/\d{4}-", p.name)]
    assert [p.path.name[:4] for p in decisions] == [
        f"{n:04d}" for n in range(1, len(decisions) + 1)
    ]
    for page in decisions:
        assert re.findall(r"^## (.+)$", page.text, re.MULTILINE) == SECTIONS
        assert page.text.startswith(f"# {page.path.name[:4]} ")
        assert len(page.text.splitlines()) <= 80, "one page"


def test_the_changelog_has_this_version(pages):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]
    assert f"## [{version}]" in pages["CHANGELOG.md"].text


def test_tests_that_security_names_exist(pages):
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", pages["SECURITY.md"].text)
    assert named
    for file, test in named:
        assert (ROOT / file).is_file(), file
        assert not test or f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), test
