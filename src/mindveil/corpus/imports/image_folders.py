"""Pictures and videos of faces, one folder a person or a pattern in the names of files.

Read as they lie there: the ORL faces (``s{person}/{run}.pgm``; Samaria & Harter 1994) and the Yale
faces (``subject{person}.{task}.gif``; Belhumeur et al. 1997).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from mindveil.corpus.imports.base import Imported, checked
from mindveil.corpus.imports.media_folders import FolderOptions, Recording, final_ids, gather
from mindveil.corpus.media import read_still, write_still
from mindveil.corpus.model import Corpus, MediaFile, Participant, Session
from mindveil.corpus.workshop import new_file

KEPT = (".png", ".jpg", ".jpeg", ".mp4")
CONVERTED = (".gif", ".pgm")
"""Types that a corpus does not hold; they become PNG."""


class ImageOptions(FolderOptions):
    """What names of files and folders mean; see the page "Bring your data"."""


@dataclass(frozen=True, slots=True)
class ImageFolders:
    """Read a folder of pictures; bytes are kept, but for GIF and PGM, which become PNG."""

    kind: ClassVar[str] = "image-folders"

    def read(self, source: Path, options: Mapping[str, object]) -> Imported:
        """Return the corpus; see :class:`mindveil.corpus.imports.base.Importer`."""
        settings = checked(ImageOptions, options)
        gathered = gather(source, settings, (*KEPT, *CONVERTED))
        names = final_ids(list(gathered.people), settings.ids)
        people = tuple(
            Participant(
                participant_id=names[person],
                attributes=gathered.described.attributes.get(person, {}),
                sessions=tuple(_session(key, files) for key, files in sessions.items()),
            )
            for person, sessions in gathered.people.items()
        )
        corpus = Corpus(
            name=settings.name or source.resolve().name,
            participants=people,
            columns=gathered.described.columns,
            language=settings.language,
            licence=settings.licence,
            consent={str(m): scope for m, scope in settings.consent.items()},
            pseudo_sessions=gathered.pseudo_sessions,
        )
        files = [r for own in gathered.people.values() for part in own.values() for r in part]
        changed = sum(_is_converted(file) for file in files)
        said = [f"pictures written as PNG: {changed} GIF or PGM"] if changed else []
        return Imported(corpus=corpus, notes=(*gathered.notes, *said))


def _session(key: str, files: Sequence[Recording]) -> Session:
    media = tuple(MediaFile(path=_path(file), task=file.task) for file in files)
    return Session(session_id=key, media={"face": media})


def _is_converted(file: Recording) -> bool:
    return file.path.suffix.lower() in CONVERTED


def _path(file: Recording) -> Path:
    if not _is_converted(file):
        return file.path
    path = new_file("_face.png")
    write_still(path, read_still(file.path))
    return path
