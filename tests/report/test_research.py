"""The researcher's pages: there where something was measured, and safe from hostile names."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.report.coevaluated import coevaluated, rows, swept
from tests.report.dossiers import POLICY, dossier_of, study
from tests.report.pages import ACTIVE, ADDRESSES, Page
from tests.report.test_html import PAYLOADS

from mindveil.report import html, research_words

NEW = ["people", "shares", "crossings", "candidates", "recordings", "groups", "calibration",
       "decisions"]  # fmt: skip


def sections(page):
    return [v for tag, name, v in page.attributes if (tag, name) == ("section", "id")]


@pytest.fixture(scope="module")
def read():
    return Page.of(html.render(coevaluated()))


def test_what_was_measured_has_a_section(read):
    assert set(NEW) <= set(sections(read))
    assert "sweeps" not in sections(read)
    assert "sweeps" in sections(Page.of(html.render(swept())))


def test_what_was_not_measured_has_none():
    page = Page.of(html.render(study()))
    assert not set(NEW) & set(sections(page))
    assert research_words.NO_CHECKS in page.words


@pytest.mark.parametrize(
    ("gone", "figure"),
    [
        ("people", "person-risk"), ("shares", "lost-without"), ("calibration", "calibration"),
        ("decisions", "net-benefit"), ("candidates", "rank1-at"),
    ],
)  # fmt: skip
def test_a_section_goes_with_its_rows(gone, figure):
    kept = [r for r in rows() if not r.metric.startswith(figure)]
    assert gone not in sections(Page.of(html.render(dossier_of(kept))))


def test_the_contents_list_the_sections_that_are_there(read):
    links = set(read.values("href"))
    wanted = {f"#{a}" for a in research_words.CONTENTS if a in sections(read)}
    assert wanted <= links
    assert "#sweeps" not in links


def test_every_anchor_of_the_contents_is_a_section():
    both = set(sections(Page.of(html.render(coevaluated()))))
    both |= set(sections(Page.of(html.render(swept()))))
    optional = {"training", "fidelity", "additions", "signals"}
    assert set(research_words.CONTENTS) - both == optional


def test_pictures_are_told_in_words(read):
    drawn = [a for a in read.attributes if a[:2] == ("svg", "role")]
    told = [a for a in read.attributes if a[:2] == ("svg", "aria-label")]
    assert len(drawn) == len(told) > 10
    assert any("Ranked first: N = 5: 69.2%" in text for _, _, text in told) or any(
        "Ranked first: N = 5" in text for _, _, text in told
    )


def test_points_of_a_sweep_have_no_card():
    source = html.render(swept())
    assert len(re.findall('<article class="card', source)) == 3
    assert "half~level=3" in source


def test_a_study_of_nine_shows_no_figure_anywhere():
    few = dossier_of([replace(r, n=9) for r in rows()], dict.fromkeys(("original", "half"), ()))
    source = html.render(few)
    assert 'class="chart"' not in source
    assert 'class="strips"' not in source
    assert not re.findall(r"\d+\.\d+%? to ", Page.of(source).words)


def poisoned(payload):
    made = coevaluated()
    hostile = [
        replace(r, release=payload, attacker=payload, note=f"{payload} = {payload}; {r.note}",
                metric=f"{r.metric.partition('@')[0]}@{payload}" if i % 2 else r.metric)
        for i, r in enumerate(r for r in made.rows if r.release == "half")
    ]  # fmt: skip
    points = [replace(r, release=f"{payload}~{payload}") for r in hostile]
    steps = {"original": (), payload: (payload,), f"{payload}~{payload}": (payload,)}
    return dossier_of([*made.rows, *hostile, *points], steps, POLICY)


@pytest.fixture(scope="module")
def plain():
    return Page.of(html.render(swept()))


@pytest.mark.parametrize("payload", PAYLOADS[::4], ids=range(0, len(PAYLOADS), 4))
def test_no_name_changes_the_page(payload, plain):
    found = Page.of(html.render(poisoned(payload)))
    assert not ACTIVE & set(found.tags)
    assert set(found.tags) <= set(plain.tags)
    assert {(t, n) for t, n, _ in found.attributes} <= {(t, n) for t, n, _ in plain.attributes}
    for name in ADDRESSES:
        assert all(re.fullmatch(r"#[a-z0-9-]+", v) for v in found.values(name))
    for name in ("id", "class", "style", "d", "viewbox"):
        assert all("alert" not in v and "example" not in v for v in found.values(name))
