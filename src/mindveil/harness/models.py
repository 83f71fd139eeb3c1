"""Put attackers and clinical questions to a release that is a detector, fold by fold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mindveil.attack.base import Attacker, ModelAttack, ModelKnowledge
from mindveil.corpus.folds import Fold
from mindveil.corpus.instruments import meets, parse_target
from mindveil.corpus.model import Corpus
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.measured import Truth
from mindveil.features.cases import totals_of
from mindveil.harness.context import Context
from mindveil.harness.releases import attackers_copy, load_model
from mindveil.harness.scoring import Bout
from mindveil.harness.steps import Steps
from mindveil.harness.views import blind, teachers
from mindveil.plan import CellPlan, release_of
from mindveil.randomness import stream
from mindveil.train.detector import ModelRelease, Trainer
from mindveil.utility.base import Predictions


def model_bouts(
    context: Context, attack: ModelAttack, cell: CellPlan, attacker: Attacker
) -> list[Bout]:
    """Put one attacker before the detector of every fold.

    He holds people as the detector meets them: after the data steps of the release. A fold whose
    detector tells nobody apart is left out, which makes the others' risk no smaller.

    Raises:
        InvalidMeasurement: in more than half of the folds nothing could be measured.
    """
    recipe = _trainer(context, cell.release).recipe()
    bouts: list[Bout] = []
    why: InvalidMeasurement | None = None
    for fold in context.folds:
        release = load_model(context, cell.release, fold)
        people = context.corpus.select(fold.released | fold.held_out)
        others = teachers(context, fold.reference, attack.needs)
        known, coded = met(context, cell.release, fold, people), _coded(context, attack, fold)
        knowledge = ModelKnowledge(
            attacker=attacker,
            known=known,
            reference=met(context, cell.release, fold, others),
            recipe=recipe,
            insiders={code: fold.released - {person} for code, person in coded.items()},
            answers=_answers(release, known, coded),
        )
        place = map(str, fold.place)
        rng = stream(context.study.seed, cell.release, cell.measure, attacker, *place)
        truth = Truth(
            person_of=coded,
            released=known.select(fold.released),
            absent=known.select(fold.held_out),
        )
        try:
            bouts.append(Bout(guesses=attack.run(release, knowledge, rng), truth=truth))
        except InvalidMeasurement as fault:
            why = fault
    if why is not None and 2 * len(bouts) < len(context.folds):
        raise why
    return bouts


def predictions_of(context: Context, cell: CellPlan, fold: Fold) -> Predictions:
    """Return what the detector of a fold says of held-out people who have the answer."""
    model = load_model(context, cell.release, fold).model
    target = parse_target(model.target)
    people = met(context, cell.release, fold, context.corpus.select(fold.held_out))
    answers = model.answer(people)
    severe = cell.measure.startswith("severity/")
    totals = totals_of(context.corpus.select(fold.held_out), target.tool, target.subscale)
    taught = totals_of(context.corpus.select(fold.released), target.tool, target.subscale)
    truth, lesson = (totals, taught) if severe else (meets(target, totals), meets(target, taught))
    known = ~np.isnan(truth)
    return Predictions(
        ids=tuple(p for p, k in zip(people.ids, known, strict=True) if k),
        truth=truth[known],
        predicted=(answers.severity if severe else answers.probability)[known],
        guess=np.full(int(known.sum()), np.nanmean(lesson)),
        decided=None if severe or model.least == 0.0 else answers.decided[known],
    )


def met(context: Context, name: str, fold: Fold, people: Corpus) -> Corpus:
    """Return people as a detector meets them: after the data steps of its release."""
    place = tuple(map(str, fold.place))
    steps = Steps.of(release_of(context.study, name))
    if not (steps.alone or steps.together):
        return blind(people)
    rng = stream(context.study.seed, "met", name, *place)
    return blind(attackers_copy(context, name)(people, rng))


def _trainer(context: Context, name: str) -> Trainer:
    trainer = Steps.of(release_of(context.study, name)).trainer
    assert trainer is not None
    return trainer


def _coded(context: Context, attack: ModelAttack, fold: Fold) -> dict[str, str]:
    """Return the person behind the code of each game; the order of codes says nothing."""
    if attack.holding != "all-but-one":
        return {}
    people = sorted(fold.released)
    rng = stream(context.study.seed, "games", *map(str, fold.place))
    return {f"game-{place + 1}": people[i] for place, i in enumerate(rng.permutation(len(people)))}


def _answers(release: ModelRelease, known: Corpus, coded: Mapping[str, str]) -> dict[str, float]:
    """Return what the model says of the one who is missing from each game."""
    if not coded:
        return {}
    people = known.select(coded.values())
    odds = release.model.head.log_odds(release.model.reader.rows(people))
    said = dict(zip(people.ids, odds.tolist(), strict=True))
    return {code: said[person] for code, person in coded.items()}
