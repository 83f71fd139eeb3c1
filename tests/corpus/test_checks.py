from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.corpus.broken import BROKEN, ITEMS, SAYS, SECRET, SOUND, TRANSCRIPT, sound

from mindveil.corpus.checks import check_corpus, knowledge
from mindveil.corpus.findings import SHOWN_PER_KIND
from mindveil.corpus.manifest import load_corpus, save_corpus
from mindveil.corpus.model import Column, Corpus, Participant, Session, Turn
from mindveil.errors import InputError

SAID = Turn(speaker="participant", text="well")


def test_a_sound_corpus_has_no_findings(tmp_path):
    assert check_corpus(sound(tmp_path)) == []
    assert load_corpus(tmp_path / "corpus").ids == ("P01", "P02", "P03")


def test_every_broken_corpus_has_its_words():
    assert BROKEN.keys() == SAYS.keys()
    assert len(BROKEN) >= 15


@pytest.mark.parametrize("name", BROKEN)
def test_each_fault_is_one_clear_sentence_first(tmp_path, name):
    root = BROKEN[name](tmp_path)
    first, *rest = check_corpus(root)
    assert first.severity == "error"
    assert SAYS[name] in str(first)
    assert SECRET not in str(first)
    assert "; " in first.sentence, "what to do is missing"
    assert "\n" not in str(first)
    same = [f for f in rest if f.severity == "error" and f.kind == first.kind]
    assert not same, "one fault, one sentence"


@pytest.mark.parametrize("name", BROKEN)
def test_loading_raises_the_same_first_sentence(tmp_path, name):
    root = BROKEN[name](tmp_path)
    with pytest.raises(InputError) as raised:
        load_corpus(root)
    assert str(raised.value).startswith(str(check_corpus(root)[0]))
    assert raised.value.exit_code == 2
    assert SECRET not in str(raised.value)


def kinds(root: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"error": [], "warning": []}
    for finding in check_corpus(root):
        found[finding.severity].append(finding.kind)
    return found


def test_all_faults_are_found_in_one_go(tmp_path):
    root = sound(
        tmp_path,
        **{
            "participants.tsv": SOUND["participants.tsv"].replace("P02", "P01"),
            "phenotype/phq9.tsv": SOUND["phenotype/phq9.tsv"].replace("P01\t01\t1", "P01\t01\t7"),
            TRANSCRIPT: SOUND[TRANSCRIPT].replace("2\t1.5\t4", "2\t4\t1.5"),
            "dataset_description.json": '{"name": "x", "licens": ""}',
        },
    )
    assert set(kinds(root)["error"]) == {
        "duplicate-person",
        "answer",
        "time",
        "sheet",
        "unknown-person",
    }
    with pytest.raises(InputError, match=r"more: mindveil check .*corpus\)"):
        load_corpus(root)


def test_a_fault_in_every_row_is_named_a_few_times_and_counted(tmp_path):
    ids = [f"Q{n:03d}" for n in range(100)]
    rows = "".join(f"{i}\t01\t" + "9\t" * 9 + "n/a\n" for i in ids)
    root = sound(
        tmp_path,
        **{
            "participants.tsv": "participant_id\n" + "".join(f"{i}\n" for i in ids),
            "participants.json": "{}",
            "phenotype/phq9.tsv": f"participant_id\tsession_id\t{ITEMS}\tphq9_total\n{rows}",
        },
    )
    answers = [f for f in check_corpus(root) if f.kind == "answer"]
    assert len(answers) == SHOWN_PER_KIND + 1
    assert answers[-1].sentence == "895 more like this (answer), down to line 101"


def test_a_byte_order_mark_is_read_over_with_a_warning(tmp_path):
    marked = SOUND["participants.tsv"].encode("utf-8-sig")
    root = sound(tmp_path, **{"participants.tsv": marked})
    assert kinds(root) == {"error": [], "warning": ["byte-order-mark"]}
    assert load_corpus(root).ids == ("P01", "P02", "P03")


@pytest.mark.parametrize(("age", "said"), [("2", True), ("5", True), ("6", False), ("116", True)])
def test_implausible_ages_are_warned_of(tmp_path, age, said):
    people = SOUND["participants.tsv"].replace("34", age)
    root = sound(tmp_path, **{"participants.tsv": people})
    assert kinds(root) == {"error": [], "warning": ["age"] * said}


