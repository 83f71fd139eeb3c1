"""Fidelity over folds: copies, other real people, strangers of the kind, scattered answers."""

from __future__ import annotations

import numpy as np
import pytest
from tests.utility.answers import cohort, renamed, scattered, table

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.fidelity import measure_fidelity
from mindveil.utility.psychometrics import Psychometrics

TASK = Psychometrics(target="hads")
CHANGES = (
    "alpha-change@total",
    "alpha-change@anxiety",
    "alpha-change@depression",
    "prevalence-change@anxiety>=8",
    "r-change@anxiety~depression",
    "r-change@total~gad7",
    "r-change@depression~gad7",
)


def measured(make, people, rng, folds=5):
    """Return the figures of a release by name; three of five parts are released in turn."""
    parts = [people.participants[i::5] for i in range(5)]

    def each():
        for i in range(folds):
            turn = [parts[(i + k) % 5] for k in (2, 3, 4)]
            mine = people.with_people([p for part in turn for p in part])
            yield TASK.compare(renamed(make(mine)), mine, rng)

    return {m.metric: m for m in measure_fidelity(each(), rng)}


@pytest.fixture(scope="module")
def people():
    return cohort(500, np.random.default_rng(1))


@pytest.fixture(scope="module")
def copied(people):
    return measured(lambda mine: mine, people, np.random.default_rng(2))


def test_a_copy_is_faithful_and_not_detected(copied):
    assert copied["detectability"].estimate.value == pytest.approx(0.5)
    assert copied["congruence"].estimate.value == pytest.approx(1.0)
    for name, one in copied.items():
        if "-change@" in name or name.startswith(("ks", "margins", "background")):
            assert one.estimate.value == pytest.approx(0.0, abs=1e-9), name
    assert copied["alpha@anxiety"].estimate.value == pytest.approx(copied["alpha@anxiety"].baseline)


def test_every_figure_has_people_and_an_interval_that_holds_it(copied):
    assert len(copied) > 50
    for one in copied.values():
        e = one.estimate
        assert e.low <= e.value <= e.high
        assert 10 <= e.n <= 500
    assert copied["alpha-change@total"].estimate.n == 500


def test_the_control_says_what_real_people_would_show(copied):
    change = copied["prevalence-change@depression>=8"]
    prevalence = copied["prevalence@depression>=8"].baseline
    # two samples of 300 people: 1.96 x sqrt(2 p (1 - p) / 300)
    reach = 1.96 * np.sqrt(2 * prevalence * (1 - prevalence) / 300)
    assert change.control.high == pytest.approx(reach, rel=0.2)
    assert "second sample of as many real people" in change.note
    assert copied["margins-tv"].control.value > 0.005
    assert 0.5 <= copied["detectability"].control.value < 0.62


def test_scattered_answers_fail(people):
    draw = np.random.default_rng(3)
    found = measured(lambda mine: scattered(mine, draw), people, draw)
    assert found["alpha-change@total"].estimate.high < -0.5
    assert found["r-change@anxiety~depression"].estimate.high < -0.2
    assert found["congruence"].estimate.high < 0.8
    assert found["detectability"].estimate.low > 0.7
    # and yet every margin is that of the people
    assert found["margins-tv-worst"].estimate.value < 0.01
    assert found["alpha-change-worst@gender"].estimate.high < -0.4


def test_other_people_of_the_kind_are_within_their_interval():
    # real people beside real people: 95 % intervals hold 0 in nearly all of many trials
    inside = []
    for seed in range(12):
        draw = np.random.default_rng(seed)
        one, two = cohort(150, draw), cohort(150, draw, "Q")
        fold = TASK.compare(two, one, draw)
        found = {m.metric: m.estimate for m in measure_fidelity([fold], draw)}
        inside += [one.low <= 0 <= one.high for name, one in found.items() if name in CHANGES]
    assert len(inside) == 12 * len(CHANGES)
    assert np.mean(inside) >= 0.87


def test_people_who_are_followed_are_not_counted_twice():
    draw = np.random.default_rng(4)
    people = cohort(300, draw)

    def resampled(mine):
        at = draw.integers(len(mine.participants), size=len(mine.participants))
        return mine.with_people([mine.participants[i] for i in at])

    def strangers(mine):
        return cohort(len(mine.participants), draw)

    one = measured(resampled, people, draw)["prevalence-change@depression>=8"].estimate
    two = measured(strangers, people, draw)["prevalence-change@depression>=8"].estimate
    assert one.high - one.low < two.high - two.low


def test_a_small_group_is_not_told():
    draw = np.random.default_rng(5)
    people = cohort(100, draw)
    few = [0] * 9 + [1] * 91
    rare = people.with_people(
        [
            type(p)(
                participant_id=p.participant_id,
                attributes={**p.attributes, "gender": "fm"[k]},
                sessions=p.sessions,
            )
            for p, k in zip(people.participants, few, strict=True)
        ]
    )
    found = measure_fidelity([TASK.compare(renamed(rare), rare, draw)], draw)
    assert not any(m.metric.endswith("@gender") for m in found)
    assert any(m.metric.endswith("@age") for m in found)


def test_where_nothing_can_be_measured_it_is_said():
    people = table({"own": [[1]] * 12})
    fold = Psychometrics(target="own").compare(people, people, np.random.default_rng(0))
    found = {m.metric for m in measure_fidelity([fold], np.random.default_rng(0))}
    assert "alpha@total" not in found
    with pytest.raises(InvalidMeasurement, match="no figure"):
        measure_fidelity([], np.random.default_rng(0))


def test_the_same_stream_gives_the_same_figures(people):
    some = people.with_people(people.participants[:100])
    one, two = (
        measure_fidelity(
            [TASK.compare(some, some, np.random.default_rng(6))], np.random.default_rng(7)
        )
        for _ in range(2)
    )
    assert one == two
