"""A bad week slows the voice; who shares a voice differs; nothing else moves anybody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from mindveil.corpus.sample.lives import draw_persona
from mindveil.corpus.sample.voices import TRACTS, deliver, furnish, vocal_tracts

BODY = replace(draw_persona(1, 1).body, words_per_minute=155.0, expressivity=0.6)


def _drawn(measure: str, trait: int, visits: int = 400) -> float:
    """Rank correlation between a trait of the day and a measure of the delivery."""
    rng = np.random.default_rng(0)
    states = rng.standard_normal((visits, 5))
    values = [getattr(deliver(BODY, 1.0, tuple(s), rng), measure) for s in states]
    return float(spearmanr(states[:, trait], values).statistic)


@pytest.mark.parametrize(
    ("measure", "trait", "sign"),
    [
        ("speed", 0, -1),
        ("pause", 0, 1),
        ("pitch_range", 0, -1),
        ("loudness_range", 0, -1),
        ("speed", 1, 1),
        ("pitch", 1, 1),
        ("unsteadiness", 1, 1),
    ],
)
def test_severity_moves_the_voice_in_the_planted_direction(
    measure: str, trait: int, sign: int
) -> None:
    assert sign * _drawn(measure, trait) > 0.3


@pytest.mark.parametrize("trait", [2, 3, 4])
@pytest.mark.parametrize("measure", ["speed", "pause", "pitch_range", "pitch"])
def test_other_traits_do_not_move_it(measure: str, trait: int) -> None:
    assert abs(_drawn(measure, trait)) < 0.2  # 4 standard errors of 400 visits


def test_people_with_one_voice_get_different_vocal_tracts() -> None:
    people = [draw_persona(3, i) for i in range(1, 61)]
    tracts = vocal_tracts(people)
    pairs = [(p.body.voice_id, tracts[p.participant_id]) for p in people]
    assert len(set(pairs)) == len(pairs)
    assert set(tracts.values()) <= set(TRACTS)
    assert vocal_tracts(people[:20]) == {
        p.participant_id: tracts[p.participant_id] for p in people[:20]
    }


def test_a_room_is_quiet_but_not_silent() -> None:
    rooms = [furnish(np.random.default_rng(i)) for i in range(50)]
    assert all(30 <= room.signal_to_noise <= 40 for room in rooms)
    assert len({room.response for room in rooms}) == 50
