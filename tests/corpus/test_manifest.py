from __future__ import annotations

import dataclasses
import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.corpus.broken import SOUND, sound

from mindveil.corpus.description import ToolSheet
from mindveil.corpus.manifest import content_digest, load_corpus, save_corpus
from mindveil.corpus.model import (
    Column,
    Corpus,
    Entity,
    MediaFile,
    Participant,
    Response,
    Session,
    Turn,
)
from mindveil.errors import InputError, RefusedError

HAND = Corpus(
    name="by hand",
    licence="CC0",
    language="en-GB",
    consent={"text": "open"},
    pseudo_sessions="halves",
    synthetic=True,
    columns={
        "age": Column(role="quasi", kind="number"),
        "sex": Column(role="quasi", kind="nominal", levels=("f", "m"), description="as told"),
        "note": Column(role="sensitive", kind="text"),
    },
    participants=(
        Participant(
            participant_id="B-2",
            attributes={"age": 34.5, "sex": "f", "note": '=1+1\t"x"\nnext'},
            sessions=(
                Session(
                    session_id="2",
                    transcript=(
                        Turn(speaker="interviewer", text="- And then?", start=0.0, end=1.25),
                        Turn(speaker="participant", text="I saw Ann, Ann Lee.\r\nYes."),
                        Turn(speaker="other", text=""),
                    ),
                    entities=(
                        Entity(turn=1, start=6, end=9, type="name", role="direct", entity="p1"),
                        Entity(turn=1, start=11, end=18, type="name", role="quasi", entity="p1"),
                    ),
                    responses={
                        "phq9": Response(items=(1, 2, None, 3, 0, 0, 1, 2, 3)),
                        "gad7": Response(total=12.0),
                    },
                ),
                Session(session_id="10", responses={"gad7": Response(items=(0,) * 7, total=0.0)}),
            ),
        ),
        Participant(
            participant_id="a_1",
            attributes={"age": "30-39", "sex": "f|m", "note": "*"},
            sessions=(
                Session(
                    session_id="2",
                    responses={"phq9": Response(items=("0-1", "*", "2|3", None, 0, 0, 0, 0, 0))},
                ),
            ),
        ),
        Participant(participant_id="03", attributes={"age": None, "sex": None, "note": None}),
    ),
)


def test_the_layout_is_that_of_the_contract(tmp_path):
    save_corpus(HAND, tmp_path / "c", truth=True)
    text = "sub-B-2/ses-2/text/sub-B-2_ses-2"
    files = {p.relative_to(tmp_path / "c").as_posix() for p in (tmp_path / "c").rglob("*.*")}
    assert files == {
        "dataset_description.json",
        "participants.tsv",
        "participants.json",
        "phenotype/phq9.tsv",
        "phenotype/gad7.tsv",
        f"{text}_transcript.tsv",
        f"{text}_entities.tsv",
    }
    read = {f: (tmp_path / "c" / f).read_bytes().decode() for f in files}
    assert json.loads(read["dataset_description.json"]) == {
        "name": "by hand",
        "format": 1,
        "licence": "CC0",
        "language": "en-GB",
        "consent": {"text": "open"},
        "pseudo_sessions": "halves",
        "synthetic": True,
    }
    assert json.loads(read["participants.json"])["sex"] == {
        "role": "quasi",
        "kind": "nominal",
        "levels": ["f", "m"],
        "description": "as told",
    }
    assert read["participants.tsv"] == (
        "participant_id\tage\tsex\tnote\n"
        'B-2\t34.5\tf\t"\'=1+1\t""x""\nnext"\n'
        "a_1\t30-39\tf|m\t*\n"
        "03\tn/a\tn/a\tn/a\n"
    )
    items = "\t".join(f"gad7_0{n}" for n in range(1, 8))
    assert read["phenotype/gad7.tsv"] == (
        f"participant_id\tsession_id\t{items}\tgad7_total\n"
        "B-2\t2\t" + "n/a\t" * 7 + "12\n"
        "B-2\t10\t" + "0\t" * 7 + "0\n"
    )
    assert read[f"{text}_transcript.tsv"] == (
        "turn\tstart\tend\tspeaker\ttext\n"
        "1\t0\t1.25\tinterviewer\t'- And then?\n"
        '2\tn/a\tn/a\tparticipant\t"I saw Ann, Ann Lee.\r\nYes."\n'
        "3\tn/a\tn/a\tother\t\n"
    )
    assert read[f"{text}_entities.tsv"] == (
        "turn\tstart\tend\ttype\trole\tentity\n"
        "2\t6\t9\tname\tdirect\tp1\n"
        "2\t11\t18\tname\tquasi\tp1\n"
    )


