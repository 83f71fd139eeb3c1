from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.errors import MissingWeights
from mindveil.features import text, weights
from mindveil.features.sentences import load_encoder
from mindveil.features.text import ANCHORS, anchor_sentences, joined, passages, read_text


def words(count: int, end: str = "") -> str:
    return " ".join(["word"] * count) + end


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([], []),
        (["", "  \n "], []),
        (["mm"], ["mm"]),
        (["one two three four five"], ["one two three four five"]),
        # too short to stand alone: with what follows, at the end with what came before
        (["Yes.", "I slept well all week."], ["Yes. I slept well all week."]),
        (["I slept well all week.", "Yes."], ["I slept well all week. Yes."]),
        (["a b", "c d", "e", "f g h i j"], ["a b c d e", "f g h i j"]),
    ],
)
def test_short_documents_are_read_together(documents, expected):
    assert list(passages(documents)) == expected


def test_a_long_document_is_cut_between_sentences():
    sentence = words(50, ".")
    cut = passages([" ".join([sentence] * 4 + ["so it was."])])
    assert [len(p.split()) for p in cut] == [50, 50, 50, 53]
    assert all(p.endswith(".") for p in cut)


def test_a_document_without_any_sentence_end_is_cut_all_the_same():
    assert [len(p.split()) for p in passages([words(250)])] == [120, 120, 10]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from(["sea", "calm.", "is", 'green!"', "(why?)"]), max_size=400).map(
            " ".join
        ),
        max_size=6,
    )
)
def test_no_word_is_lost_and_no_passage_is_too_long(documents):
    cut = passages(documents)
    assert " ".join(cut).split() == " ".join(documents).split()
    lengths = [len(p.split()) for p in cut]
    assert max(lengths, default=0) <= text.MOST_WORDS + 2 * (text.LEAST_WORDS - 1)
    if len(cut) > 1:
        assert min(lengths) >= text.LEAST_WORDS


@dataclass
class Compass:
    """An encoder of four directions: a text points to the word that it holds first."""

    dimensions: int = 4

    def encode(self, texts):
        made = np.zeros((len(texts), 4), dtype=np.float32)
        for row, said in enumerate(texts):
            for axis, word in enumerate(("sad", "tense", "well")):
                if word in said:
                    made[row, axis] = 1
                    break
            else:
                made[row, 3] = 1
        return made


def test_blocks_of_three_people_worked_by_hand(monkeypatch):
    monkeypatch.setattr(text, "ANCHORS", {"depression": ("sad",), "wellbeing": ("well",)})
    sad, well, other = "so sad it is today", "all is well with us", "the sea is calm today"
    found = read_text([[sad, well, sad, sad], [], [other]], Compass())
    # first person: four passages, sad three times and well once
    np.testing.assert_allclose(found.meaning[0], [0.75, 0, 0.25, 0])
    # mean cosine with sad, with well; then the three nearest: sad 1, 1, 1; well 1, 0, 0
    np.testing.assert_allclose(found.symptoms[0], [0.75, 0.25, 1, 1 / 3])
    assert np.isnan(found.meaning[1]).all()
    assert np.isnan(found.symptoms[1]).all()
    np.testing.assert_allclose(found.symptoms[2], [0, 0, 0, 0])


documents = st.lists(
    st.sampled_from(["so sad it is today", "I am tense and tired", "all is well with us", "mm"]),
    max_size=5,
)


@settings(max_examples=50, deadline=None)
@given(st.lists(documents, max_size=5))
def test_a_row_depends_on_nobody_else(people):
    together = read_text(people, Compass())
    assert together.meaning.shape == (len(people), 4)
    for row, own in enumerate(people):
        alone = read_text([own], Compass())
        np.testing.assert_array_equal(alone.meaning[0], together.meaning[row])
        np.testing.assert_array_equal(alone.symptoms[0], together.symptoms[row])


def test_anchors_are_distinct_sentences_of_every_domain():
    sentences = anchor_sentences()
    assert len(set(sentences)) == len(sentences) == sum(map(len, ANCHORS.values()))
    assert set(ANCHORS) == {"depression", "anxiety", "wellbeing", "ptsd", "mania", "psychosis"}
    assert all(s.endswith(".") and 4 <= len(s.split()) <= 15 for s in sentences)


def test_words_of_one_person_alone_are_not_learnt():
    people = [["the sea", "is calm"], ["the sea is green"], ["xylograph sea"]]
    view = text.fit_words(people)
    assert sorted(view.vocabulary_) == ["is", "sea", "the"]
    assert view.transform(joined([["xylograph"]])).nnz == 0
    assert joined(people) == ["the sea is calm", "the sea is green", "xylograph sea"]


@pytest.fixture(scope="module")
def minilm():
    try:
        return load_encoder(weights.locate("minilm"))
    except MissingWeights:
        pytest.skip("model weights minilm are not installed: mindveil models install minilm")


def test_plain_complaints_are_nearest_to_their_own_domain(minilm):
    said = {
        "depression": "Most days I am so low and hopeless that I just lie there and cry.",
        "anxiety": "I worry about everything all the time and my heart keeps pounding.",
        "wellbeing": "Life is good, I sleep like a baby and enjoy every day.",
        "psychosis": "There are voices talking to me that nobody else hears.",
    }
    found = read_text([[sentence] for sentence in said.values()], minilm).symptoms
    owners = np.repeat(list(ANCHORS), [len(s) for s in ANCHORS.values()])
    nearest = owners[np.argmax(found[:, : len(owners)], axis=1)]
    assert list(nearest) == list(said)


@pytest.mark.slow
@pytest.mark.realdata
def test_symptoms_tell_severity_before_anything_is_learnt(minilm, real_data):
    import pandas as pd  # noqa: PLC0415
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415

    frame = pd.read_csv(real_data / "phq9_gad7_text" / "dep_wor.csv")
    fields = [c for c in frame if c.startswith(("Dep", "Wor"))]
    found = read_text(frame[fields].astype(str).to_numpy().tolist(), minilm).symptoms
    counts = [len(s) for s in ANCHORS.values()]
    owners = np.repeat(list(ANCHORS), counts)
    ill = np.isin(owners, ("depression", "anxiety"))
    means = found[:, : len(owners)]
    contrast = means[:, ill].mean(axis=1) - means[:, owners == "wellbeing"].mean(axis=1)
    assert roc_auc_score(frame["PHQ9tot"] >= 10, contrast) > 0.80
    assert roc_auc_score(frame["GAD7tot"] >= 10, contrast) > 0.78
