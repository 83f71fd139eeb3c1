"""Pack the recordings of the sample cohort into one archive, and lay them out in a folder.

The archive holds paths of a corpus on disk. It is stored, not deflated: sound and pictures do not
get smaller. The truth about the recordings lies in an archive of its own.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path, PurePosixPath

from pydantic import TypeAdapter

from mindveil.corpus.model import MediaFile, Modality
from mindveil.corpus.sample.truth import MediaTruth
from mindveil.errors import RefusedError

MEDIA = "media.zip"
MEDIA_TRUTH = "media_truth.zip"
_MEMBER = "content.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_FILE_MODE = 0o100644 << 16

Found = dict[tuple[str, str], dict[Modality, tuple[MediaFile, ...]]]


def unpack_media(folder: Path) -> Found:
    """Write the recordings into a folder; return them by (participant, session) and modality.

    Files that are there with the same content stay as they are, so that nothing computed from
    them grows old.

    Raises:
        RefusedError: the archive names a file outside the folder.
    """
    found: Found = {}
    with files(__package__).joinpath(MEDIA).open("rb") as file, zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            person, session, modality = _parts(name)
            path = folder.joinpath(*PurePosixPath(name).parts)
            content = archive.read(name)
            if not (path.is_file() and path.read_bytes() == content):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            media = found.setdefault((person, session), {})
            media[modality] = (*media.get(modality, ()), MediaFile(path=path))
    return found


def load_media_truth() -> MediaTruth:
    """Return how the recordings were made and who shares a voice: for scoring and teaching."""
    packed = files(__package__).joinpath(MEDIA_TRUTH).read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return TypeAdapter(MediaTruth).validate_json(archive.read(_MEMBER))


def pack_media(contents: Mapping[str, bytes], folder: Path) -> Path:
    """Write media files, by their path in a corpus, as one archive; return its path."""
    return _pack(folder / MEDIA, contents, zipfile.ZIP_STORED)


def pack_media_truth(truth: MediaTruth, folder: Path) -> Path:
    """Write the truth about the recordings as an archive; return its path."""
    content = TypeAdapter(MediaTruth).dump_json(truth)
    return _pack(folder / MEDIA_TRUTH, {_MEMBER: content}, zipfile.ZIP_DEFLATED)


def _pack(path: Path, contents: Mapping[str, bytes], compression: int) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in sorted(contents.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = compression
            entry.create_system = _UNIX
            entry.external_attr = _FILE_MODE
            archive.writestr(entry, content)
    return path


def _parts(name: str) -> tuple[str, str, Modality]:
    """Return participant, session and modality of a path such as sub-P001/ses-01/voice/file.

    >>> _parts("sub-P001/ses-01/voice/sub-P001_ses-01_voice.ogg")
    ('P001', '01', 'voice')
    """
    parts = PurePosixPath(name).parts
    modality = next(_modality(parts), None)
    safe = len(parts) == 4 and parts[0].startswith("sub-") and parts[1].startswith("ses-")
    if modality is None or not safe or ".." in parts or "\\" in name or ":" in name:
        raise RefusedError(f"{MEDIA}: {name!r} is no path of a recording; install the package anew")
    return parts[0].removeprefix("sub-"), parts[1].removeprefix("ses-"), modality


def _modality(parts: tuple[str, ...]) -> Iterator[Modality]:
    known: tuple[Modality, ...] = ("text", "voice", "face")
    return (m for m in known if parts[2:3] == (m,))
