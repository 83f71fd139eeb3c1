"""Which recording carries the risk, and which leads to which."""

from __future__ import annotations

from dataclasses import replace

from tests.report.coevaluated import STEPS, coevaluated, rows
from tests.report.dossiers import dossier_of, study

from mindveil.report.attribution import attribution, crossings, joined


def test_what_is_lost_without_a_recording_is_told():
    voice = [s for s in attribution(coevaluated()) if (s.release, s.modality) == ("half", "Voice")]
    assert [(s.alone.value, s.without.value, s.lost.value) for s in voice] == [
        ("41.0%", "3.0%", "+52.0 points")
    ]
    assert voice[0].lost.row.metric == "lost-without@voice"


def test_what_joining_adds_is_told():
    half = next(j for j in joined(coevaluated()) if j.release == "half")
    assert (half.best, half.gained.value) == ("Voice", "+14.0 points")


def test_from_one_recording_to_another():
    found = [c for c in crossings(coevaluated()) if c.release == "original"]
    assert [c.way for c in found] == ["Voice to text", "Voice to face", "Text to questionnaires"]
    assert (found[0].figure.value, found[0].guess) == ("20.0%", "1.0%")


def test_figures_of_nine_people_are_withheld():
    few = dossier_of([replace(r, n=9) for r in rows()], STEPS)
    assert all(s.lost.withheld for s in attribution(few))
    assert all(c.figure.withheld and not c.guess for c in crossings(few))


def test_without_such_attackers_there_is_nothing():
    assert attribution(study()) == joined(study()) == crossings(study()) == ()
