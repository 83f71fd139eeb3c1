"""Fifty ways in which a released folder tells who somebody is, each planted in a clean one."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, PngImagePlugin
from safetensors.numpy import save as tensor_bytes
from tests.corpus.hostile_media import atom, picture, sound, table, video
from tests.corpus.planted_metadata import flac_with, info_list, wav_with
from tests.harness.toys import glass

from mindveil.anonymise.pseudonyms import random_codes
from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.media import clean_copy
from mindveil.corpus.model import Column, Corpus, MediaFile, Modality, Session
from mindveil.harness.releases import rename

PEOPLE = 24
WHO = "P0007"
RECORD = "80412207"
NAME = "Quillon Abernathy"
DATE = "20240507"
HOUR = 3_600_000_000_000
FOLD = "fold-1-1"

Plant = Callable[["World"], None]


class World:
    """A corpus on disk, a clean release of it, and who is behind each code."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.originals = root / "originals"
        self.release = root / "release"
        self.fold = self.release / FOLD
        self.corpus = _corpus(root)
        save_corpus(self.corpus, self.originals)
        _date(self.originals, step=HOUR)
        codes = random_codes(self.corpus.ids, np.random.default_rng(5))
        columns = {n: c for n, c in self.corpus.columns.items() if c.role != "identifier"}
        people = [
            replace(p, attributes={n: v for n, v in p.attributes.items() if n in columns})
            for p in self.corpus.participants
        ]
        plain = replace(self.corpus, participants=tuple(people), columns=columns)
        plain = plain.map_sessions(lambda _, s: replace(s, media=_cleaned(s)))
        released, self.person_of = rename(plain, codes)
        save_corpus(released, self.fold)
        (self.release / "release.json").write_text('{\n  "key": "0f"\n}\n')
        _date(self.release, step=0)

    def at(self, pattern: str) -> Path:
        """Return the first released file of a pattern."""
        return min(self.fold.rglob(pattern))


def _corpus(root: Path) -> Corpus:
    made = glass(PEOPLE, np.random.default_rng(4))
    known = {name: Column(role="identifier", kind="text") for name in ("name", "record_number")}
    people = []
    for number, person in enumerate(made.participants):
        own = {"name": f"Someone Number{number:02d}x", "record_number": f"8041{number:04d}"}
        if person.participant_id == WHO:
            own = {"name": NAME, "record_number": RECORD}
        days = (f"202405{number % 27 + 1:02d}", f"202406{number % 27 + 1:02d}")
        if person.participant_id == WHO:
            days = (DATE, "20240611")
        sessions = [
            replace(s, session_id=day, entities=(), media=_recorded(root, number, visit))
            for visit, (s, day) in enumerate(zip(person.sessions, days, strict=True))
        ]
        people.append(
            replace(person, attributes={**person.attributes, **own}, sessions=tuple(sessions))
        )
    return replace(made, participants=tuple(people), columns={**made.columns, **known})


def _recorded(root: Path, person: int, visit: int) -> dict[Modality, tuple[MediaFile, ...]]:
    if person > 2 or visit:
        return {}
    raw = root / "raw" / str(person)
    raw.mkdir(parents=True)
    contents = {
        "a_voice.wav": wav_with((b"LIST", info_list())),
        "a_face.jpg": picture("JPEG"),
        "b_face.mp4": video(),
        "a_expression.parquet": table(),
    }
    for name, data in contents.items():
        (raw / name).write_bytes(data)
    sounds, *faces = (MediaFile(path=raw / name) for name in contents)
    return {"voice": (sounds,), "face": tuple(faces)}


def _cleaned(session: Session) -> dict[Modality, tuple[MediaFile, ...]]:
    return {
        m: tuple(replace(f, path=clean_copy(f.path)) for f in files)
        for m, files in session.media.items()
    }


def _date(folder: Path, step: int) -> None:
    start = 1_700_000_000_000_000_000
    for place, path in enumerate(sorted(p for p in folder.rglob("*") if p.is_file())):
        os.utime(path, ns=(start, start + step * place + (0 if step else 77)))


