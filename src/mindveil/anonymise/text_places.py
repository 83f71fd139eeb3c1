"""The words that lead up to a place, and the places they lead to that no list has.

A place whose name is also an everyday word ("reading", "bath") counts only after "I live in"
and the like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from mindveil.anonymise.name_lists import plain_words
from mindveil.anonymise.text_evidence import Token, is_name, is_strange, is_word
from mindveil.anonymise.text_model import function_words
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
COMPASS = frozenset(
    "north south east west upper lower new old great little port lake mount fort san santa santo el los las la le"
    " saint st northern southern eastern western central inner outer".split()
)
ABSTRACT = (
    "ness",
    "tion",
    "sion",
    "ment",
    "ity",
    "ism",
    "ing",
    "ed",
    "ly",
    "ful",
    "less",
    "ous",
    "al",
    "ic",
    "ship",
    "hood",
)
NO_PLACE = frozenset(
    "fear poverty care town foster hospital chaos denial pain misery apartments shared sheltered temporary hope peace"
    " college school prison jail bed hiding luxury isolation silence recovery rehab halfway university supported homes"
    " hostels public council rented student poor terror shock filth squalor rural urban suburbs suburbia downtown flats"
    " houses cities here there abroad overseas hell heaven limbo darkness stress shame guilt debt love sin harmony"
    " work home church class court detox therapy treatment today yesterday tomorrow wedlock bad good nice big small"
    " different separate single double low high full half whole people friends family parents mum mom dad money"
    " scratch birth childhood day start beginning then now time place places places' country countryside village"
    " community accommodation housing apartment flat house dorms dorm halls tents tent caravan trailer barracks"
    " military army navy service services somewhere anywhere nowhere everywhere farther further close bottom top"
    " inside outside behind within depression anxiety hurt anger trouble danger crisis blood first second third"
    " morning afternoon evening night spring summer autumn fall winter food drinking smoking".split()
)
"""What one lives in or comes from that is no place on a map."""


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


def place_spans(turn: Sequence[Token], *, cased: bool) -> Iterator[Span]:
    """Yield places that no list has: "i grew up in new christopherland", "i live in jabalpur"."""
    for at, token in enumerate(turn):
        if not is_word(token) or (cased and not token.capital):
            continue
        left = " ".join(t.low for t in turn[max(0, at - 6) : at])
        if not (is_home_cue(left) or (token.low in COMPASS and is_place_cue(left))):
            continue
        end = at
        while end < len(turn) and turn[end].low in COMPASS:
            end += 1
        if end < len(turn) and _is_place_word(turn[end], prefixed=end > at, cased=cased):
            yield Span(start=token.start, end=turn[end].end, type="PLACE", source="context")


def _is_place_word(token: Token, *, prefixed: bool, cased: bool) -> bool:
    """Whether this can be the name of a place after "i live in" or "i live in new"."""
    low = token.low
    if not is_word(token) or len(low) < 3 or low in function_words() or low in NO_PLACE:
        return False
    if cased:
        return token.capital
    named = is_strange(low) or is_name(low)
    return named or (not prefixed and low not in plain_words() and not low.endswith(ABSTRACT))
