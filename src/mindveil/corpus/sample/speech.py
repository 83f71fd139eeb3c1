"""From sentences to a turn: personal manner first, then spelling, written or as an ASR writes.

A turn is worked on with one private character a mention; the surface of each mention is put in
last, so that its characters are known exactly.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np

from mindveil.corpus.model import Entity
from mindveil.corpus.sample.identifiers import Identifier
from mindveil.corpus.sample.personas import Manner
from mindveil.corpus.sample.phrases import read_bank, unmark

FAVOURITES = (3, 6, 4, 5)
"""How many fillers, openers, closers and links a persona has."""
FAVOURITE_DECAY = 0.7
"""Each favourite is used this much as often as the one before it."""
SWAPS_KEPT = 0.35
"""Chance that a persona has a word of their own for one of the swaps."""
SWAP_USED = 0.7
_PIECE = re.compile(r", (?=\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """The little words of one persona, most used first."""

    fillers: tuple[str, ...]
    openers: tuple[str, ...]
    closers: tuple[str, ...]
    links: tuple[str, ...]
    swaps: tuple[tuple[str, str], ...]


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """Return the contractions and swaps as whole-word patterns."""
    bank = read_bank("manner")
    keys = (*bank["swaps"], *bank["contractions"])
    return {key: re.compile(rf"(?<![\w'])({re.escape(key)})(?![\w'])") for key in keys}


def draw_habits(rng: np.random.Generator) -> Habits:
    """Draw a persona's favourite little words."""
    bank = read_bank_manner()
    sets = [_some(bank[k], n, rng) for k, n in zip(_LISTS, FAVOURITES, strict=True)]
    swaps = [
        (key, words[int(rng.integers(len(words)))])
        for key, words in _swaps().items()
        if rng.random() < SWAPS_KEPT
    ]
    return Habits(
        fillers=sets[0], openers=sets[1], closers=sets[2], links=sets[3], swaps=tuple(swaps)
    )
