"""How risk is spread over people."""

from __future__ import annotations

from dataclasses import replace

from tests.report.coevaluated import STEPS, coevaluated, rows
from tests.report.dossiers import dossier_of, study

from mindveil.evidence.scorecard import Row
from mindveil.report.people import counted, spreads


def test_the_middle_the_top_and_the_worst_stand_beside_each_other():
    spread = {s.release: s for s in spreads(coevaluated())}["half"]
    assert (spread.median.value, spread.high.value, spread.worst.value) == (
        "27.5%",
        "100.0%",
        "100.0%",
    )
    assert [d.name for d in spread.dots] == ["median", "p95", "worst"]
    assert spread.above.value == "27.5%"
    assert spread.unusual.value == "55.0%"
    assert spread.limit == 30.0  # the root of 0.09


def test_few_exposed_people_are_told_as_few():
    spread = {s.release: s for s in spreads(coevaluated())}["whole"]
    assert spread.exposed.value == "fewer than 10 of 400"
    assert spread.exposed.row.metric == "people-exposed"


def test_nobody_exposed_is_a_figure():
    (row, *_) = [r for r in rows() if r.metric == "people-exposed"]
    assert counted(replace(row, value=0.0, low=0.0, high=0.01)).value == "0.0%"


def test_of_nine_people_nothing_is_drawn():
    few = [replace(r, n=9) for r in rows() if r.metric.startswith("person-risk")]
    for spread in spreads(dossier_of(few, STEPS)):
        assert spread.dots == ()
        assert spread.high.withheld


def test_without_such_figures_there_is_no_picture():
    assert spreads(study()) == ()


def _other(attack: str, above: float, exposed: float) -> list[Row]:
    """Return an attack that names the 5% at most risk as surely as the joint one does."""
    told = {"person-risk@median": 0.0, "people-above@limit": above, "people-exposed": exposed}
    mine = {r.metric: r for r in rows(("half",)) if r.metric in {*told, "person-risk@p95"}}
    return [
        replace(r, measure=attack, modality=attack.partition("/")[0], value=told.get(m, r.value))
        for m, r in mine.items()
    ]


def test_of_attacks_that_surely_name_some_the_one_that_threatens_most_people_is_drawn():
    steps = {"half": STEPS["half"]}
    few = _other("face/linkage", 0.05, 0.0)
    (spread,) = spreads(dossier_of([*few, *rows(("half",))], steps))
    assert (spread.attack, spread.median.value) == ("matching with everything combined", "27.5%")
    many = _other("face/linkage", 0.9, 0.0)
    (spread,) = spreads(dossier_of([*rows(("half",)), *many], steps))
    assert (spread.attack, spread.median.value) == ("face matching", "0.0%")


def test_who_names_people_with_certainty_is_told_where_it_is_another_attack():
    steps = {"half": STEPS["half"]}
    (spread,) = spreads(dossier_of(rows(("half",)), steps))
    assert spread.exposed_by == ""
    sure = _other("face/linkage", 0.05, 1.0)
    (spread,) = spreads(dossier_of([*rows(("half",)), *sure], steps))
    assert spread.attack == "matching with everything combined"
    assert spread.exposed_by == "face matching, semi-informed attacker"
