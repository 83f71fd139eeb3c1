"""What is written where an identifier stood: a tag, a made-up surrogate, or something coarser.

All mentions of one thing get one replacement throughout the conversations of a person, and the
replacements of two releases have nothing to do with each other: they are drawn anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import numpy as np

from mindveil.anonymise.name_lists import family_names, given_names, terms
from mindveil.anonymise.text_evidence import tokens
from mindveil.anonymise.text_numbers import AGE, YEAR, digits, value
from mindveil.anonymise.text_patterns import ANY_MONTH
from mindveil.anonymise.text_spans import IdentifierType, Span

Say = Callable[[IdentifierType, str], str]
"""Returns what to write instead of a mention of this type."""

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DECADES = ("TWENTIES", "THIRTIES", "FORTIES", "FIFTIES", "SIXTIES", "SEVENTIES", "EIGHTIES")
KINDS: Mapping[str, str] = {
    "hospital": "a hospital",
    "clinic": "a clinic",
    "surgery": "a clinic",
    "university": "a university",
    "college": "a college",
    "school": "a school",
    "academy": "a school",
    "church": "a place of worship",
    "mosque": "a place of worship",
    "synagogue": "a place of worship",
    "temple": "a place of worship",
    "prison": "a prison",
    "bank": "a bank",
}
TELLING_NOTHING = frozenset("hospital clinic school college university a of the in".split())
"""Words that every organisation of a kind has: saying them again gives nothing away."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def replace_spans(text: str, spans: Sequence[Span], say: Say) -> str:
    """Return the text with each of these disjoint spans replaced."""
    parts: list[str] = []
    at = 0
    for span in spans:
        parts += [text[at : span.start], say(span.type, text[span.start : span.end])]
        at = span.end
    return "".join([*parts, text[at:]])


def tag(kind: IdentifierType, mention: str) -> str:
    """Return the type in brackets, for every mention alike.

    >>> tag("PERSON", "nicole")
    '[PERSON]'
    """
    return f"[{kind}]" if mention else ""


def number_people(mentions: Iterable[str]) -> dict[str, int]:
    """Number the people behind these mentions of names in the order in which they appear.

    "Nicole", "nicole smith" and "Smith" are one person; "mary smith" is another than
    "john smith". Two people who share a given name cannot be told apart by it.

    >>> number_people(["Nicole", "nicole smith", "Mary Smith", "smith"])
    {'nicole': 1, 'nicole smith': 1, 'mary smith': 2, 'smith': 1}
    """
    numbers: dict[str, int] = {}
    firsts: dict[str, int] = {}
    lasts: dict[str, int] = {}
    surname: dict[int, str] = {}
    for mention in mentions:
        words = _name_words(mention)
        key = " ".join(words)
        if not key or key in numbers:
            continue
        known = firsts.get(words[0], lasts.get(words[0]) if len(words) == 1 else None)
        if known is not None and len(words) > 1 and surname.get(known, words[-1]) != words[-1]:
            known = None
        number = known or max(numbers.values(), default=0) + 1
        numbers[key] = number
        firsts.setdefault(words[0], number)
        if len(words) > 1:
            lasts.setdefault(words[-1], number)
            surname.setdefault(number, words[-1])
    return numbers


def _name_words(mention: str) -> list[str]:
    """Return the words of a name in lower case, without initials and marks."""
    words = [t.low for t in tokens(mention) if t.low[0].isalpha()]
    return [w for w in words if len(w) > 1] or words


def numbered(numbers: Mapping[str, int]) -> Say:
    """Return tags that tell people apart: "[PERSON_2]"."""

    def say(kind: IdentifierType, mention: str) -> str:
        if kind == "PERSON":
            return f"[PERSON_{numbers[' '.join(_name_words(mention))]}]"
        return tag(kind, mention)

    return say


def generalised(numbers: Mapping[str, int]) -> Say:
    """Return tags for direct identifiers and something coarser for quasi identifiers.

    An age becomes its ten years, a date its quarter or its decade, a place its part of the
    world, an organisation its kind, an occupation its field. What no list knows, and what would
    say a word of the mention again, becomes a tag.
    """
    direct = numbered(numbers)

    def say(kind: IdentifierType, mention: str) -> str:
        if kind == "AGE":
            return _age_band(mention)
        coarse = _coarse_date(mention) if kind == "DATE" else _group(kind, mention)
        said = set(_phrase(mention).split()) - TELLING_NOTHING
        return coarse if coarse and said.isdisjoint(coarse.split()) else direct(kind, mention)

    return say


def _group(kind: IdentifierType, mention: str) -> str | None:
    """Return the coarser thing that a mention belongs to, where a list or its name says so."""
    phrase = _phrase(mention)
    listed = _groups().get((kind, phrase))
    if listed is None and kind == "OCCUPATION":
        listed = _groups().get((kind, " ".join(phrase.split()[-2:])))
    if listed is None and kind == "ORGANISATION":
        listed = next((what for word, what in KINDS.items() if word in phrase.split()), None)
    return listed


def _phrase(mention: str) -> str:
    """Return a mention as the lists spell it."""
    return " ".join(t.low for t in tokens(mention) if t.low not in ",.-")


@cache
def _groups() -> dict[tuple[IdentifierType, str], str]:
    """Return the coarser thing that each listed phrase belongs to."""
    return {
        (term.type, " ".join(term.words)): term.group for same in terms().values() for term in same
    }


