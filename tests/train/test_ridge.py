from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.linear_model import Ridge as PlainRidge
from sklearn.metrics import roc_auc_score

from mindveil.errors import InvalidMeasurement, MissingWeights
from mindveil.train import ridge as heads
from mindveil.train.ridge import (
    fit_head,
    fit_logistic_line,
    fit_ridge,
    fuse,
    probability_of,
)


def test_one_column_worked_by_hand(monkeypatch):
    # block -1, 0, 1 (variance summed: 2), totals 1, 2, 6 (mean 3, centred -2, -1, 3).
    # Penalty 1 x 2: weight = (2 + 3) / (2 + 2) = 5/4.
    # Without the first person: block 0, 1 (centre 1/2), totals 2, 6 (mean 4):
    #   weight = (1 + 1) / (1/2 + 2) = 4/5; she is 3/2 below the centre: -6/5 to the mean.
    # Without the second: -1, 1 and 1, 6: weight 5 / (2 + 2), at the centre: 0.
    # Without the third: -1, 0 and 1, 2: weight 1/2 / (1/2 + 2) = 1/5, 3/2 above: 3/10.
    monkeypatch.setattr(heads, "PENALTIES", np.array([1.0]))
    ridge, told = fit_ridge(np.array([[-1.0], [0.0], [1.0]]), np.array([1.0, 2.0, 6.0]))
    np.testing.assert_allclose(ridge.weights, [1.25])
    np.testing.assert_allclose(told, [3 - 1.2, 3, 3.3])
    np.testing.assert_allclose(ridge(np.array([[2.0]])), [5.5])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(4, 12), st.integers(1, 20))
def test_leaving_out_in_closed_form_is_leaving_out(seed, people, columns):
    rng = np.random.default_rng(seed)
    block, totals = rng.normal(size=(people, columns)), rng.normal(size=people)
    ridge, told = fit_ridge(block, totals)
    best = np.inf
    for share in heads.PENALTIES[::-1]:
        plain = PlainRidge(alpha=share * np.sum((block - block.mean(axis=0)) ** 2), solver="svd")
        added, missed = np.zeros(people), np.zeros(people)
        for person in range(people):
            rest = np.arange(people) != person
            alone = plain.fit(block[rest], totals[rest]).predict(block[[person]])[0]
            added[person] = alone - totals[rest].mean()
            missed[person] = totals[person] - alone
        if np.mean(missed**2) < best - 1e-12:
            best = np.mean(missed**2)
            expected = totals.mean() + added, plain.fit(block, totals).coef_
    np.testing.assert_allclose(told, expected[0], atol=1e-6)
    np.testing.assert_allclose(ridge.weights, expected[1], atol=1e-7)


@pytest.mark.parametrize("block", [np.zeros((6, 3)), np.full((6, 2), 1e6), np.zeros((6, 0))])
def test_a_block_that_says_nothing_predicts_the_mean(block):
    totals = np.arange(6.0)
    ridge, told = fit_ridge(block, totals)
    np.testing.assert_allclose(told, 2.5)
    np.testing.assert_allclose(ridge(block), 2.5)


def test_the_logistic_line_agrees_with_an_unpenalised_logistic_regression():
    rng = np.random.default_rng(3)
    values = rng.normal(5, 3, size=4000)
    labels = (rng.random(4000) < probability_of(0.7 * values - 3)).astype(float)
    line = fit_logistic_line(values, labels)
    plain = LogisticRegression(C=np.inf, tol=1e-10).fit(values[:, None], labels)
    assert line.slope == pytest.approx(plain.coef_[0, 0], rel=1e-2)
    assert line.intercept == pytest.approx(plain.intercept_[0], rel=1e-2)


@pytest.mark.parametrize(
    ("labels", "share"),
    [([0, 0, 0, 0, 0, 1], 0.2), ([1, 1, 1, 1, 1, 0, 0, 0, 0, 0], 0.5)],
)
def test_constant_values_give_everybody_the_share_of_cases(labels, share):
    line = fit_logistic_line(np.ones(len(labels)), np.array(labels, dtype=float))
    assert probability_of(line(np.ones(1)))[0] == pytest.approx(share, abs=0.05)


def test_classes_that_do_not_overlap_have_a_finite_slope():
    line = fit_logistic_line(np.arange(20.0), (np.arange(20) > 9).astype(float))
    chance = probability_of(line(np.arange(20.0)))
    assert 0.5 < chance[10] < chance[19] < 0.99


def test_a_line_that_would_turn_the_truth_round_is_flat():
    labels = np.array([1.0] * 8 + [0.0] * 8)
    assert fit_logistic_line(np.arange(16.0), labels).slope == 0
    assert fit_logistic_line(np.arange(16.0), labels, rising=False).slope < 0


def planted(rng, people=200, columns=40, strength=1.0):
    """Totals 0-27 that depend on two directions of a block."""
    block = rng.normal(size=(people, columns))
    totals = 11 + 5 * (strength * (block[:, 0] - block[:, 1]) + rng.normal(0, 0.5, people))
    totals = np.clip(np.round(totals), 0, 27)
    return block, totals, (totals >= 10).astype(float)


