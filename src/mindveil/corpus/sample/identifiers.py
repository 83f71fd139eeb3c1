"""What identifies a persona when spoken: its kind, and how it is written or comes out of an ASR.

An automatic transcript has no digits and no capitals here: numbers are words, an address is
spelled with "at" and "dot". Roles follow the Text Anonymization Benchmark (Pilan et al. 2022).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from mindveil.corpus.sample.personas import Persona

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
MONTHS: tuple[str, ...] = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SPOKEN = MappingProxyType({"@": " at ", ".": " dot ", "-": " dash ", " ": " "})


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A thing that gives somebody away: mentions of one thing share ``entity``."""

    entity: str
    type: str
    role: Literal["direct", "quasi"]


def _of(entity: str, kind: str, role: Literal["direct", "quasi"]) -> Identifier:
    return Identifier(entity=entity, type=kind, role=role)


THINGS: Mapping[str, Identifier] = MappingProxyType(
    {
        "self": _of("self", "PERSON", "direct"),
        "partner": _of("partner", "PERSON", "direct"),
        "child": _of("child", "PERSON", "direct"),
        "friend": _of("friend", "PERSON", "direct"),
        "doctor": _of("doctor", "PERSON", "direct"),
        "manager": _of("manager", "PERSON", "direct"),
        "phone": _of("phone", "PHONE", "direct"),
        "email": _of("email", "EMAIL", "direct"),
        "address": _of("address", "ADDRESS", "direct"),
        "record": _of("record", "RECORD", "direct"),
        "birth_date": _of("birth_date", "BIRTH_DATE", "direct"),
        "town": _of("town", "PLACE", "quasi"),
        "birthplace": _of("birthplace", "PLACE", "quasi"),
        "employer": _of("employer", "ORGANISATION", "quasi"),
        "school": _of("school", "ORGANISATION", "quasi"),
        "occupation": _of("occupation", "OCCUPATION", "quasi"),
        "age": _of("age", "AGE", "quasi"),
        "nationality": _of("nationality", "NATIONALITY", "quasi"),
    }
)


def thing(mention: str, persona: Persona) -> Identifier:
    """Return what a mention such as ``self_full`` names.

    Somebody who lives where they were born has one town, not two.
    """
    base = mention.removesuffix("_first").removesuffix("_full")
    if base == "birthplace" and persona.identity.birthplace == persona.life.town:
        base = "town"
    return THINGS[base]


def surfaces(persona: Persona) -> dict[str, str]:
    """Return how each mention of this persona's identifiers is written."""
    who, life = persona.identity, persona.life
    day, month, year = who.birth_date
    return {
        "self": who.first,
        "self_first": who.first,
        "self_full": f"{who.first} {who.last}",
        "partner_first": life.partner_name,
        "child_first": life.child_name,
        "friend_first": life.friend.partition(" ")[0],
        "friend_full": life.friend,
        "doctor": life.doctor,
        "manager_first": life.manager.partition(" ")[0],
        "manager_full": life.manager,
        "town": life.town,
        "birthplace": who.birthplace,
        "employer": life.employer,
        "occupation": life.occupation,
        "school": who.school,
        "age": str(who.age),
        "birth_date": f"{day} {MONTHS[month - 1]} {year}",
        "nationality": who.nationality,
        "phone": who.phone,
        "email": who.email,
        "address": f"{who.house} {who.street}",
        "record": who.record,
    }


def heard(mention: str, persona: Persona) -> str:
    """Return how an ASR writes a mention: lower case, words for digits, no punctuation."""
    who = persona.identity
    if mention == "age":
        return number_words(who.age)
    if mention == "birth_date":
        day, month, year = who.birth_date
        return f"{ordinal_words(day)} of {MONTHS[month - 1].lower()} {year_words(year)}"
    if mention == "address":
        return f"{number_words(who.house)} {who.street.lower()}"
    if mention in {"phone", "record"}:
        return digit_words(surfaces(persona)[mention])
    if mention == "email":
        local, _, domain = who.email.partition("@")
        name, digits = local[:-2], local[-2:]
        spelled = "".join(_SPOKEN.get(c, c) for c in name)
        return f"{spelled} {digit_words(digits)} at {domain.replace('.', ' dot ')}"
    return surfaces(persona)[mention].lower()


def digit_words(text: str) -> str:
    """Read a number out digit by digit.

    >>> digit_words("07700 9")
    'oh seven seven oh oh nine'
    """
    return " ".join("oh" if c == "0" else _UNITS[int(c)] for c in text if c.isdigit())


def number_words(number: int) -> str:
    """Say a number from 0 to 199.

    >>> number_words(43), number_words(120)
    ('forty three', 'a hundred and twenty')
    """
    if number >= 100:
        rest = number - 100
        return f"a hundred and {number_words(rest)}" if rest else "a hundred"
    if number < len(_UNITS):
        return _UNITS[number]
    tens, unit = divmod(number, 10)
    return f"{_TENS[tens]} {_UNITS[unit]}" if unit else _TENS[tens]


def ordinal_words(day: int) -> str:
    """Say a day of the month.

    >>> ordinal_words(14), ordinal_words(23), ordinal_words(30)
    ('fourteenth', 'twenty third', 'thirtieth')
    """
    if day <= len(_ORDINALS):
        return _ORDINALS[day - 1]
    if day == 30:
        return "thirtieth"
    tens, unit = divmod(day, 10)
    return f"{_TENS[tens]} {_ORDINALS[unit - 1]}"


def year_words(year: int) -> str:
    """Say a year.

    >>> year_words(1979), year_words(2003)
    ('nineteen seventy nine', 'two thousand and three')
    """
    if year < 2000:
        return f"{number_words(year // 100)} {number_words(year % 100)}"
    return f"two thousand and {number_words(year - 2000)}" if year > 2000 else "two thousand"