def test_columns_without_a_role_are_taken_as_the_safe_side(tmp_path):
    people = (
        "participant_id\tage\tsex\temail\tshoe\nP01\t34\tmale\ta@b\t4\nP02\t\t\t\t\nP03\t\t\t\t\n"
    )
    root = sound(tmp_path, **{"participants.tsv": people})
    assert kinds(root)["warning"] == ["no-role", "no-role"]
    columns = load_corpus(root).columns
    assert (columns["email"].role, columns["shoe"].role) == ("identifier", "quasi")
    assert columns["shoe"].kind == "number"


def test_without_participants_json_every_column_is_quasi(tmp_path):
    root = sound(tmp_path, **{"participants.json": None})
    assert kinds(root)["warning"] == ["no-roles", "no-role", "no-role"]
    assert set(load_corpus(root).roles("quasi")) == {"age", "sex"}


def test_one_session_people_are_warned_of(tmp_path):
    second = {place: None for place in SOUND if "/ses-02/" in place}
    (finding,) = check_corpus(sound(tmp_path, **second))
    assert finding.kind == "one-session"
    assert "3 of 3 participants have one session" in finding.sentence
    assert "it will be invalid" in finding.sentence
    del second["sub-P03/ses-02/text/sub-P03_ses-02_transcript.tsv"]
    (finding,) = check_corpus(sound(tmp_path / "more", **second))
    assert "2 of 3 participants" in finding.sentence
    assert "measured on the other 1" in finding.sentence


def test_a_language_without_models_is_warned_of(tmp_path):
    for language, warned in (("en-GB", False), ("en_US", False), ("de", True), ("enm", True)):
        about = SOUND["dataset_description.json"].replace('"en"', f'"{language}"')
        root = sound(tmp_path / language, **{"dataset_description.json": about})
        assert kinds(root)["warning"] == ["language"] * warned


def test_consent_that_forgets_a_modality_is_warned_of(tmp_path):
    about = SOUND["dataset_description.json"].replace(', "scales": "open"', "")
    root = sound(tmp_path, **{"dataset_description.json": about})
    assert kinds(root)["warning"] == ["consent"]


def test_a_questionnaire_of_ones_own_needs_its_shape(tmp_path):
    table = "participant_id\tsession_id\tmood_01\tmood_02\nP01\t01\t5\t7\nP02\t01\t*\t6|7\n"
    sheet = '{"items": 2, "low": 1, "high": 7}'
    files = {"phenotype/mood.tsv": table, "phenotype/mood.json": sheet}
    root = sound(tmp_path, **files)
    assert kinds(root)["error"] == []
    assert load_corpus(root).participants[0].sessions[0].responses["mood"].items == (5, 7)
    files["phenotype/mood.json"] = '{"items": 2, "low": 1, "high": 6}'
    assert kinds(sound(tmp_path / "b", **files))["error"] == ["answer", "answer"]
    files["phenotype/mood.json"] = '{"items": 3, "low": 1, "high": 7}'
    assert kinds(sound(tmp_path / "c", **files))["error"] == ["item-columns"]
    files["phenotype/mood.json"] = '{"items": 2, "low": 7, "high": 7}'
    assert kinds(sound(tmp_path / "d", **files))["error"] == ["sheet"]


def test_totals_alone_of_ones_own_questionnaire(tmp_path):
    files = {
        "phenotype/mood.tsv": "participant_id\tsession_id\tmood_total\nP01\t01\t55.5\n",
        "phenotype/mood.json": '{"items": 0, "low": 0, "high": 60}',
    }
    root = sound(tmp_path, **files)
    response = load_corpus(root).participants[0].latest("mood")
    assert response is not None
    assert (response.items, response.total) == ((), 55.5)
    files["phenotype/mood.json"] = '{"items": 0, "low": 0, "high": 50}'
    assert kinds(sound(tmp_path / "b", **files))["error"] == ["total"]


