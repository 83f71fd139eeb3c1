"""Risk curves by hand, and the weight of a person who is asked about many times."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.attack.base import LinkScores
from mindveil.corpus.model import Corpus, Participant
from mindveil.evidence.equal_error import Trials, _Ladder
from mindveil.evidence.estimate import clopper_pearson
from mindveil.evidence.frontier import asked, headlines
from mindveil.evidence.line_ups import Linked
from mindveil.evidence.linkage import compare, equal_error_rate, measure_linkage, name_pairs
from mindveil.evidence.measured import Truth
from mindveil.evidence.risk_curves import measure_curves
from mindveil.evidence.scorecard import Row


def fold(scores, rows, columns, absent=(), *, curves=True):
    return Linked(
        rows=tuple(rows),
        columns=tuple(columns),
        scores=np.array(scores, dtype=float),
        absent=tuple(absent),
        whole_table=False,
        curves=curves,
    )


def by_name(found):
    return {m.metric: m for m in found}


def curves(*folds, lineup=100):
    return by_name(measure_curves(folds, lineup, np.random.default_rng(0)))


def measured(*folds, lineup=100, unusual=frozenset()):
    return by_name(measure_linkage(folds, lineup, unusual, np.random.default_rng(0)))


SIX = [f"c{i}" for i in range(6)]
STAIRS = fold(
    [
        [6, 5, 4, 3, 2, 1],  # c0 is first
        [6, 5, 4, 3, 2, 1],  # c1 has one above her
        [6, 5, 4, 4, 2, 1],  # c3: two above, one level
    ],
    rows=["c0", "c1", "c3"],
    columns=SIX,
)


# --- numbers of candidates --------------------------------------------------------------------


def test_a_line_up_of_five_of_six_by_hand():
    seen = curves(STAIRS, lineup=6)
    # c1 stands first where the one above is not among the 4 drawn of 5: 1/5.
    # c3: neither of two above drawn is impossible (4 of 5): 0.
    assert seen["rank1-at@N=5"].estimate.value == pytest.approx((1 + 1 / 5 + 0) / 3)
    assert seen["rank1-at@N=5"].baseline == pytest.approx(1 / 5)
    assert "rank1-at@N=10" not in seen  # there are six


def test_singling_out_asks_for_one_who_stands_alone():
    level = fold([[1, 1, 0], [0, 1, 0], [0, 0, 1]], "abc", "abc")
    seen = measured(level)
    assert seen["rank1"].estimate.value == pytest.approx((0.5 + 1 + 1) / 3)
    assert seen["singling-out"].estimate == clopper_pearson(2, 3)  # level with another: no claim


def test_singling_out_in_line_ups_by_hand():
    # c3 of the stairs is first of five never, and shares no place: as for rank 1 but for ties.
    seen = curves(fold([[1, 1, 0, 0, 0, 0]] * 2, ["c0", "c1"], SIX), lineup=6)
    # The one who is level is left out of the four in 1 of 5 line-ups.
    assert seen["singling-out@N=5"].estimate.value == pytest.approx(1 / 5)
    assert seen["rank1-at@N=5"].estimate.value == pytest.approx(1 / 5 + 4 / 5 / 2)


def test_the_line_up_of_the_study_is_no_curve_and_risk_falls_with_the_number():
    rng = np.random.default_rng(0)
    names = [f"p{i}" for i in range(120)]
    scores = rng.normal(size=(120, 120)) + 2.5 * np.eye(120)
    seen = curves(fold(scores, names, names), lineup=50)
    sizes = [int(m.partition("N=")[2]) for m in seen if m.startswith("rank1-at")]
    assert sizes == [5, 10, 20, 100]
    for kind in ("rank1-at", "singling-out"):
        values = [seen[f"{kind}@N={n}"].estimate.value for n in sizes]
        assert values == sorted(values, reverse=True)


def test_curves_are_never_a_headline():
    names = [f"p{i}" for i in range(12)]
    scores = np.random.default_rng(0).normal(size=(12, 12)) + 2 * np.eye(12)
    found = measured(fold(scores, names, names), lineup=10)
    rows = [
        Row(
            release="anon", kind="attack", measure="voice/speaker-linkage", modality="voice",
            metric=m.metric, attacker="ignorant", seed=0, value=m.estimate.value,
            low=m.estimate.low, high=m.estimate.high, n=m.estimate.n,
        )
        for m in found.values()
    ]  # fmt: skip
    (risk,) = headlines(rows, "anon")
    assert risk.row.metric == "rank1"
    assert {asked(m).figure for m in found} == {
        "rank1", "rank5", "advantage", "eer", "rank1-at", "singling-out", "linkability", "cllr",
    }  # fmt: skip


def test_curves_are_shown_only_where_they_are_asked_for():
    people = [Participant(participant_id=i) for i in "abc"]
    truth = Truth(
        person_of={"r1": "a", "r2": "b"},
        released=Corpus(name="made", participants=tuple(people)),
        absent=Corpus(name="made", participants=()),
    )
    for wanted in (False, True):
        scores = LinkScores(
            queries=("r1", "r2", "r1"),
            candidates=("a", "b", "c"),
            scores=np.arange(9.0).reshape(3, 3),
            curves=wanted,
        )
        linked = name_pairs(scores, truth)
        assert linked.rows == ("a", "b", "a")
        assert ("singling-out" in measured(linked)) == wanted


# --- a person who is asked about many times ---------------------------------------------------


# a is asked about three times and found twice; b once, and not found; x is absent.
MANY = fold(
    [
        [9, 1, 2, 0],
        [8, 1, 0, 2],
        [1, 0, 3, 9],
        [5, 4, 0, 1],
    ],
    rows="aaab",
    columns="abcx",
    absent="x",
)


def test_a_persons_queries_are_averaged_before_people_are():
    seen = measured(MANY, unusual=frozenset("a"))
    assert seen["rank1"].estimate == clopper_pearson(2 / 3, 2)
    assert seen["rank1-unusual"].estimate == clopper_pearson(2 / 3, 1)
    assert seen["singling-out"].estimate == clopper_pearson(2 / 3, 2)


def test_the_control_weighs_a_persons_records_as_one():
    # x in the place of the right one: last of [1 2 x=0], first of [1 0 x=2], first of [0 3 x=9]:
    # 2/3 for a; among [5 0 x=1] not first: 0 for b. Their mean is 1/3, not 2/4.
    assert measured(MANY)["rank1"].control.value == pytest.approx(1 / 3)


def test_equal_error_weighs_a_persons_trials_as_one():
    # a is right at 3 3 3, b at 1; impostors: of a at 0 0 0, of b at 2. Half of the weight of
    # right people lies at 1. From 1 to 2 half is turned away, at 2 half of the impostors come in.
    scores = np.array([[3.0, 0.0], [3.0, 0.0], [3.0, 0.0], [2.0, 1.0]])
    trials = Trials(
        rows=tuple("aaab"), columns=tuple("ab"), own=np.array([0, 0, 0, 1]), scores=scores
    )
    seen = _Ladder.of(trials, {"a": 0, "b": 1}).rate(np.array([[1.0, 1.0], [2.0, 1.0]]))
    assert seen[0] == pytest.approx(0.5)
    # a drawn twice: 2/3 of right people are a's, and each pair weighs the same: 1/2 come in at 2;
    # turned away at 2 is 1/3, above 2 still 1/3 and nobody comes in: the crossing lies at 1/3.
    assert seen[1] == pytest.approx(1 / 3)


def exact(linked):
    """Return the equal error rate of every trial, weighed by hand."""
    right, wrong = {}, {}
    for i, person in enumerate(linked.rows):
        weight = 1 / linked.rows.count(person)
        for j, other in enumerate(linked.columns):
            side = right if person == other else wrong
            side[linked.scores[i, j]] = side.get(linked.scores[i, j], 0.0) + weight
    last = None
    for at in [*np.unique(linked.scores), np.inf]:
        accept = sum(w for s, w in wrong.items() if s >= at) / sum(wrong.values())
        reject = sum(w for s, w in right.items() if s < at) / sum(right.values())
        if reject >= accept:
            part = (last[0] - last[1]) / ((last[0] - last[1]) + (reject - accept))
            return last[0] + part * (accept - last[0])
        last = accept, reject
    raise AssertionError("above the highest score nothing is accepted")


@pytest.mark.parametrize("strength", [0.0, 1.0, 2.5])
def test_equal_error_is_exact_where_people_are_asked_about_unequally_often(strength):
    rng = np.random.default_rng(4)
    names = [f"p{i}" for i in range(25)]
    rows = [p for i, p in enumerate(names) for _ in range(1 + 7 * (i % 3 == 0))]
    scores = rng.normal(size=(len(rows), 25))
    scores[np.arange(len(rows)), [names.index(p) for p in rows]] += strength
    linked = fold(scores, rows, names)
    seen = equal_error_rate([linked], rng)
    assert seen.value == pytest.approx(exact(linked), abs=1e-6)
    assert seen.n == 25


def test_saying_everything_three_times_changes_nothing():
    rng = np.random.default_rng(1)
    names = [f"p{i}" for i in range(15)]
    scores = rng.normal(size=(12, 15)) + 1.5 * np.eye(12, 15)
    once = fold(scores, names[:12], names, names[12:])
    order = rng.permutation(36)
    thrice = fold(
        np.repeat(scores, 3, axis=0)[order],
        [names[i // 3] for i in order],
        names,
        names[12:],
    )
    one, three = measured(once, lineup=10), measured(thrice, lineup=10)
    assert one.keys() == three.keys()
    for metric in one:
        tight = 1e-6 if metric not in {"linkability", "cllr"} else 0.03
        assert one[metric].estimate.value == pytest.approx(
            three[metric].estimate.value, abs=tight
        ), metric
        assert one[metric].estimate.n == three[metric].estimate.n
    gap = compare([once], [thrice], 10)
    assert (gap.value, gap.n) == (pytest.approx(0.0), 12)


def test_many_queries_of_few_people_do_not_make_it_surer():
    names = [f"p{i}" for i in range(10)]
    rng = np.random.default_rng(2)
    scores = rng.normal(size=(10, 10)) + 1.0 * np.eye(10)
    one = fold(scores, names, names)
    many = fold(np.repeat(scores, 20, axis=0), [p for p in names for _ in range(20)], names)
    for metric in ("rank1", "eer", "linkability"):
        few, more = measured(one)[metric].estimate, measured(many)[metric].estimate
        assert more.high - more.low == pytest.approx(few.high - few.low, rel=0.25)
