"""Where everything stands in a coded table, for studies of several designs."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.errors import InputError
from mindveil.synthesise.encoding_layout import VISITS, Reading, layout_of

SEX = Column(role="quasi", kind="nominal", levels=("female", "male"))


def corpus_of(*people):
    """Return people given as lists of visits, each the questionnaires that were answered."""
    return Corpus(
        name="made",
        participants=tuple(
            Participant(
                participant_id=f"P{n}",
                attributes={"sex": "male"},
                sessions=tuple(
                    Session(
                        session_id=f"{v:02d}",
                        responses={t: Response(items=(1, 0)) for t in tools},
                    )
                    for v, tools in enumerate(visits, start=1)
                ),
            )
            for n, visits in enumerate(people)
        ),
        columns={"sex": SEX},
    )


BOTH = ("gad2", "phq2")


@pytest.mark.parametrize(
    ("people", "extra", "private_extra"),
    [
        ([[BOTH], [BOTH]], set(), {"gad2 present", "phq2 present"}),
        ([[("phq2",)], [("phq2",)]], set(), set()),  # the questionnaire is the study
        ([[("phq2",)], []], {VISITS}, set()),  # who never came has missing answers
        ([[BOTH], [("phq2",)]], {"gad2 present"}, {"gad2 present", "phq2 present"}),
        ([[("phq2",)] * 2, [("phq2",)] * 2], set(), {VISITS}),
        ([[("phq2",)] * 2, [("phq2",)]], {VISITS}, {VISITS}),
        ([[("phq2",), ()], [(), ("phq2",)]], {"phq2 present", "phq2@2 present"}, {VISITS}),
    ],
)
def test_what_stands_beside_attributes_and_items(people, extra, private_extra):
    for private, expected in ((False, extra), (True, private_extra)):
        names = layout_of(corpus_of(*people), (), private=private).codebook.names
        assert {n for n in names if "_" not in n} - {"sex"} == expected


def test_visits_are_counted_from_the_fewest():
    three = corpus_of([BOTH] * 3, [BOTH], [BOTH] * 2)
    layout = layout_of(three, (), private=False)
    count = layout.codebook.variables[layout.counted]
    assert (count.levels, layout.fewest_visits(), layout.visits) == (("1", "2", "3"), 1, 3)
    never = layout_of(corpus_of([BOTH] * 2, []), (), private=False)
    assert never.codebook.variables[never.counted].levels == ("0", "1", "2")


def test_sessions_after_the_last_questionnaire_do_not_count():
    layout = layout_of(corpus_of([BOTH, ()], [BOTH]), (), private=False)
    assert (layout.visits, layout.counted) == (1, -1)
    heard = Reading(name="pitch", values=np.array([1.0, np.nan]), visit=2)
    longer = layout_of(corpus_of([BOTH, ()], [BOTH]), (heard,), private=False)
    assert longer.visits == 2
    assert longer.codebook.names[-1] == "pitch@2"


def test_a_reading_of_nobody_has_no_place():
    nothing = Reading(name="pitch", values=np.array([np.nan, np.nan]))
    assert layout_of(corpus_of([BOTH], [BOTH]), (nothing,), private=False).slots == ()


def test_names_are_told_apart():
    heard = Reading(name="sex", values=np.ones(1))
    with pytest.raises(InputError, match="'sex'"):
        layout_of(corpus_of([BOTH]), (heard,), private=False)
