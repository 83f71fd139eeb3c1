"""What privacy costs a detector of depression and anxiety: 300 people, 5 folds by person, 5 repeats.

Every private recipe stands beside the same kind of head without noise on the same rows, and beside
the best detector that promises nothing (``detect/``: meaning and symptoms, all directions learnt).
Each private figure is the mean over 5 draws of the noise a fold. Intervals are over people, who
are drawn with all their predictions; a loss is paired. Only what people wrote is read: the other
questionnaire is a column of these data too, and a detector that sees it is another question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from running import PROJECT, corpus, figure

from mindveil.corpus.folds import Fold, Split, rotate
from mindveil.corpus.instruments import meets, parse_target
from mindveil.corpus.manifest import load_corpus
from mindveil.corpus.model import Corpus
from mindveil.dp.accounting import Budget
from mindveil.dp.noise import seeded
from mindveil.evidence.detection import accuracy, auroc
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.paired import Metric, mean_over_repeats
from mindveil.evidence.resamples import resamples
from mindveil.features.cases import cases_of, sides_of
from mindveil.features.shelf import shelf
from mindveil.randomness import stream
from mindveil.train.abstention import is_decided, least_sure
from mindveil.train.adassp import AdaSSP
from mindveil.train.base import Lessons, Recipe
from mindveil.train.noisy_gradient import NoisyGradient
from mindveil.train.objective_perturbation import ObjectivePerturbation
from mindveil.train.outlook import Candidate, outlook
from mindveil.train.output_perturbation import OutputPerturbation
from mindveil.train.reader import Inputs, Reader
from mindveil.train.ridge import probability_of
from mindveil.train.stack import Stack
from mindveil.utility.forecast import Question, forecast

Floats = NDArray[np.float64]

SEED = 20261122
TARGETS = ("phq9>=10", "gad7>=10")
SPLIT = Split(folds=5, repeats=5, reference=0)
EPSILONS = (1.0, 3.0, 8.0)
DELTA = 1e-4
DRAWS = 5
COVERAGE = 0.75
RESAMPLES = 2000
READ: tuple[Inputs, ...] = ("contrasts", "anchors", "components", "projection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One question on the same folds and the same resamples of people.

    ``totals`` and ``labels`` have shape (people,), ``inside`` (people, folds) says who teaches.
    """

    target: str
    corpus: Corpus
    folds: Sequence[Fold]
    totals: Floats
    labels: Floats
    inside: NDArray[np.bool_]
    weights: Floats = field(repr=False)

    def pooled(self, told: Floats) -> Floats:
        """Return what held-out people are told, (repeats x draws, people), from all heads.

        ``told`` has shape (people, folds x draws): the draws of a fold stand side by side.
        """
        people, folds = self.inside.shape
        each = told.reshape(people, folds, -1)
        made = np.full((SPLIT.repeats, each.shape[2], people), np.nan)
        for place, fold in enumerate(self.folds):
            out = ~self.inside[:, place]
            made[fold.repeat][:, out] = each[out, place].T
        return made.reshape(-1, people)

    def figures(self, metric: Metric, truth: Floats, told: Floats) -> Floats:
        """Return a metric for everybody as they are, then for each resample of people."""
        return mean_over_repeats(metric, np.tile(truth, (len(told), 1)), told, self.weights)

    def auc(self, told: Floats) -> Floats:
        """Return the area under the curve of log-odds of all heads, and its resamples."""
        return self.figures(auroc, self.labels, self.pooled(told))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a detector says of people, arrays of shape (people, folds)."""

    probability: Floats
    severity: Floats
    decided: NDArray[np.bool_] | None = None


def main() -> None:
    """Print what each recipe reaches at each budget, and what it loses."""
    folder = corpus("csv", "phq9_gad7_text/dep_wor.csv", "phq9_gad7_text")
    with shelf(PROJECT / "runs" / "phq9_gad7_text" / "features"):
        for target in TARGETS:
            show(table_of(load_corpus(folder), target))
    print("expected before anything was read, from public numbers alone:")
    for epsilon in EPSILONS:
        found = outlook(240, 4, _budget(epsilon), list(recipes(epsilon).values()))
        for row in found.rows:
            spread = f"{row.loss:.3f} (one head in three is {row.spread:.3f} off)"
            print(f"  epsilon {epsilon:g} {row.recipe:16} AUC {row.auc:.3f}, loss {spread}")


def recipes(epsilon: float) -> Mapping[str, Candidate]:
    """Return the private recipes at a budget."""
    budget = _budget(epsilon)
    return {
        "AdaSSP": AdaSSP(budget=budget),
        "noisy gradient": NoisyGradient(budget=budget),
        "output": OutputPerturbation(budget=budget),
        "objective": ObjectivePerturbation(budget=budget),
    }


def table_of(people: Corpus, target: str) -> Table:
    """Return the folds of a question and 2,000 resamples of its people."""
    goal = parse_target(target)
    cases = cases_of(people, goal.tool, goal.subscale, "text")
    folds = rotate(cases.ids, SPLIT, SEED, sides_of(people, TARGETS))
    inside = np.array([[p in fold.released for fold in folds] for p in cases.ids])
    return Table(
        target=target,
        corpus=people,
        folds=folds,
        totals=cases.totals,
        labels=meets(goal, cases.totals),
        inside=inside,
        weights=resamples(len(cases.ids), RESAMPLES, stream(SEED, "people")),
    )


def show(table: Table) -> None:
    """Print one question."""
    cases = int(table.labels.sum())
    print(f"\n{table.target}: {len(table.labels)} people, {cases} cases; AUC [95 % interval]")
    best = max(
        _open(table, "detect/", _detect(table)),
        _open(table, "train/central", _stack(table)),
        key=lambda v: v[0],
    )
    for inputs in READ:
        lessons = Reader.of(table.corpus, table.target, "text", inputs).lessons(table.corpus)
        plain: dict[str, Floats] = {}
        for epsilon in EPSILONS:
            for name, recipe in recipes(epsilon).items():
                twin = recipe.twin()
                if twin.name not in plain:
                    plain[twin.name] = table.auc(_heads(table, lessons, twin, 1))
                    print(f"  {inputs}, {twin.name}: {_figure(table, plain[twin.name])}")
                found = table.auc(_heads(table, lessons, recipe, DRAWS))
                print(
                    f"    {name:14} epsilon {epsilon:g}: {_figure(table, found)}, "
                    f"below the same head {_short(table, plain[twin.name] - found)}, "
                    f"below the best {_short(table, best - found)}"
                )


def correlation(truth: Floats, told: Floats, weights: Floats) -> Floats:
    """Return Pearson's r for each resample."""
    share = weights / weights.sum(axis=1, keepdims=True)
    one, two = share @ truth, share @ told
    both = share @ (truth * told) - one * two
    spreads = (share @ truth**2 - one**2) * (share @ told**2 - two**2)
    return np.asarray(both / np.sqrt(spreads))


