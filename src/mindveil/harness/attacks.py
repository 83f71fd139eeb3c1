"""Put one attacker before one release, fold by fold, and score him with the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mindveil import catalog
from mindveil.attack.base import (
    TIERS,
    AnyAttack,
    Attack,
    Attacker,
    Knowledge,
    LinkScores,
    is_on_data,
    is_on_models,
    is_on_updates,
)
from mindveil.attack.release_leaks import LEAKS
from mindveil.corpus.model import Corpus
from mindveil.errors import InvalidMeasurement, MindveilError
from mindveil.evidence.linkage import Linked, compare_chances, name_pairs
from mindveil.evidence.person_risk import own_chances
from mindveil.evidence.scorecard import Cell
from mindveil.harness.context import Context
from mindveil.harness.file_leaks import measure_files
from mindveil.harness.models import model_bouts
from mindveil.harness.people_at_risk import keep_outcomes, kept_chances
from mindveil.harness.releases import attackers_copy, load_release
from mindveil.harness.scoring import Bout, score_bouts
from mindveil.harness.steps import LikeTheRelease
from mindveil.harness.updates import update_bouts
from mindveil.harness.views import Stage, View, view
from mindveil.plan import CellPlan
from mindveil.randomness import stream

Copies = Callable[[Corpus, np.random.Generator], Corpus]
"""Protects any corpus the way a release was made."""


def measure_attack(context: Context, cell: CellPlan) -> Cell:
    """Return the rows of one attack cell; what cannot be believed is invalid, never low risk."""
    if cell.measure == LEAKS:
        return measure_files(context, cell)
    attack = catalog.attack(cell.measure, context.study.attack.settings.get(cell.measure, {}))
    row = cell.row(context.study.seed)
    kinds = [k for k in attack.attackers if k in context.study.attack.attackers]
    weaker = kinds[: kinds.index(cell.attacker)] if cell.attacker in kinds else []
    try:
        bouts = _bouts(context, attack, cell, cell.attacker or kinds[0])
        tier = min((b.guesses[0].tier for b in bouts), key=TIERS.index)
        note = _note(context, cell, bouts, tier)
        rng = stream(context.study.seed, "bootstrap", cell.release, cell.measure)
        rows = [row.holding(m) for m in score_bouts(context, bouts, note, rng)]
        fault = _undertrained(context, attack, cell, bouts, weaker)
        if not fault:
            keep_outcomes(context, cell, bouts)
    except InvalidMeasurement as why:
        return Cell(rows=(replace(row, status="invalid", note=str(why)),))
    if fault:
        rows = [replace(r, status="invalid", note=f"{fault}; {r.note}") for r in rows]
    return Cell(rows=tuple(rows), tier=tier)


def _bouts(context: Context, attack: AnyAttack, cell: CellPlan, attacker: Attacker) -> list[Bout]:
    if is_on_models(attack):
        return model_bouts(context, attack, cell, attacker)
    if is_on_updates(attack):
        return update_bouts(context, attack, cell, attacker)
    assert is_on_data(attack)
    return bouts_of(context, attack, cell, attacker)


def bouts_of(context: Context, attack: Attack, cell: CellPlan, attacker: Attacker) -> list[Bout]:
    """Put one attacker before every fold of a release."""
    copy = attackers_copy(context, cell.release)
    bouts = []
    for fold in context.folds:
        release, person_of = load_release(context, cell.release, fold)
        seen = view(context, attack, cell.recordings, Stage.of(fold, release, person_of))
        watched = Watched(protect=copy)
        rng = stream(
            context.study.seed, cell.release, cell.measure, attacker, *map(str, fold.place)
        )
        bout = meet(attack, attacker, seen, None if attacker == "ignorant" else watched, rng)
        bouts.append(replace(bout, unlearnt=bool(watched.faults)))
    return bouts


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """An attacker's copy of the protection that remembers where it could not be used.

    A protection that refuses the few people whom an attacker may learn from (they are fewer than
    k, say) leaves him as he was: that has to be told, for it is no merit of the release.
    """

    protect: LikeTheRelease
    faults: list[MindveilError] = field(default_factory=list)

    def __call__(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the protected corpus."""
        try:
            return self.protect(corpus, rng)
        except MindveilError as fault:
            self.faults.append(fault)
            raise


def meet(
    attack: Attack,
    attacker: Attacker,
    seen: View,
    protect: Copies | None,
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
    guesses = attack.run(seen.release, knowledge, rng)
    return Bout(guesses=guesses, truth=seen.truth, by_seat=attack.modality == "fused")


def _undertrained(
    context: Context,
    attack: AnyAttack,
    cell: CellPlan,
    bouts: Sequence[Bout],
    weaker: Sequence[Attacker],
) -> str:
    """Say so where a weaker attacker does better for sure: the stronger one did not learn."""
    mine, lineup = _linked(bouts), context.study.attack.lineup
    for kind in weaker if mine else ():
        try:
            theirs = kept_chances(context, replace(cell, attacker=kind))
            if theirs is None:
                theirs = own_chances(_linked(_bouts(context, attack, cell, kind)), lineup)
            gap = compare_chances(own_chances(mine, lineup), theirs)
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


def _silent(bouts: Sequence[Bout]) -> list[str]:
    """Say which modalities were released and known and yet compared by nobody, where any was."""
    first = [b.guesses[0] for b in bouts]
    missed = Counter(m for g in first if isinstance(g, LinkScores) for m in g.silent)
    return [f"{m} could not be compared in {n} of {len(bouts)} folds" for m, n in missed.items()]


def _note(context: Context, cell: CellPlan, bouts: Sequence[Bout], tier: str) -> str:
    guesses = bouts[0].guesses[0]
    told = [f"tier: {tier}"]
    if len(bouts) < len(context.folds):
        told.append(f"{len(bouts)} of {len(context.folds)} folds could be measured")
    unlearnt = sum(b.unlearnt for b in bouts)
    if unlearnt:
        told.append(
            f"in {unlearnt} of {len(bouts)} folds the protection could not be used on the people "
            "he learns from, so that he learnt nothing there"
        )
    told += _silent(bouts)
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
