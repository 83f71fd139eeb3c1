"""Risk by one recording alone, by all, and by all but one."""

from __future__ import annotations

from dataclasses import replace

from tests.report.coevaluated import STEPS, coevaluated, rows
from tests.report.dossiers import dossier_of, small_study, study

from mindveil.report.steward_words import NO_ATTACK
from mindveil.report.weakest_link import next_to_protect, panels


def test_an_attacker_who_holds_everything_is_shown_with_and_without_each_recording():
    panel = panels(coevaluated())[1]
    assert (panel.release, panel.attacker, panel.joined) == ("half", "semi-informed", True)
    words = [s.word for s in panel.strips]
    assert words[:5] == ["All together", "Text alone", "without text", "Voice alone",
                         "without voice"]  # fmt: skip
    values = {s.word: s.figure.value for s in panel.strips}
    assert (values["Voice alone"], values["without voice"]) == ("41.0%", "3.0%")
    assert panel.strips[3].figure.row.metric == "rank1@voice alone"


def test_without_such_an_attacker_each_attack_stands_alone():
    first = panels(study())[0]
    assert not first.joined
    assert {s.what for s in first.strips} == {"alone"}
    assert [s.word for s in first.strips] == ["Text", "Questionnaires"]


def test_no_bar_is_drawn_of_nine_people():
    assert panels(small_study()) == ()


def test_where_several_give_the_same_away_it_says_so():
    made = [
        replace(r, low=-0.1, high=0.1, value=0.0) if r.metric.startswith("lost-without") else r
        for r in rows()
    ]
    dossier = dossier_of(made, STEPS)
    half = dossier.judgement.releases[1]
    assert (
        next_to_protect(dossier, half).words
        == "Voice first; several recordings give the same away."
    )


def test_without_an_attack_nothing_is_named():
    dossier = dossier_of([], STEPS)
    assert next_to_protect(dossier, dossier.judgement.releases[1]).words == NO_ATTACK


def test_bars_are_of_as_many_recordings_as_the_attacker_did_best_with():
    more = [
        replace(r, value=0.9, low=0.8, high=0.99, note=r.note.replace("L = 1", "L = 6"))
        for r in rows(("half",))
        if r.metric in {"rank1", "rank1@voice alone"}
    ]
    panel = panels(dossier_of([*rows(("half",)), *more], {"half": STEPS["half"]}))[0]
    assert {s.word: s.figure.value for s in panel.strips} == {
        "All together": "90.0%",
        "Voice alone": "90.0%",
    }


def test_where_background_finds_everybody_the_attacker_who_tells_most_from_recordings_is_drawn():
    mine = [r for r in rows(("half",)) if r.measure == "fused/linkage"]
    sure = [
        replace(r, metric="rank1@with demographics", value=1.0, low=0.99, high=1.0)
        for r in mine
        if r.metric == "rank1"
    ]
    weak = [
        replace(r, attacker="stranger", value=0.3, low=0.2, high=0.4)
        for r in mine
        if r.metric.startswith(("rank1", "lost-without"))
    ]
    also = [replace(r, attacker="stranger") for r in sure]
    (panel,) = panels(dossier_of([*mine, *sure, *weak, *also], {"half": STEPS["half"]}))
    assert panel.attacker == "semi-informed"
    assert {s.word: s.figure.value for s in panel.strips}["All together"] == "55.0%"