def in_json(told: object) -> Plant:
    """Plant a value in the description of the columns, where nobody looks."""

    def plant(world: World) -> None:
        path = world.fold / "participants.json"
        sheet = json.loads(path.read_text())
        sheet["age"]["description"] = told
        path.write_text(json.dumps(sheet, ensure_ascii=False))

    return plant


def in_column(cell: str, name: str = "note") -> Plant:
    """Plant a column of a table in which one row says something."""

    def plant(world: World) -> None:
        path = world.fold / "participants.tsv"
        header, first, *rest = path.read_text().splitlines()
        lines = [f"{header}\t{name}", f"{first}\t{cell}", *(f"{row}\tn/a" for row in rest)]
        path.write_text("\n".join(lines) + "\n")

    return plant


def as_code(code: str) -> Plant:
    """Plant a code that is no code."""

    def plant(world: World) -> None:
        path = world.fold / "participants.tsv"
        header, first, *rest = path.read_text().splitlines()
        cells = first.split("\t")
        path.write_text("\n".join([header, "\t".join([code, *cells[1:]]), *rest]) + "\n")

    return plant


def in_place_of(pattern: str, ending: str, data: Callable[[], bytes]) -> Plant:
    """Plant another file in the place of a recording."""

    def plant(world: World) -> None:
        old = world.at(pattern)
        stem = old.name[: old.name.rindex("_")]
        new = old.with_name(f"{stem}{ending}")
        old.unlink()
        new.write_bytes(data())

    return plant


def behind(pattern: str, told: bytes) -> Plant:
    """Plant bytes behind the end of a file."""

    def plant(world: World) -> None:
        path = world.at(pattern)
        path.write_bytes(path.read_bytes() + told)

    return plant


def beside(name: str, data: bytes) -> Plant:
    """Plant a file that belongs to no release."""

    def plant(world: World) -> None:
        path = world.fold / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    return plant


def renamed(pattern: str, new: str) -> Plant:
    """Plant another name of a file."""

    def plant(world: World) -> None:
        path = world.at(pattern)
        path.rename(path.with_name(new))

    return plant


def in_folder(person: str) -> Plant:
    """Plant an id in the names of the folder and the files of a person."""

    def plant(world: World) -> None:
        old = min(world.fold.glob("sub-*"))
        code = old.name.removeprefix("sub-")
        for path in [p for p in old.rglob("*") if p.is_file()]:
            path.rename(path.with_name(path.name.replace(code, person)))
        old.rename(old.with_name(f"sub-{person}"))

    return plant


def dated(world: World) -> None:
    """Plant the day of a visit in the name of its folder."""
    old = world.at("ses-01")
    for path in [p for p in old.rglob("*") if p.is_file()]:
        path.rename(path.with_name(path.name.replace("ses-01", f"ses-{DATE}")))
    old.rename(old.with_name(f"ses-{DATE}"))


def dated_answers(world: World) -> None:
    """Plant the day of a visit in a table of answers."""
    path = world.at("phq9.tsv")
    path.write_text(path.read_text().replace("\t01\t", "\t2024-05-07\t", 1))


def commented(world: World) -> None:
    """Plant a remark in a table."""
    path = world.at("phq9.tsv")
    path.write_text(f"{path.read_text()}# exported for {NAME}\n")


def spoken(world: World) -> None:
    """Plant an id among what somebody said."""
    path = world.at("*_transcript.tsv")
    path.write_text(f"{path.read_text().rstrip()} this is {WHO.lower()} speaking\n")


def described(world: World) -> None:
    """Plant a field that the description of a corpus does not have."""
    path = world.fold / "dataset_description.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "GeneratedBy": "ward 7"}))


def photographed() -> bytes:
    """Return a picture that says where it was taken, by which camera, with a small copy of it."""
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0)}
    exif[0xA431] = "SERIAL-4471"
    page = io.BytesIO()
    Image.new("RGB", (16, 16)).save(page, "JPEG", exif=exif)
    return page.getvalue()


