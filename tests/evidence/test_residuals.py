"""Identifiers left readable: every mention, half a name, and the words lost beside them."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.attack.base import Reading
from mindveil.corpus.model import Corpus, Entity, Participant, Session, Turn
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import clopper_pearson
from mindveil.evidence.measured import Truth
from mindveil.evidence.residuals import measure_residuals

ANNA, MARK = "direct:Anna", "direct:Mark"


def session(*turns):
    """Return a session; each turn is a text and what in it names something (``role:words``)."""
    entities = []
    for number, (text, *named) in enumerate(turns):
        sought = dict.fromkeys(named, 0)
        for name in named:
            role, _, words = name.partition(":")
            start = text.index(words, sought[name])
            sought[name] = start + len(words)
            entities.append(
                Entity(turn=number, start=start, end=start + len(words), type="x", role=role,
                       entity=words.lower())
            )  # fmt: skip
    return Session(
        session_id="1",
        transcript=tuple(Turn(speaker="participant", text=text) for text, *_ in turns),
        entities=tuple(entities),
    )


def person(name, *sessions):
    return Participant(participant_id=name, sessions=sessions)


def measured(released, readings, absent=()):
    """Return the figures of one fold: people, and the turns that each one's record shows."""
    truth = Truth(
        person_of={f"r-{p.participant_id}": p.participant_id for p in released},
        released=Corpus(name="made", participants=tuple(released)),
        absent=Corpus(name="made", participants=tuple(absent)),
    )
    reading = Reading(
        records={
            f"r-{p.participant_id}": tuple(tuple(turns) for turns in sessions)
            for p, sessions in zip(released, readings, strict=True)
        }
    )
    return {m.metric: m for m in measure_residuals([(reading, truth)], np.random.default_rng(0))}


def named(turns, shown, absent=()):
    """Return whether one person is still named; a second one, well hidden, stands beside her."""
    other = person("q", session(("I am Zoltan", "direct:Zoltan")))
    seen = measured([person("p", session(*turns)), other], [[shown], [["I am X"]]], absent)
    return seen["success"].estimate.value > 0


def test_people_by_hand():
    people = [
        person("a", session(("I am Anna", ANNA), ("born in Paris", "quasi:Paris"))),
        person("b", session(("Mark here", MARK), ("from Rome", "quasi:Rome"))),
        person("c", session(("Zoe speaking", "direct:Zoe"), ("near Oslo", "quasi:Oslo"))),
    ]
    shown = [
        [["I am X", "born in Paris"]],  # the town is left
        [["Mark here", "from Y"]],  # the name is left
        [["X speaking", "near"]],  # nothing is left
    ]
    seen = measured(people, shown)
    assert seen["success"].estimate == clopper_pearson(1, 3)
    assert seen["recall-direct"].estimate.value == pytest.approx(2 / 3)
    assert seen["recall-quasi"].estimate.value == pytest.approx(2 / 3)
    # I am, born in; here, from; speaking, near: all eight plain words stand.
    assert seen["over-redaction"].estimate.value == 0.0
    assert seen["success"].control is None
    assert (seen["success"].baseline, seen["advantage"].baseline) == (0.0, 0.0)
    assert seen["advantage"].note == "success above its baseline"


@pytest.mark.parametrize(
    ("shown", "still_named"),
    [
        (["Anna and Anna"], True),
        (["X and Anna"], True),  # one mention left is not hidden
        (["Anna and X"], True),
        (["X and X"], False),
        (["X and ANNA"], True),  # in capitals it is the same name
        (["X and Hannah"], False),
    ],
)
def test_a_thing_is_hidden_only_if_every_mention_is(shown, still_named):
    assert named([("Anna and Anna", ANNA, ANNA)], shown) is still_named


def test_a_mention_in_another_turn_or_session_counts_as_well():
    turns = [("I am Anna", ANNA), ("call me Anna", ANNA)]
    assert named(turns, ["I am X", "call me Anna"])
    assert not named(turns, ["I am X", "call me X"])
    twice = person("p", session(("I am Anna", ANNA)), session(("Anna again", ANNA)))
    other = person("q", session(("Zoltan", "direct:Zoltan")))
    seen = measured([twice, other], [[["I am X"], ["Anna again"]], [["X"]]])
    assert seen["success"].estimate == clopper_pearson(1, 2)
    assert seen["recall-direct"].estimate.value == pytest.approx(1 / 2)


