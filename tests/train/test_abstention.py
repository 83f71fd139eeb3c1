"""When to be silent: by hand, whatever the scores, where errors sit at the cut, and where nothing is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.errors import InvalidMeasurement, MissingWeights
from mindveil.train.abstention import is_decided, least_sure
from mindveil.train.ridge import fit_head, fuse


@pytest.mark.parametrize(
    ("coverage", "least", "decided"),
    [
        # The six, surest first: 3, 2, 1.5, 1, .5, .25.
        (0.1, 3.0, 1),  # less than one person of six is one
        (0.5, 1.5, 3),
        (0.51, 1.0, 4),  # at least as many as are asked for
        (0.75, 0.5, 5),  # 4.5 of six is five
        (0.99, 0.25, 6),
        (1.0, 0.0, 6),
    ],
)
def test_the_surest_are_decided_by_hand(coverage, least, decided):
    inside = np.array([0.5, -3.0, np.nan, 1.5, -0.25, 2.0, -1.0])  # of one nothing was recorded
    assert least_sure(inside, coverage) == least
    assert is_decided(inside, least).sum() == decided


def test_rounding_asks_for_nobody_more():
    inside = np.arange(1.0, 101.0)
    assert 0.55 * 100 > 55
    assert least_sure(inside, 0.55) == 46.0
    assert least_sure(inside, 0.7) == 31.0


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(-30, 30), min_size=1, max_size=60, unique_by=abs),
    st.floats(0.01, 0.99),
)
def test_as_many_of_those_who_taught_are_decided_as_was_asked_for(odds, coverage):
    inside = np.array(odds)
    share = is_decided(inside, least_sure(inside, coverage)).mean()
    assert coverage - 1e-9 <= share < coverage + 1 / len(inside) + 1e-9


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0]), min_size=1, max_size=40),
    st.floats(0.05, 0.9),
    st.floats(0.05, 0.9),
)
def test_whoever_is_as_sure_is_decided_too_and_more_coverage_leaves_nobody_out(odds, one, two):
    inside = np.array(odds)
    few, many = (is_decided(inside, least_sure(inside, c)) for c in sorted((one, two)))
    assert few.mean() >= min(one, two) - 1e-9
    assert not (few & ~many).any()


def test_where_all_are_equally_sure_all_are_decided():
    inside = np.full(20, -0.3)
    least = least_sure(inside, 0.5)
    assert is_decided(np.array([-0.3, 0.3, -0.2]), least).tolist() == [True, True, False]


def test_nobody_who_was_not_heard_is_decided_and_somebody_must_have_taught():
    assert not is_decided(np.array([np.nan]), 0.0).any()
    with pytest.raises(InvalidMeasurement, match="nobody taught"):
        least_sure(np.array([np.nan, np.nan]), 0.5)


def simulated(rng, people, strength):
    """Return a block, totals and labels; errors sit at the cut, where the totals are in the middle."""
    total = rng.normal(10, 5, size=people)
    block = strength * (total - 10)[:, None] / 5 + rng.normal(size=(people, 4))
    return block, total, (total >= 10).astype(float)


def rightly(rng, strength, coverage):
    """Return the accuracy of all and of the decided, and the share of the decided, of others."""
    block, totals, labels = simulated(rng, 300, strength)
    head = fit_head([block], totals, labels)
    other, _, truth = simulated(rng, 4000, strength)
    odds = head.log_odds([other])
    decided = is_decided(odds, least_sure(head.inside, coverage))
    right = (odds >= 0) == (truth > 0)
    return right.mean(), right[decided].mean(), decided.mean()


def test_silence_about_the_middle_makes_a_detector_right_more_often():
    rng = np.random.default_rng(5)
    for strength in (0.6, 1.0):
        everybody, decided, coverage = rightly(rng, strength, 0.75)
        assert decided > everybody + 0.04
        assert coverage == pytest.approx(0.75, abs=0.06)


def test_silence_wins_nothing_where_scores_tell_nothing():
    rng = np.random.default_rng(6)
    gains = [np.diff(rightly(rng, 0.0, 0.75)[:2])[0] for _ in range(8)]
    assert abs(np.mean(gains)) < 0.02


def test_several_modalities_have_one_limit_on_what_they_say_together():
    rng = np.random.default_rng(7)
    block, totals, labels = simulated(rng, 200, 0.8)
    other = (totals - 10)[:, None] / 6 + rng.normal(size=(200, 3))
    other[:40] = np.nan
    heads = [fit_head([b], totals, labels) for b in (block, other)]
    fusion = fuse([h.inside for h in heads], labels)
    assert np.isfinite(fusion.inside).all()
    share = is_decided(fusion.inside, least_sure(fusion.inside, 0.7)).mean()
    assert share == pytest.approx(0.7, abs=1 / 200)
    said = [h.log_odds([b]) for h, b in zip(heads, (block, other), strict=True)]
    together = fusion.log_odds(said)
    assert np.array_equal(together >= 0, fusion.probability(said) >= 0.5)
    silent = [np.array([np.nan, 1.0]), np.array([np.nan, np.nan])]
    assert np.isnan(fusion.log_odds(silent)).tolist() == [True, False]


@pytest.mark.slow
@pytest.mark.realdata
def test_real_people_are_told_rightly_where_the_detector_speaks(real_data):
    import pandas as pd  # noqa: PLC0415
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415

    from mindveil.features import text, weights  # noqa: PLC0415
    from mindveil.features.sentences import load_encoder  # noqa: PLC0415

    try:
        encoder = load_encoder(weights.locate("minilm"))
    except MissingWeights:
        pytest.skip("model weights minilm are not installed: mindveil models install minilm")
    frame = pd.read_csv(real_data / "phq9_gad7_text" / "dep_wor.csv")
    fields = [c for c in frame if c.startswith(("Dep", "Wor"))]
    found = text.read_text(frame[fields].astype(str).to_numpy().tolist(), encoder)
    blocks = [found.meaning, found.symptoms]
    for tool in ("PHQ9tot", "GAD7tot"):
        totals = frame[tool].to_numpy(dtype=np.float64)
        labels = (totals >= 10).astype(np.float64)
        right, decided = np.zeros((5, 300), bool), np.zeros((5, 300), bool)
        for repeat in range(5):
            folds = StratifiedKFold(5, shuffle=True, random_state=repeat)
            for train, test in folds.split(totals, labels):
                head = fit_head([b[train] for b in blocks], totals[train], labels[train])
                odds = head.log_odds([b[test] for b in blocks])
                right[repeat, test] = (odds >= 0) == (labels[test] > 0)
                decided[repeat, test] = is_decided(odds, least_sure(head.inside, 0.75))
        assert decided.mean() >= 0.70
        assert right[decided].mean() >= 0.85
        assert right[~decided].mean() < 0.70
