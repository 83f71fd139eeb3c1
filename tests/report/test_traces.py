"""Where each number stands in the scorecard."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from tests.report.coevaluated import rows
from tests.report.dossiers import study

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.policy import key_of
from mindveil.evidence.scorecard import to_csv
from mindveil.report.traces import row_at, row_of, traces


def test_the_number_is_the_one_that_a_spreadsheet_shows():
    made = study().rows
    lines = list(csv.reader(io.StringIO(to_csv(made))))
    found = traces(made, 10)
    for row in made[::97]:
        place = found.place(row)
        assert lines[place.number - 1][0] == row.release
        assert lines[place.number - 1][5] == row.metric
        assert float(lines[place.number - 1][6] or "nan") == row.value or row.value is None


def test_only_what_the_page_holds_is_here():
    made = rows()
    found = traces(made, 3)
    assert [found.place(r).here for r in made[:5]] == [True, True, True, False, False]


def test_what_is_computed_stands_nowhere():
    assert traces(rows(), 9).place(None) is None
    assert traces([], 9).place(rows()[0]) is None


def test_of_lines_named_alike_the_one_with_the_figure_is_found():
    one = rows()[0]
    other = replace(one, value=0.5, low=0.4, high=0.6)
    seen = Estimate(value=0.5, low=0.4, high=0.6, n=one.n)
    assert row_at([one, other], key_of(one), seen) is other
    assert row_at([one, other], key_of(one)) is one
    assert row_at([one], None) is None


def test_everybody_goes_before_the_most_unusual():
    one = rows()[0]
    rare = replace(one, metric="rank1-unusual")
    assert row_of([rare, one], one.release, one.measure, one.estimate) is one
    assert row_of([rare], "other", one.measure, one.estimate) is None