@pytest.mark.parametrize(
    ("shown", "still_named"),
    [
        (["I am Anna X"], True),
        (["I am X Kowalska"], True),
        (["I am X"], False),
        (["I am X Kowalsky"], False),
    ],
)
def test_half_a_name_is_a_name(shown, still_named):
    assert named([("I am Anna Kowalska", "direct:Anna Kowalska")], shown) is still_named


def test_two_letters_are_no_name():
    turns = [("I am Al Kowalski", "direct:Al Kowalski")]
    assert not named(turns, ["I am Al X"])
    assert named(turns, ["I am X Kowalski"])
    assert named([("it is Bo", "direct:Bo")], ["it is Bo"])  # unless they are all there is


def test_turns_are_compared_one_by_one():
    # Over both turns "may" stands as often as it was said beside the name.
    turns = [("I may go",), ("May called", "direct:May")]
    assert named(turns, ["I go", "May called"])
    assert not named(turns, ["I may go", "X called"])


def test_words_that_every_address_has_do_not_tell():
    turns = [("at 12 Elm Street", "direct:12 Elm Street")]
    assert not named(turns, ["at some street"])
    assert named(turns, ["at Elm"])
    assert named([("the Clinic", "direct:Clinic")], ["the Clinic"])  # unless it is all there is


def test_a_name_that_is_also_a_word_is_counted_apart():
    turns = [("may I say that May came", "direct:May")]
    assert not named(turns, ["may I say that X came"])
    assert named(turns, ["may I say that May came"])


def test_a_name_in_the_genitive_is_found():
    assert not named([("Anna's dog", ANNA)], ["X's dog"])
    assert named([("Anna's dog", ANNA)], ["Anna's dog"])


def test_marks_without_words_cannot_be_read():
    assert not named([("call *** now", "direct:***")], ["call *** now"])


def test_things_that_share_a_word_are_both_read_where_it_stands():
    turns = [("Anna Bell and Tom Bell", "direct:Anna Bell", "direct:Tom Bell")]
    other = person("q", session(("Zoltan", "direct:Zoltan")))
    for shown, hidden in ((["X and Tom Bell"], 0), (["X and Y"], 2), (["Anna X and Y"], 1)):
        seen = measured([person("p", session(*turns)), other], [[shown], [["X"]]])
        assert seen["recall-direct"].estimate.value == pytest.approx((hidden + 1) / 3), shown


def test_words_lost_beside_identifiers_are_counted():
    turns = [("well I met Anna in town today", ANNA), ("so so tired",)]
    other = person("q", session(("I am Zoltan", "direct:Zoltan")))
    shown = ["well I met X in Y", "so tired"]  # town, today and one "so" are gone
    seen = measured([person("p", session(*turns)), other], [[shown], [["I am X"]]])
    assert seen["over-redaction"].estimate.value == pytest.approx(3 / (6 + 3 + 2))


def test_merged_turns_and_dropped_sessions_are_read_as_one_page():
    turns = [("I am Anna", ANNA), ("from Paris", "quasi:Paris")]
    other = person("q", session(("I am Zoltan", "direct:Zoltan")))
    merged = measured([person("p", session(*turns)), other], [[["I am X from Paris"]], [["I am"]]])
    assert merged["success"].estimate.value == 0.0
    assert merged["over-redaction"].estimate.value == 0.0
    assert "recall-quasi" not in merged  # one person alone has a town
    left = measured([person("p", session(*turns)), other], [[["I am Anna from X"]], [["I am"]]])
    assert left["success"].estimate.value == 0.5
    two = person("p", session(*turns), session(("Anna again", ANNA)))
    dropped = measured([two, other], [[["Anna again"]], [["I am"]]])
    assert dropped["success"].estimate == clopper_pearson(1, 2)
    assert dropped["over-redaction"].estimate.value == pytest.approx(3 / (4 + 2))


