"""The steward's page: which release first, for whom, why, and its weakest link."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report.coevaluated import coevaluated, swept
from tests.report.dossiers import dossier_of, empty_study, small_study, study

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.policy import row_number
from mindveil.report import steward, steward_words


@pytest.fixture(scope="module")
def found():
    return {a.name: a for a in steward.answers(coevaluated())}


def test_the_best_candidate_comes_first_and_the_original_last(found):
    assert list(found) == ["whole", "half", "original"]
    assert [a.name for a in steward.answers(study())][-1] == "original"


def test_of_equal_verdicts_the_one_with_less_risk_comes_first():
    order = [a.name for a in steward.answers(study()) if a.decision == "DO NOT RELEASE"]
    assert order == ["redacted", "original"]


@pytest.mark.parametrize(
    ("release", "said"),
    [
        ("whole", "Not for open access (anybody); yes for controlled access"),
        ("half", "Not for open access, nor for approved people under an agreement."),
    ],
)
def test_the_access_is_told_in_a_sentence(found, release, said):
    assert found[release].access.startswith(said)


def test_a_release_for_all_and_one_that_nobody_can_tell():
    dossier = coevaluated()
    verdict = replace(dossier.judgement.releases[2], decision="RELEASE", passes=("open",))
    unsure = replace(dossier.judgement.releases[1], decision="INCONCLUSIVE", passes=("internal",))
    judged = replace(dossier.judgement, releases=(verdict, unsure))
    first, second = steward.answers(replace(dossier, judgement=judged))
    assert first.access == "Yes, for open access (anybody)."
    assert second.access == (
        "Nobody can tell yet for open access (anybody). Internal use (inside the institution) "
        "would do."
    )


def test_why_is_one_or_two_figures_with_interval_people_and_limit(found):
    match, cut = found["half"].why
    assert (match.about, match.figure.value) == ("Right person found", "55.0%")
    assert match.figure.line == "55.0% (50.0% to 59.9%), n\u00a0=\u00a0400"
    assert (match.limit, match.of) == ("limit 9.0%", "matching with everything combined")
    assert match.bar is not None
    assert (cut.about, cut.limit) == ("Risk taken away", "wanted: at least 92.0%")


def test_a_figure_leads_to_its_own_row(found):
    dossier = coevaluated()
    (half,) = [v for v in dossier.judgement.releases if v.release == "half"]
    row = found["half"].why[0].figure.row
    assert row.estimate == half.deciding[0].figure
    assert row.metric == dossier.rows[row_number(dossier.rows, half.deciding[0].row)].metric


def test_a_figure_that_stands_in_no_row_leads_nowhere(found):
    assert found["half"].why[1].figure.row is None


def test_exposed_people_are_not_counted_where_they_are_few(found):
    (exposed,) = [w for w in found["whole"].why if "certainty" in w.about]
    assert exposed.figure.value == "fewer than 10 of 400"


def test_the_weakest_link_names_recording_attack_and_attacker(found):
    link = found["half"].weakest
    assert (link.modality, link.attack) == ("Voice", "matching with everything combined")
    assert link.attacker == "semi-informed attacker"
    assert found["half"].protect.words == "Voice, which adds"
    assert found["half"].protect.figure.value == "+52.0 points"
    assert found["half"].protect.figure.row.metric == "lost-without@voice"
    assert found["whole"].protect.words == steward_words.NOTHING_NEXT


def test_people_needed_are_told():
    (anonymised,) = [a for a in steward.answers(study()) if a.name == "anonymised-2"]
    assert anonymised.needed.startswith("About 3,167 people would be needed to tell")


def test_of_a_sweep_the_best_point_is_answered_for():
    answers = steward.answers(swept())
    points = [a for a in answers if "~" in a.name]
    assert len(points) == 1
    assert points[0].anchor == "sweeps"
    assert {a.anchor for a in answers if "~" not in a.name} == {f"release-{i}" for i in (1, 2, 3)}


def test_a_study_of_nine_shows_no_figure_and_an_empty_one_is_answered():
    for answer in steward.answers(small_study()):
        assert all(w.figure is None or w.figure.withheld for w in answer.why)
        assert all(w.bar is None for w in answer.why)
    for answer in steward.answers(empty_study()):
        assert answer.access == steward_words.UNKNOWN
        assert answer.weakest is None


def test_a_verdict_of_an_older_study_is_read():
    dossier = coevaluated()
    old = [replace(v, deciding=(), passes=()) for v in dossier.judgement.releases]
    judged = replace(dossier.judgement, releases=tuple(old))
    assert all(a.why for a in steward.answers(replace(dossier, judgement=judged)))


def test_the_reasons_are_as_many_when_rows_are_missing():
    assert steward.answers(dossier_of([], {"a": ()}))[0].why


def test_a_limit_of_another_access_says_so():
    dossier = coevaluated()
    verdict = dossier.judgement.releases[1]
    match = replace(verdict.deciding[0], limit=0.2, state="unknown")
    judged = replace(dossier.judgement, releases=(replace(verdict, deciding=(match,)),))
    (answer,) = steward.answers(replace(dossier, judgement=judged))
    assert answer.why[0].limit == "limit 20.0% for controlled access"


def test_of_a_release_for_all_the_risk_nearest_its_limit_is_told():
    (answer,) = [a for a in steward.answers(study()) if a.decision == "RELEASE"]
    risk, use = answer.why
    assert (risk.about, risk.limit) == ("Right person found", "limit 9.0%")
    assert (use.about, use.limit) == ("Clinical use", "wanted: at least 0.750")


def test_a_cut_in_the_risk_of_unusual_people_is_not_told_as_their_risk():
    dossier = coevaluated()
    verdict = dossier.judgement.releases[2]
    (unusual,) = [f for f in verdict.deciding if f.kind == "unusual-people"]
    cut = replace(unusual, figure=Estimate(value=0.8, low=0.7, high=0.9, n=40), limit=0.92)
    judged = replace(dossier.judgement, releases=(replace(verdict, deciding=(unusual, cut)),))
    (answer,) = steward.answers(replace(dossier, judgement=judged))
    found, taken = answer.why
    assert (found.about, found.limit) == ("Most unusual people found", "limit 9.0%")
    assert (taken.about, taken.limit) == (steward_words.UNUSUAL_CUT, "wanted: at least 92.0%")
    assert taken.figure.row is None
