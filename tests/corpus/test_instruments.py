"""Questionnaires: hand-worked scores, missing rules, cut-off edges, targets and shared items."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.corpus.instrument_page import page
from mindveil.corpus.instruments import (
    Instrument,
    Target,
    all_instruments,
    band,
    check_items,
    get,
    is_known,
    meets,
    overlaps,
    parse_target,
    positive,
    score,
    score_table,
    shared_items,
)
from mindveil.errors import InputError

CHECKOUT = Path(__file__).parents[2]
TABULAR = CHECKOUT.parent / "shared" / "data" / "tabular"
KEYS = [i.key for i in all_instruments()]
SCALES = [(i.key, s.name) for i in all_instruments() for s in i.scales]
SUMS = [(i.key, s.name) for i in all_instruments() for s in i.scales if s.rule == "sum"]


def _read(name: str) -> pd.DataFrame:
    path = TABULAR / name
    if not path.exists():
        pytest.skip(f"no real data at {path}")
    return pd.read_csv(path, encoding="utf-8-sig")


def _worst(instrument: Instrument) -> list[int]:
    """Answers of the most ill person: high, but low where the item is reversed."""
    return [
        low if item in instrument.reverse else high
        for item, (low, high) in enumerate(instrument.ranges, start=1)
    ]


def _best(instrument: Instrument) -> list[int]:
    return [
        high if item in instrument.reverse else low
        for item, (low, high) in enumerate(instrument.ranges, start=1)
    ]


# --- the table ----------------------------------------------------------------------------------


def test_the_fifteen_questionnaires_are_there() -> None:
    expected = "phq9 phq8 phq2 gad7 gad2 pcl5 mdq asrm pq16 pss10 cesd dass42 dass21 hads bdi2"
    assert expected.split() == KEYS


@pytest.mark.parametrize(
    ("key", "items", "answers", "reverse", "total"),
    [
        ("phq9", 9, (0, 3), (), (0, 27)),
        ("phq8", 8, (0, 3), (), (0, 24)),
        ("phq2", 2, (0, 3), (), (0, 6)),
        ("gad7", 7, (0, 3), (), (0, 21)),
        ("gad2", 2, (0, 3), (), (0, 6)),
        ("pcl5", 20, (0, 4), (), (0, 80)),
        ("mdq", 13, (0, 1), (), (0, 13)),
        ("asrm", 5, (0, 4), (), (0, 20)),
        ("pq16", 16, (0, 1), (), (0, 16)),
        ("pss10", 10, (0, 4), (4, 5, 7, 8), (0, 40)),
        ("cesd", 20, (0, 3), (4, 8, 12, 16), (0, 60)),
        ("dass42", 42, (0, 3), (), (0, 126)),
        ("dass21", 21, (0, 3), (), (0, 126)),
        ("hads", 14, (0, 3), (), (0, 42)),
        ("bdi2", 21, (0, 3), (), (0, 63)),
    ],
)
def test_items_answers_and_totals_are_as_published(
    key: str,
    items: int,
    answers: tuple[int, int],
    reverse: tuple[int, ...],
    total: tuple[int, int],
) -> None:
    instrument = get(key)
    assert instrument.size == items
    assert set(instrument.ranges[:items]) == {answers}
    assert instrument.reverse == reverse
    assert instrument.total_range() == total


@pytest.mark.parametrize("key", KEYS)
def test_every_entry_is_complete_and_consistent(key: str) -> None:
    instrument = get(key)
    for text in (instrument.source, instrument.cutoff_source, instrument.missing, instrument.name):
        assert len(text) > 15
    assert instrument.width == len(instrument.ranges)
    assert len(set(instrument.labels)) == instrument.width
    assert all(1 <= len(label.split()) <= 3 for label in instrument.labels)
    assert instrument.scales[0].name == "total"
    assert set(instrument.scales[0].items) == set(range(1, instrument.size + 1))
    assert len(instrument.parent_items) == (instrument.size if instrument.parent else 0)
    for scale in instrument.scales:
        low, high = instrument.total_range(scale.name)
        starts = [b.start for b in scale.bands]
        assert starts == sorted(set(starts))
        assert not starts or (starts[0] == low and starts[-1] <= high)
        assert scale.cutoff is None or scale.cutoff in starts
        assert len(set(scale.items)) == len(scale.items)
        assert scale.max_missing <= len(scale.items) / 4


@pytest.mark.parametrize("key", ["dass42", "dass21", "hads", "pcl5"])
def test_subscales_divide_the_items_between_them(key: str) -> None:
    instrument = get(key)
    items = sorted(i for name in instrument.subscales for i in instrument.scale(name).items)
    assert items == list(range(1, instrument.size + 1))


def test_item_columns_follow_the_corpus_layout() -> None:
    assert get("phq2").columns == ("phq2_01", "phq2_02")
    assert get("mdq").columns[12:] == ("mdq_13", "mdq_14", "mdq_15")


def test_an_unknown_questionnaire_is_answered_with_a_guess() -> None:
    with pytest.raises(InputError, match=r"no questionnaire 'PHQ-9'; did you mean phq9"):
        get("PHQ-9")
    with pytest.raises(InputError, match="known are: phq9, phq8"):
        get("zzzz")
    assert is_known("asrm")
    assert not is_known("sister")


def test_an_unknown_subscale_is_answered_with_the_list() -> None:
    with pytest.raises(InputError, match="'mania'; its subscales are: depression, anxiety, stress"):
        get("dass42").scale("mania")
    with pytest.raises(InputError, match="its subscales are: none"):
        score(get("phq2"), [0, 0], "anxiety")


# --- scores by hand -----------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_the_healthiest_answers_give_the_lowest_score_and_the_worst_the_highest(key: str) -> None:
    instrument = get(key)
    for scale in instrument.scales:
        low, high = instrument.total_range(scale.name)
        assert score(instrument, _best(instrument), scale.name) == low
        assert score(instrument, _worst(instrument), scale.name) == high


@pytest.mark.parametrize(
    ("key", "items", "subscale", "expected"),
    [
        ("phq9", [1, 1, 1, 1, 1, 1, 1, 1, 2], None, 10),
        ("phq8", [3, 2, 1, 0, 3, 2, 1, 0], None, 12),
        ("gad7", [1, 2, 3, 0, 1, 2, 1], None, 10),
        ("asrm", [2, 1, 0, 3, 0], None, 6),
        # Everything 1: six plain items give 6, four turned round (4 - 1 = 3) give 12.
        ("pss10", [1] * 10, None, 18),
        # Everything 1: sixteen plain items give 16, four turned round (3 - 1 = 2) give 8.
        ("cesd", [1] * 20, None, 24),
        # Only the happiness item answered fully: 20 - 4 items at 0, three reversed at 3, one at 0.
        ("cesd", [0] * 11 + [3] + [0] * 8, None, 9),
        ("pcl5", [1] * 5 + [2] * 2 + [3] * 7 + [4] * 6, "intrusion", 5),
        ("pcl5", [1] * 5 + [2] * 2 + [3] * 7 + [4] * 6, "avoidance", 4),
        ("pcl5", [1] * 5 + [2] * 2 + [3] * 7 + [4] * 6, "mood", 21),
        ("pcl5", [1] * 5 + [2] * 2 + [3] * 7 + [4] * 6, "arousal", 24),
        ("pcl5", [1] * 5 + [2] * 2 + [3] * 7 + [4] * 6, None, 54),
        # Odd items anxiety, even items depression.
        ("hads", [2, 1] * 7, "anxiety", 14),
        ("hads", [2, 1] * 7, "depression", 7),
        ("hads", [2, 1] * 7, None, 21),
        ("bdi2", [1] * 20 + [3], None, 23),
        ("mdq", [1] * 6 + [0] * 7, None, 6),
        ("mdq", [1] * 6 + [0] * 7 + [1, 3], None, 6),
        ("pq16", [1] * 5 + [0] * 11, None, 5),
        ("pq16", [1] * 5 + [0] * 11 + [3] * 5 + [0] * 11, "distress", 15),
        # The short DASS doubles: items 3, 5, 10, 13, 16, 17, 21 are depression.
        ("dass21", [0, 0, 3, 0, 2] + [0] * 16, "depression", 10),
        ("dass21", [0, 1, 0, 1, 0, 0, 1] + [0] * 14, "anxiety", 6),
        ("dass21", [1] * 21, None, 42),
        # Items 3 and 5 of the long form are depression, 1 is stress, 2 and 4 anxiety.
        ("dass42", [1, 2, 3, 1, 3] + [0] * 37, "depression", 6),
        ("dass42", [1, 2, 3, 1, 3] + [0] * 37, "anxiety", 3),
        ("dass42", [1, 2, 3, 1, 3] + [0] * 37, "stress", 1),
        ("dass42", [1, 2, 3, 1, 3] + [0] * 37, None, 10),
    ],
)
def test_scores_worked_by_hand(
    key: str, items: list[int], subscale: str | None, expected: float
) -> None:
    assert score(get(key), items, subscale) == expected


@pytest.mark.parametrize(
    ("key", "items", "subscale", "expected"),
    [
        # 14 over the 7 answered items is 2 each: 18 over 9.
        ("phq9", [2] * 7 + [None] * 2, None, 18),
        ("phq9", [2] * 6 + [None] * 3, None, None),
        # 10 over 8 of 9 items: 11.25, not rounded.
        ("phq9", [2, 2, 1, 1, 1, 1, 1, 1, None], None, 11.25),
        ("phq8", [1] * 7 + [None], None, 8),
        ("phq8", [1] * 6 + [None] * 2, None, None),
        ("phq2", [3, None], None, None),
        ("gad7", [3] * 6 + [None], None, 21),
        ("gad7", [3] * 5 + [None] * 2, None, None),
        ("gad2", [None, 3], None, None),
        ("pcl5", [2] * 16 + [None] * 4, None, 40),
        ("pcl5", [2] * 15 + [None] * 5, None, None),
        ("pcl5", [2] * 16 + [None] * 4, "arousal", None),
        ("asrm", [2, 2, 2, 2, None], None, 10),
        ("asrm", [2, 2, 2, None, None], None, None),
        ("pq16", [1] * 15 + [None], None, None),
        # Reversed before prorating: 8 answers, of which two reversed (4 - 1 = 3): 6 + 6 = 12; x 10/8.
        ("pss10", [1, 1, 1, None, None, 1, 1, 1, 1, 1], None, 15),
        ("pss10", [1, 1, 1, None, None, 1, 1, 1, 1, None], None, None),
        ("cesd", [0] * 3 + [None] + [0] * 3 + [None] + [0] * 3 + [None] + [0] * 3 + [None] + [0] * 4, None, 0),
        ("cesd", [None] * 5 + [1] * 15, None, None),
        ("bdi2", [1] * 17 + [None] * 4, None, 21),
        ("bdi2", [1] * 16 + [None] * 5, None, None),
        # One anxiety item missing is filled from anxiety alone: 6 x 2 x 7/6 = 14.
        ("hads", [None, 0] + [2, 0] * 6, "anxiety", 14),
        ("hads", [None, 0] + [2, 0] * 6, None, 14),
        ("hads", [None, 0, None, 0] + [2, 0] * 5, "anxiety", None),
        ("hads", [None, 0, None, 0] + [2, 0] * 5, "depression", 0),
        ("hads", [None, 0, None, 0] + [2, 0] * 5, None, None),
        # Items 3 and 5 are depression: two of fourteen may be missing, a third (10) may not.
        ("dass42", [1, 1, None, 1, None] + [1] * 37, "depression", 14),
        ("dass42", [1, 1, None, 1, None, 1, 1, 1, 1, None] + [1] * 32, "depression", None),
        ("dass42", [1, 1, None, 1, None, 1, 1, 1, 1, None] + [1] * 32, "stress", 14),
        ("dass21", [1, 1, None] + [1] * 18, "depression", 14),
        ("dass21", [1, 1, None, 1, None] + [1] * 16, "depression", None),
        ("mdq", [1] * 12 + [None], None, None),
    ],
)  # fmt: skip
def test_missing_answers_are_filled_up_to_the_rule(
    key: str, items: list[int | None], subscale: str | None, expected: float | None
) -> None:
    assert score(get(key), items, subscale) == expected


@pytest.mark.parametrize("key", KEYS)
def test_nobody_without_answers_has_a_score(key: str) -> None:
    instrument = get(key)
    for scale in instrument.scales:
        assert score(instrument, [None] * instrument.width, scale.name) is None


def test_a_table_of_the_wrong_shape_or_coding_is_refused() -> None:
    with pytest.raises(InputError, match="phq9 has 9 items"):
        score(get("phq9"), [0] * 8)
    with pytest.raises(InputError, match="mdq has 13 items, or 15 with its extras"):
        score(get("mdq"), [0] * 14)
    with pytest.raises(InputError, match=r"phq9: a table of shape \(9,\)"):
        score_table(get("phq9"), np.zeros(9))
    with pytest.raises(InputError, match="gad7: item 3 holds 4, outside 0 to 3"):
        score_table(get("gad7"), np.array([[0, 0, 0, 0, 0, 0, 0], [0, 0, 4, 0, 0, 0, 0]], float))
    with pytest.raises(InputError, match="item 1 holds inf"):
        score(get("phq2"), [math.inf, 0])


def test_scoring_leaves_the_table_as_it_was_and_takes_an_empty_one() -> None:
    table = np.ones((2, 10))
    score_table(get("pss10"), table)
    assert (table == 1).all()
    assert score_table(get("dass42"), np.empty((0, 42))).shape == (0,)


# --- bands, screens -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scale", "edges"),
    [
        ("phq9", "0 minimal 4 | 5 mild 9 | 10 moderate 14 | 15 moderately severe 19 | 20 severe 27"),
        ("phq8", "0 minimal 4 | 5 mild 9 | 10 moderate 14 | 15 moderately severe 19 | 20 severe 24"),
        ("gad7", "0 minimal 4 | 5 mild 9 | 10 moderate 14 | 15 severe 21"),
        ("phq2", "0 below cut-off 2 | 3 positive screen 6"),
        ("gad2", "0 below cut-off 2 | 3 positive screen 6"),
        ("pcl5", "0 below cut-off 30 | 31 probable PTSD 80"),
        ("asrm", "0 below cut-off 5 | 6 probable mania or hypomania 20"),
        ("pq16", "0 below cut-off 5 | 6 at risk 16"),
        ("pss10", "0 low 13 | 14 moderate 26 | 27 high 40"),
        ("cesd", "0 below cut-off 15 | 16 possible depression 60"),
        ("bdi2", "0 minimal 13 | 14 mild 19 | 20 moderate 28 | 29 severe 63"),
        ("hads.anxiety", "0 normal 7 | 8 mild 10 | 11 moderate 14 | 15 severe 21"),
        ("hads.depression", "0 normal 7 | 8 mild 10 | 11 moderate 14 | 15 severe 21"),
        ("dass42.depression", "0 normal 9 | 10 mild 13 | 14 moderate 20 | 21 severe 27 | 28 extremely severe 42"),
        ("dass42.anxiety", "0 normal 7 | 8 mild 9 | 10 moderate 14 | 15 severe 19 | 20 extremely severe 42"),
        ("dass42.stress", "0 normal 14 | 15 mild 18 | 19 moderate 25 | 26 severe 33 | 34 extremely severe 42"),
        ("dass21.depression", "0 normal 9 | 10 mild 13 | 14 moderate 20 | 21 severe 27 | 28 extremely severe 42"),
        ("dass21.anxiety", "0 normal 7 | 8 mild 9 | 10 moderate 14 | 15 severe 19 | 20 extremely severe 42"),
        ("dass21.stress", "0 normal 14 | 15 mild 18 | 19 moderate 25 | 26 severe 33 | 34 extremely severe 42"),
    ],
)  # fmt: skip
def test_bands_begin_and_end_where_the_authors_say(scale: str, edges: str) -> None:
    key, _, subscale = scale.partition(".")
    instrument = get(key)
    expected = [part.split() for part in edges.split(" | ")]
    for first, *name, last in expected:
        assert band(instrument, int(first), subscale or None) == " ".join(name)
        assert band(instrument, int(last), subscale or None) == " ".join(name)
    assert len(instrument.scale(subscale or None).bands) == len(expected)


def test_a_prorated_score_below_a_bound_stays_below() -> None:
    assert band(get("phq9"), 9.99) == "mild"
    assert positive(get("phq9"), 9.99) is False


def test_bands_and_cutoffs_that_nobody_published_are_refused() -> None:
    with pytest.raises(InputError, match=r"hads has no published severity bands.*hads\.anxiety"):
        band(get("hads"), 20)
    with pytest.raises(
        InputError, match="pss10 has no published screening cut-off; scales with one: none"
    ):
        positive(get("pss10"), 30)
    with pytest.raises(InputError, match=r"scales with one: dass42\.depression, dass42\.anxiety"):
        positive(get("dass42"), [0] * 42)


@pytest.mark.parametrize("total", [-1, 28, math.nan])
def test_a_score_outside_its_range_has_no_band(total: float) -> None:
    with pytest.raises(InputError, match="it runs from 0 to 27"):
        band(get("phq9"), total)


@pytest.mark.parametrize(
    ("scale", "cutoff"),
    [
        ("phq9", 10), ("phq8", 10), ("phq2", 3), ("gad7", 10), ("gad2", 3), ("pcl5", 31),
        ("asrm", 6), ("pq16", 6), ("cesd", 16), ("bdi2", 14), ("hads.anxiety", 8),
        ("hads.depression", 8), ("dass42.depression", 14), ("dass42.anxiety", 10),
        ("dass42.stress", 19), ("dass21.depression", 14), ("dass21.anxiety", 10),
        ("dass21.stress", 19),
    ],
)  # fmt: skip
def test_the_screen_turns_positive_at_the_cutoff(scale: str, cutoff: int) -> None:
    key, _, subscale = scale.partition(".")
    assert positive(get(key), cutoff, subscale or None) is True
    assert positive(get(key), cutoff - 1, subscale or None) is False


def test_the_screen_can_be_read_from_items() -> None:
    assert positive(get("pq16"), [1] * 6 + [0] * 10) is True
    assert positive(get("pq16"), [1] * 5 + [0] * 11) is False
    assert positive(get("pq16"), [1] * 5 + [0] * 10 + [None]) is None
    assert positive(get("hads"), [2, 0] * 7, "anxiety") is True


@pytest.mark.parametrize(
    ("symptoms", "together", "problem", "expected"),
    [
        (7, 1, 2, True),
        (7, 1, 3, True),
        (13, 1, 3, True),
        (6, 1, 3, False),
        (7, 0, 3, False),
        (7, 1, 1, False),
        (7, 1, 0, False),
        (3, None, None, False),  # the last two questions are skipped with few symptoms
        (7, None, 3, None),
        (7, 1, None, None),
        (7, None, 1, False),
    ],
)
def test_the_mood_disorder_questionnaire_needs_all_three_answers(
    *, symptoms: int, together: int | None, problem: int | None, expected: bool | None
) -> None:
    items = [1] * symptoms + [0] * (13 - symptoms) + [together, problem]
    assert positive(get("mdq"), items) is expected
    as_score = score(get("mdq"), items, "screen")
    assert as_score == (None if expected is None else float(expected))


def test_the_mood_disorder_questionnaire_decides_where_missing_symptoms_cannot() -> None:
    mdq = get("mdq")
    assert positive(mdq, [1] * 7 + [None] * 6 + [1, 2]) is True
    assert positive(mdq, [1] * 6 + [None] + [0] * 6 + [1, 2]) is None
    assert positive(mdq, [1] * 5 + [None] + [0] * 7 + [1, 2]) is False


def test_a_symptom_count_alone_can_only_rule_the_mood_screen_out() -> None:
    mdq = get("mdq")
    assert positive(mdq, 6) is False
    assert positive(mdq, 7) is None
    assert positive(mdq, [1] * 7 + [0] * 6) is None
    assert positive(mdq, 1, "screen") is True


# --- checks of one person's answers -------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_sound_answers_have_no_problem(key: str) -> None:
    instrument = get(key)
    assert check_items(instrument, _worst(instrument)) == []
    assert check_items(instrument, _best(instrument)[: instrument.size]) == []
    assert check_items(instrument, [None] * instrument.size) == []


@pytest.mark.parametrize(
    ("key", "items", "problems"),
    [
        ("phq2", [0], ["1 answers; phq2 has 2 items"]),
        ("phq2", [0, -1], ["item 2 is -1; phq2 item 2 takes whole numbers from 0 to 3"]),
        ("phq2", [0, 1.5], ["item 2 is 1.5; phq2 item 2 takes whole numbers from 0 to 3"]),
        ("phq2", [0, math.inf], ["item 2 is inf; phq2 item 2 takes whole numbers from 0 to 3"]),
        ("phq2", [0, "0-1"], ["item 2 is not one number (a banded answer cannot be scored)"]),
        (
            "phq2",
            [0, math.nan],
            ["1 of 2 answers of phq2 are missing; it is scored with at most 0 missing"],
        ),
        (
            "mdq",
            [0] * 13 + [2, 3],
            ["item 14 is 2; mdq item 14 takes whole numbers from 0 to 1"],
        ),
        (
            "hads",
            [None, 0] * 2 + [0, 0] * 5,
            ["2 of 7 answers of hads.anxiety are missing; it is scored with at most 1 missing"],
        ),
    ],
)
def test_problems_are_named_without_the_person(
    key: str, items: Sequence[float | str | None], problems: list[str]
) -> None:
    assert check_items(get(key), items) == problems


def test_answers_coded_from_one_are_recognised() -> None:
    sentences = check_items(get("gad7"), [1, 2, 4, 1, 1, 3, 1])
    assert sentences[0].startswith("item 3 is 4;")
    assert sentences[-1] == "no answer is 0 and some are one too high: subtract 1 if coded from 1"
    assert len(check_items(get("gad7"), [0, 2, 4, 1, 1, 3, 1])) == 1


# --- targets ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tool", "subscale", "op", "cut"),
    [
        ("phq9>=10", "phq9", None, ">=", 10),
        ("gad7<10", "gad7", None, "<", 10),
        ("pcl5 > 30", "pcl5", None, ">", 30),
        (" bdi2<=13 ", "bdi2", None, "<=", 13),
        ("dass42.depression>=14", "dass42", "depression", ">=", 14),
        ("hads.anxiety>=8", "hads", "anxiety", ">=", 8),
        ("mdq.screen>=1", "mdq", "screen", ">=", 1),
        ("cesd>=16.5", "cesd", None, ">=", 16.5),
        ("sister>=1000", "sister", None, ">=", 1000),
        ("sister.mood<0.00001", "sister", "mood", "<", 0.00001),
    ],
)
def test_a_target_is_read_and_written_back(
    text: str, tool: str, subscale: str | None, op: str, cut: float
) -> None:
    target = parse_target(text)
    assert (target.tool, target.subscale, target.op, target.cut) == (tool, subscale, op, cut)
    assert str(target) == text.replace(" ", "")
    assert parse_target(str(target)) == target


@pytest.mark.parametrize(
    "text",
    ["", "phq9", "phq9=10", "phq9==10", ">=10", "phq9>=", "PHQ9>=10", "9phq>=1", "phq9>=-1",
     "phq9>=1e1", "phq9>=10 or gad7>=10", "hads.>=8", "phq9>=١٠", "phq9>=10\nx"],
)  # fmt: skip
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected questionnaire, operator"):
        parse_target(text)


@pytest.mark.parametrize(
    "text", ["phq9>=28", "phq9>27", "phq9>=0", "phq9<0", "phq9<=27", "mdq.screen>=2", "gad2>6.5"]
)
def test_a_cut_that_leaves_everybody_on_one_side_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"runs from 0 to \d+, so everybody"):
        parse_target(text)


@pytest.mark.parametrize("text", ["phq9>=27", "phq9>26", "phq9>=1", "phq9>0", "phq9<=0", "phq9<27"])
def test_a_cut_at_the_very_edge_is_allowed(text: str) -> None:
    assert str(parse_target(text)) == text


def test_a_target_on_an_unknown_subscale_is_refused() -> None:
    with pytest.raises(InputError, match="dass42 has no subscale 'mania'"):
        parse_target("dass42.mania>=3")


def test_meeting_a_target_keeps_missing_scores_missing() -> None:
    totals = np.array([9.0, 10.0, 11.0, np.nan])
    met = {
        op: meets(parse_target(f"phq9{op}10"), totals).tolist()[:3] for op in (">=", ">", "<=", "<")
    }
    assert met == {">=": [0, 1, 1], ">": [0, 0, 1], "<=": [1, 1, 0], "<": [1, 0, 0]}
    assert math.isnan(meets(parse_target("phq9>=10"), totals)[3])


# --- shared items -------------------------------------------------------------------------------


def test_parts_of_an_instrument_share_its_questions() -> None:
    assert shared_items("phq9", "phq8") == {(i, i) for i in range(1, 9)}
    assert shared_items("phq2", "phq9") == {(1, 1), (2, 2)}
    assert shared_items("phq2", "phq8") == {(1, 1), (2, 2)}
    assert shared_items("gad7", "gad2") == {(1, 1), (2, 2)}
    assert shared_items("gad7", "gad7") == {(i, i) for i in range(1, 8)}
    assert shared_items("phq9", "gad7") == frozenset()


def test_the_short_dass_keeps_subscales_and_labels_of_the_long_one() -> None:
    pairs = dict(shared_items("dass21", "dass42"))
    assert len(pairs) == len(set(pairs.values())) == 21
    assert (pairs[1], pairs[5], pairs[13], pairs[21]) == (22, 42, 26, 38)
    short, long = get("dass21"), get("dass42")
    for name in ("depression", "anxiety", "stress"):
        assert {pairs[i] for i in short.scale(name).items} <= set(long.scale(name).items)
    assert all(short.labels[i - 1] == long.labels[j - 1] for i, j in pairs.items())


def test_sharing_is_the_same_seen_from_either_side() -> None:
    for tool in KEYS:
        for other in KEYS:
            there, back = shared_items(tool, other), shared_items(other, tool)
            assert there == {(i, j) for j, i in back}
            assert overlaps(tool, other) == overlaps(other, tool) == bool(there)


def test_only_relatives_overlap() -> None:
    related = [
        ("phq9", "phq8"),
        ("phq9", "phq2"),
        ("phq8", "phq2"),
        ("gad7", "gad2"),
        ("dass42", "dass21"),
    ]
    found = [(a, b) for n, a in enumerate(KEYS) for b in KEYS[n + 1 :] if overlaps(a, b)]
    assert found == related


def test_a_questionnaire_outside_the_table_shares_only_its_own_questions() -> None:
    assert overlaps("sister", "sister")
    assert not overlaps("sister", "phq9")
    assert not overlaps("phq9", "sister")
    with pytest.raises(InputError, match="no questionnaire 'sister'"):
        shared_items("sister", "phq9")


# --- properties ---------------------------------------------------------------------------------

Answers = list[list[int | None]]


@st.composite
def _answered(draw: st.DrawFn) -> tuple[Instrument, str, Answers]:
    """Draw a scale and up to four people with some answers missing."""
    key, name = draw(st.sampled_from(SUMS))
    instrument = get(key)
    people: Answers = []
    for _ in range(draw(st.integers(1, 4))):
        row: list[int | None] = [draw(st.integers(low, high)) for low, high in instrument.ranges]
        for gap in draw(st.lists(st.integers(0, instrument.width - 1), max_size=4)):
            row[gap] = None
        people.append(row)
    return instrument, name, people


def _by_the_book(instrument: Instrument, name: str, row: list[int | None]) -> float | None:
    """Score one person with plain Python, item by item, as one would on paper."""
    scale = instrument.scale(name)
    if scale.parts:
        parts = [_by_the_book(instrument, part, row) for part in scale.parts]
        return None if None in parts else math.fsum(p for p in parts if p is not None)
    values = []
    for item in scale.items:
        answer, (low, high) = row[item - 1], instrument.ranges[item - 1]
        if answer is not None:
            values.append(high - (answer - low) if item in instrument.reverse else answer)
    gaps = len(scale.items) - len(values)
    if gaps > scale.max_missing:
        return None
    mean = sum(values) / len(values)
    return scale.multiplier * (sum(values) + gaps * mean)


@given(_answered())
def test_scoring_a_table_is_scoring_each_person(case: tuple[Instrument, str, Answers]) -> None:
    instrument, name, people = case
    table = np.array([[np.nan if x is None else x for x in row] for row in people], dtype=float)
    together = score_table(instrument, table, name)
    alone = [score(instrument, row, name) for row in people]
    on_paper = [_by_the_book(instrument, name, row) for row in people]
    np.testing.assert_array_equal(together, np.array(alone, dtype=float))
    np.testing.assert_allclose(together, np.array(on_paper, dtype=float), rtol=1e-12)


@given(_answered())
def test_a_score_lies_between_its_bounds_even_if_prorated(
    case: tuple[Instrument, str, Answers],
) -> None:
    instrument, name, people = case
    low, high = instrument.total_range(name)
    for row in people:
        total = score(instrument, row, name)
        assert total is None or low <= total <= high


@given(_answered(), st.data())
def test_a_worse_answer_never_lowers_the_score(
    case: tuple[Instrument, str, Answers], data: st.DataObject
) -> None:
    instrument, name, people = case
    row = people[0]
    item = data.draw(st.integers(1, instrument.width))
    answer, (low, high) = row[item - 1], instrument.ranges[item - 1]
    worse = low if item in instrument.reverse else high
    before = score(instrument, row, name)
    if answer is None or before is None:
        return
    after = score(instrument, [*row[: item - 1], worse, *row[item:]], name)
    assert after is not None
    assert after >= before
    changed = answer != worse and item in instrument.scale(name).items
    assert (after > before) == changed


@given(_answered())
def test_a_person_without_problems_has_a_total(case: tuple[Instrument, str, Answers]) -> None:
    instrument, _, people = case
    for row in people:
        answered = any(x is not None for x in row)
        scored = score(instrument, row) is not None
        assert scored == (answered and not check_items(instrument, row))


@given(
    st.sampled_from(SCALES),
    st.sampled_from([">=", ">", "<=", "<"]),
    st.decimals(0, 130, places=2, allow_nan=False),
)
@settings(max_examples=200)
def test_a_parsed_target_survives_text_and_splits_the_range(
    scale: tuple[str, str], op: str, cut: Decimal
) -> None:
    key, name = scale
    address = key if name == "total" else f"{key}.{name}"
    low, high = get(key).total_range(name)
    sides = {
        ">=": (low >= cut, high >= cut),
        ">": (low > cut, high > cut),
        "<=": (low <= cut, high <= cut),
        "<": (low < cut, high < cut),
    }[op]
    if sides[0] == sides[1]:
        with pytest.raises(InputError, match="everybody would fall on one side"):
            parse_target(f"{address}{op}{cut}")
        return
    target = parse_target(f"{address}{op}{cut}")
    assert parse_target(str(target)) == target
    assert sorted(meets(target, np.array([low, high], dtype=float))) == [0, 1]


@given(st.sampled_from(SUMS), st.data())
def test_bands_rise_with_the_score(scale: tuple[str, str], data: st.DataObject) -> None:
    instrument, name = get(scale[0]), scale[1]
    bands = [b.name for b in instrument.scale(name).bands]
    if not bands:
        return
    low, high = instrument.total_range(name)
    one, two = sorted(data.draw(st.lists(st.floats(low, high), min_size=2, max_size=2)))
    assert bands.index(band(instrument, one, name)) <= bands.index(band(instrument, two, name))


def test_a_target_is_a_plain_value() -> None:
    assert parse_target("phq9>=10") == Target(tool="phq9", subscale=None, op=">=", cut=10)


# --- real data and the documentation ------------------------------------------------------------


@pytest.mark.realdata
def test_the_dass_key_and_sums_match_real_data() -> None:
    frame = _read("dass42_adults.csv")
    columns = [c for c in frame.columns if c.startswith("dass") and c != "dasssum"]
    dass = get("dass42")
    letters = {"D": "depression", "A": "anxiety", "S": "stress"}
    for item, column in enumerate(columns, start=1):
        stem, letter = column.split("_")
        assert stem == f"dass{item}"
        assert item in dass.scale(letters[letter]).items
    items = frame[columns].to_numpy(dtype=float) - 1
    for name in letters.values():
        ours = score_table(dass, items, name)
        np.testing.assert_array_equal(ours, frame[name.capitalize()].to_numpy(dtype=float) - 14)


@pytest.mark.realdata
def test_the_short_dass_tells_what_the_long_one_tells_on_real_data() -> None:
    frame = _read("dass42_adults.csv")
    long = frame[[c for c in frame.columns if c.startswith("dass") and c != "dasssum"]]
    items = long.to_numpy(dtype=float) - 1
    short = items[:, [i - 1 for i in get("dass21").parent_items]]
    for name in ("depression", "anxiety", "stress"):
        a, b = score_table(get("dass42"), items, name), score_table(get("dass21"), short, name)
        assert np.corrcoef(a, b)[0, 1] > 0.95
        assert abs(a.mean() - b.mean()) < 1.5


@pytest.mark.realdata
def test_the_reversed_stress_items_point_the_right_way_on_real_data() -> None:
    frame = _read("ukm_Psychological_aspects.csv")
    items = frame[[f"S{i}" for i in range(1, 11)]].to_numpy(dtype=float)
    pss = get("pss10")
    total = score_table(pss, items)
    for item in range(1, 11):
        answers = items[:, item - 1]
        keyed = 4 - answers if item in pss.reverse else answers
        assert np.corrcoef(keyed, total - keyed)[0, 1] > 0.3


def test_the_documentation_is_the_table() -> None:
    written = (CHECKOUT / "docs" / "instruments.md").read_text(encoding="utf-8")
    assert written == page(), (
        "docs/instruments.md is not what the table says: write it again with "
        "mindveil.corpus.instrument_page.page()"
    )
    for instrument in all_instruments():
        assert f"| {instrument.key} | {instrument.name} |" in written
        assert instrument.source in written
