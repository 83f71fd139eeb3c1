"""What was promised of each release, as rows of the scorecard."""

from __future__ import annotations

from mindveil.evidence.scorecard import Row
from mindveil.harness.context import Context
from mindveil.harness.releases import guarantees_of
from mindveil.harness.steps import Steps
from mindveil.plan import release_of
from mindveil.release import Guarantee

_UNITS = {"person": "person", "client": "client as a whole"}


def guarantee_rows(context: Context) -> list[Row]:
    """Return epsilon, delta and the advantage they permit, of every release that promises any.

    A release is one fold of a study: the figures are those of the fold that was promised least.
    They are no estimates, and so their intervals have no width.
    """
    return [row for release in context.study.releases for row in _rows(context, release.name)]


def _rows(context: Context, name: str) -> list[Row]:
    promised = guarantees_of(context, name)
    if not promised:
        return []
    worst = max(promised, key=lambda g: (g.epsilon, g.delta))
    figures = {
        "epsilon": worst.epsilon,
        "delta": worst.delta,
        "advantage-permitted": max(g.advantage for g in promised),
    }
    return [
        Row(
            release=name,
            kind="guarantee",
            measure=release_of(context.study, name).steps[-1].use,
            modality=_modality(context, name),
            metric=metric,
            value=value,
            low=value,
            high=value,
            n=min(len(f.released) for f in context.folds),
            unit=worst.unit,
            seed=context.study.seed,
            label="proved" if all(g.label == "proved" for g in promised) else worst.label,
            note=_note(worst),
        )
        for metric, value in figures.items()
    ]


def _modality(context: Context, name: str) -> str:
    trainer = Steps.of(release_of(context.study, name)).trainer
    return trainer.modality if trainer else "scales"


def _note(promised: Guarantee) -> str:
    change = {"add-remove": "more or less", "replace": "replaced"}[promised.neighbour]
    told = [f"neighbour: one {_UNITS[promised.unit]} {change}", promised.accountant]
    return "; ".join([*told, *promised.mechanisms])


def promise_of(context: Context, name: str) -> str:
    """Return what was promised of a release in one sentence; empty where nothing was.

    The largest advantage is what epsilon permits anybody, however much he knows.
    """
    promised = guarantees_of(context, name)
    if not promised:
        return ""
    worst = max(promised, key=lambda g: (g.epsilon, g.delta))
    ceiling = max(g.advantage for g in promised)
    known = "Whatever somebody knows, he"
    if worst.label != "proved" and context.study.execute.reproducible:
        known = "As long as nobody knows the seed of the noise, whoever knows all else"
    elif worst.label != "proved":
        known = "As far as floating-point sums stand for exact ones, whoever knows all else"
    return (
        f"Differentially private for each {_UNITS[worst.unit]}: epsilon {worst.epsilon:.3g}, delta "
        f"{worst.delta:.1g} ({worst.label}). {known} cannot tell who took part with an advantage "
        f"above {ceiling:.1%}. This holds for one such release; the figures of this report were "
        "measured on real people and are not part of it."
    )
