"""What a model adds to a guess."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.attack.base import Inferred
from mindveil.attack.model_attribute_inference import WITHOUT
from mindveil.corpus.model import Column, Corpus, Participant
from mindveil.evidence.measured import Truth
from mindveil.evidence.model_gain import measure_model_gain
from mindveil.evidence.tables import measure_guessed


def truth(members, controls):
    def corpus(prefix, sexes):
        return Corpus(
            name="toy",
            columns={"sex": Column(role="quasi", kind="nominal", levels=("f", "m"))},
            participants=tuple(
                Participant(participant_id=f"{prefix}{i}", attributes={"sex": sex or None})
                for i, sex in enumerate(sexes)
            ),
        )

    return Truth(person_of={}, released=corpus("M", members), absent=corpus("N", controls))


def inferred(true, members, controls, setting=""):
    guesses = (*members, *controls)
    return Inferred(
        people=(*true.released.ids, *true.absent.ids), field="sex", guesses=guesses, setting=setting
    )


def figures(folds):
    return {m.metric: m for m in measure_model_gain(folds)}


def test_four_people_by_hand():
    """Of four who taught it, three are right with it and one without; of others one either way."""
    true = truth("fmfm", "ff")
    folds = [
        ([inferred(true, "fmff", "fm"), inferred(true, "mfff", "mf", WITHOUT)], true),
    ]
    found = figures(folds)
    assert found["accuracy@sex"].estimate.value == 0.75
    assert found["accuracy@sex"].baseline == 0.25
    gain = found["model-gain@sex"]
    assert gain.estimate.value == 0.5
    assert gain.control.value == 0.0
    assert gain.estimate.n == 4
    assert "without the model: 0.250, with it: 0.750" in gain.note


def test_what_is_won_by_some_is_lost_by_others():
    true = truth("ff" * 20, "fm")
    with_it, bare = "fm" * 20, "mf" * 20
    gain = figures([([inferred(true, with_it, "ff"), inferred(true, bare, "ff", WITHOUT)], true)])
    found = gain["model-gain@sex"].estimate
    assert found.value == 0
    assert found.low < -0.15 < 0.15 < found.high


def test_who_has_no_value_is_not_asked_and_folds_are_averaged():
    true = truth(["f", "m", ""], "fm")
    one = [inferred(true, "fmf", "fm"), inferred(true, "mmf", "fm", WITHOUT)]
    two = [inferred(true, "mmf", "fm"), inferred(true, "mmf", "fm", WITHOUT)]
    gain = figures([(one, true), (two, true)])["model-gain@sex"]
    assert gain.estimate.n == 2
    assert gain.estimate.value == pytest.approx(0.25)


def test_without_a_comparison_nothing_is_said_of_the_model():
    true = truth("fmfm", "ff")
    assert measure_model_gain([([inferred(true, "fmff", "fm")], true)]) == []
    assert measure_model_gain([]) == []


def test_chance_gains_nothing():
    rng = np.random.default_rng(1)
    sexes = rng.choice(["f", "m"], 200)
    true = truth(sexes, rng.choice(["f", "m"], 200))
    drawn = [rng.choice(["f", "m"], (2, 200)) for _ in range(2)]
    folds = [
        ([inferred(true, *drawn[0]), inferred(true, *drawn[1], WITHOUT)], true),
    ]
    found = figures(folds)["model-gain@sex"]
    assert found.estimate.low <= 0 <= found.estimate.high
    using = [([g for g in mine if g.setting != WITHOUT], one) for mine, one in folds]
    advantage = {m.metric: m for m in measure_guessed(using, frozenset(), rng)}["advantage"]
    assert advantage.estimate.low <= 0 <= advantage.estimate.high
