"""People's names in talk: by list, by what the dictionary lacks, and by the words around them.

A listed name that is no everyday word is a person anywhere. A word that no dictionary has is
a name where the words around it allow one. A name that is also an everyday word ("hope",
"mark") needs a cue: a title, a relation, a greeting, "my name is".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mindveil.anonymise.name_lists import family_names, given_names, plain_words, terms
from mindveil.anonymise.text_evidence import (
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

KIN = (
    r"(?:brother|sister|mother|father|mom|mum|mam|mummy|mommy|dad|daddy|son|daughter|kid|boy|girl"
    r"|child|baby|husband|wife|partner|boyfriend|girlfriend|fianc[eé]e?|ex|aunt|auntie|uncle|cousin"
    r"|nephew|niece|grand(?:ma|pa|mother|father|dad|son|daughter)|gran|nan|nana|granny|grandad|papa"
    r"|step(?:mum|mom|dad|son|daughter|brother|sister|mother|father)|twin|sibling|friend|mate|buddy"
    r"|roommate|flatmate|housemate|neighbou?r|boss|manager|supervisor|colleague|coworker|teacher"
    r"|coach|doctor|gp|psychiatrist|therapist|counsell?or|psychologist|nurse|midwife|dentist|surgeon"
    r"|keyworker|caseworker|worker|landlord|lawyer|solicitor|sponsor|mentor|tutor|dog|cat|puppy|guy"
    r"|man|woman|lady|person|patient|client)"
)
CALLED = r"(?: is| was| 's|s)?(?: also)?(?: named| called| name is| name 's| names)"
NAMED = re.compile(
    r"(?:^| )(?:names?(?: is| 's|:|,)?(?: actually)?|named(?: him| her| me| it| them)?|is called|was called|call(?:s|ed)? (?:me|him|her)|goes by"
    r"|known as|nicknamed|nickname is|surname(?: is)?|spelled|this is|speaking to|speaking with)"
    r"(?: mr| mrs| ms| dr| miss)?(?: \.)?$"
)
TITLE = re.compile(
    r"(?:^| )(?:mr|mrs|ms|miss|mx|dr|doctor|prof|professor|nurse|sister|reverend|rev|pastor|uncle"
    r"|aunt|auntie|aunty|sergeant|officer|detective|judge|sir|captain|nana|nanna|grandma|grandpa"
    r"|granny|gran|nan|papa|principal|mister)(?: \.)?$"
)
SHORT_TITLE = re.compile(r"(?:^| )(?:mr|mrs|ms|miss|mx|dr|prof|mister)(?: \.)?$")
RELATION = re.compile(
    rf"(?:^| )(?:my|his|her|our|their|your|the|a|this) (?:[a-z]+ ){{0,2}}{KIN}(?: ,)?(?:{CALLED})?$"
)
RELATION_NAMED = re.compile(rf"(?:^| ){KIN}{CALLED}$")
GREETING = re.compile(
    r"(?:^| )(?:hi|hello|hey|thanks|thank you|cheers|bye|goodbye|dear|morning|afternoon|okay|ok|well done"
    r"|nice to meet you|sorry)(?: ,)?$"
)
TOLD = re.compile(
    r"(?:^| )(?:me and|tell|told|ask|asked|texted|phoned|rang|dumped|married|dating|visited|blame|blamed|thank"
    r"|met|miss|want|wanted|let)$"
)
AUXILIARIES = frozenset(
    "will may can do so an lay hung min love hope joy faith grace patience".split()
)
SELF = re.compile(r"(?:^| )(?:i 'm|i am|im|it 's|me|we 're)(?: ,)?$")
AND = re.compile(r"(?:^| )(?:and|or|&|,)$")
COUNTED = frozenset(
    "the a an some any this that these those another every each no many much few more most two three my your his"
    " her its our their very so too quite really pretty all".split()
)
"""Before a strange word these say that it is a thing or a quality."""
VERBS = frozenset(
    "will may can mark chase rob sue grant bill drew pat drop ram hung lay do so min an kit gene art jay may"
    " wade cook hunt ring tie pop hope love trust".split()
)
"""Names that are verbs: "my brother will" names nobody."""
QUALITIES = frozenset(
    "rich frank young christian sandy rusty precious early earnest merry happy sunny handy guy dean strong sharp"
    " gross little long short black white brown green gray grey wise french english polish irish welsh game able"
    " noble major minor junior royal sterling holly olive amber crystal destiny hung lucky"
    " baker cook miller mason hunter carpenter fisher gardener farmer taylor tanner".split()
)
"""Names that say how somebody is or what they do: "i'm frank" names nobody."""
NOT_LAST = frozenset(
    "may long day love little hurt low will so do vo an must ball can made day park".split()
)
SAYS = frozenset(
    "said says told asked asks thinks thought called calls texted rang phoned replied died passed lives lived came"
    " helped helps wants wanted knew knows suggested explained mentioned has had is was and 's".split()
)
MONTHS = frozenset("may june april august march january augustine sept october".split())
PARTICLES = frozenset(
    "van von der den de la le du da di del dos das al el bin ibn ben mac mc st ter ten af".split()
)
MARKS = frozenset("-.")


def person_spans(turn: Sequence[Token], *, cased: bool, asked: bool = False) -> Iterator[Span]:
    """Yield the names of people in a turn.

    ``cased`` says that capitals mean something in this transcript; ``asked`` that somebody has
    just asked for a name.
    """
    at = 0
    while at < len(turn):
        kind = _kind(turn, at, cased=cased, asked=asked and at < 4)
        if kind is None:
            at += 1
            continue
        end = _end(turn, at, cased=cased) if kind == "PERSON" else at + 1
        yield Span(start=turn[at].start, end=turn[end - 1].end, type=kind, source="context")
        at = end


def before(turn: Sequence[Token], at: int, most: int = 6) -> str:
    """Return the words before a place in a turn, in lower case."""
    return " ".join(token.low for token in turn[max(0, at - most) : at])


def _kind(turn: Sequence[Token], at: int, *, cased: bool, asked: bool) -> IdentifierType | None:
    """Return what name starts here, if one does."""
    token = turn[at]
    if not is_word(token) or token.low[0] == "'":
        return None
    if len(token.low) < 2:
        titled = _is_initial(token) and SHORT_TITLE.search(before(turn, at))
        return "PERSON" if titled else None
    if token.low in plain_words() and not may_be_name(token.low):
        return None
    left = before(turn, at)
    if cased and not token.capital:
        called = NAMED.search(left) or RELATION_NAMED.search(left)
        known = is_name(token.low) or is_strange(token.low)
        return "PERSON" if called and known else None
    if is_name(token.low):
        is_place = token.low in terms() and is_place_cue(left)
        return None if is_place else "PERSON"
    if is_strange(token.low):
        return _strange(turn, at, left, cased=cased)
    if may_be_name(token.low):
        return "PERSON" if _is_meant(turn, at, left, cased=cased, asked=asked) else None
    return "PERSON" if _is_introduced(turn, at, left, cased=cased, asked=asked) else None


def _strange(turn: Sequence[Token], at: int, left: str, *, cased: bool) -> IdentifierType | None:
    """Return what a word outside every dictionary names here."""
    token = turn[at]
    last = turn[at - 1].low if at else ""
    after = turn[at + 1].low if at + 1 < len(turn) else ""
    if after.startswith(token.low) or (last.isdigit() and len(token.low) < 5):
        return None  # a word begun and begun again; "5 mcg"
    named = NAMED.search(left) or TITLE.search(left) or RELATION.search(left)
    if not named and last in COUNTED and not cased:
        return None
    if named:
        return "PERSON"
    if is_place_cue(left) or last in ("in", "near", "outside", "around"):
        return "PLACE"
    if last == "at":
        return "ORGANISATION"
    return None if cased and token.shouted else "PERSON"


def _is_meant(turn: Sequence[Token], at: int, left: str, *, cased: bool, asked: bool) -> bool:
    """Whether a name that is also an everyday word is meant as a name here."""
    low = turn[at].low
    given = low in given_names()
    after = turn[at + 1] if at + 1 < len(turn) else None
    if cased and given and not turn[at].opens and low not in MONTHS and low not in QUALITIES:
        return True
    named_whole = after is not None and after.low in family_names().plain
    verb = low in VERBS and not (after is None or after.low in SAYS or named_whole)
    if TITLE.search(left) or RELATION_NAMED.search(left):
        return not verb
    if not given:
        return False
    if after is not None and not verb and _is_last(after) and not is_everyday(after.low):
        return True
    if _is_listed_among(turn, at) and not verb and low not in QUALITIES:
        return True
    if asked or NAMED.search(left):
        return not verb
    if TOLD.search(left):
        return low not in AUXILIARIES and low not in QUALITIES
    if RELATION.search(left) or GREETING.search(left):
        return not verb and low not in QUALITIES
    if SELF.search(left):
        return low not in QUALITIES and low not in VERBS and (after is None or not is_word(after))
    said = after is not None and after.low in ("said", "says", "told", "texted", "rang")
    return said and not (at and turn[at - 1].low in COUNTED)


def _is_listed_among(turn: Sequence[Token], at: int) -> bool:
    """Whether a name stands next to this one, joined by "and" or a comma."""
    for step in (-1, 1):
        near = at + step
        if 0 <= near < len(turn) and turn[near].low in ("and", ","):
            near += step
        if 0 <= near < len(turn) and near != at and turn[near].low in given_names().plain:
            return True
    return False


def _is_introduced(turn: Sequence[Token], at: int, left: str, *, cased: bool, asked: bool) -> bool:
    """Whether an everyday word follows "my name is" or "mr" and so must be a name."""
    token = turn[at]
    if token.low in function_words() or token.low in plain_words():
        return False
    ends = at + 1 == len(turn) or not is_word(turn[at + 1]) or turn[at + 1].low in ("and", "i")
    if SHORT_TITLE.search(left):
        return token.capital or not cased
    named = re.search(r"\bname(?: is| 's)$", left) or (asked and at == 0 and len(turn) < 4)
    if named or RELATION_NAMED.search(left):
        return ends and (token.capital or not cased)
    return False


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
