"""What a private codebook may say of levels and bounds that nobody declared, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.dp.accounting import Budget, statement
from mindveil.errors import RefusedError
from mindveil.synthesise.encoding import Encoding, Reading
from mindveil.synthesise.encoding_payment import (
    SHARE,
    _threshold,
    bounds_of,
    paid_encoding,
    size_of,
)
from mindveil.synthesise.marginals import DpMarginals

BUDGET = Budget(epsilon=3.0, delta=1e-5, accountant="gaussian")


@dataclass(frozen=True)
class Still:
    """Noise of nothing, so that what is told can be worked out by hand."""

    proved: bool = True

    def gaussian(self, sigma, shape):
        return np.zeros(shape, dtype=np.int64)

    def laplace(self, scale, shape):
        return np.zeros(shape, dtype=np.int64)


@dataclass(frozen=True)
class Seeded:
    """Noise of the right spread."""

    rng: np.random.Generator
    proved: bool = False

    def gaussian(self, sigma, shape):
        return np.rint(self.rng.normal(0, sigma, shape)).astype(np.int64)

    def laplace(self, scale, shape):
        return np.rint(self.rng.laplace(0, scale, shape)).astype(np.int64)


def corpus_of(column, values):
    people = tuple(
        Participant(participant_id=f"P{n}", attributes={"x": value, "sex": "male"})
        for n, value in enumerate(values)
    )
    sex = Column(role="quasi", kind="nominal", levels=("female", "male"))
    return Corpus(name="made", participants=people, columns={"x": column, "sex": sex})


def paid_x(column, values, noise=None):
    """Return the variable of x, its field and everybody's codes; nothing where it is left out."""
    paid = paid_encoding(corpus_of(column, values), BUDGET, noise or Still())
    assert not any(v.found for v in paid.encoding.codebook.variables)
    for field in paid.encoding.layout.fields:
        if field.name == "x":
            return paid.encoding.codebook.variables[field.at], field, paid.codes[:, field.at]
    return None


def test_what_is_declared_costs_nothing():
    column = Column(role="quasi", kind="number", low=0, high=9)
    corpus = corpus_of(column, [float(n % 10) for n in range(50)])
    paid = paid_encoding(corpus, BUDGET, Still())
    assert (paid.whole, paid.rest, paid.mechanisms) == (BUDGET, BUDGET, ())
    assert paid.encoding == Encoding.of(corpus, private=True)
    told = statement(BUDGET, ["margins"], proved=True)
    assert paid.covering(told) == told


@pytest.mark.parametrize("accountant", ["gaussian", "zcdp"])
@pytest.mark.parametrize("epsilon", [0.5, 3.0])
def test_the_parts_are_no_more_than_the_whole(accountant, epsilon):
    budget = Budget(epsilon=epsilon, delta=1e-5, accountant=accountant)
    corpus = corpus_of(Column(role="quasi", kind="nominal", found=True), ["a"] * 200)
    paid = paid_encoding(corpus, budget, Still())
    inner = replace(budget, delta=0.9e-5)
    assert paid.rest.delta == inner.delta
    assert paid.rest.rho <= inner.rho * (1 - SHARE)
    assert paid.rest.rho == pytest.approx(inner.rho * (1 - SHARE), rel=1e-4)
    made = paid.covering(statement(paid.rest, ["margins"], proved=True))
    assert (made.epsilon, made.delta, made.label) == (epsilon, 1e-5, "proved")
    assert made.mechanisms[0].startswith("1 histogram of")
    assert made.mechanisms[1] == "margins"
    assert made.advantage == budget.advantage
    assert paid.covering(statement(paid.rest, ["margins"], proved=False)).label == "accounted"


def test_levels_that_many_have_are_told_and_the_rest_are_one():
    values = ["red"] * 900 + ["blue"] * 700 + ["Ann Lee"] + [None] * 20
    variable, field, codes = paid_x(Column(role="quasi", kind="nominal", found=True), values)
    assert variable.levels == ("blue", "red", "other")
    assert field.column.levels == ("blue", "red", "other")
    assert not field.column.found
    assert np.bincount(codes + 1).tolist() == [20, 700, 900, 1]


def test_ordinal_levels_keep_their_order_and_have_no_other():
    values = ["5-9"] * 900 + ["10-14"] * 700 + ["15-19"] * 2
    column = Column(role="quasi", kind="ordinal", found=True)
    variable, _, codes = paid_x(column, values)
    assert variable.levels == ("5-9", "10-14")
    assert np.bincount(codes + 1).tolist() == [2, 900, 700]


def test_a_column_of_too_few_people_is_left_out():
    assert paid_x(Column(role="quasi", kind="nominal", found=True), ["a", "b"] * 9) is None
    assert paid_x(Column(role="quasi", kind="number"), [1.0, 9.0] * 9) is None


def test_bounds_of_a_number_are_powers_of_two_that_many_reach():
    column = Column(role="other", kind="number")
    values = [float(170 + n % 20) for n in range(900)] + [990.0, 0.0]
    variable, field, codes = paid_x(column, values)
    assert (variable.edges[0], variable.edges[-1], variable.whole) == (127.5, 255.5, True)
    assert (field.column.low, field.column.high) == (128, 255)
    assert codes[-2:].tolist() == [31, 0]
    variable, _, _ = paid_x(column, [170.25 + n % 20 for n in range(900)])
    assert (variable.edges[0], variable.whole) == (128.0, False)


def test_dates_are_told_by_their_years():
    values = [f"{2019 + n % 3}-0{n % 9 + 1}-15" for n in range(900)] + ["1902-01-01"]
    variable, field, codes = paid_x(Column(role="quasi", kind="text"), values)
    assert (field.column.low, field.column.high) == (2019, 2021)
    assert variable.kind == "number"
    assert (codes.min(), codes[-1]) == (0, 0)


