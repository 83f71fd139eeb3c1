"""What clinicians listen for in somebody's words, as a few numbers a visit (English).

How much is said, who it is about, how it is denied, how absolute it is, how often and how long
things last, and how near the words come to the symptoms of six domains. No word can be read back
from a row; what a row still gives away is measured like any other column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mindveil.features.sentences import SentenceEncoder
from mindveil.features.text import ANCHORS, TextFeatures, read_text

Floats = NDArray[np.float64]

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_LISTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        # Rude, Gortner & Pennebaker 2004: depressed writers speak of themselves more often.
        "first-person": frozenset("i me my mine myself i'm i've i'd i'll".split()),
        "negation": frozenset(
            "no not never none nothing nobody nowhere neither nor without cannot can't won't don't "
            "doesn't didn't isn't aren't wasn't weren't haven't hasn't hadn't couldn't shouldn't "
            "wouldn't ain't".split()
        ),
        # The 19 words of Al-Mosaiwi & Johnstone 2018, Clin Psychol Sci 6:529-542.
        "absolutist": frozenset(
            "absolutely all always complete completely constant constantly definitely entire ever "
            "every everyone everything full must never nothing totally whole".split()
        ),
    }
)
_TIME = re.compile(
    r"\b(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|few|several|couple of|most|"
    r"many|every|each|all|half the)\s+(?:more\s+)?"
    r"(?:seconds?|minutes?|hours?|days?|nights?|mornings?|evenings?|weeks?|weekends?|months?|years?|time|times)\b"
)
"""How long and how often: what the answers of most symptom questionnaires are about."""

LANGUAGE: tuple[str, ...] = (
    *("words", "words-per-turn"),
    *_LISTS,
    "durations",
    *(f"near-{domain}" for domain in ANCHORS),
)
"""Words and words a turn; shares of all words; durations in 100 words; cosines with symptoms."""


def measure_words(people: Sequence[Sequence[str]], encoder: SentenceEncoder) -> Floats:
    """Return the measures of each person's turns, shape (people, measures); NaN without words."""
    near = _nearness(read_text(people, encoder))
    counted = np.array([_counted(turns) for turns in people]).reshape(len(people), -1)
    return np.hstack([counted, near])


def _counted(turns: Sequence[str]) -> list[float]:
    """Return the measures that counting gives.

    >>> _counted(["I never slept for three weeks."])
    [6.0, 6.0, 0.16666666666666666, 0.16666666666666666, 0.16666666666666666, 16.666666666666668]
    """
    said = [t.lower().replace("’", "'") for t in turns if t.strip()]
    words = [w for t in said for w in _WORD.findall(t)]
    if not words:
        return [np.nan] * (len(_LISTS) + 3)
    shares = [sum(w in known for w in words) / len(words) for known in _LISTS.values()]
    times = sum(len(_TIME.findall(t)) for t in said)
    return [float(len(words)), len(words) / len(said), *shares, 100 * times / len(words)]


def _nearness(read: TextFeatures) -> Floats:
    """Return for each domain the mean cosine of its anchors with the passages nearest to them."""
    nearest = read.symptoms[:, read.symptoms.shape[1] // 2 :]
    ends = np.cumsum([0, *(len(a) for a in ANCHORS.values())])
    return np.column_stack([nearest[:, a:b].mean(axis=1) for a, b in pairwise(ends)])
