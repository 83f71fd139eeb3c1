"""Questionnaires at every visit as variables of a coded table, and back.

Names are ``phq9_01`` at the first visit and ``phq9_01@2`` at the second. What an answer may be,
which items make a subscale and how a total is scored is public for questionnaires of the table of
instruments; the range of any other is read off the answers. A total is no variable where items
are known: it is scored from the synthetic answers, so that both always agree. Where some people
have only a total of a questionnaire whose items others answered, their answers count as missing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.generalised import parts
from mindveil.corpus.instruments import get, is_known, score_table
from mindveil.corpus.model import Corpus, Response
from mindveil.features.scales import item_name
from mindveil.synthesise.codebook import MISSING, Codebook, Codes, Variable
from mindveil.synthesise.encoding_bounds import total_edges
from mindveil.synthesise.encoding_columns import cells_of, values_in

Answered = Sequence[Response | None]
"""What everybody answered to one questionnaire at one visit."""

Ranges = Mapping[str, tuple[int, int]]

PRESENT = 1
_ABSENT_OR_PRESENT = ("no", "yes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How one questionnaire at one visit is coded.

    Its items are the variables from ``first`` on, ``width`` of them; where only totals are known
    there is one variable and ``width`` is 0. ``present`` is the variable that says whether it
    was answered, where that is not the same for everybody at the visit. ``scoring`` says how
    totals come about: by the rules of the instrument, as the plain sum, or not at all.
    """

    tool: str
    visit: int
    width: int
    first: int
    present: int = -1
    scoring: Literal["instrument", "sum", "none"] = "none"

    @property
    def members(self) -> slice:
        """The variables of its items, or of its total."""
        return slice(self.first, self.first + max(1, self.width))

    @property
    def all_members(self) -> slice:
        """The same, and the variable that says who answered it."""
        return slice(self.first - int(self.present >= 0), self.members.stop)


@dataclass(frozen=True, slots=True, kw_only=True)
class Questionnaire:
    """The shape of a questionnaire over all visits: how many items and the range of each."""

    tool: str
    ranges: tuple[tuple[int, int], ...]
    total: tuple[float, float]
    found: bool
    scoring: Literal["instrument", "sum", "none"]


def at_visit(name: str, visit: int) -> str:
    """Return the name of something at a visit; the first needs no mark.

    >>> at_visit("phq9_01", 1), at_visit("phq9_01", 2)
    ('phq9_01', 'phq9_01@2')
    """
    return name if visit == 1 else f"{name}@{visit}"


def is_answered(response: Response | None) -> bool:
    """Whether there is any answer or a total."""
    if response is None:
        return False
    return response.total is not None or any(x is not None for x in response.items)


def answers_at(corpus: Corpus, tool: str, visit: int) -> list[Response | None]:
    """Return what everybody answered at one visit, counted from 1 in the order of sessions."""
    rows = [
        p.sessions[visit - 1].responses.get(tool) if len(p.sessions) >= visit else None
        for p in corpus.participants
    ]
    return [response if is_answered(response) else None for response in rows]


def questionnaires_of(corpus: Corpus, ranges: Ranges | None = None) -> list[Questionnaire]:
    """Return the shape of every questionnaire that somebody answered.

    ``ranges`` are the lowest and highest answer (or total, where only totals are known) of
    questionnaires that are in no table; without them they are read off the answers.
    """
    made = []
    for tool in corpus.tools:
        told = [
            s.responses[tool]
            for p in corpus.participants
            for s in p.sessions
            if tool in s.responses
        ]
        told = [response for response in told if is_answered(response)]
        if told:
            made.append(_questionnaire(tool, told, (ranges or {}).get(tool)))
    return made


def subscale_of(tool: str, item: int) -> str:
    """Return the public scale that an item, counted from 1, is summed into.

    >>> subscale_of("dass42", 2), subscale_of("phq9", 1), subscale_of("mdq", 14)
    ('dass42.anxiety', 'phq9', 'mdq')
    """
    if is_known(tool):
        for scale in get(tool).scales[1:]:
            if scale.rule == "sum" and item in scale.items:
                return f"{tool}.{scale.name}"
    return tool


def form_of(
    questionnaire: Questionnaire, visit: int, responses: Answered, *, gated: bool, private: bool
) -> tuple[Form, list[Variable]]:
    """Return how a questionnaire at one visit is coded, as if its variables were the first.

    With ``gated``, a variable says who answered it at all.
    """
    tool, width = questionnaire.tool, len(questionnaire.ranges)
    if not width:
        edges = total_edges(tool, *questionnaire.total)
        total = Variable(
            name=at_visit(f"{tool}_total", visit),
            kind="number",
            edges=edges,
            whole=True,
            found=questionnaire.found,
            may_miss=private or any(r is None or r.total is None for r in responses),
        )
        return Form(tool=tool, visit=visit, width=0, first=0), [total]
    table = answer_codes(responses, questionnaire.ranges)
    # Items of somebody who did not answer the questionnaire at all are missing as well.
    missing = np.any(table < 0, axis=0)
    items = [
        Variable(
            name=at_visit(item_name(tool, n), visit),
            kind="ordinal",
            levels=tuple(str(x) for x in range(low, high + 1)),
            block=at_visit(subscale_of(tool, n + 1), visit),
            found=questionnaire.found,
            may_miss=private or bool(missing[n]),
        )
        for n, (low, high) in enumerate(questionnaire.ranges)
    ]
    form = Form(
        tool=tool,
        visit=visit,
        width=width,
        first=int(gated),
        present=0 if gated else -1,
        scoring=questionnaire.scoring,
    )
    if not gated:
        return form, items
    name = f"{at_visit(tool, visit)} present"
    return form, [Variable(name=name, kind="ordinal", levels=_ABSENT_OR_PRESENT), *items]


