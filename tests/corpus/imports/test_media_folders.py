from __future__ import annotations

import pytest
from tests.corpus.imports.layouts import sound, text

from mindveil.corpus.imports.media_folders import FolderOptions, final_ids, gather
from mindveil.errors import InputError, RefusedError

WAV = (".wav",)


def made(source, **options):
    gathered = gather(source, FolderOptions(**options), WAV)
    return gathered, {
        person: {key: [r.place for r in files] for key, files in sessions.items()}
        for person, sessions in gathered.people.items()
    }


def test_flat_folders_are_halved_in_natural_order(tmp_path):
    for n in (10, 9, 1, 2, 11):
        sound(tmp_path / "b" / f"{n}.wav")
    sound(tmp_path / "a" / "1.wav")
    gathered, people = made(tmp_path)
    assert list(people) == ["a", "b"]
    assert people["a"] == {"01": ["a/1.wav"]}
    assert people["b"] == {"01": ["b/1.wav", "b/2.wav", "b/9.wav"], "02": ["b/10.wav", "b/11.wav"]}
    assert gathered.pseudo_sessions.startswith("first and second half of each person's files")
    assert gathered.notes == ("2 people, 3 sessions, 6 files; sessions are made by halves",)


def test_folders_of_a_person_are_sessions(tmp_path):
    for place in ("7/10/x.wav", "7/9/x.wav", "7/9/y.wav", "8/1/x.wav"):
        sound(tmp_path / place)
    gathered, people = made(tmp_path)
    assert people["7"] == {"01": ["7/9/x.wav", "7/9/y.wav"], "02": ["7/10/x.wav"]}
    assert gathered.pseudo_sessions == ""
    assert made(tmp_path, sessions="file")[1]["7"] == {
        "01": ["7/9/x.wav"],
        "02": ["7/9/y.wav"],
        "03": ["7/10/x.wav"],
    }


def test_a_pattern_names_sessions_runs_and_tasks(tmp_path):
    for name in ("p1_b_read_2", "p1_b_read_10", "p1_a_free_1", "other"):
        sound(tmp_path / f"{name}.wav")
    gathered, people = made(tmp_path, pattern="{person}_{session}_{task}_{run}.wav")
    assert people == {
        "p1": {"01": ["p1_a_free_1.wav"], "02": ["p1_b_read_2.wav", "p1_b_read_10.wav"]}
    }
    assert [r.task for r in gathered.people["p1"]["02"]] == ["read", "read"]
    assert "files that the pattern does not fit, left out: 1" in gathered.notes


def test_tasks_can_open(tmp_path):
    for name in ("1.happy", "1.normal", "1.sad", "2.sad"):
        sound(tmp_path / f"{name}.wav")
    gathered, people = made(tmp_path, pattern="{person}.{task}.wav", first=["normal"])
    assert people == {
        "1": {"01": ["1.normal.wav"], "02": ["1.happy.wav", "1.sad.wav"]},
        "2": {"02": ["2.sad.wav"]},
    }
    assert "session 01 holds normal; session 02 all others" in gathered.pseudo_sessions


def test_what_is_left_out_is_counted_and_hidden_files_are_not_there(tmp_path):
    sound(tmp_path / "a" / "1.wav")
    sound(tmp_path / "loose.wav")
    (tmp_path / "a" / "2.wav").touch()
    text(tmp_path / "a" / "notes.docx", "x")
    text(tmp_path / "a" / "Ann.Lee of Leeds", "x")
    text(tmp_path / "a" / ".hidden.wav", "x")
    text(tmp_path / "__MACOSX" / "x.wav", "x")
    gathered, people = made(tmp_path)
    assert people == {"a": {"01": ["a/1.wav"]}}
    assert gathered.notes[1:] == (
        "files that lie in no folder of a person, left out: 1",
        "files of 0 bytes left out: 1",
        "files of other types left out: 1 .docx, 1 other",
    )


def test_a_table_says_who_people_are(tmp_path):
    for person in ("1", "2", "3"):
        sound(tmp_path / f"speaker {person}" / "1.wav")
    rows = (
        "participant_id,age,gender,shoe\nspeaker1,30,f,1\nspeaker1,31,f,1\nspeaker2,,m,2\n9,9,f,1\n"
    )
    text(tmp_path / "people.csv", rows)
    gathered, _ = made(tmp_path, people="people.csv")
    assert gathered.described.attributes == {
        "speaker1": {"age": 30.0, "gender": "f"},
        "speaker2": {"age": None, "gender": "m"},
        "speaker3": {"age": None, "gender": None},
    }
    assert gathered.described.columns["age"].role == "quasi"
    assert gathered.notes[1:] == (
        "columns of people.csv left out: shoe",
        "column age: rows of one person differ (1 people); the first value is kept",
        "recorded people who are not in people.csv: 1",
        "people of people.csv of whom nothing was recorded: 1",
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pattern": "x{person}.wav"}, "that the pattern does not fit and 0 of 0 bytes"),
        ({"sessions": "pattern", "pattern": "{person}.wav"}, "needs {session} in the pattern"),
        ({"sessions": "folder", "pattern": "{person}.wav"}, "exclude each other"),
        ({"sessions": "file", "first": ["x"]}, "keep one"),
        ({"first": ["x"], "pattern": "{any}{person}.wav"}, "touch"),
        ({"first": ["x"], "pattern": "{person}-{task}.wav"}, "tasks are y, z"),
        ({"first": ["x"]}, "none: the pattern needs {task}"),
        ({"people": "none.csv"}, "is not a file"),
        ({"people": "p.csv"}, "no column 'participant_id'"),
        ({"people": "p.csv", "id": "who"}, "names nobody who was recorded"),
    ],
)
def test_options_that_do_not_fit(tmp_path, options, words):
    sound(tmp_path / "a" / "1-y.wav")
    sound(tmp_path / "a" / "1-z.wav")
    text(tmp_path / "p.csv", "who,age\nb,3\n")
    with pytest.raises(InputError) as raised:
        made(tmp_path, **options)
    assert words in str(raised.value)


def test_sources_that_hold_nothing(tmp_path):
    with pytest.raises(InputError, match="is not a folder"):
        made(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"holds no file that ends in \.wav"):
        made(tmp_path)
    sound(tmp_path / "1.wav")
    with pytest.raises(InputError, match="1 files that lie in no folder of a person"):
        made(tmp_path)


def test_two_people_are_never_made_one(tmp_path):
    sound(tmp_path / "a b" / "1.wav")
    sound(tmp_path / "ab" / "1.wav")
    with pytest.raises(InputError, match="two people would both be called ab"):
        made(tmp_path)
    sound(tmp_path / "c" / "é" / "1.wav")
    (tmp_path / "a b").rename(tmp_path / "é")
    with pytest.raises(InputError, match="without letters A-Z and digits"):
        made(tmp_path)


def test_links_do_not_lead_out(tmp_path):
    sound(tmp_path / "elsewhere.wav")
    sound(tmp_path / "in" / "a" / "1.wav")
    (tmp_path / "in" / "a" / "2.wav").symlink_to(tmp_path / "elsewhere.wav")
    with pytest.raises(RefusedError):
        made(tmp_path / "in")


def test_people_can_be_numbered():
    assert final_ids(["Ann", "Ben"], "names") == {"Ann": "Ann", "Ben": "Ben"}
    assert list(final_ids([str(n) for n in range(1000)], "numbers").values())[-1] == "P1000"
