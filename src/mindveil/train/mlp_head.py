"""A small network as a head: one layer of hidden units, and a line to the log-odds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.errors import InputError
from mindveil.store.cache import Json
from mindveil.store.number_files import Tensors
from mindveil.train.base import Floats, Scale
from mindveil.train.heads import HeadStack, Shape
from mindveil.train.linear_head import (
    facts_of_scale,
    finite_fact,
    finite_tensor,
    scale_of_facts,
)
from mindveil.train.unit_rows import unit_rows

SURE = 4.0
"""What a network says beyond this, either way, counts as this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MlpHead:
    """Log-odds ``intercept + steep * s``, where s is what the network says, cut at -1 and 1.

    ``hidden`` has shape (units, columns + 1) and ``output`` (1, units + 1), constants last. Rows
    are brought into the unit ball first; severity is ``offset + slope * log-odds``.
    """

    kind: ClassVar[str] = "mlp"
    hidden: Floats
    output: Floats
    reach: float
    intercept: float
    steep: float
    slope: float
    scale: Scale
    offset: float = 0.0

    def log_odds(self, rows: Floats) -> Floats:
        """Return the calibrated log-odds of being a case, shape (people,)."""
        if rows.ndim != 2 or rows.shape[1] != self.hidden.shape[1] - 1:
            raise InputError(
                f"rows of shape {rows.shape} do not fit a head of {self.hidden.shape[1] - 1} "
                "columns; read people with the reader that the head was taught with"
            )
        layers = tuple(t[None].astype(np.float32) for t in (self.hidden, self.output))
        shape = Shape(columns=rows.shape[1], hidden=len(self.hidden))
        said = said_by(HeadStack(shape=shape, tensors=layers), unit_rows(rows, self.reach))
        return np.asarray(self.intercept + self.steep * said[:, 0])

    def severity(self, rows: Floats) -> Floats:
        """Return the expected score of the questionnaire, within its range, shape (people,)."""
        return self.scale.total(self.offset + self.slope * self.log_odds(rows))

    def tensors(self) -> Mapping[str, Floats]:
        """Return the layers."""
        return {"hidden": self.hidden, "output": self.output}

    def facts(self) -> Mapping[str, Json]:
        """Return the lines, the public reach and the questionnaire's range."""
        return {
            "reach": self.reach,
            "intercept": self.intercept,
            "steep": self.steep,
            "slope": self.slope,
            "offset": self.offset,
            "scale": facts_of_scale(self.scale),
        }

    @classmethod
    def from_parts(cls, tensors: Tensors, facts: Mapping[str, Json]) -> MlpHead:
        """Return the head that was saved.

        Raises:
            InputError: a number is missing, is no number, or the layers do not fit.
        """
        hidden, output = finite_tensor(tensors, "hidden", 2), finite_tensor(tensors, "output", 2)
        if not len(hidden) or output.shape != (1, len(hidden) + 1):
            raise InputError("a saved network's layers do not fit each other; save it again")
        return cls(
            hidden=hidden,
            output=output,
            reach=finite_fact(facts, "reach"),
            intercept=finite_fact(facts, "intercept"),
            steep=finite_fact(facts, "steep"),
            slope=finite_fact(facts, "slope"),
            offset=finite_fact(facts, "offset"),
            scale=scale_of_facts(facts.get("scale")),
        )


def said_by(stack: HeadStack, rows: Floats) -> Floats:
    """Return what networks say of unit rows, -1..1, shape (people, models)."""
    return np.clip(stack.log_odds(rows) / SURE, -1.0, 1.0)
