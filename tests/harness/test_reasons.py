"""What may be stored about a fault: never a file, a folder or a person."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.model import Corpus, MediaFile, Participant, Session
from mindveil.harness.reasons import UNSAID, sayable


def corpus(*ids: str, file: str = "Anna Nowak_voice.flac") -> Corpus:
    media = {"voice": (MediaFile(path=Path("/home/ward7") / file),)}
    visit = Session(session_id="2024-05-01", media=media)
    people = tuple(Participant(participant_id=i, sessions=(visit,)) for i in ids)
    return Corpus(name="toy", participants=people)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("Anna Nowak_voice.flac: the file is cut off", "a recording: the file is cut off"),
        ("sub-K7_ses-2_words.tsv: line 3 is broken", "a recording: line 3 is broken"),
        ("in sub-K7/ses-2/voice: nothing", "in a recording: nothing"),
        ("participant K7, session 2024-05-01: too long", UNSAID),
        ("/home/ward7/run exists and is not an empty folder", UNSAID),
        ("scales/anonymise k = 3, but there are 2 people; lower k", None),
        ("ran longer than 60 minutes", None),
        ("ValueError in work.py:12", None),
        ("face/mask: shape is box, ellipse, whole, not 'round'", None),
    ],
)
def test_a_sentence_keeps_all_but_names(fault, said):
    assert sayable(fault, corpus("K7", "K8")) == (fault if said is None else said)


@pytest.mark.parametrize(
    ("fault", "stored"),
    [
        ("scales/anonymise k = 3, but there are 2 people", True),
        ("participant 3, session 1: too long", False),
        ("person 3: too long", False),
    ],
)
def test_an_id_that_is_a_small_number_names_somebody_after_such_a_word(fault, stored):
    assert sayable(fault, corpus("1", "2", "3")) == (fault if stored else UNSAID)


@given(
    name=st.from_regex(r"[A-Z][A-Za-z0-9-]{3,11}", fullmatch=True),
    before=st.sampled_from(["", "participant ", "sub-", "about ", "in /tmp/", "("]),
    after=st.sampled_from(["", ": broken", "_ses-1_voice.flac: broken", ", session 2", ")"]),
)
def test_an_id_is_never_stored(name, before, after):
    said = sayable(f"{before}{name}{after}", corpus(name, file=f"sub-{name}_ses-1_voice.flac"))
    assert name not in said or name in UNSAID
