"""The worst group and the gap, of use and of risk."""

from __future__ import annotations

from dataclasses import replace

from tests.report.coevaluated import STEPS, coevaluated, rows
from tests.report.dossiers import dossier_of, study

from mindveil.report.forests import forests


def test_use_and_risk_are_told_by_group():
    (use,) = forests(coevaluated(), "utility")
    (risk,) = forests(coevaluated(), "attack")
    assert (use.measure, use.risk) == ("detect/phq9>=10", False)
    assert (risk.measure, risk.risk) == ("fused/linkage", True)
    worst = use.branches[0]
    assert (worst.release, worst.kind, worst.group) == ("original", "sex", "f")
    assert worst.what == "AUROC, worst group"
    assert (worst.low, worst.at, worst.high) == (69.0, 76.0, 83.0)
    assert worst.whole == 86.0


def test_a_gap_lies_about_nothing():
    (use,) = forests(coevaluated(), "utility")
    gap = use.branches[1]
    assert (gap.group, gap.zero, gap.at, gap.whole) == ("m minus f", 50.0, 55.0, None)


def test_a_group_of_nine_is_left_out():
    few = [replace(r, n=9) if "@sex" in r.metric else r for r in rows()]
    assert all(
        b.kind != "sex" for f in forests(dossier_of(few, STEPS), "attack") for b in f.branches
    )
    assert forests(dossier_of(few, STEPS), "utility") == ()


def test_without_groups_there_is_no_forest():
    assert forests(study(), "utility") == forests(study(), "attack") == ()