def texted(*, international: bool) -> bytes:
    """Return a picture with a text in it."""
    told = PngImagePlugin.PngInfo()
    if international:
        told.add_itxt("Comment", "taken at home", lang="en")
    else:
        told.add_text("Author", "ward 7")
    page = io.BytesIO()
    Image.new("RGB", (16, 16)).save(page, "PNG", pnginfo=told)
    return page.getvalue()


def with_small_copy() -> bytes:
    """Return a JPEG whose EXIF holds a thumbnail and nothing else."""
    exif = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0" + picture("JPEG")[:4000]
    plain = picture("JPEG")
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]


def with_maker() -> bytes:
    """Return FLAC whose encoder tells of the recorder."""
    data = sound("FLAC")
    at = data.index(b"reference libFLAC")
    return data[:at] + b"Recorder 5 Ward 7" + data[at + 17 :]


def timed() -> bytes:
    """Return video that says when it was made."""
    data = bytearray(video())
    at = data.index(b"mvhd") + 8
    data[at : at + 4] = struct.pack(">I", 3_800_000_000)
    return bytes(data)


def keyed() -> bytes:
    """Return measures with a key in the footer."""
    page = io.BytesIO()
    held = pa.table({"au01": [0.5, 0.25]}).replace_schema_metadata({"source": "ward 7"})
    pq.write_table(held, page)
    return page.getvalue()


def indexed() -> bytes:
    """Return measures with the index of the program that wrote them as a column."""
    page = io.BytesIO()
    frame = pd.DataFrame({"au01": [0.5, 0.25]}, index=["first", "second"])
    held = pa.Table.from_pandas(frame).replace_schema_metadata(None)
    pq.write_table(held, page, store_schema=False)
    return page.getvalue()


def same_time(world: World) -> None:
    """Plant the time of an original."""
    theirs = next(p for p in sorted(world.originals.rglob("*_transcript.tsv")))
    when = theirs.stat().st_mtime_ns
    os.utime(world.at("*_transcript.tsv"), ns=(when, when))


def times_in_order(world: World) -> None:
    """Plant times that follow the order in which people came."""
    place = {person: n for n, person in enumerate(world.corpus.ids)}
    for path in world.fold.rglob("*_transcript.tsv"):
        code = path.name.split("_")[0].removeprefix("sub-")
        when = 1_800_000_000_000_000_000 + 1_000_000 * place[world.person_of[code]]
        os.utime(path, ns=(when, when))


def rows_in_order(world: World) -> None:
    """Plant the order in which people came in a table of answers."""
    _ordered(world, "phq9.tsv")


def people_in_order(world: World) -> None:
    """Plant the order in which people came in the table of people."""
    _ordered(world, "participants.tsv")


def _ordered(world: World, name: str) -> None:
    place = {person: n for n, person in enumerate(world.corpus.ids)}
    path = world.at(name)
    header, *rows = path.read_text().splitlines()
    rows.sort(key=lambda row: -place[world.person_of[row.split("\t")[0]]])
    path.write_text("\n".join([header, *rows]) + "\n")


def codes_in_order(world: World) -> None:
    """Plant codes that are numbers in the order in which people came."""
    new = {c: f"R{world.corpus.ids.index(p) + 500}" for c, p in world.person_of.items()}
    for path in [p for p in world.fold.rglob("*") if p.suffix == ".tsv"]:
        told = path.read_text()
        for code, number in new.items():
            told = told.replace(code, number)
        path.write_text(told)
    for folder in sorted(world.fold.glob("sub-*")):
        code = folder.name.removeprefix("sub-")
        for path in [p for p in folder.rglob("*") if p.is_file()]:
            path.rename(path.with_name(path.name.replace(code, new[code])))
        folder.rename(folder.with_name(f"sub-{new[code]}"))
    world.person_of = {new[c]: p for c, p in world.person_of.items()}


