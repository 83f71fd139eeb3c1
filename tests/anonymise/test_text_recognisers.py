"""Planted identifiers are found in print and in what a speech recogniser writes."""

from __future__ import annotations

import csv
import json

import pytest

from mindveil.anonymise.text_recognisers import find_identifiers, known_identifiers
from mindveil.anonymise.text_spans import DIRECT, merge_spans
from mindveil.corpus.model import Column, Participant

pytestmark = pytest.mark.usefixtures("model")


def found(*turns, known=()):
    return [
        [(s.type, turn[s.start : s.end]) for s in merge_spans(spans)]
        for turn, spans in zip(turns, find_identifiers(turns, known), strict=True)
    ]


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ("my name is anneke and i live in leeds", [("PERSON", "anneke"), ("PLACE", "leeds")]),
        ("my sister hope told me", [("PERSON", "hope")]),
        ("dr kowalczyk said so", [("PERSON", "kowalczyk")]),
        ("i was talking to mary smith about it", [("PERSON", "mary smith")]),
        ("tell grant i said hi", [("PERSON", "grant")]),
        ("mr bean rang", [("PERSON", "bean")]),
        ("i live in reading", [("PLACE", "reading")]),
        ("i grew up in kirklees", [("PLACE", "kirklees")]),
        ("i moved to new christopherland", [("PLACE", "new christopherland")]),
        ("i live at forty two oak street", [("ADDRESS", "forty two oak street")]),
        ("i grew up on maple avenue", [("ADDRESS", "maple avenue")]),
        ("i work at tesco", [("ORGANISATION", "tesco")]),
        ("i was seen at elm clinic", [("ORGANISATION", "elm clinic")]),
        ("i'm at the university of leeds", [("ORGANISATION", "university of leeds")]),
        ("she's a nurse", [("OCCUPATION", "nurse")]),
        ("he worked as a lighting technician", [("OCCUPATION", "lighting technician")]),
        ("my wife is polish and i'm catholic", [("NATIONALITY", "polish"), ("RELIGION", "catholic")]),
        ("i was born in 1980", [("DATE", "1980")]),
        ("Hi Anna, I'm Dr. John Smith-Jones.", [("PERSON", "Anna"), ("PERSON", "John Smith-Jones")]),
        ("Will you tell Mark that Nicole O'Brien rang?", [("PERSON", "Mark"), ("PERSON", "Nicole O'Brien")]),
        ("We moved from Osijek to Bradford.", [("PLACE", "Osijek"), ("PLACE", "Bradford")]),
    ],
)  # fmt: skip
def test_hand_table(turn, expected):
    assert found(turn) == [expected]


@pytest.mark.parametrize(
    "turn",
    [
        "um mm mhm yeah hmm uh-huh mmhmm",
        "Mm-hmm. Right. May I ask?",
        "i'm frank with you and i hope my brother will be there",
        "i never said no and i don't know what they want from me",
        "i take citalopram and wellbutrin three times a week",
        "the nurse came in and i went to high school",
        "i'm reading in the bath and i could mark the page",
        "nothing ever helps i feel completely alone every single night",
        "i live in fear and i come from nothing",
        "I have PTSD and my GP put me on Sertraline.",
    ],
)
def test_ordinary_talk_is_left_alone(turn):
    assert found(turn) == [[]]


TIMES = """three weeks|every night|last year|yesterday|twice a week|for the past two weeks
|a couple of months|most days|nearly every day|about ten minutes|five times a day|once in a while
|since last summer|two years ago|all day long|more than half the days|for six months|every other day
|in the last month|four or five hours a night|a few days ago|next week|tonight|this morning
|the whole weekend|three or four drinks a week|10 times|6 months|20 minutes|two or three times a month
|since i was a child|for years|every single morning|the other day|once a fortnight|seven days a week
|twenty four seven|half an hour|an hour and a half|all the time|on weekends|on monday
|every friday night|over christmas|around midnight|at three in the morning|for eleven years
|a year and a half|day after day|the last two nights|in two weeks' time|the week before last
|ten years|between two and three weeks|forty minutes a day|12 hours|3 to 4 times a week
|several times a day|a month ago|90 days sober|16 years of drinking""".replace("\n", "").split("|")


def test_durations_and_frequencies_stay():
    assert len(TIMES) >= 60
    frames = ("i've felt like this {}", "{} i can't sleep", "It happens {} or so.")
    turns = [frame.format(time) for time in TIMES for frame in frames]
    kept = [not spans for turn in turns for spans in find_identifiers([turn])]
    assert sum(kept) >= 0.95 * len(kept)