def test_a_planted_severity_is_found_and_calibrated():
    rng = np.random.default_rng(5)
    block, totals, labels = planted(rng, people=2200)
    head = fit_head([block[:200], block[:200, :2]], totals[:200], labels[:200])
    told = head.severity([block[200:], block[200:, :2]])
    chance = head.probability([block[200:], block[200:, :2]])
    assert np.corrcoef(told, totals[200:])[0, 1] > 0.85
    assert roc_auc_score(labels[200:], chance) > 0.93
    assert chance.mean() == pytest.approx(labels[200:].mean(), abs=0.05)
    again = fit_logistic_line(head.log_odds([block[200:], block[200:, :2]]), labels[200:])
    assert 0.7 < again.slope < 1.4
    assert told.min() >= totals[:200].min()
    assert told.max() <= totals[:200].max()


@pytest.mark.parametrize("columns", [1, 20, 400])
def test_where_nothing_is_to_be_learnt_nothing_is_told(columns):
    rng = np.random.default_rng(columns)
    inside, outside = [], []
    for _ in range(10):
        block = rng.normal(size=(200, columns))
        totals = rng.integers(0, 28, size=200).astype(float)
        labels = (totals >= 10).astype(float)
        head = fit_head([block[:100]], totals[:100], labels[:100])
        inside.append(roc_auc_score(labels[:100], head.inside))
        outside.append(roc_auc_score(labels[100:], head.probability([block[100:]])))
    assert 0.44 < np.mean(outside) < 0.56
    # the log-odds that the fusion learns from must not know the class either
    assert 0.40 < np.mean(inside) < 0.60


def test_a_silent_modality_does_not_harm_the_fusion_and_a_second_witness_helps():
    rng = np.random.default_rng(11)
    block, totals, labels = planted(rng, people=1200, strength=0.5)
    other = block + rng.normal(0, 0.5, block.shape)
    block = block + rng.normal(0, 0.5, block.shape)
    noise = rng.normal(size=(1200, 30))
    train, test = slice(0, 200), slice(200, None)
    one, two, null = (
        fit_head([b[train]], totals[train], labels[train]) for b in (block, other, noise)
    )

    def fused(*pairs):
        fusion = fuse([head.inside for head, _ in pairs], labels[train])
        chance = fusion.probability([head.log_odds([b[test]]) for head, b in pairs])
        return roc_auc_score(labels[test], chance)

    alone = fused((one, block))
    assert alone == pytest.approx(roc_auc_score(labels[test], one.probability([block[test]])))
    assert fused((one, block), (two, other)) > alone + 0.005
    assert fused((one, block), (null, noise)) > alone - 0.03


def test_people_without_a_modality_are_left_out_and_get_the_average():
    rng = np.random.default_rng(13)
    block, totals, labels = planted(rng)
    gaps = block.copy()
    gaps[150:] = np.nan
    head = fit_head([gaps], totals, labels)
    short = fit_head([block[:150]], totals[:150], labels[:150])
    np.testing.assert_array_equal(head.ridges[0].weights, short.ridges[0].weights)
    assert np.isnan(head.inside[150:]).all()
    assert np.isfinite(head.inside[:150]).all()
    nobody = np.full((1, 40), np.nan)
    assert np.isnan(head.log_odds([nobody])).all()
    assert head.severity([nobody])[0] == pytest.approx(totals[:150].mean(), abs=0.2)
    assert 0.2 < head.probability([nobody])[0] < 0.8
    # whom one modality misses, the other speaks for alone; whom both miss gets a middling answer
    second = fit_head([block], totals, labels)
    fusion = fuse([head.inside, second.inside], labels)
    chance = fusion.probability([head.log_odds([gaps]), second.log_odds([block])])
    alone = fusion.probability([np.full(200, np.nan), second.log_odds([block])])
    np.testing.assert_array_equal(chance[150:], alone[150:])
    assert np.isfinite(fusion.probability([np.array([np.nan])] * 2)).all()


def test_a_class_below_a_cut_off_is_learnt_too():
    block, totals, labels = planted(np.random.default_rng(17))
    head = fit_head([block], totals, 1 - labels)
    assert roc_auc_score(1 - labels, head.probability([block])) > 0.9


def test_the_same_people_give_the_same_bytes():
    block, totals, labels = planted(np.random.default_rng(19))
    one, two = (fit_head([block], totals, labels) for _ in range(2))
    assert one.inside.tobytes() == two.inside.tobytes()
    assert one.probability([block]).tobytes() == two.probability([block]).tobytes()


@pytest.mark.parametrize("cases", [0, 4, 36, 40])
def test_too_few_people_of_a_class_teach_nothing(cases):
    labels = np.zeros(40)
    labels[:cases] = 1
    with pytest.raises(InvalidMeasurement, match=f"{cases} of 40 people to learn from are cases"):
        fit_head([np.ones((40, 2))], labels * 12, labels)


@pytest.mark.slow
@pytest.mark.realdata
def test_depression_and_anxiety_are_told_from_what_real_people_wrote(real_data):
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
    for tool, least, least_r in (("PHQ9tot", 0.87, 0.74), ("GAD7tot", 0.84, 0.72)):
        totals = frame[tool].to_numpy(dtype=np.float64)
        labels = (totals >= 10).astype(np.float64)
        chance, told = np.zeros(300), np.zeros(300)
        parts = StratifiedKFold(5, shuffle=True, random_state=0).split(totals, labels)
        for train, test in parts:
            head = fit_head([b[train] for b in blocks], totals[train], labels[train])
            chance[test] = head.probability([b[test] for b in blocks])
            told[test] = head.severity([b[test] for b in blocks])
        assert roc_auc_score(labels, chance) >= least
        assert np.corrcoef(told, totals)[0, 1] >= least_r
        line = fit_logistic_line(np.log(chance / (1 - chance)), labels)
        assert 0.8 < line.slope < 1.25
