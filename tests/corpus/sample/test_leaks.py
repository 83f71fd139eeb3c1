"""Planting identifiers: what may be given away, where, and how often."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.corpus.sample.identifiers import THINGS
from mindveil.corpus.sample.leaks import LEAK_CHANCE, may_leak, plan_leaks
from mindveil.corpus.sample.lives import draw_persona
from mindveil.corpus.sample.phrases import grammar
from mindveil.corpus.sample.topics import plan_topics

OPEN = next(
    p
    for p in (draw_persona(5, n) for n in range(1, 200))
    if p.manner.indiscretion and p.life.partner and p.life.child and p.life.sector == "office"
)


def test_every_thing_has_a_chance_and_two_lists_of_phrases() -> None:
    assert set(LEAK_CHANCE) == set(THINGS)
    for entity in THINGS:
        assert grammar().phrases[entity, "say"]
        assert grammar().phrases[entity, "again"]


def test_nobody_gives_away_what_they_have_not() -> None:
    assert set(may_leak(OPEN)) == set(THINGS)
    single = replace(OPEN, life=replace(OPEN.life, partner="", child=""))
    assert set(THINGS) - set(may_leak(single)) == {"partner", "child"}
    idle = replace(OPEN, life=replace(OPEN.life, sector="home"))
    assert set(THINGS) - set(may_leak(idle)) == {"manager", "employer", "occupation"}


def test_somebody_guarded_gives_away_no_direct_identifier() -> None:
    guarded = replace(OPEN, manner=replace(OPEN.manner, indiscretion=0.0))
    assert {THINGS[e].role for e in may_leak(guarded)} == {"quasi"}


@given(st.integers(0, 2**32))
@settings(deadline=None)
def test_a_second_mention_follows_the_first(seed: int) -> None:
    rng = np.random.default_rng(seed)
    topics, _ = plan_topics(rng)
    planted = plan_leaks(OPEN, topics, rng)
    assert set(planted) == set(topics)
    order = [p for topic in topics for p in planted[topic]]
    assert len(set(order)) == len(order)
    for entity, kind in order:
        if kind == "again":
            assert order.index((entity, "say")) < order.index((entity, "again"))


def test_things_are_given_away_as_often_as_stated() -> None:
    person = replace(OPEN, manner=replace(OPEN.manner, indiscretion=1.0))
    rng = np.random.default_rng(0)
    counts: Counter[str] = Counter()
    for _ in range(1500):
        topics, _ = plan_topics(rng)
        planted = plan_leaks(person, topics, rng)
        counts.update(e for found in planted.values() for e, kind in found if kind == "say")
    for entity, chance in LEAK_CHANCE.items():
        assert abs(counts[entity] / 1500 - chance) < 0.05, entity
