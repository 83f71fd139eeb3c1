"""The verdict blocks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report.coevaluated import coevaluated
from tests.report.dossiers import dossier_of, empty_study, small_study, study, study_rows
from tests.report.synthetic import STEPS, attacked

from mindveil.evidence.estimate import Estimate
from mindveil.report import cards, words


@pytest.fixture(scope="module")
def made():
    return {c.name: c for c in cards.cards(study())}


def test_cards_keep_the_order_of_the_study(made):
    assert list(made) == ["original", "redacted", "anonymised-2", "k-anonymous", "scores-only"]


def test_all_four_decisions_have_shapes_of_their_own(made):
    assert {c.decision for c in made.values()} == set(words.MEANINGS)
    assert len(set(words.SHAPES.values())) == 4


def test_findings_are_listed_worst_first(made):
    order = list(words.STATES)
    for card in made.values():
        places = [order.index(line.state) for line in card.lines]
        assert places == sorted(places)


def test_the_strongest_attacker_is_told_as_people_of_a_hundred(made):
    worst, _, _ = made["redacted"].facts
    assert worst.figure.value == "77.0%"
    assert worst.plain.startswith("About 77 of 100 people (72 to 82) are matched with their right")
    assert "limit is 9.0%" in worst.plain
    assert "Weakest part: questionnaires (answer matching, semi-informed attacker)." in worst.plain


def test_a_readable_name_is_told_as_one(made):
    assert "still have a readable name or number" in made["original"].facts[0].plain


def test_the_original_has_no_reduction_and_no_change(made):
    _, reduction, use = made["original"].facts
    assert reduction.figure is None
    assert "change" not in use.plain


def test_people_needed_stand_beside_the_people_there_are(made):
    assert made["anonymised-2"].people_needed.endswith("(this study: 400).")
    assert not made["redacted"].people_needed


def test_a_cap_by_a_handful_of_people_shows_no_figure_of_them(made):
    said = [line.sentence for line in made["anonymised-2"].lines if line.state == "caps"]
    assert said == ["The figure of answer matching is withheld: it rests on fewer than 10 people."]


def test_a_fault_is_said_once_for_all_its_figures():
    rows = study_rows()
    bad = [
        replace(r, status="invalid", note=f"under-trained: by much; {r.metric}")
        for r in rows
        if (r.release, r.measure, r.attacker) == ("redacted", "scales/linkage", "ignorant")
    ]
    dossier = dossier_of([*rows, *bad])
    found = cards.gaps(dossier.judgement.releases[1], dossier)
    assert len(bad) > 2
    assert sum("under-trained: by much" in f for f in found) == 1


def test_a_study_of_nine_people_shows_no_figure_in_its_cards():
    for card in cards.cards(small_study()):
        said = [card.sentence, *(li.sentence for li in card.lines), *(f.plain for f in card.facts)]
        assert not any("[" in s or "of 100 people" in s for s in said)
        assert all(f.figure is None or f.figure.withheld for f in card.facts)
        assert all(f.bar is None for f in card.facts)


def test_a_reduction_of_few_people_is_withheld_in_its_sentence():
    dossier = study()
    verdict = replace(
        dossier.judgement.releases[2], reduction=Estimate(value=0.92, low=0.88, high=0.95, n=7)
    )
    judgement = replace(dossier.judgement, releases=(verdict,))
    (card,) = cards.cards(replace(dossier, judgement=judgement))
    assert not any("88.8%" in line.sentence for line in card.lines)


def test_an_empty_study_says_so():
    for card in cards.cards(empty_study()):
        assert card.decision == "INCONCLUSIVE"
        assert card.facts[0].plain == words.TEXT["worst_none"]


def test_where_nobody_can_be_named_the_gain_is_the_key_figure():
    made = {c.name: c for c in cards.cards(dossier_of(attacked(), STEPS))}
    worst = made["copula"].facts[0]
    assert worst.label == words.TEXT["worst_other"]
    assert worst.figure.value == "20.0%"
    assert "membership test on the stolen generator" in worst.plain
    assert "the limit is 10.0%" in worst.plain
    assert worst.bar is not None


def test_the_weakest_part_of_a_joined_attack_is_the_recording_it_lives_on():
    made = {c.name: c for c in cards.cards(coevaluated())}
    assert "Weakest part: voice (matching with everything combined" in made["half"].facts[0].plain


def test_a_condition_leads_to_its_row():
    dossier = coevaluated()
    made = {c.name: c for c in cards.cards(dossier)}
    rows = [line.row for line in made["half"].lines if line.row is not None]
    assert len(rows) > 5
    assert all(row in dossier.rows and row.release == "half" for row in rows)


def test_the_change_against_the_original_stands_beside_the_use():
    use = {c.name: c for c in cards.cards(coevaluated())}["half"].facts[2]
    assert (use.second.value, use.second.row.metric) == ("−0.010", "auroc-change")


def test_what_decides_nothing_is_told_without_small_groups():
    dossier = study()
    said = ("Half of it is identity: 0.05 [0.01, 0.09], n = 5", "Known: 0.05 [0.01, 0.09], n = 50")
    verdict = replace(dossier.judgement.releases[1], remarks=said)
    judged = replace(dossier.judgement, releases=(verdict,))
    (card,) = cards.cards(replace(dossier, judgement=judged))
    assert card.remarks[0].startswith("The figure is withheld")
    assert card.remarks[1].startswith("Known: 0.05")