def test_a_short_answer_is_read_with_its_question():
    turns = ("what's your name", "grace", "how old are you", "34", "what do you do", "plumber")
    assert found(*turns)[1::2] == [
        [("PERSON", "grace")],
        [("AGE", "34")],
        [("OCCUPATION", "plumber")],
    ]
    assert found("how do you feel", "grace")[1] == []


def test_a_name_found_once_is_found_everywhere():
    turns = ("the kowalczyk thing again", "dr kowalczyk said so")
    assert found(*turns) == [[("PERSON", "kowalczyk")], [("PERSON", "kowalczyk")]]


def test_one_person_may_have_typed_and_recognised_sessions():
    turns = ("I saw Nicole.", "i saw nicole in leeds")
    assert found(*turns) == [[("PERSON", "Nicole")], [("PERSON", "nicole"), ("PLACE", "leeds")]]


COLUMNS = {
    "name": Column(role="identifier", kind="text"),
    "email": Column(role="identifier", kind="text"),
    "phone": Column(role="identifier", kind="text"),
    "hospital_no": Column(role="identifier", kind="text"),
    "occupation": Column(role="quasi", kind="nominal"),
    "mood": Column(role="sensitive", kind="text"),
}


def person(**attributes):
    return Participant(participant_id="P1", attributes=attributes)


@pytest.mark.parametrize(
    ("attributes", "turn", "hidden"),
    [
        ({"name": "Hope Table"}, "she said hope to me", ("PERSON", "hope")),
        ({"name": "Hope Table"}, "Mrs TABLE came", ("PERSON", "TABLE")),
        ({"email": "x.y@z.org"}, "it is x dot y at z dot org", ("EMAIL", "x dot y at z dot org")),
        ({"phone": "07700 900123"}, "0 7 7 0 0 9 0 0 1 2 3", ("PHONE", "0 7 7 0 0 9 0 0 1 2 3")),
        ({"hospital_no": "AB-1"}, "patient ab 1 came", ("RECORD", "ab 1")),
        ({"occupation": "zither builder"}, "a zither builder", ("OCCUPATION", "zither builder")),
    ],
)
def test_what_the_corpus_knows_is_found(attributes, turn, hidden):
    known = known_identifiers(person(**attributes), COLUMNS)
    assert hidden in found(turn, known=known)[0]


def test_other_columns_and_function_words_are_not_looked_for():
    known = known_identifiers(person(name="Will An", mood="calm"), COLUMNS)
    assert found("i will be calm in an hour", known=known) == [[]]
    assert known_identifiers(person(name=None, phone=""), COLUMNS) == ()


def test_null_nothing_is_found_in_nothing():
    assert find_identifiers([]) == ()
    assert find_identifiers(["", "   ", "..."]) == ((), (), ())


def test_a_very_long_turn_is_read_through():
    turn = "i slept badly " * 4_000 + "my sister is nicole kowalczyk"
    assert found(turn) == [[("PERSON", "nicole kowalczyk")]]
    assert find_identifiers(["x" * 100_000])[0] == ()


@pytest.mark.realdata
@pytest.mark.slow
def test_counselling_transcripts_are_hardly_touched(real_data):
    with (real_data / "annomi" / "AnnoMI-simple.csv").open(encoding="utf-8", newline="") as rows:
        turns = [row["utterance_text"] for row in csv.DictReader(rows)]
    for heard in (False, True):
        said = [t.lower() for t in turns[:4000]] if heard else turns[:4000]
        spans = find_identifiers(said)
        touched = sum(
            len(turn[s.start : s.end].split())
            for turn, one in zip(said, spans, strict=True)
            for s in merge_spans(one)
        )
        assert touched <= 0.02 * sum(len(turn.split()) for turn in said)


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.parametrize("heard", [False, True])
def test_names_in_template_sentences_are_found(real_data, heard):
    path = real_data / "pii" / "presidio_synth_v2.json"
    hits = total = 0
    for row in json.loads(path.read_text(encoding="utf-8"))[:500]:
        text = row["full_text"].lower() if heard else row["full_text"]
        if len(text) != len(row["full_text"]):
            continue
        covered = {
            i
            for s in merge_spans(find_identifiers([text])[0], DIRECT)
            for i in range(s.start, s.end)
        }
        for gold in row["spans"]:
            if gold["entity_type"] == "PERSON":
                letters = range(gold["start_position"], gold["end_position"])
                total += 1
                hits += all(i in covered for i in letters if text[i].isalnum())
    assert hits >= 0.85 * total
