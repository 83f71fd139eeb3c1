"""Street addresses in talk: "42 oak street, flat 3", "on maple avenue", "i live at 7 via roma".

A street counts with its house number, or after "on" without an article; anything that begins
with a number counts after "I live at" and the like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mindveil.anonymise.name_lists import plain_words
from mindveil.anonymise.text_evidence import Token, is_name, is_strange, is_word, may_be_name
from mindveil.anonymise.text_model import function_words
from mindveil.anonymise.text_numbers import ONES, TENS
from mindveil.anonymise.text_spans import Span

STREETS = frozenset(
    "street road avenue lane drive boulevard crescent terrace gardens highway parade mews rd ave blvd ln st court"
    " close place square way grove hill park row circle walk green rise view parkway trail strasse straße gasse"
    " street's streets courts turnpike".split()
)
CLEAR_STREETS = frozenset(
    "street road avenue lane boulevard crescent rd ave blvd highway parkway".split()
)
VAGUE = frozenset(
    "minute minutes hour hours mile miles day days week weeks month year years km kilometres kilometers more other"
    " same main back side busy dead long short dirt country quiet wrong right far next whole across open winding"
    " rocky memory hard one two private gravel paved major car bus bike dog test sex easy good bad little big"
    " narrow residential cobbled random different similar entire half first second third".split()
)
ON = frozenset("on off along in at down".split())
NUMBERS = frozenset({*ONES, *TENS, "hundred", "oh", "o", "number", "no"})
ORDER = ("st", "nd", "rd", "th")
ADDRESS_CUE = re.compile(
    r"(?:^| )(?:(?:live|lives|lived|living|stay|stays|stayed|staying|located|based|house is|flat is|office is|offices"
    r" are|home is|meet(?: me)?|up) at|address(?: is| was| to| of| 's|:| :)?|lives? on|lived on|parcel to|mail to"
    r"|post to|send it to|sent to|moved to|live in|lived in)$"
)
LONGEST_LED = 9
UNITS = frozenset("level studio apt apartment suite flat unit ste box psc floor room lot".split())
LONGEST_ROAD = 5
LONGEST_TAIL = 14


def address_spans(turn: Sequence[Token], *, cased: bool) -> Iterator[Span]:
    """Yield street addresses: "42 oak street, flat 3, leeds", "on maple avenue"."""
    for at, token in enumerate(turn):
        start = None
        if token.low == "of" and at and turn[at - 1].low in ("corner", "intersection"):
            yield from _corner(turn, at)
        if _is_led(turn, at):
            yield from _led(turn, at)
        elif token.low in STREETS and at:
            start = _road_start(turn, at, cased=cased)
        elif token.low.isdigit() and len(token.low) <= 6:
            start = _foreign_start(turn, at)
            yield from _house(turn, at)
        elif token.low in UNITS and at + 1 < len(turn) and turn[at + 1].low.isdigit():
            start = _unit_start(turn, at)
            yield from _house(turn, at + 1)
        if start is None:
            continue
        end = _tail_end(turn, at + 1)
        yield Span(start=turn[start].start, end=turn[end - 1].end, type="ADDRESS", source="context")


def _road_start(turn: Sequence[Token], at: int, *, cased: bool) -> int | None:
    """Return where the address that this street word belongs to starts, if it is one."""
    first = at
    while first and at - first < LONGEST_ROAD and _is_road_word(turn[first - 1]):
        first -= 1
    while first < at and turn[first].low in NUMBERS:
        first += 1
    names = turn[first:at]
    if not names or names[-1].end + 2 < turn[at].start:
        return None
    start = first
    while start and first - start < 6 and _is_number(turn[start - 1]):
        start -= 1
    if start < first:
        return start
    leads = turn[first - 1].low in ON if first else False
    proper = all(t.capital for t in names) and turn[at].capital if cased else leads
    clear = turn[at].low in CLEAR_STREETS and len(names) <= 2
    return first if proper and clear else None


def _is_road_word(token: Token) -> bool:
    """Whether this can be part of the name of a street."""
    low = token.low
    if low in ("st", "saint", "of", "north", "south", "east", "west", "n", "s", "e", "w", "."):
        return low != "of"
    return (
        (is_word(token) or low[-2:] in ORDER)
        and low not in VAGUE
        and low not in function_words()
        and low[0] != "'"
    )


def _is_number(token: Token) -> bool:
    """Whether this is a house number, in figures or words."""
    return (token.low.isdigit() and len(token.low) <= 5) or token.low in NUMBERS


def _house(turn: Sequence[Token], at: int) -> Iterator[Span]:
    """Yield "128 michael ferry" and "flat 6 charlie garden": a number and then a name."""
    name = at + 1
    while name < len(turn) and turn[name].low.isdigit():
        name += 1
    unit = turn[at - 1].low in UNITS if at else False
    long = len(turn[name - 1].low) >= 3 and not re.fullmatch(r"(?:19|20)\d\d", turn[name - 1].low)
    if name >= len(turn) or not (unit or long):
        return
    first = turn[name]
    if is_word(first) and (is_name(first.low) or is_strange(first.low)):
        end = name + 1
        if end < len(turn) and _is_road_word(turn[end]) and turn[end].low not in plain_words():
            end += 1
        start = at - 1 if unit else at
        yield Span(start=turn[start].start, end=turn[end - 1].end, type="ADDRESS", source="context")


def _foreign_start(turn: Sequence[Token], at: int) -> int | None:
    """Return where "6750 koskikatu 25" starts, given its last number."""
    first = at
    while first and at - first < 4 and _is_foreign(turn[first - 1]):
        first -= 1
    if first == at:
        return None
    if first and turn[first - 1].low.isdigit() and len(turn[first - 1].low) <= 6:
        return first - 1
    cue = " ".join(t.low for t in turn[max(0, first - 4) : first])
    return (
        first
        if re.search(r"\b(?:address|live at|lives at|located at|is at|street)\b", cue)
        else None
    )


def _unit_start(turn: Sequence[Token], at: int) -> int | None:
    """Return where the address starts that "apt 864" belongs to: the furthest number before it."""
    start = None
    for step in range(at - 1, max(-1, at - 8), -1):
        token = turn[step]
        if token.low.isdigit() and len(token.low) <= 6:
            start = step
        elif not (is_word(token) or token.low in ",."):
            break
    return start


def _is_led(turn: Sequence[Token], at: int) -> bool:
    """Whether "i live at" or "my address is" comes just before."""
    return bool(ADDRESS_CUE.search(" ".join(t.low for t in turn[max(0, at - 4) : at])))


def _led(turn: Sequence[Token], at: int) -> Iterator[Span]:
    """Yield what follows "i live at" where it begins with a number, or with "flat" or "level"."""
    first = turn[at].low
    if not (_is_number(turn[at]) or first.isdigit() or first in UNITS or first in ("po", "h", "p")):
        return
    end, content = at, 0
    while end < len(turn) and end - at < LONGEST_LED:
        token = turn[end]
        stops = token.low in function_words() and token.low not in NUMBERS
        if (
            stops
            or token.low in VAGUE
            or (token.low in ".?!" and turn[end - 1].low not in UNITS | {"h", "no"})
        ):
            break
        content += is_word(token) and token.low not in NUMBERS and token.low not in UNITS
        end += 1
    if content or (first in ("po", "box") and end > at + 1):
        yield Span(start=turn[at].start, end=turn[end - 1].end, type="ADDRESS", source="context")


def _corner(turn: Sequence[Token], at: int) -> Iterator[Span]:
    """Yield the two streets of "the corner of oak and main"."""
    end, joined = at + 1, 0
    while end < len(turn) and end - at < 10:
        low = turn[end].low
        if low == "and" and not joined:
            joined = end
        elif low in function_words() or low in ",.?!" or (joined and end - joined > 3):
            break
        end += 1
    if joined and end > joined + 1:
        yield Span(
            start=turn[at + 1].start, end=turn[end - 1].end, type="ADDRESS", source="context"
        )


def _is_foreign(token: Token) -> bool:
    """Whether this can be part of a street name in another language."""
    return is_word(token) and (
        is_strange(token.low) or is_name(token.low) or may_be_name(token.low)
    )


def _tail_end(turn: Sequence[Token], at: int) -> int:
    """Return the end of what follows a street: flat, town, state and postcode."""
    end = at
    for step in range(at, min(len(turn), at + LONGEST_TAIL)):
        token = turn[step]
        gap = token.low in ",.#" or token.low in UNITS
        if gap:
            continue
        if token.low.isdigit() or (is_word(token) and is_strange(token.low)):
            end = step + 1
        elif not (is_word(token) and len(token.low) == 2 and token.capital):
            break
    return end
