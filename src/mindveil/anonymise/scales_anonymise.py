"""``scales/anonymise``: participants.tsv and answers with identifiers dropped and traits coarser."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np

from mindveil.anonymise.scales_generalise import (
    describe,
    group_people,
    hopeless,
    pool_rare,
    spread,
)
from mindveil.corpus.generalised import (
    MISSING,
    SUPPRESSED,
    Value,
    band,
    parts,
    value_text,
)
from mindveil.corpus.model import (
    Attribute,
    Column,
    Corpus,
    Modality,
    Participant,
    Response,
    Session,
)
from mindveil.errors import InputError

_AGE = re.compile(r"(^|[^a-z])age([^a-z]|$)")
_YEARS = 5

Released = dict[str, list[Value]]
"""What is released of everybody in each quasi-identifying column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalesAnonymise:
    """Drop names and numbers of people, and say their traits more coarsely.

    Level 1 drops the columns of role ``identifier``, turns ages into bands of five years and
    pools quasi-identifying names that fewer than ``k`` people have. Level 2 drops identifiers
    and makes every combination of quasi-identifiers occur at least ``k`` times among the people
    it is applied to (k-anonymity: Sweeney 2002, by k-member clustering); the quasi-identifiers
    of up to ``suppress`` of the people may be hidden altogether (``*``), as a group of at least
    k. Sensitive and other columns are kept, and so are the answers unless ``items = "band"``
    pairs neighbouring ones (``0-1``, ``2-3``); totals stay exact, for they are what a
    questionnaire is for. Whoever knows some of the answers is not stopped by k-anonymity of the
    traits (``scales/linkage`` shows it), nor does it hide what a whole group has in common.

    Source: Sweeney 2002 (k-anonymity); Byun et al. 2007 (k-member clustering).

    Limits: It hides people among others with the same background and not among others with the same
    answers: whoever knows some answers may find the record. What a whole group has in common is
    told of each of its people.
    """

    name: ClassVar[str] = "scales/anonymise"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"scales"})
    alone: ClassVar[bool] = False

    level: int = 2
    k: int = 5
    items: Literal["keep", "band"] = "keep"
    suppress: float = 0.02

    def __post_init__(self) -> None:
        if self.level not in (1, 2):
            raise InputError(
                f"scales/anonymise level = {self.level}: levels 1 (identifiers dropped, ages in "
                "bands) and 2 (k-anonymous) can be made of a table; for more, release a synthetic table"
            )
        if self.k < 2:
            raise InputError(f"scales/anonymise k = {self.k}: use 2 or more (5 is usual)")
        if self.items not in ("keep", "band"):
            raise InputError(f"scales/anonymise items = {self.items!r}: use 'keep' or 'band'")
        if not 0 <= self.suppress < 1:
            raise InputError(
                f"scales/anonymise suppress = {self.suppress}: a share from 0 to below 1"
            )

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus without identifiers and with coarser quasi-identifiers.

        Raises:
            InputError: a column of participants.tsv has no role, or there are fewer than k
                people.
        """
        _refuse_undeclared(corpus)
        dropped = frozenset(corpus.roles("identifier"))
        released = self._released(corpus, rng) if corpus.participants else {}
        people = [
            replace(p, attributes=_attributes(p, i, released, dropped))
            for i, p in enumerate(corpus.participants)
        ]
        columns = {
            name: self._column(column, released.get(name))
            for name, column in corpus.columns.items()
            if name not in dropped
        }
        coarser = replace(corpus, participants=tuple(people), columns=columns)
        return coarser if self.items == "keep" else band_items(coarser)

    def _released(self, corpus: Corpus, rng: np.random.Generator) -> Released:
        names = corpus.roles("quasi")
        if not names:
            return {}
        values = {n: [p.attributes.get(n) for p in corpus.participants] for n in names}
        columns = {
            n: spread(values[n], corpus.columns[n].kind, corpus.columns[n].levels) for n in names
        }
        if self.level == 1:
            return {n: self._coarsen(n, values[n], corpus.columns[n]) for n in names}
        if len(corpus.participants) < self.k:
            raise InputError(
                f"scales/anonymise k = {self.k}, but there are {len(corpus.participants)} people; "
                "lower k or add people"
            )
        labels = group_people(list(columns.values()), self.k, rng)
        hidden = hopeless(list(columns.values()), labels, self.suppress)
        return {
            name: [
                SUPPRESSED if gone else value
                for gone, value in zip(hidden, describe(column, labels), strict=True)
            ]
            for name, column in columns.items()
        }

    def _coarsen(self, name: str, values: Sequence[Value], column: Column) -> list[Value]:
        if column.kind == "number":
            return five_year_bands(values, self.k) if _is_age(name) else list(values)
        return pool_rare(spread(values, column.kind, column.levels), self.k)

    def _column(self, column: Column, released: Sequence[Value] | None) -> Column:
        if released is None:
            return column
        levels = column.levels
        if column.kind in ("nominal", "ordinal"):
            levels = _levels(column, released)
        done = "ages in bands, rare values pooled"
        if self.level == 2:
            gone = sum(v == SUPPRESSED for v in released) / max(1, len(released))
            done = f"each combination shared by {self.k} people or more; {gone:.1%} suppressed"
        return replace(column, levels=levels, description=f"{column.description} ({done})".strip())


def suppressed_share(corpus: Corpus) -> float:
    """Return the share of people whose quasi-identifiers are all hidden (``*``)."""
    names = corpus.roles("quasi")
    if not names or not corpus.participants:
        return 0.0
    hidden = [all(p.attributes.get(n) == SUPPRESSED for n in names) for p in corpus.participants]
    return sum(hidden) / len(hidden)


def smallest_group(corpus: Corpus) -> int:
    """Return how many people share the rarest combination of quasi-identifiers: the k reached."""
    names = corpus.roles("quasi")
    counts: dict[tuple[str, ...], int] = {}
    for person in corpus.participants:
        key = tuple(value_text(person.attributes.get(name)) for name in names)
        counts[key] = counts.get(key, 0) + 1
    return min(counts.values(), default=0)


def five_year_bands(values: Sequence[Value], k: int) -> list[Value]:
    """Return ages in bands of five years, bands of fewer than k people joined to a neighbour.

    Bands of ages that are not whole numbers share their ends (``30-35``).

    >>> five_year_bands([18.0, 19.0, 23.0, 24.0, 71.0], 2)
    ['15-19', '15-19', '20-74', '20-74', '20-74']
    """
    exact = [v for v in values if isinstance(v, (int, float))]
    width = _YEARS - 1 if all(float(v).is_integer() for v in exact) else _YEARS
    lows: list[Value] = [
        float(_YEARS * np.floor(v / _YEARS)) if isinstance(v, (int, float)) else v for v in values
    ]
    return [_banded(v, width) for v in pool_rare(spread(lows, "number"), k)]


def _banded(value: Value, width: float) -> Value:
    if value is None:
        return None
    said = [p.name or band(p.low, p.high + width) for p in parts(value)]
    return "|".join(said)


def band_items(corpus: Corpus) -> Corpus:
    """Return the corpus with neighbouring answers of every questionnaire told as one.

    Bands of two start at the lowest answer that anybody gave; an odd highest answer joins the
    last band (0-4 becomes ``0-1``, ``2-4``).
    """
    answers: dict[str, list[int]] = {}
    for person in corpus.participants:
        for session in person.sessions:
            for tool, response in session.responses.items():
                answers.setdefault(tool, []).extend(i for i in response.items if isinstance(i, int))
    bands = {tool: _pairs(found) for tool, found in answers.items()}

    def change(_: Participant, session: Session) -> Session:
        told = {t: _band_response(r, bands[t]) for t, r in session.responses.items()}
        return replace(session, responses=told)

    return corpus.map_sessions(change)


def _pairs(answers: Sequence[int]) -> dict[int, str]:
    if not answers:
        return {}
    low, high = min(answers), max(answers)
    starts = list(range(low, high + 1, 2))
    if len(starts) > 1 and starts[-1] == high:
        starts.pop()
    ends = [*(s - 1 for s in starts[1:]), high]
    return {a: band(s, e) for s, e in zip(starts, ends, strict=True) for a in range(s, e + 1)}


def _band_response(response: Response, bands: Mapping[int, str]) -> Response:
    items = tuple(bands.get(i, i) if isinstance(i, int) else i for i in response.items)
    return replace(response, items=items)


def _attributes(
    person: Participant, row: int, released: Released, dropped: AbstractSet[str]
) -> dict[str, Attribute]:
    kept = {n: v for n, v in person.attributes.items() if n not in dropped and n not in released}
    return kept | {name: values[row] for name, values in released.items()}


def _levels(column: Column, released: Sequence[Value]) -> tuple[str, ...]:
    """Return the values that the released column has, in the order of the original levels."""
    order = {level: i for i, level in enumerate(column.levels)}
    present = {value_text(v) for v in released} - {MISSING, SUPPRESSED}
    return tuple(sorted(present, key=lambda v: (order.get(v.split("|")[0], len(order)), v)))


def _refuse_undeclared(corpus: Corpus) -> None:
    found = {name for p in corpus.participants for name in p.attributes}
    undeclared = sorted(found - set(corpus.columns))
    if undeclared:
        raise InputError(
            f"participants.tsv column {undeclared[0]!r} has no role in participants.json; say "
            "whether it is identifier, quasi, sensitive or other, so that nothing slips through"
        )


def _is_age(name: str) -> bool:
    return _AGE.search(name.casefold()) is not None
