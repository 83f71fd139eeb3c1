"""Answers and background as numbers between -1 and 1, by what is publicly known of their range.

Items and totals of questionnaires run from the lowest to the highest answer on the form; declared
columns from their declared bounds, or take one of their declared levels. What nobody declared is
left out: bounds and levels that are read off people say something of these people.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mindveil.corpus.instruments import Instrument, Target, get, is_known
from mindveil.corpus.model import Column, Corpus, Kind
from mindveil.errors import InputError
from mindveil.features.cases import cases_of
from mindveil.features.scales import Field, Table, indicators, latest_table, numbers
from mindveil.train.base import Floats, Part, Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruler:
    """How one answer or attribute becomes numbers.

    With ``levels`` and kind ``nominal`` one column a level, with kind ``ordinal`` their rank;
    otherwise a number between ``low`` and ``high``.
    """

    name: str
    source: str
    kind: Kind
    low: float = 0.0
    high: float = 0.0
    levels: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """How many columns it makes."""
        return len(self.levels) if self.kind == "nominal" else 1


def score_scale(target: Target) -> Scale:
    """Return the public range of the score in question, and the edge between cases and others.

    >>> from mindveil.corpus.instruments import parse_target
    >>> score_scale(parse_target("gad7>=10"))
    Scale(lowest=0.0, highest=21.0, edge=9.5, rising=True)

    Raises:
        InputError: the questionnaire is not in the table, so that its range is nobody's knowledge.
    """
    if not is_known(target.tool):
        raise InputError(
            f"{target.scale} has no public range: {target.tool!r} is not in the table of "
            "questionnaires; choose a questionnaire that is, as in phq9>=10"
        )
    own = get(target.tool)
    low, high = own.total_range(target.subscale)
    step = _step(own, target.subscale)
    rising = target.op in {">=", ">"}
    beyond = (target.cut - low) / step
    if target.op in {">=", "<"}:  # the edge lies below the first score at or above the cut
        edge = low + step * (math.ceil(beyond) - 0.5)
    else:
        edge = low + step * (math.floor(beyond) + 0.5)
    return Scale(lowest=float(low), highest=float(high), edge=float(edge), rising=rising)


def rulers_of(corpus: Corpus, target: Target) -> tuple[Ruler, ...]:
    """Return how the predictors of a question are measured: items of other questionnaires first.

    No item that the target is made of is among them, in whatever form of the questionnaire. A
    stated total is read where nobody has items: which questionnaires were given, with how many
    items, is public, and that somebody has a total beside them is not.
    """
    known = cases_of(corpus, target.tool, target.subscale, "scales").predictors
    counted = {field.tool for field in known if field.source == "item"}
    answers = [
        _answer_ruler(field)
        for field in known
        if field.source == "item" or (field.source == "total" and field.tool not in counted)
    ]
    background = [
        _column_ruler(field.name, corpus.columns[field.name])
        for field in known
        if field.source == "attribute" and field.name in corpus.columns
    ]
    return tuple(ruler for ruler in (*answers, *background) if ruler is not None)


def scale_parts(rulers: Sequence[Ruler]) -> tuple[Part, ...]:
    """Return what a row of answers and background consists of."""
    background = sum(r.width for r in rulers if r.source == "attribute")
    answers = sum(r.width for r in rulers) - background
    widths = (("answers", answers), ("background", background))
    return tuple(Part(modality="scales", name=n, width=w) for n, w in widths if w)


def scale_rows(corpus: Corpus, rulers: Sequence[Ruler]) -> Floats:
    """Return one row a person within -1..1; NaN where there is no answer, or one never declared."""
    declared = {r.name: _declared(r) for r in rulers if r.source == "attribute"}
    table = latest_table(replace(corpus, columns=declared))
    people = len(corpus.ids)
    columns = [np.zeros((people, 0)), *(_measured(table, ruler) for ruler in rulers)]
    return np.hstack(columns)


def _measured(table: Table, ruler: Ruler) -> Floats:
    if ruler.name not in table.columns:
        return np.full((len(table.ids), ruler.width), np.nan)
    if ruler.kind == "nominal":
        _, shares = indicators(table, ruler.name)
        told = shares.sum(axis=1, keepdims=True)
        return np.where(told > 0, shares - told / ruler.width, np.nan)
    values = numbers(table, ruler.name)[:, None]
    half = (ruler.high - ruler.low) / 2.0
    return np.clip((values - ruler.low) / half - 1.0, -1.0, 1.0)


def _declared(ruler: Ruler) -> Column:
    return Column(role="other", kind=ruler.kind, levels=ruler.levels)


def _answer_ruler(field: Field) -> Ruler | None:
    if not is_known(field.tool):
        return None
    own = get(field.tool)
    if field.source == "total":
        low, high = map(float, own.total_range())
    else:
        low, high = map(float, own.ranges[own.columns.index(field.name)])
    return Ruler(name=field.name, source=field.source, kind="number", low=low, high=high)


def _column_ruler(name: str, column: Column) -> Ruler | None:
    if column.kind == "number":
        if column.low is None or column.high is None or not column.low < column.high:
            return None
        low, high = column.low, column.high
        return Ruler(name=name, source="attribute", kind="number", low=low, high=high)
    if len(column.levels) < 2 or column.found:
        return None
    return Ruler(
        name=name,
        source="attribute",
        kind=column.kind,
        high=len(column.levels) - 1.0,
        levels=column.levels,
    )


def _step(own: Instrument, subscale: str | None) -> int:
    """Return the distance of neighbouring scores."""
    scale = own.scale(subscale)
    if scale.rule == "mdq":
        return 1
    return math.gcd(*(own.scale(part).multiplier for part in scale.parts or (scale.name,)))
