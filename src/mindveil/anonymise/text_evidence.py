"""What each word of a turn looks like: an everyday word, a name, or nothing the dictionary knows.

Speech recognisers write everything in lower case without punctuation, so a name has no capital
to stand out by. It stands out by *absence*: talk about one's life uses few words that a large
English dictionary lacks, and most of those are names. The dictionary is the WordNet index
that comes with the spaCy model (``text_model.dictionary``), bent by the usual endings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mindveil.anonymise.name_lists import family_names, given_names, plain_words
from mindveil.anonymise.text_model import dictionary, function_words

TOKEN = re.compile(
    r"[^\W\d_]+(?:'(?!(?:s|m|re|ve|ll|d)(?![^\W\d_]))[^\W\d_]+)*"  # a word, o'brien, don't
    r"|'(?:s|m|re|ve|ll|d)(?![^\W\d_])"  # the clitics of it's, i'm, they're
    r"|\d+(?:st|nd|rd|th)?"
    r"|[^\w\s]|_"
)
APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'"})
"""One character for one character, so that offsets stay true."""

ENDINGS = (
    ("s", ""),
    ("es", ""),
    ("ies", "y"),
    ("ves", "f"),
    ("men", "man"),
    ("ed", ""),
    ("ed", "e"),
    ("ing", ""),
    ("ing", "e"),
    ("in", "ing"),
    ("er", ""),
    ("er", "e"),
    ("est", ""),
    ("est", "e"),
    ("ier", "y"),
    ("iest", "y"),
    ("y", ""),
    ("y", "e"),
    ("ly", ""),
    ("ily", "y"),
    ("ness", ""),
    ("iness", "y"),
    ("ish", ""),
    ("able", ""),
    ("able", "e"),
    ("less", ""),
    ("ful", ""),
    ("ity", ""),
    ("ity", "e"),
    ("ability", "able"),
)
PREFIXES = ("un", "re", "non", "pre", "over", "mis", "anti", "self", "dis")
DRUGS = re.compile(
    r"\w{3,}(?:azepam|azolam|zapine|piprazole|idone|oxetine|talopram|xaban|statin|prazole|sartan"
    r"|olol|pril|cillin|mycin|triptyline|ipramine|afil|gliptin|formin|barbital|phylline|codone)"
)
"""Endings of drug names (the WHO's stems): medication is clinical signal, never a name."""

STRETCH = re.compile(r"(.)\1{2,}")
HEADS = frozenset(
    "time times frame mate mates stand room rooms line lines work book books phone phones paper papers board"
    " sheet sheets hood like wise proof care share load aid keeper maker pack".split()
)
"""Second halves of compounds that talk makes up freely ("nightstand"); names are compounds too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word, number or mark of a turn: where it stands and how it is written."""

    start: int
    end: int
    low: str
    capital: bool
    opens: bool
    """Whether it opens a sentence, where a capital says nothing."""
    shouted: bool
    """Whether it is in capitals throughout, as abbreviations are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One word and what stands around it.

    ``cased`` says that capitals mean something in this turn, ``asked`` that the question before
    asked for what may stand here.
    """

    turn: Sequence[Token]
    at: int
    cased: bool
    asked: bool = False

    @property
    def token(self) -> Token:
        """The word itself."""
        return self.turn[self.at]

    @property
    def after(self) -> Token | None:
        """The next word, where there is one."""
        return self.turn[self.at + 1] if self.at + 1 < len(self.turn) else None

    @property
    def last(self) -> str:
        """The word before, in lower case, or nothing."""
        return self.turn[self.at - 1].low if self.at else ""

    @property
    def left(self) -> str:
        """The six words before, in lower case."""
        return " ".join(token.low for token in self.turn[max(0, self.at - 6) : self.at])


def tokens(text: str) -> tuple[Token, ...]:
    """Cut a turn into words, clitics, numbers and marks.

    >>> [t.low for t in tokens("I'm Nicole O'Brien's sister.")]
    ['i', "'m", 'nicole', "o'brien", "'s", 'sister', '.']
    """
    found: list[Token] = []
    opens = True
    plain = text.translate(APOSTROPHES)
    for match in TOKEN.finditer(plain):
        word = match.group()
        found.append(
            Token(
                start=match.start(),
                end=match.end(),
                low=word.lower(),
                capital=word[0].isupper(),
                opens=opens,
                shouted=len(word) > 1 and word.isupper(),
            )
        )
        opens = word in '.!?-–—"“”:>' or (opens and not word[0].isalnum())
    return tuple(found)


def is_word(token: Token) -> bool:
    """Whether this is written in letters."""
    return token.low[0].isalpha()


@lru_cache(maxsize=65_536)
def is_everyday(word: str) -> bool:
    """Whether English talk uses this word other than as a name.

    Words in lower case. Looks through endings, prefixes, stretched letters ("sooo") and
    loose compounds ("nightstand").
    """
    if len(word) == 1 or word.endswith("n't"):
        return True
    if word in plain_words() or word in function_words():
        return True
    if _is_listed(word) or DRUGS.fullmatch(word):
        return True
    if any(word.startswith(p) and _is_listed(word[len(p) :]) for p in PREFIXES):
        return True
    if STRETCH.search(word):
        return is_everyday(STRETCH.sub(r"\1", word)) or is_everyday(STRETCH.sub(r"\1\1", word))
    return any(word.endswith(head) and word[: -len(head)] in dictionary() for head in HEADS)


def _is_listed(word: str) -> bool:
    """Whether the dictionary has this word, or one that it is an ending of."""
    known = dictionary()
    if word in known:
        return True
    for ending, instead in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            stem = word[: len(word) - len(ending)]
            if stem + instead in known or (stem[-1] == stem[-2] and stem[:-1] in known):
                return True
    return False


@lru_cache(maxsize=65_536)
def is_name(word: str) -> bool:
    """Whether this is a listed name and not an everyday word as well."""
    return (word in given_names().plain or word in family_names().plain) and word not in (
        given_names().ambiguous
    )


@lru_cache(maxsize=65_536)
def may_be_name(word: str) -> bool:
    """Whether this is a listed name, everyday word or not."""
    return word in given_names() or word in family_names()


@lru_cache(maxsize=65_536)
def is_strange(word: str) -> bool:
    """Whether neither the lists nor the dictionary know this word: most such words are names."""
    return word[0].isalpha() and not may_be_name(word) and not is_everyday(word)


def is_cased(turn: Sequence[Token]) -> bool:
    """Whether capitals were written in this turn, so that a small letter says "not a name".

    Judged turn by turn, since one person's sessions may have been typed and recognised.
    """
    return any(t.capital and t.low != "i" for t in turn)
