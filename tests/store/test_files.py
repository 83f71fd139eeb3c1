from __future__ import annotations

import json
import math
import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.errors import InputError
from mindveil.store import files
from mindveil.store.files import (
    STRAY_AFTER_SECONDS,
    draft_bytes,
    draft_copy,
    json_text,
    sweep,
    temporary_folder,
    write_bytes,
    write_folder,
    write_json,
    write_text,
)

SIZE = 3_000_000
KILLS = 12


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_written_whole_private_and_over_an_old_one(tmp_path):
    path = tmp_path / "deep" / "er" / "a.bin"
    write_bytes(path, b"old")
    write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert mode(path) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_text_is_utf8_with_its_own_line_ends(tmp_path):
    write_text(tmp_path / "a", "é\r\n\n")
    assert (tmp_path / "a").read_bytes() == b"\xc3\xa9\r\n\n"


def test_json_is_the_same_bytes_for_the_same_value(tmp_path):
    write_json(tmp_path / "a", {"b": 0.1, "a": [1, None, True], "é": {"z": -0.0, "y": 1e300}})
    write_json(tmp_path / "b", {"é": {"y": 1e300, "z": -0.0}, "a": (1, None, True), "b": 0.1})
    text = (tmp_path / "a").read_text(encoding="utf-8")
    assert text == (tmp_path / "b").read_text(encoding="utf-8")
    assert text.startswith('{\n  "a": [\n    1,')
    assert text.endswith("}\n")
    assert '"é"' in text


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text('ab\x00é"', max_size=3), inner),
        max_leaves=8,
    )
)
def test_json_is_read_back_exactly(value):
    assert json.loads(json_text(value)) == value


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_what_json_cannot_say_is_not_written(tmp_path, number):
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "a", {"x": number})
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_the_place_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "secret").write_text("keep", encoding="utf-8")
    (tmp_path / "a").symlink_to("secret")
    write_text(tmp_path / "a", "new")
    assert (tmp_path / "secret").read_text(encoding="utf-8") == "keep"
    assert not (tmp_path / "a").is_symlink()


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_no_temporary(tmp_path, monkeypatch, broken):
    path = tmp_path / "a"
    write_bytes(path, b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if broken == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        write_bytes(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def fill(folder: Path) -> None:
    draft_bytes(folder / "sub" / "a", b"1")
    (folder / "b").write_bytes(b"2")


def test_a_folder_appears_whole(tmp_path):
    write_folder(tmp_path / "x" / "out", fill)
    out = tmp_path / "x" / "out"
    assert sorted(p.name for p in out.rglob("*")) == ["a", "b", "sub"]
    assert (mode(out), mode(out / "sub"), mode(out / "sub" / "a")) == (0o700, 0o700, 0o600)
    assert list(out.parent.iterdir()) == [out]


def test_a_folder_that_fails_leaves_nothing(tmp_path):
    def fail(folder: Path) -> None:
        fill(folder)
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        write_folder(tmp_path / "out", fail)
    assert list(tmp_path.iterdir()) == []


def test_a_taken_place_is_refused_and_an_empty_folder_is_used(tmp_path):
    (tmp_path / "empty").mkdir()
    write_folder(tmp_path / "empty", fill)
    assert (tmp_path / "empty" / "b").read_bytes() == b"2"
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to("empty")
    for place in ("empty", "file", "link"):
        with pytest.raises(InputError, match="exists and is not an empty folder"):
            write_folder(tmp_path / place, fill)


def test_a_folder_is_synced_file_by_file_where_one_call_does_not_wait(tmp_path, monkeypatch):
    synced: list[int] = []
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(files.os, "fsync", synced.append)
    write_folder(tmp_path / "out", fill)
    assert len(synced) == 5  # a, b, sub, the temporary folder, the folder that holds it


def test_drafts_never_overwrite_and_copies_keep_the_bytes(tmp_path):
    draft_bytes(tmp_path / "a", b"1")
    with pytest.raises(FileExistsError):
        draft_bytes(tmp_path / "a", b"2")
    draft_copy(tmp_path / "a", tmp_path / "new" / "b")
    assert (tmp_path / "new" / "b").read_bytes() == b"1"
    assert mode(tmp_path / "new" / "b") == 0o600


def dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_sweeping_takes_temporaries_of_the_dead_and_leaves_the_rest(tmp_path):
    host, pid, tail = files._host(), dead_pid(), "0123456789ab.tmp"
    stray = [f".mv-{host}-{pid}-{tail}", f".mv-{host}-{2**40 % 10**10}-{tail}"]
    alive = f".mv-{host}-{os.getpid()}-{tail}"
    elsewhere = f".mv-{'0' * 8 if host != '0' * 8 else '1' * 8}-{pid}-{tail}"
    kept = [alive, elsewhere, "a.tmp", ".mv-notes.tmp", f".mv-{host}-{pid}-{tail}.txt"]
    for name in (stray[0], *kept):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "sub" / stray[1] / "deep").mkdir(parents=True)
    (tmp_path / "sub" / stray[1] / "deep" / "a").write_bytes(b"")
    assert sweep(tmp_path) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*kept, "sub"])
    assert list((tmp_path / "sub").iterdir()) == []
    old = time.time() - STRAY_AFTER_SECONDS - 60
    for name in (alive, elsewhere):
        os.utime(tmp_path / name, (old, old))
    assert sweep(tmp_path) == 2


