"""What is told of the evidence itself."""

from __future__ import annotations

from dataclasses import replace

from tests.report.coevaluated import STEPS, coevaluated, rows
from tests.report.dossiers import dossier_of, study

from mindveil.report.validity import checks, failures


def test_every_check_is_told_with_its_figures():
    found = {c.measure: c for c in checks(coevaluated())}
    assert list(found) == [
        "identity/phq9>=10", "interviewer/phq9>=10", "contamination/voice", "release/leaks",
    ]  # fmt: skip
    assert [f.figure.value for f in found["identity/phq9>=10"].found] == ["0.900", "0.850", "0.050"]
    assert not any(f.bad for c in found.values() for f in c.found)


def test_a_leak_is_marked():
    leaky = [replace(r, value=0.1) if r.measure == "release/leaks" else r for r in rows()]
    (leak,) = [c for c in checks(dossier_of(leaky, STEPS)) if c.measure == "release/leaks"]
    assert leak.found[0].bad


def test_refused_rows_are_counted():
    assert failures(study()).refused == sum(r.status != "ok" for r in study().rows) == 2
    assert checks(study()) == ()
