"""A stretch of text that identifies somebody, and what kind of identifier it is.

Direct identifiers name a person or reach one (the list follows the HIPAA Safe Harbor, 45 CFR
164.514(b)(2), and the direct class of the Text Anonymization Benchmark, Pilan et al. 2022);
quasi identifiers single somebody out only together with others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

DirectType = Literal[
    "PERSON",
    "EMAIL",
    "URL",
    "USERNAME",
    "IP",
    "ACCOUNT",
    "RECORD",
    "PHONE",
    "ADDRESS",
    "POSTCODE",
    "BIRTH_DATE",
    "AGE_OVER_89",
]
QuasiType = Literal["AGE", "DATE", "PLACE", "ORGANISATION", "OCCUPATION", "NATIONALITY", "RELIGION"]
IdentifierType = DirectType | QuasiType
Role = Literal["direct", "quasi"]
Source = Literal["known", "pattern", "list", "context", "model"]

DIRECT: tuple[IdentifierType, ...] = get_args(DirectType)
QUASI: tuple[IdentifierType, ...] = get_args(QuasiType)
ROLES: Mapping[IdentifierType, Role] = {
    **dict.fromkeys(DIRECT, "direct"),
    **dict.fromkeys(QUASI, "quasi"),
}
TRUST: Mapping[Source, int] = {"known": 4, "pattern": 3, "context": 2, "list": 1, "model": 0}
"""Which finder is believed about the type where two found the same stretch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Characters [start, end) of one turn that identify somebody, and who found them."""

    start: int
    end: int
    type: IdentifierType
    source: Source

    @property
    def role(self) -> Role:
        """Whether this identifies alone (direct) or only together with others (quasi)."""
        return ROLES[self.type]


def merge_spans(
    spans: Iterable[Span], types: Collection[IdentifierType] | None = None
) -> tuple[Span, ...]:
    """Return the spans of the wanted types as disjoint stretches, in order.

    Where spans overlap, all of their characters are hidden, so that no rest of an identifier
    is left standing, and the longest says what the stretch is; ties go to the finder that is
    believed more, then to the type that comes first in ``ROLES``.

    >>> merge_spans([
    ...     Span(start=0, end=4, type="PERSON", source="list"),
    ...     Span(start=3, end=9, type="ADDRESS", source="pattern"),
    ... ])
    (Span(start=0, end=9, type='ADDRESS', source='pattern'),)
    """
    order = {kind: rank for rank, kind in enumerate(ROLES)}
    wanted = [s for s in spans if types is None or s.type in types]
    wanted.sort(key=lambda s: (s.start, s.end, order[s.type], TRUST[s.source]))
    groups: list[list[Span]] = []
    edge = -1
    for span in wanted:
        if span.start < edge:
            groups[-1].append(span)
        else:
            groups.append([span])
        edge = max(edge, span.end) if span.start < edge else span.end
    return tuple(_united(group, order) for group in groups)


def _united(group: list[Span], order: Mapping[IdentifierType, int]) -> Span:
    """Return one span over all of these, named after the longest."""
    best = max(group, key=lambda s: (s.end - s.start, TRUST[s.source], -order[s.type]))
    return Span(
        start=min(s.start for s in group),
        end=max(s.end for s in group),
        type=best.type,
        source=best.source,
    )
