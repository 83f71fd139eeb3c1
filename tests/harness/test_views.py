"""Who sees which recordings: the last ones are released, what came before is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from tests.harness.toys import Bare, stage

from mindveil.corpus.model import Corpus, MediaFile, Participant, Session
from mindveil.harness.views import probe_visits, view


def visit(number: int, runs: int) -> Session:
    files = tuple(MediaFile(path=Path(f"{number}-{run}_voice.flac")) for run in range(runs))
    return Session(session_id=f"{number:02d}", media={"voice": files})


@pytest.mark.parametrize(
    ("runs", "recordings", "probes"),
    [
        ((30, 30), 1, 1),  # two sentences, thirty takes each: the second is asked about
        ((30, 30), 5, 1),
        ((1, 1, 1, 1), 1, 1),
        ((1, 1, 1, 1), 2, 2),
        ((1, 1, 1, 1), 9, 3),  # the first visit is always the enrolment
        ((5, 2, 2), 3, 2),
        ((5,), 1, 0),  # nothing earlier to enrol on
    ],
)
def test_the_last_visits_are_pooled_until_there_are_enough_recordings(runs, recordings, probes):
    visits = [visit(n, count) for n, count in enumerate(runs, 1)]
    assert probe_visits(visits, ["voice"], recordings) == probes


class Listener:
    name: ClassVar[str] = "voice/toy"
    needs: ClassVar[frozenset[str]] = frozenset({"voice"})
    holding: ClassVar[str] = "earlier-sessions"


def speakers(count: int) -> Corpus:
    people = [
        Participant(participant_id=f"P{i:02d}", sessions=(visit(1, 3), visit(2, 3)))
        for i in range(count)
    ]
    return Corpus(name="toy", participants=tuple(people))


def test_no_recording_is_on_both_sides():
    corpus = speakers(20)
    shown = stage(corpus, np.random.default_rng(1))
    seen = view(Bare(corpus), Listener(), 2, shown)
    released = {
        f.path.name
        for p in seen.release.corpus.participants
        for s in p.sessions
        for f in s.files("voice")
    }
    known = {
        f.path.name for p in seen.known.participants for s in p.sessions for f in s.files("voice")
    }
    assert released == {"2-0_voice.flac", "2-1_voice.flac", "2-2_voice.flac"}
    assert known == {"1-0_voice.flac", "1-1_voice.flac", "1-2_voice.flac"}
    assert seen.recordings == 2


def test_public_people_teach_and_are_never_targets():
    corpus, bare = speakers(20), Bare(speakers(20))
    others = [
        replace(p, participant_id=f"public-{p.participant_id}") for p in speakers(6).participants
    ]
    silent = Participant(participant_id="public-silent", sessions=(Session(session_id="01"),))
    bare.public = Corpus(name="public", participants=(*others, silent))
    seen = view(bare, Listener(), 1, stage(corpus, np.random.default_rng(1)))
    taught = {i for i in seen.reference.ids if i.startswith("public-")}
    assert taught == {p.participant_id for p in others}
    assert not any(i.startswith("public-") for i in seen.known.ids)
    assert not any(p.startswith("public-") for p in seen.truth.person_of.values())