def _open(table: Table, name: str, said: Said) -> Floats:
    """Print what a detector without a promise reaches, and return its areas under the curve."""
    found = table.auc(said.probability)
    reached = table.figures(correlation, table.totals, table.pooled(said.severity))
    print(
        f"  {name} without a promise: {_figure(table, found)}; severity r {_figure(table, reached)}"
    )
    if said.decided is not None:
        heard = table.pooled(np.where(said.decided, said.probability, np.nan))
        right = table.figures(accuracy, table.labels, heard)
        share = float(np.isfinite(heard).mean())
        print(f"    right about {_figure(table, right)} of the {share:.0%} that it decides on")
    return found


def _stack(table: Table) -> Said:
    """Return what the stack of ``train/central`` says, silent where its training people say so."""
    lessons = Reader.of(table.corpus, table.target, "text", "all").lessons(table.corpus)
    said = Said(
        probability=np.empty(table.inside.shape),
        severity=np.empty(table.inside.shape),
        decided=np.empty(table.inside.shape, dtype=np.bool_),
    )
    nothing = seeded(stream(SEED, "none"))
    for place, inside in enumerate(table.inside.T):
        taught = Stack().fit(lessons.of(inside), nothing, stream(SEED, "none"))
        odds = taught.head.log_odds(lessons.rows)
        if taught.inside is None or said.decided is None:
            raise SystemExit("the stack says nothing of those who taught it")
        said.probability[:, place] = probability_of(odds)
        said.severity[:, place] = taught.head.severity(lessons.rows)
        said.decided[:, place] = is_decided(odds, least_sure(taught.inside, COVERAGE))
    return said


def _detect(table: Table) -> Said:
    """Return what the detector of ``detect/`` says."""
    goal = parse_target(table.target)
    probability, severity = (np.full(table.inside.shape, np.nan) for _ in range(2))
    for place, fold in enumerate(table.folds):
        learn, check = (
            cases_of(table.corpus.select(ids), goal.tool, goal.subscale, "text")
            for ids in (fold.released, fold.held_out)
        )
        labels = meets(goal, learn.totals)
        said = forecast(learn, check, Question(labels=labels, totals=learn.totals, modality="text"))
        probability[~table.inside[:, place], place] = said.probability
        severity[~table.inside[:, place], place] = said.severity
    return Said(probability=probability, severity=severity)


def _heads(table: Table, lessons: Lessons, recipe: Recipe, draws: int) -> Floats:
    """Return what heads of every fold say of everybody, shape (people, folds x draws)."""
    inside = np.repeat(table.inside, draws, axis=1)
    return recipe.shadows(lessons, inside, lessons.rows, stream(SEED, recipe.name))


def _budget(epsilon: float) -> Budget:
    return Budget(epsilon=epsilon, delta=DELTA, accountant="gaussian")


def _estimate(table: Table, values: Floats) -> Estimate:
    low, high = np.nanquantile(values[1:], [0.025, 0.975])
    return Estimate(value=float(values[0]), low=float(low), high=float(high), n=len(table.labels))


def _figure(table: Table, values: Floats) -> str:
    return figure(_estimate(table, values))


def _short(table: Table, values: Floats) -> str:
    found = _estimate(table, values)
    return f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


if __name__ == "__main__":
    main()
