"""Many settings of one release stand in one table."""

from __future__ import annotations

from dataclasses import replace

from tests.report.coevaluated import STEPS, coevaluated, swept
from tests.report.dossiers import study

from mindveil.report import sweeps
from mindveil.report.charts import NARROW, frontier
from mindveil.report.html import render
from mindveil.report.picture import caption, drawing


def test_points_stand_apart_from_releases():
    plain = sweeps.without_points(swept())
    assert [r.name for r in plain.releases] == list(STEPS)
    assert [v.release for v in plain.judgement.releases] == list(STEPS)
    assert not any("~" in r.release for r in plain.rows)
    assert sweeps.without_points(study()) == study()


def test_points_on_the_frontier_come_first():
    dossier = swept()
    (sweep,) = sweeps.sweeps(dossier, dossier.judgement.frontier)
    assert sweep.base == "half"
    assert len(sweep.settings) == 12
    on = [s.frontier.startswith("yes") for s in sweep.settings]
    assert on == sorted(on, reverse=True)
    assert sweep.settings[0].name.startswith("level=")
    assert sweep.settings[0].risk.row.release == f"half~{sweep.settings[0].name}"
    assert "% of draws" in sweep.settings[0].frontier


def test_a_long_sweep_is_cut(monkeypatch):
    monkeypatch.setattr(sweeps, "MOST", 5)
    dossier = swept()
    (sweep,) = sweeps.sweeps(dossier, dossier.judgement.frontier)
    assert (len(sweep.settings), sweep.left_out) == (5, 7)


def test_points_have_no_label_in_the_picture_unless_the_frontier_bends_there():
    drawn = drawing(swept())
    shown = frontier(drawn.points, drawn.goal, NARROW)
    assert {m.label for m in shown.marks if "~" in m.name and not m.knee} == {""}
    assert all(m.label for m in shown.marks if "~" not in m.name)


def test_without_a_sweep_there_is_no_table():
    assert sweeps.sweeps(coevaluated(), coevaluated().judgement.frontier) == ()


def test_the_area_is_told():
    assert sweeps.hypervolume(swept()).count(" to ") == 1


def test_points_that_cannot_be_drawn_are_counted_and_not_named():
    drawn = drawing(swept())
    points = tuple(replace(p, risk=None) if "~" in p.release else p for p in drawn.points)
    said = caption(replace(drawn, points=points))
    assert said.endswith(
        "Not drawn, because a figure is missing or withheld: 12 points of a sweep."
    )


def test_hundreds_of_points_fit_in_one_page():
    dossier = swept()
    (one,) = [r for r in dossier.releases if r.name == "half~level=3"]
    (point,) = [p for p in dossier.judgement.frontier if p.release == one.name]
    (verdict,) = [v for v in dossier.judgement.releases if v.release == one.name]
    names = [f"half~level={i}" for i in range(100, 400)]
    judged = replace(
        dossier.judgement,
        releases=(*dossier.judgement.releases, *(replace(verdict, release=n) for n in names)),
        frontier=(*dossier.judgement.frontier, *(replace(point, release=n) for n in names)),
    )
    many = replace(
        dossier,
        releases=(*dossier.releases, *(replace(one, name=n) for n in names)),
        judgement=judged,
    )
    source = render(many)
    assert len(source.encode()) < 500_000
    assert "192 more points stand in the scorecard." in source
