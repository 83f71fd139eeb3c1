"""What a machine reads off somebody's words: one row a person, whatever was asked.

A person brings documents: turns of an interview, answers to questions, diary entries. They are
cut and joined into passages of 5 to about 120 words, each passage becomes one vector of the sentence
encoder, and the passages of a person become two blocks: ``meaning`` (the mean of the vectors: what
is it about) and ``symptoms`` (how near the words come to sentences that describe symptoms). Every
passage counts the same, so a five-word answer to a question weighs as much as a long one: on the
300 people of the free-text data that is worth .06 AUC against counting words.

Nothing here is learnt from the people at hand, so a row is the same in every fold and can be
cached. ``fit_words`` alone learns (a vocabulary and its weights): fit it on training people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.features.sentences import SentenceEncoder

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

Floats = NDArray[np.float64]
Domain = Literal["depression", "anxiety", "wellbeing", "ptsd", "mania", "psychosis"]

LEAST_WORDS = 5
MOST_WORDS = 120
"""Keeps a passage within the 256 word pieces that the encoder reads."""
TOP = 3

ANCHORS: Mapping[Domain, tuple[str, ...]] = {
    "depression": (
        "I feel down, depressed and hopeless.",
        "I feel sad and I cry a lot.",
        "Nothing gives me joy and I have lost interest in everything.",
        "I do not enjoy the things I used to love.",
        "I cannot fall asleep and I wake up during the night.",
        "I sleep all day and still feel worn out.",
        "I am tired all the time and have no energy.",
        "I have no appetite and I am losing weight.",
        "I eat too much to comfort myself.",
        "I am worthless and I have let my family down.",
        "I hate myself and feel guilty about everything.",
        "I cannot concentrate, not even on reading or television.",
        "I move and speak slowly, everything is an effort.",
        "I wish I were dead and think about hurting myself.",
        "I feel empty, numb and alone.",
        "I have no motivation to get out of bed or to wash.",
        "I cannot cope with work, home or other people any more.",
        "I have been struggling with depression for years and take medication.",
    ),
    "anxiety": (
        "I feel nervous, anxious and on edge.",
        "I cannot stop or control my worrying.",
        "I worry too much about many different things.",
        "I am tense and find it impossible to relax.",
        "I am so restless that I cannot sit still.",
        "I get annoyed and irritable very easily.",
        "I am afraid that something terrible is going to happen.",
        "My heart races, I sweat and I cannot breathe.",
        "I have panic attacks.",
        "I lie awake at night because my thoughts keep racing.",
        "I worry constantly about money, work and my health.",
        "I avoid people because I fear that they judge me.",
        "I feel overwhelmed and under stress every day.",
    ),
    "wellbeing": (
        "I am happy and content with my life.",
        "I am rarely sad, I have not been depressed at all.",
        "I enjoy my days and look forward to tomorrow.",
        "I sleep well and wake up rested.",
        "I have plenty of energy and keep active.",
        "I feel good about myself and proud of what I do.",
        "I can concentrate well and get things done.",
        "I feel calm, relaxed and at peace.",
        "I hardly ever worry, things usually work out.",
        "I feel safe and confident about the future.",
        "I have good friends and a loving family.",
        "I feel sad now and then but it passes quickly.",
    ),
    "ptsd": (
        "I have nightmares and flashbacks of what happened to me.",
        "I avoid everything that reminds me of the trauma.",
        "I am always on guard and startle easily.",
        "I feel cut off from other people since it happened.",
    ),
    "mania": (
        "I feel on top of the world and hardly need any sleep.",
        "My thoughts race and I talk faster than others can follow.",
        "I spend money recklessly and take big risks.",
        "My mood swings from very high to very low.",
    ),
    "psychosis": (
        "I hear voices that other people do not hear.",
        "I feel that people are watching me and plotting against me.",
        "I receive special messages that are meant for me alone.",
        "Things around me seem strange and unreal.",
    ),
}
"""Sentences of our own after the criteria of DSM-5: the nine of a depressive episode, those of
generalised anxiety, post-traumatic stress, mania and psychosis, and how it sounds to be well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFeatures:
    """What was read off each person's words; a person without any words is a row of NaN.

    ``meaning`` has shape (people, 384); ``symptoms`` (people, 2 x anchors): for each anchor, in
    the order of ``anchor_sentences``, the mean cosine of all passages, then for each anchor the
    mean cosine of the three nearest passages.
    """

    meaning: Floats
    symptoms: Floats


