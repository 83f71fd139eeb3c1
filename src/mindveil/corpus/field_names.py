"""Names of metadata fields as they may be shown: a stranger chose them."""

from __future__ import annotations

LONGEST = 32


def field_name(raw: bytes) -> str:
    r"""Return the name of a field in plain letters, short.

    >>> field_name(b"ARTIST"), field_name(b"\xa9too"), field_name(b"id3 ")
    ('ARTIST', '?too', 'id3')
    """
    text = raw[:LONGEST].decode("ascii", "replace").replace("\ufffd", "?").strip(" \0")
    return "".join(c if c.isprintable() else "?" for c in text) or "nameless"
