"""Risk curves, calibration and decisions, from rows made by hand."""

from __future__ import annotations

from dataclasses import replace

from tests.report.coevaluated import STEPS, coevaluated, rows
from tests.report.dossiers import dossier_of, study

from mindveil.report import curves


def test_the_risk_is_shown_at_every_number_of_candidates():
    (album,) = curves.risk_curves(coevaluated())
    assert album.measure == "fused/linkage"
    assert [p.title for p in album.plots] == [f"{n} · semi-informed" for n in STEPS]
    found, alone = album.plots[1].curves
    assert [s.title.partition(":")[0] for s in found.spots] == [
        f"Ranked first, N = {n}" for n in (5, 10, 20, 50, 200)
    ]
    assert found.band
    assert not alone.band
    assert [m.label for m in album.plots[1].across] == ["5", "10", "20", "50", "200"]
    assert found.spots[0].row.metric == "rank1-at@N=5"


def test_one_line_is_drawn_where_nobody_is_tied():
    told = rows(("half",))
    first = {r.metric.partition("@")[2]: r for r in told if r.metric.startswith("rank1-at@")}
    alone = [replace(r, metric=f"singling-out@{setting}") for setting, r in first.items()]
    others = [r for r in told if not r.metric.startswith("singling-out@")]
    (album,) = curves.risk_curves(dossier_of([*others, *alone], STEPS))
    assert [c.name for c in album.plots[0].curves] == ["Ranked first, and alone"]


def test_only_the_strongest_attacker_is_drawn():
    weak = [
        replace(r, attacker="ignorant", value=0.01)
        for r in rows(("half",))
        if r.metric.startswith("rank1-at")
    ]
    (album,) = curves.risk_curves(dossier_of([*weak, *rows(("half",))], STEPS))
    assert [p.title for p in album.plots] == ["half · semi-informed"]


def test_more_recordings_are_a_chart_only_where_there_are_several_numbers():
    (album,) = curves.recording_curves(coevaluated())
    assert [s.title.partition(":")[0] for s in album.plots[1].curves[0].spots] == [
        "Ranked first, L = 1",
        "Ranked first, L = 6",
    ]
    assert curves.recording_curves(study()) == ()


def test_calibration_stands_at_the_predicted_risk():
    (album,) = curves.calibrations(coevaluated())
    plot = album.plots[0]
    assert plot.slope
    spots = plot.curves[0].spots
    assert len(spots) == 5
    assert spots[0].title.startswith("Are cases, predicted 10.0%: ")
    assert [s.x for s in spots] == sorted(s.x for s in spots)


def test_acting_is_compared_with_treating_everybody():
    (album,) = curves.decisions(coevaluated())
    names = [c.name for c in album.plots[0].curves]
    assert names == ["Detector", "Treat everybody"]
    assert [m.label for m in album.plots[0].across] == ["5%", "10%", "20%", "30%", "40%", "50%"]


def test_points_of_nine_people_are_not_drawn():
    few = dossier_of([replace(r, n=9) for r in rows()], STEPS)
    for drawn in (curves.risk_curves, curves.calibrations, curves.decisions):
        assert drawn(few) == ()


def test_of_many_releases_the_first_are_drawn():
    steps = {f"r{i}": () for i in range(20)}
    many = [replace(r, release=name) for name in steps for r in rows(("half",))]
    (album,) = curves.risk_curves(dossier_of(many, steps))
    assert len(album.plots) == curves.MOST


def test_numbers_of_recordings_are_not_mixed_in_one_line():
    more = [
        replace(r, value=0.9, note=r.note.replace("L = 1", "L = 6"))
        for r in rows(("half",))
        if r.metric.startswith("rank1-at")
    ]
    (album,) = curves.risk_curves(dossier_of([*rows(("half",)), *more], STEPS))
    spots = album.plots[0].curves[0].spots
    assert len(spots) == 5
    assert {s.row.note.rpartition("L = ")[2] for s in spots} == {"6"}
