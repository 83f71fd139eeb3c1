"""``scales/anonymise``: identifiers dropped, traits coarser, answers kept or banded."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.anonymise.scales_anonymise import (
    ScalesAnonymise,
    band_items,
    five_year_bands,
    smallest_group,
    suppressed_share,
)
from mindveil.corpus.generalised import covers
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.errors import InputError

COLUMNS = {
    "name": Column(role="identifier", kind="text"),
    "age": Column(role="quasi", kind="number", description="years"),
    "country": Column(role="quasi", kind="nominal", levels=("MY", "US", "DE", "GB")),
    "education": Column(role="quasi", kind="ordinal", levels=("school", "college", "degree")),
    "diagnosis": Column(role="sensitive", kind="nominal"),
    "shoe": Column(role="other", kind="number"),
}
QUASI = ("age", "country", "education")


def cohort(rows):
    people = tuple(
        Participant(
            participant_id=f"P{i:03d}",
            attributes={
                "name": f"N{i}",
                "age": age,
                "country": country,
                "education": education,
                "diagnosis": "F32",
                "shoe": 40.0 + i,
            },
            sessions=(
                Session(
                    session_id="1", responses={"gad2": Response(items=(i % 4, None), total=i % 4)}
                ),
            ),
        )
        for i, (age, country, education) in enumerate(rows)
    )
    return Corpus(name="toy", participants=people, columns=COLUMNS)


def random_rows(people, rng):
    return [
        (
            float(rng.integers(18, 70)),
            str(rng.choice(["MY", "US", "DE", "GB"], p=[0.6, 0.3, 0.07, 0.03])),
            str(rng.choice(["school", "college", "degree"])),
        )
        for _ in range(people)
    ]


def test_level_1_by_hand():
    rows = [
        (18.0, "MY", "school"),
        (19.0, "MY", "school"),
        (21.0, "MY", "degree"),
        (24.0, "US", "degree"),
        (70.0, "DE", "school"),
        (None, None, "degree"),
    ]
    out = ScalesAnonymise(level=1, k=2).apply(cohort(rows), np.random.default_rng(0))
    said = [tuple(p.attributes[n] for n in QUASI) for p in out.participants]
    assert said == [
        ("15-19", "MY", "school"),
        ("15-19", "MY", "school"),
        ("20-74", "MY", "degree"),
        ("20-74", "DE|US", "degree"),
        ("20-74", "DE|US", "school"),
        (None, None, "degree"),
    ]
    assert list(out.columns) == ["age", "country", "education", "diagnosis", "shoe"]
    assert out.columns["country"].levels == ("MY", "DE|US")
    assert out.columns["age"].kind == "number"


def test_level_2_by_hand():
    rows = [(20.0, "MY", "school"), (60.0, "US", "degree")] * 2 + [(61.0, "US", "college")]
    out = ScalesAnonymise(level=2, k=2).apply(cohort(rows), np.random.default_rng(0))
    said = [tuple(p.attributes[n] for n in QUASI) for p in out.participants]
    old = ("60-61", "US", "college|degree")
    assert said == [(20.0, "MY", "school"), old, (20.0, "MY", "school"), old, old]
    assert smallest_group(out) == 2
    assert out.columns["education"].levels == ("school", "college|degree")
    assert "2 people or more" in out.columns["age"].description


def test_identifiers_are_gone_and_the_rest_is_kept():
    corpus = cohort(random_rows(40, np.random.default_rng(2)))
    out = ScalesAnonymise().apply(corpus, np.random.default_rng(0))
    assert out.ids == corpus.ids
    for before, after in zip(corpus.participants, out.participants, strict=True):
        assert list(after.attributes) == ["diagnosis", "shoe", *QUASI]
        assert after.attributes["diagnosis"] == before.attributes["diagnosis"]
        assert after.attributes["shoe"] == before.attributes["shoe"]
        assert after.sessions == before.sessions
    assert out.columns["diagnosis"] == corpus.columns["diagnosis"]


def test_ages_that_are_not_whole_share_the_ends_of_their_bands():
    assert five_year_bands([18.5, 19.9, 20.0, 24.0], 2) == ["15-20", "15-20", "20-25", "20-25"]


def test_answers_in_bands():
    people = tuple(
        Participant(
            participant_id=f"P{i}",
            sessions=(
                Session(
                    session_id="1",
                    responses={
                        "phq9": Response(items=(i % 4, 3 - i % 4), total=3),
                        "pss": Response(items=(i, None)),
                    },
                ),
            ),
        )
        for i in range(5)
    )
    out = band_items(Corpus(name="toy", participants=people))
    phq = [p.sessions[0].responses["phq9"].items for p in out.participants]
    assert phq[:4] == [("0-1", "2-3"), ("0-1", "2-3"), ("2-3", "0-1"), ("2-3", "0-1")]
    assert out.participants[0].sessions[0].responses["phq9"].total == 3
    pss = [p.sessions[0].responses["pss"].items for p in out.participants]
    assert pss == [(s, None) for s in ("0-1", "0-1", "2-4", "2-4", "2-4")]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"level": 3}, "level = 3"),
        ({"level": 0}, "level = 0"),
        ({"k": 1}, "k = 1"),
        ({"items": "round"}, "items = 'round'"),
        ({"suppress": 1.0}, "suppress = 1.0"),
    ],
)
def test_settings_that_cannot_be_are_refused(setting, words):
    with pytest.raises(InputError, match=words):
        ScalesAnonymise(**setting)


def test_columns_without_a_role_and_too_few_people_are_refused():
    corpus = cohort(random_rows(4, np.random.default_rng(2)))
    with pytest.raises(InputError, match="k = 5, but there are 4 people"):
        ScalesAnonymise().apply(corpus, np.random.default_rng(0))
    columns = {n: c for n, c in COLUMNS.items() if n != "name"}
    loose = Corpus(name="toy", participants=corpus.participants, columns=columns)
    with pytest.raises(InputError, match="'name' has no role"):
        ScalesAnonymise(k=2).apply(loose, np.random.default_rng(0))


def test_nobody_and_no_quasi_identifiers_are_no_trouble():
    nobody = Corpus(name="toy", participants=(), columns=COLUMNS)
    assert "name" not in ScalesAnonymise().apply(nobody, np.random.default_rng(0)).columns
    plain = {n: Column(role="other", kind=c.kind) for n, c in COLUMNS.items()}
    corpus = cohort(random_rows(3, np.random.default_rng(0)))
    corpus = Corpus(name="toy", participants=corpus.participants, columns=plain)
    out = ScalesAnonymise().apply(corpus, np.random.default_rng(0))
    assert out.participants == corpus.participants
    assert suppressed_share(out) == 0.0


rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(18, 90).map(float), st.just("30-39")),
        st.sampled_from([None, "MY", "US", "DE", "GB", "a|b"]),
        st.sampled_from(["school", "college", "degree", "unknown", None]),
    ),
    min_size=6,
    max_size=40,
)


@settings(deadline=None)
@given(rows, st.integers(2, 6), st.sampled_from([0.0, 0.3]), st.integers(0, 99))
def test_k_holds_and_every_released_value_covers_its_original(people, k, suppress, seed):
    corpus = cohort(people)
    out = ScalesAnonymise(k=k, suppress=suppress).apply(corpus, np.random.default_rng(seed))
    assert out.ids == corpus.ids
    assert smallest_group(out) >= k
    assert suppressed_share(out) <= suppress
    for before, after in zip(corpus.participants, out.participants, strict=True):
        assert all(covers(after.attributes[n], before.attributes[n]) for n in QUASI)


@settings(deadline=None)
@given(rows, st.integers(2, 6))
def test_level_1_and_banded_items_cover_their_originals(people, k):
    corpus = cohort(people)
    out = ScalesAnonymise(level=1, k=k, items="band").apply(corpus, np.random.default_rng(0))
    for before, after in zip(corpus.participants, out.participants, strict=True):
        assert all(covers(after.attributes[n], before.attributes[n]) for n in QUASI)
        answers = zip(
            after.sessions[0].responses["gad2"].items,
            before.sessions[0].responses["gad2"].items,
            strict=True,
        )
        assert all(covers(new, old) for new, old in answers)


def test_suppression_is_reported():
    # Two unlike strangers among forty alike people can only be described together.
    rows = [(30.0, "MY", "school")] * 40 + [(18.0, "US", "degree"), (90.0, "MY", "school")]
    corpus = cohort(rows)
    out = ScalesAnonymise(k=2, suppress=0.05).apply(corpus, np.random.default_rng(0))
    assert smallest_group(out) >= 2
    share = suppressed_share(out)
    assert f"{share:.1%} suppressed" in out.columns["country"].description


def test_a_real_sized_table_takes_less_than_two_seconds():
    rng = np.random.default_rng(1)
    names = [f"q{j}" for j in range(12)]
    levels = [2, 3, 3, 4, 4, 5, 6, 7, 13, 80, 20, 50]
    values = np.stack([rng.geometric(3 / (n + 3), 2_455) % n for n in levels], axis=1)
    people = tuple(
        Participant(
            participant_id=f"P{i}",
            attributes={
                n: float(v) if j > 9 else f"v{v}"
                for j, (n, v) in enumerate(zip(names, row, strict=True))
            },
        )
        for i, row in enumerate(values.tolist())
    )
    columns = {
        n: Column(role="quasi", kind="number" if j > 9 else "nominal") for j, n in enumerate(names)
    }
    start = time.process_time()
    out = ScalesAnonymise(k=5).apply(
        Corpus(name="big", participants=people, columns=columns), np.random.default_rng(0)
    )
    assert time.process_time() - start < 2
    assert smallest_group(out) >= 5
