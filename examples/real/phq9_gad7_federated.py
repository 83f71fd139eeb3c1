"""What it costs that people stay at five hospitals: 300 people, 5 folds by person, 5 repeats.

People are dealt out to five sites of about 20, 40, 60, 80 and 100, the more severe the later (not
identically distributed), anew for each draw; who teaches and who is held out is as in
``phq9_gad7_private.py``. Every federation stands beside the same recipe with everybody at one
place. Private figures draw new noise with each draw of the sites. Of poisoned federations each of
the five sites is the liar in turn. Intervals are over people, who are drawn with all their
predictions; differences are paired. Only what people wrote is read, as four contrasts of meaning.

All settings were chosen on people who do not exist: the rate and the clip of private steps, and the
20 local steps of robust federations, on made-up people whose columns lie as far off the middle as
such columns do. Everybody is read into rows of bounded length, federated or not; ridge in one place
is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from phq9_gad7_private import DELTA, SEED, TARGETS, Table, table_of
from running import PROJECT, corpus, figure

from mindveil.attack.update_poisoning import Ground, mirrored
from mindveil.corpus.manifest import load_corpus
from mindveil.dp.accounting import Budget
from mindveil.evidence.estimate import Estimate
from mindveil.features.shelf import shelf
from mindveil.randomness import stream
from mindveil.train.base import Lessons, Recipe
from mindveil.train.client_steps import Local
from mindveil.train.federated_recipe import Federated
from mindveil.train.federation_terms import Privacy
from mindveil.train.pate import Pate
from mindveil.train.plain import PlainRidge
from mindveil.train.reader import Reader
from mindveil.train.server_rules import Combine, Rule
from mindveil.train.sites import Division

Floats = NDArray[np.float64]

SITES = 5
DRAWS = 5
EPSILONS = (3.0, 8.0)
LOTS = 25
LIES: Mapping[str, float] = {"labels flipped": 1.0, "flipped and boosted 5 times": 5.0}

STEPS = Local(steps=5, learning_rate=2.0)
BOUNDED = Local(steps=1, learning_rate=6.0)
CLIP = 0.25
LONG = Local(steps=20, learning_rate=2.0)
JOINED: Mapping[Combine, Local] = {"mean": STEPS, "median": LONG, "trimmed-mean": LONG}
"""What is joined by a median has to be alike: so clients go far before they are joined."""

FEDERATIONS = {
    "FedAvg": Federated(division=Division(clients=SITES), rule=Rule(rounds=30), local=STEPS),
    "FedProx": Federated(
        division=Division(clients=SITES),
        rule=Rule(method="fedprox", rounds=30),
        local=replace(STEPS, proximal=0.1),
    ),
    "FedAdam": Federated(
        division=Division(clients=SITES),
        rule=Rule(method="fedadam", rounds=30, rate=0.1),
        local=STEPS,
    ),
    "moments": Federated(division=Division(clients=SITES), regression=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A recipe, and how often sites and noise are drawn; ``together`` where it knows no sites."""

    recipe: Recipe
    draws: int = DRAWS
    together: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinics:
    """People of one question, and at which site each of them was seen in each draw."""

    table: Table
    lessons: Lessons
    placed: tuple[Lessons, ...] = field(repr=False)

    def auc(self, trial: Trial) -> Floats:
        """Return the area under the curve over all draws, and its resamples."""
        told = [
            trial.recipe.shadows(
                self.lessons if trial.together else self.placed[draw],
                self.table.inside,
                self.lessons.rows,
                stream(SEED, "federation", str(draw)),
            )
            for draw in range(trial.draws)
        ]
        return self.table.auc(np.stack(told, axis=2).reshape(len(self.lessons.ids), -1))


def main() -> None:
    """Print what federations, promises and liars cost."""
    folder = corpus("csv", "phq9_gad7_text/dep_wor.csv", "phq9_gad7_text")
    with shelf(PROJECT / "runs" / "phq9_gad7_text" / "features"):
        for target in TARGETS:
            clinics = clinics_of(table_of(load_corpus(folder), target))
            best = show_plain(clinics)
            show_private(clinics, best)
            show_poisoned(clinics)


def clinics_of(table: Table) -> Clinics:
    """Return people at the sites of every draw."""
    lessons = Reader.of(table.corpus, table.target, "text", "contrasts").lessons(table.corpus)
    division = Division(clients=SITES, split="by-score")
    placed = tuple(
        replace(lessons, sites=tuple(division.of(lessons, stream(SEED, "sites", str(d))).tolist()))
        for d in range(DRAWS)
    )
    return Clinics(table=table, lessons=lessons, placed=placed)


def show_plain(clinics: Clinics) -> Floats:
    """Print what federations without a promise reach; return what FedAvg at one place does."""
    lessons, cases = clinics.lessons, np.zeros(SITES)
    for placed in clinics.placed:
        cases += np.bincount(placed.sites, lessons.labels, SITES) / DRAWS
    sizes = np.bincount(clinics.placed[0].sites, minlength=SITES)
    shares = ", ".join(f"{share:.0%}" for share in cases / sizes)
    print(
        f"\n{clinics.table.target}: {len(lessons.ids)} people at sites of {sizes.tolist()}, of "
        f"whom {shares} are cases; {DRAWS} draws of the sites; AUC [95 % interval]"
    )
    ridge = clinics.auc(Trial(recipe=PlainRidge(), draws=1, together=True))
    print(f"  ridge in one place: {_figure(clinics, ridge)}")
    one_place = {}
    for name, recipe in FEDERATIONS.items():
        alone = replace(recipe, division=Division(clients=1), secure=False)
        one_place[name] = clinics.auc(Trial(recipe=alone, draws=1, together=True))
        found = clinics.auc(Trial(recipe=recipe))
        print(
            f"  {name:8} at five sites {_figure(clinics, found)}, in one place "
            f"{one_place[name][0]:.3f}, difference {_short(clinics, found - one_place[name])}"
        )
    return one_place["FedAvg"]


