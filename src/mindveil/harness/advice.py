"""In which order changes of a release are tried, and what the figures say about each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mindveil.evidence.estimate import LEVEL, Estimate, clopper_pearson
from mindveil.evidence.frontier import Point, draw, leading_task
from mindveil.evidence.gate import Allowed
from mindveil.evidence.operating_points import by_gain
from mindveil.evidence.policy import Finding, Kind
from mindveil.evidence.risks import with_numbers
from mindveil.evidence.scorecard import Row
from mindveil.evidence.verdict import ReleaseVerdict
from mindveil.harness.changes import Candidate, Change, combined
from mindveil.study import ORIGINAL, ReleasePart

_OF_USE: frozenset[Kind] = frozenset(
    {"use-wanted", "use-kept", "use-above-chance", "coverage", "faithfulness", "group-use"}
)
_OF_ONE_MODALITY: frozenset[Kind] = frozenset({"match", "advantage", "names"})
_RECORDED = frozenset({"text", "voice", "face", "scales"})
_FARTHEST = 5
"""Steps that a release is changed at most."""
_IDLE = 3
"""Steps at most where some of them did nothing alone."""
_EDGE = 0.005
_LEAST = 0.002
"""A change of risk or use below which a single step is taken to do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A changed release that was measured, and what came of it.

    ``cost`` is by how much its use differs from that of the release as it is; ``confirmed``
    whether it would pass with intervals as wide as so many tries ask for.
    """

    candidate: Candidate
    verdict: ReleaseVerdict
    point: Point
    cost: Estimate | None
    passed: bool
    confirmed: bool
    cells: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """How many people it would take for a release, and the condition that asks for most."""

    release: str
    people: int
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The release that does not pass: where it stands, what is in the way, and what leaks most."""

    part: ReleasePart
    point: Point
    blocks: tuple[Finding, ...]
    max_risk: float
    weakest: str = ""


def in_the_way(verdict: ReleaseVerdict, allow: Allowed) -> tuple[Finding, ...]:
    """Return the conditions that keep a release from passing."""
    found = verdict.deciding if allow == "controlled" else verdict.findings
    return tuple(f for f in found if f.state != "met")


def passes(verdict: ReleaseVerdict, allow: Allowed) -> bool:
    """Whether a release is let through."""
    return verdict.decision == "RELEASE" or (allow, verdict.decision) == (
        "controlled",
        "CONTROLLED",
    )


def people_missing(verdicts: Sequence[ReleaseVerdict], allow: Allowed) -> Missing | None:
    """Return the release that lacks nothing but people, and lacks the fewest; None where none does.

    The condition that asks for most people is the one that counts.
    """
    found = []
    for verdict in verdicts:
        blocks = in_the_way(verdict, allow)
        most = max(blocks, key=lambda f: f.people_needed or 0, default=None)
        if most and most.people_needed and all(f.people_needed for f in blocks):
            found.append(
                Missing(release=verdict.release, people=most.people_needed, condition=most.sentence)
            )
    return min(found, key=lambda m: m.people, default=None)


def point_of(rows: Sequence[Row], release: str) -> Point:
    """Return where a release stands: its worst match, or what is gained where nobody is named."""
    rows = with_numbers(rows)
    points = draw(rows, [ORIGINAL, release], leading_task(rows))
    return (points if points[-1].risk else by_gain(rows, points))[-1]


def widened(row: Row, tries: int) -> Row:
    """Return a figure with an interval that holds for the best of so many tries (Bonferroni).

    Widened as that of a count of none, whose bound is the logarithm of its error rate: that is
    exact where hardly anybody was found, and more than enough for every larger count.
    """
    seen = row.estimate
    if seen is None or tries < 2:
        return row
    usual, wider = (math.log((1 - LEVEL) / (2 * k)) for k in (1, tries))
    by = wider / usual
    return replace(
        row,
        low=seen.value - by * (seen.value - seen.low),
        high=seen.value + by * (seen.high - seen.value),
    )


