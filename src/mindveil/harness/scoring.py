"""From the guesses of all folds to the rows of a cell: each kind of guess is scored by its own rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from mindveil.attack.base import (
    Attributes,
    Claims,
    Guesses,
    Inferred,
    LinkScores,
    Membership,
    Predicates,
    Reading,
    Reconstructions,
    Sabotage,
    Worlds,
)
from mindveil.attack.canaries import Canaries, Exposures
from mindveil.attack.fused_linkage import LEFT_OUT
from mindveil.attack.model_attribute_inference import WITHOUT
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.artefacts import ROWS_FOUND, measure_rows_found
from mindveil.evidence.canaries import measure_canaries, measure_exposures
from mindveil.evidence.fused import QUESTIONS, measure_question, measure_shares
from mindveil.evidence.group_risk import measure_group_risk
from mindveil.evidence.inference import measure_inference
from mindveil.evidence.linkage import measure_linkage, name_pairs
from mindveil.evidence.measured import Measured, Truth
from mindveil.evidence.membership import measure_membership
from mindveil.evidence.model_gain import measure_model_gain
from mindveil.evidence.person_risk import measure_person_risk
from mindveil.evidence.reconstruction import Rebuilt, measure_reconstructions
from mindveil.evidence.residuals import measure_residuals
from mindveil.evidence.sabotage import measure_sabotage
from mindveil.evidence.singling_out import measure_singling_out
from mindveil.evidence.tables import measure_claims, measure_guessed, measure_isolation
from mindveil.evidence.worlds import measure_worlds
from mindveil.harness.context import Context
from mindveil.plan import questions_that_divide
from mindveil.utility.subgroups import groups_of, scale_asked

Asked = Sequence[tuple[Guesses, Truth]]
G = TypeVar("G")

_WITH_SETTING = LinkScores | Claims | Membership | Worlds | Reconstructions | Sabotage

ONE_RUN_AUDIT = "model/one-run-audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bout:
    """One fold of one attacker against one release: his guesses, and the truth about them."""

    guesses: tuple[Guesses, ...]
    truth: Truth
    unlearnt: bool = False
    """The protection could not be used on the people whom the attacker may learn from."""
    by_seat: bool = False
    """A question is known by its name, not by its place: in some folds a server saw nothing, or
    nobody was recorded in a modality."""


def score_bouts(
    context: Context, bouts: Sequence[Bout], note: str, rng: np.random.Generator
) -> list[Measured]:
    """Turn the guesses of all folds into figures, question by question.

    Raises InvalidMeasurement where the headline question cannot be believed; a further question
    that cannot is named in the note of the headline.
    """
    if isinstance(bouts[0].guesses[0], Inferred):  # all fields are judged together
        asked_of = [([g for g in b.guesses if isinstance(g, Inferred)], b.truth) for b in bouts]
        folds = [([g for g in mine if g.setting != WITHOUT], truth) for mine, truth in asked_of]
        judged = measure_guessed(folds, context.unusual, rng) + measure_model_gain(asked_of)
        return [_asked(m, "", note) for m in judged]
    first, *further = questions(bouts)
    found = _headline(context, first, note, rng)
    for number, asked in enumerate(further, 2):
        try:
            found += _further(context, asked, note, rng)
        except InvalidMeasurement as why:
            told = f"{found[0].note}; question {number} not measured: {why}"
            found[0] = replace(found[0], note=told)
    found += [_asked(m, "", note) for m in _shares(context, bouts)]
    return found + _of_people(context, first, note, rng.spawn(1)[0])


def _shares(context: Context, bouts: Sequence[Bout]) -> list[Measured]:
    """Return what each modality adds to an attacker who joins several; none where he does not."""
    linked = [[(g, b.truth) for g in b.guesses if isinstance(g, LinkScores)] for b in bouts]
    if not any(g.setting.startswith(LEFT_OUT) for fold in linked for g, _ in fold):
        return []
    folds = [{g.setting: name_pairs(g, truth) for g, truth in fold} for fold in linked]
    return measure_shares(folds, context.study.attack.lineup)


def questions(bouts: Sequence[Bout]) -> list[Asked]:
    """Return each question with its guesses of the folds in which it was asked, headline first."""
    if not bouts[0].by_seat:
        number = min(len(b.guesses) for b in bouts)
        return [[(b.guesses[i], b.truth) for b in bouts] for i in range(number)]
    asked: dict[tuple[str, type[Guesses]], list[tuple[Guesses, Truth]]] = {}
    for bout in bouts:
        for guesses in bout.guesses:
            name = _setting([(guesses, bout.truth)]), type(guesses)
            asked.setdefault(name, []).append((guesses, bout.truth))
    return [asked[name] for name in sorted(asked, key=lambda name: name[0] != "")]


def _headline(
    context: Context, asked: Asked, note: str, rng: np.random.Generator
) -> list[Measured]:
    setting = _setting(asked)
    told = f"{note}; {setting}".rstrip("; ")
    return [_asked(m, "", told) for m in _score(context, asked, rng)]


def _further(context: Context, asked: Asked, note: str, rng: np.random.Generator) -> list[Measured]:
    setting = _setting(asked)
    return [_asked(m, setting, note) for m in _score(context, asked, rng)]


def _of_people(
    context: Context, asked: Asked, note: str, rng: np.random.Generator
) -> list[Measured]:
    """Return the risk of the headline question person by person and group by group."""
    linked = [name_pairs(g, t) for g, t in _only(LinkScores, asked)]
    if not linked:
        return []
    lineup = context.study.attack.lineup
    target = next(iter(questions_that_divide(context.study)), "")
    groups = groups_of(context.corpus, scale_asked(f"detect/{target}") if target else "")
    found = measure_person_risk(linked, lineup, rng) + measure_group_risk(linked, lineup, groups)
    told = f"{note}; {_setting(asked)}".rstrip("; ")
    return [_asked(m, "", told) for m in found]


def _setting(asked: Asked) -> str:
    first, _ = asked[0]
    return first.setting if isinstance(first, _WITH_SETTING) else ""


def _score(context: Context, asked: Asked, rng: np.random.Generator) -> list[Measured]:
    first, _ = asked[0]
    if isinstance(first, Membership) and first.setting == ROWS_FOUND:
        return measure_rows_found(_only(Membership, asked))
    if isinstance(first, Membership):
        return measure_membership(_only(Membership, asked), context.unusual, rng)
    if isinstance(first, Worlds | Canaries | Exposures | Sabotage):
        return _score_models(context, asked, rng)
    if isinstance(first, Claims):
        return measure_claims(_only(Claims, asked), context.unusual, rng)
    if isinstance(first, Predicates) and first.of_nobody:
        return measure_isolation(_only(Predicates, asked), context.unusual, rng)
    return _score_records(context, asked, rng)


def _score_models(context: Context, asked: Asked, rng: np.random.Generator) -> list[Measured]:
    """Score what was said of models that the attacker had taught: their truth is his own."""
    first, _ = asked[0]
    if isinstance(first, Worlds):
        return measure_worlds([g for g, _ in _only(Worlds, asked)])
    if isinstance(first, Canaries):
        audits = sum(c.measure == ONE_RUN_AUDIT for c in context.plan.cells)
        return measure_canaries(_only(Canaries, asked), rng, cells=max(1, audits))
    if isinstance(first, Sabotage):
        return measure_sabotage([g for g, _ in _only(Sabotage, asked)], rng)
    return measure_exposures(_only(Exposures, asked), rng)


def _score_records(context: Context, asked: Asked, rng: np.random.Generator) -> list[Measured]:
    """Score what was said of records that belong to people."""
    first, _ = asked[0]
    if isinstance(first, LinkScores):
        linked = [name_pairs(g, t) for g, t in _only(LinkScores, asked)]
        if first.setting in QUESTIONS:
            return measure_question(linked, context.study.attack.lineup, context.unusual)
        return measure_linkage(linked, context.study.attack.lineup, context.unusual, rng)
    if isinstance(first, Attributes):
        return measure_inference(_only(Attributes, asked), rng)
    if isinstance(first, Reconstructions):
        rebuilt = [_rebuilt(g, t) for g, t in _only(Reconstructions, asked)]
        return measure_reconstructions(rebuilt, context.unusual, rng)
    if isinstance(first, Predicates):
        return measure_singling_out(_only(Predicates, asked), context.unusual)
    return measure_residuals(_only(Reading, asked), rng)


def _rebuilt(guesses: Reconstructions, truth: Truth) -> Rebuilt:
    """Return rows that were worked out beside those of people who are there and who are not."""
    there = tuple(i for i in truth.released.ids if i in truth.rows)
    absent = tuple(i for i in truth.absent.ids if i in truth.rows)
    width = guesses.rows.shape[1]
    return Rebuilt(
        guesses=guesses,
        released=np.array([truth.rows[i] for i in there]).reshape(-1, width),
        released_ids=there,
        absent=np.array([truth.rows[i] for i in absent]).reshape(-1, width),
        absent_ids=absent,
        person_of=truth.person_of,
    )


def _only(kind: type[G], asked: Asked) -> list[tuple[G, Truth]]:
    return [(g, t) for g, t in asked if isinstance(g, kind)]


def _asked(found: Measured, setting: str, note: str) -> Measured:
    """Return a figure under the name of its question: ``rank1@demographics``."""
    metric = f"{found.metric}@{setting}" if setting else found.metric
    return replace(found, metric=metric, note="; ".join(n for n in (found.note, note) if n))
