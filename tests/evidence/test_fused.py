"""What joining modalities gains, person by person: tables worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.fused import QUESTIONS, measure_question, measure_shares
from mindveil.evidence.line_ups import Linked
from mindveil.evidence.linkage import measure_linkage

SIX = tuple("abcdef")


def named(found):
    """Return a fold in which so many of six people come first, and the rest come last."""
    scores = np.full((6, 6), 0.5)
    scores[np.arange(6), np.arange(6)] = np.where(np.arange(6) < found, 1.0, 0.0)
    return Linked(rows=SIX, columns=SIX, scores=scores, absent=(), whole_table=False)


def tied(people):
    """Return a fold in which the first so many stand alone and for the rest nothing is known."""
    scores = np.zeros((6, 6))
    scores[np.arange(people), np.arange(people)] = 1.0
    return Linked(rows=SIX, columns=SIX, scores=scores, absent=(), whole_table=False)


def test_six_people_by_hand():
    """All name 5 of 6; words alone 2, a voice alone 3; without words 3, without the voice 5."""
    fold = {
        "": named(5),
        "text alone": named(2),
        "without text": named(3),
        "voice alone": named(3),
        "without voice": named(5),
    }
    found = {m.metric: m for m in measure_shares([fold], 6)}
    assert set(found) == {"lost-without@text", "lost-without@voice", "over-best-single@voice"}
    assert found["lost-without@text"].estimate.value == pytest.approx(2 / 6)
    assert found["lost-without@voice"].estimate.value == 0.0
    assert found["over-best-single@voice"].estimate.value == pytest.approx(2 / 6)
    assert "0.833 by all, 0.500 without text" in found["lost-without@text"].note
    assert all(m.estimate.low <= m.estimate.value <= m.estimate.high for m in found.values())


def test_people_of_whom_a_modality_has_nothing_are_at_chance_and_are_counted():
    """A voice of 3 of 6, each named; the others are tied with all six: 3/6 + 3/6 x 1/6."""
    fold = {"": named(6), "voice alone": tied(3), "without voice": named(2)}
    found = {m.metric: m for m in measure_shares([fold], 6)}
    alone = 3 / 6 + 3 / 6 / 6
    assert found["over-best-single@voice"].estimate.value == pytest.approx(1 - alone)
    assert "3 of them have voice" in found["lost-without@voice"].note


def test_the_lower_end_holds_against_every_single_one():
    """Chosen after looking: the interval must not be that of the luckiest one alone."""
    fold = {
        "": named(6),
        "text alone": named(4),
        "without text": named(4),
        "voice alone": named(4),
        "without voice": named(4),
    }
    one = {k: v for k, v in fold.items() if "voice" not in k}
    both = next(m for m in measure_shares([fold], 6) if m.metric.startswith("over-"))
    single = next(m for m in measure_shares([one], 6) if m.metric.startswith("over-"))
    assert both.estimate.low <= single.estimate.low
    assert both.estimate.n == 6


def test_a_question_that_a_fold_was_not_asked_counts_in_the_others():
    whole = {"": named(5), "voice alone": named(1), "without voice": named(4)}
    found = {m.metric: m for m in measure_shares([{"": named(0)}, whole], 6)}
    assert found["lost-without@voice"].estimate.value == pytest.approx(1 / 6)


def test_no_modality_left_out_is_no_row():
    assert measure_shares([{"": named(5), "known answers: 7 alone": named(3)}], 6) == []


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 12), st.integers(2, 20))
def test_a_question_has_the_figures_of_the_headline(seed, people, lineup):
    rng = np.random.default_rng(seed)
    names = tuple(f"P{i:02d}" for i in range(people))
    scores = rng.integers(0, 4, size=(people, people)).astype(float)
    scores[0, 0] = 9.0
    fold = Linked(rows=names, columns=names, scores=scores, absent=(), whole_table=False)
    short = {m.metric: m for m in measure_question([fold], lineup, frozenset(names[:3]))}
    full = {m.metric: m for m in measure_linkage([fold], lineup, frozenset(names[:3]), rng)}
    for metric in ("rank1", "advantage", "rank1-unusual"):
        assert short[metric] == full[metric]
    assert set(short) == {"rank1", "advantage", "rank1-unusual"}


def test_what_is_tied_or_was_not_learned_is_no_figure():
    with pytest.raises(InvalidMeasurement, match="all scores are equal"):
        measure_question([tied(0)], 6, frozenset())
    empty = Linked(rows=(), columns=(), scores=np.zeros((0, 0)), absent=(), whole_table=False)
    with pytest.raises(InvalidMeasurement, match="fewer than 8 reference people"):
        measure_question([empty], 6, frozenset())


def test_questions_are_known_by_name():
    assert {"with demographics", "voice alone", "without scales", "voice to text"} <= QUESTIONS
    assert "known answers: 7 alone" not in QUESTIONS