def _age_band(mention: str) -> str:
    """Return the ten years that an age falls into; childhood, teens and 90 or over are one each.

    >>> _age_band("thirty four"), _age_band("16")
    ('[AGE_THIRTIES]', '[AGE_TEENS]')
    """
    found = re.search(AGE, mention, re.IGNORECASE)
    years = value(found.group()) if found else None
    if years is None:
        return "[AGE]"
    if years < 20:
        return "[AGE_CHILD]" if years < 10 else "[AGE_TEENS]"
    return "[AGE_OVER_89]" if years > 89 else f"[AGE_{DECADES[years // 10 - 2]}]"


def _coarse_date(mention: str) -> str | None:
    """Return the quarter of a date that names its month, else its decade, else nothing.

    >>> _coarse_date("12 april 2023"), _coarse_date("nineteen eighty eight")
    ('[DATE_Q2]', 'the 1980s')
    """
    month = re.search(rf"\b{ANY_MONTH}", mention, re.IGNORECASE)
    if month:
        start = month.group().lower()[:3]
        place = next(i for i, name in enumerate(MONTHS) if name.lower().startswith(start))
        return f"[DATE_Q{place // 3 + 1}]"
    years = [value(m.group()) for m in re.finditer(rf"\b{YEAR}\b", mention, re.IGNORECASE)]
    year = next((y for y in years if y is not None and y >= 1900), None)
    return None if year is None else f"the {year // 10 * 10}s"


def surrogates(mentions: Sequence[tuple[IdentifierType, str]], rng: np.random.Generator) -> Say:
    """Return made-up replacements for the mentions of one person, one for each thing.

    Names are replaced by names that nobody in these conversations has; numbers keep their
    shape; a fake address or date says nothing of the real one.
    """
    numbers = number_people(text for kind, text in mentions if kind == "PERSON")
    taken = {word for text in numbers for word in text.split()}
    chosen: dict[tuple[IdentifierType, str], str] = {}
    for kind, text in mentions:
        key = _key(kind, text, numbers)
        if key not in chosen:
            chosen[key] = _surrogate(kind, text, taken, rng)

    def say(kind: IdentifierType, mention: str) -> str:
        fake = chosen[_key(kind, mention, numbers)]
        if kind == "PERSON":
            words = len(_name_words(mention))
            fake = " ".join(fake.split()[:words]) if words < 2 else fake
        return fake.lower() if mention.islower() else fake

    return say


def _key(
    kind: IdentifierType, mention: str, numbers: Mapping[str, int]
) -> tuple[IdentifierType, str]:
    """Return what all mentions of one thing have in common."""
    if kind == "PERSON":
        return kind, str(numbers[" ".join(_name_words(mention))])
    return kind, _phrase(mention)


def _surrogate(
    kind: IdentifierType, mention: str, taken: set[str], rng: np.random.Generator
) -> str:
    """Return a made-up thing of the same type."""
    given = _pick(sorted(given_names().plain - taken), rng)
    family = _pick(sorted(family_names().plain - taken), rng)
    if kind == "PERSON":
        taken.update((given, family))
    made: Mapping[IdentifierType, str] = {
        "PERSON": f"{given} {family}".title(),
        "EMAIL": f"{given}@mail.invalid" if "@" in mention else f"{given} at mail dot invalid",
        "URL": "www.site.invalid" if "." in mention else "site dot invalid",
        "ADDRESS": f"{rng.integers(1, 200)} {family.title()} Street",
        "AGE": _other_age(mention, rng),
        "AGE_OVER_89": _other_age(mention, rng),
        "DATE": f"{rng.integers(1, 29)} {_pick(MONTHS, rng)} {rng.integers(1930, 2025)}",
        "BIRTH_DATE": f"{rng.integers(1, 29)} {_pick(MONTHS, rng)} {rng.integers(1930, 2025)}",
    }
    return made.get(kind) or _other_listed(kind, mention, rng) or _scrambled(mention, rng)


def _other_listed(kind: IdentifierType, mention: str, rng: np.random.Generator) -> str | None:
    """Return another phrase of the list of this type, where there is a list."""
    own = _phrase(mention)
    phrases = sorted(phrase for type_, phrase in _groups() if type_ == kind and phrase != own)
    return _pick(phrases, rng).title() if phrases else None


def _pick(choices: Sequence[str], rng: np.random.Generator) -> str:
    """Draw one."""
    return choices[int(rng.integers(len(choices)))]


def _other_age(mention: str, rng: np.random.Generator) -> str:
    """Return another age in the same ten years."""
    found = re.search(AGE, mention, re.IGNORECASE)
    years = (value(found.group()) if found else None) or 0
    others = [y for y in range(years // 10 * 10, years // 10 * 10 + 10) if y != years]
    return str(others[int(rng.integers(len(others)))])


def _scrambled(mention: str, rng: np.random.Generator) -> str:
    """Return a number or code of the same shape with other figures; a spoken one in figures."""
    spoken = "".join(c for c in mention if c.isdigit()) == ""
    shape = digits(mention) if spoken and len(digits(mention)) > 2 else mention

    def other(match: re.Match[str]) -> str:
        sign = match.group()
        if sign.isdigit():
            return str(rng.integers(10))
        letter = LETTERS[int(rng.integers(26))]
        return letter.upper() if sign.isupper() else letter

    return re.sub(r"[^\W_]", other, shape)
