"""From sentences to a turn: a persona's little words first, then spelling, human or automatic.

A turn is worked on with one private character a mention; what the mention looks like is put in
last, so that its characters are known exactly.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

import numpy as np

from mindveil.corpus.sample.personas import Manner
from mindveil.corpus.sample.phrases import read_bank, unmark

FAVOURITES = {"fillers": 3, "openers": 5, "closers": 3, "links": 4, "sayings": 3}
"""How many little words of each kind a persona has."""
FAVOURITE_DECAY = 0.65
"""Each favourite is used this much as often as the one before it."""
SWAP_KEPT = 0.5
"""Chance that a persona has an own word for one of the swaps."""
SWAP_USED = 0.75
"""Chance that the own word is used when it could be."""

_NOT_EXPANDED = r"(?! (?:been|turned|gone|got|come|had|never been|always been))"
_ARTICLE = re.compile(r"\b([Aa]) $")
_NOT_HEARD = re.compile(r"[^\w' ]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """The little words of one persona, most used first; ``swaps`` pairs a word with their own."""

    little: Mapping[str, tuple[str, ...]]
    swaps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """The final text of a turn and where each mention stands in it: (mention, start, end)."""

    text: str
    mentions: tuple[tuple[str, int, int], ...]


@cache
def _whole_word(word: str, tail: str = "") -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'])({re.escape(word)})(?![\w']){tail}")


@cache
def _manner() -> dict[str, Mapping[str, object]]:
    return read_bank("manner")


@cache
def _contraction() -> re.Pattern[str]:
    words = "|".join(re.escape(w) for w in _manner()["contractions"])
    return re.compile(rf"(?<![\w'])({words})(?![\w']){_NOT_EXPANDED}")


def draw_habits(rng: np.random.Generator) -> Habits:
    """Draw a persona's favourite little words and words of their own."""
    little = {}
    for kind, count in FAVOURITES.items():
        options = cast("Sequence[str]", _manner()["manner"][kind])
        chosen = rng.choice(len(options), count, replace=False)
        little[kind] = tuple(options[int(i)] for i in chosen)
    swaps = []
    for word, options in cast("Mapping[str, Sequence[str]]", _manner()["swaps"]).items():
        own = options[int(rng.integers(len(options)))]
        if rng.random() < SWAP_KEPT:
            swaps.append((word, own))
    return Habits(little=little, swaps=tuple(swaps))


def favourite(habits: Habits, kind: str, rng: np.random.Generator) -> str:
    """Return one of a persona's little words of a kind, the first ones more often."""
    options = habits.little[kind]
    odds = FAVOURITE_DECAY ** np.arange(len(options))
    return options[int(np.searchsorted(np.cumsum(odds), rng.random() * odds.sum()))]


def colour(sentence: str, habits: Habits, manner: Manner, rng: np.random.Generator) -> str:
    """Return a sentence as this persona would say it: own words, long forms, fillers, repairs."""
    for word, own in habits.swaps:
        if word in sentence:
            sentence = _whole_word(word).sub(_maybe(own, SWAP_USED, rng), sentence)
    long_forms = cast("Mapping[str, str]", _manner()["contractions"])
    sentence = _contraction().sub(
        lambda m: long_forms[m[1]] if rng.random() < manner.expand_rate else m[1], sentence
    )
    if rng.random() < manner.filler_rate:
        sentence = _hesitate(sentence, favourite(habits, "fillers", rng), rng)
    if rng.random() < manner.repair_rate:
        start = sentence.split(" ")[: 1 + int(rng.random() < 0.4)]
        if not any(unmark(c) or c in ",?" for word in start for c in word):
            sentence = f"{' '.join(start)}, {sentence}"
    return sentence


def _maybe(own: str, chance: float, rng: np.random.Generator) -> Callable[[re.Match[str]], str]:
    return lambda found: own if rng.random() < chance else found[1]


def _hesitate(sentence: str, filler: str, rng: np.random.Generator) -> str:
    """Put a filler where people breathe: after a comma, or else after the first words."""
    breaths = [m.end() for m in re.finditer(", ", sentence)]
    if breaths:
        at = breaths[int(rng.integers(len(breaths)))]
        return f"{sentence[:at]}{filler}, {sentence[at:]}"
    return f"{filler}, {sentence}"


def plain(manner: Manner) -> Manner:
    """Return a manner without little words, for a turn that would get too long.

    Long forms of contractions and links between sentences stay.
    """
    return replace(
        manner,
        opener_rate=0.0,
        filler_rate=0.0,
        closer_rate=0.0,
        repair_rate=0.0,
        saying_rate=0.0,
    )


def compose(
    sentences: Sequence[str], habits: Habits, manner: Manner, rng: np.random.Generator
) -> str:
    """Join sentences into a turn: a word to open, links or full stops, words to close."""
    turn = colour(sentences[0], habits, manner, rng)
    for sentence in sentences[1:]:
        joined = colour(sentence, habits, manner, rng)
        link = favourite(habits, "links", rng)
        turn += f", {link} {joined}" if rng.random() < manner.link_rate else f". {joined}"
    if rng.random() < manner.opener_rate:
        turn = f"{favourite(habits, 'openers', rng)}, {turn}"
    if rng.random() < manner.saying_rate:
        turn = f"{turn}, {favourite(habits, 'sayings', rng)}"
    elif rng.random() < manner.closer_rate:
        turn = f"{turn}, {favourite(habits, 'closers', rng)}"
    return turn


def write(turn: str, surface: Mapping[str, str]) -> Spoken:
    """Return a turn as a person would type it, with capitals and punctuation."""
    whole = turn if turn[-1] in ".?!" else f"{turn}."
    whole = re.sub(r"(^|[.?!] )([a-zé])", lambda m: m[1] + m[2].upper(), whole)
    return _place(whole, surface, lambda text: text)


def overhear(turn: str, heard: Mapping[str, str]) -> Spoken:
    """Return a turn as an ASR would: lower case, no punctuation, no accents."""
    return _place(turn, heard, _hear)


def _hear(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("-", " "))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    return re.sub(r"\bdr\b", "doctor", re.sub(" +", " ", _NOT_HEARD.sub("", plain)))


def _place(turn: str, surface: Mapping[str, str], spell: Callable[[str], str]) -> Spoken:
    """Spell the text between mentions and put the surface of each mention in."""
    text, mentions = "", []
    pending = ""
    for character in turn:
        mention = unmark(character)
        if mention is None:
            pending += character
            continue
        text, pending = text + spell(pending), ""
        shown = surface[mention]
        if _ARTICLE.search(text) and shown[0].lower() in "aeiou":
            text = text[:-1] + "n "
        if mention == "occupation" and (not text or text.endswith((". ", "? "))):
            shown = shown[0].upper() + shown[1:]
        mentions.append((mention, len(text), len(text) + len(shown)))
        text += shown
    return Spoken(text=(text + spell(pending)).rstrip(" "), mentions=tuple(mentions))
