"""Content addresses: the same inputs have the same key, and any other input has another."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from functools import cache
from pathlib import Path

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

_FORMAT = 1


def digest(content: Json) -> str:
    """Return the content address of plain data; the order of keys does not matter.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps([_FORMAT, content], sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@cache
def code_digest() -> str:
    """Return the digest of this package's sources: other code, other numbers."""
    root = Path(__file__).resolve().parent.parent
    total = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def module_digest(name: str) -> str:
    """Return the digest of a third party's module, named by dotted path."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        return ""
    return hashlib.sha256(Path(found.origin).read_bytes()).hexdigest()
