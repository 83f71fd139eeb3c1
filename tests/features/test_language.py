from __future__ import annotations

import numpy as np
import pytest

from mindveil.features import weights
from mindveil.features.language import LANGUAGE, measure_words
from mindveil.features.sentences import load_encoder


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(weights.locate("minilm"))


def row(turns: list[str], encoder) -> dict[str, float]:
    return dict(zip(LANGUAGE, measure_words([turns], encoder)[0], strict=True))


def test_what_is_counted_by_hand(encoder):
    # 10 words in 2 turns; "i" and "my"; "can't" and "nothing"; "always"; "every night".
    found = row(["I can't sleep, my head", "always nothing works every night"], encoder)
    assert found["words"] == 10
    assert found["words-per-turn"] == 5
    assert found["first-person"] == pytest.approx(0.2)
    assert found["negation"] == pytest.approx(0.2)
    assert found["absolutist"] == pytest.approx(0.3)  # always, nothing, every
    assert found["durations"] == pytest.approx(10.0)


def test_words_that_say_a_symptom_come_nearest_to_its_domain(encoder):
    low = row(["I feel hopeless and empty and I cry every day, nothing gives me joy"], encoder)
    well = row(["I am happy with my life, I sleep well and enjoy every day"], encoder)
    assert low["near-depression"] > well["near-depression"] + 0.1
    assert well["near-wellbeing"] > low["near-wellbeing"] + 0.1


def test_nobody_who_says_nothing_is_measured(encoder):
    assert np.isnan(measure_words([[], ["  "]], encoder)).all()


def test_a_row_depends_on_nobody_else(encoder):
    one, other = ["I could not sleep at all last week"], ["the garden was nice this morning"]
    both = measure_words([one, other], encoder)
    np.testing.assert_allclose(both[:1], measure_words([one], encoder), atol=1e-6)
