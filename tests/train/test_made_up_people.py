"""Made-up people are as the public model says, and always the same."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.errors import InputError
from mindveil.train.made_up_people import MadeUp, Supposed
from mindveil.train.outlook import auc_of


def test_made_up_people_are_as_supposed():
    """Least squares on 20,000 of them: correlation .77 with the score, AUC .87, 45 % cases."""
    made = MadeUp(columns=24, supposed=Supposed()).draw(20_000, "test")
    assert made.rows.shape == (20_000, 24)
    assert made.labels.mean() == pytest.approx(0.45, abs=0.02)
    assert ((made.totals >= 10) == made.labels).all()
    assert made.rows.std() == pytest.approx(0.5, rel=0.02)
    read = made.rows @ np.linalg.lstsq(made.rows, made.totals - made.totals.mean())[0]
    assert np.corrcoef(read, made.totals)[0, 1] == pytest.approx(0.77, abs=0.015)
    assert auc_of(read[:, None], made.labels > 0)[0] == pytest.approx(0.87, abs=0.01)


def test_one_direction_differs_most_and_tells_most():
    """Variances 1, 1/2, 1/3 of what there is; what they tell like 1, 1/4, 1/9."""
    made = MadeUp(columns=3, supposed=Supposed()).draw(40_000, "test")
    values, axes = np.linalg.eigh(np.cov(made.rows.T))
    assert values[::-1] * (1 + 1 / 2 + 1 / 3) == pytest.approx(
        3 * 0.25 * np.array([1, 1 / 2, 1 / 3]), rel=0.05
    )
    parts = made.rows @ axes[:, ::-1]
    told = np.array([np.corrcoef(part, made.totals)[0, 1] ** 2 for part in parts.T])
    assert told / told.sum() == pytest.approx(np.array([36, 9, 4]) / 49, abs=0.03)


def test_the_same_people_for_the_same_question_and_others_for_another():
    crowd = MadeUp(columns=4, supposed=Supposed())
    assert (crowd.draw(20, "a").rows == crowd.draw(20, "a").rows).all()
    assert (crowd.draw(20, "a").rows != crowd.draw(20, "b").rows).all()


def test_the_share_of_cases_is_what_is_supposed():
    made = MadeUp(columns=1, supposed=Supposed(cases=0.2)).draw(20_000, "test")
    assert made.labels.mean() == pytest.approx(0.2, abs=0.015)


@pytest.mark.parametrize(
    "wrong", [{"correlation": 1.0}, {"correlation": 0.0}, {"cases": 0.0}, {"spread": 0.0}]
)
def test_people_who_cannot_be_are_refused(wrong):
    with pytest.raises(InputError, match="cannot be made up"):
        Supposed(**wrong)
