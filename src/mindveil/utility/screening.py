"""What do some items of a scale tell of the others? Rest scores, and short screeners.

Two questions that look alike and are not. ``rest/``: the items that are asked predict the score
of the items that are not, so that no question is on both sides: what is kept is how answers hang
together. ``screener/``: they predict the scale that they are part of, "screener shortening
(part-whole)": good figures are owed to the shared items, and it is never called detection.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.instruments import meets, score_table
from mindveil.corpus.model import Corpus, Modality, Stream
from mindveil.corpus.short_forms import ShortForm, parse_short_form
from mindveil.corpus.targets import Target
from mindveil.errors import InvalidMeasurement
from mindveil.features.blocks import standardised
from mindveil.features.scales import item_name, latest_table, numbers
from mindveil.train.ridge import fit_head
from mindveil.utility.base import Predictions

Floats = NDArray[np.float64]

PART_WHOLE = "screener shortening (part-whole): the score holds the items that predict it"
NO_SHARED_ITEM = "rest score: no item is on both sides"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestScore:
    """Tell from the first half of a scale who reaches the cut-off on its other half.

    ``target`` is a scale with a cut, as in ``dass42.depression>=14``; items by their number on
    the form may follow in brackets, ``[3,5,10]``. The cut is scaled to the number of items left
    (14 of 14 items is 7 of 7). A release whose answers no longer hang together fails here, even
    where most people are healthy: no item tells of another.

    Source: the corrected item-total idea of psychometrics (Cureton 1966), carried over to halves of
    a scale by ourselves.

    Limits: It shows that answers hang together, not that they mean what they should. A scale of few
    items has little rest to tell.
    """

    family: ClassVar[Literal["detect", "severity"]] = "detect"
    remark: ClassVar[str] = NO_SHARED_ITEM
    target: str
    modality: Stream = "scales"

    @property
    def name(self) -> str:
        """Return the measure, as in ``rest/dass42.depression>=14``."""
        return f"rest/{self.target}"

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        return frozenset({"scales"})

    def predict(self, training: Corpus, test: Corpus, rng: np.random.Generator) -> Predictions:
        """Learn from the released corpus and predict held-out people's originals."""
        _ = rng  # nothing is drawn
        form = parse_short_form(self.target)
        cut = Target(
            tool=form.target.tool,
            subscale=form.target.subscale,
            op=form.target.op,
            cut=form.rest_cut,
        )
        sides = [_Answers.of(corpus, form) for corpus in (training, test)]
        return _predicted(sides, [side.rest for side in sides], cut)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screener:
    """Tell from the first half of a scale who reaches its cut-off: a shortened screener.

    Screener shortening (part-whole), never detection: the items that predict are part of what is
    predicted. ``target`` as in :class:`RestScore`, which stands beside it.

    Source: the shortening of questionnaires (Smith, McCarthy & Anderson 2000, on the sins of
    short-form development).

    Limits: Predictors are part of what is predicted: good figures are owed to shared items. It says
    nothing of detection from anything else.
    """

    family: ClassVar[Literal["detect", "severity"]] = "detect"
    remark: ClassVar[str] = PART_WHOLE
    target: str
    modality: Stream = "scales"

    @property
    def name(self) -> str:
        """Return the measure, as in ``screener/dass42.depression>=14``."""
        return f"screener/{self.target}"

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        return frozenset({"scales"})

    def predict(self, training: Corpus, test: Corpus, rng: np.random.Generator) -> Predictions:
        """Learn from the released corpus and predict held-out people's originals."""
        _ = rng  # nothing is drawn
        form = parse_short_form(self.target)
        sides = [_Answers.of(corpus, form) for corpus in (training, test)]
        return _predicted(sides, [side.whole for side in sides], form.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answers:
    """Answers to the items that are asked, and both scores, a row a person."""

    ids: tuple[str, ...]
    asked: Floats
    rest: Floats
    whole: Floats

    @classmethod
    def of(cls, corpus: Corpus, form: ShortForm) -> _Answers:
        """Return the latest answers; a banded answer is its middle."""
        table, tool = latest_table(corpus), form.instrument
        items = np.full((len(table.ids), tool.width), np.nan)
        for column in range(tool.width):
            name = item_name(tool.key, column)
            if name in table.columns:
                items[:, column] = numbers(table, name)
        turned = items.copy()
        for item in tool.reverse:
            turned[:, item - 1] = sum(tool.ranges[item - 1]) - turned[:, item - 1]
        return cls(
            ids=table.ids,
            asked=turned[:, [i - 1 for i in form.asked]],
            rest=_sum(turned[:, [i - 1 for i in form.rest]], form) * form.scale.multiplier,
            whole=score_table(tool, items, form.target.subscale),
        )


def _sum(items: Floats, form: ShortForm) -> Floats:
    """Return sums; gaps are filled with the person's mean, as many as the scale's rule allows."""
    size = items.shape[1]
    answered = np.isfinite(items).sum(axis=1)
    allowed = form.scale.max_missing * size // len(form.scale.items)
    filled = np.nansum(items, axis=1) * size / np.maximum(answered, 1)
    return np.where((size - answered <= allowed) & (answered > 0), filled, np.nan)


def _predicted(sides: Sequence[_Answers], scores: Sequence[Floats], cut: Target) -> Predictions:
    """Learn from the asked items of the first side, and predict the people of the second."""
    known = [
        np.isfinite(score) & np.isfinite(side.asked).any(axis=1)
        for side, score in zip(sides, scores, strict=True)
    ]
    if not all(k.any() for k in known):
        raise InvalidMeasurement("nobody answered both the items that are asked and the others")
    one, two = (side.asked[k] for side, k in zip(sides, known, strict=True))
    totals = scores[0][known[0]]
    labels = meets(cut, totals)
    learn, check = standardised(one, two)
    head = fit_head([learn], totals, labels)
    return Predictions(
        ids=tuple(p for p, there in zip(sides[1].ids, known[1], strict=True) if there),
        truth=meets(cut, scores[1][known[1]]),
        predicted=head.probability([check]),
        guess=np.full(len(check), labels.mean()),
    )
