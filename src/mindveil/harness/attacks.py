"""Put one attacker before one release, fold by fold, and score him with the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mindveil import catalog
from mindveil.attack.base import (
    Attack,
    Attacker,
    Attributes,
    Guesses,
    Knowledge,
    LinkScores,
    Predicates,
    Reading,
)
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.inference import measure_inference
from mindveil.evidence.linkage import Linked, compare, measure_linkage, name_pairs
from mindveil.evidence.measured import Measured, Truth
from mindveil.evidence.residuals import measure_residuals
from mindveil.evidence.scorecard import Cell
from mindveil.evidence.singling_out import measure_singling_out
from mindveil.harness.context import Context
from mindveil.harness.releases import LikeTheRelease, attackers_copy, load_release
from mindveil.harness.views import Stage, View, view
from mindveil.plan import CellPlan
from mindveil.randomness import stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Bout:
    """One fold of one attacker against one release: his guesses, and the truth about them."""

    guesses: tuple[Guesses, ...]
    truth: Truth


def measure_attack(context: Context, cell: CellPlan) -> Cell:
    """Return the rows of one attack cell; what cannot be believed is invalid, never low risk."""
    attack = catalog.attack(cell.measure, context.study.attack.settings.get(cell.measure, {}))
    row = cell.row(context.study.seed)
    kinds = [k for k in attack.attackers if k in context.study.attack.attackers]
    weaker = kinds[: kinds.index(cell.attacker)] if cell.attacker in kinds else []
    try:
        bouts = bouts_of(context, attack, cell, cell.attacker or kinds[0])
        tier = bouts[0].guesses[0].tier
        note = _note(context, cell, bouts, tier)
        rng = stream(context.study.seed, "bootstrap", cell.release, cell.measure)
        rows = [row.holding(m) for m in score_bouts(context, bouts, note, rng)]
        fault = _undertrained(context, attack, cell, bouts, weaker)
    except InvalidMeasurement as why:
        return Cell(rows=(replace(row, status="invalid", note=str(why)),))
    if fault:
        rows = [replace(r, status="invalid", note=f"{fault}; {r.note}") for r in rows]
    return Cell(rows=tuple(rows), tier=tier)


def bouts_of(context: Context, attack: Attack, cell: CellPlan, attacker: Attacker) -> list[Bout]:
    """Put one attacker before every fold of a release."""
    copy = attackers_copy(context, cell.release)
    bouts = []
    for fold in context.folds:
        release, person_of = load_release(context, cell.release, fold)
        seen = view(context, attack, cell.recordings, Stage.of(fold, release, person_of))
        protect = None if attacker == "ignorant" else copy
        rng = stream(
            context.study.seed, cell.release, cell.measure, attacker, *map(str, fold.place)
        )
        bouts.append(meet(attack, attacker, seen, protect, rng))
    return bouts


def meet(
    attack: Attack,
    attacker: Attacker,
    seen: View,
    protect: LikeTheRelease | None,
    rng: np.random.Generator,
) -> Bout:
    """Let an attacker see what he may see, and keep his guesses beside the truth."""
    knowledge = Knowledge(
        attacker=attacker,
        known=seen.known,
        reference=seen.reference,
        protect=protect,
        recordings=seen.recordings,
    )
    return Bout(guesses=attack.run(seen.release, knowledge, rng), truth=seen.truth)


def score_bouts(
    context: Context, bouts: Sequence[Bout], note: str, rng: np.random.Generator
) -> list[Measured]:
    """Turn the guesses of all folds into figures, question by question.

    Raises InvalidMeasurement where the headline question cannot be believed; a further question
    that cannot is named in the note of the headline.
    """
    questions = min(len(b.guesses) for b in bouts)
    found = _score_one(context, [(b.guesses[0], b.truth) for b in bouts], note, rng, headline=True)
    for number in range(1, questions):
        asked = [(b.guesses[number], b.truth) for b in bouts]
        try:
            found += _score_one(context, asked, note, rng, headline=False)
        except InvalidMeasurement as why:
            told = f"{found[0].note}; question {number + 1} not measured: {why}"
            found[0] = replace(found[0], note=told)
    return found


def _score_one(
    context: Context,
    asked: Sequence[tuple[Guesses, Truth]],
    note: str,
    rng: np.random.Generator,
    *,
    headline: bool,
) -> list[Measured]:
    first, _ = asked[0]
    if isinstance(first, LinkScores):
        linked = [name_pairs(g, t) for g, t in asked if isinstance(g, LinkScores)]
        measured = measure_linkage(linked, context.study.attack.lineup, context.unusual, rng)
        if headline:
            return [_asked(m, "", f"{note}; {first.setting}".rstrip("; ")) for m in measured]
        return [_asked(m, first.setting, note) for m in measured]
    if isinstance(first, Attributes):
        inferred = [(g, t) for g, t in asked if isinstance(g, Attributes)]
        return [_asked(m, "", note) for m in measure_inference(inferred, rng)]
    if isinstance(first, Predicates):
        guesses = [(g, t) for g, t in asked if isinstance(g, Predicates)]
        return [_asked(m, "", note) for m in measure_singling_out(guesses, context.unusual)]
    readings = [(g, t) for g, t in asked if isinstance(g, Reading)]
    return [_asked(m, "", note) for m in measure_residuals(readings, rng)]


def _asked(found: Measured, setting: str, note: str) -> Measured:
    """Return a figure under the name of its question: ``rank1@demographics``."""
    metric = f"{found.metric}@{setting}" if setting else found.metric
    return replace(found, metric=metric, note="; ".join(n for n in (found.note, note) if n))


def _undertrained(
    context: Context,
    attack: Attack,
    cell: CellPlan,
    bouts: Sequence[Bout],
    weaker: Sequence[Attacker],
) -> str:
    """Say so where a weaker attacker does better for sure: the stronger one did not learn."""
    mine = _linked(bouts)
    for kind in weaker if mine else ():
        try:
            theirs = _linked(bouts_of(context, attack, cell, kind))
            gap = compare(mine, theirs, context.study.attack.lineup)
        except InvalidMeasurement:
            continue  # a weaker attacker that cannot be believed says nothing about this one
        if gap.high < 0:
            return (
                f"under-trained: the {kind} attacker does better by "
                f"{-gap.value:.3f} [{-gap.high:.3f}, {-gap.low:.3f}]"
            )
    return ""


def _linked(bouts: Sequence[Bout]) -> list[Linked]:
    return [
        name_pairs(b.guesses[0], b.truth) for b in bouts if isinstance(b.guesses[0], LinkScores)
    ]


def _note(context: Context, cell: CellPlan, bouts: Sequence[Bout], tier: str) -> str:
    guesses = bouts[0].guesses[0]
    told = [f"tier: {tier}"]
    if isinstance(guesses, LinkScores):
        lineup = context.study.attack.lineup
        there = min(
            len(b.guesses[0].candidates) for b in bouts if isinstance(b.guesses[0], LinkScores)
        )
        size = there if guesses.whole_table else min(lineup, there)
        told.append(f"N = {size}" + ("" if guesses.whole_table or there >= lineup else " (all)"))
        told.append(f"L = {cell.recordings}")
    if context.corpus.pseudo_sessions:
        told.append("pseudo-sessions")
    return "; ".join(told)
