"""The scorecard: columns as promised, floats as they were, no formula for a spreadsheet."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.evidence.estimate import Estimate, clopper_pearson
from mindveil.evidence.measured import Measured
from mindveil.evidence.scorecard import COLUMNS, Cell, Row, to_csv, write_scorecard

ROW = Row(release="redacted", kind="attack", measure="text/authorship", modality="text")


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_columns_stand_in_the_order_of_the_contract():
    promised = (
        "release, kind, measure, modality, attacker, metric, value, low, high, n, baseline, "
        "control, unit, seed, status, label, note"
    )
    assert promised.split(", ") == list(COLUMNS)
    assert to_csv([]).rstrip("\n").split(",") == list(COLUMNS)


def test_a_row_holds_a_measured_figure():
    found = Measured(
        metric="rank1",
        estimate=clopper_pearson(3, 40),
        baseline=0.01,
        control=clopper_pearson(1, 20),
        note="tier: light",
    )
    row = ROW.holding(found)
    assert row.estimate == clopper_pearson(3, 40)
    assert (row.metric, row.baseline, row.control, row.note) == ("rank1", 0.01, 0.05, "tier: light")
    assert (row.release, row.status, row.label) == ("redacted", "ok", "empirical")
    assert ROW.holding(Measured(metric="x", estimate=clopper_pearson(0, 1))).control is None


@pytest.mark.parametrize("missing", ["value", "low", "high", "n"])
def test_a_number_without_its_doubt_is_no_estimate(missing):
    whole = {"value": 0.1, "low": 0.0, "high": 0.2, "n": 9}
    assert Row(**{**_names(), **whole}).estimate == Estimate(value=0.1, low=0.0, high=0.2, n=9)
    assert Row(**{**_names(), **whole, missing: None}).estimate is None


def _names():
    return {"release": "r", "kind": "attack", "measure": "m", "modality": "text"}


def test_empty_cells_are_empty():
    only = read(to_csv([ROW]))[0]
    assert (only["value"], only["n"], only["control"], only["seed"]) == ("", "", "", "0")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3))
@settings(max_examples=80, deadline=None)
def test_floats_read_back_exactly(numbers):
    value, low, high = numbers
    row = Row(**_names(), value=value, low=low, high=high, n=7)
    seen = read(to_csv([row]))[0]
    assert [float(seen[c]) for c in ("value", "low", "high")] == numbers


def test_numbers_of_numpy_are_written_as_numbers():
    seen = read(to_csv([Row(**_names(), value=np.float64(0.1), low=np.float64(-1e-7))]))[0]
    assert (seen["value"], seen["low"]) == ("0.1", "-1e-07")


FORMULAS = ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "  =1", " \t+1", "＝1", "－1", "-"]


@pytest.mark.parametrize("payload", FORMULAS)
@pytest.mark.parametrize("field", ["release", "measure", "note", "metric"])
def test_no_cell_is_a_formula(payload, field):
    row = Row(**{**_names(), field: payload})
    cell = read(to_csv([row]))[0][field]
    assert cell == "'" + payload.replace("\r", "\n")
    assert "\r" not in to_csv([row])


@given(st.text(max_size=20))
@settings(max_examples=100, deadline=None)
def test_any_text_survives_and_none_is_a_formula(text):
    cell = read(to_csv([Row(**{**_names(), "note": text})]))[0]["note"]
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    assert cell in (kept, "'" + kept)
    assert cell.strip()[:1] not in set("=+-@")
    assert len(read(to_csv([Row(**{**_names(), "note": text})] * 2))) == 2


def test_negative_numbers_are_no_formulas_and_stay_numbers():
    seen = read(to_csv([Row(**_names(), value=-0.25, n=3)]))[0]
    assert float(seen["value"]) == -0.25


def test_both_files_hold_the_same_rows(tmp_path):
    rows = [
        ROW.holding(Measured(metric="rank1", estimate=clopper_pearson(1, 3), baseline=1 / 3)),
        Row(**_names(), status="invalid", note="all scores are equal"),
    ]
    write_scorecard(rows, tmp_path)
    table = pd.read_parquet(tmp_path / "scorecard.parquet")
    assert tuple(table.columns) == COLUMNS
    assert table["value"][0] == 1 / 3
    assert math.isnan(table["value"][1])
    assert table["n"].tolist() == [3, pd.NA]
    assert table["status"].tolist() == ["ok", "invalid"]
    text = (tmp_path / "scorecard.csv").read_text(encoding="utf-8")
    assert text == to_csv(rows)
    assert float(read(text)[0]["low"]) == table["low"][0]


def test_a_scorecard_without_rows_is_written_as_well(tmp_path):
    write_scorecard([], tmp_path)
    assert pd.read_parquet(tmp_path / "scorecard.parquet").empty


def test_the_same_rows_are_the_same_bytes(tmp_path):
    rows = [ROW.holding(Measured(metric="rank1", estimate=clopper_pearson(i, 9))) for i in range(9)]
    for name in ("one", "two"):
        write_scorecard(rows, tmp_path / name)
    for name in ("scorecard.csv", "scorecard.parquet"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_cell_says_how_strong_its_attack_was():
    assert Cell(rows=(ROW,)).tier is None
    assert Cell(rows=(ROW,), tier="trained").tier == "trained"
