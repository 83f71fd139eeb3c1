from __future__ import annotations

from pathlib import Path

import pytest

from mindveil.corpus.checks import check_corpus
from mindveil.corpus.imports.annomi import AnnoMI
from mindveil.corpus.imports.base import Imported
from mindveil.corpus.imports.sources import IMPORTERS
from mindveil.corpus.manifest import load_corpus
from mindveil.corpus.model import Turn
from mindveil.errors import InputError

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the real data folder is missing")

HEADER = (
    "transcript_id,mi_quality,video_title,video_url,topic,utterance_id,interlocutor,timestamp,"
    "utterance_text,main_therapist_behaviour,client_talk_type\n"
)


def dialogue(number: int, video: str, speakers: str) -> str:
    names = {"t": "therapist", "c": "client"}
    return "".join(
        f"{number},high,Title,{video},smoking,{n},{names[who]},00:01:{n:02d},turn {n},x,y\n"
        for n, who in enumerate(speakers)
    )


MADE_UP = HEADER + dialogue(0, "u", "tctcc") + dialogue(1, "v", "tc") + dialogue(7, "u", "ctct")


def read(tmp_path, text: str = MADE_UP, **options: object) -> Imported:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    return AnnoMI().read(tmp_path / "a.csv", options)


def test_dialogues_by_hand(tmp_path):
    corpus = read(tmp_path).corpus
    assert corpus.ids == ("T000", "T001", "T007")
    first, short, last = corpus.participants
    assert first.attributes == {"topic": "smoking", "mi_quality": "high"}
    assert [s.session_id for s in first.sessions] == ["01", "02"]
    assert first.sessions[0].transcript == (
        Turn(speaker="interviewer", text="turn 0", start=60.0),
        Turn(speaker="participant", text="turn 1", start=61.0),
    )
    assert len(first.sessions[1].transcript) == 3
    assert [len(s.transcript) for s in short.sessions] == [2]  # the client speaks in one half only
    assert [len(s.transcript) for s in last.sessions] == [2, 2]
    assert (corpus.columns["topic"].role, corpus.columns["mi_quality"].role) == ("quasi", "other")
    assert "people are dialogues, and some dialogues come from one video" in corpus.pseudo_sessions


def test_dialogues_of_a_video_can_be_one_person(tmp_path):
    corpus = read(tmp_path, person="video").corpus
    assert corpus.ids == ("V001", "V002")
    assert [len(s.transcript) for s in corpus.participants[0].sessions] == [2, 3, 2, 2]
    assert "people are videos" in corpus.pseudo_sessions


def test_short_dialogues_can_stay_out(tmp_path):
    made = read(tmp_path, minimum_utterances=2)
    assert made.corpus.ids == ("T000", "T007")
    assert made.notes[-1] == "dialogues left out as too short: 1"
    with pytest.raises(InputError, match="no dialogue has 9 utterances of the client"):
        read(tmp_path, minimum_utterances=9)


def test_what_was_imported_is_a_corpus_without_errors(tmp_path):
    made = read(tmp_path)
    made.save(tmp_path / "c")
    assert load_corpus(tmp_path / "c") == made.corpus
    assert {f.kind for f in check_corpus(tmp_path / "c")} == {"one-session"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (MADE_UP.replace("topic", "topik"), "no column 'topic'; did you mean 'topik'?"),
        (MADE_UP.replace("client,", "Ann,", 1), "line 3: interlocutor is neither client nor"),
        (MADE_UP.replace("\n0,", "\nx,", 1), "line 2: transcript_id is no number"),
    ],
)
def test_faults_of_the_file(tmp_path, text, words):
    with pytest.raises(InputError) as raised:
        read(tmp_path, text)
    assert words in str(raised.value)
    assert "Ann" not in str(raised.value)


def test_unknown_options_are_refused(tmp_path):
    with pytest.raises(InputError, match="did you mean 'minimum_utterances'"):
        read(tmp_path, minimum_utterance=2)
    with pytest.raises(InputError, match="person must be one of: transcript or video"):
        read(tmp_path, person="video_url")
    assert isinstance(IMPORTERS["annomi"], AnnoMI)


@real
@pytest.mark.realdata
def test_the_published_file(tmp_path):
    source = DATA / "annomi" / "AnnoMI-simple.csv"
    everything = AnnoMI().read(source, {}).corpus
    assert len(everything.participants) == 133
    assert sum(len(s.transcript) for p in everything.participants for s in p.sessions) == 9699
    assert all(
        t.start is not None
        for p in everything.participants
        for s in p.sessions
        for t in s.transcript
    )
    assert len(AnnoMI().read(source, {"person": "video"}).corpus.participants) == 119
    long = AnnoMI().read(source, {"minimum_utterances": 20})
    assert len(long.corpus.participants) == 76  # as the data's README says
    assert {len(p.sessions) for p in long.corpus.participants} == {2}
    long.save(tmp_path / "c")
    assert load_corpus(tmp_path / "c") == long.corpus
    assert [f for f in check_corpus(tmp_path / "c") if f.severity == "error"] == []
