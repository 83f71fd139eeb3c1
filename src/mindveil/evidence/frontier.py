"""The frontier: what each release risks against what it still tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from mindveil.attack.base import ANSWER_ALONE, OF_TRAINED, OF_TRAINERS
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import (
    MOST_PEOPLE,
    Estimate,
    clopper_pearson,
    difference,
    more_people,
    resolution,
)
from mindveil.evidence.faithfulness import has_own_conditions
from mindveil.evidence.scorecard import Row
from mindveil.evidence.signals import is_signal
from mindveil.study import ORIGINAL, UNDEFENDED

MATCH = frozenset({"rank1"})
NAMED = frozenset({"text/residual-identifiers"})
"""Measures whose ``success`` is a match: a readable name is the person."""

GUESSING = "/attribute-inference"
"""How the names of measures end whose advantage is in guessing a field of a person."""
STATED = "advantage-stated"
"""What an attack gains where the release tells the answer itself: it shows power, it is no leak."""

_HEADLINE = frozenset({"rank1", "success"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The name of an attack's figure, taken apart."""

    figure: str
    unusual: bool
    setting: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """The strongest attack of one kind on one release."""

    row: Row
    advantage: Estimate | None

    @property
    def estimate(self) -> Estimate:
        """Its headline: the probability of the right person, or the share singled out."""
        found = self.row.estimate
        if found is None:
            raise InvalidMeasurement("a risk without a figure")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One release as a risk and a use; ``dominated_by`` names releases that are better for sure.

    ``tie`` is how far the doubt of its use is that of the original, as a correlation: both are
    tested on the same people. The rest is said by :mod:`mindveil.evidence.operating_points`:
    whether the point is on the frontier and where that bends, and the share of the draws in which
    it would be so again.
    """

    release: str
    risk: Estimate | None
    utility: Estimate | None
    worst: str
    task: str
    dominated_by: tuple[str, ...] = ()
    tie: float = 0.0
    on_frontier: bool = False
    frontier_chance: float | None = None
    knee: bool = False
    knee_chance: float | None = None


@lru_cache(maxsize=4096)
def asked(metric: str) -> Asked:
    """Return which figure this is, of whom, and of which question of the attack.

    >>> asked("rank1-unusual@demographics alone")
    Asked(figure='rank1', unusual=True, setting='demographics alone')
    """
    name, _, setting = metric.partition("@")
    unusual = name.endswith("-unusual")
    return Asked(figure=name.removesuffix("-unusual"), unusual=unusual, setting=setting)


def headlines(rows: Iterable[Row], release: str) -> list[Risk]:
    """Return, for each measure, its worst question by the attacker that does best, worst first.

    Ranked by upper bound: a wide interval is not a small risk. A measure that counts nobody found
    stands with its advantage.
    """
    mine = _believed(rows, release)
    best: dict[tuple[str, str], Risk] = {}
    for row in mine:
        what = asked(row.metric)
        if what.figure in _HEADLINE and not what.unusual:
            _keep_worst(best, what.figure, Risk(row=row, advantage=_advantage_of(row, mine)))
    counted = {_question(r) for r in mine if asked(r.metric).figure in _HEADLINE}
    for row in mine:
        what = asked(row.metric)
        if what.figure == "advantage" and not what.unusual and _question(row) not in counted:
            _keep_worst(best, "advantage", Risk(row=row, advantage=row.estimate))
    return sorted(best.values(), key=lambda r: (-r.estimate.high, r.row.measure, r.row.metric))


def is_undefended(release: str) -> bool:
    """Whether a release is there to be measured against, and not to be let out."""
    return release == ORIGINAL or release.endswith(UNDEFENDED)


def undefended_of(rows: Iterable[Row], release: str) -> str:
    """Return the release against which a cut in risk is measured.

    For a detector its twin without a promise, which may be the detector itself; else the original.
    """
    mine = [r for r in rows if r.measure.startswith(OF_TRAINED) or r.modality == "model"]
    twin = f"{release.removesuffix(UNDEFENDED)}{UNDEFENDED}"
    if any(r.release == twin for r in mine):
        return twin
    return release if any(r.release == release for r in mine) else ORIGINAL


def is_match(row: Row) -> bool:
    """Whether the figure is the probability that a named person is rightly matched."""
    return asked(row.metric).figure in MATCH or row.measure in NAMED


def gains(rows: Iterable[Row], release: str, *, unusual: bool = False) -> list[Estimate]:
    """Return what every question of every attack gains over its control on a release.

    Of everybody, or of the most unusual people alone. On the original also what is stated there
    anyhow: it shows what the attack can do.
    """
    counted = {"advantage", STATED} if is_undefended(release) else {"advantage"}
    return [
        e
        for r in _believed(rows, release)
        if asked(r.metric).figure in counted
        if asked(r.metric).unusual == unusual and (e := r.estimate) is not None
    ]


def strongest(rows: Sequence[Row], release: str) -> Estimate | None:
    """Return the largest advantage any attack has over its control on a release."""
    return max(gains(rows, release), key=lambda e: (e.value, e.high), default=None)


def draw(rows: Sequence[Row], releases: Sequence[str], task: str) -> tuple[Point, ...]:
    """Return every release as a point: worst match risk against the utility of one task."""
    points = [_point(rows, name, task) for name in releases]
    return tuple(
        replace(p, dominated_by=tuple(o.release for o in points if dominates(o, p))) for p in points
    )


def leading_task(rows: Iterable[Row]) -> str:
    """Return the utility measure that the frontier is drawn for: the first in the study."""
    for row in rows:
        judged_apart = is_signal(row.measure) or has_own_conditions(row.measure)
        if row.kind == "utility" and row.status == "ok" and not judged_apart:
            return row.measure
    return ""


def utility_of(rows: Iterable[Row], release: str, task: str, metric: str) -> Row | None:
    """Return a release's figure for a task: of all modalities together where there is one.

    Where all together was tried and failed, a single modality does not stand in for it.
    """
    mine = [r for r in rows if (r.release, r.measure, r.kind) == (release, task, "utility")]
    tried = [r.modality for r in mine]
    leading = "fused" if "fused" in tried else None
    for row in mine:
        if (
            row.metric == metric
            and row.status == "ok"
            and row.modality == (leading or row.modality)
        ):
            return row
    return None


def targets_needed(seen: Estimate, limit: float) -> int | None:
    """Return how many people would show a risk below the limit, at the rate that was seen.

    None where the rate itself is not below the limit. A share has its exact interval; any other
    figure narrows with the root of the number of people.

    >>> targets_needed(clopper_pearson(0, 20), 0.09)
    40
    """
    if seen.value >= limit:
        return None
    hits = min(max(seen.value, 0.0), 1.0)
    if abs(clopper_pearson(hits * seen.n, seen.n).high - seen.high) > 1e-9:
        return more_people(seen.n, seen.high - seen.value, limit - seen.value)
    few, enough = seen.n - 1, seen.n
    while enough < MOST_PEOPLE and clopper_pearson(hits * enough, enough).high > limit:
        few, enough = enough, min(2 * enough, MOST_PEOPLE)
    while enough - few > 1:
        middle = (few + enough) // 2
        short = clopper_pearson(hits * middle, middle).high > limit
        few, enough = (middle, enough) if short else (few, middle)
    return enough


def resolutions(rows: Iterable[Row]) -> dict[str, tuple[int, float]]:
    """Return for each attack the people it had and the risk that zero hits would still allow.

    Where it had different numbers of people, the fewest.
    """
    fewest: dict[str, int] = {}
    for row in rows:
        what = asked(row.metric)
        if row.kind == "attack" and what.figure in _HEADLINE and not what.unusual and row.n:
            fewest[row.measure] = min(row.n, fewest.get(row.measure, row.n))
    return {measure: (n, resolution(n)) for measure, n in sorted(fewest.items())}


def _believed(rows: Iterable[Row], release: str) -> list[Row]:
    return [
        r
        for r in rows
        if (r.release, r.kind, r.status) == (release, "attack", "ok") and r.estimate is not None
        if r.measure not in OF_TRAINERS and asked(r.metric).setting != ANSWER_ALONE
    ]


def _question(row: Row) -> tuple[str, str]:
    """Return what stands for a figure: of models a question, of records the whole measure."""
    of_model = row.measure.startswith(OF_TRAINED) and not row.measure.endswith(GUESSING)
    return row.measure, asked(row.metric).setting if of_model else ""


def _keep_worst(best: dict[tuple[str, str], Risk], figure: str, risk: Risk) -> None:
    key = (risk.row.measure, figure)
    if key not in best or _weight(risk) > _weight(best[key]):
        best[key] = risk


def _weight(risk: Risk) -> float:
    """Return what a risk is ranked by: a match as it is, anything else above its control."""
    seen = risk.estimate if is_match(risk.row) else risk.advantage or risk.estimate
    return seen.high


def _advantage_of(row: Row, rows: Iterable[Row]) -> Estimate | None:
    """Return what the same attacker gains by the same question; the most of several settings."""
    same = (row.measure, row.attacker, asked(row.metric).setting)
    found = [
        e
        for r in rows
        if asked(r.metric).figure == "advantage" and not asked(r.metric).unusual
        if (r.measure, r.attacker, asked(r.metric).setting) == same
        if (e := r.estimate) is not None
    ]
    return max(found, key=lambda e: e.high, default=None)


def _point(rows: Sequence[Row], release: str, task: str) -> Point:
    risks = [r for r in headlines(rows, release) if is_match(r.row)]
    metric = "ccc" if task.startswith("severity/") else "auroc"
    kept = utility_of(rows, release, task, metric)
    return Point(
        release=release,
        risk=risks[0].estimate if risks else None,
        utility=kept.estimate if kept else None,
        worst=risks[0].row.measure if risks else "",
        task=task,
        tie=_tie(rows, release, task, metric),
    )


def _tie(rows: Sequence[Row], release: str, task: str, metric: str) -> float:
    """Return the correlation of a release's use with the original's, from the paired change.

    The variance of a difference is what two variances come to, less twice what they share.
    """
    if release == ORIGINAL:
        return 1.0
    found = (
        utility_of(rows, release, task, metric),
        utility_of(rows, ORIGINAL, task, metric),
        utility_of(rows, release, task, f"{metric}-change"),
    )
    mine, original, change = (
        e.high - e.low if row and (e := row.estimate) else None for row in found
    )
    if not mine or not original or change is None:
        return 0.0
    shared = (mine**2 + original**2 - change**2) / (2 * mine * original)
    return min(max(shared, 0.0), 1.0)


def dominates(better: Point, worse: Point) -> bool:
    """Whether one release is no worse on both axes, and better for sure on one.

    Sure is a difference whose interval excludes 0. Uses are compared as those of the same people,
    as far as each is tied to the original; risks as if each had people of its own, which makes
    the interval too wide and never too narrow.
    """
    if not (better.risk and better.utility and worse.risk and worse.utility):
        return False
    if better.risk.value > worse.risk.value or better.utility.value < worse.utility.value:
        return False
    safer = difference(better.risk, worse.risk)
    more = difference(better.utility, worse.utility, better.tie * worse.tie)
    return safer.high < 0 or more.low > 0