def show_private(clinics: Clinics, best: Floats) -> None:
    """Print what promises cost, beside ``best``: FedAvg in one place."""
    for epsilon in EPSILONS:
        for name, trial in trials(epsilon).items():
            found = clinics.auc(trial)
            print(
                f"  epsilon {epsilon:g} {name:40} {_figure(clinics, found)}, below FedAvg in one "
                f"place {_short(clinics, best - found)}"
            )


def trials(epsilon: float) -> Mapping[str, Trial]:
    """Return the recipes with a promise at a budget."""
    budget = Budget(epsilon=epsilon, delta=DELTA, accountant="gaussian")
    spread = Privacy(budget=budget, clip=CLIP)
    # As many as could collude: every site then adds noise enough for all.
    full = replace(spread, colluding=SITES - 1)
    found: dict[str, Trial] = {}
    for name in ("FedAvg", "moments"):
        recipe = replace(FEDERATIONS[name], local=BOUNDED)
        found[f"{name}, noise shared by the sites"] = Trial(recipe=replace(recipe, privacy=spread))
        everybody = replace(recipe, privacy=full, threshold=SITES)
        found[f"{name}, noise in full at each site"] = Trial(recipe=everybody)
    alone = replace(
        FEDERATIONS["FedAvg"],
        division=Division(clients=1, split="people"),
        privacy=Privacy(budget=budget, unit="client", clip=1.0),
    )
    found["FedAvg, everybody a client of her own"] = Trial(recipe=alone, draws=1, together=True)
    found["PATE, five sites are the teachers"] = Trial(recipe=Pate(budget=budget, teachers=SITES))
    lots = Pate(budget=budget, teachers=LOTS)
    found[f"PATE, {LOTS} teachers by lot"] = Trial(recipe=lots, together=True)
    return found


def show_poisoned(clinics: Clinics) -> None:
    """Print what one lying site of five costs, under each way to join updates."""
    auc = clinics.table.auc
    best = auc(_taught(clinics, "mean", None))
    print(f"  joined by the mean, nobody lies: {_figure(clinics, best)}; AUC lost against that:")
    left_out = [best - auc(_taught(clinics, "mean", Liar(site=s, sends=0.0))) for s in range(SITES)]
    print(f"  the liar is known and left out: {_lost(clinics, left_out)}")
    for combine, local in JOINED.items():
        honest = best - auc(_taught(clinics, combine, None))
        print(f"  {combine}, {local.steps} local steps: nobody lies {_short(clinics, honest)}")
        for lie, boost in LIES.items():
            lost = [
                best - auc(_taught(clinics, combine, Liar(site=site, sends=boost)))
                for site in range(SITES)
            ]
            print(f"    {lie}: {_lost(clinics, lost)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Liar:
    """A site that flips its labels and sends so many times its update; 0 sends: it is left out."""

    site: int
    sends: float


def _taught(clinics: Clinics, combine: Combine, liar: Liar | None) -> Floats:
    """Return what heads of every fold say of everybody, (people, folds); sites are its repeat's."""
    table, recipe = clinics.table, FEDERATIONS["FedAvg"]
    rule = replace(recipe.rule, combine=combine)
    seen = replace(recipe, secure=False, rule=rule, local=JOINED[combine])
    told = np.empty(table.inside.shape)
    for place, fold in enumerate(table.folds):
        mine = clinics.placed[fold.repeat].of(table.inside[:, place])
        if liar is not None and not liar.sends:
            mine = mine.of(np.array(mine.sites) != liar.site)
        ground = Ground(
            recipe=seen,
            terms=seen.terms(mine.rows.shape[1], SITES),
            lessons=mine,
            client=np.array(mine.sites),
            owned=() if liar is None else (liar.site,),
            seed=SEED,
        )
        boost = liar.sends if liar is not None and liar.sends else 1.0
        head = ground.taught(mirrored(mine, ground.mine), ground.client, boost)
        told[:, place] = head.log_odds(clinics.lessons.rows)
    return told


def _estimate(clinics: Clinics, values: Floats) -> Estimate:
    low, high = np.nanquantile(values[1:], [0.025, 0.975])
    people = len(clinics.lessons.ids)
    return Estimate(value=float(values[0]), low=float(low), high=float(high), n=people)


def _figure(clinics: Clinics, values: Floats) -> str:
    return figure(_estimate(clinics, values))


def _lost(clinics: Clinics, lost: Sequence[Floats]) -> str:
    """Return what is lost on average over who lies, and where the worst of them does."""
    worst = max(lost, key=lambda values: float(values[0]))
    mean = np.mean(lost, axis=0)
    return f"{_short(clinics, mean)}, the worst site {_short(clinics, worst)}"


def _short(clinics: Clinics, values: Floats) -> str:
    found = _estimate(clinics, values)
    return f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


if __name__ == "__main__":
    main()
