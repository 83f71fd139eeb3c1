"""The private copula: a corpus in, people who do not exist out, with a promise on them."""

from __future__ import annotations

import time

import numpy as np
import pytest
from tests.synthesise.questionnaire_table import codebook, questionnaire_table

from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.dp.accounting import Budget
from mindveil.dp.noise import os_noise, seeded
from mindveil.errors import RefusedError
from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.copula import Copula
from mindveil.synthesise.dp_copula import DpCopula, DpCopulaModel, fit_dp_copula
from mindveil.synthesise.model_file import load_model, save_model

BUDGET = Budget(epsilon=1.0, delta=1e-5, accountant="gaussian")


def fitted(people=600, seed=0):
    codes = questionnaire_table(np.random.default_rng(seed), people)
    return fit_dp_copula(codes, codebook(), BUDGET, seeded(np.random.default_rng(seed)))


def corpus(people=400):
    codes = questionnaire_table(np.random.default_rng(3), people)
    levels = ("female", "male")
    return Corpus(
        name="clinic",
        participants=tuple(
            Participant(
                participant_id=f"P{i:04d}",
                attributes={"sex": levels[row[17]]},
                sessions=(
                    Session(
                        session_id="1",
                        responses={
                            "phq9": Response(items=tuple(row[:9].tolist())),
                            "gad7": Response(items=tuple(row[9:16].tolist())),
                        },
                    ),
                ),
            )
            for i, row in enumerate(codes)
        ),
        columns={"sex": Column(role="quasi", kind="nominal", levels=levels)},
    )


def test_a_model_comes_back_from_disk_with_its_promise_and_draws_the_same(tmp_path):
    model = fitted()
    save_model(model, tmp_path)
    back = load_model(tmp_path)
    assert isinstance(back, DpCopulaModel)
    assert back.guarantee == model.guarantee
    assert back.people == model.people
    drawn = [m.draw(100, np.random.default_rng(1)).tobytes() for m in (model, back)]
    assert drawn[0] == drawn[1]


def test_the_same_noise_is_the_same_model():
    assert fitted().latent.correlation.tobytes() == fitted().latent.correlation.tobytes()


def test_only_noise_of_the_operating_system_is_called_proved():
    codes = questionnaire_table(np.random.default_rng(0), 200)
    assert fitted().guarantee.label == "accounted"
    assert fit_dp_copula(codes, codebook(), BUDGET, os_noise()).guarantee.label == "proved"


@pytest.mark.parametrize("made", [DpCopula(epsilon=3.0), Copula()])
def test_a_corpus_becomes_people_who_do_not_exist(made):
    original = corpus()
    people = made.fit(original, np.random.default_rng(0), seeded(np.random.default_rng(1)))
    drawn = people.sample(150, np.random.default_rng(2))
    assert len(drawn.participants) == 150
    assert not set(drawn.ids) & set(original.ids)
    assert (people.guarantee is None) == isinstance(made, Copula)
    means = [
        np.mean([p.sessions[0].responses["phq9"].items[1] for p in c.participants])
        for c in (original, drawn)
    ]
    assert means[1] == pytest.approx(means[0], abs=0.35)
    again = made.apply(original, np.random.default_rng(5))
    assert again == made.apply(original, np.random.default_rng(5))


def test_a_delta_that_gives_people_away_is_refused():
    made = DpCopula(delta=1e-3)
    with pytest.raises(RefusedError, match="too large"):
        made.fit(corpus(), np.random.default_rng(0), seeded(np.random.default_rng(1)))


def test_sixty_columns_of_four_thousand_people_take_two_seconds_at_most():
    rng = np.random.default_rng(10)
    severity = rng.standard_normal((4000, 1))
    codes = np.clip(np.rint(severity + rng.standard_normal((4000, 60)) + 1.0), 0, 3)
    book = Codebook(
        variables=tuple(
            Variable(name=f"q{i}", kind="ordinal", levels=tuple("0123"), block=f"s{i // 12}")
            for i in range(60)
        )
    )
    start = time.process_time()
    fit_dp_copula(codes.astype(np.int16), book, BUDGET, seeded(rng))
    assert time.process_time() - start < 2.0
