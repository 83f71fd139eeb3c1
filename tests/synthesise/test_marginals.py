"""Private margins: planted agreement comes back, none is made up, and what is paid for adds up."""

from __future__ import annotations

import math
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.dp.accounting import Budget
from mindveil.dp.noise import os_noise, seeded
from mindveil.errors import InputError, RefusedError
from mindveil.synthesise import marginals, score_latent
from mindveil.synthesise.base import Synthesiser
from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.marginals import DpMarginals, MarginalsModel, fit_marginals
from mindveil.synthesise.model_file import load_model, save_model
from mindveil.synthesise.people import load_people

RICH = Budget(epsilon=200.0, delta=1e-6)
THREE = Budget(epsilon=3.0, delta=1e-5)


def rng(seed=7):
    return np.random.default_rng(seed)


def book(*, may_miss=False):
    levels = ("0", "1", "2", "3")
    items = [
        Variable(name=f"{b}{i}", kind="ordinal", levels=levels, block=b, may_miss=may_miss)
        for i in range(6)
        for b in ("low", "worry")
    ]
    sex = Variable(name="sex", kind="nominal", levels=("f", "m"))
    land = Variable(name="land", kind="nominal", levels=tuple(f"L{i}" for i in range(40)))
    age = Variable(name="age", kind="number", edges=tuple(range(18, 60, 3)), may_miss=may_miss)
    return Codebook(variables=(*items, sex, land, age))


def people(count, codebook, source, within=1.4, between=0.8):
    both = source.multivariate_normal([0, 0], [[1, between], [between, 1]], count)
    latent = within * np.tile(both, 6) + source.standard_normal((count, 12))
    answers = np.digitize(latent, (-0.5, 0.8, 2.0))
    sex = (source.random(count) < 1 / (1 + np.exp(-2 * both[:, 1]))).astype(int)
    land = np.minimum(source.geometric(0.4, count) - 1, 39)
    age = np.clip(np.rint(6 + 2 * both[:, 0] + 2 * source.standard_normal(count)), 0, 12)
    codes = np.column_stack([answers, sex, land, age]).astype(np.int16)
    if codebook.variables[0].may_miss:
        codes[source.random(count) < 0.2, 1:12:2] = -1
        codes[source.random(count) < 0.1, 0] = -1
        codes[source.random(count) < 0.15, 14] = -1
    return codes


def alpha(items):
    count = items.shape[1]
    return count / (count - 1) * (1 - items.var(axis=0).sum() / items.sum(axis=1).var())


def figures(codes):
    low, worry = codes[:, 0:12:2], codes[:, 1:12:2]
    r = np.corrcoef([low.sum(axis=1), worry.sum(axis=1), codes[:, 12], codes[:, 14]])
    return np.array([alpha(low), alpha(worry), r[0, 1], r[1, 2], r[0, 3]])


def test_planted_agreement_comes_back_where_noise_is_small():
    codes = people(4000, book(), rng())
    model = fit_marginals(codes, book(), RICH, seeded(rng()))
    drawn = model.draw(4000, rng(1))
    assert book().checked(drawn).shape == codes.shape
    assert figures(drawn) == pytest.approx(figures(codes), abs=0.05)
    for mine, other in zip(drawn.T, codes.T, strict=True):
        counts = [np.bincount(c, minlength=40) / 4000 for c in (mine, other)]
        assert np.abs(counts[0] - counts[1]).sum() < 0.1


def test_alpha_and_agreement_hold_at_epsilon_three():
    codes = people(2500, book(), rng())
    model = fit_marginals(codes, book(), THREE, seeded(rng()))
    drawn = model.draw(model.people, rng(1))
    assert abs(model.people - 2500) < 60
    assert figures(drawn)[:2] == pytest.approx(figures(codes)[:2], abs=0.03)
    assert figures(drawn)[2:] == pytest.approx(figures(codes)[2:], abs=0.1)


def test_a_tree_over_items_loses_alpha_where_scores_keep_it():
    codes = people(2500, book(), rng())
    lost = [
        figures(codes)[0]
        - figures(fit_marginals(codes, book(), RICH, seeded(rng()), scores=s).draw(4000, rng(1)))[0]
        for s in (True, False)
    ]
    assert lost[0] < 0.01
    assert lost[1] > 0.04


