from __future__ import annotations

import contextlib
import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.errors import InputError
from mindveil.features import archives

TAKE = {"toy/model/": "", "toy-1.0.dist-info/LICENSE": "LICENSE"}
MEMBERS = {
    "toy/__init__.py": b"raise SystemExit('package code was run')",
    "toy/model/weights.bin": bytes(range(256)) * 4,
    "toy/model/deep/config.json": b"{}",
    "toy-1.0.dist-info/LICENSE": b"free",
}


def zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def test_the_named_members_are_taken_and_nothing_else(tmp_path):
    folder = unpack(zipped(MEMBERS), tmp_path)
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}
    assert found == {
        "weights.bin": MEMBERS["toy/model/weights.bin"],
        "deep/config.json": b"{}",
    }
    assert (folder / "LICENSE").read_bytes() == b"free"


def test_an_archive_is_handed_out_only_with_the_pinned_hash(tmp_path):
    (tmp_path / "a.whl").write_bytes(b"abc")
    # NIST's example: SHA-256 of "abc"
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert archives.sha256_of(tmp_path / "a.whl") == known
    pinned = archives.Archive(package="a", version="1", file="a.whl", sha256=known, take={})
    with archives.obtain(pinned, tmp_path, beside=tmp_path) as path:
        assert path.read_bytes() == b"abc"
    (tmp_path / "a.whl").write_bytes(b"abd")
    with (
        pytest.raises(InputError, match="is not the pinned one"),
        archives.obtain(pinned, tmp_path, beside=tmp_path),
    ):
        pass


HARMFUL_NAMES = [
    "../escape",
    "toy/model/../../escape",
    "/absolute",
    "//host/share",
    "C:/windows",
    "C:relative",
    "..\\escape",
    "toy\\model",
    "toy/model/nul\0.bin",
]


def unpack(data: bytes, tmp_path: Path, *, most_bytes: int = 10**6) -> Path:
    (tmp_path / "a.whl").write_bytes(data)
    folder = tmp_path / "out"
    folder.mkdir()
    archives.unpack(tmp_path / "a.whl", folder, TAKE, most_bytes=most_bytes)
    return folder


@pytest.mark.parametrize("name", HARMFUL_NAMES)
def test_harmful_paths_are_refused_even_outside_the_wanted_folder(name, tmp_path):
    placeholder = "x" * len(name)
    data = zipped(MEMBERS | {placeholder: b""}).replace(placeholder.encode(), name.encode())
    with pytest.raises(InputError, match="1 entries are unsafe"):
        unpack(data, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.whl", "out"]
    assert not any((tmp_path / "out").iterdir())


@pytest.mark.parametrize("mode", [0o120777, 0o020666, 0o010666])
def test_links_devices_and_pipes_are_refused(mode, tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        entry = zipfile.ZipInfo("toy/model/link")
        entry.external_attr = mode << 16
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(InputError, match="unsafe"):
        unpack(made.getvalue(), tmp_path)


def test_bombs_are_refused(tmp_path):
    with pytest.raises(InputError, match="unsafe"):
        unpack(zipped(MEMBERS | {"toy/model/bomb": bytes(10**6)}), tmp_path)


def test_an_archive_holds_no_more_than_was_declared(tmp_path):
    with pytest.raises(InputError, match="more than the 1029 bytes"):
        unpack(zipped(MEMBERS), tmp_path, most_bytes=1029)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_entry_twice_is_refused(tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for data in ("good", "evil"):
            archive.writestr(zipfile.ZipInfo("toy/model/a"), data)
    with pytest.raises(InputError, match="twice"):
        unpack(made.getvalue(), tmp_path)


def test_encrypted_and_oddly_packed_members_are_refused(tmp_path):
    data = zipped({"toy/model/a": b"secret"})
    position = data.index(b"PK\x01\x02")
    locked = data[: position + 8] + b"\x01" + data[position + 9 :]
    with pytest.raises(InputError, match="unsafe"):
        unpack(locked, tmp_path)


@pytest.mark.parametrize("data", [b"", b"not a zip", zipped(MEMBERS)[:200]])
def test_what_is_not_a_zip_file_is_a_plain_error(data, tmp_path):
    with pytest.raises(InputError, match=r"a\.whl: cannot be unpacked"):
        unpack(data, tmp_path)


def test_an_archive_without_a_wanted_member_is_refused(tmp_path):
    with pytest.raises(InputError, match="LICENSE is not in the archive"):
        unpack(zipped({"toy/model/a": b""}), tmp_path)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damaged_archive_ever_writes_outside_or_raises_anything_else(data):
    raw = bytearray(zipped(MEMBERS))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as place:
        with contextlib.suppress(InputError):
            unpack(bytes(raw), Path(place))
        assert sorted(p.name for p in Path(place).iterdir()) == ["a.whl", "out"]
        assert sum(p.stat().st_size for p in Path(place, "out").rglob("*")) < 10**6