def test_a_maker_that_cannot_be_asked_counts_as_alive(tmp_path, monkeypatch):
    def refuse(*_: int) -> None:
        raise PermissionError

    stray = tmp_path / f".mv-{files._host()}-{dead_pid()}-0123456789ab.tmp"
    stray.write_bytes(b"")
    with monkeypatch.context() as here:
        here.setattr(os, "kill", refuse)
        assert sweep(tmp_path) == 0
    with monkeypatch.context() as here:
        here.setattr(os, "name", "nt")
        alive_on_windows = not files._is_stray(stray)
    assert alive_on_windows
    assert sweep(tmp_path) == 1
    assert not files._is_stray(stray)


def test_sweeping_does_not_follow_links(tmp_path):
    stray = f".mv-{files._host()}-{dead_pid()}-0123456789ab.tmp"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "keep").write_bytes(b"")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / stray).symlink_to(tmp_path / "outside")
    (tmp_path / "run" / "link").symlink_to(tmp_path / "outside")
    assert sweep(tmp_path / "run") == 1
    assert (tmp_path / "outside" / "keep").exists()
    assert sweep(tmp_path / "nowhere") == 0


WRITER = """
import itertools, sys
from pathlib import Path
from mindveil.store.files import draft_bytes, write_bytes, write_folder

place, size = Path(sys.argv[1]), int(sys.argv[2])
for n in itertools.count():
    if n == 1:
        print("ready", flush=True)
    write_bytes(place / "file", bytes([n % 256]) * size)
    write_folder(
        place / f"folder-{n}",
        lambda f: [draft_bytes(f / str(k), bytes([k]) * 1000) for k in range(20)],
    )
"""


def test_a_killed_run_leaves_no_half_file(tmp_path):
    """Kill a writer at many moments: what is there is whole, what is stray is swept."""
    delays = [0.003 * (1 + 7 * n % KILLS) for n in range(KILLS)]
    script = tmp_path / "writer.py"
    script.write_text(WRITER, encoding="utf-8")
    place = tmp_path / "run"
    strays = 0
    for delay in delays:
        command = [sys.executable, str(script), str(place), str(SIZE)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.wait()
        strays += sweep(place)
        if (place / "file").exists():
            data = (place / "file").read_bytes()
            assert len(data) == SIZE
            assert data == data[:1] * SIZE
        for folder in place.glob("folder-*"):
            made = {p.name: p.read_bytes() for p in folder.iterdir()}
            assert made == {str(k): bytes([k]) * 1000 for k in range(20)}
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()
        assert {p.name for p in place.glob("*")} <= {"file"} if place.exists() else True
    assert (place / "file").exists()
    assert strays > 0, "no kill came in the middle of a write: the test shows nothing"


def test_names_of_temporaries_are_recognised_and_differ():
    names = {files._temporary_name() for _ in range(100)}
    assert len(names) == 100
    assert all(files._TEMPORARY.fullmatch(name) for name in names)


def test_a_temporary_folder_goes_and_what_a_killed_maker_leaves_is_swept(tmp_path):
    with temporary_folder(tmp_path / "run") as folder:
        (folder / "half.flac").write_bytes(b"x")
        assert sweep(tmp_path) == 0, "its maker is alive"
        left = folder.name
    assert not folder.exists()
    nobody = re.sub(r"-\d+-", "-999999999-", left)
    (tmp_path / "run" / nobody).mkdir()
    assert sweep(tmp_path) == 1
    assert not list((tmp_path / "run").iterdir())


def test_a_shared_copy_is_a_second_name_for_the_same_bytes(tmp_path):
    source = tmp_path / "made.flac"
    source.write_bytes(b"sound")
    draft_copy(source, tmp_path / "release" / "a.flac", share=True)
    draft_copy(source, tmp_path / "release" / "b.flac")
    shared, own = (tmp_path / "release" / name for name in ("a.flac", "b.flac"))
    assert shared.samefile(source)
    assert not own.samefile(source)
    assert shared.read_bytes() == own.read_bytes() == b"sound"
    assert stat.S_IMODE(shared.stat().st_mode) == stat.S_IMODE(own.stat().st_mode) == 0o600
