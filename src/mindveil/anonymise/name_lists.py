"""Lists of names, places, peoples, occupations and organisations, read from the package's data.

The lists are short on purpose: what they must hold are the names that are also in an English
dictionary, because a name outside the dictionary stands out by itself (``text_evidence``).
They were written from general knowledge. A word followed by ``?`` in a file is also an everyday
word or a given name, and counts only beside a cue such as "my sister" or "I live in".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from mindveil.anonymise.text_spans import IdentifierType


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Names that stand out by themselves, and names that are everyday words as well."""

    plain: frozenset[str]
    ambiguous: frozenset[str]

    def __contains__(self, word: str) -> bool:
        """Whether this is a name at all."""
        return word in self.plain or word in self.ambiguous


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A listed phrase, what it is, and the coarser thing it belongs to.

    ``words`` are lower-case tokens as ``text_evidence.tokens`` cuts them; ``group`` is what a
    generalised release says instead ("a city in western europe").
    """

    words: tuple[str, ...]
    type: IdentifierType
    group: str
    ambiguous: bool


def _lines(name: str) -> Iterator[str]:
    """Yield the lines of a list that are not comments."""
    text = files("mindveil.anonymise").joinpath(name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line


def _names(name: str) -> Names:
    """Read a list of single words, sorting out those marked as everyday words."""
    words = [word for line in _lines(name) for word in line.split()]
    ambiguous = frozenset(word.rstrip("?") for word in words if word.endswith("?"))
    return Names(
        plain=frozenset(words) - ambiguous - {f"{w}?" for w in ambiguous}, ambiguous=ambiguous
    )


@cache
def given_names() -> Names:
    """Return given names in lower case."""
    return _names("given_names.txt")


@cache
def family_names() -> Names:
    """Return family names in lower case."""
    return _names("surnames.txt")


@cache
def plain_words() -> frozenset[str]:
    """Return words of talk and care that no dictionary has and that name nobody."""
    return frozenset(word for line in _lines("plain_words.txt") for word in line.split())


@cache
def terms() -> Mapping[str, tuple[Term, ...]]:
    """Return every listed phrase by its first word, the longest first.

    >>> [term.group for term in terms()["wakefield"]]
    ['a place in northern europe']
    >>> max(len(term.words) for term in terms()["new"])
    3
    """
    found: dict[str, list[Term]] = {}
    for term in (*_places(), *_peoples(), *_occupations(), *_organisations()):
        found.setdefault(term.words[0], []).append(term)
    return {
        first: tuple(sorted(same, key=lambda t: (-len(t.words), t.type)))
        for first, same in found.items()
    }


def _term(phrase: str, kind: IdentifierType, group: str) -> Term:
    """Return one phrase of a list as a term."""
    ambiguous = phrase.endswith("?")
    spaced = phrase.rstrip("?").replace("'s", " 's").replace(".", " ").replace("&", " & ")
    words = tuple(spaced.replace("-", " ").replace("_", " ").split())
    return Term(words=words, type=kind, group=group, ambiguous=ambiguous)


def _places() -> Iterator[Term]:
    """Yield countries, and their towns, states and counties."""
    for line in _lines("places.txt"):
        countries, region, towns = (part.strip() for part in line.split("|"))
        for country in countries.split(","):
            yield _term(country.strip(), "PLACE", f"a country in {region}")
        for town in towns.split():
            yield _term(town, "PLACE", f"a place in {region}")


def _peoples() -> Iterator[Term]:
    """Yield nationalities and religions."""
    for line in _lines("peoples.txt"):
        kind, group, words = (part.strip() for part in line.split("|"))
        for word in words.split(","):
            type_: IdentifierType = "RELIGION" if kind == "religion" else "NATIONALITY"
            yield _term(word.strip(), type_, group)


def _occupations() -> Iterator[Term]:
    """Yield occupations, and the plurals that talk uses."""
    for line in _lines("occupations.txt"):
        group, words = (part.strip() for part in line.split("|"))
        for word in words.split(","):
            yield _term(word.strip(), "OCCUPATION", group)


def _organisations() -> Iterator[Term]:
    """Yield employers, shops, hospitals, universities and charities."""
    for line in _lines("organisations.txt"):
        kind, words = (part.strip() for part in line.split("|"))
        for word in words.split(","):
            yield _term(word.strip(), "ORGANISATION", kind)
