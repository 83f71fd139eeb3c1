from __future__ import annotations

import numpy as np
import pytest

from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.gan_moment_loss import goals_of, moment_loss
from mindveil.synthesise.gan_moments import lesson_of
from mindveil.synthesise.gan_network import Expected, board_of, tensor_of

torch = pytest.importorskip("torch", reason="torch is an optional extra")

BOOK = Codebook(
    variables=(
        *(
            Variable(name=n, kind="ordinal", levels=("0", "1", "2"), block="x", may_miss=True)
            for n in "abc"
        ),
        Variable(name="land", kind="nominal", levels=("p", "q", "r")),
    )
)


def table(people, seed=0):
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal(people)
    items = np.digitize(factor[:, None] + rng.standard_normal((people, 3)), (-0.5, 0.7))
    land = np.digitize(0.5 * factor + rng.standard_normal(people), (-0.3, 0.9))
    codes = np.column_stack([items, land]).astype(np.int16)
    codes[rng.random(people) < 0.1, :3] = -1
    codes[rng.random(people) < 0.1, 1] = -1
    return codes


def loss_of(lesson, codes):
    """Return the loss of people who are certain to answer as these did."""
    rows = lesson.layout.rows(codes)
    steps, cells = len(lesson.layout.steps_of), len(lesson.layout.cells_of)
    gone = rows[:, steps + cells :]
    totals = np.where(codes[:, :3] < 0, lesson.filled, codes[:, :3]).sum(axis=1)
    asked = np.eye(2)[(totals >= lesson.sums[0].cut).astype(int)]
    expected = Expected(
        steps=tensor_of(rows[:, :steps]), cells=tensor_of(rows[:, steps : steps + cells])
    )
    board = board_of(lesson.layout)
    return float(moment_loss(goals_of(lesson), board, expected, tensor_of(gone), tensor_of(asked)))


def test_the_table_itself_is_no_error():
    codes = table(2_000)
    # Both halves of a batch are the whole table: nothing is left to chance.
    assert loss_of(lesson_of(codes, BOOK), np.vstack([codes, codes])) == pytest.approx(0, abs=0.02)


def test_chance_in_a_batch_is_no_error_on_average():
    lesson = lesson_of(table(50_000), BOOK)
    losses = [loss_of(lesson, table(100, seed)) for seed in range(1, 201)]
    assert abs(np.mean(losses)) < 4 * np.std(losses) / np.sqrt(200) + 0.01


@pytest.mark.parametrize("spoiled", ["margin", "tie", "gap"])
def test_what_is_off_is_an_error(spoiled):
    codes = table(2_000)
    lesson = lesson_of(codes, BOOK)
    off = codes.copy()
    if spoiled == "margin":
        off[:, 3] = np.where(off[:, 3] == 2, 1, off[:, 3])
    if spoiled == "tie":
        off[:, 3] = np.random.default_rng(3).permutation(off[:, 3])
    if spoiled == "gap":
        off[np.random.default_rng(3).random(2_000) < 0.1, :3] = -1
    assert (
        loss_of(lesson, np.vstack([off, off])) > loss_of(lesson, np.vstack([codes, codes])) + 0.01
    )
