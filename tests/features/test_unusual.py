"""Who is rare: by hand, and the same people whatever they are asked for."""

from __future__ import annotations

import numpy as np
import pytest
from tests.utility.answers import table

from mindveil.features.unusual import most_unusual, rarity_ranks, surprise_of


def test_four_people_by_hand():
    corpus = table({"own": [[1], [1], [1], [2]]}, {"sex": ["f", "f", "m", "m"]})
    # half are of either sex; three of four gave the first answer
    common, rare = -np.log(0.5) - np.log(0.75), -np.log(0.5) - np.log(0.25)
    assert surprise_of(corpus) == pytest.approx([common] * 3 + [rare])
    assert rarity_ranks(corpus) == {"P00003": 1, "P00000": 2, "P00001": 3, "P00002": 4}


def test_the_first_ranks_are_the_most_unusual():
    rng = np.random.default_rng(1)
    corpus = table({"phq9": rng.integers(4, size=(120, 9)).tolist()})
    ranks = rarity_ranks(corpus)
    assert sorted(ranks.values()) == list(range(1, 121))
    assert most_unusual(corpus) == {p for p, place in ranks.items() if place <= 12}


def test_too_few_people_or_nothing_to_be_rare_in():
    assert most_unusual(table({"own": [[i] for i in range(50)]})) == frozenset()
    assert most_unusual(table({"own": [[1]] * 200})) == frozenset()
