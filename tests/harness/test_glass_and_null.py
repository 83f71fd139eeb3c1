"""Every attack can win (glass: identities planted) and cannot cheat (null: identities shuffled)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tests.harness.toys import glass, made_of_others, see, stage

from mindveil import catalog
from mindveil.attack.base import (
    OF_GENERATORS,
    OF_MEASURES,
    SYNTHETIC,
    Claims,
    Inferred,
    LinkScores,
    Membership,
    Predicates,
)
from mindveil.evidence.linkage import measure_linkage, name_pairs
from mindveil.evidence.membership import measure_membership
from mindveil.evidence.residuals import measure_residuals
from mindveil.evidence.singling_out import measure_singling_out
from mindveil.evidence.tables import measure_claims, measure_guessed, measure_isolation
from mindveil.harness.attacks import meet

LINKED = frozenset({"fused/cross-modal"})
"""Attacks that need modalities which know of each other: the toys of this file do not."""
OF_FILES = frozenset({"release/leaks"})
"""Searches of files, which are no line-up: proved by planted ways and clean folders."""
ALL = sorted(
    n
    for n, kind in catalog.ATTACKS.items()
    if kind.needs <= {"text", "scales"} and n not in OF_GENERATORS | OF_MEASURES | LINKED | OF_FILES
)
LINEUP = 10
RECORDED = {
    "face/attribute-inference": "test_attribute_inference.py",
    "face/linkage": "test_face_linkage.py",
    "fused/cross-modal": "test_cross_modal.py",
    "voice/attribute-inference": "test_attribute_inference.py",
    "voice/speaker-linkage": "test_speaker_linkage.py",
}
"""Attacks on recordings stand before toy voices and faces of their own."""


def test_every_attack_on_recordings_is_proved_in_its_own_file():
    assert set(ALL) | set(RECORDED) | OF_GENERATORS | OF_MEASURES | OF_FILES == set(catalog.ATTACKS)
    for file in RECORDED.values():
        text = (Path(__file__).parents[1] / "attack" / file).read_text(encoding="utf-8")
        assert re.search(r"def test_\w*(on_glass|planted)", text), file
        assert re.search(r"def test_\w*_in_40_corpora", text), file


def test_every_attack_on_generators_is_proved_in_its_own_file():
    for file in ("test_artefact.py", "test_stolen_model.py"):
        text = (Path(__file__).parents[1] / "attack" / file).read_text(encoding="utf-8")
        assert re.search(r"def test_\w*(keeper|says_more)", text), file


def untouched(corpus, rng):
    """Protect nothing: what an informed attacker of an undefended release has."""
    return corpus


def fight(name, attacker, corpus, rng, *, shuffled=False):
    """Return the headline figures of one attacker on one undefended fold."""
    attack = catalog.attack(name, {})
    if shuffled and name.startswith(SYNTHETIC):
        shown = made_of_others(corpus, rng)
    else:
        shown = stage(corpus, rng, shuffled=shuffled)
    protect = None if attacker == "ignorant" else untouched
    bout = meet(attack, attacker, see(corpus, attack, shown), protect, rng)
    first, rare = bout.guesses[0], frozenset()
    if isinstance(first, LinkScores):
        found = measure_linkage([name_pairs(first, bout.truth)], LINEUP, frozenset(), rng)
    elif isinstance(first, Membership):
        found = measure_membership([(first, bout.truth)], rare, rng)
    elif isinstance(first, Claims):
        found = measure_claims([(first, bout.truth)], rare, rng)
    elif isinstance(first, Inferred):
        found = measure_guessed([(bout.guesses, bout.truth)], rare, rng)
    elif isinstance(first, Predicates) and first.of_nobody:
        found = measure_isolation([(first, bout.truth)], rare, rng)
    elif isinstance(first, Predicates):
        found = measure_singling_out([(first, bout.truth)], frozenset())
    else:
        found = measure_residuals([(first, bout.truth)], rng)
    return {m.metric: m for m in found}


@pytest.mark.parametrize("name", ALL)
def test_every_attack_wins_on_glass(name):
    corpus = glass(340, np.random.default_rng(1))
    for attacker in catalog.attack(name, {}).attackers:
        found = fight(name, attacker, corpus, np.random.default_rng(2))
        headline = found.get("rank1") or found.get("success") or found["advantage"]
        assert headline.estimate.n >= 200
        assert headline.estimate.value >= 0.95, (attacker, headline)
        assert found["advantage"].estimate.low > 0.85, (attacker, found["advantage"])


def exclusions(name, attacker, seeds, people=60):
    """Return in how many of so many null corpora the interval of the advantage excludes 0."""
    above = below = 0
    for seed in range(seeds):
        rng = np.random.default_rng([77, seed])
        corpus = glass(people, rng)
        gain = fight(name, attacker, corpus, rng, shuffled=True)["advantage"].estimate
        above += gain.low > 0
        below += gain.high < 0
    return above, below


@pytest.mark.parametrize("name", ALL)
def test_no_attack_beats_chance_on_a_few_null_corpora(name):
    people = 200 if name.startswith(SYNTHETIC) else 60
    for attacker in catalog.attack(name, {}).attackers:
        above, below = exclusions(name, attacker, seeds=6, people=people)
        assert above + below <= 2, attacker


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_no_attack_beats_chance_on_200_null_corpora(name):
    # 95 % intervals: at most one in ten may exclude nothing at all. They are exact or wider, so
    # fewer than one in twenty is expected, and no floor is asked of discrete counts.
    for attacker in catalog.attack(name, {}).attackers:
        people = 200 if name.startswith(SYNTHETIC) else 60
        above, below = exclusions(name, attacker, seeds=200, people=people)
        assert above + below <= 20, attacker
        assert above <= 10, attacker


def test_every_attack_on_measures_and_models_is_proved_in_its_own_file():
    for name in ("feature_inversion", "model_membership", "model_inversion"):
        text = (Path(__file__).parents[1] / "attack" / f"test_{name}.py").read_text(
            encoding="utf-8"
        )
        assert re.search(r"def test_\w*(planted|caught|glass|rebuilt)", text), name
        assert re.search(r"def test_\w*(nobody|null|chance|strangers)", text), name
