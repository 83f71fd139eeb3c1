"""Part of a scale that is asked, and the rest that is to be told: ``dass42.depression>=14[3,5,10]``.

A target (see :mod:`mindveil.corpus.targets`), and in brackets the items that are asked, by their
numbers on the form; without brackets the first half of the scale's items. The other items are the
rest: a score that shares no question with what predicts it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from mindveil.corpus.instrument_model import Instrument, Scale
from mindveil.corpus.instrument_table import get, is_known
from mindveil.corpus.targets import Target, parse_target
from mindveil.errors import InputError

_SYNTAX = re.compile(r"(?P<target>[^\[\]]+?)\s*(?:\[(?P<items>[^\[\]]*)\])?", re.ASCII)
_LEAST = 2
"""A scale of fewer items has no half that is asked and half that is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortForm:
    """Items that are asked and the rest, both as numbered on the form.

    ``rest_cut`` is the target's cut scaled to the number of items in the rest, a half rounded up.

    >>> form = parse_short_form("dass42.depression>=14")
    >>> form.asked, form.rest_cut
    ((3, 5, 10, 13, 16, 17, 21), 7.0)
    """

    target: Target
    asked: tuple[int, ...]
    rest: tuple[int, ...]
    rest_cut: float

    @property
    def instrument(self) -> Instrument:
        """The questionnaire."""
        return get(self.target.tool)

    @property
    def scale(self) -> Scale:
        """The scale whose items these are."""
        return self.instrument.scale(self.target.subscale)


def parse_short_form(text: str) -> ShortForm:
    """Read a target with the items that are asked.

    >>> parse_short_form("phq9>=10[1,2]").rest
    (3, 4, 5, 6, 7, 8, 9)

    Raises:
        InputError: the text is no target, the questionnaire is not in the table, its score is no
            sum, or the items are not some of the scale's.
    """
    match = _SYNTAX.fullmatch(text.strip())
    if match is None:
        raise InputError(
            f"target '{text}': expected a target and item numbers in brackets, "
            "as in dass42.depression>=14[3,5,10]"
        )
    target = parse_target(match["target"])
    if not is_known(target.tool):
        raise InputError(
            f"target '{text}': {target.tool} is not in the table of questionnaires, so which items "
            "make its score is not known; ask detect/ or severity/ instead"
        )
    scale = get(target.tool).scale(target.subscale)
    if scale.rule != "sum" or len(scale.items) < _LEAST:
        raise InputError(f"target '{text}': {target.scale} is no sum of several items")
    half = scale.items[: len(scale.items) // 2]
    asked = half if match["items"] is None else _numbers(match["items"], scale, text)
    rest = tuple(item for item in scale.items if item not in asked)
    share = len(rest) / len(scale.items)
    return ShortForm(
        target=target, asked=asked, rest=rest, rest_cut=float(math.floor(target.cut * share + 0.5))
    )


def _numbers(text: str, scale: Scale, whole: str) -> tuple[int, ...]:
    pieces = [piece.strip() for piece in text.split(",")]
    if not all(piece.isdecimal() for piece in pieces):
        raise InputError(f"target '{whole}': item numbers are whole numbers with commas between")
    found = tuple(int(piece) for piece in pieces)
    strange = [n for n in found if n not in scale.items]
    if strange:
        raise InputError(
            f"target '{whole}': item {strange[0]} is not one of the scale's; "
            f"these are {', '.join(map(str, scale.items))}"
        )
    if len(set(found)) < len(found) or len(found) == len(scale.items):
        raise InputError(f"target '{whole}': name some of the scale's items, each once, not all")
    return found
