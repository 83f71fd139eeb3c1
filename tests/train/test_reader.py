"""How a detector reads people: who teaches, which visit is read, and that nothing else matters."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.corpus.model import Column, Corpus, MediaFile, Participant, Response, Session, Turn
from mindveil.corpus.sample.load import load_sample
from mindveil.errors import InputError, InvalidMeasurement, MissingWeights
from mindveil.features import weights
from mindveil.features.expression import Series, write_series
from mindveil.train.base import Scale
from mindveil.train.reader import Reader
from mindveil.train.words import word_rows

COLUMNS = {
    "age": Column(role="quasi", kind="number", low=20, high=60),
    "sex": Column(role="quasi", kind="nominal", levels=("f", "m")),
}
SAD = "I cry every day and I cannot see any way out of this."
FINE = "We had a lovely week by the sea and I slept well."


@pytest.fixture(scope="module")
def _encoder():
    try:
        weights.locate("minilm")
    except MissingWeights:
        pytest.skip("the sentence encoder is not installed")


def visit(name, words=(), **answers):
    turns = [Turn(speaker="interviewer", text="How depressed are you?")] if words else []
    turns += [Turn(speaker="participant", text=text) for text in words]
    responses = {tool: Response(items=items) for tool, items in answers.items()}
    return Session(session_id=name, transcript=tuple(turns), responses=responses)


def person(name, *visits, **attributes):
    return Participant(participant_id=name, attributes=attributes, sessions=visits)


def corpus(*people):
    return Corpus(name="toy", participants=people, columns=COLUMNS)


GAD = (1, 2, 3, 0, 0, 0, 0)
TOY = corpus(
    person("A", visit("1", (FINE,), phq9=(0,) * 9), visit("2", (SAD,), phq9=(2,) * 9), age=20.0),
    person("B", visit("1", (FINE,), phq9=(1,) * 9, gad7=GAD), age=40.0, sex="f"),
    person("C", visit("1", (SAD,), gad7=GAD), age=60.0, sex="m"),  # was never asked
    person("D", visit("1", (), phq9=(3,) * 9), visit("2", (SAD,))),  # said nothing when asked
)


def test_answers_teach_with_a_public_scale():
    reader = Reader.of(TOY, "phq9 >= 10", "scales", "contrasts")
    found = reader.lessons(TOY)
    assert reader.target == "phq9>=10"
    # everybody with the score and anything to read: D left every other question open
    assert found.ids == ("A", "B")
    assert found.totals.tolist() == [18.0, 9.0]
    assert found.labels.tolist() == [1.0, 0.0]
    assert found.scale == Scale(lowest=0, highest=27, edge=9.5)
    assert [(p.modality, p.name, p.width) for p in found.parts] == [
        ("scales", "answers", 7),
        ("scales", "background", 3),
    ]
    third = 1 / 3
    np.testing.assert_allclose(found.rows[0], [*[0] * 7, -1, 0, 0])
    np.testing.assert_allclose(
        found.rows[1], [-third, third, 1, -1, -1, -1, -1, 0, 0.5, -0.5], atol=1e-12
    )


def test_a_gap_is_the_middle_and_everybody_has_a_row():
    rows = Reader.of(TOY, "phq9>=10", "scales", "contrasts").rows(TOY)
    assert rows.shape == (4, 10)
    np.testing.assert_array_equal(rows[3], 0.0)


@pytest.mark.usefixtures("_encoder")
def test_the_words_of_the_visit_of_the_answers_are_read():
    reader = Reader.of(TOY, "phq9>=10", "text", "contrasts")
    assert reader.lessons(TOY).ids == ("A", "B")
    rows = reader.rows(TOY)
    sad, fine = word_rows([(SAD,), (FINE,)], "contrasts")
    np.testing.assert_array_equal(rows, [sad, fine, sad, np.zeros(4)])
    early = replace(TOY, pseudo_sessions="halves")
    np.testing.assert_array_equal(reader.rows(early)[0], word_rows([(FINE, SAD)], "contrasts")[0])


@pytest.mark.usefixtures("_encoder")
@pytest.mark.parametrize("modality", ["scales", "text", "fused"])
def test_a_stored_reader_reads_alike(modality):
    reader = Reader.of(TOY, "phq9>=10", modality, "all")
    again = Reader.from_json(json.loads(json.dumps(reader.to_json())))
    assert again == reader
    np.testing.assert_array_equal(again.rows(TOY), reader.rows(TOY))
    assert reader.rows(TOY).shape[1] == sum(part.width for part in reader.parts)


@pytest.mark.usefixtures("_encoder")
def test_words_are_not_read_with_another_encoder():
    reader = replace(Reader.of(TOY, "phq9>=10", "text", "contrasts"), words="0123456789abcdef")
    with pytest.raises(InputError, match="encoder 01234567"):
        reader.rows(TOY)


def test_what_is_damaged_is_refused():
    stored = Reader.of(TOY, "phq9>=10", "scales", "contrasts").to_json()
    with pytest.raises(InputError, match="damaged at 'modality'"):
        Reader.from_json({**stored, "modality": "smell"})
    with pytest.raises(InputError, match="damaged at 'parts'"):
        Reader.from_json({**stored, "parts": [{"modality": "text"}]})


def test_nothing_to_read_is_said():
    bare = Corpus(name="bare", participants=(person("A", visit("1", (), phq9=(1,) * 9)),))
    for modality, what in (("scales", "no declared"), ("voice", "'voice'"), ("fused", "'fused'")):
        with pytest.raises(InvalidMeasurement, match=what):
            Reader.of(bare, "phq9>=10", modality, "contrasts")
    with pytest.raises(InputError, match="no public range"):
        Reader.of(bare, "mood>=10", "scales", "contrasts")


@pytest.mark.usefixtures("_encoder")
def test_nobody_is_read_too():
    reader = Reader.of(TOY, "phq9>=10", "fused", "contrasts")
    nobody = TOY.select(())
    assert reader.rows(nobody).shape == (0, 14)
    assert reader.lessons(nobody).rows.shape == (0, 14)


def test_a_voice_never_recorded_is_the_middle():
    heard = replace(Reader.of(TOY, "phq9>=10", "scales", "contrasts"), modality="fused")
    voice = Reader.of(_with_voice(TOY), "phq9>=10", "voice", "contrasts")
    both = replace(heard, parts=(*voice.parts, *heard.parts))
    rows = both.rows(TOY)
    np.testing.assert_array_equal(rows[:, :15], 0.0)
    np.testing.assert_array_equal(rows[:, 15:], heard.rows(TOY))
    assert voice.lessons(TOY).ids == ()


def test_a_face_is_read_by_public_constants(tmp_path):
    flat = np.tile([0.37, 0.445, 0.875, 0.054, 0.059, 0.26, 0.91, 0.58, 0.217, 0, -5, 0], (4, 1))
    path = tmp_path / "sub-A_ses-1_expression.parquet"
    write_series(path, Series(seconds=np.arange(4.0), values=flat))
    seen = TOY.map_sessions(
        lambda p, s: (
            replace(s, media={"face": (MediaFile(path=path),)}) if p.participant_id == "B" else s
        )
    )
    reader = Reader.of(seen, "phq9>=10", "face", "contrasts")
    found = reader.lessons(seen)
    assert found.ids == ("B",)
    assert np.abs(found.rows[0, :12]).max() < 0.25  # typical in every measure
    assert (found.rows[0, 12:] < -0.5).all()  # and it never moves
    np.testing.assert_array_equal(reader.rows(seen)[[0, 2, 3]], 0.0)


SAMPLE = load_sample()
FEW = SAMPLE.select([f"P{number:03d}" for number in range(1, 7)])
READER = Reader.of(SAMPLE, "gad7>=10", "scales", "contrasts")


@settings(max_examples=20)
@given(st.lists(st.sampled_from(FEW.ids), unique=True, min_size=1))
def test_a_row_is_finite_bounded_and_depends_on_nobody_else(kept):
    rows = READER.rows(FEW)
    assert np.isfinite(rows).all()
    assert np.abs(rows).max() <= 1
    chosen = np.array([p in kept for p in FEW.ids])
    np.testing.assert_array_equal(READER.rows(FEW.select(kept)), rows[chosen])


def test_no_answer_in_question_moves_a_row():
    def turned(session):
        changed = Response(items=tuple(3 - (i or 0) for i in session.responses["gad7"].items))
        return replace(session, responses={**session.responses, "gad7": changed})

    other = FEW.map_sessions(lambda _, s: turned(s))
    np.testing.assert_array_equal(READER.rows(other), READER.rows(FEW))
    assert (READER.lessons(other).totals != READER.lessons(FEW).totals).any()


def test_answers_of_the_sample_cohort_tell_who_is_ill():
    found = READER.lessons(SAMPLE)
    told = found.rows[:, [r.name.startswith("phq9") for r in READER.rulers for _ in range(r.width)]]
    assert np.corrcoef(told.sum(axis=1), found.totals)[0, 1] > 0.5
    drawn = np.random.default_rng(0).permutation(found.totals)
    assert abs(np.corrcoef(told.sum(axis=1), drawn)[0, 1]) < 0.3


def _with_voice(people):
    file = MediaFile(path=Path("sub-A_ses-1_voice.flac"))
    return people.map_sessions(lambda _, s: replace(s, media={"voice": (file,)}))
