"""What was never asked is filled in from people who are alike, and taken out again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.corpus.model import Corpus, Participant, Response, Session
from mindveil.corpus.sample.load import load_sample
from mindveil.synthesise.copula import fit_copula
from mindveil.synthesise.encoding import Encoding
from mindveil.synthesise.encoding_absence import filled


def study(seed, people, came):
    """Return people whose PHQ-2 at two visits are nearly the same; some came once."""
    generator = np.random.default_rng(seed)
    made = []
    for n in range(people):
        first = int(generator.integers(0, 4))
        second = int(np.clip(first + generator.integers(-1, 2) * (generator.random() < 0.2), 0, 3))
        visits = [
            Session(session_id=f"{v:02d}", responses={"phq2": Response(items=(x, x))})
            for v, x in enumerate((first, second), start=1)
        ]
        there = 2 if generator.random() < came else 1
        made.append(Participant(participant_id=f"P{n}", sessions=tuple(visits[:there])))
    return Corpus(name="study", participants=tuple(made))


def correlation(codes, first, second):
    there = (codes[:, first] >= 0) & (codes[:, second] >= 0)
    return np.corrcoef(codes[there, first], codes[there, second])[0, 1]


def test_donors_are_alike():
    corpus = study(0, 400, 0.5)
    encoding = Encoding.of(corpus)
    codes = encoding.encode(corpus)
    whole = filled(encoding, codes, np.random.default_rng(1))
    assert encoding.codebook.names[1:3] == ("phq2_01", "phq2_02")
    assert (codes[:, 3:] < 0).any()
    assert (whole >= 0).all()
    absent = codes[:, 3] < 0
    assert np.corrcoef(whole[absent, 1], whole[absent, 3])[0, 1] > 0.85
    assert abs(correlation(whole, 1, 3) - correlation(codes, 1, 3)) < 0.03
    assert np.array_equal(encoding.consistent(whole), codes)


def test_with_too_few_donors_or_nobody_absent_all_stays():
    for came in (0.05, 1.0):
        corpus = study(2, 60, came)
        encoding = Encoding.of(corpus)
        codes = encoding.encode(corpus)
        assert np.array_equal(filled(encoding, codes, np.random.default_rng(0)), codes)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 80), st.floats(0.1, 1.0))
def test_it_is_taken_out_again(seed, people, came):
    corpus = study(seed, people, came)
    encoding = Encoding.of(corpus)
    codes = encoding.encode(corpus)
    whole = filled(encoding, codes, np.random.default_rng(seed))
    assert np.array_equal(encoding.consistent(whole), codes)
    assert np.array_equal(whole[codes >= 0], codes[codes >= 0])


@pytest.fixture(scope="module")
def drawn():
    """Return the sample and people drawn from it, with and without filling in."""
    sample = load_sample()
    encoding = Encoding.of(sample)
    codes = encoding.encode(sample)
    rng = np.random.default_rng(3)
    tables = (codes, filled(encoding, codes, rng))
    made = [
        encoding.consistent(fit_copula(table, encoding.codebook, rng).draw(1000, rng))
        for table in tables
    ]
    return encoding, codes, *made


def test_synthetic_people_answer_as_often_as_real_ones(drawn):
    encoding, real, plain, better = drawn

    def left_out(codes):
        shares = []
        for form in (f for f in encoding.layout.forms if f.visit == 3):
            mine = codes[:, form.members]
            shares.append((mine[(mine >= 0).any(axis=1)] < 0).mean())
        return float(np.mean(shares))

    assert left_out(real) < 0.02
    assert left_out(better) < min(0.02, left_out(plain) + 1e-3)
    came = [(c[:, encoding.layout.counted] == 2).mean() for c in (real, better)]
    assert abs(came[0] - came[1]) < 0.05
