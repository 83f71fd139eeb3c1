from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.suite.sheets import figure, matched, sheet_of, track_of

from mindveil.errors import InputError
from mindveil.suite.score_sheet import read_sheet, write_sheet


@pytest.fixture
def sheet():
    return sheet_of(track_of(matched("none", 0.9)))


def test_a_sheet_is_read_as_it_was_written(sheet, tmp_path):
    write_sheet(sheet, tmp_path)
    assert read_sheet(tmp_path) == sheet
    assert sheet.content_digest() == sheet.digest


@settings(max_examples=30, deadline=None)
@given(value=st.floats(0.05, 0.95).filter(lambda v: v != 0.9))
def test_any_other_figure_has_another_digest(value):
    one, other = (sheet_of(track_of(matched("none", v))) for v in (0.9, value))
    assert one.digest != other.digest


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s: s.pop("suite"), "'suite' is missing"),
        (lambda s: s.update(mean_score=0.7), "unknown key 'mean_score'"),
        (lambda s: s.update(format=2), "format"),
        (lambda s: s["tracks"][0]["figures"][0].update(value=2.0), "outside its interval"),
        (lambda s: s["tracks"][0]["figures"][0].update(n=None), "has a value, both ends"),
        (lambda s: s["tracks"][0]["figures"][0].update(low=None), "has a value, both ends"),
        (lambda s: s["tracks"][0]["figures"][0].update(cell="../x"), "cell"),
        (lambda s: s["tracks"][0]["figures"][0].update(defence="other"), "of no defence"),
    ],
)
def test_a_sheet_that_is_none_is_refused_in_one_sentence(sheet, tmp_path, change, sentence):
    write_sheet(sheet, tmp_path)
    raw = json.loads((tmp_path / "scores.json").read_text())
    change(raw)
    (tmp_path / "scores.json").write_text(json.dumps(raw))
    with pytest.raises(InputError) as found:
        read_sheet(tmp_path)
    assert sentence in str(found.value)
    assert "\n" not in str(found.value)


def test_no_sheet_is_no_sheet(tmp_path):
    with pytest.raises(InputError, match="no score sheet"):
        read_sheet(tmp_path)


def test_a_figure_becomes_the_row_that_it_was():
    row = figure("mine", "rank1", 0.5).row()
    assert (row.release, row.metric, row.value, row.control) == ("mine", "rank1", 0.5, 0.05)