def test_a_release_without_words_hides_all_and_loses_all():
    people = [person(n, session((f"I am {n}", f"direct:{n}"))) for n in ("Anna", "Mark")]
    seen = measured(people, [[], []])
    assert seen["success"].estimate == clopper_pearson(0, 2)
    assert seen["recall-direct"].estimate.value == 1.0
    assert seen["recall-direct"].estimate.low < 0.2  # two people show little
    assert seen["over-redaction"].estimate.value == 1.0


def test_the_control_looks_for_absent_people_among_what_can_be_read():
    people = [
        person("a", session(("I am Anna", ANNA))),
        person("b", session(("Mark here, may I", MARK))),
    ]
    absent = [
        person("x", session(("Anna too", ANNA))),  # readable in one of two records
        person("y", session(("I am May", "direct:May"))),  # "may" is said there, and names nobody
        person("z", session(("nothing",))),  # has no identifier: no control
        person("w", session(("near Anna", "quasi:Anna"))),  # nor one that names her alone
    ]
    seen = measured(people, [[["I am Anna"]], [["Mark here, may I"]]], absent)
    assert seen["success"].control == clopper_pearson(0.5, 2)
    assert seen["success"].estimate.value == 1.0
    gone = measured(people, [[["I am X"]], [["Y here, may I"]]], absent)
    assert gone["success"].control == clopper_pearson(0, 2)
    assert gone["advantage"].note == "success above its control"


def test_people_without_annotations_are_not_counted_as_hidden():
    people = [
        person("a", session(("I am Anna", ANNA))),
        person("b", session(("I am Mark", MARK))),
        person("c", session(("no name here",))),
        person("d"),
    ]
    seen = measured(people, [[["I am Anna"]], [["I am X"]], [["no name here"]], []])
    assert seen["success"].estimate == clopper_pearson(1, 2)


def test_without_annotated_identifiers_nothing_can_be_told():
    people = [person("a", session(("I am Anna", ANNA))), person("b", session(("hello",)))]
    with pytest.raises(InvalidMeasurement, match="annotated identifiers"):
        measured(people, [[["I am"]], [["hello"]]])


def test_folds_are_pooled_by_person():
    people = [person(n, session((f"I am {n}", f"direct:{n}"))) for n in ("Anna", "Mark")]
    truth = Truth(
        person_of={"r1": "Anna", "r2": "Mark"},
        released=Corpus(name="made", participants=tuple(people)),
        absent=Corpus(name="made", participants=()),
    )
    folds = [
        (Reading(records={"r1": (("I am Anna",),), "r2": (("I am",),)}), truth),
        (Reading(records={"r1": (("I am",),)}), truth),
    ]
    seen = {m.metric: m for m in measure_residuals(folds, np.random.default_rng(0))}
    assert seen["success"].estimate == clopper_pearson(0.5, 2)  # Anna in one of two folds
    assert seen["recall-direct"].estimate.value == pytest.approx(1.5 / 2)


def test_the_original_names_everybody_and_counts_no_word_as_lost():
    people = [
        person(n, session((f"hello, {n} here", f"direct:{n}"))) for n in ("Anna", "Mark", "Zoe")
    ]
    shown = [[[t.text for t in p.sessions[0].transcript]] for p in people]
    seen = measured(people, shown)
    assert seen["success"].estimate == clopper_pearson(3, 3)
    assert seen["recall-direct"].estimate.value == 0.0
    assert seen["recall-direct"].estimate.high == clopper_pearson(0, 3).high
    assert seen["over-redaction"].estimate.value == 0.0


def test_the_order_of_records_changes_nothing():
    people = [person(n, session((f"I am {n} from Ulm", f"direct:{n}", "quasi:Ulm")))
              for n in ("Anna", "Mark", "Zoe", "Tom")]  # fmt: skip
    absent = [person("x", session(("Zoe too", "direct:Zoe")))]
    shown = [[["I am Anna"]], [["I am from"]], [["am Zoe from Ulm"]], [["I"]]]
    assert measured(people, shown, absent) == measured(people[::-1], shown[::-1], absent)
