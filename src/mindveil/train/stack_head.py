"""The best head without a promise: one for each modality, joined by how far each is to be believed.

Each modality is read as the ``detect/`` tasks read it: text in blocks of its own (meaning,
symptoms), everything else as one block of measures in units of the training people's standard
deviation; a ridge regression a block; their mean; lines to the score and to the log-odds; and one
more line where several modalities speak. All of that is linear in the row, so that a few numbers
a column are the whole head: what is known of each person who taught it is not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.errors import InputError
from mindveil.store.cache import Json
from mindveil.store.number_files import Tensors
from mindveil.train.base import Flags, Floats, Scale
from mindveil.train.linear_head import (
    facts_of_scale,
    finite_fact,
    finite_tensor,
    scale_of_facts,
)

Spans = tuple[tuple[int, int], ...]
"""From which column to which each modality goes."""

_LINES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class StackHead:
    """What each modality says, and all together.

    ``weights`` (modalities, columns) is 0 outside of a modality's columns; ``lines`` (modalities,
    6) holds what is added, the line to the log-odds, the line to the score and the middle, which
    speaks for people of whom the modality was not recorded. ``trust`` is the line that joins the
    modalities, and its middle.
    """

    kind: ClassVar[str] = "stack"
    weights: Floats
    lines: Floats
    spans: Spans
    trust: tuple[float, float, float]
    scale: Scale

    def log_odds(self, rows: Floats) -> Floats:
        """Return the calibrated log-odds of being a case, shape (people,)."""
        said, heard = self._said(rows)
        odds = self.lines[:, 1] + self.lines[:, 2] * said
        intercept, slope, middle = self.trust
        if len(self.spans) == 1:
            return np.asarray(odds[:, 0])
        count = heard.sum(axis=1)
        mean = np.where(heard, odds, 0.0).sum(axis=1) / np.maximum(count, 1)
        return np.asarray(intercept + slope * np.where(count > 0, mean, middle))

    def severity(self, rows: Floats) -> Floats:
        """Return the expected score of the questionnaire, within its range, shape (people,)."""
        said, heard = self._said(rows)
        totals = self.lines[:, 3] + self.lines[:, 4] * said
        totals = np.clip(totals, self.scale.lowest, self.scale.highest)
        heard = heard | ~heard.any(axis=1, keepdims=True)
        return np.asarray((totals * heard).sum(axis=1) / heard.sum(axis=1))

    def tensors(self) -> Mapping[str, Floats]:
        """Return the learnt numbers."""
        return {"weights": self.weights, "lines": self.lines}

    def facts(self) -> Mapping[str, Json]:
        """Return where modalities lie, how they are joined, and the questionnaire's range."""
        return {
            "spans": [[first, last] for first, last in self.spans],
            "trust": list(self.trust),
            "scale": facts_of_scale(self.scale),
        }

    @classmethod
    def from_parts(cls, tensors: Tensors, facts: Mapping[str, Json]) -> StackHead:
        """Return the head that was saved.

        Raises:
            InputError: a number is missing, is no number, or does not fit the others.
        """
        weights, lines = finite_tensor(tensors, "weights", 2), finite_tensor(tensors, "lines", 2)
        spans, trust = facts.get("spans"), facts.get("trust")
        if not isinstance(spans, list) or not isinstance(trust, list):
            raise InputError("a saved stack does not say where its modalities are; save it again")
        pairs = [p for p in spans if isinstance(p, list) and len(p) == 2]
        ends = [(_column(p[0]), _column(p[1])) for p in pairs]
        fits = lines.shape == (len(weights), _LINES) and len(spans) == len(ends) == len(weights)
        if not fits or any(not 0 <= a < b <= weights.shape[1] for a, b in ends):
            raise InputError("a saved stack's modalities do not fit its weights; save it again")
        joined = {str(place): value for place, value in enumerate(trust)}
        return cls(
            weights=weights,
            lines=lines,
            spans=tuple(ends),
            trust=(finite_fact(joined, "0"), finite_fact(joined, "1"), finite_fact(joined, "2")),
            scale=scale_of_facts(facts.get("scale")),
        )

    def _said(self, rows: Floats) -> tuple[Floats, Flags]:
        """Return what each modality says, and of whom it was recorded: (people, modalities)."""
        if rows.ndim != 2 or rows.shape[1] != self.weights.shape[1]:
            raise InputError(
                f"rows of shape {rows.shape} do not fit a head of {self.weights.shape[1]} columns; "
                "read people with the reader that the head was taught with"
            )
        heard = recorded(rows, self.spans)
        said = self.lines[:, 0] + rows @ self.weights.T
        return np.where(heard, said, self.lines[:, 5]), heard


def recorded(rows: Floats, spans: Spans) -> Flags:
    """Return of whom each modality was recorded, (people, modalities): a gap is a row of zeros.

    >>> recorded(np.array([[0.0, 0.0, 1.0]]), ((0, 2), (2, 3))).tolist()
    [[False, True]]
    """
    there = np.zeros((len(rows), len(spans)), np.bool_)
    for place, (first, last) in enumerate(spans):
        there[:, place] = (rows[:, first:last] != 0.0).any(axis=1)
    return there


def _column(stored: Json) -> int:
    return stored if isinstance(stored, int) and not isinstance(stored, bool) else -1
