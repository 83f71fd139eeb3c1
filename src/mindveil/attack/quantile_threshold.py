"""Quantile regression: how sure would the model be of somebody like her who did not teach it?

The model is asked about people who certainly did not teach it. A regression on what the model is
shown of them tells what confidence to expect of a stranger with such a row, and how widely it
scatters; the score is how far above that a person lies (Bertran et al. 2023, "Scalable membership
inference attacks via quantile regression", in its form with a bell at every row). One model is
asked, none is trained: an attack that costs next to nothing.
"""

from __future__ import annotations

import numpy as np

from mindveil.attack.model_signals import FEWEST, ROUNDING
from mindveil.errors import InvalidMeasurement
from mindveil.train.base import Floats
from mindveil.train.ridge import fit_ridge

_LEAST_SPREAD = 0.2
"""Of the mean spread: no row makes strangers that much alike."""


def quantile_scores(
    strangers: Floats,
    stranger_sure: Floats,
    rows: Floats,
    sure: Floats,
    classes: tuple[Floats, Floats] | None = None,
) -> Floats:
    """Return by how many deviations people are surer than strangers with such rows, (people,).

    ``strangers`` (strangers, columns) and ``rows`` (people, columns) are what the model reads,
    ``stranger_sure`` and ``sure`` its confidence. Expectation and scatter are ridge regressions
    whose penalties leave-one-out chooses: where rows tell nothing, the threshold is the same for
    everybody. ``classes`` are those of strangers and of people: a model is surer of the commoner
    one whoever taught it, so that each is measured from the strangers of her own.

    Raises:
        InvalidMeasurement: fewer than ten strangers.
    """
    if len(strangers) < FEWEST:
        raise InvalidMeasurement(
            f"a quantile of {len(strangers)} people who did not teach the model cannot be "
            f"learnt; at least {FEWEST} are needed"
        )
    if classes is not None:
        stranger_sure, sure = _from_own_class(stranger_sure, sure, classes)
    expected, inside = fit_ridge(strangers, stranger_sure)
    missed = np.abs(stranger_sure - inside)
    usual = float(missed.mean())
    if usual <= ROUNDING * max(1.0, float(np.abs(stranger_sure).max())):
        return np.asarray(sure - expected(rows), dtype=np.float64)
    scatter, _ = fit_ridge(strangers, missed)
    spread = np.clip(scatter(rows), _LEAST_SPREAD * usual, None)
    return np.asarray((sure - expected(rows)) / spread, dtype=np.float64)


def _from_own_class(
    stranger_sure: Floats, sure: Floats, classes: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Return confidences less what strangers of the same class have on average.

    Of a class without strangers, less the average of all.
    """
    theirs, hers = classes
    usual = {group: stranger_sure[theirs == group].mean() for group in np.unique(theirs).tolist()}
    every = float(stranger_sure.mean())
    return (
        stranger_sure - np.array([usual[group] for group in theirs.tolist()]),
        sure - np.array([usual.get(group, every) for group in hers.tolist()]),
    )
