"""Which metadata a file carries: what it says beside what is heard, seen or measured.

A phone writes where a picture was taken, a recorder its serial number, an editor the name of its
licensee. Names of fields are returned, never what stands in them. What a decoder needs (rates,
sizes, colours, the name of the encoding library) does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from mindveil.corpus.media_formats import format_of
from mindveil.corpus.picture_metadata import gif_fields, jpeg_fields, pgm_fields, png_fields
from mindveil.corpus.sound_metadata import (
    flac_fields,
    mp3_fields,
    ogg_fields,
    tail_fields,
    wav_fields,
)
from mindveil.corpus.table_metadata import parquet_fields
from mindveil.corpus.video_metadata import mp4_fields

MOST_NAMED = 100
"""Fields that are named; a file with more is not described any better by them."""

_FIELDS: Mapping[str, Callable[[BinaryIO, int], Iterator[str]]] = MappingProxyType(
    {
        "WAV": wav_fields,
        "FLAC": flac_fields,
        "OGG": ogg_fields,
        "MP3": mp3_fields,
        "PNG": png_fields,
        "JPEG": jpeg_fields,
        "GIF": gif_fields,
        "PPM": pgm_fields,
        "MP4": mp4_fields,
        "PARQUET": parquet_fields,
    }
)


def metadata_of(path: Path) -> tuple[str, ...]:
    """Return the names of the metadata fields of a file, in order, each once; none is ``()``.

    Raises:
        InputError: the file is missing, empty, cut off or not what its ending says.
    """
    form = format_of(path)
    names: dict[str, None] = {}
    with path.open("rb") as file:
        size = path.stat().st_size
        for fields in (_FIELDS[form.name], tail_fields):
            for name in fields(file, size):
                names[name] = None
                if len(names) == MOST_NAMED:
                    return tuple(names)
    return tuple(names)
