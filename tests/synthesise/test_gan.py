from __future__ import annotations

import builtins

import numpy as np
import pytest
from tests.synthesise.questionnaire_table import (
    GAD,
    PHQ,
    alpha,
    between_scales,
    codebook,
    is_case,
    questionnaire_table,
    transfer_auc,
)

from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.dp.accounting import Budget
from mindveil.dp.noise import seeded
from mindveil.errors import InputError, RefusedError
from mindveil.synthesise.base import Synthesiser
from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.dp_moments import measure
from mindveil.synthesise.gan import DpGan, Gan, GanSettings, fit_dp_gan, fit_gan
from mindveil.synthesise.model_file import FACTS_FILE, TENSORS_FILE, load_model, save_model

torch = pytest.importorskip("torch", reason="torch is an optional extra")

SHORT = GanSettings(epochs=40, batch=200, hidden=32, critic=32, latents=8)
ONE_STEP = GanSettings(epochs=1, batch=40, hidden=8, critic=8, latents=3)


def rng(seed=7):
    return np.random.default_rng(seed)


def book_of(*cells, kind="ordinal", may_miss=False, block=""):
    return Codebook(
        variables=tuple(
            Variable(
                name=f"v{n}",
                kind=kind,
                levels=tuple(map(str, range(count))),
                may_miss=may_miss,
                block=block,
            )
            for n, count in enumerate(cells)
        )
    )


def mixed_table(people=400):
    """Return two scales on one factor, a nominal variable that goes with it, and gaps."""
    chance = rng(1)
    factor = chance.standard_normal(people)
    items = [
        np.digitize(0.8 * factor + 0.6 * chance.standard_normal(people), (-0.5, 0.4, 1.2))
        for _ in range(6)
    ]
    land = np.where(chance.random(people) < 0.15 + 0.5 * (factor > 0), 1, 0)
    land = np.where(chance.random(people) < 0.1, 2, land)
    codes = np.column_stack([*items, land]).astype(np.int16)
    codes[chance.random(people) < 0.2 * (factor > 0), 0] = -1
    levels = ("0", "1", "2", "3")
    variables = [
        Variable(name=f"q{n}", kind="ordinal", levels=levels, block="ab"[n % 2], may_miss=(n == 0))
        for n in range(6)
    ]
    land_is = Variable(name="land", kind="nominal", levels=("x", "y", "z"))
    return codes, Codebook(variables=(*variables, land_is))


@pytest.fixture(scope="module")
def mixed():
    codes, book = mixed_table()
    return codes, fit_gan(codes, book, rng(), SHORT)


def test_margins_gaps_and_ties_are_learned(mixed):
    codes, model = mixed
    drawn = model.draw(20_000, rng(2))
    for here, there, variable in zip(codes.T, drawn.T, model.codebook.variables, strict=True):
        for cell in range(-1, variable.cells):
            assert (there == cell).mean() == pytest.approx((here == cell).mean(), abs=0.02)
    for one, other in ((1, 2), (1, 3), (4, 5)):
        real = np.corrcoef(codes[:, one], codes[:, other])[0, 1]
        made = np.corrcoef(drawn[:, one], drawn[:, other])[0, 1]
        assert made == pytest.approx(real, abs=0.06)
    high, gone = codes[:, 5] >= 2, codes[:, 0] < 0
    made = drawn[drawn[:, 5] >= 2]
    assert (made[:, 0] < 0).mean() == pytest.approx(gone[high].mean(), abs=0.05)
    assert (made[:, 6] == 1).mean() == pytest.approx((codes[high, 6] == 1).mean(), abs=0.06)


def test_the_same_seed_is_the_same_network_and_the_same_people(mixed):
    codes, book = mixed_table(60)
    made = [fit_gan(codes, book, rng(), ONE_STEP) for _ in range(2)]
    for name, held in made[0].tensors().items():
        assert held.tobytes() == made[1].tensors()[name].tobytes()
    assert made[0].draw(30, rng()).tobytes() == made[1].draw(30, rng()).tobytes()
    other = fit_gan(codes, book, rng(8), ONE_STEP)
    assert other.draw(30, rng()).tobytes() != made[0].draw(30, rng()).tobytes()


def test_torch_is_left_as_it_was():
    codes, book = mixed_table(60)
    state = torch.get_rng_state()
    before = (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled())
    fit_gan(codes, book, rng(), ONE_STEP)
    assert before == (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled())
    assert torch.equal(state, torch.get_rng_state())


