"""How far released fields can be believed."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.attack.scales_trust import FEWEST, learn_trust
from mindveil.corpus.model import Column, Corpus, Participant
from mindveil.features.scales import latest_table

COLUMNS = {"age": Column(role="quasi", kind="number"), "town": Column(role="quasi", kind="nominal")}


def table(rows):
    people = tuple(
        Participant(participant_id=name, attributes={"age": age, "town": town})
        for name, age, town in rows
    )
    return latest_table(Corpus(name="toy", participants=people, columns=COLUMNS))


def cohort(people, rng):
    return [
        (f"P{i}", float(rng.integers(18, 80)), str(rng.choice(["a", "b", "c"])))
        for i in range(people)
    ]


def test_what_was_not_changed_is_believed():
    people = table(cohort(60, np.random.default_rng(0)))
    trust = learn_trust(people, people, people.ids)
    assert {t.overall for t in trust.values()} == {1.0}
    assert {t.width for t in trust.values()} == {0.0}


def test_noise_is_met_with_slack_and_lies_with_doubt():
    rng = np.random.default_rng(1)
    rows = cohort(400, rng)
    changed = [
        (name, age + float(rng.normal(0, 2)), town if rng.random() < 0.7 else "c")
        for name, age, town in rows
    ]
    trust = learn_trust(table(rows), table(changed), [name for name, _, _ in rows])
    assert 2 < trust["age"].width < 8
    assert trust["age"].overall > 0.7
    # Two thirds of the 30 % who became "c" were not: c is believed less than a and b.
    assert trust["town"].of("a") > 0.9
    assert trust["town"].of("c") < 0.7
    assert trust["town"].of("never seen") == pytest.approx(0.8, abs=0.06)


def test_a_band_that_is_true_is_believed():
    rows = cohort(60, np.random.default_rng(2))
    bands = [(n, f"{10 * int(a // 10)}-{10 * int(a // 10) + 9}", "*") for n, a, _ in rows]
    trust = learn_trust(table(rows), table(bands), [n for n, _, _ in rows])
    assert trust["age"].overall == trust["town"].overall == 1.0


def test_too_few_pupils_and_strangers_teach_nothing():
    rows = cohort(60, np.random.default_rng(3))
    people = table(rows)
    assert learn_trust(people, people, people.ids[: FEWEST - 1]) == {}
    strangers = table([(f"S{i}", age, town) for i, (_, age, town) in enumerate(rows)])
    assert learn_trust(people, strangers, people.ids) == {}
