"""Which releases stand on the frontier, and who takes no part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.frontier import Point, dominates, draw
from mindveil.evidence.operating_points import by_gain, placed
from mindveil.evidence.scorecard import Row


def estimate(value, reach=0.02):
    return Estimate(value=value, low=value - reach, high=value + reach, n=100)


def point(name, risk, use, **more):
    return Point(
        release=name,
        risk=None if risk is None else estimate(risk),
        utility=None if use is None else estimate(use),
        worst="text/authorship",
        task="detect/phq9>=10",
        **more,
    )


STUDY = [
    point("original", 0.95, 0.9),
    point("weak", 0.7, 0.9),
    point("good", 0.2, 0.85),
    point("bad", 0.6, 0.6),
    point("strong", 0.05, 0.6),
    point("blind", None, 0.6),
]


def test_the_frontier_its_knee_and_its_area():
    points, area = placed(STUDY, np.random.default_rng(1))
    told = {p.release: p for p in points}
    assert [p.release for p in points if p.on_frontier] == ["weak", "good", "strong"]
    assert [p.release for p in points if p.knee] == ["good"]
    assert told["good"].frontier_chance == told["good"].knee_chance == 1.0
    assert told["bad"].frontier_chance == 0.0
    assert area.value == pytest.approx(0.15 * 0.1 + 0.5 * 0.35 + 0.3 * 0.4)
    assert area.low < area.value < area.high
    assert area.n == 100


def test_what_is_there_to_be_compared_with_takes_no_part():
    points, _ = placed(STUDY, np.random.default_rng(1))
    told = {p.release: p for p in points}
    for name in ("original", "blind"):
        assert not told[name].on_frontier
        assert told[name].frontier_chance is None


def test_two_that_cannot_be_told_apart_share_the_frontier():
    twins = [point("a", 0.3, 0.8), point("b", 0.301, 0.799)]
    points, _ = placed(twins, np.random.default_rng(1))
    assert [p.on_frontier for p in points] == [True, False]
    assert points[1].frontier_chance > 0.3
    tied = [replace(p, tie=1.0) for p in twins]
    assert placed(tied, np.random.default_rng(1))[0][1].frontier_chance < points[1].frontier_chance


def test_no_point_no_area():
    assert placed([STUDY[-1]], np.random.default_rng(1)) == ((STUDY[-1],), None)
    assert placed([], np.random.default_rng(1)) == ((), None)


def test_a_small_difference_is_sure_only_where_the_people_are_the_same():
    better, worse = point("a", 0.3, 0.82), point("b", 0.3, 0.80)
    assert not dominates(better, worse)
    assert dominates(replace(better, tie=0.9), replace(worse, tie=0.9))
    assert not dominates(replace(worse, tie=0.9), replace(better, tie=0.9))


def test_the_tie_to_the_original_comes_from_the_paired_change():
    def use(release, metric, value, reach):
        return Row(
            release=release,
            kind="utility",
            measure="detect/phq9>=10",
            modality="fused",
            metric=metric,
            value=value,
            low=value - reach,
            high=value + reach,
            n=100,
        )

    rows = [
        use("original", "auroc", 0.9, 0.05),
        use("near", "auroc", 0.88, 0.05),
        use("near", "auroc-change", -0.02, 0.01),
        use("far", "auroc", 0.7, 0.05),
        use("far", "auroc-change", -0.2, 0.0707),
        use("untold", "auroc", 0.7, 0.05),
    ]
    points = draw(rows, ["original", "near", "far", "untold"], "detect/phq9>=10")
    assert [p.tie for p in points] == pytest.approx([1.0, 0.98, 0.0, 0.0], abs=1e-3)


def test_where_nobody_can_be_named_risk_is_what_is_gained():
    rows = [
        Row(
            release="dp",
            kind="attack",
            measure=measure,
            modality="model",
            metric="advantage",
            value=value,
            low=value - 0.02,
            high=value + 0.02,
            n=100,
        )
        for measure, value in (("model/membership-lira", 0.2), ("model/membership-loss", 0.1))
    ]
    (found,) = by_gain(rows, [point("dp", None, 0.7)])
    assert found.risk.value == 0.2
    assert found.worst == "model/membership-lira"
