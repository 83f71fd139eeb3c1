from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.federation.hospitals import agreed

from mindveil.errors import InputError
from mindveil.federation.rounds import Round, kind_at, least, length_sent, rounds_of

SITES = ("north", "south", "west", "east")


def test_steps_come_first_and_one_line_after_them() -> None:
    promised = agreed(SITES, rounds=2, epsilon=2.0).terms(5)
    assert [kind_at(promised, n) for n in range(5)] == ["update", "update", "line", None, None]
    plain = agreed(SITES, rounds=2).terms(5)
    assert [kind_at(plain, n) for n in range(7)] == ["update"] * 2 + ["line"] * 4 + [None]
    moments = agreed(SITES, method="moments").terms(5)
    assert [kind_at(moments, n) for n in range(2)] == ["moments", None]


def test_answers_in_all_are_those_that_are_paid_for() -> None:
    for settings in ({"rounds": 3}, {"method": "moments"}):
        terms = agreed(SITES, epsilon=2.0, **settings).terms(5)
        kinds = [kind_at(terms, n) for n in range(100)]
        due = [kind for kind in kinds if kind]
        assert len(due) == rounds_of(terms)
        spent = sum(terms.share(kind).rho for kind in due)
        assert spent == pytest.approx(terms.privacy.budget.rho)  # type: ignore[union-attr]


def test_every_part_of_a_round_is_bound_into_its_keys() -> None:
    agreement = agreed(SITES, secure=True)
    terms = agreement.terms(5)
    asked = Round(number=1, kind="update", chosen=SITES, sent=np.zeros(6))
    plan = asked.plan(agreement, terms)
    assert (plan.clients, plan.threshold, plan.entries) == (4, 3, 7)
    other = np.zeros(6)
    other[2] = 1e-12
    changed = [
        replace(asked, number=2),
        replace(asked, kind="line"),
        replace(asked, chosen=SITES[:3]),
        replace(asked, chosen=("north", "south", "west", "coast")),
        replace(asked, sent=other),
    ]
    plans = [each.plan(agreement, terms) for each in changed]
    plans.append(asked.plan(replace(agreement, seed=12), terms))
    assert len({p.context() for p in plans} | {plan.context()}) == len(plans) + 1


def test_masks_keep_the_threshold_of_the_study() -> None:
    terms = agreed(SITES, secure=True, threshold=4).terms(5)
    assert least(terms, 4) == 4
    few = Round(number=0, kind="update", chosen=SITES[:3], sent=np.zeros(6))
    with pytest.raises(InputError, match="cannot be met by 3"):
        few.plan(agreed(SITES, secure=True, threshold=4), terms)


def test_weights_come_with_steps() -> None:
    assert length_sent(agreed(SITES, hidden=3).terms(5)) == 3 * 6 + 4
    assert length_sent(agreed(SITES, method="moments").terms(5)) == 0
