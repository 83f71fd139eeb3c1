from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.gan_gaps import Gaps
from mindveil.synthesise.gan_layout import cells_of_people, layout_of, scale_sums, scores_of

BOOK = Codebook(
    variables=(
        Variable(name="q1", kind="ordinal", levels=("0", "1", "2"), block="mood"),
        Variable(name="land", kind="nominal", levels=("a", "b"), may_miss=True),
        Variable(name="q2", kind="ordinal", levels=("0", "1", "2"), block="mood", may_miss=True),
    )
)
GAPS = Gaps(groups=((1,), (2,)))
CODES = np.array([[0, 0, 2], [1, 1, 1], [2, -1, 0], [2, 0, -1]], dtype=np.int16)


def test_rows_are_thermometers_then_cells_then_missing_bits():
    rows = layout_of(BOOK, GAPS).rows(CODES)
    # q1 >= 1, q1 >= 2, q2 >= 1, q2 >= 2 | land a, land b | land missing, q2 missing
    assert rows.tolist() == [
        [0, 0, 1, 1, 1, 0, 0, 0],
        [1, 0, 1, 0, 0, 1, 0, 0],
        [1, 1, 0, 0, 0, 0, 1, 0],
        [1, 1, 0, 0, 1, 0, 0, 1],
    ]


def test_a_question_that_is_missing_with_its_scale_is_not_counted_besides_it():
    layout = layout_of(BOOK, Gaps(groups=((0, 2), (2,))))
    codes = np.array([[-1, 0, -1], [1, 0, -1], [1, 0, 0]], dtype=np.int16)
    assert layout.wholes.tolist() == [[0, 1], [0, 0]]
    assert layout.rows(codes)[:, -2:].tolist() == [[1, 0], [0, 1], [0, 0]]


def test_gaps_are_filled_with_the_mean_of_those_who_answered():
    scores, means = scores_of(CODES, layout_of(BOOK, GAPS))
    assert means.tolist() == [1.25, 1.0]
    assert scores[:, 1].tolist() == [2.0, 1.0, 0.0, 1.0]


def test_an_item_that_runs_against_its_scale_is_turned_round():
    codes = np.array([[a, 0, 2 - a] for a in (0, 1, 2, 2)], dtype=np.int16)
    (scale,) = scale_sums(codes, BOOK, layout_of(BOOK, GAPS))
    assert sorted(scale.signs.tolist()) == [-1.0, 1.0]
    totals = codes[:, [0, 2]] @ scale.signs + scale.shift
    assert sorted(totals.tolist()) in ([0.0, 2.0, 4.0, 4.0], [0.0, 0.0, 2.0, 4.0])


def test_a_published_scale_is_cut_where_its_authors_cut_it():
    levels = ("0", "1", "2", "3")
    book = Codebook(
        variables=tuple(
            Variable(name=f"{n}", kind="ordinal", levels=levels, block="phq9@2") for n in range(9)
        )
    )
    codes = np.array([[1] * 9, [1] * 8 + [2], [3] * 9, [0] * 9], dtype=np.int16)
    (scale,) = scale_sums(codes, book, layout_of(book, Gaps()))
    assert scale.cut == 10.0
    scores, _ = scores_of(codes, layout_of(book, Gaps()))
    assert cells_of_people(scores, (scale,)).tolist() == [0, 1, 1, 0]


def test_a_table_without_scales_has_one_cell():
    assert cells_of_people(np.zeros((3, 2)), ()).tolist() == [0, 0, 0]


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 5), st.booleans()), min_size=1, max_size=6))
def test_every_code_can_be_read_back_from_its_row(kinds):
    book = Codebook(
        variables=tuple(
            Variable(
                name=str(n),
                kind="ordinal" if ordered else "nominal",
                levels=tuple(map(str, range(cells))),
                may_miss=missing,
            )
            for n, (ordered, cells, missing) in enumerate(kinds)
        )
    )
    layout = layout_of(book, Gaps(groups=tuple((n,) for n, k in enumerate(kinds) if k[2])))
    rng = np.random.default_rng(0)
    codes = np.column_stack(
        [rng.integers(-1 if missing else 0, cells, 12) for _, cells, missing in kinds]
    ).astype(np.int16)
    rows = layout.rows(codes)
    assert rows.shape == (12, layout.width)
    steps, cells = len(layout.steps_of), len(layout.cells_of)
    back = np.zeros_like(codes)
    back[:, layout.ordered] = rows[:, :steps] @ layout.step_owner.T
    chosen = rows[:, steps : steps + cells] * layout.cell_place
    back[:, layout.nominal] = chosen @ layout.cell_owner.T
    for (variable,), gone in zip(layout.gaps.groups, rows[:, steps + cells :].T, strict=True):
        back[gone > 0, variable] = -1
    assert np.array_equal(back, codes)
