"""The gate: what a machine may let through, and its documents."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import get_args
from xml.etree import ElementTree as ET

import pytest
from tests.report.dossiers import dossier_of, small_study, study, study_rows

from mindveil.errors import InputError
from mindveil.evidence.comparison import compare
from mindveil.evidence.estimate import clopper_pearson
from mindveil.evidence.gate import Earlier, gated, names_of
from mindveil.evidence.gate_documents import junit, line_numbers, sarif
from mindveil.evidence.policy import Finding, Kind, key_of
from mindveil.evidence.scorecard import to_csv
from mindveil.report.figures import discreet

TODAY = date(2026, 3, 3)
"""The day after the made-up study."""


@pytest.fixture(scope="module")
def dossier():
    return study()


def parsed(text):
    return ET.fromstring(text)  # noqa: S314 - a document of our own


def gate_of(dossier, allowed="release", today=TODAY, earlier=None):
    return gated(dossier, names_of(dossier, ()), allowed, today, earlier)


def after(now, before):
    """Return what an earlier run is to a gate."""
    return Earlier(dossier=before, comparison=compare(now, before, names_of(now, ())))


def test_every_verdict_below_the_wanted_one_closes_it(dossier):
    found = gate_of(dossier)
    assert [r.verdict.release for r in found.releases] == [
        "redacted",
        "anonymised-2",
        "k-anonymous",
        "scores-only",
    ]
    for one in found.releases:
        assert one.passed == (one.verdict.decision == "RELEASE")
    assert not found.passed


@pytest.mark.parametrize(
    ("decision", "allowed", "passes"),
    [
        ("RELEASE", "release", True),
        ("RELEASE", "controlled", True),
        ("CONTROLLED", "release", False),
        ("CONTROLLED", "controlled", True),
        ("INCONCLUSIVE", "controlled", False),
        ("DO NOT RELEASE", "controlled", False),
    ],
)
def test_the_weakest_verdict_that_passes_is_asked_for(dossier, decision, allowed, passes):
    judged = replace(
        dossier,
        judgement=replace(
            dossier.judgement,
            releases=tuple(replace(v, decision=decision) for v in dossier.judgement.releases),
        ),
    )
    assert gate_of(judged, allowed).passed == passes


def test_a_verdict_that_has_expired_closes_it(dossier):
    good = [v for v in dossier.judgement.releases if v.decision == "RELEASE"]
    names = [v.release for v in good] or ["k-anonymous"]
    last = dossier.judgement.expires
    assert not gated(dossier, names, "controlled", last).expired
    late = gated(dossier, names, "controlled", date(last.year, last.month, last.day + 1))
    assert late.expired
    assert not late.passed


def test_releases_that_are_not_there_are_told(dossier):
    with pytest.raises(InputError, match="no release 'x'; it has original, redacted"):
        names_of(dossier, ["x"])
    with pytest.raises(InputError, match="nothing to gate"):
        names_of(dossier_of([], {"original": ()}), ())


def test_points_of_a_sweep_are_looked_at_only_where_they_are_named():
    made = dossier_of([], {"original": (), "anon": (), "anon~level=2": (), "d.undefended": ()})
    assert names_of(made, ()) == ["anon"]
    assert names_of(made, ["anon~level=2"]) == ["anon~level=2"]


def test_what_became_worse_closes_it(dossier):
    facts = {"corpus": "c", "line-up": "100"}
    now = replace(dossier, provenance=facts)
    rows = [
        replace(r, value=0.0, low=0.0, high=0.001)
        if r.release == "redacted" and r.metric.startswith("rank1")
        else r
        for r in study_rows()
    ]
    before = replace(dossier_of(rows), provenance=facts)
    found = gate_of(now, earlier=after(now, before))
    (one,) = (r for r in found.releases if r.worse)
    assert one.verdict.release == "redacted"
    assert {c.side for c in one.worse} == {"risk"}
    tree = parsed(junit(found, now, discreet))
    suite = next(s for s in tree if s.get("name") == "redacted")
    named = [c.get("name") for c in suite if c.find("failure") is not None]
    assert any(n.startswith("worse-than-before: ") for n in named)
    results = sarif(found, now, discreet)["runs"][0]["results"]
    assert any(r["ruleId"] == "worse-than-before" and r["level"] == "error" for r in results)


def test_an_attack_that_was_left_out_this_time_closes_it(dossier):
    facts = {"corpus": "c", "line-up": "100"}
    before = replace(dossier, provenance=facts)
    rows = [r for r in study_rows() if (r.release, r.measure) != ("redacted", "text/authorship")]
    assert len(rows) < len(study_rows())
    now = replace(dossier_of(rows), provenance=facts)
    found = gate_of(now, earlier=after(now, before))
    assert {r.verdict.release: r.lost for r in found.releases if r.lost} == {
        "redacted": ("text/authorship",)
    }
    assert not replace(found.releases[0], stands=True).passed
    xml, log = junit(found, now, discreet), sarif(found, now, discreet)
    assert "text/authorship had a figure in the earlier run and has none now." in xml
    assert [r["ruleId"] for r in log["runs"][0]["results"]].count("attack-lost") == 1
    again = gate_of(before, earlier=after(before, now))
    assert not any(r.lost for r in again.releases)


def test_a_release_that_is_no_longer_there_is_told(dossier):
    now = dossier_of(
        [r for r in study_rows() if r.release != "redacted"],
        {r.name: r.steps for r in dossier.releases if r.name != "redacted"},
    )
    facts = {"corpus": "c", "line-up": "100"}
    now, before = replace(now, provenance=facts), replace(dossier, provenance=facts)
    assert after(now, before).dropped(now) == ("redacted",)
    assert after(before, now).dropped(before) == ()


@pytest.mark.parametrize("name", ["<a>&\"' ]]>\x00\x1b\ud800", "=cmd|x", "..//../x"])
def test_a_hostile_name_breaks_neither_document(dossier, name):
    odd = replace(dossier.judgement.releases[1], release=name, sentence=f"so {name}")
    made = replace(dossier, judgement=replace(dossier.judgement, releases=(odd,)))
    found = gated(made, [name], "release", TODAY)
    assert parsed(junit(found, made, discreet).encode())[0].get("name")
    log = json.loads(json.dumps(sarif(found, made, discreet), ensure_ascii=False).encode())
    assert log["runs"][0]["results"]


@pytest.mark.parametrize(("people", "is_told"), [(1, False), (9, False), (10, True)])
def test_how_many_are_exposed_is_told_of_ten_and_more(dossier, people, is_told):
    held = Finding(
        state="caps", sentence="some", kind="people-exposed", figure=clopper_pearson(people, 150)
    )
    odd = replace(
        dossier.judgement.releases[1], decision="CONTROLLED", deciding=(), findings=(held,)
    )
    made = replace(dossier, judgement=replace(dossier.judgement, releases=(odd,)))
    log = sarif(gated(made, [odd.release], "release", TODAY), made, discreet)
    assert ("value" in log["runs"][0]["results"][0]["properties"]) == is_told


def test_a_verdict_of_old_without_findings_has_a_result_of_its_own(dossier):
    bare = tuple(
        replace(v, decision="INCONCLUSIVE", findings=(), deciding=())
        for v in dossier.judgement.releases
    )
    old = replace(dossier, judgement=replace(dossier.judgement, releases=bare))
    found = gate_of(old)
    results = sarif(found, old, discreet)["runs"][0]["results"]
    assert [r["ruleId"] for r in results] == ["verdict"] * len(found.releases)
    assert {r["level"] for r in results} == {"error"}


# --- JUnit ------------------------------------------------------------------------------------


def test_a_test_case_is_a_condition_of_a_release(dossier):
    found = gate_of(dossier)
    tree = parsed(junit(found, dossier, discreet))
    assert tree.tag == "testsuites"
    assert [s.get("name") for s in tree] == [r.verdict.release for r in found.releases]
    for suite, one in zip(tree, found.releases, strict=True):
        assert {s.tag for s in suite} == {"testcase"}
        names = [c.get("name") for c in suite]
        assert len(set(names)) == len(names)
        assert all(c.get("classname") == one.verdict.release for c in suite)
        failed = [c for c in suite if c.find("failure") is not None]
        assert suite.get("tests") == str(len(names))
        assert suite.get("failures") == str(len(failed))
        assert suite.get("errors") == "0"
        assert bool(failed) != one.passed
        told = {f.get("message") for c in failed for f in c.findall("failure")}
        if one.verdict.decision == "DO NOT RELEASE":
            assert {discreet(f.sentence) for f in one.verdict.deciding} <= told
    for key in ("tests", "failures", "skipped"):
        assert tree.get(key) == str(sum(int(s.get(key)) for s in tree))


def test_what_a_verdict_was_passed_in_spite_of_fails_nothing(dossier):
    judged = dossier.judgement.releases
    held = next(v for v in judged if any(f.state == "missed" for f in v.findings))
    spite = replace(held, decision="CONTROLLED")
    made = replace(dossier, judgement=replace(dossier.judgement, releases=(spite,)))
    found = gated(made, [held.release], "controlled", TODAY)
    tree = parsed(junit(found, made, discreet))
    assert tree.get("failures") == "0"
    assert int(tree.get("skipped")) >= 1
    levels = {r["level"] for r in sarif(found, made, discreet)["runs"][0]["results"]}
    assert levels == {"note"}


def test_signs_that_xml_has_no_place_for_are_left_out(dossier):
    verdict = dossier.judgement.releases[1]
    odd = replace(verdict, sentence="a \x00\x0b <b> & \ufffe “c”.", decision="INCONCLUSIVE")
    made = replace(dossier, judgement=replace(dossier.judgement, releases=(odd,)))
    tree = parsed(junit(gated(made, [odd.release], "release", TODAY), made, discreet))
    assert tree[0][0].find("failure").get("message") == "a  <b> &  “c”."


# --- SARIF ------------------------------------------------------------------------------------


def test_a_log_has_what_the_format_asks_for(dossier):
    """SARIF 2.1.0: version and runs; of a run the tool; of a result the message."""
    told = json.loads(json.dumps(sarif(gate_of(dossier), dossier, discreet)))
    assert told["version"] == "2.1.0"
    (run,) = told["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "Mindveil"
    rules = [r["id"] for r in driver["rules"]]
    assert set(get_args(Kind)) < set(rules)
    assert len(set(rules)) == len(rules)
    assert all(r["shortDescription"]["text"].endswith(".") for r in driver["rules"])
    assert run["results"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]
        (where,) = result["locations"]
        place = where["physicalLocation"]
        assert place["artifactLocation"]["uri"] in {"scorecard.csv", "verdict.json"}
        assert place.get("region", {"startLine": 1})["startLine"] >= 1
        assert len(result["partialFingerprints"]["condition/v1"]) == 32
    prints = [r["partialFingerprints"]["condition/v1"] for r in run["results"]]
    assert len(set(prints)) == len(prints)


def test_a_result_points_at_the_line_of_its_figure(dossier):
    rows = list(dossier.rows)
    rows[3] = replace(rows[3], note="two\nlines, of one note")
    made = replace(dossier, rows=tuple(rows))
    at = line_numbers(made.rows)
    lines = to_csv(made.rows).split("\n")
    for row in made.rows:
        first = next(r for r in made.rows if key_of(r) == key_of(row))
        assert lines[at[key_of(row)] - 1].startswith(
            f"{first.release},{first.kind},{first.measure}"
        )
    for result in sarif(gate_of(made), made, discreet)["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        if "region" in place:
            release = result["locations"][0]["logicalLocations"][0]["name"]
            assert lines[place["region"]["startLine"] - 1].split(",")[0] in {release, "original"}


def test_no_figure_of_fewer_than_ten_people_is_told():
    small = small_study()
    found = gate_of(small)
    text = json.dumps(sarif(found, small, discreet)) + junit(found, small, discreet)
    assert "n = 9" not in text
    assert '"n": 9' not in text
    assert "withheld" in text


def test_a_fingerprint_stays_where_only_the_figure_changes(dossier):
    rows = [
        replace(r, value=0.5, low=0.45, high=0.55)
        if r.release == "redacted" and r.metric == "success"
        else r
        for r in study_rows()
    ]
    prints = [
        {
            r["partialFingerprints"]["condition/v1"]
            for r in sarif(gate_of(d), d, discreet)["runs"][0]["results"]
        }
        for d in (dossier, dossier_of(rows))
    ]
    assert len(prints[0] & prints[1]) >= 0.9 * len(prints[0])


def test_the_same_run_gives_the_same_bytes(dossier):
    found = gate_of(dossier)
    assert junit(found, dossier, discreet) == junit(found, dossier, discreet)
    assert json.dumps(sarif(found, dossier, discreet)) == json.dumps(
        sarif(found, dossier, discreet)
    )
    assert "/" not in json.dumps(
        sarif(found, dossier, discreet)["runs"][0]["tool"]["driver"]["version"]
    )


def test_the_exact_interval_of_the_gate_is_that_of_the_verdict(dossier):
    one = next(r for r in gate_of(dossier).releases if r.verdict.release == "redacted")
    match = next(f for f in one.held_back if f.kind == "names")
    assert match.figure == clopper_pearson(
        round(match.figure.value * match.figure.n), match.figure.n
    )
