"""What a modality tells of people at their last visit: by hand, and nothing of who has none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.attack.test_cross_modal import people_of, read_words

from mindveil.attack import modality_measures
from mindveil.attack.modality_measures import background, standard, tell
from mindveil.corpus.model import Response, Session


@pytest.fixture(autouse=True)
def toy_words(monkeypatch):
    monkeypatch.setattr(modality_measures, "text_rows", read_words)


def test_standard_by_hand():
    """Three people: 1, 3 and nobody's 2 in between; a gap is the mean, a row of gaps stays."""
    rows = np.array([[1.0, 5.0], [3.0, np.nan], [np.nan, np.nan]])
    found = standard(rows)
    assert found[:2].tolist() == [[-1.0, 0.0], [1.0, 0.0]]
    assert np.isnan(found[2]).all()


def test_the_last_visit_counts():
    corpus = people_of(12, np.random.default_rng(0))
    low = Response(items=tuple([0] * 30))
    first = corpus.with_people(
        replace(p, sessions=(Session(session_id="00", responses={"mood": low}), *p.sessions))
        for p in corpus.participants
    )
    assert np.array_equal(tell(first, "scales").rows, tell(corpus, "scales").rows)


@pytest.mark.parametrize("modality", ["text", "scales", "voice", "face"])
def test_who_has_nothing_of_a_modality_is_not_there(modality):
    corpus = people_of(12, np.random.default_rng(0))
    mute = corpus.with_people(
        replace(p, sessions=(Session(session_id="01"),)) if i < 4 else p
        for i, p in enumerate(corpus.participants)
    )
    found = tell(mute, modality)
    assert found.people == corpus.ids
    assert found.there == (corpus.ids[4:] if modality in {"text", "scales"} else ())
    assert found.of(corpus.ids[5:7]).shape[0] == 2


def test_background_is_age_sex_and_burden():
    corpus = people_of(40, np.random.default_rng(1))
    rows = background(corpus).rows
    ages = np.array([p.attributes["age"] for p in corpus.participants])
    women = np.array([p.attributes["sex"] == "f" for p in corpus.participants])
    answers = np.array([p.sessions[0].responses["mood"].items for p in corpus.participants])
    assert np.corrcoef(rows[:, 0], ages)[0, 1] == pytest.approx(1.0)
    assert set(np.sign(rows[women, 1])) == {1.0}
    assert set(np.sign(rows[~women, 1])) == {-1.0}
    assert np.corrcoef(rows[:, 2], answers.mean(axis=1))[0, 1] > 0.9


def test_a_banded_age_is_the_mean_of_the_others():
    corpus = people_of(10, np.random.default_rng(2))
    banded = corpus.with_people(
        replace(p, attributes={**p.attributes, "age": "30-39"} if i == 0 else p.attributes)
        for i, p in enumerate(corpus.participants)
    )
    assert background(banded).rows[0, 0] == 0.0
