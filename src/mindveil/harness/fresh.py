"""The self-check that an attack cannot cheat: targets who are in no record at all.

The undefended release is made of other people, and every target is paired at random with one of
its records, as if it were hers. What an honest attack scores there is chance: its interval
contains the control.
"""

from __future__ import annotations

from mindveil import catalog
from mindveil.anonymise.pseudonyms import random_codes
from mindveil.attack.base import Attacker, is_on_data
from mindveil.corpus.folds import Fold
from mindveil.evidence.measured import Measured
from mindveil.harness.attacks import meet
from mindveil.harness.context import Context
from mindveil.harness.releases import attackers_copy, rename
from mindveil.harness.scoring import Bout, score_bouts
from mindveil.harness.views import Stage, view
from mindveil.randomness import stream
from mindveil.release import DataRelease
from mindveil.study import ORIGINAL


def attack_fresh_people(context: Context, measure: str, attacker: Attacker) -> list[Measured]:
    """Return what an attack scores on people who are in no record of an undefended release."""
    bouts = [_bout(context, measure, attacker, fold) for fold in context.folds]
    rng = stream(context.study.seed, "fresh", measure, attacker)
    return score_bouts(context, bouts, "targets are in no record", rng)


def _bout(context: Context, measure: str, attacker: Attacker, fold: Fold) -> Bout:
    """Release the held-out people, and pretend that they are as many of the released."""
    attack = catalog.attack(measure, context.study.attack.settings.get(measure, {}))
    assert is_on_data(attack)
    rng = stream(context.study.seed, "fresh", measure, attacker, *map(str, fold.place))
    records, reference = sorted(fold.held_out), sorted(fold.reference)
    codes = random_codes(records, rng)
    corpus, _ = rename(context.corpus.select(fold.held_out), codes)
    targets = [sorted(fold.released)[i] for i in rng.permutation(len(fold.released))]
    person_of = dict(zip(sorted(codes.values()), targets, strict=False))
    half = len(reference) // 2
    stage = Stage(
        release=DataRelease(name=ORIGINAL, corpus=corpus.select(person_of)),
        person_of=person_of,
        targets=frozenset(person_of.values()),
        absent=frozenset(reference[:half]),
        reference=frozenset(reference[half:]),
    )
    protect = None if attacker == "ignorant" else attackers_copy(context, ORIGINAL)
    return meet(attack, attacker, view(context, attack, 1, stage), protect, rng)