def test_what_was_saved_is_loaded(tmp_path):
    save_corpus(HAND, tmp_path / "c", truth=True)
    assert load_corpus(tmp_path / "c") == HAND


def test_everything_is_private(tmp_path):
    save_corpus(HAND, tmp_path / "c")
    for path in [tmp_path / "c", *(tmp_path / "c").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_annotated_identifiers_never_go_along_unasked(tmp_path):
    save_corpus(HAND, tmp_path / "c")
    assert not list((tmp_path / "c").rglob("*entities*"))
    (session, _) = load_corpus(tmp_path / "c").participants[0].sessions
    assert session.entities == ()
    assert len(session.transcript) == 3


def test_the_same_corpus_is_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        save_corpus(HAND, tmp_path / name)
    for path in (tmp_path / "a").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


def test_a_folder_written_by_hand_is_read(tmp_path):
    corpus = load_corpus(sound(tmp_path))
    first, second, third = corpus.participants
    assert [s.session_id for s in first.sessions] == ["01", "02"]
    assert first.attributes == {"age": 34.0, "sex": "female"}
    assert second.attributes == {"age": None, "sex": "male"}
    assert first.latest("phq9") == Response(items=(1,) * 9, total=9.0)
    assert second.latest("phq9") == Response(total=12.0)
    assert third.latest("phq9") == Response(items=(*(0,) * 8, None))
    assert first.sessions[0].transcript[0] == Turn(
        speaker="interviewer", text="How are you?", start=0.0, end=1.5
    )


def test_prefixes_of_bids_are_taken_off(tmp_path):
    people = SOUND["participants.tsv"].replace("P0", "sub-P0")
    rows = SOUND["phenotype/phq9.tsv"].replace("P02\t01", "sub-P02\tses-01")
    root = sound(tmp_path, **{"participants.tsv": people, "phenotype/phq9.tsv": rows})
    assert load_corpus(root) == load_corpus(sound(tmp_path / "plain"))


def test_sessions_keep_their_order_where_names_do_not_tell_it(tmp_path):
    turns = (Turn(speaker="participant", text="x"),)
    for names in (["post", "pre"], ["2", "1"], ["pre", "post"], ["1", "2", "10"]):
        sessions = tuple(Session(session_id=n, transcript=turns) for n in names)
        corpus = Corpus(
            name="x", participants=(Participant(participant_id="P", sessions=sessions),)
        )
        place = tmp_path / "-".join(names)
        save_corpus(corpus, place)
        assert load_corpus(place) == corpus
        assert (place / "sessions.tsv").exists() == (names != ["1", "2", "10"])


def test_an_empty_session_stays(tmp_path):
    sessions = (Session(session_id="1"), Session(session_id="2"))
    corpus = Corpus(name="x", participants=(Participant(participant_id="P", sessions=sessions),))
    save_corpus(corpus, tmp_path / "c")
    assert load_corpus(tmp_path / "c") == corpus


def recorded(*paths: Path) -> tuple[MediaFile, ...]:
    return tuple(MediaFile(path=path) for path in paths)


def with_media(folder: Path) -> Corpus:
    for name in ("anna_1.flac", "anna_2.flac", "x_landmarks.parquet", "photo.PNG"):
        (folder / name).write_bytes(name.encode())
    session = Session(
        session_id="1",
        media={
            "voice": recorded(folder / "anna_1.flac", folder / "anna_2.flac"),
            "face": recorded(folder / "photo.PNG", folder / "x_landmarks.parquet"),
        },
    )
    person = Participant(participant_id="P", sessions=(session,))
    return Corpus(name="x", participants=(person,))


def test_media_are_copied_under_names_of_the_layout(tmp_path):
    corpus = with_media(tmp_path)
    save_corpus(corpus, tmp_path / "c")
    session = tmp_path / "c" / "sub-P" / "ses-1"
    (loaded,) = load_corpus(tmp_path / "c").participants[0].sessions
    assert loaded.media == {
        "voice": tuple(
            MediaFile(path=session / f"voice/sub-P_ses-1_run-0{n}_voice.flac", run=n)
            for n in (1, 2)
        ),
        "face": recorded(
            session / "face/sub-P_ses-1_face.png",
            session / "face/sub-P_ses-1_landmarks.parquet",
        ),
    }
    assert loaded.media["voice"][1].path.read_bytes() == b"anna_2.flac"
    assert not list((tmp_path / "c").rglob("*anna*"))
    assert content_digest(load_corpus(tmp_path / "c")) != content_digest(corpus)  # .PNG, .png
    save_corpus(load_corpus(tmp_path / "c"), tmp_path / "d")
    both = [content_digest(load_corpus(tmp_path / name)) for name in ("c", "d")]
    assert both[0] == both[1]


def test_media_keep_their_order_and_what_was_asked_for_in_them(tmp_path):
    tasks = ("sad", "happy", "sad", "")
    files = []
    for number, task in enumerate(tasks):
        path = tmp_path / f"{number}.wav"
        path.write_bytes(bytes([number]))
        files.append(MediaFile(path=path, task=task))
    session = Session(session_id="1", media={"voice": tuple(files)})
    person = Participant(participant_id="P", sessions=(session,))
    save_corpus(Corpus(name="x", participants=(person,)), tmp_path / "c")
    (loaded,) = load_corpus(tmp_path / "c").participants[0].sessions
    assert [f.task for f in loaded.files("voice")] == list(tasks)
    assert [f.path.read_bytes()[0] for f in loaded.files("voice", "audio")] == [0, 1, 2, 3]
    assert loaded.files("voice")[1].path.name == "sub-P_ses-1_task-happy_run-02_voice.wav"
    assert loaded.recordings("voice") == 4
    odd = replace(session, media={"voice": (MediaFile(path=files[0].path, task="no good"),)})
    with pytest.raises(InputError, match="use letters and digits alone"):
        save_corpus(of(replace(person, sessions=(odd,))), tmp_path / "d")


def test_the_words_of_a_recording_keep_its_run(tmp_path):
    for number in (1, 2, 3):
        (tmp_path / f"{number}.flac").write_bytes(bytes([number]))
    (tmp_path / "a_words.tsv").write_text("word\tstart\tend\n")
    voices = tuple(MediaFile(path=tmp_path / f"{n}.flac", run=n) for n in (1, 2, 3))
    words = (MediaFile(path=tmp_path / "a_words.tsv", run=2),)
    session = Session(session_id="1", media={"voice": voices, "text": words})
    save_corpus(of(Participant(participant_id="P", sessions=(session,))), tmp_path / "c")
    (loaded,) = load_corpus(tmp_path / "c").participants[0].sessions
    assert [f.run for f in loaded.files("voice")] == [1, 2, 3]
    assert loaded.files("text")[0].path.name == "sub-P_ses-1_run-02_words.tsv"
    twice = replace(session, media={"voice": (voices[0], replace(voices[1], run=1))})
    save_corpus(of(Participant(participant_id="P", sessions=(twice,))), tmp_path / "d")
    (loaded,) = load_corpus(tmp_path / "d").participants[0].sessions
    assert [f.run for f in loaded.files("voice")] == [1, 2], "two of one number are counted anew"


def test_media_that_are_gone_or_of_no_known_type_are_refused(tmp_path):
    corpus = with_media(tmp_path)
    (tmp_path / "anna_2.flac").unlink()
    with pytest.raises(InputError, match=r"run-02_voice\.flac: the media file to copy is missing"):
        save_corpus(corpus, tmp_path / "c")
    with pytest.raises(InputError, match=r"anna_2.flac cannot be read"):
        content_digest(corpus)
    session = Session(session_id="1", media={"voice": recorded(tmp_path / "anna.xyz")})
    person = Participant(participant_id="P", sessions=(session,))
    with pytest.raises(InputError, match=r"a voice file of type .xyz has no place"):
        save_corpus(Corpus(name="x", participants=(person,)), tmp_path / "c")
    assert not (tmp_path / "c").exists()


def of(person: Participant, **about: object) -> Corpus:
    return replace(Corpus(name="x", participants=(person,)), **about)  # type: ignore[arg-type]


def spoken(text: str, session: str = "1") -> Participant:
    turns = (Turn(speaker="participant", text=text),)
    return Participant(
        participant_id="P", sessions=(Session(session_id=session, transcript=turns),)
    )


@pytest.mark.parametrize(
    ("corpus", "words"),
    [
        (of(Participant(participant_id="../x")), "an id is a path that leads up"),
        (of(Participant(participant_id="Ann Lee")), "an id may hold letters"),
        (of(Participant(participant_id="sub-1")), "begins with sub-"),
        (of(spoken("a", "a/b")), "an id may hold letters"),
        (of(spoken("a\x00b")), "holds a NUL character"),
        (of(spoken("a\ud800")), "half a character"),
        (of(spoken("a" * 140_000)), "a turn has more than 131,072 characters"),
        (of(Participant(participant_id="P", attributes={"age": float("inf")})), "is infinite"),
        (of(Participant(participant_id="P", attributes={"": 1.0})), "column '' cannot be written"),
        (
            of(Participant(participant_id="P", attributes={"participant_id": "x"})),
            "column 'participant_id' cannot be written",
        ),
        (of(spoken("a"), consent={"smell": "no"}), "consent.smell must be one of"),
        (of(spoken("a"), name=""), "name: string should have at least 1 character"),
        (of(spoken("a"), language="english!"), "language: string should match"),
        (
            of(
                Participant(
                    participant_id="P",
                    sessions=(Session(session_id="1", responses={"../t": Response(total=1.0)}),),
                )
            ),
            "is no file name",
        ),
        (
            of(Participant(participant_id="P", sessions=(Session(session_id="1"),) * 2)),
            "two sessions have the same id",
        ),
        (
            Corpus(name="x", participants=(Participant(participant_id="P"),) * 2),
            "participant P occurs twice",
        ),
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_is_left(tmp_path, corpus, words):
    with pytest.raises(InputError, match=words):
        save_corpus(corpus, tmp_path / "c")
    assert list(tmp_path.iterdir()) == []


def test_a_taken_place_is_refused(tmp_path):
    save_corpus(HAND, tmp_path / "c")
    with pytest.raises(InputError, match="not an empty folder"):
        save_corpus(HAND, tmp_path / "c")


def test_extras_lie_inside_and_replace_nothing(tmp_path):
    save_corpus(HAND, tmp_path / "c", extras={"LICENCE": b"free", "docs/a.txt": b"a"})
    assert (tmp_path / "c" / "docs" / "a.txt").read_bytes() == b"a"
    with pytest.raises(RefusedError):
        save_corpus(HAND, tmp_path / "d", extras={"../a": b""})
    with pytest.raises(InputError, match="is a file of the corpus"):
        save_corpus(HAND, tmp_path / "d", extras={"participants.tsv": b""})
    assert not (tmp_path / "d").exists()


def test_the_shape_of_an_unknown_questionnaire_is_kept_or_taken_from_the_answers(tmp_path):
    responses = {"mood": Response(items=(2, "3-4", None)), "joy": Response(total=7.5)}
    person = Participant(
        participant_id="P", sessions=(Session(session_id="1", responses=responses),)
    )
    corpus = Corpus(name="x", participants=(person,))
    save_corpus(corpus, tmp_path / "a")
    assert load_corpus(tmp_path / "a") == corpus
    sheets = {
        name: json.loads((tmp_path / "a" / "phenotype" / f"{name}.json").read_text("utf-8"))
        for name in ("mood", "joy")
    }
    assert sheets == {
        "mood": {"items": 3, "low": 2, "high": 4},
        "joy": {"items": 0, "low": 7, "high": 8},
    }
    save_corpus(corpus, tmp_path / "b", tools={"mood": ToolSheet(items=3, low=0, high=5)})
    sheet = json.loads((tmp_path / "b" / "phenotype" / "mood.json").read_text("utf-8"))
    assert sheet == {"items": 3, "low": 0, "high": 5}


ID = st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True).filter(
    lambda s: not s.startswith(("sub-", "ses-"))
)
TEXT = st.text(
    st.one_of(
        st.sampled_from("'=+-@ \t\n\r\"\ufeff"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=15,
)
SECONDS = st.floats(0, 1e6, allow_nan=False).map(abs)
LEVEL = st.sampled_from(["a", "b", "a|b", "*", "=x", "-", None])
NUMBER = st.one_of(
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["30-39", "*", "60+", "18-22|n/a"]),
)
ITEM = st.one_of(st.none(), st.integers(0, 3), st.sampled_from(["0-1", "*", "0|3", "2|n/a"]))


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    said = draw(st.lists(TEXT, min_size=1, max_size=3).filter(lambda ts: any(map(str.strip, ts))))
    turns = []
    for text in said:
        start, end = sorted([draw(SECONDS), draw(SECONDS)])
        turns.append(Turn(speaker="participant", text=text, start=start, end=end))
    first = draw(st.integers(0, 3))
    items = (first, *draw(st.tuples(*[ITEM] * 8)))
    responses = {"phq9": Response(items=items)}
    if draw(st.booleans()):
        responses["gad7"] = Response(total=float(draw(st.integers(0, 21))))
    return Session(session_id=draw(ID), transcript=tuple(turns), responses=responses)


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    columns = {
        "age": Column(role="quasi", kind="number"),
        "= x": Column(role="other", kind="nominal", levels=("a", "b", "=x", "-")),
    }
    people = [
        Participant(
            participant_id=identity,
            attributes={"age": draw(NUMBER), "= x": draw(LEVEL)},
            sessions=tuple(
                draw(st.lists(sessions(), max_size=3, unique_by=lambda s: s.session_id))
            ),
        )
        for identity in draw(st.lists(ID, min_size=1, max_size=3, unique=True))
    ]
    return Corpus(
        name=draw(st.text("ab=", min_size=1)), participants=tuple(people), columns=columns
    )


def test_any_corpus_comes_back_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sync", lambda: None)
    places = iter(range(10_000))

    @settings(max_examples=60, deadline=None)
    @given(corpora())
    def check(corpus: Corpus) -> None:
        place = tmp_path / str(next(places))
        save_corpus(corpus, place)
        loaded = load_corpus(place)
        assert loaded == corpus
        assert content_digest(loaded) == content_digest(corpus)

    check()


CHANGES = {
    "name": {"name": "other"},
    "language": {"language": "de"},
    "licence": {"licence": ""},
    "consent": {"consent": {}},
    "pseudo-sessions": {"pseudo_sessions": ""},
    "synthetic": {"synthetic": False},
    "column role": {"columns": {**HAND.columns, "age": Column(role="other", kind="number")}},
    "order of columns": {"columns": dict(reversed(HAND.columns.items()))},
    "order of people": {"participants": HAND.participants[::-1]},
    "one person less": {"participants": HAND.participants[:-1]},
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_digest_changes_with_everything(change):
    changed = replace(HAND, **CHANGES[change])
    assert content_digest(changed) != content_digest(HAND)


def test_the_digest_changes_with_every_field_of_a_session():
    person = HAND.participants[0]
    session = person.sessions[0]
    turn = session.transcript[0]
    variants = [
        replace(session, session_id="3"),
        replace(session, transcript=session.transcript[1:]),
        replace(session, entities=()),
        replace(session, responses={}),
        replace(session, responses={**session.responses, "gad7": Response(total=11.0)}),
        replace(session, responses={**session.responses, "gad7": Response(items=(1,) * 7)}),
        *(
            replace(session, transcript=(replace(turn, **new), *session.transcript[1:]))
            for new in ({"text": "x"}, {"speaker": "other"}, {"start": None}, {"end": 2.0})
        ),
    ]
    digests = {content_digest(HAND)}
    for variant in variants:
        changed = replace(person, sessions=(variant, *person.sessions[1:]))
        digests.add(content_digest(replace(HAND, participants=(changed, *HAND.participants[1:]))))
    assert len(digests) == len(variants) + 1
    assert {f.name for f in dataclasses.fields(Session)} == {
        *("session_id", "transcript", "entities", "responses", "media")
    }


def test_the_digest_sees_the_bytes_of_media_and_not_where_they_lie(tmp_path):
    corpora_made = []
    for name, sound_bytes in (("a", b"1"), ("b", b"1"), ("c", b"2")):
        path = tmp_path / name / "x_voice.wav"
        path.parent.mkdir()
        path.write_bytes(sound_bytes)
        session = Session(session_id="1", media={"voice": recorded(path)})
        person = Participant(participant_id="P", sessions=(session,))
        corpora_made.append(Corpus(name="x", participants=(person,)))
    first, moved, other = map(content_digest, corpora_made)
    assert first == moved != other


def test_a_missing_value_and_an_absent_one_are_one():
    mine, yours = (
        of(Participant(participant_id="P", attributes=given)) for given in ({"a": None}, {})
    )
    assert content_digest(mine) == content_digest(yours)


def test_the_digest_is_the_same_on_every_machine():
    assert content_digest(of(Participant(participant_id="P"))) == (
        "5182d6818c5925349fb408c6682e262e8577087b4a35ec60ec1099ee6bd1e5e6"
    )
