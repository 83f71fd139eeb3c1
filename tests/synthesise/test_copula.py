"""The plain copula keeps margins, alpha and correlations; it makes up nothing."""

from __future__ import annotations

import time

import numpy as np
import pytest
from tests.synthesise.questionnaire_table import GAD, PHQ, codebook, questionnaire_table

from mindveil.errors import InputError
from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.copula import CopulaModel, fit_copula, pairwise_covariance
from mindveil.synthesise.model_file import load_model, save_model

PAIR = Codebook(
    variables=tuple(Variable(name=n, kind="ordinal", levels=("0", "1", "2")) for n in "ab")
)


def alpha(answers):
    parts, items = answers.var(axis=0).sum(), answers.shape[1]
    return items / (items - 1) * (1.0 - parts / answers.sum(axis=1).var())


def test_covariances_over_those_who_have_both_by_hand():
    table = np.array([[0.0, 1.0], [2.0, 3.0], [5.0, np.nan], [np.nan, 7.0]])
    found = pairwise_covariance(table)
    assert found[0, 1] == 1.0
    assert found[1, 0] == 1.0
    # Variance of 1, 3, 7: mean 11/3, mean of squares 59/3.
    assert found[1, 1] == pytest.approx(59.0 / 3.0 - (11.0 / 3.0) ** 2)
    assert pairwise_covariance(np.array([[1.0, np.nan], [np.nan, 1.0]]))[0, 1] == 0.0


def test_two_answers_that_are_always_equal_stay_equal():
    codes = np.repeat(np.array([[0, 0], [1, 1], [2, 2]], dtype=np.int16), 40, axis=0)
    drawn = fit_copula(codes, PAIR, np.random.default_rng(0)).draw(3000, np.random.default_rng(1))
    assert (drawn[:, 0] == drawn[:, 1]).mean() > 0.9


def test_a_questionnaire_keeps_alpha_correlation_and_prevalence():
    codes, book = questionnaire_table(np.random.default_rng(3)), codebook()
    drawn = fit_copula(codes, book, np.random.default_rng(0)).draw(40_000, np.random.default_rng(4))
    for part in (PHQ, GAD):
        assert alpha(drawn[:, part]) == pytest.approx(alpha(codes[:, part]), abs=0.004)
    totals = [np.stack([t[:, PHQ].sum(axis=1), t[:, GAD].sum(axis=1)]) for t in (codes, drawn)]
    assert np.corrcoef(totals[1])[0, 1] == pytest.approx(np.corrcoef(totals[0])[0, 1], abs=0.006)
    ill = [(t[0] >= 10).mean() for t in totals]
    assert ill[1] == pytest.approx(ill[0], abs=0.01)


def test_answers_that_have_nothing_to_do_with_each_other_stay_so():
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 3, (5000, 2)).astype(np.int16)
    drawn = fit_copula(codes, PAIR, rng).draw(20_000, rng)
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.05


def test_who_left_out_both_leaves_out_both():
    rng = np.random.default_rng(6)
    codes = rng.integers(0, 3, (1000, 2)).astype(np.int16)
    codes[:300] = -1
    model = fit_copula(codes, PAIR, rng)
    drawn = model.draw(5000, rng)
    assert model.latent.gaps == ((0, 1),)
    assert ((drawn < 0).all(axis=1)).mean() == pytest.approx(0.3, abs=0.02)
    assert ((drawn < 0).any(axis=1) == (drawn < 0).all(axis=1)).all()


def test_who_is_missing_is_told_by_other_answers():
    rng = np.random.default_rng(7)
    codes = rng.integers(0, 3, (4000, 2)).astype(np.int16)
    codes[(codes[:, 0] == 2) & (rng.random(4000) < 0.6), 1] = -1
    drawn = fit_copula(codes, PAIR, rng).draw(20_000, rng)
    high = drawn[:, 0] == 2
    assert (drawn[high, 1] < 0).mean() > 0.35
    assert (drawn[drawn[:, 0] == 0, 1] < 0).mean() < 0.15


def test_categories_are_ordered_by_what_goes_with_them():
    rng = np.random.default_rng(8)
    severity = rng.integers(0, 4, 4000)
    # Categories in no order: b goes with low answers, a with high ones.
    group = np.where(
        rng.random(4000) < 0.8, np.array([1, 1, 2, 0])[severity], rng.integers(0, 3, 4000)
    )
    items = [np.clip(severity + rng.integers(-1, 2, 4000), 0, 3) for _ in range(4)]
    book = Codebook(
        variables=(
            *(Variable(name=f"q{i}", kind="ordinal", levels=tuple("0123")) for i in range(4)),
            Variable(name="group", kind="nominal", levels=tuple("abc")),
        )
    )
    codes = np.stack([*items, group], axis=1).astype(np.int16)
    model = fit_copula(codes, book, rng)
    assert model.latent.orders[4].tolist() in ([1, 2, 0], [0, 2, 1])
    drawn = model.draw(20_000, rng)
    due = [codes[codes[:, 4] == g, 0].mean() for g in range(3)]
    found = [drawn[drawn[:, 4] == g, 0].mean() for g in range(3)]
    assert found == pytest.approx(due, abs=0.2)


def test_a_model_comes_back_from_disk_and_draws_the_same(tmp_path):
    codes, book = questionnaire_table(np.random.default_rng(9)), codebook()
    model = fit_copula(codes[:400], book, np.random.default_rng(0))
    save_model(model, tmp_path)
    back = load_model(tmp_path)
    assert isinstance(back, CopulaModel)
    assert back.people == 400
    assert back.guarantee is None
    drawn = [m.draw(100, np.random.default_rng(1)).tobytes() for m in (model, back)]
    assert drawn[0] == drawn[1]


def test_a_saved_model_of_another_codebook_is_refused():
    codes, book = questionnaire_table(np.random.default_rng(9)), codebook()
    model = fit_copula(codes[:100], book, np.random.default_rng(0))
    with pytest.raises(InputError, match="does not fit"):
        CopulaModel.restored(PAIR, 10, None, model.tensors(), model.facts())


def test_too_few_people_are_refused():
    with pytest.raises(InputError, match="at least 10"):
        fit_copula(np.zeros((3, 2), dtype=np.int16), PAIR, np.random.default_rng(0))


def test_sixty_columns_of_four_thousand_people_take_a_second_at_most():
    rng = np.random.default_rng(10)
    severity = rng.standard_normal((4000, 1))
    codes = np.clip(np.rint(severity + rng.standard_normal((4000, 60)) + 1.0), 0, 3)
    book = Codebook(
        variables=tuple(
            Variable(name=f"q{i}", kind="ordinal", levels=tuple("0123")) for i in range(60)
        )
    )
    start = time.process_time()
    fit_copula(codes.astype(np.int16), book, rng)
    assert time.process_time() - start < 1.0
