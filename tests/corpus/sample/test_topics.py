"""What is asked, and how bad it is said to be."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.sample.phrases import grammar
from mindveil.corpus.sample.topics import (
    CORE,
    OPTIONAL,
    ORDER,
    RARE,
    SYMPTOMS,
    TURNS,
    level_of,
    plan_topics,
)


def test_every_topic_has_a_place_and_a_question() -> None:
    assert sorted(ORDER) == sorted(CORE + OPTIONAL)
    for topic in ORDER:
        assert grammar().phrases["ask", topic]
    assert set(RARE) <= set(SYMPTOMS) <= set(ORDER)


@given(st.integers(0, 2**32))
def test_a_plan_keeps_its_order_and_length(seed: int) -> None:
    topics, followed = plan_topics(np.random.default_rng(seed))
    assert set(CORE) <= set(topics)
    assert [t for t in ORDER if t in topics] == list(topics)
    assert TURNS[0] <= len(topics) + len(followed) <= TURNS[1]
    assert followed <= set(topics) - {"greeting", "farewell"}


@given(st.sampled_from(sorted(SYMPTOMS)), st.floats(-3, 3), st.integers(0, 2**32))
def test_the_worse_and_the_franker_the_higher_the_level(
    topic: str, trait: float, seed: int
) -> None:
    def said(state: float, candour: float) -> int:
        return level_of(topic, (state,) * 5, candour, np.random.default_rng(seed))

    assert 0 <= said(trait, 0.0) <= said(trait + 1.0, 0.0) <= 3
    assert said(trait, -1.0) <= said(trait, 1.0)


def test_levels_tell_of_the_right_trait_with_noise() -> None:
    rng = np.random.default_rng(0)
    depressed = (1.5, 0.0, 0.0, 0.0, 0.0)
    mood = [level_of("mood", depressed, 0.0, rng) for _ in range(400)]
    odd = [level_of("odd", depressed, 0.0, rng) for _ in range(400)]
    assert np.mean(mood) > 2
    assert np.mean(odd) < 0.6
    assert len(set(mood)) >= 3