def with_answers(*responses):
    corpus = corpus_of(Column(role="quasi", kind="nominal", levels=("a",)), ["a"] * len(responses))
    people = [
        replace(p, sessions=(Session(session_id="01", responses={"ours": r}),))
        for p, r in zip(corpus.participants, responses, strict=True)
    ]
    return corpus.with_people(people)


def test_the_range_of_a_questionnaire_that_is_in_no_table():
    rows = [Response(items=(1, 5)), Response(items=(2, 4))] * 300 + [Response(items=(1, 77))]
    paid = paid_encoding(with_answers(*rows), BUDGET, Still())
    items = [v for v in paid.encoding.codebook.variables if v.name.startswith("ours")]
    assert [v.levels for v in items] == [("1", "2", "3", "4", "5")] * 2
    assert not any(v.found for v in items)
    assert paid.codes[-1, -1] == 4
    totals = [Response(total=float(9 + n % 3)) for n in range(600)]
    paid = paid_encoding(with_answers(*totals), BUDGET, Still())
    assert paid.encoding.codebook.variables[-1].edges[0] == 7.5
    few = paid_encoding(with_answers(*rows[:10]), BUDGET, Still())
    assert few.encoding.codebook.names == ("x", "sex")


def test_numbers_from_recordings_are_paid_for_too():
    corpus = corpus_of(Column(role="quasi", kind="nominal", levels=("a",)), ["a"] * 600)
    told = (
        Reading(name="pitch", values=np.linspace(20, 30, 600), block="voice"),
        Reading(name="rare", values=np.where(np.arange(600) < 9, 1.0, np.nan), block="voice"),
        Reading(name="known", values=np.ones(600), block="voice", low=0, high=2),
    )
    paid = paid_encoding(corpus, BUDGET, Still(), told)
    assert paid.encoding.codebook.names == ("x", "sex", "pitch", "known")
    pitch, known = paid.encoding.codebook.variables[2:]
    assert (pitch.edges[0], pitch.whole, known.whole) == (16.0, False, False)
    assert (paid.codes[:, 2:] >= 0).all()


@given(st.floats(0.5, 500), st.floats(1e-12, 1e-3))
def test_one_person_hardly_ever_brings_a_cell_to_the_threshold(sigma, failure):
    threshold = _threshold(sigma, failure)
    # Rounded noise is at least t - 1 where plain noise is at least t - 1.5.
    assert norm.sf((threshold - 1.5) / sigma) <= failure * (1 + 1e-9)


def test_a_persons_own_word_is_never_told():
    """Null: in 100 fits with noise, no level of one person and no bound that one person set."""
    column = Column(role="quasi", kind="nominal", found=True)
    values = ["a"] * 300 + ["b"] * 300 + [f"own {n}" for n in range(50)]
    for seed in range(100):
        variable, _, _ = paid_x(column, values, Seeded(np.random.default_rng(seed)))
        assert set(variable.levels) <= {"a", "b", "other"}
    for seed in range(20):
        numbers = [5.0] * 300 + [1e6, -1e6]
        variable, _, _ = paid_x(
            Column(role="other", kind="number"), numbers, Seeded(np.random.default_rng(seed))
        )
        assert (variable.edges[0], variable.edges[-1]) == (3.5, 7.5)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=20), st.booleans())
def test_bounds_hold_the_numbers_of_their_cells(numbers, whole):
    numbers = [float(round(x)) for x in numbers] if whole else numbers
    low, high = bounds_of([size_of(x) for x in numbers], whole=whole)
    assert low < high
    assert low <= min(numbers) + 1e-12
    assert high >= max(numbers) - 1e-12
    order = sorted(numbers)
    assert [size_of(x) for x in order] == sorted(size_of(x) for x in order)


def aged(ages):
    people = tuple(
        Participant(participant_id=f"P{n}", attributes={"age": age, "empty": None})
        for n, age in enumerate(ages)
    )
    return Corpus(
        name="made",
        participants=people,
        columns={
            "age": Column(role="quasi", kind="number"),
            "empty": Column(role="quasi", kind="nominal"),
        },
    )


@pytest.mark.parametrize(("minors", "youngest"), [(0, 17.5), (6, 17.5), (200, -0.5)])
def test_minors_are_asked_for_with_noise_and_never_stop_a_release(minors, youngest):
    paid = paid_encoding(aged([15.0] * minors + [40.0] * 100), BUDGET, Still())
    assert paid.encoding.codebook.variables[0].edges[0] == youngest
    assert "2 histograms" in paid.mechanisms[0]


def test_that_a_column_is_empty_is_not_told_either():
    nobody = aged([40.0] * 100)
    first = replace(nobody.participants[0], attributes={"age": 40.0, "empty": "plumber"})
    somebody = nobody.with_people((first, *nobody.participants[1:]))
    one, other = (paid_encoding(corpus, BUDGET, Still()) for corpus in (nobody, somebody))
    assert one.encoding == other.encoding
    assert one.mechanisms == other.mechanisms
    assert "empty" not in one.encoding.layout.columns


def test_the_whole_delta_is_judged_and_not_what_the_codebook_left_of_it():
    people = tuple(
        Participant(participant_id=f"P{n}", attributes={"x": "ab"[n % 2]}) for n in range(100)
    )
    columns = {"x": Column(role="quasi", kind="nominal")}
    corpus = Corpus(name="made", participants=people, columns=columns)
    step = DpMarginals(epsilon=3.0, delta=1.05e-3)
    with pytest.raises(RefusedError, match="too large for 100 people"):
        step.fit(corpus, np.random.default_rng(0), Still())
