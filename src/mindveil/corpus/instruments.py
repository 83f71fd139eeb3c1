"""Score questionnaires as their authors say: items to totals, bands, screens and targets.

The one door to the questionnaires: the table (``instrument_table.py``), what an entry holds
(``instrument_model.py``) and the targets of a study (``targets.py``) are named here too. All
functions are pure. Answers are numbers as coded on the form, ``None`` (or NaN in a table) where
a person gave none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.instrument_model import TOTAL, Band, Construct, Instrument, Scale
from mindveil.corpus.instrument_table import all_instruments, get, is_known
from mindveil.corpus.targets import Op, Target, meets, parse_target
from mindveil.errors import InputError

__all__ = [
    "TOTAL",
    "Band",
    "Construct",
    "Instrument",
    "Op",
    "Scale",
    "Target",
    "all_instruments",
    "band",
    "check_items",
    "get",
    "is_known",
    "meets",
    "overlaps",
    "parse_target",
    "positive",
    "score",
    "score_table",
    "shared_items",
]

FloatArray = NDArray[np.float64]

_MDQ_SYMPTOMS_NEEDED = 7
_MDQ_MODERATE = 2


def check_items(instrument: Instrument, items: Sequence[float | str | None]) -> list[str]:
    """Say in plain sentences what is wrong with one person's answers; empty where nothing is.

    A person without any answer is no fault: only the total may be known. The sentences name
    items and values, never the person.

    >>> check_items(get("phq2"), [1, 5])
    ['item 2 is 5; phq2 item 2 takes whole numbers from 0 to 3']
    """
    if len(items) not in (instrument.size, instrument.width):
        return [f"{len(items)} answers; {_expected_width(instrument)}"]
    answers = [None if isinstance(x, float) and math.isnan(x) else x for x in items]
    problems = []
    for item, answer in enumerate(answers, start=1):
        low, high = instrument.ranges[item - 1]
        if isinstance(answer, str):
            problems.append(f"item {item} is not one number (a banded answer cannot be scored)")
        elif answer is not None and not (float(answer).is_integer() and low <= answer <= high):
            allowed = f"takes whole numbers from {low} to {high}"
            problems.append(f"item {item} is {answer:g}; {instrument.key} item {item} {allowed}")
    if _coded_from_one(instrument, answers):
        problems.append("no answer is 0 and some are one too high: subtract 1 if coded from 1")
    return problems + _missing_problems(instrument, answers)


def score_table(
    instrument: Instrument, items: FloatArray, subscale: str | None = None
) -> FloatArray:
    """Return everybody's total (or subscale score), NaN where too many answers are missing.

    ``items`` has shape (people, items), NaN where missing; items asked beside the questionnaire
    proper may be left out. The result has shape (people,) and is not rounded: a prorated total
    is the sum of the answers times the number of items over the number answered.

    Raises:
        InputError: the table has a wrong number of columns or answers outside their range.
    """
    return _scale_scores(instrument, instrument.scale(subscale), _full_table(instrument, items))


def score(
    instrument: Instrument, items: Sequence[float | None], subscale: str | None = None
) -> float | None:
    """Return one person's total (or subscale score), None where too many answers are missing.

    >>> score(get("pss10"), [0, 0, 0, 4, 4, 0, 4, 4, 0, 0])
    0.0
    >>> score(get("phq2"), [1, None]) is None
    True
    """
    row = np.array([[math.nan if x is None else float(x) for x in items]], dtype=np.float64)
    total = float(score_table(instrument, row, subscale)[0])
    return None if math.isnan(total) else total


def band(instrument: Instrument, total: float, subscale: str | None = None) -> str:
    """Return the name of the severity band a score falls in.

    >>> band(get("dass42"), 14, "depression")
    'moderate'

    Raises:
        InputError: the scale has no published bands, or the score is outside its range.
    """
    scale = instrument.scale(subscale)
    _check_total(instrument, total, subscale)
    if not scale.bands:
        raise InputError(
            f"{_address(instrument, scale)} has no published severity bands; "
            f"scales with bands: {_scales_with(instrument, 'bands')}"
        )
    return next(b.name for b in reversed(scale.bands) if total >= b.start)


def positive(
    instrument: Instrument,
    answers: Sequence[float | None] | float,
    subscale: str | None = None,
) -> bool | None:
    """Whether a person screens positive, from the items or from a score; None: cannot be told.

    The rule is the published cut-off. The Mood Disorder Questionnaire has its own: 7 symptoms
    or more, several of them at the same time, with a moderate or serious problem (Hirschfeld
    et al. 2000); its symptom count alone can only rule the screen out.

    >>> positive(get("phq9"), 10)
    True

    Raises:
        InputError: the scale has no published cut-off, or the answers cannot be scored.
    """
    mdq = instrument.key == "mdq" and subscale is None
    if isinstance(answers, int | float):
        _check_total(instrument, answers, subscale)
        if mdq:
            return False if answers < _MDQ_SYMPTOMS_NEEDED else None
        total: float | None = answers
    else:
        total = score(instrument, answers, "screen" if mdq else subscale)
    scale = instrument.scale("screen" if mdq else subscale)
    if scale.cutoff is None:
        raise InputError(
            f"{_address(instrument, scale)} has no published screening cut-off; "
            f"scales with one: {_scales_with(instrument, 'cutoff')}"
        )
    return None if total is None else total >= scale.cutoff


def shared_items(tool: str, other: str) -> frozenset[tuple[int, int]]:
    """Return the pairs (item of ``tool``, item of ``other``) that are the same question.

    A detector of ``tool`` must not see these items of ``other``: it would predict a sum from
    its own summands.

    >>> sorted(shared_items("phq2", "phq8"))
    [(1, 1), (2, 2)]

    Raises:
        InputError: a tool is not in the table.
    """
    others = {origin: item for item, origin in _origins(get(other)).items()}
    pairs = ((item, others.get(origin)) for item, origin in _origins(get(tool)).items())
    return frozenset((item, twin) for item, twin in pairs if twin is not None)


def overlaps(tool: str, other: str) -> bool:
    """Whether two questionnaires share a question; one that is not in the table shares its own.

    >>> overlaps("dass21", "dass42"), overlaps("phq9", "gad7")
    (True, False)
    """
    if tool == other:
        return True
    return is_known(tool) and is_known(other) and bool(shared_items(tool, other))


def _origins(instrument: Instrument) -> dict[int, tuple[str, int]]:
    """Map each item to the longest instrument it comes from and its number there."""
    if instrument.parent:
        return {
            item: (instrument.parent, original)
            for item, original in enumerate(instrument.parent_items, start=1)
        }
    return {item: (instrument.key, item) for item in range(1, instrument.width + 1)}


def _full_table(instrument: Instrument, items: FloatArray) -> FloatArray:
    """Check a table of answers and return it with every column, reversed items turned round."""
    table = np.array(items, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] not in (instrument.size, instrument.width):
        found = f"a table of shape {table.shape}"
        raise InputError(f"{instrument.key}: {found}; {_expected_width(instrument)}")
    absent = np.full((len(table), instrument.width - table.shape[1]), np.nan)
    table = np.hstack([table, absent])
    low, high = np.array(instrument.ranges, dtype=np.float64).T
    wrong = (table < low) | (table > high)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise InputError(
            f"{instrument.key}: item {column + 1} holds {table[row, column]:g}, outside "
            f"{low[column]:g} to {high[column]:g}; correct the value or the coding of the file"
        )
    turned = [item - 1 for item in instrument.reverse]
    table[:, turned] = low[turned] + high[turned] - table[:, turned]
    return table


def _scale_scores(instrument: Instrument, scale: Scale, table: FloatArray) -> FloatArray:
    if scale.rule == "mdq":
        return _mdq_screen(table)
    if scale.parts:
        parts = [_scale_scores(instrument, instrument.scale(p), table) for p in scale.parts]
        total: FloatArray = np.stack(parts).sum(axis=0)
        return total
    chosen = table[:, [item - 1 for item in scale.items]]
    size = len(scale.items)
    answered = np.count_nonzero(~np.isnan(chosen), axis=1)
    filled = np.nansum(chosen, axis=1) * size / np.maximum(answered, 1) * scale.multiplier
    # An empty row is never scored, whatever a rule allows.
    enough = (size - answered <= scale.max_missing) & (answered > 0)
    return np.where(enough, filled, np.nan)


def _mdq_screen(table: FloatArray) -> FloatArray:
    """Apply the MDQ rule: 1 positive, 0 negative, NaN where a missing answer decides.

    People with few symptoms skip the last two questions on the form and are negative.
    """
    symptoms, together, problem = table[:, :13], table[:, 13], table[:, 14]
    certain = np.nansum(symptoms, axis=1)
    possible = certain + np.isnan(symptoms).sum(axis=1)
    no = (possible < _MDQ_SYMPTOMS_NEEDED) | (together < 1) | (problem < _MDQ_MODERATE)
    yes = (certain >= _MDQ_SYMPTOMS_NEEDED) & (together >= 1) & (problem >= _MDQ_MODERATE)
    return np.where(no, 0.0, np.where(yes, 1.0, np.nan))


def _expected_width(instrument: Instrument) -> str:
    if not instrument.extras:
        return f"{instrument.key} has {instrument.size} items"
    return f"{instrument.key} has {instrument.size} items, or {instrument.width} with its extras"


def _coded_from_one(instrument: Instrument, answers: Sequence[float | str | None]) -> bool:
    pairs = zip(answers[: instrument.size], instrument.ranges, strict=False)
    steps = [a - low for a, (low, _) in pairs if a is not None and not isinstance(a, str)]
    top = max(high - low for low, high in instrument.ranges[: instrument.size])
    return bool(steps) and min(steps) >= 1 and max(steps) == top + 1


def _missing_problems(instrument: Instrument, answers: Sequence[float | str | None]) -> list[str]:
    """Name the scales that cannot be scored, the total first, then only what it is made of."""
    if all(answer is None for answer in answers):
        return []
    total = instrument.scale()
    problems = []
    for scale in [instrument.scale(part) for part in total.parts] or [total]:
        missing = sum(answers[item - 1] is None for item in scale.items)
        if missing > scale.max_missing:
            allowed = f"it is scored with at most {scale.max_missing} missing"
            where = f"{missing} of {len(scale.items)} answers of {_address(instrument, scale)}"
            problems.append(f"{where} are missing; {allowed}")
    return problems


def _check_total(instrument: Instrument, total: float, subscale: str | None) -> None:
    low, high = instrument.total_range(subscale)
    if not low <= total <= high:
        name = _address(instrument, instrument.scale(subscale))
        raise InputError(f"{name} is {total:g}, but it runs from {low} to {high}; score it again")


def _address(instrument: Instrument, scale: Scale) -> str:
    return instrument.key if scale.name == TOTAL else f"{instrument.key}.{scale.name}"


def _scales_with(instrument: Instrument, what: str) -> str:
    have = [
        _address(instrument, scale)
        for scale in instrument.scales
        if (scale.bands if what == "bands" else scale.cutoff is not None)
    ]
    return ", ".join(have) or "none"
