"""Who is in which group: utility and fidelity are told for each, never only on average.

Groups are sex, age (up to and above the original people's median), language (a person's own) and
severity (below and from the cut-off). Columns are known by their names; a corpus without them has
no such groups.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.generalised import value_text
from mindveil.corpus.instruments import get, is_known
from mindveil.corpus.model import Corpus
from mindveil.corpus.short_forms import parse_short_form
from mindveil.corpus.targets import parse_question
from mindveil.features.cases import totals_of
from mindveil.features.scales import Table, latest_table, numbers

Labels = NDArray[np.str_]

SEX = ("sex", "gender")
AGE = "age"
LANGUAGE = "language"
LEAST_IN_GROUP = 10
"""Figures of fewer people are not printed."""

_TONGUES = frozenset({LANGUAGE, "nativelanguage", "firstlanguage", "mothertongue"})
"""Names of a column of people's own languages, in lower case without signs."""

_UNTOLD = frozenset({"n/a", "*", ""})


def median_age(table: Table) -> float | None:
    """Return the median age; None where no age is known as a number."""
    if AGE not in table.columns:
        return None
    ages = numbers(table, AGE)
    return float(np.nanmedian(ages)) if np.isfinite(ages).any() else None


def background_groups(table: Table, age: float | None) -> dict[str, Labels]:
    """Return the sex, age group and language of each person, empty where they are not told.

    A generalised sex (``f|m``) is not told; a band of ages is its middle.
    """
    found: dict[str, Labels] = {}
    for name in SEX:
        if name in table.columns:
            found[name] = _as_told(table, name)
    if AGE in table.columns and age is not None:
        years = numbers(table, AGE)
        found[AGE] = _split(years, age, (f"up to {age:g}", f"above {age:g}"))
    spoken = next((name for name in table.columns if _plain(name) in _TONGUES), None)
    if spoken is not None:
        found[LANGUAGE] = _as_told(table, spoken)
    return found


def severity_groups(scores: NDArray[np.float64], cutoff: float) -> Labels:
    """Return who is below the cut-off and who is not, empty where there is no score.

    >>> severity_groups(np.array([3.0, 10.0, np.nan]), 10).tolist()
    ['below 10', '10 or more', '']
    """
    names = np.where(scores >= cutoff, f"{cutoff:g} or more", f"below {cutoff:g}")
    return np.where(np.isnan(scores), "", names)


def groups_of(corpus: Corpus, target: str) -> dict[str, dict[str, str]]:
    """Return for sex, age, language and severity the group of each person of whom it is known.

    ``target`` is a questionnaire or a subscale, as in ``dass42.depression``; its published bands
    are the groups of severity. Empty: there are no such groups.
    """
    table = latest_table(corpus)
    found = background_groups(table, median_age(table))
    tool, _, subscale = target.partition(".")
    if is_known(tool):
        steps = [(b.start, b.name) for b in get(tool).scale(subscale or None).bands]
        if steps:
            found["severity"] = _bands(totals_of(corpus, tool, subscale or None), steps)
    return {
        kind: {p: str(label) for p, label in zip(corpus.ids, labels, strict=True) if label}
        for kind, labels in found.items()
    }


def scale_asked(measure: str) -> str:
    """Return the questionnaire or subscale that a detector is about; empty of a task of one's own.

    >>> scale_asked("rest/dass42.depression>=14[3,5]"), scale_asked("detect/phq9>=10@coverage=0.75")
    ('dass42.depression', 'phq9')
    """
    if ":" in measure:  # a task of one's own does not say what it is about
        return ""
    family, _, target = measure.partition("/")
    found = parse_question(target)[0] if family == "detect" else parse_short_form(target).target
    return ".".join(part for part in (found.tool, found.subscale) if part)


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _as_told(table: Table, name: str) -> Labels:
    column = table.columns[name]
    texts = [value_text(v) for v in column.distinct]
    told = np.array(["" if t in _UNTOLD or "|" in t else t for t in texts], dtype=np.str_)
    return np.asarray(told[column.codes], dtype=np.str_)


def _split(values: NDArray[np.float64], at: float, names: tuple[str, str]) -> Labels:
    return np.where(np.isnan(values), "", np.where(values <= at, names[0], names[1]))


def _bands(totals: NDArray[np.float64], steps: Sequence[tuple[float, str]]) -> Labels:
    starts = np.array([start for start, _ in steps], dtype=np.float64)
    names = np.array([name for _, name in steps], dtype=np.str_)
    place = np.searchsorted(starts, np.nan_to_num(totals, nan=starts[0]), side="right") - 1
    return np.where(np.isnan(totals), "", names[np.maximum(place, 0)])
