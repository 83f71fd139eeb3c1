"""The frontier: the worst question counts, whichever it is called."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import MOST_PEOPLE, Estimate, clopper_pearson, resolution
from mindveil.evidence.frontier import (
    Asked,
    Risk,
    asked,
    draw,
    gains,
    headlines,
    is_match,
    leading_task,
    resolutions,
    strongest,
    targets_needed,
    utility_of,
)
from mindveil.evidence.scorecard import Row


def seen(value, half=0.02, n=100):
    return Estimate(value=value, low=value - half, high=value + half, n=n)


def attack(metric, estimate, release="anon", measure="scales/linkage", **more):
    return Row(
        release=release, kind="attack", measure=measure, modality=measure.partition("/")[0],
        metric=metric, value=estimate.value, low=estimate.low, high=estimate.high, n=estimate.n,
        **more,
    )  # fmt: skip


def task(metric, estimate, release="anon", measure="detect/phq9>=10", modality="fused", **more):
    row = attack(metric, estimate, release, measure, **more)
    return replace(row, kind="utility", modality=modality)


@pytest.mark.parametrize(
    ("metric", "figure", "unusual", "setting"),
    [
        ("rank1", "rank1", False, ""),
        ("rank1-unusual", "rank1", True, ""),
        (
            "rank1@known answers: 7 + demographics",
            "rank1",
            False,
            "known answers: 7 + demographics",
        ),
        ("rank1-unusual@demographics alone", "rank1", True, "demographics alone"),
        ("advantage@demographics alone", "advantage", False, "demographics alone"),
        ("tar@far=0.01", "tar", False, "far=0.01"),
    ],
)
def test_a_metric_says_what_of_whom_and_which_question(metric, figure, unusual, setting):
    assert asked(metric) == Asked(figure=figure, unusual=unusual, setting=setting)


def test_the_worst_question_of_an_attack_is_its_headline():
    rows = [
        attack("rank1", seen(0.02)),
        attack("rank1@demographics alone", seen(0.30)),
        attack("rank1-unusual@demographics alone", seen(0.90)),
        attack("rank5", seen(0.95)),
    ]
    (worst,) = headlines(rows, "anon")
    assert worst.row.metric == "rank1@demographics alone"
    assert worst.estimate.value == 0.30
    assert is_match(worst.row)


def test_questions_count_even_where_none_is_without_a_name():
    rows = [
        attack("rank1@a", seen(0.1)),
        attack("rank1@b", seen(0.2)),
        attack("rank1@c", seen(0.15)),
    ]
    assert [r.row.metric for r in headlines(rows, "anon")] == ["rank1@b"]


def test_attackers_are_ranked_by_upper_bound_and_measures_worst_first():
    rows = [
        attack("rank1", seen(0.20, 0.01), attacker="ignorant"),
        attack("rank1", seen(0.10, 0.15), attacker="semi-informed"),
        attack("success", seen(0.50), measure="scales/singling-out"),
        attack("success", seen(0.01), measure="text/residual-identifiers"),
        attack("rank1", seen(0.99), release="original"),
        attack("rank1", seen(0.98), status="invalid"),
        replace(attack("rank1", seen(0.97)), value=None),
    ]
    found = headlines(rows, "anon")
    assert [r.row.measure for r in found] == [
        "scales/singling-out", "scales/linkage", "text/residual-identifiers",
    ]  # fmt: skip
    assert found[1].row.attacker == "semi-informed"
    assert [is_match(r.row) for r in found] == [False, True, True]


def test_a_risk_carries_the_advantage_of_its_own_question_attacker_and_release():
    wanted = seen(0.33)
    rows = [
        attack("rank1@b", seen(0.5), attacker="ignorant"),
        attack("advantage@a", seen(0.9), attacker="ignorant"),
        attack("advantage@b", seen(0.8), attacker="semi-informed"),
        attack("advantage@b", seen(0.7), attacker="ignorant", release="original"),
        attack("advantage@b", seen(0.6), attacker="ignorant", status="invalid"),
        attack("advantage@b", seen(0.5), attacker="ignorant", measure="text/authorship"),
        attack("advantage@b", seen(0.1), attacker="ignorant"),  # with one recording
        attack("advantage@b", wanted, attacker="ignorant"),  # with six
    ]
    risk = next(r for r in headlines(rows, "anon") if r.row.measure == "scales/linkage")
    assert risk.advantage == wanted
    assert headlines(rows[:1], "anon")[0].advantage is None


def test_an_attack_that_counts_nobody_found_stands_with_its_advantage():
    rows = [
        attack("auc", seen(0.7), measure="synthetic/membership"),
        attack("advantage", seen(0.2), measure="synthetic/membership", attacker="ignorant"),
        attack("advantage", seen(0.4), measure="synthetic/membership", attacker="semi-informed"),
    ]
    (risk,) = headlines(rows, "anon")
    assert (risk.row.attacker, risk.advantage) == ("semi-informed", risk.estimate)
    assert not is_match(risk.row)


def test_a_risk_without_a_figure_says_so():
    bare = Row(release="anon", kind="attack", measure="m", modality="text")
    with pytest.raises(InvalidMeasurement, match="without a figure"):
        _ = Risk(row=bare, advantage=None).estimate


def test_the_strongest_attack_may_be_any_question():
    rows = [
        attack("advantage", seen(0.1)),
        attack("advantage@demographics alone", seen(0.6)),
        attack("advantage@x", seen(0.9), status="invalid"),
        attack("advantage", seen(0.8), release="original"),
        attack("rank1", seen(0.95)),
    ]
    assert strongest(rows, "anon").value == 0.6
    assert len(gains(rows, "anon")) == 2
    assert strongest(rows, "other") is None


# --- use ------------------------------------------------------------------------------------


def test_everything_together_speaks_for_a_task_and_nothing_stands_in_for_it():
    text = task("auroc", seen(0.9), modality="text")
    fused = task("auroc", seen(0.8))
    assert utility_of([text, fused], "anon", "detect/phq9>=10", "auroc") is fused
    assert utility_of([text], "anon", "detect/phq9>=10", "auroc") is text
    failed = replace(fused, status="invalid", metric="")
    assert utility_of([text, failed], "anon", "detect/phq9>=10", "auroc") is None
    assert utility_of([fused], "other", "detect/phq9>=10", "auroc") is None
    assert utility_of([fused], "anon", "detect/phq9>=10", "accuracy") is None


def test_the_first_task_of_the_study_leads():
    rows = [
        attack("rank1", seen(0.1)),
        replace(task("auroc", seen(0.5), measure="detect/gad7>=10"), status="invalid"),
        task("auroc", seen(0.5)),
        task("ccc", seen(0.5), measure="severity/phq9"),
    ]
    assert leading_task(rows) == "detect/phq9>=10"
    assert leading_task(rows[:2]) == ""


def point_rows(release, risk, use, half=0.01):
    return [
        attack("rank1@a", seen(risk, half), release=release),
        attack("success", seen(0.99), release=release, measure="scales/singling-out"),
        task("auroc", seen(use, half), release=release),
    ]


def drawn(*points):
    rows = [r for p in points for r in point_rows(*p)]
    return {p.release: p for p in draw(rows, [p[0] for p in points], "detect/phq9>=10")}


def test_points_hold_match_risk_and_use():
    point = drawn(("a", 0.1, 0.8))["a"]
    assert (point.risk.value, point.utility.value, point.worst) == (0.1, 0.8, "scales/linkage")
    assert point.dominated_by == ()


@pytest.mark.parametrize(
    ("one", "two", "dominated"),
    [
        ((0.1, 0.8), (0.2, 0.7), True),  # better on both, for sure
        ((0.1, 0.8), (0.2, 0.8), True),  # safer for sure, as useful
        ((0.1, 0.8), (0.1, 0.7), True),  # as safe, more useful for sure
        ((0.1, 0.8), (0.105, 0.795), False),  # better on both, within the doubt
        ((0.1, 0.7), (0.2, 0.8), False),  # safer, and less useful
        ((0.1, 0.8), (0.1, 0.8), False),  # equal
    ],
)
def test_a_release_is_dominated_only_for_sure(one, two, dominated):
    found = drawn(("one", *one), ("two", *two))
    assert found["two"].dominated_by == (("one",) if dominated else ())
    assert found["one"].dominated_by == ()


def test_a_release_without_risk_or_use_neither_dominates_nor_is_dominated():
    rows = [*point_rows("a", 0.1, 0.9), attack("rank1", seen(0.9), release="b"),
            task("auroc", seen(0.2), release="c")]  # fmt: skip
    found = draw(rows, ["a", "b", "c"], "detect/phq9>=10")
    assert [p.dominated_by for p in found] == [(), (), ()]
    assert (found[1].utility, found[2].risk, found[2].worst) == (None, None, "")


def test_severity_is_drawn_in_its_own_figure():
    rows = [task("ccc", seen(0.6), measure="severity/phq9"), attack("rank1", seen(0.1))]
    assert draw(rows, ["anon"], "severity/phq9")[0].utility.value == 0.6


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.2)), min_size=1, max_size=6)
)
@settings(max_examples=50, deadline=None)
def test_nobody_is_dominated_in_a_ring_and_somebody_is_not_dominated(points):
    named = [(f"r{i}", *p) for i, p in enumerate(points)]
    found = drawn(*named)
    for point in found.values():
        for other in point.dominated_by:
            assert point.release not in found[other].dominated_by
            assert set(found[other].dominated_by) <= set(point.dominated_by) | {point.release}
    assert any(not p.dominated_by for p in found.values())


# --- how many people ------------------------------------------------------------------------


def test_people_needed_for_a_share_by_search():
    for hits, n, limit in ((0, 20, 0.09), (1, 40, 0.09), (3, 60, 0.1), (0, 50, 0.01)):
        rate = hits / n
        needed = targets_needed(clopper_pearson(hits, n), limit)
        assert clopper_pearson(rate * needed, needed).high <= limit
        assert clopper_pearson(rate * (needed - 1), needed - 1).high > limit


def test_people_needed_for_a_difference_grow_with_the_square_of_its_doubt():
    gain = Estimate(value=0.02, low=-0.1, high=0.14, n=50)
    assert targets_needed(gain, 0.05) == 50 * 4**2
    below = Estimate(value=-0.05, low=-0.2, high=0.15, n=40)
    assert targets_needed(below, 0.10) == pytest.approx(40 * (0.2 / 0.15) ** 2, abs=1)


def test_no_number_of_people_lowers_the_rate_itself():
    assert targets_needed(clopper_pearson(9, 100), 0.09) is None
    assert targets_needed(clopper_pearson(10, 100), 0.09) is None


@pytest.mark.parametrize("gap", [1e-5, 1e-9, 1e-15])
def test_the_search_ends_however_near_the_limit(gap):
    assert targets_needed(clopper_pearson(10, 100), 0.1 + gap) == MOST_PEOPLE
    assert targets_needed(seen(0.1, 0.05), 0.1 + gap) == MOST_PEOPLE


def test_a_limit_that_is_met_already_needs_no_more():
    assert targets_needed(clopper_pearson(1, 100), 0.5) == 100


def test_the_blind_spot_is_that_of_the_fewest_people():
    rows = [
        attack("rank1@a", clopper_pearson(0, 90)),
        attack("rank1@b", clopper_pearson(0, 60)),
        attack("rank1-unusual", clopper_pearson(0, 9)),
        attack("rank5", clopper_pearson(0, 5)),
        attack("success", clopper_pearson(0, 50), measure="scales/singling-out"),
        task("auroc", seen(0.8, n=3)),
        Row(release="anon", kind="attack", measure="text/authorship", modality="text"),
    ]
    wanted = {"scales/linkage": (60, resolution(60)), "scales/singling-out": (50, resolution(50))}
    assert resolutions(rows) == resolutions(rows[::-1]) == wanted
    assert list(resolutions(rows)) == sorted(wanted)
