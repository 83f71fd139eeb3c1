"""Which items are asked and which are to be told: read from text, every fault in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.instruments import all_instruments
from mindveil.corpus.short_forms import parse_short_form
from mindveil.errors import InputError


@pytest.mark.parametrize(
    ("text", "asked", "rest", "cut"),
    [
        ("dass42.depression>=14", (3, 5, 10, 13, 16, 17, 21), 7, 7.0),
        ("dass42.depression>=14[3,5,10]", (3, 5, 10), 11, 11.0),
        ("phq9>=10", (1, 2, 3, 4), 5, 6.0),  # 10 x 5/9 = 5.56
        ("gad7 >= 10 [ 1 , 2 ]", (1, 2), 5, 7.0),  # 10 x 5/7 = 7.14
        ("phq2>=3", (1,), 1, 2.0),  # 1.5, rounded up
        ("hads.anxiety>8[1]", (1,), 6, 7.0),  # 8 x 6/7 = 6.86
    ],
)
def test_the_cut_shrinks_with_the_items_left(text, asked, rest, cut):
    form = parse_short_form(text)
    assert (form.asked, len(form.rest), form.rest_cut) == (asked, rest, cut)


def test_nothing_is_on_both_sides():
    form = parse_short_form("dass42.stress>=19")
    assert not set(form.asked) & set(form.rest)
    assert set(form.asked) | set(form.rest) == set(form.scale.items)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("dass42.depression>=14[2]", "item 2 is not one of the scale's; these are 3, 5"),
        ("phq9>=10[1,1]", "each once, not all"),
        ("phq9>=10[1,2,3,4,5,6,7,8,9]", "each once, not all"),
        ("phq9>=10[]", "item numbers are whole numbers"),
        ("phq9>=10[a]", "item numbers are whole numbers"),
        ("phq9>=10[1", "expected a target and item numbers in brackets"),
        ("mdq.screen>=1", "no sum of several items"),
        ("own>=3", "not in the table of questionnaires"),
        ("phq9", "expected questionnaire, operator"),
    ],
)
def test_faults_are_said_in_words(text, told):
    with pytest.raises(InputError, match=told.replace("(", r"\(")):
        parse_short_form(text)


SCALES = [
    (i.key, s) for i in all_instruments() for s in i.scales if s.rule == "sum" and len(s.items) > 1
]


@given(st.sampled_from(SCALES), st.data())
def test_any_part_of_any_scale_leaves_the_rest(scale, data):
    tool, of = scale
    count = data.draw(st.integers(1, len(of.items) - 1))
    asked = tuple(data.draw(st.permutations(of.items))[:count])
    name = tool if of.name == "total" else f"{tool}.{of.name}"
    form = parse_short_form(f"{name}>=1[{','.join(map(str, asked))}]")
    assert form.asked == asked
    assert sorted((*form.asked, *form.rest)) == sorted(of.items)
    assert 0 <= form.rest_cut <= 1