def test_no_agreement_is_made_up_where_there_is_none():
    codes = rng().permuted(people(2500, book(), rng()), axis=0)
    drawn = fit_marginals(codes, book(), THREE, seeded(rng())).draw(4000, rng(1))
    assert np.abs(figures(drawn)).max() < 0.25
    assert np.abs(figures(drawn)[2:]).max() < 0.1


def test_who_is_missing_stays_missing_and_a_whole_scale_goes_together():
    codebook = book(may_miss=True)
    codes = people(4000, codebook, rng())
    drawn = fit_marginals(codes, codebook, RICH, seeded(rng())).draw(4000, rng(1))
    assert (drawn < 0).mean(axis=0) == pytest.approx((codes < 0).mean(axis=0), abs=0.03)
    gone = drawn[:, 1:12:2] < 0
    assert (gone.all(axis=1) == gone.any(axis=1)).mean() > 0.97


def test_a_few_missing_answers_drown_in_noise_instead_of_being_multiplied():
    codebook = book(may_miss=True)
    codes = people(2500, book(), rng())
    codes[0, 3] = -1
    drawn = fit_marginals(codes, codebook, THREE, seeded(rng())).draw(2500, rng(1))
    assert (drawn < 0).mean() < 0.002


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 50), blocks=st.integers(0, 3), scores=st.booleans())
def test_any_codebook_gives_cells_of_its_own(seed, blocks, scores):
    source = rng(seed)
    variables = tuple(
        Variable(
            name=f"v{i}",
            kind="ordinal",
            levels=("0", "1", "2"),
            block=f"b{i % 4}" if i % 4 < blocks else "",
            may_miss=bool(i % 2),
        )
        for i in range(9)
    )
    codebook = Codebook(variables=variables)
    codes = source.integers([-(i % 2) for i in range(9)], 3, (200, 9)).astype(np.int16)
    model = fit_marginals(codes, codebook, THREE, seeded(source), scores=scores)
    assert codebook.checked(model.draw(50, source)).shape == (50, 9)
    assert model.draw(0, source).shape == (0, 9)


