"""What one attacker gains by joining modalities, and which modality carries the risk.

All differences are within people: the same records, the same line-ups, the same truth, so that
what is hard about a person cancels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

import numpy as np

from mindveil.attack.cross_modal import LEAST_TEACHERS, PAIRS, question
from mindveil.attack.fused_linkage import ALONE, LEFT_OUT, WITH_BACKGROUND
from mindveil.corpus.model import MODALITIES, Modality
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Estimate, advantage, share
from mindveil.evidence.line_ups import Linked, guess, mean_of, suffered
from mindveil.evidence.linkage import compare, control_outcomes
from mindveil.evidence.measured import Measured

LOST = "lost-without"
GAINED = "over-best-single"

Questions = Mapping[str, Linked]
"""One fold: the scores of each question, by its name; the headline is ``""``."""


QUESTIONS = frozenset(
    {
        WITH_BACKGROUND,
        *(f"{m}{ALONE}" for m in MODALITIES),
        *(f"{LEFT_OUT}{m}" for m in MODALITIES),
        *(question(*pair) for pair in PAIRS),
    }
)
"""What is asked beside the headline."""


def measure_question(
    folds: Sequence[Linked], lineup: int, unusual: AbstractSet[str]
) -> list[Measured]:
    """Return rank-1 and advantage of a question that is asked beside the headline.

    Nothing that takes resamples: ten questions are asked of every release.

    Raises:
        InvalidMeasurement: everybody is tied with everybody, or nobody can be looked for.
    """
    folds = [f for f in folds if f.scores.size]
    if not folds:
        raise InvalidMeasurement(
            f"fewer than {LEAST_TEACHERS} reference people have both modalities to learn from"
        )
    if not any(np.ptp(f.scores) > 0 for f in folds):
        raise InvalidMeasurement("all scores are equal: the attack saw nothing to compare")
    outcomes, chance = suffered(folds, lineup, 1), guess(folds, lineup, 1)
    first = share(mean_of(outcomes))
    absent = control_outcomes(folds, lineup, 1)
    control = share(mean_of(absent)) if absent else None
    floor = control or Estimate(value=chance, low=chance, high=chance, n=first.n)
    note = f"rank1 above its {'control' if control else 'baseline'}"
    gain = advantage(first, floor)
    found = [
        Measured(metric="rank1", estimate=first, baseline=chance, control=control),
        Measured(metric="advantage", estimate=gain, baseline=0.0, note=note),
    ]
    rare = {p: v for p, v in outcomes.items() if p in unusual}
    if rare:
        seen = share(mean_of(rare))
        found.append(Measured(metric="rank1-unusual", estimate=seen, baseline=chance))
    return found


def measure_shares(folds: Sequence[Questions], lineup: int) -> list[Measured]:
    """Return what is lost without each modality, and what is gained over the best single one.

    ``lost-without@voice`` is rank-1 by all modalities minus rank-1 without voice: near 0 where
    voice tells nothing that the others do not tell as well. ``over-best-single@text`` is rank-1 by
    all minus that of the best single modality, which its name says. The best is known only
    after looking, which flatters it and so hides some of the gain. Its lower end is the least of
    the lower ends against every single one: above 0 only where all of them are beaten for sure,
    for which no correction is due (an intersection-union test: Berger 1982). Empty where no
    question leaves a modality out.
    """
    lost, beaten = [], {}
    for modality in MODALITIES:
        without = _against(folds, f"{LEFT_OUT}{modality}", lineup)
        if without is not None:
            told = f"{without.note}; {_recorded(folds, modality)} of them have {modality}"
            lost.append(replace(without, metric=f"{LOST}@{modality}", note=told))
        alone = _against(folds, f"{modality}{ALONE}", lineup)
        if alone is not None:
            beaten[modality] = alone
    if not beaten:
        return lost
    best = min(beaten, key=lambda m: beaten[m].estimate.value)
    gain = beaten[best].estimate
    least = min(found.estimate.low for found in beaten.values())
    joined = Measured(
        metric=f"{GAINED}@{best}",
        estimate=replace(gain, low=least),
        baseline=0.0,
        note="best single modality chosen by its result; lower end holds against every single one",
    )
    return [*lost, joined]


def _against(folds: Sequence[Questions], question: str, lineup: int) -> Measured | None:
    """Return rank-1 by everything minus that of a question, over the folds that were asked it."""
    there = [f for f in folds if question in f and "" in f]
    if not there:
        return None
    everything, less = [f[""] for f in there], [f[question] for f in there]
    try:
        gain = compare(everything, less, lineup)
        rates = [float(np.mean(mean_of(suffered(one, lineup, 1)))) for one in (everything, less)]
    except InvalidMeasurement:  # nobody can be looked for there; the headline says so already
        return None
    return Measured(
        metric=question,
        estimate=gain,
        baseline=0.0,
        note=f"rank1 of the same people: {rates[0]:.3f} by all, {rates[1]:.3f} {question}",
    )


def _recorded(folds: Sequence[Questions], modality: Modality) -> int:
    """Return how many people have a record in which a modality says anything."""
    there: set[str] = set()
    for fold in folds:
        alone = fold.get(f"{modality}{ALONE}")
        if alone is not None and alone.scores.size:
            told = np.ptp(alone.scores, axis=1) > 0
            there |= {p for p, heard in zip(alone.rows, told, strict=True) if heard}
    return len(there)