def moved(form: Form, by: int) -> Form:
    """Return a form whose variables begin this much later."""
    present = form.present + by if form.present >= 0 else -1
    return replace(form, first=form.first + by, present=present)


def form_codes(form: Form, codebook: Codebook, responses: Answered) -> Codes:
    """Return the codes of one questionnaire at one visit, who answered it at all first."""
    variables = codebook.variables[form.members]
    if not form.width:
        totals = [math.nan if r is None or r.total is None else r.total for r in responses]
        return cells_of(np.array(totals, dtype=np.float64), variables[0].edges)[:, None]
    codes = answer_codes(responses, [(int(v.levels[0]), int(v.levels[-1])) for v in variables])
    if form.present < 0:
        return codes
    here = np.any(codes >= 0, axis=1)
    return np.hstack([here[:, None].astype(np.int16), codes])


def form_answers(
    form: Form, codebook: Codebook, codes: Codes, rng: np.random.Generator
) -> list[Response | None]:
    """Return what everybody answered to one questionnaire at one visit; codes are of all people.

    Nobody without any answer has a response.
    """
    mine = codes[:, form.members]
    variables = codebook.variables[form.members]
    if not form.width:
        totals = values_in(mine[:, 0], variables[0], rng).tolist()
        return [None if math.isnan(x) else Response(total=x) for x in totals]
    low = np.array([int(v.levels[0]) for v in variables])
    values = (mine + low).astype(np.object_)
    values[mine < 0] = None
    scores = _scores(form, np.where(mine < 0, np.nan, (mine + low).astype(np.float64)))
    here = np.any(mine >= 0, axis=1)
    return [
        Response(items=tuple(row), total=None if math.isnan(total) else total) if answered else None
        for row, total, answered in zip(
            values.tolist(), scores.tolist(), here.tolist(), strict=True
        )
    ]


def answer_codes(responses: Answered, ranges: Sequence[tuple[int, int]]) -> Codes:
    """Return answers from their lowest on, shape (people, items); -1 where there is none.

    An answer beyond its range is taken for the end of it; a banded one for its middle.
    """
    width = len(ranges)
    empty = (None,) * width
    rows = [empty if r is None else (*r.items, *empty)[:width] for r in responses]
    flat = [
        math.nan if x is None else x if isinstance(x, int) else _middle(x)
        for row in rows
        for x in row
    ]
    table = np.array(flat, dtype=np.float64).reshape(len(rows), width)
    low, high = np.array(ranges, dtype=np.float64).reshape(width, 2).T
    steps = np.floor(np.clip(table, low, high)) - low
    return np.where(np.isnan(table), MISSING, steps).astype(np.int16)


def answered_range(told: Sequence[Response]) -> tuple[float, float]:
    """Return the lowest and highest answer, or total where there are no answers."""
    ends = [p for r in told for x in r.items if x is not None for p in parts(x) if not p.name]
    if ends:
        return min(p.low for p in ends), max(p.high for p in ends)
    totals = [r.total for r in told if r.total is not None]
    return min(totals, default=0.0), max(totals, default=0.0)


def _questionnaire(
    tool: str, told: Sequence[Response], bounds: tuple[int, int] | None
) -> Questionnaire:
    width = max(len(r.items) for r in told)
    scored = any(r.total is not None for r in told)
    if is_known(tool):
        known = get(tool)
        # Items asked beside the questionnaire proper are absent as a whole, or there.
        count = 0 if not width else known.width if width > known.size else known.size
        return Questionnaire(
            tool=tool,
            ranges=known.ranges[:count],
            total=known.total_range(),
            found=False,
            scoring="instrument" if scored and count else "none",
        )
    low, high = bounds or answered_range(told)
    # Where bounds are given, the data is not asked whether everybody's total is the sum.
    summed = bounds is not None or _is_sum(told)
    first, last = math.floor(low), max(math.ceil(high), math.floor(low) + 1)
    return Questionnaire(
        tool=tool,
        ranges=((first, last),) * width,
        total=(first, last),
        found=bounds is None,
        scoring="sum" if width and scored and summed else "none",
    )


def _is_sum(told: Sequence[Response]) -> bool:
    """Whether every total of complete answers is their sum."""
    pairs = [
        (sum(x for x in r.items if isinstance(x, int)), r.total)
        for r in told
        if r.total is not None and r.items and all(isinstance(x, int) for x in r.items)
    ]
    return bool(pairs) and all(abs(total - plain) < 1e-6 for plain, total in pairs)


def _scores(form: Form, answers: NDArray[np.float64]) -> NDArray[np.float64]:
    if form.scoring == "instrument":
        return score_table(get(form.tool), answers)
    if form.scoring == "sum":
        return np.asarray(answers.sum(axis=1), dtype=np.float64)
    return np.full(len(answers), np.nan)


def _middle(answer: str) -> float:
    """Return the middle of a banded answer, ``0-1`` or ``0|1``; NaN where it says nothing."""
    told = [(p.low + p.high) / 2 for p in parts(answer) if not p.name]
    return sum(told) / len(told) if told else math.nan
