from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.errors import InputError
from mindveil.release import Guarantee
from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.gan_gaps import Gaps, Repeat
from mindveil.synthesise.gan_model import GanModel, allotted
from mindveil.synthesise.model_file import load_model, save_model

BOOK = Codebook(
    variables=(
        Variable(name="q", kind="ordinal", levels=("0", "1", "2")),
        Variable(name="land", kind="nominal", levels=("a", "b"), may_miss=True),
        Variable(name="age", kind="number", edges=(18, 40, 90), may_miss=True),
    )
)
GAPS = Gaps(groups=((1,), (2,)))


def weights(**changed):
    """Return a network that says the same of everybody: one latent, one cell."""
    held = {
        "skip": np.zeros((2, 6)),
        "bias": np.zeros(6),
        "first": np.zeros((2, 1)),
        "first.bias": np.zeros(1),
        "second": np.zeros((1, 1)),
        "second.bias": np.zeros(1),
        "last": np.zeros((1, 6)),
        "noise": np.ones(2),
        "thresholds": np.zeros(3),
        "cells": np.ones(1),
    } | changed
    return {name: np.asarray(w, dtype=np.float32) for name, w in held.items()}


def model(promise=None, **changed):
    return GanModel(
        codebook=BOOK,
        people=9,
        weights=weights(**changed),
        settings={"epochs": 3},
        gaps=GAPS,
        guarantee=promise,
    )


def test_a_network_worked_by_hand():
    # Outputs: q, age | a, b | land gone, age gone. Logistic noise of size 1, cut at logit chances.
    cuts = [np.log(1 / 0.6 - 1), np.log(1 / 0.3 - 1), np.log(1 / 0.5 - 1)]
    levels = [0, 0, np.log(0.8), np.log(0.2), -np.inf, np.log(0.25 / 0.75)]
    levels[4] = -50.0
    drawn = model(bias=levels, thresholds=cuts).draw(60_000, np.random.default_rng(1))
    assert np.bincount(drawn[:, 0]) / 60_000 == pytest.approx([0.4, 0.3, 0.3], abs=0.01)
    assert np.bincount(drawn[:, 1]) / 60_000 == pytest.approx([0.8, 0.2], abs=0.01)
    assert (drawn[:, 2] < 0).mean() == pytest.approx(0.25, abs=0.01)
    assert (drawn[:, 2] == 1).mean() == pytest.approx(0.75 * 0.5, abs=0.01)


def test_a_latent_ties_answers_together():
    skip = np.zeros((2, 6))
    skip[0, :2] = 10.0
    drawn = model(skip=skip, bias=[0, 0, 0, 0, -50, -50]).draw(5_000, np.random.default_rng(1))
    assert np.corrcoef(drawn[:, 0], drawn[:, 2])[0, 1] > 0.8


@given(st.integers(0, 300), st.lists(st.floats(0.001, 1.0), min_size=1, max_size=9))
def test_every_cell_gets_its_share_rounded_up_or_down(people, shares):
    cells = allotted(np.array(shares), people, np.random.default_rng(2))
    counts = np.bincount(cells, minlength=len(shares))
    due = people * np.array(shares) / np.sum(shares)
    assert counts.sum() == people
    assert np.all(np.abs(counts - due) < 1 + 1e-6)


@settings(max_examples=20)
@given(st.integers(0, 40), st.integers(0, 2**32))
def test_draws_are_cells_and_the_same_for_a_seed(people, seed):
    drawn = model().draw(people, np.random.default_rng(seed))
    assert drawn.dtype == np.int16
    assert drawn.shape == (people, 3)
    BOOK.checked(drawn)
    again = model().draw(people, np.random.default_rng(seed))
    assert drawn.tobytes() == again.tobytes()


def test_a_saved_model_draws_the_same_people(tmp_path):
    promise = Guarantee(epsilon=1.0, delta=1e-6, mechanisms=("x",))
    made = model(promise, bias=np.arange(6) / 10)
    save_model(made, tmp_path)
    back = load_model(tmp_path)
    assert (back.people, back.guarantee, back.facts()) == (9, promise, made.facts())
    drawn = [m.draw(50, np.random.default_rng(3)).tobytes() for m in (made, back)]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("thresholds", np.zeros(4)),
        ("skip", np.zeros((2, 5))),
        ("cells", np.zeros(1)),
        ("cells", np.ones(3)),
        ("noise", np.ones(1)),
        ("more", np.ones(1)),
    ],
)
def test_weights_of_another_table_are_refused(name, held):
    tensors = weights() | {name: held}
    with pytest.raises(InputError, match=r"train .*again"):
        GanModel.restored(BOOK, 9, None, tensors, model().facts())


@pytest.mark.parametrize(
    "gaps",
    [
        None,
        {"groups": [[0]]},
        {"groups": [[3]], "repeats": []},
        {"groups": [[]], "repeats": []},
        {"groups": [[1]], "repeats": [[[0], [0, 1], [1]]]},
        {"groups": [[1]], "repeats": [[[0], [0, 7], [0]]]},
        {"groups": [[1]], "repeats": [[[0], [0], [0]]]},
        {"groups": [[1]], "repeats": [[[9], [0, 1], [0]]]},
        {"groups": [["1"]], "repeats": []},
        {"groups": [[1]], "repeats": 3},
    ],
)
def test_gaps_of_another_table_are_refused(gaps):
    with pytest.raises(InputError, match="gaps"):
        GanModel.restored(BOOK, 9, None, weights(), {"settings": {}, "gaps": gaps})


def test_a_variable_that_repeats_a_gap_is_written_down_from_it():
    gaps = Gaps(groups=((1, 2), (2,)), repeats=(Repeat(variable=0, codes=(0, 1), groups=(0,)),))
    book = Codebook(
        variables=(
            Variable(name="asked", kind="ordinal", levels=("no", "yes")),
            Variable(name="a", kind="ordinal", levels=("0", "1"), may_miss=True),
            Variable(name="b", kind="ordinal", levels=("0", "1"), may_miss=True),
        )
    )
    held = weights(
        skip=np.zeros((2, 4)), bias=[0, 0, 0, -1], last=np.zeros((1, 4)), thresholds=np.zeros(2)
    )
    drawn = GanModel(codebook=book, people=9, weights=held, settings={}, gaps=gaps).draw(
        4_000, np.random.default_rng(0)
    )
    gone = drawn[:, 1] < 0
    assert gone.mean() == pytest.approx(0.5, abs=0.04)
    assert np.array_equal(drawn[:, 0] == 0, gone)
    assert np.all(drawn[gone, 2] < 0)
    assert (drawn[~gone, 2] < 0).mean() == pytest.approx(1 / (1 + np.e), abs=0.04)
