"""Places in talk: listed towns, states and countries, and street addresses.

A place whose name is also an everyday word ("reading", "bath") counts only after "I live in"
and the like. A street counts with its house number, or after "on" without an article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from mindveil.anonymise.text_evidence import Token, is_name, is_strange, is_word, may_be_name
from mindveil.anonymise.text_model import function_words
from mindveil.anonymise.text_numbers import ONES, TENS
from mindveil.anonymise.text_spans import Span

HOME = re.compile(
    r"(?:^| )(?:(?:live|lives|lived|living|born|raised|grew up|grow up|growing up|brought up|based|settled|house"
    r"|flat|apartment|home|family|parents|folks|relatives|back)(?: (?:up|down|over|out|back|here|there|right))?"
    r" (?:in|near|outside|around|from|to)|(?:moved?|moving|moves|relocat(?:e|ed|ing)|emigrated|immigrated|come"
    r"|comes|came)(?: (?:up|down|over|out|back|here|away|all the way))? (?:to|from)"
    r"|(?:originally|'m|am|im|is|'s|was|are|'re|were|people|guy|girl|man|woman)(?: originally)? from)$"
)
MOVE = re.compile(
    r"(?:^| )(?:(?:stay|stays|stayed|staying|hospital|school|uni|university|college|prison|jail|office|job|work|works"
    r"|worked|working|holiday|vacation|arrived|studied|studying|study|time|years|months|weeks|while|day|summer)"
    r"(?: (?:up|down|over|out|back))? (?:in|near|outside|from)|(?:went|go|going|goes|gone|travel[a-z]*|flew|fly"
    r"|flying|drive|drove|driving|returned?|returning|trip|flight|train|bus|deported|transferred|posted|stationed"
    r"|deployed|coming|sent|get)(?: (?:up|down|over|out|back|away))? (?:to|from|through|via|across|into|around)"
    r"|visit(?:ed|ing|s)?|originally)$"
)
STREETS = frozenset(
    "street road avenue lane drive boulevard crescent terrace gardens highway parade mews rd ave blvd ln st court"
    " close place square way grove hill park row circle walk green rise view parkway trail strasse straße gasse"
    " street's streets courts turnpike".split()
)
CLEAR_STREETS = frozenset("street road avenue lane boulevard crescent rd ave blvd highway parkway".split())
VAGUE = frozenset(
    "minute minutes hour hours mile miles day days week weeks month year years km kilometres kilometers more other"
    " same main back side busy dead long short dirt country quiet wrong right far next whole across open winding"
    " rocky memory hard one two private gravel paved major car bus bike dog test sex easy good bad little big"
    " narrow residential cobbled random different similar entire half first second third".split()
)
ON = frozenset("on off along in at down".split())
NUMBERS = frozenset({*ONES, *TENS, "hundred", "oh", "o", "number", "no"})
UNITS = frozenset("apt apartment suite flat unit ste box psc floor room lot".split())
LONGEST_ROAD = 5
LONGEST_TAIL = 14


@lru_cache(maxsize=65_536)
def is_place_cue(left: str) -> bool:
    """Whether these words lead up to the name of a place.

    >>> is_place_cue("i grew up in"), is_place_cue("i believe in")
    (True, False)
    """
    return bool(HOME.search(left) or MOVE.search(left))


def is_home_cue(left: str) -> bool:
    """Whether these words lead up to a place so surely that even "reading" is one."""
    return bool(HOME.search(left))


def address_spans(turn: Sequence[Token], *, cased: bool) -> Iterator[Span]:
    """Yield street addresses: "42 oak street, flat 3, leeds", "on maple avenue"."""
    for at, token in enumerate(turn):
        start = None
        if token.low in STREETS and at:
            start = _road_start(turn, at, cased=cased)
        elif token.low.isdigit() and len(token.low) <= 6:
            start = _foreign_start(turn, at)
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
    return (is_word(token) or low[:-2].isdigit()) and low not in VAGUE and low not in function_words() and low[0] != "'"


def _is_number(token: Token) -> bool:
    """Whether this is a house number, in figures or words."""
    return (token.low.isdigit() and len(token.low) <= 5) or token.low in NUMBERS


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
    return first if re.search(r"\b(?:address|live at|lives at|located at|is at|street)\b", cue) else None


def _is_foreign(token: Token) -> bool:
    """Whether this can be part of a street name in another language."""
    return is_word(token) and (is_strange(token.low) or is_name(token.low) or may_be_name(token.low))


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
