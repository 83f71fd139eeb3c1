"""Columns of participants.tsv: what enters, as what, and what comes back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.model import Column, Corpus, Participant
from mindveil.synthesise.codebook import Variable
from mindveil.synthesise.encoding_columns import (
    cells_of,
    field_codes,
    field_values,
    fields_of,
    values_in,
)

PUBLIC = Column(role="quasi", kind="nominal", levels=("blue", "red"))
FOUND = Column(role="quasi", kind="nominal", levels=("blue", "red"), found=True)
NUMBER = Column(role="quasi", kind="number")


def corpus_of(columns, *rows):
    people = tuple(
        Participant(participant_id=f"P{n}", attributes=dict(zip(columns, row, strict=True)))
        for n, row in enumerate(rows)
    )
    return Corpus(name="made", participants=people, columns=columns)


def coded(column, values, *, private=False, name="x"):
    """Return the one field of a corpus, its variable and the codes of everybody."""
    fields, variables = fields_of(
        corpus_of({name: column}, *([v] for v in values)), private=private
    )
    return fields[0], variables[0], field_codes(fields[0], variables[0], values).tolist()


def back(field, variable, codes):
    return field_values(field, variable, np.array(codes, dtype=np.int16), np.random.default_rng(0))


def test_identifiers_and_free_text_never_enter():
    columns = {
        "name": Column(role="identifier", kind="text"),
        "clinic_number": Column(role="identifier", kind="nominal", levels=("1", "2")),
        "remarks": Column(role="other", kind="text"),
        "colour": PUBLIC,
    }
    corpus = corpus_of(columns, ["Ann", "1", "none", "red"], ["Bea", "2", "left early", "blue"])
    assert [f.name for f in fields_of(corpus, private=False)[0]] == ["colour"]


def test_columns_that_nobody_described_enter_unless_their_name_is_an_identifiers():
    people = (
        Participant(participant_id="P", attributes={"email": "a", "arm": "1", "pulse": 60.0}),
    )
    corpus = Corpus(name="bare", participants=people)
    fields, _ = fields_of(corpus, private=False)
    assert [(f.name, f.column.kind) for f in fields] == [("arm", "number"), ("pulse", "number")]


def test_public_levels_stay_whoever_has_them():
    field, variable, codes = coded(PUBLIC, ["red", None, "red", "*", "green"])
    assert variable == Variable(name="x", kind="nominal", levels=("blue", "red"), may_miss=True)
    assert codes == [1, -1, 1, -1, -1]
    assert back(field, variable, [0, 1, -1]) == ["blue", "red", None]
    assert field.column == PUBLIC


def test_rare_levels_that_were_found_are_pooled():
    values = ["blue"] * 5 + ["red"] * 4 + ["grey"]
    field, variable, codes = coded(FOUND, values)
    assert variable.levels == ("blue", "other")
    assert variable.found
    assert not variable.may_miss
    assert codes == [0] * 5 + [1] * 5
    assert field.column.levels == ("blue", "other")
    assert field.column.found
    # Whoever comes later with a level of his own is another one.
    assert field_codes(field, variable, ["pink", None]).tolist() == [1, -1]


def test_a_level_that_is_called_other_takes_them_in():
    _, variable, _ = coded(FOUND, ["Other"] * 5 + ["red"] * 9 + ["blue"])
    assert variable.levels == ("red", "Other")


def test_with_a_guarantee_nothing_is_pooled_and_all_may_miss():
    _, variable, codes = coded(FOUND, ["red"] * 9 + ["blue"], private=True)
    assert variable.levels == ("blue", "red")
    assert variable.found
    assert variable.may_miss
    assert codes == [1] * 9 + [0]


def test_found_ordinal_levels_are_in_the_order_of_their_numbers():
    column = Column(role="quasi", kind="ordinal", levels=("10-19", "5-9", "60+"), found=True)
    _, variable, codes = coded(column, ["10-19", "5-9", "60+", None])
    assert variable.levels == ("5-9", "10-19", "60+")
    assert codes == [1, 0, 2, -1]


def test_numbers_with_bands_and_missing_values():
    field, variable, codes = coded(NUMBER, [20.0, "18-22", None, math.nan, "*", 95.0], name="age")
    assert not variable.found
    assert codes[:5] == [2, 2, -1, -1, -1]
    assert back(field, variable, [*codes[:4], codes[5]]) == [20.0, 20.0, None, None, 90.0]


def test_numbers_without_bounds_are_found():
    field, variable, codes = coded(NUMBER, [0.0, 1.0, 2.0, 2.0])
    assert (variable.found, variable.whole) == (True, True)
    assert back(field, variable, codes) == [0.0, 1.0, 2.0, 2.0]


def test_dates_are_recognised_and_keep_their_form():
    for column in (
        Column(role="quasi", kind="text"),
        Column(role="quasi", kind="nominal", levels=("2021-03-04", "2021-03-05"), found=True),
    ):
        field, variable, codes = coded(column, ["2021-03-04", "2021-03-05", None])
        assert (variable.kind, variable.found, codes) == ("number", True, [0, 1, -1])
        assert back(field, variable, codes) == ["2021-03-04", "2021-03-05", None]
        # The dates of real people must not stand among the levels of a synthetic table.
        assert (field.column.kind, field.column.levels) == ("text", ())


def test_dates_between_declared_years_are_public():
    column = Column(role="quasi", kind="text", low=2020, high=2021)
    field, variable, codes = coded(column, ["2020-06-01", "2031-01-01"])
    assert not variable.found
    assert variable.cells == 32
    drawn = back(field, variable, codes)
    assert "2020-05-10" <= drawn[0] <= "2020-06-23"
    assert "2021-12-01" <= drawn[1] <= "2021-12-31"


def test_times_of_day_are_drawn():
    values = [f"2021-03-{day:02d} 10:{day:02d}" for day in range(1, 29)]
    field, variable, codes = coded(Column(role="quasi", kind="text"), values)
    drawn = back(field, variable, codes)
    assert [d[:11] for d in drawn] == [v[:11] for v in values]
    assert len({d[11:] for d in drawn}) > 20


def test_dates_that_are_levels_of_a_choice_stay_levels():
    waves = Column(role="other", kind="ordinal", levels=("2021-01", "2021-06"))
    _, variable, codes = coded(waves, ["2021-06", "2021-01"])
    assert (variable.kind, codes) == ("ordinal", [1, 0])


@pytest.mark.parametrize("column", [NUMBER, FOUND, Column(role="quasi", kind="nominal")])
def test_a_column_that_nobody_filled_in_stays_empty(column):
    fields, variables = fields_of(corpus_of({"x": column}, [None], [""]), private=False)
    assert (fields[0].at, variables) == (-1, [])


def test_no_real_date_breaks_the_coding_of_another_table():
    field, variable, _ = coded(Column(role="quasi", kind="text"), ["2021-03-04"])
    assert field_codes(field, variable, ["2021-02-30", "soon", "2021-03-04"]).tolist() == [
        -1,
        -1,
        0,
    ]


edges = st.lists(st.floats(-1e5, 1e5), min_size=2, max_size=40, unique=True).map(sorted)


@given(edges, st.booleans(), st.data())
def test_a_number_drawn_from_a_cell_lies_in_it(found, whole, data):
    if whole:
        found = sorted({math.floor(e) + 0.5 for e in found} | {0.5, 1.5})
    elif min(np.diff(found)) <= 1e-9 * max(map(abs, found)):
        return
    variable = Variable(name="x", kind="number", edges=tuple(found), whole=whole)
    codes = np.array(
        data.draw(st.lists(st.integers(-1, variable.cells - 1), max_size=30)), dtype=np.int16
    )
    for exact in (False, True):
        drawn = values_in(codes, variable, np.random.default_rng(1), exact=exact)
        assert cells_of(drawn, variable.edges).tolist() == codes.tolist()
        if whole:
            told = drawn[~np.isnan(drawn)]
            assert np.array_equal(told, np.floor(told))


def test_numbers_are_drawn_evenly_and_no_finer_than_a_thousandth_of_the_range():
    variable = Variable(name="x", kind="number", edges=(0.0, 1.0, 50.0))
    drawn = values_in(np.ones(20_000, dtype=np.int16), variable, np.random.default_rng(2))
    assert np.allclose(drawn, np.round(drawn, 2))
    assert abs(drawn.mean() - 25.5) < 0.5
    dice = Variable(name="x", kind="number", edges=(0.5, 6.5), whole=True)
    thrown = values_in(np.zeros(12_000, dtype=np.int16), dice, np.random.default_rng(3))
    assert np.all(np.abs(np.unique(thrown, return_counts=True)[1] - 2000) < 200)


cells = st.sampled_from(["a", "b", "c", "dd", None])


@given(st.lists(cells, min_size=1, max_size=60), st.booleans())
def test_every_level_comes_back_unless_it_was_pooled(values, private):
    corpus = corpus_of({"x": Column(role="quasi", kind="nominal")}, *([v] for v in values))
    fields, variables = fields_of(corpus, private=private)
    if not variables:
        assert set(values) == {None}
        return
    codes = field_codes(fields[0], variables[0], values)
    made = field_values(fields[0], variables[0], codes, np.random.default_rng(0))
    rare = {v for v in values if values.count(v) < 5 and not private} - {None}
    assert made == ["other" if v in rare else v for v in values]
