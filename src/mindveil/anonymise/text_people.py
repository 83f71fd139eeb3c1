"""People's names in talk: by list, by what the dictionary lacks, and by the words around them.

A listed name that is no everyday word is a person anywhere. A word that no dictionary has is
a name where the words around it allow one. A name that is also an everyday word ("hope",
"mark") needs a cue: a title, a relation, a greeting, "my name is".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mindveil.anonymise.name_lists import family_names, given_names, plain_words, terms
from mindveil.anonymise.text_cues import (
    AUXILIARIES,
    COUNTED,
    GREETING,
    LIKELY,
    MARKS,
    MONTHS,
    MY_NAME,
    NAMED,
    NOT_LAST,
    PARTICLES,
    QUALITIES,
    RELATION,
    RELATION_NAMED,
    SAYS,
    SELF,
    SHORT_TITLE,
    TITLE,
    TOLD,
    VERB_AFTER,
    VERB_BEFORE,
    VERBS,
)
from mindveil.anonymise.text_evidence import (
    Spot,
    Token,
    is_everyday,
    is_name,
    is_strange,
    is_word,
    may_be_name,
)
from mindveil.anonymise.text_model import function_words
from mindveil.anonymise.text_places import is_place_cue
from mindveil.anonymise.text_spans import IdentifierType, Span


def person_spans(turn: Sequence[Token], *, cased: bool, asked: bool = False) -> Iterator[Span]:
    """Yield the names of people in a turn.

    ``cased`` says that capitals mean something in this transcript; ``asked`` that somebody has
    just asked for a name.
    """
    at = 0
    while at < len(turn):
        spot = Spot(turn=turn, at=at, cased=cased, asked=asked and at < 4)
        kind = _kind(spot)
        if kind is None:
            at += 1
            continue
        end = _end(turn, at, cased=cased) if kind == "PERSON" else at + 1
        yield Span(start=turn[at].start, end=turn[end - 1].end, type=kind, source="context")
        at = end


def _kind(spot: Spot) -> IdentifierType | None:
    """Return what name starts here, if one does."""
    low = spot.token.low
    if not is_word(spot.token) or low[0] == "'" or _is_plain(low):
        return None
    if len(low) < 2:
        return "PERSON" if _is_initial(spot.token) and SHORT_TITLE.search(spot.left) else None
    if spot.cased and not spot.token.capital:
        called = NAMED.search(spot.left) or RELATION_NAMED.search(spot.left)
        return "PERSON" if called and (is_name(low) or is_strange(low)) else None
    if is_strange(low):
        return _strange(spot)
    return "PERSON" if _is_person(spot) else None


def _is_plain(low: str) -> bool:
    """Whether this is on the list of words that name nobody."""
    return low in plain_words() and not may_be_name(low)


def _is_person(spot: Spot) -> bool:
    """Whether a listed name or an everyday word names somebody here."""
    low = spot.token.low
    if is_name(low):
        return not (low in terms() and is_place_cue(spot.left))
    return _is_meant(spot) if may_be_name(low) else _is_introduced(spot)


def _strange(spot: Spot) -> IdentifierType | None:
    """Return what a word outside every dictionary names here."""
    token, last = spot.token, spot.last
    broken_off = spot.after is not None and spot.after.low.startswith(token.low)
    if broken_off or (last.isdigit() and len(token.low) < 5):
        return None  # a word begun and begun again; "5 mcg"
    if NAMED.search(spot.left) or TITLE.search(spot.left) or RELATION.search(spot.left):
        return "PERSON"
    if (last in COUNTED and not spot.cased) or (spot.cased and token.shouted):
        return None
    if is_place_cue(spot.left) or last in ("in", "near", "outside", "around"):
        return "PLACE"
    return "ORGANISATION" if last == "at" else "PERSON"


def _is_meant(spot: Spot) -> bool:
    """Whether a name that is also an everyday word is meant as a name here."""
    low, after = spot.token.low, spot.after
    whole = after is not None and after.low in family_names().plain
    verb = low in VERBS and not (after is None or after.low in SAYS or whole)
    if TITLE.search(spot.left) or RELATION_NAMED.search(spot.left):
        return not verb
    if low not in given_names():
        return False
    if spot.asked or NAMED.search(spot.left):
        return not verb
    if TOLD.search(spot.left):
        return low not in AUXILIARIES and low not in QUALITIES
    return _is_called(spot, verb=verb)


def _is_called(spot: Spot, *, verb: bool) -> bool:
    """Whether capitals, neighbours or a greeting make a name of this word."""
    low, after = spot.token.low, spot.after
    quality = low in QUALITIES
    if spot.cased and not spot.token.opens and low not in MONTHS and not quality:
        return True
    if not verb and after is not None and _is_last(after) and not is_everyday(after.low):
        return True
    if not verb and not quality:
        greeted = RELATION.search(spot.left) or GREETING.search(spot.left)
        if greeted or _is_listed_among(spot):
            return True
    if SELF.search(spot.left):
        return not quality and low not in VERBS and (after is None or not is_word(after))
    if low in LIKELY:
        return spot.last not in VERB_BEFORE and (after is None or after.low not in VERB_AFTER)
    said = after is not None and after.low in ("said", "says", "told", "texted", "rang")
    return said and spot.last not in COUNTED


def _is_listed_among(spot: Spot) -> bool:
    """Whether a name stands next to this one, joined by "and" or a comma."""
    for step in (-1, 1):
        near = spot.at + step
        if 0 <= near < len(spot.turn) and spot.turn[near].low in ("and", ","):
            near += step
        if 0 <= near < len(spot.turn) and spot.turn[near].low in given_names().plain:
            return True
    return False


def _is_introduced(spot: Spot) -> bool:
    """Whether an everyday word follows "my name is" or "mr" and so must be a name."""
    token, after = spot.token, spot.after
    if token.low in function_words() or (spot.cased and not token.capital):
        return False
    if SHORT_TITLE.search(spot.left):
        return True
    alone = spot.asked and spot.at == 0 and len(spot.turn) < 4
    ends = after is None or not is_word(after) or after.low in ("and", "i")
    return ends and bool(alone or MY_NAME.search(spot.left) or RELATION_NAMED.search(spot.left))


def _is_last(token: Token) -> bool:
    """Whether this can follow a given name as a family name."""
    low = token.low
    return is_word(token) and low not in NOT_LAST and (low in family_names() or is_strange(low))


def _end(turn: Sequence[Token], at: int, *, cased: bool) -> int:
    """Return the end of the name that starts here: initials, particles and family names too."""
    end = at + 1
    while end < len(turn):
        step = _step(turn, end, cased=cased)
        if step == 0:
            break
        end += step
    if end < len(turn) and _is_initial(turn[end]) and not _continues(turn, end):
        end += 1
    return end


def _step(turn: Sequence[Token], at: int, *, cased: bool) -> int:
    """Return how many tokens here go on with a name."""
    token = turn[at]
    if cased and not token.capital and token.low not in MARKS and token.low not in PARTICLES:
        return 0
    if is_word(token) and _goes_on(token, cased=cased):
        return 1
    rest = turn[at + 1 : at + 3]
    joins = token.low in PARTICLES or _is_initial(token) or token.low == "-"
    if token.low == "-" and turn[at - 1].end != token.start:
        joins = False
    if joins and rest and is_word(rest[0]) and _goes_on(rest[0], cased=cased):
        return 2
    if _is_initial(token) and rest and _is_unlisted(rest[0]):
        return 2
    if (
        _is_initial(token)
        and len(rest) == 2
        and rest[0].low == "."
        and _goes_on(rest[1], cased=cased)
    ):
        return 3
    return 0


def _goes_on(token: Token, *, cased: bool) -> bool:
    """Whether this word can be part of a name once one has begun."""
    low = token.low
    if cased and not token.capital:
        return False
    if is_name(low) or is_strange(low):
        return True
    if cased and not token.shouted and low not in function_words() | plain_words():
        return True
    if low in VERBS or low in NOT_LAST:
        return False
    return may_be_name(low) and (cased or low in family_names())


def _is_unlisted(token: Token) -> bool:
    """Whether this can be a family name after "sarah j", listed or not."""
    return (
        is_word(token) and len(token.low) > 3 and token.low not in function_words() | plain_words()
    )


def _is_initial(token: Token) -> bool:
    """Whether this is a single letter that stands for a name."""
    return len(token.low) == 1 and token.low.isalpha() and (token.low not in "ai" or token.capital)


def _continues(turn: Sequence[Token], at: int) -> bool:
    """Whether a letter is the start of a clipped word ("b but") rather than an initial."""
    return at + 1 < len(turn) and turn[at + 1].low.startswith(turn[at].low)
