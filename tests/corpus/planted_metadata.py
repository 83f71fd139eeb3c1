"""Recordings with metadata planted by hand, for tests that none of it survives a clean copy.

``PLANTED`` maps a name to the ending of the file, its bytes and the fields that are in it; all of
them hold ``SECRET``.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile
from PIL import Image
from tests.corpus.hostile_media import RATE, atom, chunk, picture, sound, table, tone, video

SECRET = b"Zanzibarquux"


def wav_with(*chunks: tuple[bytes, bytes]) -> bytes:
    data = sound("WAV")[12:]
    for name, content in chunks:
        data += name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
    return b"RIFF" + struct.pack("<I", len(data) + 4) + b"WAVE" + data


def info_list() -> bytes:
    return b"INFOIART" + struct.pack("<I", len(SECRET)) + SECRET


def flac_with(*blocks: tuple[int, bytes]) -> bytes:
    data = sound("FLAC")
    between = b"".join(bytes([kind]) + len(body).to_bytes(3) + body for kind, body in blocks)
    return data[:42] + between + data[42:]


def cover() -> bytes:
    return (
        struct.pack(">II", 3, 9)
        + b"image/png"
        + struct.pack(">IIIIII", 0, 8, 8, 24, 0, len(SECRET))
    ) + SECRET


def tagged(form: str, subtype: str | None = None) -> bytes:
    buffer = io.BytesIO()
    rate = 48_000 if subtype == "OPUS" else RATE
    about = {"samplerate": rate, "channels": 1, "format": form, "subtype": subtype}
    with soundfile.SoundFile(buffer, "w", **about) as file:
        file.artist = SECRET.decode()
        file.comment = SECRET.decode()
        file.write(tone())
    return buffer.getvalue()


def id3v2(version: int, *names: bytes) -> bytes:
    frames = b"".join(n + struct.pack(">I", len(SECRET) + 1) + b"\0\0\0" + SECRET for n in names)
    return b"ID3" + bytes([version, 0, 0, 0, 0, len(frames) >> 7, len(frames) & 0x7F]) + frames


def id3v1() -> bytes:
    return (b"TAG" + SECRET).ljust(128, b"\0")


def ape() -> bytes:
    item = struct.pack("<II", len(SECRET), 0) + b"Artist\0" + SECRET
    return item + b"APETAGEX" + struct.pack("<IIII", 2000, len(item) + 32, 1, 0) + bytes(8)


def png_with(*chunks: tuple[bytes, bytes]) -> bytes:
    data = picture("PNG")
    return data[:33] + b"".join(chunk(name, content) for name, content in chunks) + data[33:]


def exif_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    exif.get_ifd(0x8825)[2] = (52.0, 13.0, 5.0)
    return exif.tobytes()


def jpeg_with(*segments: tuple[int, bytes]) -> bytes:
    data = picture("JPEG")
    between = b"".join(
        bytes([0xFF, mark]) + struct.pack(">H", len(body) + 2) + body for mark, body in segments
    )
    return data[:2] + between + data[2:]


def gif_with_comment() -> bytes:
    data = picture("GIF")
    body = b"!\xfe" + bytes([len(SECRET)]) + SECRET + b"\0"
    return data[:-1] + body + data[-1:]


def mp4_with(*inside: bytes, behind: bytes = b"") -> bytes:
    data = bytearray(video())
    start = data.index(b"moov") - 4
    assert start + int.from_bytes(data[start : start + 4]) == len(data), "moov stands last"
    data += b"".join(inside)
    data[start : start + 4] = (len(data) - start).to_bytes(4)
    return bytes(data) + behind


def mp4_dated() -> bytes:
    data = bytearray(video())
    for name in (b"mvhd", b"tkhd", b"mdhd"):
        place = data.index(name) + 8
        data[place : place + 8] = struct.pack(">II", 0xDEADBEEF, 0xDEADBEEF)
    return bytes(data)


def mp4_of_a_phone() -> bytes:
    data = bytearray(video())
    place = data.index(b"VideoHandler")
    data[place : place + 12] = SECRET
    return bytes(data)


def parquet_with_keys() -> bytes:
    buffer = io.BytesIO()
    field = pa.field("seconds", pa.float64(), metadata={"subject": SECRET})
    words = pa.field("notes", pa.string())
    columns = [pa.array(np.arange(5.0)), pa.array([SECRET.decode()] * 5)]
    schema = pa.schema([field, words], metadata={"pandas": SECRET, "author": SECRET})
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), buffer)
    return buffer.getvalue()


UDTA = atom(b"udta", atom(b"\xa9xyz", SECRET))

PLANTED: dict[str, tuple[str, Callable[[], bytes], tuple[str, ...]]] = {
    "wav-info": ("_voice.wav", lambda: wav_with((b"LIST", info_list())), ("LIST/INFO",)),
    "wav-recorder": (
        "_voice.wav",
        lambda: wav_with((b"bext", SECRET), (b"iXML", SECRET), (b"id3 ", SECRET)),
        ("bext", "iXML", "id3"),
    ),
    "wav-padding": ("_voice.wav", lambda: wav_with((b"JUNK", SECRET)), ("JUNK",)),
    "wav-tail": ("_voice.wav", lambda: sound("WAV") + id3v1(), ("TAGZ", "ID3v1")),
    "flac-comments": (
        "_voice.flac",
        lambda: tagged("FLAC"),
        ("VORBIS_COMMENT/COMMENT", "VORBIS_COMMENT/ARTIST"),
    ),
    "flac-blocks": (
        "_voice.flac",
        lambda: flac_with((2, b"abcd" + SECRET), (1, SECRET), (6, cover())),
        ("APPLICATION", "PADDING", "PICTURE"),
    ),
    "ogg-comments": (
        "_voice.ogg",
        lambda: tagged("OGG"),
        ("comment/ENCODER", "comment/COMMENT", "comment/ARTIST"),
    ),
    "opus-comments": (
        "_voice.ogg",
        lambda: tagged("OGG", "OPUS"),
        ("comment/COMMENT", "comment/ARTIST"),
    ),
    "mp3-tags": (
        "_voice.mp3",
        lambda: id3v2(3, b"TPE1", b"GEOB") + sound("MP3") + ape() + id3v1(),
        ("ID3v2/TPE1", "ID3v2/GEOB", "ID3v1", "APE"),
    ),
    "png-texts": (
        "_face.png",
        lambda: png_with(
            (b"tEXt", b"Author\0" + SECRET),
            (b"zTXt", b"Comment\0\0" + zlib.compress(SECRET)),
            (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + SECRET),
        ),
        ("tEXt/Author", "zTXt/Comment", "iTXt/XML:com.adobe.xmp"),
    ),
    "png-place-and-time": (
        "_face.png",
        lambda: (
            png_with((b"eXIf", exif_with_place()[6:]), (b"tIME", bytes([7, 234, 11, 22, 8, 0, 0])))
            + SECRET
        ),
        ("eXIf", "tIME", "bytes behind the picture"),
    ),
    "jpg-place": ("_face.jpg", lambda: jpeg_with((0xE1, exif_with_place())), ("APP1/Exif",)),
    "jpg-notes": (
        "_face.jpg",
        lambda: jpeg_with(
            (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET),
            (0xED, b"Photoshop 3.0\x008BIM" + SECRET),
            (0xFE, SECRET),
        ),
        ("APP1/http://ns.adobe.com/xap/", "APP13/Photoshop", "comment"),
    ),
    "jpg-tail": ("_face.jpg", lambda: picture("JPEG") + SECRET, ("bytes behind the picture",)),
    "gif-comment": ("_face.gif", gif_with_comment, ("comment",)),
    "pgm-comment": (
        "_face.pgm",
        lambda: b"P5\n# " + SECRET + b"\n8 8\n255\n" + bytes(64),
        ("comment",),
    ),
    "mp4-place": ("_face.mp4", lambda: mp4_with(UDTA), ("moov/udta",)),
    "mp4-boxes": (
        "_face.mp4",
        lambda: mp4_with(
            atom(b"meta", SECRET), behind=atom(b"uuid", bytes(16) + SECRET) + atom(b"free", SECRET)
        ),
        ("moov/meta", "uuid", "free"),
    ),
    "mp4-time": (
        "_face.mp4",
        mp4_dated,
        ("moov/mvhd time", "moov/trak/tkhd time", "moov/trak/mdia/mdhd time"),
    ),
    "mp4-device": ("_face.mp4", mp4_of_a_phone, ("moov/trak/mdia/hdlr name",)),
    "parquet-keys": (
        "_expression.parquet",
        parquet_with_keys,
        ("key/pandas", "key/author", "key/ARROW:schema"),
    ),
}

CLEAN: dict[str, tuple[str, Callable[[], bytes]]] = {
    "wav": ("_voice.wav", lambda: sound("WAV")),
    "flac": ("_voice.flac", lambda: sound("FLAC")),
    "mp3": ("_voice.mp3", lambda: sound("MP3")),
    "png": ("_face.png", lambda: picture("PNG")),
    "jpg": ("_face.jpg", lambda: picture("JPEG")),
    "gif": ("_face.gif", lambda: picture("GIF")),
    "mp4": ("_face.mp4", video),
    "parquet": ("_expression.parquet", table),
}