def numbered_column(world: World) -> None:
    """Plant a column of numbers in the order in which people came."""
    path = world.fold / "participants.tsv"
    header, *rows = path.read_text().splitlines()
    place = {p: n for n, p in enumerate(world.corpus.ids)}
    told = [f"{row}\t{place[world.person_of[row.split()[0]]] * 3 + 11}" for row in rows]
    path.write_text("\n".join([f"{header}\tvisit_nr", *told]) + "\n")


def untouched(world: World) -> None:
    """Plant an original recording in the place of a protected one."""
    theirs = min(world.originals.rglob("*_face.mp4"))
    shutil.copyfile(theirs, world.at("*_face.mp4"))


def leading_there(world: World) -> None:
    """Plant a link to an original."""
    path = world.at("*_transcript.tsv")
    path.unlink()
    path.symlink_to(min(world.originals.rglob("*_transcript.tsv")))


def same_file(world: World) -> None:
    """Plant a second name of an original."""
    path = world.at("*_transcript.tsv")
    path.unlink()
    path.hardlink_to(min(world.originals.rglob("*_transcript.tsv")))


def attributed(world: World) -> None:
    """Plant an attribute of a file."""
    os.setxattr(world.at("*_transcript.tsv"), "user.source", WHO.encode())


def zipped(comment: bytes, inside: bytes = b"nothing") -> bytes:
    """Return an archive with a comment."""
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        archive.writestr("notes.txt", inside)
    return page.getvalue()


def packed(told: str) -> str:
    """Return text as base64 of a compressed stream."""
    return base64.b64encode(zlib.compress(told.encode())).decode()


def digest(kind: str, told: str) -> str:
    """Return the hexadecimal digest of a text."""
    return hashlib.new(kind, told.encode(), usedforsecurity=False).hexdigest()


TENSORS = {"w": np.zeros(3)}