def test_a_saved_network_draws_the_same_people_and_holds_nothing_else(mixed, tmp_path):
    _, model = mixed
    save_model(model, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted((TENSORS_FILE, FACTS_FILE))
    back = load_model(tmp_path)
    assert back.facts() == model.facts()
    assert back.guarantee is None
    assert back.draw(100, rng()).tobytes() == model.draw(100, rng()).tobytes()


def test_no_tensor_is_as_long_as_the_table_is_or_holds_a_row(mixed):
    codes, model = mixed
    width = codes.shape[1]
    tables = [codes, model.codebook.checked(codes)]
    assert not any(len(codes) in held.shape for held in model.tensors().values())
    for held in model.tensors().values():
        if held.ndim == 2 and width in held.shape:
            rows = held if held.shape[1] == width else held.T
            for table in tables:
                near = np.abs(rows[:, None, :] - table[None, :, :]).max(axis=2)
                assert near.min() > 0.1


def test_people_with_a_row_of_their_own_are_not_given_back_more_than_strangers():
    # 12 people answered wildly, each in a way of his own; 12 others like them were not asked.
    chance = rng(3)
    factor = chance.standard_normal(500)
    body = np.digitize(0.9 * factor[:, None] + 0.4 * chance.standard_normal((500, 14)), (-1, 0, 1))
    wild = chance.integers(0, 4, size=(24, 14))
    codes = np.vstack([body, wild[:12]]).astype(np.int16)
    drawn = fit_gan(codes, book_of(*[4] * 14), rng(), SHORT).draw(5_000, rng(4))
    distance = (drawn[None, :, :] != wild[:, None, :]).sum(axis=2).min(axis=1)
    assert distance.min() > 0
    assert distance[:12].mean() == pytest.approx(distance[12:].mean(), abs=1.5)


def test_columns_that_have_nothing_to_do_with_each_other_stay_so():
    codes = rng(5).integers(0, 4, size=(800, 8)).astype(np.int16)
    drawn = fit_gan(codes, book_of(*[4] * 8, block="x"), rng(), SHORT).draw(20_000, rng(6))
    real, made = (np.corrcoef(table.T) - np.eye(8) for table in (codes, drawn))
    assert np.abs(made).max() < np.abs(real).max() + 0.03
    assert abs(alpha(drawn) - alpha(codes)) < 0.1


@pytest.mark.parametrize("kind", ["ordinal", "nominal"])
@pytest.mark.parametrize("may_miss", [False, True])
def test_tables_of_one_kind_of_column_can_be_learned(kind, may_miss):
    codes = rng().integers(-1 if may_miss else 0, 2, size=(40, 3)).astype(np.int16)
    model = fit_gan(codes, book_of(2, 2, 2, kind=kind, may_miss=may_miss), rng(), ONE_STEP)
    assert model.draw(10, rng()).shape == (10, 3)


def test_columns_in_which_nothing_happens_are_kept():
    codes = np.zeros((40, 4), dtype=np.int16)
    codes[:, 1], codes[:, 2], codes[:, 3] = -1, 2, np.arange(40) % 2
    book = book_of(1, 2, 3, 2, may_miss=True, block="x")
    drawn = fit_gan(codes, book, rng(), ONE_STEP).draw(200, rng())
    assert np.array_equal(drawn[:, :3], np.tile(codes[0, :3], (200, 1)))


def test_a_questionnaire_is_answered_or_not_asked_as_a_whole():
    codes, _ = mixed_table(600)
    asked = rng(4).random(600) < 0.8
    codes = np.column_stack([asked, codes[:, 1:6]]).astype(np.int16)
    codes[~asked, 1:] = -1
    levels = ("0", "1", "2", "3")
    items = [
        Variable(name=f"q{n}", kind="ordinal", levels=levels, block="q", may_miss=True)
        for n in range(5)
    ]
    flag = Variable(name="asked", kind="ordinal", levels=("no", "yes"))
    book = Codebook(variables=(flag, *items))
    drawn = fit_gan(codes, book, rng(), SHORT).draw(4_000, rng())
    gone = drawn[:, 0] == 0
    assert gone.mean() == pytest.approx(1 - asked.mean(), abs=0.03)
    assert np.all(drawn[gone, 1:] == -1)
    assert np.all(drawn[~gone, 1:] >= 0)
    assert alpha(drawn[~gone, 1:]) == pytest.approx(alpha(codes[asked, 1:]), abs=0.04)


def test_too_few_people_and_foreign_codes_are_refused():
    book = book_of(2, 2)
    with pytest.raises(InputError, match="20 people or more; there are 19"):
        fit_gan(np.zeros((19, 2), dtype=np.int16), book, rng())
    with pytest.raises(InputError, match="none of its cells"):
        fit_gan(np.full((30, 2), 2, dtype=np.int16), book, rng())


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"batch": 4}, {"moments": float("nan")}])
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(InputError):
        Gan(**wrong)


