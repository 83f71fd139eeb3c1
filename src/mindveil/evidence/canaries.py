"""From planted people to what they show of a trainer: a lower bound of epsilon, bits of exposure.

The bound is told at 95 % and, as the lower end, at 99.9 % divided by the number of cells in which
a claim is tested: only what lies above the claim there refutes it. A low bound shows little by
itself, so each comes with what an ideal attacker would have shown with as many canaries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.canaries import Canaries, Exposures
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Estimate, bootstrap
from mindveil.evidence.measured import Measured, Truth
from mindveil.evidence.one_run import Power, epsilon_lower_bound, guessed, power

CLAIM_REFUTED = "claim-refuted"
"""The metric of a broken promise: 1 where the bound lies surely above what was claimed."""

CONFIDENCE = 0.95
SURE = 0.999
_ENOUGH = 0.9
_HALF = 0.5


def measure_canaries(
    folds: Sequence[tuple[Canaries, Truth]], rng: np.random.Generator, cells: int = 1
) -> list[Measured]:
    """Return the lower bound of epsilon from all folds together, and whether it breaks the claim.

    Folds are trainings with coins of their own, so that their guesses count as those of one
    audit. The best of two tries counts, and both are paid for: as many guesses as suit an ideal
    attacker of the claim (where nothing is claimed, half), and a guess about everybody, which
    shows most where a fault is gross. ``cells`` is how many claims are tested in the study.

    Raises:
        InvalidMeasurement: scores are not numbers or all equal, or folds claim different things.
    """
    audits = [found for found, _ in folds]
    included, scores = _pooled(audits)
    claim, delta = _claim(audits)
    size = len(scores)
    able = power(claim, delta, size, CONFIDENCE, rng) if claim is not None else None
    some = able.guesses if able else max(1, round(_HALF * size))
    tries = [_Try.of(included, scores, guesses) for guesses in sorted({some, size})]
    wrong = 1.0 - (1.0 - SURE) / cells
    best = max(tries, key=lambda t: (t.bound(delta, CONFIDENCE, len(tries)), t.guesses))
    shown = best.bound(delta, CONFIDENCE, len(tries))
    surely = max(t.bound(delta, wrong, len(tries)) for t in tries)
    everything = _Try(guesses=size, right=size, canaries=size)
    most = everything.bound(delta, CONFIDENCE, len(tries))
    told = (
        f"{best.right} of {best.guesses} guesses about {size} canaries are right; delta {delta:g}"
    )
    bound = Measured(
        metric="epsilon-lower",
        estimate=Estimate(value=shown, low=surely, high=most, n=size),
        baseline=0.0,
        note=f"{told}; {_able(able, most)}",
    )
    if claim is None:
        return [bound]
    reach = everything.bound(delta, wrong, len(tries))
    return [bound, _verdict(claim, surely, reach, (size, cells))]


def measure_exposures(
    folds: Sequence[tuple[Exposures, Truth]], rng: np.random.Generator
) -> list[Measured]:
    """Return the mean exposure at each number of repeats, with its interval over canaries.

    The baseline is what a canary reaches that nobody has seen: her rank may be any.

    Raises:
        InvalidMeasurement: some exposures are not numbers.
    """
    first = folds[0][0]
    bits = np.hstack([found.bits for found, _ in folds])
    if not np.isfinite(bits).all():
        raise InvalidMeasurement("some exposures are not numbers")
    unseen = float(np.mean(np.log2(first.candidates + 1.0) - np.log2(ranks(first.candidates))))
    most = float(np.log2(first.candidates + 1.0))
    found = []
    for often, mine in zip(first.repeats, bits, strict=True):
        found.append(
            Measured(
                metric=f"exposure@{often}",
                estimate=_mean(mine, rng),
                baseline=unseen,
                note=f"bits, at most {most:.1f}; taught {often} time{'s' if often > 1 else ''}; canaries, not people",
            )
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    """So many guesses, and how many of them were right."""

    guesses: int
    right: int
    canaries: int

    @classmethod
    def of(cls, included: NDArray[np.bool_], scores: NDArray[np.float64], guesses: int) -> _Try:
        asked, taken = guessed(scores, guesses)
        right = int((taken == included)[asked].sum())
        return cls(guesses=guesses, right=right, canaries=len(scores))

    def bound(self, delta: float, confidence: float, tries: int) -> float:
        """Return the bound where the best of so many tries counts (Bonferroni)."""
        sure = 1.0 - (1.0 - confidence) / tries
        return epsilon_lower_bound(self.guesses, self.right, self.canaries, delta, sure)


def ranks(candidates: int) -> NDArray[np.float64]:
    """Return the ranks that a canary can have among so many candidates."""
    return np.arange(1.0, candidates + 2.0)


def _mean(values: NDArray[np.float64], rng: np.random.Generator) -> Estimate:
    if np.ptp(values) == 0.0:  # all at the very top: no resample can show a lower one
        return Estimate(
            value=float(values[0]), low=float(values[0]), high=float(values[0]), n=len(values)
        )
    return bootstrap(lambda w: w @ values / w.sum(axis=1), len(values), rng)


def _pooled(audits: Sequence[Canaries]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    if not audits:
        raise InvalidMeasurement("no training was audited")
    included = np.concatenate([a.included for a in audits])
    scores = np.concatenate([a.scores for a in audits])
    if len(scores) != len(included) or not np.isfinite(scores).all():
        raise InvalidMeasurement("some scores of the audit are not numbers")
    if np.ptp(scores) == 0.0:
        raise InvalidMeasurement("the audit gave every canary the same score")
    return included, scores


def _claim(audits: Sequence[Canaries]) -> tuple[float | None, float]:
    claims = [(a.epsilon, a.delta) for a in audits]
    if any(one != other for one, other in pairwise(claims)):
        raise InvalidMeasurement("the audited trainings claim different epsilons or deltas")
    return claims[0]


def _able(able: Power | None, most: float) -> str:
    """Return in words what could have been shown."""
    if able is None:
        return f"nothing is claimed; {most:.2f} is the most that so many canaries can show"
    start = "power" if able.chance >= _ENOUGH else "no power"
    return (
        f"{start}: an ideal attacker of epsilon {able.epsilon:g} shows {able.shown:.2f}, and more "
        f"than 0 in {able.chance:.0%} of audits; {most:.2f} is the most that can be shown"
    )


def _verdict(claim: float, surely: float, reach: float, asked: tuple[int, int]) -> Measured:
    size, cells = asked
    broken = surely > claim
    figure = float(broken)
    if broken:
        told = f"the guarantee is refuted: epsilon is above {surely:.2f}, {claim:g} was promised"
    elif reach <= claim:
        told = (
            f"no power: so many canaries cannot refute epsilon {claim:g}, "
            f"{reach:.2f} is the most that they could"
        )
    else:
        told = f"epsilon {claim:g} is not refuted; it is above {surely:.2f} for sure"
    return Measured(
        metric=CLAIM_REFUTED,
        estimate=Estimate(value=figure, low=figure, high=figure, n=size),
        baseline=0.0,
        note=f"{told}; at {SURE:.1%} over {cells} claims tested",
    )
