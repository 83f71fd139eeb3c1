"""Words that tell who somebody is, however a careless or a cunning program wrote them into a file.

Ids, identifying values, dates of sessions and names of files are looked for as they are and in
the disguises that need no key: another case, zeros left out, backwards, hexadecimal, base 32 and
64, digests of common functions (SHA-256 of an eight-digit record number falls in four minutes),
escapes of JSON, HTML and addresses, signs without width, compressed streams.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import codecs
import contextlib
import gzip
import html
import io
import lzma
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator

from mindveil.attack.disguises import PREFIX, LeakKind, Sought

MOST_BYTES = 1 << 26
"""What is unpacked of one stream at most."""

_LAYERS = 3
_LEAST_TOLD = 3
_LEAST_FIGURES, _LEAST_STARTING = 10, 12
_LONG = re.compile(rb"[A-Za-z0-9]{6,200}")
_CODE = re.compile(rb"sub-([A-Za-z0-9-]{1,60})")
_RUN = re.compile(r"[^\W_]+")
_QUOTED = re.compile(rb"%([0-9A-Fa-f]{2})")
_CODED = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,6}")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
_ROOTS = "home|root|tmp|Users|mnt|media|data|work|workspace|var|srv|opt|private|scratch|Volumes"
_PATH = re.compile(
    rf"file://[^\s\"'<>]+|(?<![\w.<:/])/(?:{_ROOTS})/[^\s\"'<>]+|\b[A-Za-z]:\\+\w[^\s\"'<>]*",
    re.IGNORECASE,
)


def kinds_in(text: str, sought: Sought) -> set[LeakKind]:
    """Return what kinds of telling words stand in a text, plain or disguised."""
    found: set[LeakKind] = set()
    if _PATH.search(text):
        found.add("path")
    for shown in views(text):
        found |= _words_in(shown.casefold(), sought)
        found |= _codings_in(shown, sought)
    return found


def spoken_in(text: str, sought: Sought) -> set[LeakKind]:
    """Return whether ids stand in what was said; names in it are for attacks on text to judge."""
    folded = text.casefold()
    for run in sought.words.keys() & set(_RUN.findall(folded)):
        for phrase, _ in sought.words[run]:
            if phrase in sought.spoken and stands(folded, phrase):
                return {"id"}
    return set()


def bytes_in(data: bytes, sought: Sought) -> set[LeakKind]:
    """Return what kinds of telling words stand in bytes, compressed or not."""
    found: set[LeakKind] = set()
    for stream in unpacked(data):
        found |= kinds_in(_read(stream), sought)
    return found


def binary_in(data: bytes, sought: Sought) -> set[LeakKind]:
    """Return what stands in bytes that are mostly chance: six letters and digits or more."""
    found: set[LeakKind] = set()
    runs = {r.decode().lower() for r in _LONG.findall(data)}
    for run in runs & sought.words.keys():
        found |= {kind for phrase, kind in sought.words[run] if phrase == run}
    if any(_is_digest(run, sought) for run in runs):
        found.add("hidden id")
    codes = {c.decode().lower() for c in _CODE.findall(data)}
    return found | {sought.codes[c] for c in codes if c in sought.codes}


def views(text: str) -> Iterator[str]:
    """Give a text and what it says once escapes, marks without width and codings are taken off."""
    shown = dict.fromkeys([text])
    if "&" in text:
        shown[html.unescape(text)] = None
    if "%" in text:
        shown[_unquoted(text)] = None
    if "\\" in text:
        shown[_ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)), text)] = None
    for plain in list(shown):
        if not plain.isascii():
            bare = "".join(c for c in plain if unicodedata.category(c) != "Cf")
            shown[unicodedata.normalize("NFKC", bare)] = None
    yield from shown
    for plain in list(shown):
        yield from _decoded(plain, 0)


def unpacked(data: bytes, layer: int = 0) -> Iterator[bytes]:
    """Give bytes, and what comes out of them where they are compressed."""
    yield data
    if layer == _LAYERS:
        return
    for start, opened in _OPENED:
        if data.startswith(start):
            try:
                inner = opened(data)
            except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
                continue
            yield from unpacked(inner, layer + 1)


def stands(text: str, phrase: str) -> bool:
    """Whether a phrase stands in a text as words of its own; both are folded."""
    at = text.find(phrase)
    while at >= 0:
        around = text[max(at - 1, 0) : at] + text[at + len(phrase) : at + len(phrase) + 1]
        if not any(c.isalnum() for c in around):
            return True
        at = text.find(phrase, at + 1)
    return False


def _words_in(folded: str, sought: Sought) -> set[LeakKind]:
    runs = set(_RUN.findall(folded))
    found: set[LeakKind] = set()
    for run in runs & sought.words.keys():
        for phrase, kind in sought.words[run]:
            if kind not in found and (
                _is_number(phrase, folded)
                if phrase.isdigit()
                else (phrase == run or stands(folded, phrase))
            ):
                found.add(kind)
    if any(_is_digest(run, sought) for run in runs):
        found.add("hidden id")
    return found


def _is_digest(run: str, sought: Sought) -> bool:
    """Whether a run is a digest or hexadecimal code, or its start; short ones of digits are numbers.

    Of all digests one in 43 starts with eight digits, and a table has a million numbers.
    """
    alike = [f for f in sought.digests.get(run[:PREFIX], ()) if f.startswith(run)]
    if not run.isdigit():
        return len(run) >= PREFIX and bool(alike)
    whole = len(run) >= _LEAST_FIGURES and run in alike
    return whole or (len(run) >= _LEAST_STARTING and bool(alike))


def _is_number(digits: str, text: str) -> bool:
    """Whether digits stand in a text as a number, and not as the decimals of one."""
    return re.search(rf"(?<![\w.,]){digits}(?!\w|[.,]\d)", text) is not None


def _codings_in(text: str, sought: Sought) -> set[LeakKind]:
    if not sought.coded:
        return set()
    runs = {r.rstrip("=") for r in re.findall(r"[A-Za-z0-9+/_-]+=*", text)}
    return {"hidden id"} if runs & sought.coded else set()


def _decoded(text: str, layer: int) -> Iterator[str]:
    """Give what runs of hexadecimal, base 32 or base 64 say where that is readable."""
    for run in set(_CODED.findall(text)) if layer < _LAYERS else ():
        if run.isalpha() and (run.islower() or run.istitle()):
            continue  # a plain word
        for data in _bytes_of(run):
            for stream in unpacked(data):
                told = _read(stream)
                # What is decoded from plain letters is chance, and chance is hardly ever readable.
                if len(told) >= _LEAST_TOLD and (stream is not data or _is_readable(told)):
                    yield told
                    yield from _decoded(told, layer + 1)


def _is_readable(told: str) -> bool:
    return "\ufffd" not in told and all(c.isprintable() or c.isspace() for c in told)


def _bytes_of(run: str) -> Iterator[bytes]:
    bare = run.rstrip("=")
    plain = bare.translate(str.maketrans("-_", "+/"))
    with contextlib.suppress(ValueError):
        yield bytes.fromhex(bare)
    with contextlib.suppress(binascii.Error, ValueError):
        yield base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    with contextlib.suppress(binascii.Error, ValueError):
        yield base64.b32decode(bare + "=" * (-len(bare) % 8), casefold=True)


def _read(data: bytes) -> str:
    """Return bytes as text; where every other one is empty, they are taken for UTF-16."""
    if (
        data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        or data[1:64:2].count(0) > len(data[1:64:2]) * 0.8 > 1
    ):
        data = data.replace(b"\0", b"")
    return data.decode("utf-8", errors="replace")


def _archive(data: bytes) -> bytes:
    import zipfile  # noqa: PLC0415 - hardly ever met

    told = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            told.append(archive.comment)
            for entry in archive.infolist():
                told += [entry.filename.encode(), entry.comment]
                if entry.file_size <= MOST_BYTES:
                    told.append(archive.read(entry))
    except (RuntimeError, zipfile.BadZipFile) as fault:
        raise ValueError from fault
    return b"\n".join(told)


def _gzip(data: bytes) -> bytes:
    return gzip.GzipFile(fileobj=io.BytesIO(data)).read(MOST_BYTES)


def _bzip2(data: bytes) -> bytes:
    return bz2.BZ2Decompressor().decompress(data, MOST_BYTES)


def _xz(data: bytes) -> bytes:
    return lzma.LZMADecompressor().decompress(data, MOST_BYTES)


def _deflate(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, MOST_BYTES)


_OPENED: tuple[tuple[tuple[bytes, ...], Callable[[bytes], bytes]], ...] = (
    ((b"PK",), _archive),
    ((b"\x1f\x8b",), _gzip),
    ((b"BZh",), _bzip2),
    ((b"\xfd7zXZ",), _xz),
    ((b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"), _deflate),
)


def _unquoted(text: str) -> str:
    """Return a text whose ``%41`` is ``A``, as addresses write it."""
    read = _QUOTED.sub(lambda found: bytes.fromhex(found[1].decode()), text.encode())
    return read.decode(errors="replace")
