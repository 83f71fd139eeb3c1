"""What an adversary holds of a person's visits, and what stands for the release."""

from __future__ import annotations

from pathlib import Path

import pytest

from mindveil.attack.visits import divided, probe_visits, recordings_at, visits_with
from mindveil.corpus.model import Corpus, MediaFile, Participant, Session, Turn


def visit(number, voices=0, *, words=True):
    media = tuple(MediaFile(path=Path(f"/v/{number}_{i}_voice.flac")) for i in range(voices))
    said = (Turn(speaker="participant", text="so"),) if words else ()
    return Session(
        session_id=f"{number:02d}", transcript=said, media={"voice": media} if media else {}
    )


@pytest.mark.parametrize(
    ("needs", "recordings"), [(["voice"], 3), (["text"], 1), (["text", "voice"], 1), ([], 3)]
)
def test_recordings_of_a_visit(needs, recordings):
    """Three recordings and one transcript: what both need is there once, the most is three."""
    assert recordings_at(visit(1, 3), needs) == recordings


@pytest.mark.parametrize(("recordings", "count"), [(1, 1), (2, 2), (9, 2)])
def test_where_nothing_in_particular_is_needed_the_last_visits_are_pooled(recordings, count):
    assert probe_visits([visit(1, 5), visit(2), visit(3)], (), recordings) == count


def test_visits_with_nothing_are_no_visits():
    person = Participant(participant_id="a", sessions=(visit(1, words=False), visit(2)))
    assert [s.session_id for s in visits_with(person, ())] == ["02"]
    assert visits_with(person, ["voice"]) == ()


def test_people_with_one_visit_are_left_out():
    once = Participant(participant_id="a", sessions=(visit(1),))
    thrice = Participant(participant_id="b", sessions=(visit(1), visit(2), visit(3)))
    later, earlier = divided(Corpus(name="toy", participants=(once, thrice)), 1)
    assert later.ids == earlier.ids == ("b",)
    assert [s.session_id for s in later.participants[0].sessions] == ["03"]
    assert [s.session_id for s in earlier.participants[0].sessions] == ["01", "02"]
