"""The one gate between a path that somebody wrote down and a file on this disk.

A corpus comes from strangers. A path in it may only lead down into the corpus: never up, never
elsewhere, on no operating system, and not through a link.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from mindveil.errors import RefusedError

LONGEST_NAME = 255
"""Bytes of one file name that common file systems can hold."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ENCODED = re.compile(r"%(?:2e|2f|5c|00)", re.IGNORECASE)
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])", re.IGNORECASE)
# Look-alikes that folding leaves alone: fraction, division and big slashes, set minus.
_LOOKS_LIKE_SLASH = str.maketrans(dict.fromkeys("\u2044\u2215\u29f8\u29f5\u29f9", "/"))


def inside(root: Path, relative: str) -> Path:
    """Return where ``relative`` lies below ``root``, all links followed.

    The file need not exist. What is opened afterwards should be the path returned: it has no
    links left in it at the time of asking.

    >>> inside(Path("/data"), "../secret")
    Traceback (most recent call last):
    ...
    mindveil.errors.RefusedError: a path that leads up with '..'; name a file below the folder

    Raises:
        RefusedError: the path leads out of ``root``, or would on another system. The path itself
            is not repeated: it may hold a name, or bytes that a terminal obeys.
    """
    fault = fault_of(relative)
    if fault:
        raise RefusedError(f"{fault}; name a file below the folder")
    try:
        base = root.resolve()
        found = (base / relative).resolve()
    except (OSError, RuntimeError) as loop:
        raise RefusedError("a path whose links cannot be followed; remove the links") from loop
    if not found.is_relative_to(base):
        raise RefusedError("a link that leads out of the folder; put the file itself there")
    # Since Python 3.13 a circle of links is returned as it stands.
    if any(path.is_symlink() for path in (found, *found.parents) if path.is_relative_to(base)):
        raise RefusedError("a path whose links cannot be followed; remove the links")
    return found


def fault_of(relative: str) -> str:
    """Say what is wrong with the spelling of a relative path; empty where nothing is.

    >>> fault_of("sub-01/ses-01/text/a.tsv"), fault_of("C:/a")
    ('', "a path with a ':' (a Windows drive or stream)")
    """
    if not relative.strip():
        return "an empty path"
    if _CONTROL.search(relative):
        return "a path with control characters"
    if _ENCODED.search(relative):
        return "a path with encoded dots or slashes"
    # Full-width and other look-alikes turn into the real thing on some file systems.
    folded = unicodedata.normalize("NFKC", relative).translate(_LOOKS_LIKE_SLASH)
    return _fault_of_folded(relative) or _fault_of_folded(folded)


def _fault_of_folded(path: str) -> str:
    if "\\" in path:
        return "a path with backslashes (use /)"
    if path.startswith(("/", "~")):
        return "an absolute path"
    if ":" in path:
        return "a path with a ':' (a Windows drive or stream)"
    for name in path.split("/"):
        fault = _fault_of_name(name)
        if fault:
            return fault
    return ""


def _fault_of_name(name: str) -> str:
    if name == ".":
        return ""
    if not name.strip(". "):
        return "a path that leads up with '..'" if ".." in name else "a path with an empty name"
    if name.endswith((".", " ")):
        return "a path with a name that ends in a dot or a space (Windows drops it)"
    if _DEVICE.fullmatch(name.partition(".")[0].strip()):
        return "a path with the name of a Windows device"
    if len(name.encode("utf-8", "surrogatepass")) > LONGEST_NAME:
        return f"a path with a name of more than {LONGEST_NAME} bytes"
    return ""
