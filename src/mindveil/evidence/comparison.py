"""A run against an earlier one of the same people: did a release become worse, for sure?

The runs rest on the same people, and what each person came to is stored nowhere, so that nothing
can be paired: the two figures are compared as if they were independent (MOVER, see
:mod:`mindveil.evidence.estimate`). Figures of the same people move together, so that this is on
the careful side: what is called worse is worse more surely than its interval says. Each figure is
looked at by itself, with no correction for how many there are: a check that is meant to warn may
rather warn once too often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from mindveil.errors import InputError
from mindveil.evidence.dossier import Dossier
from mindveil.evidence.estimate import Estimate, difference
from mindveil.evidence.faithfulness import has_own_conditions
from mindveil.evidence.frontier import headlines, is_match, utility_of
from mindveil.evidence.scorecard import Row
from mindveil.evidence.signals import is_signal

Side = Literal["risk", "use"]
_SIDES: tuple[Side, ...] = ("risk", "use")
_CORPUS = "corpus"
_FIXED: Mapping[str, str] = MappingProxyType(
    {
        "line-up": "candidates that attackers choose from ([attack] lineup)",
        "recordings": "recordings that attackers pool ([attack] recordings)",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One figure of a release, now and in the earlier run."""

    release: str
    side: Side
    measure: str
    before: Estimate
    now: Estimate

    @property
    def change(self) -> Estimate:
        """Now minus before."""
        return difference(self.now, self.before)

    @property
    def is_worse(self) -> bool:
        """Whether the risk is surely higher, or what is left of use surely lower."""
        return self.change.low > 0 if self.side == "risk" else self.change.high < 0

    @property
    def sentence(self) -> str:
        """What became of the figure."""
        what = f"{'The risk by' if self.side == 'risk' else 'What is left of'} {self.measure}"
        became = "is worse than in the earlier run" if self.is_worse else "is no worse for sure"
        return f"{what} {became}: {_told(self.now)}, before {_told(self.before)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What became of the releases of an earlier run.

    ``left_out`` names what one run measured and the other did not, in words.
    """

    changes: tuple[Change, ...]
    left_out: tuple[str, ...]

    def worse(self, release: str) -> tuple[Change, ...]:
        """Return the figures of a release that are surely worse."""
        return tuple(c for c in self.changes if c.release == release and c.is_worse)


def compare(now: Dossier, earlier: Dossier, releases: Sequence[str]) -> Comparison:
    """Return for each release what its attacks reach and its tasks keep, against an earlier run.

    Raises:
        InputError: the runs are not about the same people and line-ups, or share no figure.
    """
    _comparable(now, earlier)
    before = {r.name for r in earlier.releases}
    changes: list[Change] = []
    left_out = [f"{name} is not in the earlier run" for name in releases if name not in before]
    for name in (n for n in releases if n in before):
        for side in _SIDES:
            found, missing = _of_side(now.rows, earlier.rows, (name, side))
            changes += found
            left_out += missing
    if not changes:
        raise InputError(
            "the two runs share no release with a figure in both; give an earlier run of the "
            "same study"
        )
    return Comparison(changes=tuple(changes), left_out=tuple(left_out))


def _of_side(
    now: Sequence[Row], earlier: Sequence[Row], of: tuple[str, Side]
) -> tuple[list[Change], list[str]]:
    """Return what became of one release's risks or uses, and what one run alone measured."""
    release, side = of
    read = _risks if side == "risk" else _uses
    mine, old = read(now, release), read(earlier, release)
    changes = [
        Change(release=release, side=side, measure=m, before=old[m], now=mine[m])
        for m in sorted(mine.keys() & old.keys())
    ]
    lost = [f"{m} has no figure for {release} any more" for m in sorted(old.keys() - mine.keys())]
    new = [f"{m} had no figure for {release} before" for m in sorted(mine.keys() - old.keys())]
    return changes, lost + new


def _comparable(now: Dossier, earlier: Dossier) -> None:
    """Refuse runs whose figures are about other people, or about attackers with more to go on."""
    ours, theirs = now.provenance, earlier.provenance
    if ours.get(_CORPUS) != theirs.get(_CORPUS):
        raise InputError(
            "the earlier run is about another corpus (the digests differ), so that a difference "
            "may be one of people; give a run on the same corpus"
        )
    for key, what in _FIXED.items():
        mine, old = (facts.get(key, "unknown") for facts in (ours, theirs))
        if mine != old:
            raise InputError(
                f"{what} of the earlier run: {old}, of this one: {mine}; with other numbers the "
                "same risk looks larger or smaller. Run one of them again"
            )


def _risks(rows: Sequence[Row], release: str) -> dict[str, Estimate]:
    """Return what the strongest attacker reaches by the worst question of each attack."""
    found: dict[str, Estimate] = {}
    for risk in headlines(rows, release):
        seen = risk.estimate if is_match(risk.row) else risk.advantage
        if seen is not None:
            found.setdefault(risk.row.measure, seen)
    return found


def _uses(rows: Sequence[Row], release: str) -> dict[str, Estimate]:
    """Return the leading figure of each task."""
    found: dict[str, Estimate] = {}
    for task in {r.measure for r in rows if (r.release, r.kind) == (release, "utility")}:
        if has_own_conditions(task) or is_signal(task):
            continue
        row = utility_of(rows, release, task, "ccc" if task.startswith("severity/") else "auroc")
        if row is not None and row.estimate is not None:
            found[task] = row.estimate
    return found


def _told(seen: Estimate) -> str:
    return f"{seen.value:.3f} [{seen.low:.3f}, {seen.high:.3f}], n = {seen.n}"