def test_what_is_not_read_is_said(tmp_path):
    folder = "sub-P01/ses-01/text/sub-P01_ses-01_transcipt.tsv"
    root = sound(
        tmp_path,
        **{folder: "x", "sub-P01/ses-01/txet/a.txt": "x", "sub-P01/ses-01/.DS_Store": "x"},
    )
    table = root / "phenotype" / "phq9.tsv"
    lines = table.read_text(encoding="utf-8").splitlines()
    ends = ["notes", "a", "b", "c"]
    text = "".join(f"{line}\t{end}\n" for line, end in zip(lines, ends, strict=True))
    table.write_text(text, encoding="utf-8")
    assert sorted(kinds(root)["warning"]) == ["unread-column", "unread-file", "unread-folder"]
    assert "did you mean 'text'?" in str(check_corpus(root))


def test_sessions_with_names_are_taken_by_the_alphabet_with_a_warning(tmp_path):
    said = SOUND[TRANSCRIPT]
    files: dict[str, str | None] = {place: None for place in SOUND if place.startswith("sub-P01")}
    files |= {f"sub-P01/ses-{name}/text/x_transcript.tsv": said for name in ("before", "after")}
    files["phenotype/phq9.tsv"] = None
    root = sound(tmp_path, **files)
    assert kinds(root)["warning"] == ["session-order"]
    names = [s.session_id for s in load_corpus(root).participants[0].sessions]
    assert names == ["after", "before"]
    files["sessions.tsv"] = "participant_id\tsession_id\nP01\tbefore\nP01\tafter\n"
    root = sound(tmp_path / "told", **files)
    assert kinds(root)["warning"] == []
    names = [s.session_id for s in load_corpus(root).participants[0].sessions]
    assert names == ["before", "after"]


def test_faults_of_the_order_of_sessions(tmp_path):
    order = "participant_id\tsession_id\nP01\t01\nP01\t01\nP07\t01\nP01\ta b\n"
    root = sound(tmp_path, **{"sessions.tsv": order})
    assert sorted(kinds(root)["error"]) == ["duplicate-row", "id", "unknown-person"]
    root = sound(tmp_path / "b", **{"sessions.tsv": "participant_id\tvisit\nP01\t01\n"})
    assert kinds(root)["error"] == ["no-id-column"]


def test_links_out_of_the_corpus_are_errors_wherever_they_are(tmp_path):
    root = sound(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "sub-P01_ses-03_voice.flac").write_bytes(b"x")
    (root / "sub-P01" / "ses-03").symlink_to(outside)
    (root / "sub-P02" / "ses-01" / "voice").mkdir()
    link = root / "sub-P02" / "ses-01" / "voice" / "sub-P02_ses-01_voice.flac"
    link.symlink_to(outside / "sub-P01_ses-03_voice.flac")
    errors = [f for f in check_corpus(root) if f.severity == "error"]
    assert [f.kind for f in errors] == ["path", "path"]


def test_ids_that_differ_by_case_only_are_warned_of():
    people = tuple(
        Participant(participant_id=i, sessions=(Session(session_id="1", transcript=(SAID,)),) * 2)
        for i in ("p1", "P1")
    )
    assert [f.kind for f in knowledge(Corpus(name="x", participants=people))] == ["similar-ids"]


def test_levels_that_are_not_declared_are_warned_of(tmp_path):
    people = SOUND["participants.tsv"].replace("\tfemale", "\tfemal")
    people = people.replace("n/a\tmale", "*\tmale|n/a")
    root = sound(tmp_path, **{"participants.tsv": people})
    (finding,) = check_corpus(root)
    assert str(finding).startswith("participants.tsv, line 2: column 'sex': a text of 5 characters")
    assert finding.severity == "warning"


def test_levels_alone_make_a_column_nominal(tmp_path):
    roles = '{"age": {"role": "quasi"}, "sex": {"role": "quasi", "levels": ["female", "male"]}}'
    columns = load_corpus(sound(tmp_path, **{"participants.json": roles})).columns
    assert (columns["age"].kind, columns["sex"].kind) == ("number", "nominal")
    assert columns["sex"].levels == ("female", "male")


