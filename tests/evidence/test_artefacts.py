from __future__ import annotations

import numpy as np
import pytest

from mindveil.attack.base import Membership
from mindveil.corpus.model import Corpus, Participant
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.artefacts import measure_rows_found
from mindveil.evidence.measured import Truth


def people(*ids: str) -> Corpus:
    return Corpus(name="c", participants=tuple(Participant(participant_id=i) for i in ids))


def fold(members: str, absent: str, found: str) -> tuple[Membership, Truth]:
    everybody = tuple(members + absent)
    scores = np.array([float(p in found) for p in everybody])
    truth = Truth(person_of={}, released=people(*members), absent=people(*absent))
    return Membership(people=everybody, scores=scores, setting="rows found"), truth


def test_rows_found_by_hand():
    rows, gain = measure_rows_found([fold("abcd", "ef", "ab"), fold("abef", "cd", "a")])
    # a twice of twice, b once of twice, c, d, e, f never: 1.5 of 6
    assert rows.metric == "rows-found"
    assert rows.estimate.value == pytest.approx(0.25)
    assert rows.estimate.n == 6
    assert rows.control is not None
    assert rows.control.value == 0
    assert gain.metric == "advantage"
    assert gain.estimate.value == pytest.approx(0.25)


def test_nobody_found_is_a_figure_with_the_doubt_of_so_many_people():
    rows, _ = measure_rows_found([fold("abcdefgh", "xyz", "")])
    assert rows.estimate.value == 0
    assert rows.estimate.high == pytest.approx(1 - 0.025 ** (1 / 8))


def test_what_is_found_of_strangers_too_is_no_gain():
    _, gain = measure_rows_found([fold("abcd", "wxyz", "abwx")])
    assert gain.estimate.value == pytest.approx(0.0)


def test_without_control_people_nothing_is_told():
    with pytest.raises(InvalidMeasurement, match="nobody was looked for"):
        measure_rows_found([fold("ab", "", "a")])
