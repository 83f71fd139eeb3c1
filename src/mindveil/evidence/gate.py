"""May these releases leave, today, and no worse than before? A yes or no for machines.

A verdict that has expired, a decision below the one that is asked for, a figure that is surely
worse than in an earlier run, or an attack of that run that gave no figure this time: each of them
alone closes the gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from mindveil.errors import InputError
from mindveil.evidence.comparison import Change, Comparison
from mindveil.evidence.dossier import Dossier
from mindveil.evidence.frontier import headlines, is_undefended
from mindveil.evidence.verdict import Decision, Finding, ReleaseVerdict
from mindveil.ranges import POINT

Allowed = Literal["release", "controlled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """One release before the gate.

    ``stands`` says whether the verdict is one that may pass; ``worse`` what became worse for sure;
    ``lost`` which attacks of the earlier run gave no figure this time.
    """

    verdict: ReleaseVerdict
    stands: bool
    worse: tuple[Change, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether verdict and comparison let it through."""
        return self.stands and not self.worse and not self.lost

    @property
    def held_back(self) -> tuple[Finding, ...]:
        """The conditions that are not met, those that decided first."""
        first = self.verdict.deciding
        found = [f for f in (*first, *self.verdict.findings) if f.state != "met"]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """All releases before the gate, and whether their verdicts still hold."""

    releases: tuple[Gated, ...]
    expires: date
    expired: bool

    @property
    def passed(self) -> bool:
        """Whether everything may leave."""
        return not self.expired and all(r.passed for r in self.releases)


def names_of(dossier: Dossier, wanted: Sequence[str]) -> list[str]:
    """Return the releases to look at: those named, or all that are there to be let out.

    The points of a sweep are there to be compared, and are looked at only where they are named.

    Raises:
        InputError: the run has no such release, or none at all.
    """
    there = {v.release for v in dossier.judgement.releases}
    names = list(wanted) or [
        r.name for r in dossier.releases if not is_undefended(r.name) and POINT not in r.name
    ]
    unknown = [n for n in names if n not in there]
    if unknown:
        known = ", ".join(v.release for v in dossier.judgement.releases)
        raise InputError(f"the run has no release {unknown[0]!r}; it has {known}")
    if not names:
        raise InputError("the run has no release but the original; there is nothing to gate")
    return names


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier run of the same people, and what became of its figures."""

    dossier: Dossier
    comparison: Comparison

    def lost(self, now: Dossier, release: str) -> tuple[str, ...]:
        """Return the attacks that told of a release then and do not now: fewer attacks, less risk."""
        before, here = (
            {r.row.measure for r in headlines(d.rows, release)} for d in (self.dossier, now)
        )
        return tuple(sorted(before - here))

    def dropped(self, now: Dossier) -> tuple[str, ...]:
        """Return the releases of the earlier run that are no longer there to be looked at."""
        there = {r.name for r in now.releases}
        return tuple(
            r.name
            for r in self.dossier.releases
            if r.name not in there and not is_undefended(r.name) and POINT not in r.name
        )


def gated(
    dossier: Dossier,
    names: Sequence[str],
    allowed: Allowed,
    today: date,
    earlier: Earlier | None = None,
) -> Gate:
    """Return whether releases may leave today."""
    good: set[Decision] = {"RELEASE"}
    if allowed == "controlled":
        good.add("CONTROLLED")
    verdicts = {v.release: v for v in dossier.judgement.releases}
    return Gate(
        releases=tuple(
            Gated(
                verdict=verdicts[n],
                stands=verdicts[n].decision in good,
                worse=earlier.comparison.worse(n) if earlier else (),
                lost=earlier.lost(dossier, n) if earlier else (),
            )
            for n in names
        ),
        expires=dossier.judgement.expires,
        expired=dossier.judgement.expires < today,
    )
