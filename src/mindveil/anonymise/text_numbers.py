"""Numbers as people say them: "forty two", "nineteen eighty eight", "oh seven nine double one".

One set of patterns for the words, and the two ways of reading them: as a value (an age, a
year) and as a string of digits (a telephone or record number).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping

ONES: Mapping[str, int] = {
    word: value
    for value, word in enumerate(
        (
            "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
            "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen",
            "seventeen", "eighteen", "nineteen",
        )
    )
}  # fmt: skip
TENS: Mapping[str, int] = {
    word: 10 * (place + 2)
    for place, word in enumerate(
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
    )
}
DIGITS: Mapping[str, str] = {
    "oh": "0",
    "o": "0",
    "nought": "0",
    "nil": "0",
    **{word: str(value) for word, value in ONES.items() if value < 10},
}

_ONE = "one|two|three|four|five|six|seven|eight|nine"
_TEEN = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "|".join(TENS)
SMALL = rf"(?:(?:{_TENS})(?:[ -](?:{_ONE}))?|{_TEEN}|{_ONE})"
"""One to ninety-nine in words."""
AGE = rf"(?:(?:(?:a|one) hundred(?: and)?(?: {SMALL})?)|1[01]\d|\d{{1,2}}|{SMALL})"
"""Nought to a hundred and nineteen, in figures or words."""
YEAR = (
    rf"(?:(?:19|20)\d\d|(?:nineteen|twenty)[ -](?:hundred|(?:oh|o)[ -](?:{_ONE})|{SMALL})"
    rf"|two thousand(?: and)?(?: {SMALL})?)"
)
"""A year from 1900 to 2099, in figures or words."""
DIGIT = rf"(?:{'|'.join(DIGITS)})"
PAUSE = r"[ ,.-]{1,2}"
SPOKEN_DIGITS = (
    rf"(?:(?:double|triple|treble) )?{DIGIT}"
    rf"(?:{PAUSE}(?:(?:double|triple|treble) {DIGIT}|{DIGIT}|{_TEEN}|{_TENS}|hundred|\d{{1,4}})){{3,24}}"
)
"""Four to twenty-five groups of spoken digits, such as a telephone number."""

REPEATS: Mapping[str, int] = {"double": 2, "triple": 3, "treble": 3}


def value(words: str) -> int | None:
    """Return the number that figures or words stand for, up to 2099, or None.

    >>> value("forty-two"), value("nineteen eighty eight"), value("a hundred and three")
    (42, 1988, 103)
    """
    parts = words.lower().replace("-", " ").split()
    if len(parts) == 1 and parts[0].isdigit():
        return int(parts[0])
    total = 0
    for part in parts:
        if part in ("a", "and"):
            continue
        if part in ("hundred", "thousand"):
            total = max(total, 1) * (100 if part == "hundred" else 1000)
        elif part in ("oh", "o"):
            total = total * 100
        elif part in TENS:
            # "nineteen eighty" and "twenty twenty" are years; sums of tens are not said.
            total = total * 100 + TENS[part] if 0 < total < 100 else total + TENS[part]
        elif part in ONES:
            teens = total in (19, 20) and ONES[part] >= 10
            total = total * 100 + ONES[part] if teens else total + ONES[part]
        else:
            return None
    return total


def digits(words: str) -> str:
    """Return the digits that are read out.

    >>> digits("oh seven double nine, twenty one")
    '079921'
    """
    found = ""
    times = 1
    last = ""
    for part in re.split(r"[ ,.-]+", words.lower()):
        if part in REPEATS:
            times = REPEATS[part]
            continue
        if last in TENS and part in ONES and 0 < ONES[part] < 10:
            found = f"{found[:-1]}{ONES[part]}"
        else:
            found += _digits(part) * times
        times, last = 1, part
    return found


def _digits(part: str) -> str:
    """Return the digits of one word: a digit, a teen, a ten, "hundred" or figures."""
    if part == "hundred":
        return "00"
    if part in DIGITS:
        return DIGITS[part]
    if part.isdigit():
        return part
    number = TENS.get(part, ONES.get(part))
    return "" if number is None else str(number)


def is_counting(read: str) -> bool:
    """Whether digits only count up or down by one, as in a breathing exercise.

    >>> is_counting("123456"), is_counting("07700")
    (True, False)
    """
    steps = {int(b) - int(a) for a, b in itertools.pairwise(read)}
    return len(steps) == 1 and steps <= {1, -1, 0}