def candidates(start: Start, changes: Sequence[Change], tried: list[Tried]) -> Iterator[Candidate]:
    """Give changed releases in the order in which they are worth trying; reads ``tried`` as it grows.

    First all that is one step away, then two, and so on; of those as far away, what promises to
    pass goes first, and then what promises to cost least. A change can help only if it turns the
    right way, and if it touches every modality that was found too risky by an attack on that one
    alone. Settings whose single step did nothing are turned farther only when all else was tried.
    Nothing is tried where the fault lies in the originals: no release of them could be believed.
    """
    if any(f.kind == "contamination" for f in start.blocks):
        return
    useful = _helpful(changes, start.blocks)
    needed = _needed(start.blocks)
    given: set[str] = set()
    for idle in (False, True):
        for steps in range(1, _FARTHEST + 1):
            if idle and steps > _IDLE:
                break
            effects = _effects(start.point, tried)
            turned = [c for c in useful if idle or steps == 1 or _helped(c, effects)]
            found = [c for c in combined(start.part, turned, steps) if needed <= c.modalities]
            fresh = [c for c in found if c.part.name not in given]
            order = {c.part.name: i for i, c in enumerate(fresh)}
            fresh.sort(key=lambda c: (*_promise(c, effects, start), order[c.part.name]))
            given.update(order)
            yield from fresh


def _helpful(changes: Sequence[Change], blocks: Sequence[Finding]) -> list[Change]:
    """Return the changes that turn the right way.

    Where all that is too risky is told of single modalities, others may stay as they are.
    """
    ways = {"more useful" if f.kind in _OF_USE else "safer" for f in blocks}
    risky = [f.row.modality if f.row else "" for f in blocks if f.kind not in _OF_USE]
    alone = _RECORDED.issuperset(risky)
    return [
        c
        for c in changes
        if c.direction in ways
        if c.direction == "more useful" or not alone or c.modalities & set(risky)
    ]


def _needed(blocks: Sequence[Finding]) -> frozenset[str]:
    """Return the modalities each of which is too risky by itself, so that it has to change."""
    return _RECORDED & {f.row.modality for f in blocks if f.row and f.kind in _OF_ONE_MODALITY}


def _effects(now: Point, tried: Sequence[Tried]) -> dict[tuple[int, str], tuple[float, float]]:
    """Return what the first single step of each setting did: to the log-odds of risk, and to use."""
    found: dict[tuple[int, str], tuple[float, float]] = {}
    for one in tried:
        alone = one.candidate.changes
        if len(alone) == 1 and alone[0].steps == 1 and _both(one.point) and _both(now):
            risk, use = _figures(one.point)
            before, was = _figures(now)
            found.setdefault(alone[0].knob, (risk - before, use - was))
    return found


def _helped(change: Change, effects: Mapping[tuple[int, str], tuple[float, float]]) -> bool:
    """Whether a single step of this setting did some good; so it is taken where nobody knows."""
    risk, use = effects.get(change.knob, (-1.0, 1.0))
    return risk < -_LEAST if change.direction == "safer" else use > _LEAST


def _promise(
    candidate: Candidate, effects: Mapping[tuple[int, str], tuple[float, float]], start: Start
) -> tuple[bool, bool, float, float]:
    """Return what is expected of a candidate; smaller goes first. Unknown effects count as none.

    Before anything was seen, what is done to the modality that leaks most comes first.
    """
    told = [(c.steps, effects.get(c.knob, (0.0, 0.0))) for c in candidate.changes]
    risk = sum(steps * effect[0] for steps, effect in told)
    loss = -sum(steps * effect[1] for steps, effect in told)
    now, above = start.point.risk, False
    if effects and now is not None:
        expected = 1 / (1 + math.exp(-_log_odds(now.value) - risk))
        above = clopper_pearson(expected * now.n, now.n).high > start.max_risk
    aside = not effects and start.weakest not in candidate.modalities
    return above, aside, round(loss, 6), round(risk, 6)


def _both(point: Point) -> bool:
    return point.risk is not None and point.utility is not None


def _figures(point: Point) -> tuple[float, float]:
    assert point.risk
    assert point.utility
    return _log_odds(point.risk.value), point.utility.value


def _log_odds(risk: float) -> float:
    kept = min(max(risk, _EDGE), 1 - _EDGE)
    return math.log(kept / (1 - kept))
