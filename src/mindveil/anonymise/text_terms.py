"""Listed places, peoples, occupations and organisations, where they mean themselves.

An occupation identifies when somebody *is* one ("she's a nurse"), not when one is mentioned
("the nurse came in"). A place that is also a given name ("austin") is a place after "moved
to". "polish" is a people after "is", "reading" a town after "I live in".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mindveil.anonymise.name_lists import Term, given_names, terms
from mindveil.anonymise.text_evidence import Spot, Token, is_name
from mindveil.anonymise.text_numbers import SMALL
from mindveil.anonymise.text_places import is_home_cue, is_place_cue
from mindveil.anonymise.text_spans import Span

JOB = re.compile(
    r"(?:^| )(?:(?:(?<!there )(?<!it )(?<!that )(?:am|'m|im|is|'s|was|are|'re|were)|hes|shes|be|been|being|become"
    r"|became|becoming|as|retired|former|ex|qualified|trainee|student|apprentice|registered|freelance|employed)"
    r"(?: (?:just|only|now|still|currently|actually|also))?(?: (?:a|an|the))?"
    r"(?: (?:retired|former|part time|full time|qualified|trainee|student|junior|senior|young|good|local|freelance"
    r"|registered|professional|trained|single|self employed|ex|newly qualified|very|busy))?"
    rf"|(?:am|'m|im|is|'s|was) (?:\d{{1,3}}|{SMALL})(?: years old)?(?: ,| and)? an?"
    r"|expect(?:ed)?(?: from| of) an?|(?:job|occupation|profession|trade|career)(?: is| was| 's| as)?(?: a| an)?)$"
)
BY_TRADE = frozenset("trade profession training".split())
WORK = re.compile(
    r"(?:^| )(?:(?:work|works|worked|working|job|jobs|employed|employee|position|role|intern|interned|internship|shift"
    r"|shifts|career|started|placement|volunteer|volunteers|volunteered|volunteering|manager|study|studies|studied"
    r"|studying|student|teach|teaches|taught|enrolled|degree|graduated|treated|admitted|shop|shopping|cashier"
    r"|apprenticeship|apprentice|interview|director|engineer|head)(?: (?:there|over|part time|full time|nights|days"
    r"|now|back|here|again|down|up|out))? (?:at|for|in|from)|(?:job|position|role|placement|interview) with|been at)$"
)
STATES = frozenset(
    "ak al ar az ca co ct dc de fl ga ia il ks ky la ma md mi mn mo ms mt nc nd ne nh nj nm nv ny pa ri sc sd tn tx"
    " ut va vt wa wi wv wy ab bc mb nb ns qc sk".split()
)
"""Postal abbreviations that are no everyday words (so without in, me, oh, ok, or)."""
POSTCODE = re.compile(r"(?!(?:19|20)\d\d$)\d{4,6}")
FOOD = frozenset(
    "food takeaway takeout restaurant cheese dream football movie film music toast salad".split()
)
PEOPLE_AFTER = frozenset(
    "people man woman guy girl family descent origin accent background heritage parents citizen immigrant"
    " mother father husband wife mum dad mom church school community".split()
)
BEING = re.compile(
    r"(?:^| )(?:am|'m|im|is|'s|are|'re|was|were|hes|shes|half|part|a|an|as|being|raised|fully)$"
)


def term_spans(turn: Sequence[Token], *, cased: bool) -> Iterator[Span]:
    """Yield listed places, peoples, occupations and organisations where they mean themselves."""
    for at, token in enumerate(turn):
        for term in terms().get(token.low, ()):
            end = matched_end(turn, at, term)
            if end and _counts(Spot(turn=turn, at=at, cased=cased), end, term):
                end = _with_state(turn, end, term)
                yield Span(start=token.start, end=turn[end - 1].end, type=term.type, source="list")
                if term.type == "PLACE":
                    yield from _postcode(turn, end)
                break


def _with_state(turn: Sequence[Token], end: int, term: Term) -> int:
    """Return the end of an American place with the state that follows it ("reno nv")."""
    if term.type != "PLACE" or not term.group.endswith("northern america"):
        return end
    place = end + (end < len(turn) and turn[end].low == ",")
    return place + 1 if place < len(turn) and turn[place].low in STATES else end


def _postcode(turn: Sequence[Token], at: int) -> Iterator[Span]:
    """Yield the four to six figures that follow a place, unless they are a year."""
    while at < len(turn) and turn[at].low in ",.":
        at += 1
    if at < len(turn) and POSTCODE.fullmatch(turn[at].low):
        yield Span(start=turn[at].start, end=turn[at].end, type="POSTCODE", source="context")


def matched_end(turn: Sequence[Token], at: int, term: Term) -> int:
    """Return where a listed phrase ends that starts here, or 0; a last word may be plural."""
    place = at
    for number, word in enumerate(term.words):
        while number and place < len(turn) and turn[place].low in ".-" and word not in ".-":
            place += 1
        if place >= len(turn):
            return 0
        low = turn[place].low
        last = number == len(term.words) - 1
        if low != word and not (last and number and low == f"{word}s"):
            return 0
        place += 1
    return place


def _counts(spot: Spot, end: int, term: Term) -> bool:
    """Whether a listed phrase means what the list says, here."""
    after = spot.turn[end].low if end < len(spot.turn) else ""
    if term.type == "PLACE":
        return _is_place(spot, term)
    if term.type == "OCCUPATION":
        return bool(JOB.search(spot.left)) or (after == "by" and _is_trade(spot.turn, end))
    if not term.ambiguous:
        return term.type == "ORGANISATION" or after not in FOOD
    capital = spot.cased and spot.token.capital and not spot.token.opens
    if term.type == "ORGANISATION":
        return bool(WORK.search(spot.left)) or (capital and len(term.words) > 1)
    meant = capital or after in PEOPLE_AFTER or bool(BEING.search(spot.left))
    return meant and after not in FOOD


def _is_trade(turn: Sequence[Token], end: int) -> bool:
    """Whether "by trade" follows."""
    return end + 1 < len(turn) and turn[end + 1].low in BY_TRADE


def _is_place(spot: Spot, term: Term) -> bool:
    """Whether a listed place is meant, rather than an everyday word or a person."""
    low = spot.token.low
    if spot.cased and not spot.token.capital:
        return False
    single = len(term.words) == 1
    if term.ambiguous:
        capital = spot.cased and not spot.token.opens
        return is_home_cue(spot.left) or (capital and not (single and low in given_names()))
    return not (single and is_name(low)) or is_place_cue(spot.left) or spot.last in ("in", "near")
