"""Tests of the training: told by their own unit, apart from the risks to people."""

from __future__ import annotations

from dataclasses import replace

from tests.report.detecting import STEPS, detecting
from tests.report.dossiers import dossier_of, study
from tests.report.federating import federating

from mindveil.report import attacks
from mindveil.report.records import entry
from mindveil.report.trainer_tests import trainer_tests


def told(rows=None):
    found = trainer_tests(dossier_of(detecting() if rows is None else rows, STEPS))
    return {test.measure: test for test in found}


def test_audits_stand_first_and_nothing_stands_among_the_risks():
    assert list(told()) == ["model/one-run-audit", "model/exposure", "model/property-inference"]
    lines = attacks.attack_lines(dossier_of(detecting(), STEPS))
    assert not {line.measure for line in lines} & told().keys()
    assert trainer_tests(study()) == ()


def test_the_bounds_of_an_audit_are_not_told_as_an_interval():
    bound = told()["model/one-run-audit"].told[0]
    assert (bound.value, bound.counted) == ("0.48", "100 made-up people")
    assert bound.span == "for sure 0.00; at most 3.24 could be shown"
    assert bound.note.startswith("power: ")
    audited = next(r for r in detecting() if r.metric == "epsilon-lower")
    assert entry(audited).interval == "–"


def test_a_refuted_promise_accuses():
    promise = [t for t in told()["model/one-run-audit"].told if t.what == "Promise refuted"]
    assert [(t.value, t.accuses) for t in promise] == [("no power", False)]
    broken = told(detecting(refuted=1.0))["model/one-run-audit"].told
    assert [(t.value, t.accuses) for t in broken if t.what == "Promise refuted"] == [("yes", True)]


def test_shares_of_groups_are_told_by_their_gain_and_count_models():
    (dp, _) = told()["model/property-inference"].told
    assert (dp.what, dp.value) == ("Share of cases: told beyond chance", "60.0%")
    assert dp.counted == "1,000 detectors"


def test_exposure_says_how_often_she_was_taught():
    first = told()["model/exposure"].told[0]
    assert first.what == "Exposure (bits; 1.4 is unseen) (taught once)"
    assert first.span == "1.49 to 1.51"


def test_a_test_without_a_figure_says_why():
    rows = [
        replace(r, status="invalid", metric="", value=None, low=None, high=None, n=None, note="few")
        for r in detecting()
        if r.metric == "exposure@1"
    ]
    (test,) = trainer_tests(dossier_of(rows, STEPS))
    assert [(t.what, t.value, t.note) for t in test.told] == [("no figure", "–", "few")] * 2


def test_what_rests_on_a_handful_is_withheld():
    few = [replace(r, n=9) for r in detecting()]
    assert {t.value for test in told(few).values() for t in test.told} == {"withheld"}


def test_a_client_that_lies_is_told_by_what_is_lost_and_what_is_left():
    first, second, sign = told(federating())["updates/poisoning"].told
    assert first.what == "AUROC lost: its people's answers turned round"
    assert (first.value, first.note) == ("0.050", "0.750 is left of 0.800")
    assert (second.what, second.value) == ("AUROC lost: a hidden sign taught", "0.000")
    assert sign.what == "Cases who pass as healthy by showing the sign"
    assert (sign.value, sign.note) == ("90.0%", "40.0% without the client that lies")
    assert {t.counted for t in (first, second, sign)} == {"300 people"}
