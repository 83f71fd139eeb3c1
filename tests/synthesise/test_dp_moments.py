"""Moments are measured for exactly the budget, from noisy sums alone, and near the truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.synthesise.questionnaire_table import (
    GAD,
    PHQ,
    alpha,
    between_scales,
    codebook,
    questionnaire_table,
)

from mindveil.dp.accounting import Budget
from mindveil.dp.noise import seeded
from mindveil.errors import InputError
from mindveil.synthesise import dp_moments, dp_outside, dp_scales
from mindveil.synthesise.codebook import Codebook
from mindveil.synthesise.dp_moments import Shares, measure

BUDGET = Budget(epsilon=1.0, delta=1e-5, accountant="gaussian")
STEPS = (
    (dp_moments, "noisy_counts", 2),
    (dp_scales, "noisy_total", 2),
    (dp_scales, "noisy_products", 2),
    (dp_scales, "noisy_squares", 2),
    (dp_outside, "noisy_products", 2),
    (dp_outside, "noisy_squares", 2),
)


def watched(monkeypatch, replay=None):
    """Note what each private sum gave and cost; give earlier answers again where there are any."""
    told, spent = [], []
    for module, name, rho_at in STEPS:
        plain = getattr(module, name)

        def step(*given, _plain=plain, _at=rho_at, **named):
            spent.append(given[_at])
            told.append(_plain(*given, **named) if replay is None else replay[len(told)])
            return told[-1]

        monkeypatch.setattr(module, name, step)
    return told, spent


def noise(seed=0):
    return seeded(np.random.default_rng(seed))


def test_all_of_the_budget_is_spent_and_not_more(monkeypatch):
    _, spent = watched(monkeypatch)
    measure(questionnaire_table(np.random.default_rng(1), 300), codebook(), BUDGET, noise())
    assert len(spent) == 7
    assert sum(spent) == pytest.approx(BUDGET.rho, rel=1e-12)


def test_nothing_but_the_noisy_sums_is_learned_of_anybody(monkeypatch):
    """The same answers of the private sums give the same moments, whoever is in the table."""
    with monkeypatch.context() as patch:
        told, _ = watched(patch)
        codes = questionnaire_table(np.random.default_rng(1), 500)
        first = measure(codes, codebook(), BUDGET, noise())
    with monkeypatch.context() as patch:
        watched(patch, told)
        others = np.zeros((77, 20), dtype=np.int16)
        others[::3] = -1
        again = measure(others, codebook(), BUDGET, noise(9))
    assert again.people == first.people
    assert again.latent.correlation.tobytes() == first.latent.correlation.tobytes()
    assert [m.tobytes() for m in again.latent.margins] == [
        m.tobytes() for m in first.latent.margins
    ]
    assert again.latent.gaps == first.latent.gaps


def test_a_large_table_gives_back_its_figures():
    codes = questionnaire_table(np.random.default_rng(2))
    found = measure(codes, codebook(), replace(BUDGET, epsilon=3.0), noise())
    drawn = found.latent.draw(20_000, np.random.default_rng(3))
    assert found.people == pytest.approx(5000, abs=60)
    for part in (PHQ, GAD):
        assert alpha(drawn[:, part]) == pytest.approx(alpha(codes[:, part]), abs=0.02)
    assert between_scales(drawn) == pytest.approx(between_scales(codes), abs=0.03)


def test_a_scale_that_many_leave_out_is_left_out_and_keeps_its_figures():
    codes = questionnaire_table(np.random.default_rng(4))
    codes[:2000, GAD] = -1
    found = measure(codes, codebook(), replace(BUDGET, epsilon=3.0), noise())
    drawn = found.latent.draw(20_000, np.random.default_rng(5))
    gone = (drawn[:, GAD] < 0).all(axis=1)
    assert gone.mean() == pytest.approx(0.4, abs=0.03)
    there, real = drawn[~gone], codes[2000:]
    assert alpha(there[:, GAD]) == pytest.approx(alpha(real[:, GAD]), abs=0.04)
    assert between_scales(there) == pytest.approx(between_scales(real), abs=0.06)


def test_loadings_are_those_of_the_planted_factors():
    codes = questionnaire_table(np.random.default_rng(6))
    found = measure(codes, codebook(), replace(BUDGET, epsilon=3.0), noise()).loadings(2)
    assert found.shape == (20, 2)
    assert (found**2).sum(axis=1).max() < 1.0
    # The first principal factor is severity: all items of both scales load on it alike.
    assert np.abs(found[:16, 0]).min() > 0.45


@pytest.mark.parametrize("people", [0, 1, 12, 223])
@pytest.mark.parametrize("epsilon", [0.2, 3.0])
def test_few_people_are_measured_badly_but_validly(people, epsilon):
    codes = questionnaire_table(np.random.default_rng(7), 300)[:people]
    found = measure(codes, codebook(), replace(BUDGET, epsilon=epsilon), noise(people))
    assert found.people >= 1
    assert np.linalg.eigvalsh(found.latent.correlation)[0] > 0.0
    drawn = found.latent.draw(200, np.random.default_rng(8))
    assert codebook().checked(drawn) is drawn


@pytest.mark.parametrize("kept", [slice(0, 9), slice(16, 20), slice(17, 18), slice(8, 10)])
def test_any_part_of_a_table_can_be_measured(kept, monkeypatch):
    codes = questionnaire_table(np.random.default_rng(9), 600)[:, kept]
    book = Codebook(variables=codebook().variables[kept])
    _, spent = watched(monkeypatch)
    found = measure(codes, book, BUDGET, noise())
    assert sum(spent) == pytest.approx(BUDGET.rho, rel=1e-12)
    assert found.latent.draw(50, np.random.default_rng(1)).shape == (50, codes.shape[1])


def test_what_was_read_off_the_data_is_refused():
    book = Codebook(variables=(replace(codebook().variables[17], found=True),))
    with pytest.raises(InputError, match="declare levels"):
        measure(np.zeros((50, 1), dtype=np.int16), book, BUDGET, noise())


def test_the_promise_names_what_was_run():
    codes = questionnaire_table(np.random.default_rng(1), 300)
    promise = measure(codes, codebook(), BUDGET, noise()).guarantee
    assert promise.epsilon == 1.0
    assert promise.label == "accounted"
    assert len(promise.mechanisms) == 7
    assert promise.advantage == pytest.approx(0.107, abs=0.002)


def test_parts_of_what_is_not_there_go_to_the_rest():
    alone = Shares().for_table(0, 0, 1)
    assert alone.counts == 1.0
    whole = Shares().for_table(2, 16, 0)
    assert whole.outside == whole.among == 0.0
    assert (
        whole.counts + whole.mean + whole.between + whole.loadings + whole.within
        == pytest.approx(1)
    )


def test_a_questionnaire_without_known_subscales_is_searched_for_them():
    assert Shares().for_table(1, 42, 0).within > 2 * Shares().for_table(3, 42, 0).within
