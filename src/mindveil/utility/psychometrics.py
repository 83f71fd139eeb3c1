"""Does a released table still measure what the original measured?

A table may predict well and yet be useless to whoever studies the questionnaire: its scales no
longer hang together, its scores no longer correlate, another share of people lies above the
cut-off. What is looked at here is the table itself, beside that of the very people it was made
from: answers, scores, how often each answer is given, and whether a discriminator can tell which
table a record comes from. The figures are made in :mod:`mindveil.evidence.fidelity`.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.generalised import SUPPRESSED, Coding, code, covering
from mindveil.corpus.instruments import TOTAL, get, is_known, score_table, shared_items
from mindveil.corpus.model import Corpus, Modality, Participant, Stream
from mindveil.errors import InvalidMeasurement
from mindveil.features.scales import Table, item_name, latest_table, numbers
from mindveil.utility.base import Answered, Fidelity, MarginSheet, ScoreSheet
from mindveil.utility.discriminator import told_apart
from mindveil.utility.factors import factor_count
from mindveil.utility.subgroups import background_groups, median_age, severity_groups

Floats = NDArray[np.float64]

LEAST_PEOPLE = 10
"""Fewer answers say nothing about a scale."""
_BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Psychometrics:
    """Compare a released questionnaire with that of the people it was made from.

    Cronbach's alpha, item-rest correlations, correlations between scales, prevalence at every
    published cut-off and band, one-way margins, congruence of factors, the distribution of sum
    scores, and detectability. Scored by the published rules; of several visits the last with the
    questionnaire, other questionnaires at that visit. A banded answer is its middle.

    Source: Cronbach 1951 (alpha); Lorenzo-Seva & ten Berge 2006 (congruence); Snoke et al. 2018
    (telling synthetic from real).

    Limits: It compares averages, pairs and factors: relations of more variables may be lost unseen.
    With few people even two halves of the same corpus differ.
    """

    family: ClassVar[Literal["psychometrics"]] = "psychometrics"
    target: str
    modality: Stream = "scales"

    @property
    def name(self) -> str:
        """Return the measure, as in ``psychometrics/dass42``."""
        return f"psychometrics/{self.target}"

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        return frozenset({"scales"})

    def compare(self, release: Corpus, original: Corpus, rng: np.random.Generator) -> Fidelity:
        """Return both tables as this questionnaire shows them.

        Raises:
            InvalidMeasurement: too few people answered it, in the release or in the original.
        """
        released, there = (
            _at_last_visit(release, self.target),
            _at_last_visit(original, self.target),
        )
        for side, corpus in (("release", released), ("original", there)):
            if len(corpus.participants) < LEAST_PEOPLE:
                raise InvalidMeasurement(
                    f"{len(corpus.participants)} people of the {side} answered {self.target}; "
                    f"at least {LEAST_PEOPLE} are needed"
                )
        new, old = latest_table(released), latest_table(there)
        scores = _score_sheets(self.target, there.tools, _width(self.target, old))
        variables = _variables(self.target, old)
        sides = [_answered(table, old, scores, variables) for table in (new, old)]
        public, asked = _factor_items(scores)
        return Fidelity(
            tool=self.target,
            scores=scores,
            variables=tuple(sheet for sheet, _ in variables),
            pairs=_pairs(self.target, scores),
            factor_items=asked,
            factors=public if public > 1 else factor_count(sides[1].items[:, asked], rng),
            released=sides[0],
            original=sides[1],
            told=told_apart(sides[0].items, sides[1].items, rng),
        )


def _at_last_visit(corpus: Corpus, tool: str) -> Corpus:
    """Return the people who answered, each with the visit of the last answers alone."""
    people: list[Participant] = []
    for person in corpus.participants:
        visits = [s for s in person.sessions if tool in s.responses]
        if visits:
            people.append(replace(person, sessions=(visits[-1],)))
    return corpus.with_people(people)


def _width(tool: str, table: Table) -> int:
    if is_known(tool):
        return get(tool).width
    return sum(f.tool == tool and f.source == "item" for f in table.fields)


def _score_sheets(tool: str, tools: Sequence[str], width: int) -> tuple[ScoreSheet, ...]:
    """Return the scores of this questionnaire, then those of others at the same visit."""
    sheets = _own_sheets(tool, width)
    for other in tools:
        if other != tool:
            names = get(other).subscales if is_known(other) else ()
            sheets += [
                ScoreSheet(name=f"{other}.{name}", tool=other, subscale=name) for name in names
            ]
            sheets += [ScoreSheet(name=other, tool=other)]
    return tuple(sheets)


def _own_sheets(tool: str, width: int) -> list[ScoreSheet]:
    if not is_known(tool):
        return [ScoreSheet(name=TOTAL, tool=tool, items=tuple(range(width)))]
    return [
        ScoreSheet(
            name=scale.name,
            tool=tool,
            subscale=None if scale.name == TOTAL else scale.name,
            items=() if scale.rule == "mdq" else tuple(i - 1 for i in scale.items),
            public=scale.name != TOTAL and scale.rule != "mdq",
            cutoff=scale.cutoff,
            bands=tuple((float(b.start), b.name) for b in scale.bands),
        )
        for scale in get(tool).scales
    ]


def _pairs(tool: str, sheets: Sequence[ScoreSheet]) -> tuple[tuple[int, int], ...]:
    """Return the pairs of scores that share no question, one of them of this questionnaire."""
    own = [i for i, s in enumerate(sheets) if s.items]
    found = [
        (a, b)
        for a in own
        for b in own
        if a < b and not set(sheets[a].items) & set(sheets[b].items)
    ]
    for b, sheet in enumerate(sheets):
        if sheet.tool == tool:
            continue
        asked = set()
        if is_known(tool) and is_known(sheet.tool):
            asked = {mine - 1 for mine, _ in shared_items(tool, sheet.tool)}
        found += [(a, b) for a in own if not asked & set(sheets[a].items)]
    return tuple(found)


Variables = Sequence[tuple[MarginSheet, Coding | Floats]]
"""The variables whose margins are compared, with their cells or their edges."""


def _answered(
    table: Table, original: Table, scores: Sequence[ScoreSheet], variables: Variables
) -> Answered:
    values = np.stack([_score(s, table, _width(s.tool, original)) for s in scores], axis=1)
    tool = scores[0].tool
    groups = background_groups(table, median_age(original))
    judged = next((i for i, s in enumerate(scores) if s.cutoff is not None), None)
    if judged is not None:
        groups["severity"] = severity_groups(values[:, judged], scores[judged].cutoff or 0.0)
    return Answered(
        ids=table.ids,
        items=_turned(tool, _items(tool, table, _width(tool, original))),
        scores=values,
        margins=np.hstack(
            [np.zeros((len(table.ids), 0), dtype=np.float32)]
            + [_cells(table, s.name, cells) for s, cells in variables]
        ),
        groups=groups,
    )


def _items(tool: str, table: Table, width: int) -> Floats:
    """Return answers as they stand on the form, shape (people, width); a band is its middle."""
    rows = np.full((len(table.ids), width), np.nan)
    for index in range(width):
        if item_name(tool, index) in table.columns:
            rows[:, index] = numbers(table, item_name(tool, index))
    return rows


def _turned(tool: str, items: Floats) -> Floats:
    if not is_known(tool):
        return items
    turned = items.copy()
    for item in get(tool).reverse:
        low, high = get(tool).ranges[item - 1]
        turned[:, item - 1] = low + high - turned[:, item - 1]
    return turned


def _score(sheet: ScoreSheet, table: Table, width: int) -> Floats:
    """Return a score of everybody; where only a total is known, that total."""
    raw = _items(sheet.tool, table, width)
    if is_known(sheet.tool):
        scored = score_table(get(sheet.tool), raw, sheet.subscale)
    else:
        scored = raw.sum(axis=1) if width else np.full(len(raw), np.nan)
    stated = f"{sheet.tool}_total"
    if sheet.subscale is None and stated in table.columns:
        scored = np.where(np.isnan(scored), numbers(table, stated), scored)
    return scored


def _variables(tool: str, original: Table) -> Variables:
    found: list[tuple[MarginSheet, Coding | Floats]] = []
    for field in original.fields:
        background = field.source == "attribute" and field.role != "identifier"
        if not background and not (field.source == "item" and field.tool == tool):
            continue
        if field.kind == "text":
            continue
        cells: Coding | Floats
        if field.kind == "number":
            there = numbers(original, field.name)
            there = there[np.isfinite(there)]
            if not there.size:
                continue
            cells = np.unique(np.quantile(there, np.arange(1, _BINS) / _BINS))
            count = len(cells) + 2
        else:
            cells = code(_levels(tool, original, field.name))
            count = len(cells.distinct) + 1
        sheet = MarginSheet(name=field.name, cells=count, background=background)
        found.append((sheet, cells))
    return found


def _levels(tool: str, original: Table, name: str) -> list[str | float | int | None]:
    field = original.field(name)
    if field.source == "item" and is_known(tool):
        low, high = get(tool).ranges[int(name.rpartition("_")[2]) - 1]
        return list(range(low, high + 1))
    if field.levels:
        return list(field.levels)
    column = original.columns[name]
    exact = [v for v, one in zip(column.distinct, column.exact, strict=True) if one]
    return exact or [""]


def _cells(table: Table, name: str, cells: Coding | Floats) -> NDArray[np.float32]:
    """Return each person's share in each cell; a band is shared evenly by what it covers."""
    people = len(table.ids)
    if isinstance(cells, Coding):
        told = np.zeros((people, len(cells.distinct)))
        if name in table.columns:
            column = table.columns[name]
            covers = covering(column, cells).astype(np.float64)
            covers[column.names[column.starts] == SUPPRESSED] = 0.0
            total = covers.sum(axis=1, keepdims=True)
            told = np.divide(covers, total, out=np.zeros_like(covers), where=total > 0)[
                column.codes
            ]
    else:
        told = np.zeros((people, len(cells) + 1))
        if name in table.columns:
            values = numbers(table, name)
            there = np.isfinite(values)
            place = np.searchsorted(cells, values[there], side="left")
            told[np.flatnonzero(there), place] = 1.0
    other = 1.0 - told.sum(axis=1, keepdims=True)
    return np.hstack([told, other]).astype(np.float32)


def _factor_items(sheets: Sequence[ScoreSheet]) -> tuple[int, tuple[int, ...]]:
    """Return how many subscales are published, and the items of all of them, or of the total."""
    public = [s for s in sheets if s.public]
    chosen = public if len(public) > 1 else sheets[:1]
    return len(public), tuple(sorted({i for s in chosen for i in s.items}))
