"""Who wrote, or said, this? Linkage of released words to earlier words of known people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from mindveil.attack.base import ATTACKERS, Attacker, Holding, Knowledge, LinkScores
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InvalidMeasurement
from mindveil.release import DataRelease

Floats = NDArray[np.float64]

_LEAST_TEACHERS = 8
_HABITS = (
    "a about after again all also always am an and any anyway are as at back basically be because "
    "been before being but by can could did do does doing even ever every for from get go gonna "
    "got guess had has have he her here him his how however i if in instead into is it its just "
    "know like literally lot many may maybe me mean might more most much must my never no not now "
    "of off oh okay on one only or other our out over perhaps probably quite rather really right "
    "said same say see seem she should since so some somehow something sometimes sort still such "
    "suppose sure than that the their them then there these they thing think this those though "
    "through to too uh um under until up upon us very was way we well were what when where whether "
    "which while who why will with would yeah yes yet you your"
).split()
"""Function words and fillers: what people say without choosing to. Source: the stylometry of
Mosteller & Wallace (1964); the list is ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorship:
    """Name the person behind each released transcript, from earlier words of known people.

    The attacker compares spelling habits (character n-grams), word choice, rare words that both
    use, and function words. An ignorant attacker compares the release with originals; a
    lazy-informed one protects his originals the same way first; a semi-informed one learns on
    protected words of other people which habits survive, and weighs them by that. A guesser
    reaches ``1 / lineup``. Source: Koppel, Schler & Argamon 2011, "Authorship attribution in
    the wild".

    Limits: It compares how people write and needs some hundred words from two days. What is told (a
    rare event, a name in disguise) is not understood; a reader who knows the person may see more.
    """

    name: ClassVar[str] = "text/authorship"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"text"})
    modality: ClassVar[str] = "text"
    holding: ClassVar[Holding] = "earlier-sessions"
    attackers: ClassVar[tuple[Attacker, ...]] = ATTACKERS

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[LinkScores, ...]:
        """Return how alike each released record is to each known person."""
        records, known = release.corpus, knowledge.known
        if not records.participants or not known.participants:
            raise InvalidMeasurement(
                "nobody has two sessions with words: linkage enrols on an earlier session"
            )
        if knowledge.protect is not None:
            known = knowledge.protect(known, rng)
        channels = compare(_pages(records), _pages(known))
        weights, tier = np.full(len(channels), 1 / len(channels)), "light"
        if knowledge.attacker == "semi-informed":
            learned = _learn(knowledge, rng)
            if learned is not None:
                weights, tier = learned, "trained"
        return (
            LinkScores(
                queries=records.ids,
                candidates=known.ids,
                scores=np.tensordot(weights, channels, axes=1),
                tier="trained" if tier == "trained" else "light",
            ),
        )


@lru_cache(maxsize=32)
def compare(queries: tuple[str, ...], candidates: tuple[str, ...]) -> Floats:
    """Return similarities of shape (channels, queries, candidates), each normalised both ways.

    Normalising by row and by column takes out people who are like everybody. Attackers of one
    release compare the same pages, so the last answers are kept.
    """
    alike = [_overlap(view, queries, candidates) for view in (_characters(), _words(), _rare())]
    one, two = _habits(queries, candidates)
    return np.stack([_both_ways(scores) for scores in (*alike, one @ two.T)])


def _learn(knowledge: Knowledge, rng: np.random.Generator) -> Floats | None:
    """Return channel weights learned on other people, protected the same way; None if too few.

    Reference people's last session plays the release and their earlier ones the known words.
    The learned weights are kept only where they name at least as many of them as equal weights.
    """
    people = knowledge.reference.participants
    taught = [p for p in people if sum(s.has("text") for s in p.sessions) > 1]
    if len(taught) < _LEAST_TEACHERS:
        return None
    protected = knowledge.protected(knowledge.reference.with_people(taught), rng)
    if protected is None:
        return None
    heard = [
        [" ".join(s.said()) for s in p.sessions if s.has("text")] for p in protected.participants
    ]
    later, earlier = tuple(h[-1] for h in heard), tuple(" ".join(h[:-1]) for h in heard)
    channels = compare(later, earlier)
    size = len(heard)
    same = np.eye(size, dtype=bool)
    pairs = channels.reshape(len(channels), -1).T
    model = LogisticRegression(C=0.1, class_weight="balanced", max_iter=500)
    model.fit(pairs, same.ravel())
    weights = np.maximum(model.coef_[0], 0.0)
    if not weights.sum():
        return None
    weights = weights / weights.sum()
    equal = np.full(len(channels), 1 / len(channels))
    mixed = (weights + equal) / 2
    hits = [_named(np.tensordot(w, channels, axes=1)) for w in (mixed, equal)]
    return mixed if hits[0] >= hits[1] else equal


def _named(scores: Floats) -> float:
    own = np.diag(scores)[:, None]
    return float(((scores >= own).sum(axis=1) == 1).mean())


def _pages(corpus: Corpus) -> tuple[str, ...]:
    return tuple(" ".join(w for s in p.sessions for w in s.said()) for p in corpus.participants)


def _characters() -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=2)


def _words() -> TfidfVectorizer:
    return TfidfVectorizer(
        token_pattern=r"(?u)[^\s.,;:!?\"()\[\]]+", ngram_range=(1, 2), sublinear_tf=True, min_df=2
    )


def _rare() -> TfidfVectorizer:
    """Words that at most one in ten uses: a dog's name, a trade, a turn of phrase."""
    return TfidfVectorizer(binary=True, min_df=2, max_df=0.1, ngram_range=(1, 3))


def _overlap(view: TfidfVectorizer, queries: Sequence[str], candidates: Sequence[str]) -> Floats:
    try:
        rows = view.fit_transform([*queries, *candidates])
    except ValueError:  # nothing is left of the vocabulary
        return np.zeros((len(queries), len(candidates)))
    alike = rows[: len(queries)] @ rows[len(queries) :].T
    return np.asarray(alike.toarray(), dtype=np.float64)


def _habits(queries: Sequence[str], candidates: Sequence[str]) -> tuple[Floats, Floats]:
    rows = np.array([_rates(page) for page in [*queries, *candidates]])
    rows = (rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-9)
    rows = np.clip(rows, -3, 3)
    rows = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)
    return rows[: len(queries)], rows[len(queries) :]


def _rates(page: str) -> list[float]:
    """Return how often each habit occurs per word, as square roots, and the shape of sentences."""
    words = re.findall(r"[a-z']+", page.lower())
    total = max(len(words), 1)
    counts = dict.fromkeys(_HABITS, 0)
    for word in words:
        if word in counts:
            counts[word] += 1
    marks = [page.count(m) / total for m in ",.!?;-'"]
    capitals = sum(c.isupper() for c in page) / max(len(page), 1)
    length = sum(map(len, words)) / total
    variety = len(set(words)) / total**0.7
    return [*(np.sqrt(c / total) for c in counts.values()), *marks, capitals, length, variety]


def _both_ways(scores: Floats) -> Floats:
    """Return scores normalised by row and by column, so that channels are on one scale."""
    by_row = (scores - scores.mean(axis=1, keepdims=True)) / (
        scores.std(axis=1, keepdims=True) + 1e-9
    )
    by_column = (scores - scores.mean(axis=0)) / (scores.std(axis=0) + 1e-9)
    both: Floats = (by_row + by_column) / 2
    return both
