"""Scale moments: deviations and means by hand; clipping is given back; margins are corrected."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.dp.noise import seeded
from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.dp_scales import Lengths, Standing, measured_scales, recentred
from mindveil.synthesise.latent import item_scores

QUARTERS = np.array([0.25, 0.25, 0.25, 0.25])


def book(sizes):
    return Codebook(
        variables=tuple(
            Variable(name=f"s{s}q{i}", kind="ordinal", levels=tuple("0123"), block=f"s{s}")
            for s, size in enumerate(sizes)
            for i in range(size)
        )
    )


def standing(codes, sizes, margins=None):
    count = codes.shape[1]
    shares = [np.bincount(c[c >= 0], minlength=4) / max((c >= 0).sum(), 1) for c in codes.T]
    return Standing(
        codes=codes,
        codebook=book(sizes),
        people=float(len(codes)),
        margins=tuple(shares if margins is None else margins),
        scale_gone=np.zeros(len(sizes)),
        item_gone=np.zeros(count),
        margin_noise=0.02,
    )


def planted(people, seed, loading=0.7, between=0.5):
    rng = np.random.default_rng(seed)
    first = rng.standard_normal(people)
    second = between * first + np.sqrt(1 - between**2) * rng.standard_normal(people)
    factors = np.repeat(np.stack([first, second], axis=1), 8, axis=1)
    answers = loading * factors + np.sqrt(1 - loading**2) * rng.standard_normal((people, 16))
    return np.digitize(answers, [-0.7, 0.0, 0.8]).astype(np.int16)


def test_deviations_and_means_by_hand():
    codes = np.array([[0, 3], [1, -1], [-1, -1]], dtype=np.int16)
    deviations, scales = standing(codes, (2,), [QUARTERS, QUARTERS]).scores()
    low, next_low = item_scores(book((2,)).variables[0], QUARTERS, np.arange(4))[:2]
    # 0 and 3 are as far below as above: mean 0. A single answer is its own mean.
    assert scales.ravel().tolist() == pytest.approx([0.0, next_low, 0.0])
    assert deviations.tolist() == pytest.approx(np.array([[low, -low], [0.0, 0.0], [0.0, 0.0]]))


def test_what_clipping_took_is_given_back():
    held = standing(planted(20_000, 1), (8, 8))
    loose, tight = (
        measured_scales(held, (1e5, 1e5, 0.0), lengths, seeded(np.random.default_rng(0)))
        for lengths in (Lengths(scales=6.0, products=6.0, deviations=6.0), Lengths())
    )
    assert tight.between == pytest.approx(loose.between, abs=0.015)
    assert tight.gain < 0.85
    assert loose.gain == pytest.approx(1.0, abs=1e-3)
    differences = tight.factors.covariance() - loose.factors.covariance()
    assert np.abs(differences).max() < 0.03


def test_margins_are_moved_to_the_measured_mean():
    codes = planted(5000, 2)
    # Margins that noise made too light: everybody seems less ill than he is.
    held = standing(codes, (8, 8), [np.array([0.35, 0.25, 0.2, 0.2])] * 16)
    moved = recentred(held, 1e4, Lengths(), seeded(np.random.default_rng(0)))
    steps = np.arange(4.0)
    due = [np.bincount(c, minlength=4) / len(codes) @ steps for c in codes.T]
    before = np.mean([m @ steps for m in held.margins])
    after = np.mean([m @ steps for m in moved.margins])
    assert abs(after - np.mean(due)) < 0.15 * abs(before - np.mean(due))


def test_without_anything_in_common_no_scale_makes_it_up():
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 4, (20_000, 16)).astype(np.int16)
    held = standing(codes, (8, 8), [QUARTERS] * 16)
    found = measured_scales(held, (1e4, 1e4, 1e4), Lengths(), seeded(rng)).factors.covariance()
    assert np.abs(found[np.triu_indices(16, 1)]).max() < 0.06


def test_a_rare_item_keeps_its_link_to_its_scale():
    rng = np.random.default_rng(4)
    severity = rng.standard_normal((20_000, 1))
    answers = 0.75 * severity + np.sqrt(1 - 0.75**2) * rng.standard_normal((20_000, 8))
    codes = np.digitize(answers, [-0.5, 0.3, 1.1]).astype(np.int16)
    # Thoughts of death: one in ten at all.
    codes[:, 7] = np.digitize(answers[:, 7], [1.3, 1.8, 2.3])
    held = standing(codes, (8,))
    found = measured_scales(held, (1e5, 1e5, 0.0), Lengths(), seeded(rng)).factors.covariance()
    due = np.corrcoef(codes.T)
    assert found[7, :7].mean() == pytest.approx(due[7, :7].mean(), abs=0.02)


def test_one_person_less_changes_nobody_elses_row_by_a_bit():
    codes = np.random.default_rng(3).integers(0, 4, (2456, 42)).astype(np.int16)
    margins = [np.random.default_rng(n).dirichlet(np.ones(4)) for n in range(42)]
    everybody = standing(codes, (14, 14, 14), margins).scores()
    fewer = standing(codes[1:], (14, 14, 14), margins).scores()
    for rows, rest in zip(everybody, fewer, strict=True):
        assert rows[1:].tobytes() == rest.tobytes()
