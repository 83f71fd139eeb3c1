from __future__ import annotations

import numpy as np
import pytest

from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.gan_calibration import calibrated
from mindveil.synthesise.gan_model import GanModel
from mindveil.synthesise.gan_moments import lesson_of
from mindveil.synthesise.gan_start import first_weights


def test_untrained_people_already_have_about_the_tables_correlations():
    rng = np.random.default_rng(0)
    factor = rng.standard_normal((4_000, 1))
    loadings = np.array([0.9, 0.8, 0.7, 0.6, 0.0, -0.7])
    own = rng.standard_normal((4_000, 6)) * np.sqrt(1 - loadings**2)
    codes = np.digitize(factor * loadings + own, (-0.5, 0.3, 1.0)).astype(np.int16)
    levels = ("0", "1", "2", "3")
    book = Codebook(
        variables=tuple(Variable(name=str(n), kind="ordinal", levels=levels) for n in range(6))
    )
    lesson = lesson_of(codes, book)
    start = first_weights(lesson, 4, 8, rng)
    start |= {"noise": np.exp(start["noise"]), "cells": lesson.shares}
    weights = calibrated(start, lesson.layout, lesson.margins, rng)
    model = GanModel(codebook=book, people=1, weights=weights, settings={}, gaps=lesson.layout.gaps)
    made = np.corrcoef(model.draw(20_000, rng).T)
    assert made == pytest.approx(np.corrcoef(codes.T), abs=0.08)


def test_a_table_in_which_nothing_happens_has_a_start_too():
    book = Codebook(variables=(Variable(name="a", kind="ordinal", levels=("0", "1", "2")),))
    start = first_weights(
        lesson_of(np.zeros((30, 1), dtype=np.int16), book), 2, 3, np.random.default_rng(0)
    )
    assert all(np.isfinite(w).all() for w in start.values())