WAYS: dict[str, tuple[Plant, str]] = {
    "id in the name of a folder": (in_folder(WHO), "id"),
    "id without its zeros in a name": (in_folder("P7"), "id"),
    "id in small letters in JSON": (in_json(f"as told by {WHO.lower()}"), "id"),
    "id as the key of JSON": (in_json({WHO: "first"}), "id"),
    "id in a cell": (in_column(WHO), "id"),
    "id without zeros as a code": (as_code("p7"), "id"),
    "id among what was said": (spoken, "id"),
    "id as hexadecimal": (in_json(WHO.encode().hex()), "hidden id"),
    "id as base 64": (in_json(base64.b64encode(WHO.encode()).decode()), "hidden id"),
    "id in a line of base 64": (
        in_json(base64.b64encode(f"id={WHO}; arm=2".encode()).decode()),
        "id",
    ),
    "id as base 32": (in_json(base64.b32encode(f"id {WHO}".encode()).decode()), "id"),
    "id in a packed stream": (in_json(packed(f"who: {WHO} of them all")), "id"),
    "id backwards": (in_column(WHO[::-1]), "hidden id"),
    "id turned by 13 letters": (in_column("C0007"), "hidden id"),
    "SHA-256 of an id as a code": (as_code(digest("sha256", WHO)), "hidden id"),
    "first signs of an MD5": (in_column(digest("md5", WHO)[:12]), "hidden id"),
    "SHA-1 of a record number": (in_column(digest("sha1", RECORD)), "hidden id"),
    "id with a sign without width": (in_json(f"as told by {WHO[:2]}\u200b{WHO[2:]}"), "id"),
    "id in escapes of an address": (in_json(f"see ?who=%50{WHO[1:]}"), "id"),
    "id in escapes of HTML": (in_json(f"see &#80;{WHO[1:]}"), "id"),
    "name in a cell": (in_column(NAME), "identifier"),
    "record number in JSON": (in_json(f"hospital number {RECORD}"), "identifier"),
    "day of a visit in a name": (dated, "date"),
    "day of a visit in answers": (dated_answers, "date"),
    "day of a visit in JSON": (in_json("interviewed on 07.05.2024"), "date"),
    "name of an original in JSON": (in_json("from a_voice.wav"), "file name"),
    "path of the machine in JSON": (in_json("from /home/ward7/export"), "path"),
    "remark in a table": (commented, "comment"),
    "field of a description": (described, "unexpected field"),
    "numbers of rows in a table": (in_column("0", name="Unnamed: 0"), "unexpected field"),
    "WAV with INFO": (
        in_place_of("*_voice.flac", "_voice.wav", lambda: wav_with((b"LIST", info_list()))),
        "metadata",
    ),
    "FLAC with a comment": (
        in_place_of(
            "*_voice.flac",
            "_voice.flac",
            lambda: flac_with((4, struct.pack("<III", 0, 1, 8) + b"ARTIST=x")),
        ),
        "metadata",
    ),
    "ID3 behind FLAC": (behind("*_voice.flac", b"TAG" + b"ward 7".ljust(125)), "metadata"),
    "FLAC of another maker": (
        in_place_of("*_voice.flac", "_voice.flac", with_maker),
        "encoder",
    ),
    "JPEG with place and camera": (
        in_place_of("*_face.png", "_face.jpg", photographed),
        "metadata",
    ),
    "JPEG with a small copy": (in_place_of("*_face.png", "_face.jpg", with_small_copy), "metadata"),
    "PNG with text": (
        in_place_of("*_face.png", "_face.png", lambda: texted(international=False)),
        "metadata",
    ),
    "PNG with international text": (
        in_place_of("*_face.png", "_face.png", lambda: texted(international=True)),
        "metadata",
    ),
    "MP4 with user data": (
        behind("*_face.mp4", atom(b"udta", atom(b"\xa9nam", b"\0\4\0\0ward"))),
        "metadata",
    ),
    "MP4 with a time": (in_place_of("*_face.mp4", "_face.mp4", timed), "metadata"),
    "Parquet with a key": (
        in_place_of("*_expression.parquet", "_expression.parquet", keyed),
        "metadata",
    ),
    "Parquet with an index": (
        in_place_of("*_expression.parquet", "_expression.parquet", indexed),
        "unexpected field",
    ),
    "bytes behind FLAC": (behind("*_voice.flac", b"\x01\x02\x03\x04"), "appended bytes"),
    "bytes behind PNG": (behind("*_face.png", b"ward"), "appended bytes"),
    "bytes behind MP4": (behind("*_face.mp4", b"\xffward"), "unreadable"),
    "bytes behind tensors": (
        beside("model.safetensors", tensor_bytes(TENSORS) + b"ward"),
        "appended bytes",
    ),
    "metadata of tensors": (
        beside("model.safetensors", tensor_bytes(TENSORS, {"who": "ward 7"})),
        "metadata",
    ),
    "time of an original": (same_time, "time"),
    "times in the order of people": (times_in_order, "time"),
    "rows in the order of people": (rows_in_order, "order"),
    "people in their order": (people_in_order, "order"),
    "codes in the order of people": (codes_in_order, "order"),
    "numbers in the order of people": (numbered_column, "order"),
    "recording that was not touched": (untouched, "same bytes"),
    "desktop file of a Mac": (beside(".DS_Store", b"\0\0\0\1Bud1"), "stray file"),
    "small pictures of Windows": (beside("Thumbs.db", b"\xd0\xcf\x11\xe0"), "stray file"),
    "backup of an editor": (beside("participants.tsv~", b"participant_id\n"), "stray file"),
    "hidden folder": (beside(".git/config", b"[user]\n"), "stray file"),
    "planted truth": (renamed("*_transcript.tsv", "sub-X_ses-01_entities.tsv"), "stray file"),
    "archive with a comment": (beside("notes.zip", zipped(NAME.encode())), "identifier"),
    "archive with an id": (beside("notes.zip", zipped(b"", WHO.encode())), "id"),
    "compressed table": (beside("old.tsv.gz", gzip.compress(f"who\n{WHO}\n".encode())), "id"),
    "text of two bytes a letter": (beside("old.txt", f"who {WHO}".encode("utf-16")), "id"),
    "link to an original": (leading_there, "link"),
    "second name of an original": (same_file, "link"),
    "attribute of a file": (attributed, "attribute"),
}
