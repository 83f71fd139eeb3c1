"""A head that adds up: one weight a column, a line to the log-odds and one to the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.errors import InputError
from mindveil.store.cache import Json
from mindveil.store.number_files import Tensors
from mindveil.train.base import Floats, Scale

PROBIT = 1.702
"""Log-odds in a standard deviation: the logistic curve is within .01 of the normal one so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearHead:
    """Log-odds ``intercept + row @ weights``, and a severity that rises with them.

    ``weights`` has shape (columns,). A row longer than ``bound`` is shortened to it, as it was
    when the head learnt; None leaves rows as they are. A person's severity, -1..1 around the
    edge of the scale, is ``offset + slope * log-odds``.

    >>> head = LinearHead(
    ...     weights=np.array([2.0]), intercept=-1.0, slope=0.25,
    ...     scale=Scale(lowest=0, highest=27, edge=9.5),
    ... )
    >>> head.log_odds(np.array([[1.0]])).tolist(), head.severity(np.array([[1.0]])).tolist()
    ([1.0], [12.0])
    """

    kind: ClassVar[str] = "linear"
    weights: Floats
    intercept: float
    slope: float
    scale: Scale
    offset: float = 0.0
    bound: float | None = None

    def log_odds(self, rows: Floats) -> Floats:
        """Return the calibrated log-odds of being a case, shape (people,)."""
        if rows.ndim != 2 or rows.shape[1] != len(self.weights):
            raise InputError(
                f"rows of shape {rows.shape} do not fit a head of {len(self.weights)} columns; "
                "read people with the reader that the head was taught with"
            )
        # Added up column by column, each row alone: who else is asked changes no last bit.
        rows = rows if self.bound is None else shortened(rows, self.bound)
        return np.asarray(self.intercept + (rows * self.weights).sum(axis=1), dtype=np.float64)

    def severity(self, rows: Floats) -> Floats:
        """Return the expected score of the questionnaire, within its range, shape (people,)."""
        return self.scale.total(self.offset + self.slope * self.log_odds(rows))

    def tensors(self) -> Mapping[str, Floats]:
        """Return the learnt weights."""
        return {"weights": self.weights}

    def facts(self) -> Mapping[str, Json]:
        """Return the lines, the longest row and the questionnaire's range."""
        return {
            "intercept": self.intercept,
            "slope": self.slope,
            "offset": self.offset,
            "bound": self.bound,
            "scale": facts_of_scale(self.scale),
        }

    @classmethod
    def from_parts(cls, tensors: Tensors, facts: Mapping[str, Json]) -> LinearHead:
        """Return the head that was saved.

        Raises:
            InputError: a number is missing or is no number.
        """
        bound = facts.get("bound")
        return cls(
            weights=finite_tensor(tensors, "weights", 1),
            intercept=finite_fact(facts, "intercept"),
            slope=finite_fact(facts, "slope"),
            offset=finite_fact(facts, "offset"),
            bound=None if bound is None else finite_fact(facts, "bound"),
            scale=scale_of_facts(facts.get("scale")),
        )


def shortened(rows: Floats, bound: float) -> Floats:
    """Return rows, those longer than the bound shortened to it, each judged alone.

    >>> shortened(np.array([[3.0, 4.0], [0.3, 0.4]]), 1.0).round(3).tolist()
    [[0.6, 0.8], [0.3, 0.4]]
    """
    peak = np.maximum(np.abs(rows).max(axis=1, initial=0.0), np.finfo(np.float64).tiny)
    length = np.sqrt(np.square(rows / peak[:, None]).sum(axis=1)) * peak
    return np.asarray(rows * np.minimum(1.0, bound / np.maximum(length, bound))[:, None])


def facts_of_scale(scale: Scale) -> dict[str, Json]:
    """Return a questionnaire's range as it is saved."""
    return {
        "lowest": scale.lowest,
        "highest": scale.highest,
        "edge": scale.edge,
        "rising": scale.rising,
    }


def scale_of_facts(stored: Json) -> Scale:
    """Return the questionnaire's range that was saved; raises InputError where it is none."""
    if not isinstance(stored, dict):
        raise InputError("a saved head says nothing about its questionnaire; save it again")
    return Scale(
        lowest=finite_fact(stored, "lowest"),
        highest=finite_fact(stored, "highest"),
        edge=finite_fact(stored, "edge"),
        rising=stored.get("rising") is True,
    )


def finite_fact(facts: Mapping[str, Json], name: str) -> float:
    """Return a saved number; raises InputError where it is missing or not finite."""
    value = facts.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
        raise InputError(f"a saved head has no number {name!r}; save it again")
    return float(value)


def finite_tensor(tensors: Tensors, name: str, dimensions: int) -> Floats:
    """Return saved numbers; raises InputError where they are missing or not finite."""
    found = tensors.get(name)
    if found is None or found.ndim != dimensions or not np.isfinite(found).all():
        raise InputError(f"a saved head has no finite numbers {name!r}; save it again")
    return np.asarray(found, dtype=np.float64)
