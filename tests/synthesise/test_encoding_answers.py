"""Questionnaires at a visit: names, blocks, ranges, missing answers and totals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.instruments import all_instruments, get, score
from mindveil.corpus.model import Corpus, Participant, Response, Session
from mindveil.synthesise.codebook import Codebook
from mindveil.synthesise.encoding_answers import (
    answer_codes,
    form_answers,
    form_codes,
    form_of,
    moved,
    questionnaires_of,
    subscale_of,
)


def corpus_of(tool, *responses):
    people = tuple(
        Participant(
            participant_id=f"P{n}",
            sessions=(Session(session_id="01", responses={tool: response} if response else {}),),
        )
        for n, response in enumerate(responses)
    )
    return Corpus(name="made", participants=people)


def coded(tool, *responses, gated=False, visit=1):
    (questionnaire,) = questionnaires_of(corpus_of(tool, *responses))
    form, variables = form_of(questionnaire, visit, responses, gated=gated, private=False)
    book = Codebook(variables=tuple(variables))
    return form, book, form_codes(form, book, responses)


def back(form, book, codes):
    return form_answers(form, book, codes, np.random.default_rng(0))


def test_items_by_hand():
    form, book, codes = coded("phq2", Response(items=(0, 3)), Response(items=(None, 1)), visit=2)
    assert book.names == ("phq2_01@2", "phq2_02@2")
    assert [v.levels for v in book.variables] == [("0", "1", "2", "3")] * 2
    assert [v.may_miss for v in book.variables] == [True, False]
    assert [v.block for v in book.variables] == ["phq2@2"] * 2
    assert not any(v.found for v in book.variables)
    assert codes.tolist() == [[0, 3], [-1, 1]]
    assert back(form, book, codes) == [Response(items=(0, 3)), Response(items=(None, 1))]


@pytest.mark.parametrize(
    ("tool", "item", "block"),
    [
        ("phq9", 9, "phq9"),
        ("dass42", 3, "dass42.depression"),
        ("dass21", 1, "dass21.stress"),
        ("hads", 1, "hads.anxiety"),
        ("pcl5", 7, "pcl5.avoidance"),
        ("pq16", 16, "pq16"),
        ("pq16", 17, "pq16.distress"),
        ("mdq", 15, "mdq"),
        ("ours", 4, "ours"),
    ],
)
def test_the_block_of_an_item(tool, item, block):
    assert subscale_of(tool, item) == block


def test_totals_are_scored_and_not_drawn():
    form, book, codes = coded("phq9", Response(items=(1,) * 9, total=9.0))
    assert book.names[-1] == "phq9_09"
    codes[:] = 2
    assert back(form, book, codes) == [Response(items=(2,) * 9, total=18.0)]
    codes[0, 4] = -1
    (prorated,) = back(form, book, codes)
    assert prorated.total == score(get("phq9"), prorated.items)
    codes[0, :5] = -1
    assert back(form, book, codes)[0].total is None


def test_no_total_where_there_was_none():
    form, book, codes = coded("gad7", Response(items=(1,) * 7))
    assert back(form, book, codes)[0].total is None


def test_a_tool_of_totals_is_a_number():
    form, book, codes = coded("phq9", Response(total=0.0), Response(total=27.0), None)
    assert book.names == ("phq9_total",)
    assert book.variables[0].cells == 28
    assert codes[:, 0].tolist() == [0, 27, -1]
    assert back(form, book, codes) == [Response(total=0.0), Response(total=27.0), None]


def test_a_questionnaire_that_is_in_no_table_is_found_and_summed_where_it_was():
    told = (Response(items=(1, 5), total=6.0), Response(items=(2, 2), total=4.0))
    form, book, codes = coded("ours", *told)
    assert [v.levels for v in book.variables] == [("1", "2", "3", "4", "5")] * 2
    assert all(v.found for v in book.variables)
    assert back(form, book, codes) == list(told)
    weighted = coded("ours", Response(items=(1, 5), total=7.0))
    assert back(*weighted)[0].total is None


def test_who_did_not_answer_at_all():
    form, book, codes = coded("phq2", Response(items=(1, 1)), None, gated=True, visit=3)
    assert book.names[0] == "phq2@3 present"
    assert codes.tolist() == [[1, 1, 1], [0, -1, -1]]
    assert back(form, book, codes) == [Response(items=(1, 1)), None]
    assert (moved(form, 10).first, moved(form, 10).present) == (11, 10)


def test_extras_are_there_for_everybody_or_nobody():
    short, _, _ = coded("mdq", Response(items=(1,) * 13))
    long, _, codes = coded("mdq", Response(items=(1,) * 15), Response(items=(0,) * 13))
    assert (short.width, long.width) == (13, 15)
    assert codes[1].tolist() == [0] * 13 + [-1, -1]


def test_banded_answers_are_their_middle():
    ranges = ((0, 3),) * 4
    codes = answer_codes([Response(items=("0-1", "2-3", "*", "2|3"))], ranges)
    assert codes.tolist() == [[0, 2, -1, 2]]


answers = st.sampled_from(all_instruments()).flatmap(
    lambda i: st.tuples(
        st.just(i),
        st.lists(
            st.tuples(*(st.none() | st.integers(low, high) for low, high in i.ranges)), min_size=1
        ),
    )
)


@given(answers, st.booleans())
def test_every_answer_of_every_instrument_comes_back(drawn, with_totals):
    instrument, rows = drawn
    told = [
        Response(items=row, total=score(instrument, row) if with_totals else None)
        if any(x is not None for x in row)
        else None
        for row in rows
    ]
    if not any(told):
        return
    for gated in (False, True):
        form, book, codes = coded(instrument.key, *told, gated=gated)
        book.checked(codes)
        assert back(form, book, codes) == told
