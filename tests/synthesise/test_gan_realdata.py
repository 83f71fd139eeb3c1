"""A network taught three fifths of 4,091 real people: scales, prevalence, cost, and what it holds."""

from __future__ import annotations

import csv
import time

import numpy as np
import pytest
from tests.synthesise.questionnaire_table import alpha

from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.gan import fit_gan

torch = pytest.importorskip("torch", reason="torch is an optional extra")

pytestmark = [pytest.mark.realdata, pytest.mark.slow]

SCALES = {"D": ("depression", 14), "A": ("anxiety", 10), "S": ("stress", 19)}
BESIDE = ("country", "education", "urban", "gender", "religion", "orientation", "race", "married")


@pytest.fixture(scope="module")
def table():
    from tests.conftest import REAL_DATA  # noqa: PLC0415 - a folder, not a fixture of this module

    path = REAL_DATA / "tabular" / "dass42_adults.csv"
    if not path.is_file():
        pytest.skip(f"the real data {path} are not on this machine")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    items = [name for name in rows[0] if name.startswith("dass") and "_" in name]
    levels = ("0", "1", "2", "3")
    variables = [
        Variable(name=name, kind="ordinal", levels=levels, block=f"dass42.{SCALES[name[-1]][0]}")
        for name in items
    ]
    columns = [[int(row[name]) - 1 for row in rows] for name in items]
    for name in BESIDE:
        held = sorted({row[name] for row in rows} - {""})
        variables.append(
            Variable(name=name, kind="nominal", levels=tuple(held), found=True, may_miss=True)
        )
        places = {level: place for place, level in enumerate(held)}
        columns.append([places.get(row[name], -1) for row in rows])
    codes = np.array(columns, dtype=np.int16).T
    chosen = np.random.default_rng(5).permutation(len(codes))[: 3 * len(codes) // 5]
    return codes[chosen], Codebook(variables=tuple(variables))


def test_scales_prevalence_and_cost(table):
    codes, book = table
    started = time.process_time()
    model = fit_gan(codes, book, np.random.default_rng(0))
    assert time.process_time() - started < 90
    made = model.draw(len(codes), np.random.default_rng(1))
    totals = []
    for name, cut in SCALES.values():
        members = list(book.blocks[f"dass42.{name}"])
        here, there = codes[:, members], made[:, members]
        assert alpha(there) == pytest.approx(alpha(here), abs=0.02)
        shares = [(t.sum(axis=1) >= cut).mean() for t in (here, there)]
        assert shares[1] == pytest.approx(shares[0], abs=0.02)
        totals.append((here.sum(axis=1), there.sum(axis=1)))
    real, drawn = (np.corrcoef([pair[k] for pair in totals]) for k in (0, 1))
    assert drawn == pytest.approx(real, abs=0.03)
    assert not any(len(codes) in held.shape for held in model.tensors().values())
