"""Which group a person belongs to: the levels that an adversary guesses at, and age bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from mindveil.corpus.generalised import MISSING, SUPPRESSED, parts
from mindveil.corpus.model import Attribute, Corpus

AGE = "age"
GUESSED: tuple[str, ...] = ("sex", "gender", AGE)
"""Columns of participants.tsv that a voice or a face may give away."""

_BANDS = ((30.0, "under 30"), (45.0, "30-44"), (60.0, "45-59"))
_OLDEST = "60 or over"
_SEXES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("f", "female", "w", "woman", "women"), "female"),
        **dict.fromkeys(("m", "male", "man", "men"), "male"),
    }
)
"""How corpora write the same thing: who learns from one corpus guesses at another."""


def level_of(field: str, value: Attribute) -> str:
    """Return the one level that a value stands for, empty where it leaves several open.

    Ages are taken in four bands, which a generalised age may fix as well.

    >>> level_of("age", 31.0), level_of("age", "30-39"), level_of("age", "30-49")
    ('30-44', '30-44', '')
    >>> level_of("sex", "F"), level_of("sex", "f|m"), level_of("sex", "*")
    ('female', '', '')
    """
    told = parts(value)
    if field == AGE:
        bands = {"" if p.name else _band(end) for p in told for end in (p.low, p.high)}
        return bands.pop() if len(bands) == 1 else ""
    if len(told) != 1 or told[0].name in {SUPPRESSED, MISSING} or told[0].low < told[0].high:
        return ""
    name = told[0].name or str(value)
    return _SEXES.get(name.lower(), name)


def levels_of(field: str, corpus: Corpus) -> tuple[str, ...]:
    """Return the level of each person, in the order of the corpus."""
    return tuple(level_of(field, p.attributes.get(field)) for p in corpus.participants)


def common_levels(levels: Sequence[str], least: int) -> tuple[str, ...]:
    """Return the levels that at least so many people have, sorted.

    >>> common_levels(["f", "m", "f", ""], 2)
    ('f',)
    """
    return tuple(sorted(v for v in set(levels) - {""} if levels.count(v) >= least))


def _band(age: float) -> str:
    return next((name for end, name in _BANDS if age < end), _OLDEST)
