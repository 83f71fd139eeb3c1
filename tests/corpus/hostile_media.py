"""Recordings with one thing wrong each: malformed, lying, or made to hurt who opens them.

``HOSTILE`` maps a name to the ending of the file and a function that returns its bytes, small on
disk; ``SAYS`` maps an ending or a name to words that the sentence about it must hold.
"""

from __future__ import annotations

import functools
import gzip
import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile
from PIL import Image

from mindveil.corpus.media_writers import write_frames

RATE = 16_000


def tone(seconds: float = 1.0) -> np.ndarray:
    t = np.arange(int(RATE * seconds)) / RATE
    noise = np.random.default_rng(7).normal(0, 0.02, len(t))
    return (0.3 * np.sin(2 * np.pi * 220 * t) + noise).astype(np.float32)


@functools.cache
def sound(form: str, subtype: str = "", seconds: float = 1.0) -> bytes:
    buffer = io.BytesIO()
    rate = 48_000 if subtype == "OPUS" else RATE
    soundfile.write(buffer, tone(seconds), rate, format=form, subtype=subtype or None)
    return buffer.getvalue()


@functools.cache
def picture(form: str, width: int = 64, height: int = 48) -> bytes:
    pixels = np.random.default_rng(3).integers(0, 255, (height, width, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form)
    return buffer.getvalue()


@functools.cache
def video(frames: int = 25) -> bytes:
    pixels = np.random.default_rng(5).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.mp4"
        write_frames(path, (np.roll(pixels, n, axis=1) for n in range(frames)), 25.0)
        return path.read_bytes()


def wide_video() -> bytes:
    """Return frames of 8208 pixels in a row, which is more than 8K."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.mp4"
        code = cv2.VideoWriter.fourcc(*"MJPG")
        writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, 25.0, (8208, 16))
        for _ in range(3):
            writer.write(np.zeros((16, 8208, 3), dtype=np.uint8))
        writer.release()
        return path.read_bytes()


@functools.cache
def table(rows: int = 50, kind: str = "float64") -> bytes:
    buffer = io.BytesIO()
    column = pa.array(["a"] * rows) if kind == "text" else pa.array(np.zeros(rows, dtype=kind))
    pq.write_table(pa.table({"seconds": column}), buffer, store_schema=False)
    return buffer.getvalue()


def wav(
    data: bytes,
    *,
    form: int = 1,
    channels: int = 1,
    rate: int = RATE,
    bits: int = 16,
    claim: int = -1,
) -> bytes:
    frame = channels * bits // 8
    about = struct.pack("<HHIIHH", form, channels, rate, min(rate * frame, 2**32 - 1), frame, bits)
    claim = len(data) if claim < 0 else claim
    body = b"WAVEfmt " + struct.pack("<I", 16) + about + b"data" + struct.pack("<I", claim) + data
    return b"RIFF" + struct.pack("<I", min(len(body), 2**32 - 1)) + body


def floats(*odd: float) -> bytes:
    samples = tone()
    samples[100 : 100 + len(odd)] = odd
    return wav(samples.tobytes(), form=3, bits=32)


def flac_claims(samples: int) -> bytes:
    """Return a FLAC whose header claims this many samples (36 bits of STREAMINFO, RFC 9639 8.2)."""
    data = bytearray(sound("FLAC"))
    low = 8 + 13
    data[low] = data[low] & 0xF0 | samples >> 32
    data[low + 1 : low + 5] = (samples & 0xFFFFFFFF).to_bytes(4)
    return bytes(data)


@functools.cache
def quiet_flac(seconds: int, rate: int, channels: int) -> bytes:
    """Return digital silence: a kilobyte of FLAC for a minute of sound."""
    buffer = io.BytesIO()
    about = {"samplerate": rate, "channels": channels, "format": "FLAC", "subtype": "PCM_16"}
    with soundfile.SoundFile(buffer, "w", **about) as file:
        for _ in range(seconds):
            file.write(np.zeros((rate, channels), dtype=np.int16))
    return buffer.getvalue()


def chunk(name: bytes, data: bytes, *, crc: int | None = None) -> bytes:
    check = zlib.crc32(name + data) if crc is None else crc
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)


def png(width: int, height: int, *between: bytes, rows: bytes | None = None) -> bytes:
    """Return a picture of 1 bit a pixel, all black unless ``rows`` says otherwise."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    if rows is None:
        rows = zipped(height * (1 + (width + 7) // 8))
    start = b"\x89PNG\r\n\x1a\n"
    return start + head + b"".join(between) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zipped(length: int) -> bytes:
    """Return so many zeros in zlib's coding, without ever holding them."""
    packer = zlib.compressobj(9)
    whole, rest = divmod(length, 1 << 20)
    parts = [packer.compress(bytes(1 << 20)) for _ in range(whole)]
    return b"".join([*parts, packer.compress(bytes(rest)), packer.flush()])


def zip_bomb() -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("0", "w") as one,
    ):
        for _ in range(64):
            one.write(bytes(1 << 20))
    return buffer.getvalue()


def tiff(side: int) -> bytes:
    """Return a TIFF of one strip that claims a square this wide."""
    tags = [(256, side), (257, side), (258, 8), (259, 1), (262, 1), (273, 8), (278, side), (279, 4)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + entries + bytes(4)


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + bytes(6) + b";"


def jpeg_claims(width: int, height: int) -> bytes:
    data = bytearray(picture("JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def jpeg_of_scans(scans: int) -> bytes:
    """Return a progressive picture that is refined over and over, 31 bytes a time."""
    buffer = io.BytesIO()
    Image.new("L", (4_000, 4_000), 90).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + data[-2:]


def atom(name: bytes, content: bytes, *, size: int | None = None) -> bytes:
    return struct.pack(">I", 8 + len(content) if size is None else size) + name + content


def mp4_patched(name: bytes, offset: int, new: bytes, frames: int = 25) -> bytes:
    """Return the small video with some bytes of an atom changed, counted from its name."""
    data = bytearray(video(frames))
    place = data.index(name) + 4 + offset
    data[place : place + len(new)] = new
    return bytes(data)


def nested(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = atom(b"moov", inner)
    return atom(b"ftyp", b"isom\0\0\0\0") + inner + atom(b"mdat", b"\0")


FTYP = atom(b"ftyp", b"isom\0\0\2\0isomiso2mp41")
NOISE = np.random.default_rng(11).bytes(4096)

HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "wav-of-nothing": ("_voice.wav", lambda: b""),
    "wav-of-four-bytes": ("_voice.wav", lambda: b"RIFF"),
    "wav-cut-in-its-header": ("_voice.wav", lambda: sound("WAV")[:30]),
    "wav-cut-off": ("_voice.wav", lambda: sound("WAV")[:-9000]),
    "wav-claims-4-gb": ("_voice.wav", lambda: wav(tone().tobytes(), claim=2**32 - 1)),
    "wav-claims-no-samples": ("_voice.wav", lambda: wav(b"")),
    "wav-without-sound": ("_voice.wav", lambda: wav(bytes(64)).replace(b"data", b"none")),
    "wav-without-format": ("_voice.wav", lambda: sound("WAV").replace(b"fmt ", b"none")),
    "wav-of-rate-0": ("_voice.wav", lambda: wav(bytes(3200), rate=0)),
    "wav-of-10-mhz": ("_voice.wav", lambda: wav(bytes(3200), rate=10_000_000)),
    "wav-of-64-channels": ("_voice.wav", lambda: wav(bytes(12800), channels=64)),
    "wav-of-no-channels": ("_voice.wav", lambda: wav(bytes(3200), channels=0)),
    "wav-of-odd-coding": ("_voice.wav", lambda: wav(bytes(3200), form=0x7777)),
    "wav-with-nan": ("_voice.wav", lambda: floats(float("nan"))),
    "wav-with-infinity": ("_voice.wav", lambda: floats(float("inf"), -float("inf"))),
    "wav-of-5-hours": ("_voice.wav", lambda: wav(bytes(5 * 3600 * 1000), rate=1000, bits=8)),
    "wav-is-gzip": ("_voice.wav", lambda: gzip.compress(bytes(1 << 24))),
    "flac-cut-off": ("_voice.flac", lambda: sound("FLAC")[:-5000]),
    "flac-claims-twice": ("_voice.flac", lambda: flac_claims(2 * RATE)),
    "flac-claims-half": ("_voice.flac", lambda: flac_claims(RATE // 2)),
    "flac-claims-a-week": ("_voice.flac", lambda: flac_claims(7 * 86400 * RATE)),
    "flac-of-noise": ("_voice.flac", lambda: b"fLaC" + NOISE),
    "flac-head-only": ("_voice.flac", lambda: sound("FLAC")[:42]),
    "flac-is-wav": ("_voice.flac", lambda: sound("WAV")),
    "flac-of-silent-hours": ("_voice.flac", lambda: quiet_flac(170, 192_000, 8)),
    "ogg-cut-off": ("_voice.ogg", lambda: sound("OGG")[:-700]),
    "ogg-of-noise": ("_voice.ogg", lambda: b"OggS" + NOISE),
    "ogg-damaged": ("_voice.ogg", lambda: sound("OGG")[:60] + NOISE + sound("OGG")[-200:]),
    "opus-cut-off": ("_voice.ogg", lambda: sound("OGG", "OPUS")[:-300]),
    "mp3-of-noise": ("_voice.mp3", lambda: b"\xff\xfb" + NOISE),
    "mp3-is-text": ("_voice.mp3", lambda: b"not sound at all, only words " * 9),
    "mp3-all-tag": ("_voice.mp3", lambda: b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(900)),
    "mp3-cut-off": ("_voice.mp3", lambda: sound("MP3", seconds=3.0)[:-6000]),
    "png-cut-off": ("_face.png", lambda: picture("PNG")[:-4000]),
    "png-cut-inside": ("_face.png", lambda: png(64, 48, rows=zipped(64))),
    "png-bomb": ("_face.png", lambda: png(30_000, 30_000)),
    "png-claims-the-most": ("_face.png", lambda: png(2**31 - 1, 2**31 - 1, rows=zipped(64))),
    "png-claims-no-width": ("_face.png", lambda: png(0, 48, rows=zipped(48))),
    "png-text-bomb": (
        "_face.png",
        lambda: png(64, 48, *(chunk(b"zTXt", b"a\0\0" + zipped(1 << 26)) for _ in range(2))),
    ),
    "png-profile-bomb": (
        "_face.png",
        lambda: png(8, 8, chunk(b"iCCP", b"a\0\0" + zipped(1 << 27))),
    ),
    "png-of-wrong-check": (
        "_face.png",
        lambda: picture("PNG")[:33] + chunk(b"IDAT", NOISE, crc=1) + chunk(b"IEND", b""),
    ),
    "png-without-pixels": ("_face.png", lambda: picture("PNG")[:33] + chunk(b"IEND", b"")),
    "png-is-tiff": ("_face.png", lambda: tiff(60_000)),
    "png-is-gif": ("_face.png", lambda: gif(60_000, 60_000)),
    "png-is-zip": ("_face.png", zip_bomb),
    "jpg-cut-off": ("_face.jpg", lambda: picture("JPEG", 640, 480)[:-40_000]),
    "jpg-claims-4-gigapixels": ("_face.jpg", lambda: jpeg_claims(65_500, 65_500)),
    "jpg-of-noise": ("_face.jpg", lambda: b"\xff\xd8\xff\xe0" + NOISE),
    "jpg-is-a-page": ("_face.jpeg", lambda: b"<html><body>login</body></html>" * 3),
    "mp4-of-nothing": ("_face.mp4", lambda: b""),
    "mp4-head-only": ("_face.mp4", lambda: FTYP),
    "mp4-cut-off": ("_face.mp4", lambda: video()[:-3000]),
    "mp4-cut-in-its-frames": ("_face.mp4", lambda: video()[:2000]),
    "mp4-atom-beyond-the-end": ("_face.mp4", lambda: FTYP + atom(b"moov", b"", size=2**31)),
    "mp4-atom-without-end": ("_face.mp4", lambda: FTYP + atom(b"moov", b"", size=4) * 99),
    "mp4-of-a-thousand-boxes": ("_face.mp4", lambda: nested(1000)),
    "mp4-claims-2-billion-frames": (
        "_face.mp4",
        lambda: mp4_patched(b"stsz", 8, b"\x7f" + b"\xff" * 3),
    ),
    "mp4-claims-one-frame-of-many": (
        "_face.mp4",
        lambda: mp4_patched(b"stts", 8, bytes(3) + b"\x01", frames=75),
    ),
    "mp4-of-lost-frames": ("_face.mp4", lambda: mp4_patched(b"stco", 8, b"\x7f" + b"\xff" * 3)),
    "mp4-beyond-8k": ("_face.mp4", wide_video),
    "mp4-of-2500-frames-a-second": (
        "_face.mp4",
        lambda: mp4_patched(b"mdhd", 12, (1_280_000).to_bytes(4)),
    ),
    "mp4-of-noise": ("_face.mp4", lambda: FTYP + atom(b"moov", NOISE) + atom(b"mdat", NOISE)),
    "mp4-is-a-play-list": ("_face.mp4", lambda: b"#EXTM3U\n#EXT-X-VERSION:3\nfile:///etc/passwd\n"),
    "mp4-hides-a-play-list": (
        "_face.mp4",
        lambda: b"#EXTftyp#EXTM3U\nffconcat version 1.0\nfile /etc/hostname\n",
    ),
    "parquet-cut-off": ("_expression.parquet", lambda: table()[:-40]),
    "parquet-of-noise": ("_expression.parquet", lambda: b"PAR1" + NOISE + b"\0\1\0\0PAR1"),
    "parquet-footer-lies": ("_expression.parquet", lambda: table()[:-8] + b"\xff\xff\xff\x7fPAR1"),
    "parquet-of-words": ("_features.parquet", lambda: table(5, "text")),
    "parquet-of-too-many-rows": ("_landmarks.parquet", lambda: table(4_000_000, "int8")),
}

SAYS: dict[str, str] = {
    "wav-of-nothing": "0 bytes",
    "wav-cut-off": "cut off",
    "wav-claims-4-gb": "cut off",
    "wav-of-10-mhz": "sampling rate",
    "wav-of-64-channels": "channels",
    "wav-with-nan": "not numbers",
    "wav-with-infinity": "not numbers",
    "wav-of-5-hours": "4 hours",
    "wav-is-gzip": "not what its ending says",
    "flac-cut-off": "cut off",
    "flac-claims-twice": "cut off",
    "flac-claims-half": "cut off",
    "png-of-wrong-check": "damaged",
    "flac-claims-a-week": "4 hours",
    "flac-is-wav": "not what its ending says",
    "flac-of-silent-hours": "unpacks",
    "ogg-cut-off": "cut off",
    "opus-cut-off": "cut off",
    "mp3-is-text": "not what its ending says",
    "mp3-cut-off": "cut off",
    "png-cut-off": "cut off",
    "png-cut-inside": "cut off",
    "png-bomb": "40 million pixels",
    "png-claims-the-most": "40 million pixels",
    "png-is-tiff": "not what its ending says",
    "png-is-gif": "not what its ending says",
    "png-is-zip": "not what its ending says",
    "jpg-cut-off": "cut off",
    "jpg-claims-4-gigapixels": "40 million pixels",
    "jpg-is-a-page": "not what its ending says",
    "mp4-of-nothing": "0 bytes",
    "mp4-beyond-8k": "beyond 8K",
    "mp4-of-2500-frames-a-second": "240 frames a second",
    "mp4-cut-off": "cut off",
    "mp4-atom-beyond-the-end": "cut off",
    "mp4-is-a-play-list": "not what its ending says",
    "parquet-cut-off": "cut off",
    "parquet-footer-lies": "cut off",
    "parquet-of-words": "no columns of numbers",
    "parquet-of-too-many-rows": "rows",
}


def modality(ending: str) -> str:
    return "voice" if ending.startswith("_voice") else "face"


def write_hostile(root: Path, name: str) -> Path:
    """Put one of them into a corpus, as a recording of P01, and return where it lies."""
    ending, build = HOSTILE[name]
    folder = root / "sub-P01" / "ses-01" / modality(ending)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"sub-P01_ses-01_task-{name.replace('-', '')}{ending}"
    path.write_bytes(build())
    return path
