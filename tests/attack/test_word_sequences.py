"""Five words in a row: what is a quotation, and whose."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mindveil.attack.word_sequences import LENGTH, quoted, sequences, transcripts
from mindveil.corpus.model import Corpus, Participant, Session, Turn

SAID = (
    ("I have not really slept well since June.",),
    ("I have not really slept at all.", "The dog barks."),
    ("Yes.",),
)


def test_sequences_by_hand():
    assert list(sequences("We don’t, 3 times, GO out any_more")) == [
        ("we", "don't", "times", "go", "out"),
        ("don't", "times", "go", "out", "any"),
        ("times", "go", "out", "any", "more"),
    ]
    assert not list(sequences("only four words here"))


def test_what_two_have_said_quotes_neither():
    assert quoted(["... i have not really slept"], SAID).tolist() == [False, False, False]
    assert quoted(["not really slept well since"], SAID).tolist() == [True, False, False]
    assert quoted(["NOT - really - slept, at all"], SAID).tolist() == [False, True, False]


def test_turns_are_not_run_together_and_texts_neither():
    assert not quoted(["slept at all the dog barks"], SAID)[1]
    assert not quoted(["not really slept", "well since June"], SAID).any()


@given(st.lists(st.sampled_from("abcdefgh"), min_size=LENGTH, max_size=12))
def test_whoever_is_quoted_in_full_is_found(letters):
    words = " ".join(f"word{c}" for c in letters).replace("word", "w")
    assert quoted([f"<p>{words}</p>"], [(words,)]).all()


def test_only_the_participant_is_read():
    visit = Session(
        session_id="01",
        transcript=(
            Turn(speaker="interviewer", text="How?"),
            Turn(speaker="participant", text="A"),
        ),
    )
    people = (Participant(participant_id="P", sessions=(visit,)),)
    assert transcripts(Corpus(name="c", participants=people)) == [("A",)]
