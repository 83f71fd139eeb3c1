"""Pay for what a codebook had to read off the data: levels that occur, and where numbers lie.

Declared levels and bounds cost nothing and are better. Where they are missing, everybody is
counted once in one noisy histogram a column: of the levels of a choice, of powers of two for a
number, of years for a date, of the lowest and highest answer for a questionnaire that is in no
table. Only cells that occur are counted, and only those whose noisy count is so high that one
person alone would hardly ever bring it there are told ("stability": Korolova et al. 2009,
"Releasing search queries and clicks privately"; Bun, Nissim & Stemmer 2016). The rare failure is
paid for out of delta, the noise out of rho. Nobody's own word, and no extreme value, gets into
the codebook.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from mindveil.corpus.instruments import is_known
from mindveil.corpus.model import Column, Corpus
from mindveil.dp.accounting import DRAWS, RESERVE, Budget, most_draws, statement
from mindveil.dp.conversion import epsilon_of, epsilon_of_mu
from mindveil.dp.noise import Noise
from mindveil.release import Guarantee
from mindveil.synthesise.codebook import Codes, Variable
from mindveil.synthesise.encoding import Encoding, Reading
from mindveil.synthesise.encoding_answers import answered_range, at_visit, is_answered
from mindveil.synthesise.encoding_bounds import ADULT, may_be_adults
from mindveil.synthesise.encoding_columns import OTHER, Field, number_values, plain_level

SHARE = 0.05
"""The part of the budget that finding levels and bounds costs, where anything has to be found."""

_FAILURE = 0.1
"""The part of delta for which a cell of one person may be told all the same."""

_SMALLEST = -64
"""Numbers below 2 to this power are 0."""

Key = tuple[str, str]
"""What a histogram is of, and whose.

