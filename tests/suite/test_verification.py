from __future__ import annotations

import pytest
from tests.suite.sheets import matched, sheet_of, track_of

from mindveil.suite.score_sheet import NotRun, SuiteSheet
from mindveil.suite.suite_file import load_suite
from mindveil.suite.track_study import plain
from mindveil.suite.verification import faults_of, remarks_on

SUITE = load_suite("threats-v1")
TRACK = SUITE.track("text")


def sheet(**more):
    figures = [f for d in TRACK.defences for f in matched(d.name, 0.5)]
    figures += matched("none", 0.9)
    told = {
        "lineup": TRACK.lineup,
        "seed": SUITE.part.seed,
        "corpus_digest": SUITE.corpus(TRACK).digest,
        **more,
    }
    mine = SuiteSheet(
        name="threats-v1", version="1.0", digest=SUITE.digest, frozen=SUITE.frozen, title="t"
    )
    lost = tuple(
        NotRun(track="text", what=a, why="not in this version")
        for a in TRACK.attacks
        if a != "text/authorship"
    )
    track = track_of(figures, **told)
    steps = {d.name: tuple(plain(s) for s in d.steps) for d in TRACK.defences}
    due = tuple(d.model_copy(update={"steps": steps.get(d.name, ())}) for d in track.defences)
    track = track.model_copy(update={"defences": due})
    made = sheet_of(track).model_copy(update={"not_run": lost})
    return made.model_copy(update={"suite": mine}).sealed()


def test_a_whole_sheet_of_a_published_suite_has_no_fault():
    assert faults_of(sheet(), SUITE) == []


def test_other_code_is_worth_a_remark():
    assert any("other code" in r for r in remarks_on(sheet()))


def test_a_figure_that_was_changed_afterwards_is_found():
    good = sheet()
    track = good.tracks[0]
    better = (track.figures[0].model_copy(update={"value": 0.46}), *track.figures[1:])
    changed = good.model_copy(update={"tracks": (track.model_copy(update={"figures": better}),)})
    assert "changed after it was written" in faults_of(changed, SUITE)[0]


@pytest.mark.parametrize("other", [{"lineup": 5}, {"seed": 6}, {"corpus_digest": "f" * 64}])
def test_an_easier_line_up_other_people_or_another_seed_are_found(other):
    assert "not those of the suite" in faults_of(sheet(**other), SUITE)[0]


@pytest.mark.parametrize("other", [{"headline": "detect/gad7>=10"}, {"metric": "accuracy"}])
def test_another_question_in_the_table_is_found(other):
    assert "question that stands in the table" in faults_of(sheet(**other), SUITE)[0]


def test_a_reference_defence_of_the_same_name_and_other_steps_is_found():
    track = sheet().tracks[0]
    weak = tuple(
        d.model_copy(update={"steps": ()}) if d.name == "level-2" else d for d in track.defences
    )
    few = track.model_copy(update={"defences": weak})
    made = sheet().model_copy(update={"tracks": (few,)}).sealed()
    assert faults_of(made, SUITE) == [
        "track text: reference defence 'level-2' has other steps than in the suite"
    ]


def test_other_attackers_than_those_of_the_suite_are_found():
    track = sheet().tracks[0]
    met = tuple(d.model_copy(update={"attackers": ("ignorant", "x")}) for d in track.defences)
    made = sheet().model_copy(update={"tracks": (track.model_copy(update={"defences": met}),)})
    assert "track text: 'level-1' did not meet all attackers" in faults_of(made.sealed(), SUITE)


def test_a_reference_defence_that_was_left_out_is_found():
    figures = [f for d in TRACK.defences[1:] for f in matched(d.name, 0.5)] + matched("none", 0.9)
    track = sheet().tracks[0]
    few = track.model_copy(
        update={
            "figures": tuple(figures),
            "defences": tuple(d for d in track.defences if d.name != TRACK.defences[0].name),
        }
    )
    made = sheet().model_copy(update={"tracks": (few,)}).sealed()
    assert faults_of(made, SUITE) == ["track text: reference defence 'verbatim' is missing"]


def test_an_attack_that_a_defence_did_not_meet_is_found():
    track = sheet().tracks[0]
    fewer = tuple(f for f in track.figures if f.defence != "level-1")
    made = (
        sheet()
        .model_copy(update={"tracks": (track.model_copy(update={"figures": fewer}),)})
        .sealed()
    )
    assert faults_of(made, SUITE) == [
        "track text: 'level-1' did not meet text/authorship, ignorant"
    ]


def test_a_suite_of_ones_own_is_none_that_was_published():
    own = sheet_of(track_of(matched("none", 0.9)))
    assert "no published suite" in faults_of(own, None)[0]


def test_a_sheet_that_only_says_it_is_frozen_is_found():
    suite = sheet().suite.model_copy(update={"digest": "0" * 32, "frozen": True})
    made = sheet().model_copy(update={"suite": suite}).sealed()
    assert any("its digest is another" in f for f in faults_of(made, None))


def test_an_attack_that_was_left_out_without_a_word_is_found():
    made = sheet().model_copy(update={"not_run": ()}).sealed()
    assert "track text: attack text/residual-identifiers is missing" in faults_of(made, SUITE)


def test_a_stronger_attacker_that_one_defence_did_not_meet_is_found():
    track = sheet().tracks[0]
    more = (*track.figures, *matched("none", 0.9, attacker="semi-informed"))
    made = (
        sheet()
        .model_copy(update={"tracks": (track.model_copy(update={"figures": more}),)})
        .sealed()
    )
    found = faults_of(made, SUITE)
    assert "track text: 'noise' did not meet text/authorship, semi-informed" in found
    assert len(found) == len(TRACK.defences)
