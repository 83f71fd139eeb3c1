"""The shipped cohort is neither trivial nor hopeless: found and told apart, with error."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mindveil.corpus.model import Corpus, Participant
from mindveil.corpus.sample.load import load_sample

LINEUP = 100


@cache
def shipped() -> Corpus:
    return load_sample()


def total(person: Participant, tool: str) -> int:
    response = person.latest(tool)
    assert response is not None
    return sum(int(i or 0) for i in response.items)


def found(first: list[str], last: list[str], seed: int) -> float:
    """Rank-1 among 100: whose earlier interview resembles this one most."""
    alike = np.zeros((len(last), len(first)))
    for kind, reach in (("char_wb", (2, 4)), ("word", (1, 2))):
        vectors = TfidfVectorizer(analyzer=kind, ngram_range=reach, sublinear_tf=True, min_df=2)
        vectors.fit(first + last)
        cosine = (vectors.transform(last) @ vectors.transform(first).T).toarray()
        alike += (cosine - cosine.mean()) / cosine.std()
    rng = np.random.default_rng(seed)
    hits = []
    for _ in range(20):
        chosen = rng.choice(len(first), LINEUP, replace=False)
        hits.append(np.mean(alike[np.ix_(chosen, chosen)].argmax(axis=1) == np.arange(LINEUP)))
    return float(np.mean(hits))


def detected(
    features: NDArray[np.object_] | NDArray[np.float64], sick: NDArray[np.bool_], model: object
) -> float:
    """AUC of held-out people, trained on 3/5 of the people as in a study, over five rotations."""
    scores = []
    for rest, test in StratifiedKFold(5, shuffle=True, random_state=0).split(sick, sick):
        train = np.random.default_rng(0).permutation(rest)[: int(0.75 * len(rest))]
        model.fit(features[train], sick[train])  # type: ignore[attr-defined]
        scores.append(roc_auc_score(sick[test], model.decision_function(features[test])))  # type: ignore[attr-defined]
    return float(np.mean(scores))


@pytest.mark.slow
def test_an_author_is_found_among_a_hundred_more_often_than_not_but_not_always() -> None:
    people = shipped().participants
    first = [" ".join(p.sessions[0].said()) for p in people]
    last = [" ".join(p.sessions[-1].said()) for p in people]
    assert 0.50 <= found(first, last, seed=0) <= 0.80


@pytest.mark.slow
def test_a_null_cohort_of_swapped_authors_is_at_chance() -> None:
    people = shipped().participants
    first = [" ".join(p.sessions[0].said()) for p in people]
    last = [" ".join(p.sessions[-1].said()) for p in people]
    swapped = [last[(i + 1) % len(last)] for i in range(len(last))]
    assert found(first, swapped, seed=0) <= 0.06


@pytest.mark.slow
@pytest.mark.parametrize(("tool", "low", "high"), [("phq9", 0.75, 0.90), ("gad7", 0.70, 0.90)])
def test_words_tell_the_ill_from_the_well_with_error(tool: str, low: float, high: float) -> None:
    people = shipped().participants
    sick = np.array([total(p, tool) >= 10 for p in people])
    texts = np.array(
        [" ".join(t for s in p.sessions for t in s.said()) for p in people], dtype=object
    )
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
        LogisticRegression(C=10, max_iter=1000),
    )
    assert low <= detected(texts, sick, model) <= high


@pytest.mark.slow
def test_other_questionnaires_tell_depression_better_than_words() -> None:
    people = shipped().participants
    sick = np.array([total(p, "phq9") >= 10 for p in people])
    rows = []
    for person in people:
        answers = [person.latest(t) for t in ("gad7", "pcl5", "mdq", "pq16")]
        items = [float(i or 0) for r in answers if r is not None for i in r.items]
        rows.append([*items, float(person.attributes["age"] or 0)])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.02, max_iter=1000))
    assert 0.84 <= detected(np.array(rows), sick, model) <= 0.95


def test_the_shipped_prevalences_are_those_of_help_seekers() -> None:
    people = shipped().participants
    assert 0.32 <= np.mean([total(p, "phq9") >= 10 for p in people]) <= 0.43
    assert 0.26 <= np.mean([total(p, "gad7") >= 10 for p in people]) <= 0.38
    totals = np.array([[total(p, "phq9"), total(p, "gad7")] for p in people])
    assert 0.62 <= np.corrcoef(totals.T)[0, 1] <= 0.78
