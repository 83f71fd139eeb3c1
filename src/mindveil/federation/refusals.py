"""What a site says when it does not answer: one sentence that names nobody."""

from __future__ import annotations

import traceback
from pathlib import Path

from mindveil.errors import RefusedError


class SiteRefusal(RefusedError):  # noqa: N818 - it is an answer, not a fault
    """A sentence that may leave the site: it was written for the coordinator, and holds no data.

    What anything below raises may name files and people. It stays at the site.
    """


def place_of(fault: BaseException) -> str:
    """Return the type of a fault and the line where it rose; never its text.

    >>> place_of(ValueError("a person's words"))
    'ValueError'
    """
    frames = traceback.extract_tb(fault.__traceback__)
    where = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(fault).__name__}{where}"