def test_without_torch_the_message_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def without_torch(name, *rest):
        if name == "torch" or name.startswith("torch."):
            raise ImportError(name)
        return real(name, *rest)

    codes, book = mixed_table(60)
    monkeypatch.setattr(builtins, "__import__", without_torch)
    with pytest.raises(InputError, match=r"pip install 'mindveil\[torch\]'"):
        fit_gan(codes, book, rng(), ONE_STEP)


def test_the_private_network_never_sees_a_person():
    codes, book = mixed_table(600)
    moments = measure(
        codes, book, Budget(epsilon=3.0, delta=1e-5, accountant="gaussian"), seeded(rng())
    )
    model = fit_dp_gan(moments, rng(), SHORT)
    assert model.guarantee == moments.guarantee
    assert model.guarantee.label == "accounted"
    assert model.people == moments.people
    # What is not in the moments cannot be in the network: other people, the same moments.
    again = fit_dp_gan(moments, rng(), SHORT)
    assert model.draw(50, rng()).tobytes() == again.draw(50, rng()).tobytes()
    drawn = model.draw(10_000, rng())
    taught = moments.latent.draw(10_000, rng(1))
    made, told = (np.corrcoef(t[:, 1:6].T) for t in (drawn, taught))
    assert np.abs(made - told).max() < 0.08


def corpus_of(people=60):
    chance = rng(2)
    columns = {
        "sex": Column(role="quasi", kind="nominal", levels=("female", "male")),
        "age": Column(role="quasi", kind="number", low=18, high=90),
    }
    everybody = tuple(
        Participant(
            participant_id=f"P{n:03d}",
            attributes={
                "sex": ("female", "male")[n % 2],
                "age": float(chance.integers(18, 90)),
            },
            sessions=(Session(session_id="01", responses={"gad7": answers(chance)}),),
        )
        for n in range(people)
    )
    return Corpus(name="toy", participants=everybody, columns=columns)


def answers(chance):
    items = tuple(int(x) for x in chance.integers(0, 4, size=7))
    return Response(items=items, total=float(sum(items)))


@pytest.mark.parametrize("step", [Gan(epochs=1, batch=40), DpGan(epochs=1, delta=1e-3)])
def test_a_corpus_goes_in_and_a_corpus_of_nobody_comes_out(step):
    corpus = corpus_of()
    assert isinstance(step, Synthesiser)
    made = step.apply(corpus, rng())
    again = step.apply(corpus, rng())
    assert made == again
    ids = {p.participant_id for p in corpus.participants}
    assert not ids & {p.participant_id for p in made.participants}
    promised = step.fit(corpus, rng(), seeded(rng())).guarantee
    assert (promised is None) == isinstance(step, Gan)


def test_a_delta_that_gives_people_away_is_refused():
    step = DpGan(epochs=1, delta=1e-2)
    with pytest.raises(RefusedError, match="too large"):
        step.fit(corpus_of(), rng(), seeded(rng()))


@pytest.mark.slow
def test_the_table_of_others_figures_keeps_its_scales():
    real, fresh = questionnaire_table(rng(0)), questionnaire_table(rng(1))
    made = fit_gan(real, codebook(), rng()).draw(5_000, rng())
    for scale in (PHQ, GAD):
        assert alpha(made[:, scale]) == pytest.approx(alpha(real[:, scale]), abs=0.02)
    assert between_scales(made) == pytest.approx(between_scales(real), abs=0.03)
    assert is_case(made).mean() == pytest.approx(is_case(real).mean(), abs=0.02)
    assert transfer_auc(made, fresh) >= 0.95 * transfer_auc(real, fresh)


@pytest.mark.slow
def test_three_epsilons_are_enough_for_scales_and_for_telling_cases():
    real, fresh = questionnaire_table(rng(0)), questionnaire_table(rng(1))
    budget = Budget(epsilon=3.0, delta=1e-5, accountant="gaussian")
    model = fit_dp_gan(measure(real, codebook(), budget, seeded(rng())), rng())
    made = model.draw(model.people, rng())
    assert min(alpha(made[:, PHQ]), alpha(made[:, GAD])) >= 0.70
    assert transfer_auc(made, fresh) >= 0.75