It is one of ``levels``, ``size``, ``parts``, ``year``, ``low``, ``high`` and ``minors``."""

Cell = str | int
Marks = Sequence[Cell | None]
"""In which cell of one histogram everybody is, shape (people,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """An encoding whose codebook may be told, and what is left of the budget for the rest.

    ``whole`` is the budget of the release; ``rest`` may be spent on ``codes``.
    """

    encoding: Encoding
    codes: Codes
    whole: Budget
    rest: Budget
    mechanisms: tuple[str, ...] = ()

    def covering(self, guarantee: Guarantee | None) -> Guarantee | None:
        """Return the promise of the whole release, from that of the model fitted to the rest."""
        if guarantee is None or not self.mechanisms:
            return guarantee
        told = (*self.mechanisms, *guarantee.mechanisms)
        return statement(self.whole, told, guarantee.label == "proved")


def paid_encoding(
    corpus: Corpus,
    budget: Budget,
    noise: Noise,
    readings: Sequence[Reading] = (),
) -> Paid:
    """Decide how a corpus is coded so that the codebook is private, and code it.

    A level that too few people have becomes ``other``; a column of which nothing can be told is
    left out. Where everything is public nothing is spent.
    """
    draft = Encoding.of(corpus, private=True, readings=readings)
    asked = _histograms(corpus, draft, readings)
    if not asked:
        codes = draft.encode(corpus, readings)
        return Paid(encoding=draft, codes=codes, whole=budget, rest=budget)
    inner = replace(budget, delta=budget.delta * (1.0 - _FAILURE))
    failure = budget.delta * _FAILURE / math.exp(budget.epsilon)
    sigma = inner.share(SHARE).sigma(math.sqrt(len(asked)))
    threshold = _threshold(sigma, failure / len(asked))
    kept = {key: _told(marks, sigma, threshold, noise) for key, marks in asked.items()}
    encoding = _encoding(corpus, draft, kept, readings)
    columns = (
        f"{len(asked)} histogram{'s' * (len(asked) > 1)} of levels and bounds, "
        f"Gaussian noise of {sigma:.3g}"
    )
    return Paid(
        encoding=encoding,
        codes=encoding.encode(corpus, readings),
        whole=budget,
        rest=_without(inner, SHARE),
        mechanisms=(f"{columns}, cells below {threshold} left out",),
    )


def _threshold(sigma: float, failure: float) -> int:
    """Return the noisy count that a cell of one person reaches with this probability at most.

    Noise is rounded to whole numbers, so half a step is added.
    """
    return math.ceil(1.5 - sigma * NormalDist().inv_cdf(failure))


def _told(marks: Marks, sigma: float, threshold: int, noise: Noise) -> tuple[Cell, ...]:
    counts = Counter(mark for mark in marks if mark is not None)
    cells = sorted(counts, key=lambda cell: (isinstance(cell, str), cell))
    noisy = np.array([counts[c] for c in cells], dtype=np.int64) + noise.gaussian(
        sigma, (len(cells),)
    )
    return tuple(c for c, count in zip(cells, noisy.tolist(), strict=True) if count >= threshold)


def _without(budget: Budget, share: float) -> Budget:
    """Return the budget that is left of this one after a share of it was spent."""
    rho = budget.rho * (1.0 - share)
    if budget.accountant == "gaussian" and most_draws(budget.epsilon, budget.delta) >= DRAWS:
        reserved = budget.delta * (1.0 - RESERVE)
        epsilon = epsilon_of_mu(math.sqrt(2.0 * rho), reserved)
    else:
        epsilon = epsilon_of(rho, budget.delta)
    rest, step = replace(budget, epsilon=epsilon), 1e-6
    while rest.rho > rho:
        rest, step = replace(rest, epsilon=rest.epsilon * (1.0 - step)), 2.0 * step
    return rest


def _histograms(corpus: Corpus, draft: Encoding, readings: Sequence[Reading]) -> dict[Key, Marks]:
    """Return what has to be counted: each person is in one cell of each histogram at most."""
    variables = draft.codebook.variables
    asked: dict[Key, Marks] = {}
    for field in draft.layout.fields:
        if field.at < 0:
            # Asked and left out as if somebody had a value: that nobody has is not public.
            kinds = ("size", "parts") if field.column.kind == "number" else ("levels",)
            asked |= {(kind, field.name): () for kind in kinds}
        elif variables[field.at].found:
            asked |= _of_column(corpus, field, variables[field.at])
        elif may_be_adults(field.name, field.column):
            ages = number_values([p.attributes.get(field.name) for p in corpus.participants], "")
            asked["minors", field.name] = [1 if age < ADULT else None for age in ages.tolist()]
    for tool in _unknown_tools(corpus):
        told = [
            [s.responses[tool] for s in p.sessions if is_answered(s.responses.get(tool))]
            for p in corpus.participants
        ]
        ends = [answered_range(responses) if responses else None for responses in told]
        if any(r.items for responses in told for r in responses):
            for n, end in enumerate(("low", "high")):
                asked[end, tool] = [None if e is None else round(e[n]) for e in ends]
        else:
            asked["size", tool] = [None if e is None else size_of(e[1]) for e in ends]
    for reading in readings:
        if reading.low is None or reading.high is None:
            name = at_visit(reading.name, reading.visit)
            asked["size", name] = [None if math.isnan(x) else size_of(x) for x in reading.values]
    return asked


def _of_column(corpus: Corpus, field: Field, variable: Variable) -> dict[Key, Marks]:
    values = [p.attributes.get(field.name) for p in corpus.participants]
    if variable.kind != "number":
        return {("levels", field.name): [plain_level(v) for v in values]}
    if field.date:
        years = [int(v[:4]) if isinstance(v, str) and v[:4].isdigit() else None for v in values]
        return {("year", field.name): years}
    numbers = number_values(values, "").tolist()
    parts = [1 if x % 1 else None for x in numbers]
    return {
        ("size", field.name): [None if math.isnan(x) else size_of(x) for x in numbers],
        ("parts", field.name): parts,
    }


def size_of(number: float) -> int:
    """Return the cell of a number among powers of two, in the order of numbers; 0 is zero.

    >>> [size_of(x) - size_of(1.0) for x in (1.0, 1.9, 2.0, 0.5)], size_of(0.0), size_of(-3.0) < 0
    ([0, 0, 1, -1], 0, True)
    """
    power = math.frexp(abs(number))[1] - 1 - _SMALLEST
    if number == 0 or power < 1:
        return 0
    return power if number > 0 else -power


def bounds_of(cells: Sequence[Cell], *, whole: bool) -> tuple[float, float]:
    """Return the bounds of these cells of :func:`size_of`; whole numbers have whole bounds.

    >>> bounds_of([size_of(5.0), size_of(9.0)], whole=True)
    (4.0, 15.0)
    >>> bounds_of([0, size_of(9.0)], whole=False)
    (0.0, 16.5)
    """
    ends = [_ends(int(cell)) for cell in cells]
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    if whole:
        low, high = low + (low <= -2), high - (high >= 2)
    elif low.is_integer() and high.is_integer():
        # Whole bounds would say that values are whole.
        high += 0.5
    return (low, high) if low < high else (low, low + 1.0)


def _ends(cell: int) -> tuple[float, float]:
    if cell == 0:
        return 0.0, 0.0
    low, high = (2.0 ** (abs(cell) + _SMALLEST + up) for up in (0, 1))
    return (low, high) if cell > 0 else (-high, -low)


def _encoding(
    corpus: Corpus,
    draft: Encoding,
    kept: Mapping[Key, tuple[Cell, ...]],
    readings: Sequence[Reading],
) -> Encoding:
    """Return the encoding that uses what is told, and leaves out where nothing is."""
    columns: dict[str, Column] = dict(corpus.columns)
    pools: dict[str, str] = {}
    for field in draft.layout.fields:
        described = _column(field, draft.codebook.variables[field.at], kept)
        if described is not None:
            # A column of which nothing may be told enters as little as an identifier.
            columns[field.name], pools[field.name] = described
    tools = _unknown_tools(corpus)
    found = {tool: _range(tool, kept) for tool in tools}
    ranges = {tool: bounds for tool, bounds in found.items() if bounds is not None}
    dropped = frozenset(tools) - frozenset(ranges)
    told = replace(corpus, columns=columns).map_sessions(
        lambda _, s: replace(
            s, responses={t: r for t, r in s.responses.items() if t not in dropped}
        )
    )
    bounded = [paid for r in readings if (paid := _reading(r, kept)) is not None]
    made = Encoding.of(told, private=True, readings=bounded, ranges=ranges)
    fields = tuple(replace(f, pool=pools.get(f.name, "")) for f in made.layout.fields)
    return replace(made, layout=replace(made.layout, fields=fields))


def _column(
    field: Field, variable: Variable, kept: Mapping[Key, tuple[Cell, ...]]
) -> tuple[Column, str] | None:
    """Return a column as it is told, with its pool; nothing where nothing was asked of it."""
    if ("minors", field.name) in kept:
        youngest = 0.0 if kept["minors", field.name] else float(ADULT)
        return replace(field.column, low=youngest), ""
    what = next((w for w in ("levels", "year", "size") if (w, field.name) in kept), None)
    if what is None:
        return None
    cells = kept[what, field.name]
    if not cells:
        return replace(field.column, role="identifier"), ""
    if what == "levels":
        return _choice(field.column, variable, cells)
    if what == "year":
        years = [float(cell) for cell in cells]
        low, high = min(years), max(years)
        return replace(field.column, low=low, high=max(high, low + 1.0)), ""
    low, high = bounds_of(cells, whole=not kept["parts", field.name])
    return replace(field.column, low=low, high=high), ""


def _choice(column: Column, variable: Variable, cells: Sequence[Cell]) -> tuple[Column, str]:
    """Return a column of these levels; in one without an order, all others are one more."""
    levels = tuple(level for level in variable.levels if level in cells)
    if variable.kind == "ordinal":
        return replace(column, levels=levels, found=False), ""
    pool = next((level for level in levels if level.lower() == OTHER), OTHER)
    levels = (*(level for level in levels if level != pool), pool)
    return replace(column, levels=levels, found=False), pool


def _range(tool: str, kept: Mapping[Key, tuple[Cell, ...]]) -> tuple[int, int] | None:
    """Return the range of answers to a questionnaire, or of its total where nothing else is known."""
    if ("size", tool) in kept:
        cells = kept["size", tool]
        low, high = bounds_of(cells, whole=True) if cells else (0.0, 0.0)
        return (math.floor(low), math.ceil(high)) if cells else None
    lows, highs = kept["low", tool], kept["high", tool]
    return (int(lows[0]), int(highs[-1])) if lows and highs else None


def _reading(reading: Reading, kept: Mapping[Key, tuple[Cell, ...]]) -> Reading | None:
    cells = kept.get(("size", at_visit(reading.name, reading.visit)))
    if cells is None:
        return reading
    if not cells:
        return None
    low, high = bounds_of(cells, whole=False)
    return replace(reading, low=low, high=high)


def _unknown_tools(corpus: Corpus) -> list[str]:
    return [tool for tool in corpus.tools if not is_known(tool)]
