"""Every number on the page stands in the scorecard, in the policy, or is said to be computed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.report.coevaluated import coevaluated, swept
from tests.report.dossiers import dossier_of, large_study, study
from tests.report.pages import Page
from tests.report.synthetic import STEPS as NOBODY
from tests.report.synthetic import attacked, promised

from mindveil.report import figures, html
from mindveil.report.records import few_of
from mindveil.report.traces import FIRST

LINK = re.compile(r'<a class="t" href="#row-(\d+)">([^<]*)</a>')
KEPT = re.compile(r'<tr id="row-(\d+)"')
NUMBER = re.compile(r"(?<![\w.])[+\u2212]?\d+\.\d+(?![\d.]*\w)%?")
STUDIES = {
    "study": study,
    "coevaluated": coevaluated,
    "swept": swept,
    "nobody": lambda: dossier_of([*attacked(), *promised()], NOBODY),
}


@pytest.fixture(scope="module", params=STUDIES)
def made(request):
    dossier = STUDIES[request.param]()
    return dossier, html.render(dossier)


def as_printed(row):
    """Return every way in which the value of a row may be printed."""
    scales = ("rate", "score", "points", "change", "shift", "tiny")
    return {figures.number(row.value, scale) for scale in scales} | {few_of(row)}


def test_a_number_leads_to_the_row_that_holds_it(made):
    dossier, page = made
    ids = set(KEPT.findall(page))
    links = LINK.findall(page)
    assert links
    for number, text in links:
        assert number in ids
        row = dossier.rows[int(number) - FIRST]
        if text.startswith("row "):
            assert text == f"row {number}"
        elif not text.startswith(tuple(as_printed(row) - {""})):
            pytest.fail(f"{text} leads to row {number}: {row.metric} {row.value}")


def test_no_anchor_is_taken_for_the_name_of_a_participant(made):
    # A search of the report for participants would find one called R12 in an anchor of that name.
    assert not re.findall(r"\b[a-z]\d{2,}\b", " ".join(Page.of(made[1]).values("id")))


def test_every_row_is_on_the_page_once(made):
    dossier, page = made
    ids = KEPT.findall(page)
    assert sorted(map(int, ids)) == list(range(FIRST, FIRST + len(dossier.rows)))


def allowed(dossier):
    """Return all numbers that may be printed: of rows, of the policy, and what is computed."""
    values = [x for r in dossier.rows for x in (r.value, r.low, r.high, r.baseline, r.control)]
    judged = dossier.judgement
    for verdict in judged.releases:
        cut = verdict.reduction
        values += [cut.value, cut.low, cut.high] if cut else []
    for point in judged.frontier:
        values += [point.frontier_chance, point.knee_chance]
    area = judged.hypervolume
    values += [area.value, area.low, area.high] if area else []
    policy = dossier.policy
    values += [policy.max_match, policy.max_advantage, policy.min_risk_reduction, policy.margin]
    for limits in policy.others.values():
        values += [limits.max_match, limits.max_advantage, limits.min_risk_reduction]
    values += [x for floors in policy.min_utility.values() for x in floors.values()]
    values += [unseen for _, unseen in judged.resolution.values()]
    scales = ("rate", "score", "points", "change", "shift")
    kept = [x for x in values if x is not None]
    found = {figures.number(x, s).removesuffix(" points") for x in kept for s in scales}
    return found | {f"{x:.3f}".replace("-", "\u2212") for x in kept}


def test_no_number_is_on_the_page_that_was_not_measured_or_set(made):
    dossier, page = made
    # Axes have round numbers, the glossary an example, remarks are the rows' own words.
    quiet = re.sub(
        r"<svg.*?</svg>|<style>.*?</style>|<ol class=.*?</ol>", "", page, flags=re.DOTALL
    )
    quiet = re.sub(r'<section id="(?:reading|provenance)".*?</section>', "", quiet, flags=re.DOTALL)
    quiet = re.sub(r'<td class="note">.*?</td>|<p class="gap">.*?</p>', "", quiet, flags=re.DOTALL)
    said = Page.of(quiet).words
    for fault in {r.note for r in dossier.rows} | {f"{dossier.split}"}:
        said = said.replace(fault, "")
    strange = set(NUMBER.findall(said)) - allowed(dossier)
    # A name may hold a number: a threshold, a limit, the epsilon that a study asked for.
    steps = [" ".join((*r.steps, r.guarantee)) for r in dossier.releases]
    named = " ".join([r.metric for r in dossier.rows] + steps)
    assert {x for x in strange if x not in named} == set()


def test_a_number_that_nobody_measured_is_noticed(made):
    dossier, _ = made
    assert "77.77%" not in allowed(dossier)
    assert NUMBER.findall("found 77.77% of them, +0.123") == ["77.77%", "+0.123"]


def test_where_rows_are_cut_the_number_of_the_row_is_told(monkeypatch):
    dossier = coevaluated()
    largest = len(html.render(dossier).encode()) - 12_000
    monkeypatch.setattr(html, "LARGEST", largest)
    page = html.render(dossier)
    assert len(page.encode()) <= largest
    kept = sorted(map(int, KEPT.findall(page)))
    assert 20 < len(kept) < len(dossier.rows)
    assert kept == list(range(FIRST, FIRST + len(kept)))
    told = re.findall(r'<span title="scorecard.csv, row (\d+)">([^<]*)</span>', page)
    assert told
    for number, text in told:
        row = dossier.rows[int(number) - FIRST]
        assert text == f"row {number}" or text.startswith(tuple(as_printed(row) - {""}))
    assert all(int(n) in kept for n, _ in LINK.findall(page))
    assert "scorecard.csv, row" in page


def test_four_thousand_rows_fit_in_one_page():
    dossier = coevaluated()
    many = list(dossier.rows)
    while len(many) < 4000:
        many += [replace(r, attacker=f"{r.attacker} {len(many)}", note="") for r in dossier.rows]
    source = html.render(replace(dossier, rows=tuple(many[:4000])))
    assert len(source.encode()) <= html.LARGEST
    assert len(KEPT.findall(source)) == 4000


def test_forty_releases_fit_in_one_page():
    dossier = large_study(40)
    source = html.render(dossier)
    assert len(source.encode()) <= html.LARGEST
    Page.of(source)
