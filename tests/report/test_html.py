"""The page: complete, escaped, quiet, discreet and readable."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import replace
from importlib.resources import files

import pytest
from jinja2 import UndefinedError
from tests.report.dossiers import (
    POLICY,
    STEPS,
    dossier_of,
    empty_study,
    large_study,
    small_study,
    study,
    study_rows,
)
from tests.report.pages import ACTIVE, ADDRESSES, Page

from mindveil.evidence.dossier import ReleaseFacts
from mindveil.evidence.scorecard import Row
from mindveil.report import html, words

PAYLOADS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://example.org/x.png'>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "` onclick=alert(1) `",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<a href='javascript:alert(1)'>x</a>",
    '<a href="https://example.org">x</a>',
    "<iframe src='//example.org'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data='data:text/html,<script>alert(1)</script>'>",
    "<embed src=//example.org>",
    "<link rel=stylesheet href=//example.org/x.css>",
    "<style>@import '//example.org/x.css';</style>",
    "<base href='//example.org/'>",
    "<meta http-equiv=refresh content='0;url=//example.org'>",
    "<form action='//example.org'><button>x</button></form>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext></mtext><mglyph><style></math><img src onerror=alert(1)>",
    "<!--",
    "--><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "{{ 7 * 7 }}{% for x in [1] %}{{ ''.__class__ }}{% endfor %}",
    "{limit}{0.__class__}%s%(x)s",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\u003cscript\\u003ealert(1)",
    "＜script＞alert(1)＜/script＞",
    "x\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    "evil\u202egpj.exe\u202c",
    "javascript:alert(1)",
    "url(//example.org/x)",
    "\ud800 half a pair",
]
SECTIONS = [
    "verdict", "picture", "weakest", "untested", "reading", "researchers", "releases", "attacks",
    "utility", "believed", "guarantees", "scorecard", "provenance",
]  # fmt: skip


@pytest.fixture(scope="module")
def page():
    return html.render(study())


@pytest.fixture(scope="module")
def read(page):
    return Page.of(page)


def poisoned(payload):
    """Return a study in which every text is the payload."""
    rows = [
        replace(r, release=f"{payload} {r.release}", note=payload, attacker=payload, unit=payload)
        for r in study_rows()
        if r.measure != "text/authorship" and r.release in {"original", "redacted"}
    ]
    rows += [
        Row(release=f"{payload} original", kind="attack", measure=payload, modality=payload,
            metric="rank1", value=0.5, low=0.4, high=0.6, n=50, note=payload),
        Row(release=f"{payload} original", kind="utility", measure=f"detect/{payload}",
            modality=payload, metric="auroc", value=0.5, low=0.4, high=0.6, n=50),
        Row(release=f"{payload} redacted", kind="attack", measure=payload, modality=payload,
            metric=payload, status="invalid", note=payload),
    ]  # fmt: skip
    steps = {f"{payload} {name}": (payload,) for name in ("original", "redacted")}
    made = dossier_of(rows, steps, replace(POLICY, context=payload))
    corpus = replace(
        made.corpus, name=payload, modalities=(payload,), tools=(payload,), language=payload,
        pseudo_sessions=payload, licence=payload,
    )  # fmt: skip
    return replace(
        made, study=payload, split=payload, corpus=corpus, untested=(payload,),
        questions=dict.fromkeys([payload, "scales/linkage"], payload),
        provenance={payload: payload, "version mindveil": payload},
        releases=tuple(replace(r, guarantee=payload) for r in made.releases),
    )  # fmt: skip


def test_the_sections_stand_in_their_order(read):
    found = [v for tag, name, v in read.attributes if (tag, name) == ("section", "id")]
    assert found == SECTIONS


def test_headings_step_down_one_at_a_time(read):
    levels = [level for level, _ in read.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert all(said.strip() for _, said in read.headings)


def test_ids_are_unique_and_links_lead_somewhere(read):
    ids = read.values("id")
    assert max(Counter(ids).values()) == 1
    links = read.values("href")
    assert links
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    assert set(read.values("aria-labelledby")) <= set(ids)


def test_tables_are_named_and_their_heads_scoped(read):
    assert read.tags.count("table") == read.tags.count("caption") > 5
    scoped = [v for tag, name, v in read.attributes if (tag, name) == ("th", "scope")]
    assert len(scoped) == read.tags.count("th")


def test_the_page_says_what_an_officer_looks_for(read):
    said = read.words
    for name in STEPS:
        assert name in said
    for decision in words.MEANINGS:
        assert decision in said
    assert "2 March 2026" in said
    assert "Valid until 2 March 2027" in said
    assert "400 people · 800 sessions · text, questionnaires (PHQ-9, GAD-7) · English" in said
    assert "About 3,167 people would be needed to tell (this study: 400)." in said
    assert "finding nobody would still allow a risk of up to 0.9% ." in said
    assert "carries a formal guarantee" in said
    assert "sha256:" in said
    assert "Face, voice: not in this corpus" in said


def test_the_page_names_the_version_that_made_it(read):
    named = [v for tag, name, v in read.attributes if (tag, name) == ("meta", "content")]
    assert "mindveil 0.1.0" in named


def test_it_never_calls_data_anonymous_or_compliant(read):
    said = read.words.replace("anonymised-2", "").replace("k-anonymous", "")
    said = re.sub(r"(text|scales)/anonymise", "", said)
    around = [said[max(m.start() - 60, 0) : m.end()] for m in re.finditer("anonymous", said)]
    assert len(around) == 1
    assert "does not state that any data are anonymous" in around[0]
    assert "compliant" not in said
    assert "they diagnose nobody" in said


def test_synthetic_people_are_announced_and_real_ones_are_not(read):
    assert "Synthetic people" in read.words
    dossier = study()
    real = replace(dossier, corpus=replace(dossier.corpus, synthetic=False))
    assert "Synthetic people" not in Page.of(html.render(real)).words


def test_a_guarantee_is_printed_where_there_is_one():
    dossier = study()
    facts = (ReleaseFacts(name="original", steps=(), guarantee="epsilon 3 for a person"),)
    said = Page.of(html.render(replace(dossier, releases=facts))).words
    assert "epsilon 3 for a person" in said
    assert words.TEXT["guarantees_none"] not in said


def test_it_is_the_same_page_twice(page):
    assert html.render(study()) == page


def test_it_can_do_nothing_and_reach_nowhere(page, read):
    assert not ACTIVE & set(read.tags)
    assert not [name for _, name, _ in read.attributes if name.startswith("on")]
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in page
    assert not re.search(r"https?:|//[a-z]|url\(|@import|javascript:", page)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_no_name_in_a_study_changes_the_page(payload, read):
    source = html.render(poisoned(payload))
    found = Page.of(source)
    assert not ACTIVE & set(found.tags)
    assert set(found.tags) <= set(read.tags)
    assert {(tag, name) for tag, name, _ in found.attributes} <= {
        (tag, name) for tag, name, _ in read.attributes
    }
    for name in ADDRESSES:
        assert all(re.fullmatch(r"#[a-z0-9-]+", v) for v in found.values(name))
    for name in ("id", "class", "style", "d", "viewbox"):
        assert all("alert" not in v and "example" not in v for v in found.values(name))
    assert found.values("http-equiv") == ["Content-Security-Policy"]
    assert source.encode("utf-8")


@pytest.mark.parametrize("payload", PAYLOADS[:10])
def test_a_payload_is_shown_as_it_was_written(payload):
    assert " ".join(payload.split()) in Page.of(html.render(poisoned(payload))).words


def test_unseen_characters_are_replaced():
    dossier = study()
    source = html.render(replace(dossier, study="a\u202eb\x00c\u200bd\ud800e"))
    assert "a\ufffdb\ufffdc\ufffdd\ufffde" in source
    assert not html._UNSEEN.search(source)


def test_nine_people_leave_no_figure_on_the_page():
    source = html.render(small_study())
    said = Page.of(source).words
    policy = {"9.0%", "10.0%", "92.0%", "9%", "10%", "92%", "95%", "100%", "0%", "50%"}
    assert set(re.findall(r"\d+(?:\.\d+)?%", said)) <= policy
    assert not re.findall(r"\d+\.\d+%? to ", said)
    assert "withheld" in said
    assert 'class="bar"' not in source
    assert 'class="frontier' not in source


def test_an_empty_study_is_a_page_too():
    said = Page.of(html.render(empty_study())).words
    for name in ("attacks_none", "utility_none_section", "frontier_none"):
        assert words.TEXT[name] in said
    assert "INCONCLUSIVE" in said


def test_a_large_scorecard_is_cut_and_says_so(monkeypatch):
    dossier = large_study(12)
    largest = len(html.render(dossier).encode()) - 30_000
    monkeypatch.setattr(html, "LARGEST", largest)
    source = html.render(dossier)
    assert largest - 30_000 < len(source.encode()) <= largest
    assert words.TEXT["scorecard_cut"] in source
    assert words.TEXT["scorecard_cut"] not in html.render(study())


def test_a_misspelt_word_in_a_template_is_an_error():
    with pytest.raises(UndefinedError):
        html._environment().from_string("{{ text.nothing }}").render(text=words.TEXT)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_the_standard_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_can_be_read_on_its_ground(scheme):
    style = files("mindveil.report").joinpath("style.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{([^}]*)\}", style)
    colour = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[scheme]))
    tones = ["met", "caps", "missed", "unknown"]
    pairs = [(a, b) for a in ("ink", "soft", "link") for b in ("paper", "ground")]
    pairs += [(tone, "paper") for tone in tones]
    pairs += [("paper", tone) for tone in tones]
    pairs += [(text, f"{tone}-bg") for tone in tones for text in (tone, "ink", "soft")]
    assert {p: c for p in pairs if (c := contrast(colour[p[0]], colour[p[1]])) < 4.5} == {}
