"""What a detector sees: the participant's words at the right visit, and no item of the target."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mindveil.corpus.model import Column, Corpus, Participant, Response, Session, Turn
from mindveil.features.cases import cases_of, design
from mindveil.utility.detection import Detection


def visit(name, words, **answers):
    turns = (
        Turn(speaker="interviewer", text="so how depressed are you"),
        Turn(speaker="participant", text=words),
    )
    responses = {tool: Response(items=items) for tool, items in answers.items()}
    return Session(session_id=name, transcript=turns, responses=responses)


def person(name, age, *visits, town="a"):
    return Participant(
        participant_id=name, attributes={"age": age, "town": town, "name": "X"}, sessions=visits
    )


COLUMNS = {
    "age": Column(role="quasi", kind="number"),
    "town": Column(role="quasi", kind="nominal"),
    "name": Column(role="identifier", kind="nominal"),
}


def corpus(*people):
    return Corpus(name="toy", participants=people, columns=COLUMNS)


TWO = corpus(
    person("A", 30.0, visit("01", "first", phq9=(1,) * 9), visit("02", "last", phq9=(2,) * 9)),
    person("B", 50.0, visit("01", "only words")),
)


def test_the_latest_answers_and_the_words_of_that_visit():
    cases = cases_of(TWO, "phq9", None)
    assert cases.ids == ("A",)
    assert cases.totals.tolist() == [18.0]
    assert cases.documents == (("last",),)


def test_pseudo_sessions_are_read_together():
    cases = cases_of(replace(TWO, pseudo_sessions="halves"), "phq9", None)
    assert cases.documents == (("first", "last"),)


def test_interviewers_are_not_read():
    assert "depressed" not in " ".join(cases_of(TWO, "phq9", None).documents[0])


def names(tools, tool, subscale=None):
    answers = {t: (1,) * size for t, size in tools.items()}
    there = corpus(person("A", 30.0, visit("01", "x", **answers)))
    return {f.name for f in cases_of(there, tool, subscale).predictors}


def test_no_item_of_the_target_predicts_it_in_whatever_form():
    seen = names({"phq9": 9, "phq2": 2, "phq8": 8, "gad7": 7}, "phq9")
    assert seen == {"age", "town", *(f"gad7_{i:02d}" for i in range(1, 8))}


def test_of_a_subscale_the_other_scales_predict():
    seen = names({"dass42": 42, "dass21": 21}, "dass42", "depression")
    assert "dass42_03" not in seen
    assert "dass42_01" in seen
    assert not any(name.endswith("_total") for name in seen)
    # item 3 of the short form is item 3 of the long one
    assert "dass21_03" not in seen


def test_identifiers_never_predict():
    assert "name" not in names({"phq9": 9, "gad7": 7}, "phq9")


def test_both_groups_are_coded_by_the_training_people():
    learn = corpus(
        person("A", 20.0, visit("01", "x", gad7=(0,) * 7, phq9=(1,) * 9), town="a"),
        person("B", 40.0, visit("01", "x", gad7=(2,) * 7, phq9=(1,) * 9), town="b"),
    )
    check = corpus(person("C", 30.0, visit("01", "x", gad7=(1,) * 7, phq9=(1,) * 9), town="c"))
    one, two = design(cases_of(learn, "phq9", None), cases_of(check, "phq9", None))
    assert one.shape == (2, 10)
    assert two.shape == (1, 10)
    assert np.allclose(one.mean(axis=0)[[0]], 0)
    # exactly between the two, and from a town that nobody taught
    assert np.allclose(two, 0)


def test_a_detector_from_scales_finds_what_is_there(tmp_path):
    rng = np.random.default_rng(4)

    def someone(number):
        ill = number % 2
        gad = tuple(int(v) for v in np.clip(rng.normal(2 * ill + 0.5, 0.7, 7).round(), 0, 3))
        return person(f"P{number:03d}", 40.0, visit("01", "x", gad7=gad, phq9=(2 * ill,) * 9))

    people = [someone(i) for i in range(120)]
    found = Detection(target="phq9>=10", modality="scales").predict(
        corpus(*people[:80]), corpus(*people[80:]), rng
    )
    right = (found.predicted >= 0.5) == (found.truth > 0)
    assert right.mean() > 0.9
    assert set(found.ids) == {p.participant_id for p in people[80:]}
    assert np.allclose(found.guess, 0.5)