def test_people_of_whom_nothing_is_there_are_warned_of(tmp_path):
    people = SOUND["participants.tsv"] + "P04\t20\tmale\n"
    root = sound(tmp_path, **{"participants.tsv": people})
    assert "nothing was recorded of 1 of 4" in check_corpus(root)[0].sentence


def test_unreadable_files_and_folders_are_findings(tmp_path, monkeypatch):
    root = sound(tmp_path)
    (root / "sub-P01" / "ses-01" / "voice").mkdir()
    (root / "sub-P01" / "ses-01" / "voice" / "sub-P01_ses-01_voice.flac").symlink_to("gone.flac")
    read, scan = Path.read_bytes, os.scandir

    def refuse_file(path: Path) -> bytes:
        if path.name == "phq9.tsv":
            raise PermissionError(13, "Permission denied")
        return read(path)

    def refuse_folder(path: Path):
        if path.name == "ses-02":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(Path, "read_bytes", refuse_file)
    monkeypatch.setattr(os, "scandir", refuse_folder)
    found = {f.where: f.kind for f in check_corpus(root) if f.severity == "error"}
    assert found == {
        "phenotype/phq9.tsv": "unreadable",
        "sub-P01/ses-02": "unreadable",
        "sub-P02/ses-02": "unreadable",
        "sub-P03/ses-02": "unreadable",
        "sub-P01/ses-01/voice/sub-P01_ses-01_voice.flac": "empty-file",
    }


def test_a_pipe_in_the_place_of_a_table_does_not_hang(tmp_path):
    root = sound(tmp_path, **{"participants.tsv": None})
    os.mkfifo(root / "participants.tsv")
    assert "not-a-file" in kinds(root)["error"]


def test_names_on_disk_cannot_command_a_terminal(tmp_path):
    root = sound(tmp_path, **{"phenotype/\x1b[2Jphq.tsv": "x"})
    assert all(str(f).isprintable() for f in check_corpus(root))


JUNK = st.one_of(
    st.binary(max_size=60),
    st.text(alphabet="\t\n\r\"',;{}[]:=0159ab_pP-\x00é.", max_size=120).map(str.encode),
)


PENS = ["\t", "\n", '"', ",", "-1", "9" * 5000, "1e999", "nan", "\x1b", "é", "["]


def check_with(root: Path, place: str, content: bytes) -> None:
    """Check the corpus with one file changed, and put the file back."""
    path = root / place
    before = path.read_bytes() if path.exists() else None
    path.write_bytes(content)
    for finding in check_corpus(root):
        assert SECRET not in str(finding)
    if before is None:
        path.unlink()
    else:
        path.write_bytes(before)


def test_no_bytes_in_any_file_raise(tmp_path):
    root = sound(tmp_path, **{"phenotype/own.tsv": "participant_id\tsession_id\town_01\n"})
    places = st.sampled_from([*SOUND, "sessions.tsv", "phenotype/own.json"])

    @settings(max_examples=120, deadline=None)
    @given(place=places, junk=JUNK)
    def check(place: str, junk: bytes) -> None:
        check_with(root, place, junk)

    check()


def test_no_slip_of_the_pen_raises(tmp_path):
    root = sound(tmp_path)

    @settings(max_examples=120, deadline=None)
    @given(place=st.sampled_from(sorted(SOUND)), at=st.floats(0, 1), junk=st.sampled_from(PENS))
    def check(place: str, at: float, junk: str) -> None:
        text = SOUND[place]
        cut = int(at * len(text))
        check_with(root, place, (text[:cut] + junk + text[cut:]).encode())

    check()


def test_a_checked_corpus_without_errors_loads_and_keeps_its_findings_when_saved(tmp_path):
    person = Participant(
        participant_id="P1",
        attributes={"age": 30.0},
        sessions=(Session(session_id="1", transcript=(SAID,)),),
    )
    columns = {"age": Column(role="quasi", kind="number")}
    corpus = Corpus(name="x", participants=(person,), columns=columns, language="fr")
    save_corpus(corpus, tmp_path / "c")
    expected = {str(f) for f in knowledge(corpus)}
    assert {str(f) for f in check_corpus(tmp_path / "c")} == expected
    assert {f.kind for f in check_corpus(tmp_path / "c")} == {"language", "one-session"}
