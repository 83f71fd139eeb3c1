"""Small corpora with one thing wrong each, for tests of checks and of the command line.

``BROKEN`` maps a name to a function that builds the corpus below a folder and returns its path;
``SAYS`` maps the same name to words that the first sentence about it must hold.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

ITEMS = "\t".join(f"phq9_{n:02d}" for n in range(1, 10))
TRANSCRIPT = "sub-P01/ses-01/text/sub-P01_ses-01_transcript.tsv"
SECRET = "Zanzibarquux"
"""A word of a participant: no message may repeat it."""

SOUND = {
    "dataset_description.json": json.dumps(
        {
            "name": "three people",
            "format": 1,
            "licence": "CC0",
            "language": "en",
            "consent": {"text": "open", "scales": "open"},
        }
    ),
    "participants.tsv": "participant_id\tage\tsex\nP01\t34\tfemale\nP02\tn/a\tmale\nP03\t51\t\n",
    "participants.json": json.dumps(
        {
            "age": {"role": "quasi", "kind": "number"},
            "sex": {"role": "quasi", "kind": "nominal", "levels": ["female", "male"]},
        }
    ),
    "phenotype/phq9.tsv": (
        f"participant_id\tsession_id\t{ITEMS}\tphq9_total\n"
        "P01\t01\t" + "1\t" * 9 + "9\n"
        "P02\t01\t" + "n/a\t" * 9 + "12\n"
        "P03\t01\t" + "0\t" * 8 + "n/a\tn/a\n"
    ),
    **{
        f"sub-P0{p}/ses-0{s}/text/sub-P0{p}_ses-0{s}_transcript.tsv": (
            "turn\tstart\tend\tspeaker\ttext\n"
            "1\t0\t1.5\tinterviewer\tHow are you?\n"
            f"2\t1.5\t4\tparticipant\tTired, since {SECRET}.\n"
        )
        for p in (1, 2, 3)
        for s in (1, 2)
    },
}

Builder = Callable[[Path], Path]


def sound(folder: Path, **changed: str | bytes | None) -> Path:
    """Build a corpus without fault, some of its files changed or (None) left out."""
    root = folder / "corpus"
    for place, content in {**SOUND, **changed}.items():
        if content is None:
            continue
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def _replaced(place: str, old: str, new: str) -> Builder:
    assert old in SOUND[place]
    return lambda folder: sound(folder, **{place: SOUND[place].replace(old, new, 1)})


def _with(place: str, content: str | bytes | None) -> Builder:
    return lambda folder: sound(folder, **{place: content})


def _link_out(folder: Path) -> Path:
    secret = folder / "elsewhere.tsv"
    secret.write_text(SOUND["participants.tsv"], encoding="utf-8")
    root = sound(folder)
    (root / "participants.tsv").unlink()
    (root / "participants.tsv").symlink_to(secret)
    return root


BROKEN: dict[str, Builder] = {
    "missing-folder": lambda folder: folder / "nowhere",
    "missing-participants": _with("participants.tsv", None),
    "missing-description": _with("dataset_description.json", None),
    "empty-table": _with("participants.tsv", "participant_id\tage\tsex\n"),
    "empty-file": _with("participants.tsv", ""),
    "no-id-column": _replaced("participants.tsv", "participant_id", "participantid"),
    "no-session-column": _replaced("phenotype/phq9.tsv", "session_id", "session"),
    "duplicate-person": _replaced("participants.tsv", "P02", "P01"),
    "duplicate-row": _replaced("phenotype/phq9.tsv", "P02\t01", "P01\t01"),
    "unknown-person": _replaced("phenotype/phq9.tsv", "P02", "P09"),
    "unknown-folder": _with("sub-P09/ses-01/text/a_transcript.tsv", SOUND[TRANSCRIPT]),
    "bad-id": _replaced("participants.tsv", "P02", f"Anna {SECRET}"),
    "path-in-id": _replaced("participants.tsv", "P02", f"../{SECRET}"),
    "path-in-column": _with(
        "participants.tsv",
        "participant_id\tage\tsex\tfile\n"
        f"P01\t3\tmale\t../../{SECRET}\nP02\t3\tmale\ta\nP03\t3\tmale\ta\n",
    ),
    "link-out": _link_out,
    "item-out-of-range": _replaced("phenotype/phq9.tsv", "P01\t01\t1", "P01\t01\t4"),
    "item-not-a-number": _replaced("phenotype/phq9.tsv", "P01\t01\t1", "P01\t01\toften"),
    "item-missing": _replaced("phenotype/phq9.tsv", "phq9_09", "phq9_nine"),
    "item-too-many": _replaced("phenotype/phq9.tsv", "phq9_total", "phq9_10"),
    "total-out-of-range": _replaced("phenotype/phq9.tsv", "\t12\n", "\t28\n"),
    "total-disagrees": _replaced("phenotype/phq9.tsv", "\t9\n", "\t10\n"),
    "unknown-tool": _with(
        "phenotype/phq99.tsv", "participant_id\tsession_id\tphq99_01\nP01\t01\t1\n"
    ),
    "unknown-key": _replaced("dataset_description.json", '"licence"', '"license"'),
    "unknown-column-key": _replaced("participants.json", '"role"', '"rolle"'),
    "unknown-role": _replaced("participants.json", '"role": "quasi"', '"role": "quassi"'),
    "unknown-column": _replaced("participants.json", '"age"', '"agee"'),
    "bad-json": _replaced("participants.json", "{", "{,"),
    "later-format": _replaced("dataset_description.json", '"format": 1', '"format": 2'),
    "empty-transcript": _with(TRANSCRIPT, "turn\tstart\tend\tspeaker\ttext\n"),
    "no-participant": _replaced(TRANSCRIPT, "participant", "interviewer"),
    "unknown-speaker": _replaced(TRANSCRIPT, "\tparticipant", f"\t{SECRET}"),
    "known-synonym": _replaced(TRANSCRIPT, "\tparticipant", "\tClient"),
    "no-text-column": _replaced(TRANSCRIPT, "\ttext", "\ttexts"),
    "negative-time": _replaced(TRANSCRIPT, "2\t1.5", "2\t-1.5"),
    "reversed-times": _replaced(TRANSCRIPT, "2\t1.5\t4", "2\t4\t1.5"),
    "commas": _with("participants.tsv", SOUND["participants.tsv"].replace("\t", ",")),
    "semicolons": _with(TRANSCRIPT, SOUND[TRANSCRIPT].replace("\t", ";")),
    "not-utf8": _with("participants.tsv", SOUND["participants.tsv"].encode() + b"P04\t3\t\xe9\n"),
    "utf16": _with("participants.tsv", SOUND["participants.tsv"].encode("utf-16")),
    "open-quote": _replaced(TRANSCRIPT, "Tired", '"Tired'),
    "ragged-row": _replaced("participants.tsv", "P02\tn/a", "P02\tn/a\tn/a"),
    "age-is-text": _replaced("participants.tsv", "34", "about thirty"),
    "misfiled": _with("sub-P01/ses-01/text/sub-P02_ses-01_transcript.tsv", SOUND[TRANSCRIPT]),
    "no-session-folder": _with("sub-P01/text/a_transcript.tsv", SOUND[TRANSCRIPT]),
    "empty-recording": _with("sub-P01/ses-01/voice/sub-P01_ses-01_voice.flac", b""),
    "bad-annotation": _with(
        "sub-P01/ses-01/text/sub-P01_ses-01_entities.tsv",
        "turn\tstart\tend\ttype\trole\tentity\n2\t0\t99\tplace\tquasi\tx\n",
    ),
}

SAYS: dict[str, str] = {
    "missing-folder": "there is no such folder",
    "missing-participants": "participants.tsv: the file is missing",
    "missing-description": "dataset_description.json: the file is missing; add it with at least",
    "empty-table": "participants.tsv: nobody is listed",
    "empty-file": "participants.tsv: the file is empty",
    "no-id-column": "participants.tsv, line 1: no column participant_id; rename 'participantid'",
    "no-session-column": "phenotype/phq9.tsv, line 1: no column session_id; rename 'session'",
    "duplicate-person": "participants.tsv, line 3: participant P01 is listed in line 2 too",
    "duplicate-row": "phenotype/phq9.tsv, line 3: participant P01, session 01 is in line 2 too",
    "unknown-person": "phenotype/phq9.tsv, line 3: participant P09 is not in participants.tsv",
    "unknown-folder": "sub-P09: this person is not in participants.tsv",
    "bad-id": "participants.tsv, line 3: the participant_id may hold letters",
    "path-in-id": "participants.tsv, line 3: the participant_id is a path that leads up",
    "path-in-column": "participants.tsv, line 2: column 'file': a path that leads up",
    "link-out": "participants.tsv: a link that leads out of the folder",
    "item-out-of-range": "phenotype/phq9.tsv, line 2: phq9_01: answer 4 is outside 0 to 3",
    "item-not-a-number": "phenotype/phq9.tsv, line 2: phq9_01: a text of 5 characters is not",
    "item-missing": "phenotype/phq9.tsv, line 1: item columns are missing: phq9_09",
    "item-too-many": "phenotype/phq9.tsv, line 1: column 'phq9_10' is too many: phq9 has 9 items",
    "total-out-of-range": "phenotype/phq9.tsv, line 3: phq9_total: total 28 is outside 0 to 27",
    "total-disagrees": "phenotype/phq9.tsv, line 2: phq9_total is 10 but the items give 9",
    "unknown-tool": "phenotype/phq99.tsv: this questionnaire is not in the table of instruments; "
    "did you mean 'phq9'?",
    "unknown-key": "dataset_description.json: unknown key 'license'; did you mean 'licence'?",
    "unknown-column-key": "participants.json: unknown key 'age.rolle'; did you mean 'role'?",
    "unknown-role": "participants.json: age.role must be one of: identifier, quasi, sensitive or "
    "other; did you mean 'quasi'?",
    "unknown-column": "participants.json: unknown key 'agee': participants.tsv has no such column; "
    "did you mean 'age'?",
    "bad-json": "participants.json, line 1: not valid JSON at column 2",
    "later-format": "dataset_description.json: format: layout 2 is newer than this Mindveil reads",
    "empty-transcript": f"{TRANSCRIPT}: nothing is said in it",
    "no-participant": f"{TRANSCRIPT}: no turn is the participant's",
    "unknown-speaker": f"{TRANSCRIPT}, line 3: the speaker must be participant, interviewer or",
    "known-synonym": f"{TRANSCRIPT}, line 3: speaker 'client' is not known; write 'participant'",
    "no-text-column": f"{TRANSCRIPT}, line 1: no column 'text'; rename 'texts'",
    "negative-time": f"{TRANSCRIPT}, line 3: the start is not a time in seconds from 0 on",
    "reversed-times": f"{TRANSCRIPT}, line 3: it ends (1.5 s) before it starts (4 s)",
    "commas": "participants.tsv: cells are separated by commas; a .tsv needs tabs",
    "semicolons": f"{TRANSCRIPT}: cells are separated by semicolons; a .tsv needs tabs",
    "not-utf8": "participants.tsv, line 5: byte 0xe9 is not UTF-8; save it again as UTF-8",
    "utf16": "participants.tsv: the file is UTF-16, not UTF-8",
    "open-quote": f"{TRANSCRIPT}, line 3: a cell opens with a quotation mark that does not close",
    "ragged-row": "participants.tsv, line 3: 4 cells where the header has 3",
    "age-is-text": "participants.tsv, line 2: column 'age': a text of 12 characters is not a number",
    "misfiled": "sub-P01/ses-01/text/sub-P02_ses-01_transcript.tsv: the name is another person's",
    "no-session-folder": "sub-P01/text: the folder is not a session; put it into a folder such as",
    "empty-recording": "sub-P01/ses-01/voice/sub-P01_ses-01_voice.flac: the file is 0 bytes long",
    "bad-annotation": "sub-P01/ses-01/text/sub-P01_ses-01_entities.tsv, line 2: start and end are",
}
