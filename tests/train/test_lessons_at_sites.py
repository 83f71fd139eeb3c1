"""Who was seen where, as participants.tsv says, and everything that can be wrong with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.train.wards import moved, wards

from mindveil.dp.noise import os_noise
from mindveil.errors import InputError
from mindveil.train.base import Taught
from mindveil.train.lessons_at_sites import SiteColumn, check_sure, detector_of
from mindveil.train.plain import PlainRidge
from mindveil.train.reader import Reader

TARGET = "phq9>=10"


def reader_of(corpus):
    return Reader.of(corpus, TARGET, "scales", "contrasts")


def column(**settings):
    return SiteColumn(
        **{"step": "train/made", "column": "ward", "setting": "parties", "number": 3, **settings}
    )


def test_everybody_s_site_in_the_order_of_the_declared_levels():
    corpus = wards(people=7)
    found = column().lessons(corpus, reader_of(corpus))
    assert found.sites == (0, 1, 2, 0, 1, 2, 0)
    turned = wards(people=7, levels=("west", "south", "north"))
    assert column().lessons(turned, reader_of(turned)).sites == (2, 1, 0, 2, 1, 0, 2)
    plain = reader_of(corpus).lessons(corpus)
    assert (found.ids, found.rows.tobytes()) == (plain.ids, plain.rows.tobytes())


def test_who_did_not_answer_teaches_nothing_wherever_she_was_seen():
    corpus = moved(wards(people=6), 1, "nowhere")
    silent = replace(corpus.participants[1], sessions=(replace(
        corpus.participants[1].sessions[0], responses={}),))  # fmt: skip
    people = (corpus.participants[0], silent, *corpus.participants[2:])
    corpus = replace(corpus, participants=people)
    assert column().lessons(corpus, reader_of(corpus)).sites == (0, 2, 0, 1, 2)


def test_a_declared_site_without_people_keeps_its_number():
    corpus = wards(levels=("north", "empty", "south", "west"))
    assert set(column(number=4).lessons(corpus, reader_of(corpus)).sites) == {0, 2, 3}


@pytest.mark.parametrize(
    ("corpus", "asked", "said"),
    [
        (wards(), column(column="site"), r"'site': participants\.json declares no levels"),
        (wards(levels=()), column(), "'ward': participants.json declares no levels"),
        (wards(found=True), column(), "declares no levels"),  # read off the data: not public
        (wards(), column(number=5), "parties = 5: column 'ward' declares 3 sites; set parties = 3"),
        (moved(wards(), 4, "east"), column(), "'ward': 1 person was seen at none of the sites"),
        (moved(wards(), 4, None), column(), "1 person was seen at none"),
        (moved(moved(wards(), 4, "east"), 9, ""), column(), "2 people were seen at none"),
    ],
)
def test_what_is_wrong_with_a_column_is_said_in_one_sentence(corpus, asked, said):
    with pytest.raises(InputError, match=said) as caught:
        asked.lessons(corpus, reader_of(corpus))
    assert str(caught.value).startswith("train/made ")
    assert "zebra" not in str(caught.value)
    assert "east" not in str(caught.value)


@pytest.mark.parametrize("sure", [0.49, 1.0, float("nan"), -1.0])
def test_a_probability_that_decides_nothing_is_refused(sure):
    with pytest.raises(InputError, match="train/made sure"):
        check_sure("train/made", sure)
    check_sure("train/made", 0.5)


def test_a_detector_decides_from_its_probability_on():
    corpus = wards()
    reader = reader_of(corpus)
    lessons = reader.lessons(corpus)
    taught = PlainRidge().fit(lessons, os_noise(), np.random.default_rng(0))
    said = detector_of(reader, Taught(head=taught.head), 0.8).answer(corpus)
    sure = np.maximum(said.probability, 1.0 - said.probability) >= 0.8
    assert said.decided.tolist() == sure.tolist()
    assert 0 < sure.sum() < len(sure)