def test_the_same_seeds_give_the_same_people_and_others_give_others():
    codes = people(500, book(), rng())
    drawn = [
        fit_marginals(codes, book(), THREE, seeded(rng(s))).draw(100, rng(1)).tobytes()
        for s in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize("scores", [True, False])
def test_a_saved_model_draws_the_same_people(tmp_path, scores):
    codebook = book(may_miss=True)
    codes = people(800, codebook, rng())
    model = fit_marginals(codes, codebook, RICH, seeded(rng()), scores=scores)
    save_model(model, tmp_path)
    back = load_model(tmp_path)
    assert isinstance(back, MarginalsModel)
    assert back.guarantee == model.guarantee
    assert back.draw(200, rng(3)).tobytes() == model.draw(200, rng(3)).tobytes()


@pytest.mark.parametrize(
    "name", ["node.0.group", "node.3.shares", "tree.table.0", "items.0.2", "items.1.0"]
)
def test_a_table_of_another_shape_is_refused(name):
    model = fit_marginals(people(300, book(), rng()), book(), THREE, seeded(rng()))
    tensors = dict(model.tensors())
    tensors[name] = np.vstack([tensors[name]] * 7)
    with pytest.raises(InputError):
        MarginalsModel.restored(book(), 300, None, tensors, model.facts())


@pytest.mark.parametrize("change", [[0, 1], [0, 99], [0, 0]])
def test_edges_that_are_no_tree_are_refused(change):
    model = fit_marginals(people(300, book(), rng()), book(), THREE, seeded(rng()))
    tensors = dict(model.tensors())
    tensors["tree.edges"] = np.array([change, *tensors["tree.edges"][1:]])
    with pytest.raises(InputError):
        MarginalsModel.restored(book(), 300, None, tensors, model.facts())


class Ledger:
    """Noise that writes down what it was asked for."""

    proved = False

    def __init__(self):
        self.asked = []
        self.inner = seeded(rng())

    def gaussian(self, sigma, shape):
        self.asked.append(sigma)
        return self.inner.gaussian(sigma, shape)

    def laplace(self, scale, shape):
        return self.inner.laplace(scale, shape)


def spent(tables, sigmas):
    return sum(t * t / (2.0 * s * s) for t, s in zip(tables, sigmas, strict=True))


def test_every_step_is_paid_for_and_all_of_them_together():
    ledger = Ledger()
    fit_marginals(people(600, book(), rng()), book(), THREE, ledger)
    # 2 scores; 3 variables; 3 edges; the product of two scores, at most 4 long and counted in
    # thousandths; 12 items.
    longest = [math.sqrt(2), math.sqrt(3), math.sqrt(3), 4000.0, math.sqrt(12)]
    selection = marginals._SPENT["selection"] * THREE.rho
    assert spent(longest, ledger.asked) + selection == pytest.approx(THREE.rho, rel=1e-6)
    assert sum(marginals._SPENT.values()) == pytest.approx(1.0)
    assert sum(marginals._SPENT_WITHOUT_SCORES.values()) == pytest.approx(1.0)


def test_the_promise_names_what_was_paid_and_is_proved_only_with_noise_of_the_system():
    codes = people(300, book(), rng())
    seeded_promise = fit_marginals(codes, book(), THREE, seeded(rng())).guarantee
    assert (seeded_promise.epsilon, seeded_promise.delta) == (3.0, 1e-5)
    assert seeded_promise.label == "accounted"
    assert len(seeded_promise.mechanisms) == 6
    assert fit_marginals(codes, book(), THREE, os_noise()).guarantee.label == "proved"


def test_levels_that_were_read_off_the_data_are_refused():
    variables = book().variables
    found = Codebook(variables=(*variables[:-2], replace(variables[-2], found=True), variables[-1]))
    with pytest.raises(InputError, match="land"):
        fit_marginals(people(300, book(), rng()), found, THREE, seeded(rng()))


def test_too_large_a_delta_is_refused():
    loose = Budget(epsilon=3.0, delta=1e-2)
    with pytest.raises(RefusedError):
        fit_marginals(people(300, book(), rng()), book(), loose, seeded(rng()))


def test_a_corpus_in_and_a_corpus_of_nobody_out(tmp_path):
    columns = {
        "sex": Column(role="quasi", kind="nominal", levels=("f", "m")),
        "age": Column(role="quasi", kind="number", low=18, high=60),
    }
    source = rng()
    bent = source.standard_normal(300)
    corpus = Corpus(
        name="many",
        participants=tuple(
            Participant(
                participant_id=f"P{i}",
                attributes={"sex": "f" if source.random() < 0.6 else "m", "age": 20.0 + i % 30},
                sessions=(
                    Session(
                        session_id="01",
                        responses={
                            "gad7": Response(
                                items=tuple(
                                    int(n)
                                    for n in np.digitize(
                                        b + source.standard_normal(7), (-0.5, 0.5, 1.5)
                                    )
                                )
                            )
                        },
                    ),
                ),
            )
            for i, b in enumerate(bent)
        ),
        columns=columns,
    )
    synthesiser = DpMarginals(epsilon=8.0)
    assert isinstance(synthesiser, Synthesiser)
    generator = synthesiser.fit(corpus, rng(), seeded(rng()))
    drawn = generator.sample(200, rng(1))
    assert len(drawn.participants) == 200
    assert drawn.synthetic
    generator.save(tmp_path)
    assert load_people(tmp_path).sample(50, rng(2)) == generator.sample(50, rng(2))
    assert synthesiser.apply(corpus, rng(3)) == synthesiser.apply(corpus, rng(3))


def test_nothing_but_noisy_tables_and_choices_is_learned_of_anybody(monkeypatch):
    steps = [(marginals, "noisy"), (marginals, "spanning_tree"), (score_latent, "_products")]
    plain = {name: getattr(module, name) for module, name in steps}

    def fitted(codes, replay):
        told = []
        for module, name in steps:

            def step(*given, _name=name, **named):
                told.append(plain[_name](*given, **named) if replay is None else replay[len(told)])
                return deepcopy(told[-1])

            monkeypatch.setattr(module, name, step)
        model = fit_marginals(codes, book(may_miss=True), THREE, seeded(rng()))
        return told, {name: t.tobytes() for name, t in model.tensors().items()}, model.people

    codes = people(400, book(may_miss=True), rng())
    told, tensors, count = fitted(codes, None)
    # Other people, the same answers of the mechanisms: the same model.
    others = people(150, book(may_miss=True), rng(8))
    assert fitted(others, told)[1:] == (tensors, count)