def read_text(people: Sequence[Sequence[str]], encoder: SentenceEncoder) -> TextFeatures:
    """Read meaning and symptoms off the documents of each person, in the order in which they came.

    A person's row depends on nobody else's words.
    """
    cut = [passages(documents) for documents in people]
    vectors = encoder.encode([passage for own in cut for passage in own]).astype(np.float64)
    anchors = encoder.encode(anchor_sentences()).astype(np.float64)
    ends = np.cumsum([0, *(len(own) for own in cut)])
    meaning = np.full((len(cut), encoder.dimensions), np.nan)
    symptoms = np.full((len(cut), 2 * len(anchors)), np.nan)
    for row, (start, end) in enumerate(pairwise(ends)):
        if end > start:
            own = vectors[start:end]
            cosines = np.sort(own @ anchors.T, axis=0)
            meaning[row] = own.mean(axis=0)
            symptoms[row] = np.concatenate([cosines.mean(axis=0), cosines[-TOP:].mean(axis=0)])
    return TextFeatures(meaning=meaning, symptoms=symptoms)


def anchor_sentences() -> tuple[str, ...]:
    """Return all anchors in their order, domain by domain."""
    return tuple(sentence for sentences in ANCHORS.values() for sentence in sentences)


def passages(documents: Sequence[str]) -> tuple[str, ...]:
    """Cut and join documents into passages of 5 to about 120 words, in their order.

    Long documents are cut into even parts, where possible between sentences. What is too short
    to mean anything alone (``yes``, ``mm``) is read together with what follows, or at the end
    with what came before.

    >>> passages(["Yes.", "I slept quite well last week."])
    ('Yes. I slept quite well last week.',)
    """
    made: list[str] = []
    waiting = ""
    for part in (part for document in documents for part in _parts(document)):
        waiting = f"{waiting} {part}".strip()
        if len(waiting.split()) >= LEAST_WORDS:
            made.append(waiting)
            waiting = ""
    if waiting and made:
        made[-1] = f"{made[-1]} {waiting}"
    elif waiting:
        made.append(waiting)
    return tuple(made)


def fit_words(people: Sequence[Sequence[str]]) -> TfidfVectorizer:
    """Learn the words of the training people and how telling each is (TF-IDF).

    Words in at least two people, counts damped by a logarithm: the plain detector beside which
    every better one is shown. Give ``joined`` of the same or other people to its ``transform``.
    """
    # Takes a second to import, which nobody should pay for who only reads.
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

    return TfidfVectorizer(sublinear_tf=True, min_df=2).fit(joined(people))


def joined(people: Sequence[Sequence[str]]) -> list[str]:
    """Return everything that each person said as one text."""
    return [" ".join(documents) for documents in people]


def _parts(document: str) -> list[str]:
    words = document.split()
    if len(words) <= MOST_WORDS:
        return [" ".join(words)] if words else []
    even = len(words) / np.ceil(len(words) / (MOST_WORDS * 3 // 4))
    parts: list[list[str]] = [[]]
    for sentence in _sentences(words):
        if parts[-1] and len(parts[-1]) + len(sentence) / 2 > even:
            parts.append([])
        parts[-1] += sentence
    return [
        " ".join(part[start : start + MOST_WORDS])
        for part in parts
        for start in range(0, len(part), MOST_WORDS)
    ]


def _sentences(words: Sequence[str]) -> list[list[str]]:
    ends = [i + 1 for i, word in enumerate(words) if re.search(r"[.!?][\"')\]]?$", word)]
    edges = [0, *(end for end in ends if end < len(words)), len(words)]
    return [list(words[start:end]) for start, end in pairwise(edges)]
