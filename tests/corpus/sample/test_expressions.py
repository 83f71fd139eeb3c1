"""Series of expressions: who it is, how the day is, and nothing else."""

from __future__ import annotations

import io

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy.stats import spearmanr

from mindveil.corpus.sample.expressions import (
    MEASURES,
    PER_SECOND,
    SECONDS,
    at_rest,
    draw_series,
    movements,
    series_bytes,
)
from mindveil.corpus.sample.lives import draw_persona
from mindveil.features.expression import EXPRESSIONS

NAMES = tuple(MEASURES)


def _series(number: int, visit: int, depression: float = 0.0, anxiety: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng([number, visit])
    return draw_series(draw_persona(5, number).body, (depression, anxiety, 0, 0, 0), rng)


def test_the_columns_are_those_that_are_read() -> None:
    assert NAMES == EXPRESSIONS


def test_a_series_has_eight_seconds() -> None:
    series = _series(1, 1)
    assert series.shape == (PER_SECOND * SECONDS, len(NAMES))
    assert np.isfinite(series).all()
    np.testing.assert_array_equal(series, _series(1, 1))


def test_faces_at_rest_tell_people_apart_but_not_quite() -> None:
    people = range(1, 41)
    means = [np.array([_series(i, v).mean(axis=0) for i in people]) for v in (1, 2)]
    spread = means[0].std(axis=0)
    far = np.linalg.norm((means[0][:, None] - means[1][None]) / spread, axis=-1)
    found = float((far.argmin(axis=1) == np.arange(40)).mean())
    assert 0.4 < found < 1.0


@pytest.mark.parametrize(("trait", "sign"), [(0, -1), (1, 0), (2, 0)])
def test_smiles_and_head_movement_fall_with_depression_alone(trait: int, sign: int) -> None:
    rng = np.random.default_rng(0)
    states = rng.standard_normal((300, 5))
    smiles = [movements(0.6, tuple(s), rng)["smile"].mean() for s in states]
    rank = float(spearmanr(states[:, trait], smiles).statistic)
    assert sign * rank > 0.2 if sign else abs(rank) < 0.17  # 3 standard errors of 300


def test_the_head_is_stiller_with_depression_and_fidgets_with_anxiety() -> None:
    yaw = NAMES.index("head-yaw")
    still = [_series(i, 1, depression=2)[:, yaw].std() for i in range(1, 60)]
    lively = [_series(i, 1, depression=-2)[:, yaw].std() for i in range(1, 60)]
    assert np.mean(still) < 0.7 * np.mean(lively)
    calm = [np.abs(np.diff(_series(i, 1, anxiety=-2)[:, yaw])).mean() for i in range(1, 60)]
    tense = [np.abs(np.diff(_series(i, 1, anxiety=2)[:, yaw])).mean() for i in range(1, 60)]
    assert np.mean(calm) < np.mean(tense)


def test_a_face_at_rest_is_set_by_the_body() -> None:
    body = draw_persona(5, 1).body
    assert at_rest(body) == at_rest(body)
    assert at_rest(body) != at_rest(draw_persona(5, 2).body)


def test_the_table_holds_columns_and_nothing_about_where_it_was_made() -> None:
    content = series_bytes(_series(1, 1))
    assert len(content) < 8_192
    table = pq.read_table(io.BytesIO(content))
    assert table.column_names == ["seconds", *NAMES]
    assert not table.schema.metadata
    assert not pq.read_metadata(io.BytesIO(content)).metadata
    np.testing.assert_allclose(np.diff(table["seconds"].to_numpy()), 1 / PER_SECOND, atol=1e-6)
