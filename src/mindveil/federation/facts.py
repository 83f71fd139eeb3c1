"""Reading what the other side of a federation said: each part is checked, or the whole is refused."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mindveil.engine.site_messages import SiteMessage
from mindveil.federation.refusals import SiteRefusal
from mindveil.store.files import Json

LONGEST_LIST = 100_000


def text(message: SiteMessage, name: str) -> str:
    """Return a fact that is a text.

    Raises:
        SiteRefusal: it is missing, or something else.
    """
    found = message.facts.get(name)
    if not isinstance(found, str):
        raise _lacks(message, f"a text {name!r}")
    return found


def whole(message: SiteMessage, name: str) -> int:
    """Return a fact that is a whole number from 0 on; refuses anything else.

    >>> whole(SiteMessage(kind="update", facts={"round": 3}), "round")
    3
    """
    found = message.facts.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise _lacks(message, f"a whole number {name!r}")
    return found


def texts(message: SiteMessage, name: str) -> tuple[str, ...]:
    """Return a fact that is a list of texts; refuses anything else."""
    found = message.facts.get(name)
    if not isinstance(found, list) or not len(found) <= LONGEST_LIST:
        raise _lacks(message, f"a list {name!r}")
    said = tuple(f for f in found if isinstance(f, str))
    if len(said) != len(found):
        raise _lacks(message, f"a list of texts {name!r}")
    return said


def table(message: SiteMessage, name: str) -> dict[str, Json]:
    """Return a fact that is a table; refuses anything else."""
    found = message.facts.get(name)
    if not isinstance(found, Mapping):
        raise _lacks(message, f"a table {name!r}")
    return dict(found)


def numbers(message: SiteMessage, name: str, entries: int) -> NDArray[np.float64]:
    """Return so many finite numbers, shape (entries,); refuses anything else."""
    found = _vector(message, name, entries)
    if found.dtype != np.float64 or not np.isfinite(found).all():
        raise _lacks(message, f"{entries} finite numbers {name!r}")
    return found.astype(np.float64)


def words(message: SiteMessage, name: str, entries: int) -> NDArray[np.uint64]:
    """Return so many whole numbers modulo 2**64, shape (entries,); refuses anything else."""
    found = _vector(message, name, entries)
    if found.dtype != np.uint64:
        raise _lacks(message, f"{entries} whole numbers {name!r}")
    return found.astype(np.uint64)


def _vector(
    message: SiteMessage, name: str, entries: int
) -> NDArray[np.float64] | NDArray[np.uint64]:
    found = message.arrays.get(name)
    if found is None or found.shape != (entries,):
        raise _lacks(message, f"{entries} numbers {name!r}")
    return found


def _lacks(message: SiteMessage, what: str) -> SiteRefusal:
    return SiteRefusal(f"a message of kind {message.kind!r} lacks {what}, or was altered")
