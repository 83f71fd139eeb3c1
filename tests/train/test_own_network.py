"""A network of one's own: each person's gradient is his own, and what runs is what is accounted."""

from __future__ import annotations

import copy
import math
import sys

import numpy as np
import pytest

from mindveil.dp.accounting import Budget
from mindveil.dp.noise import os_noise, seeded
from mindveil.dp.poisson import Training, epsilon_of_training
from mindveil.errors import InputError, InvalidMeasurement, RefusedError
from mindveil.train import own_network
from mindveil.train.outlook import auc_of
from mindveil.train.own_network import GRAIN, OwnTraining, Recorded, teach
from mindveil.train.person_gradients import (
    check_one_by_one,
    clipped_sum,
    ghost_of,
    tensor_of,
    weights_of,
)

BUDGET = Budget(epsilon=3.0, delta=1e-4)
SETTINGS = OwnTraining(budget=BUDGET, people=200, rate=0.2, steps=30)
WINDOWS, FEATURES = 5, 3


@pytest.fixture
def known_noise(monkeypatch):
    """The noise of single steps: calibrating it takes seconds, and is tested elsewhere."""
    monkeypatch.setattr(own_network, "multiplier_of", lambda *_: 3.0)


def torch_or_skip():
    return pytest.importorskip("torch"), pytest.importorskip("opacus")


def pooled(hidden=4):
    """Windows are read one by one, and then averaged."""
    torch, _ = torch_or_skip()

    class Pooled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.read = torch.nn.Linear(FEATURES, hidden)
            self.norm = torch.nn.LayerNorm(hidden)
            self.skip = torch.nn.Dropout(0.2)
            self.tell = torch.nn.Linear(hidden, 1)

        def forward(self, values):
            told = torch.tanh(self.norm(self.read(values)))
            return self.tell(self.skip(told.mean(dim=1)))

    torch.manual_seed(1)
    return Pooled()


def people(count, rng, signal=1.5):
    labels = (rng.random(count) < 0.5).astype(float)
    values = rng.normal(size=(count, WINDOWS, FEATURES))
    values[:, :, 0] += signal * (2 * labels - 1)[:, None]
    return Recorded(ids=tuple(map(str, range(count))), values=values, labels=labels)


class Told:
    """Noise that is none or much, and batches that are given."""

    proved = False

    def __init__(self, batches, sigma=0.0, rng=None):
        self.batches, self.sigma, self.rng, self.asked = list(batches), sigma, rng, []

    def chosen(self, rate, count):
        return self.batches.pop(0)

    def gaussian(self, sigma, shape):
        self.asked.append((sigma, shape))
        return np.zeros(shape, dtype=np.int64)


def flat(network):
    return np.concatenate([p.detach().numpy().ravel() for p in network.parameters()])


@pytest.mark.usefixtures("known_noise")
def test_one_step_by_hand():
    """One weight 0, inputs 4 and .5, labels 1 and 0: gradients -2 and .25, clipped at 1: -.75.

    Divided by the public .5 x 8 = 4 and taken at rate 1: the weight rises to .1875.
    """
    torch, _ = torch_or_skip()
    network = torch.nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        network.weight.zero_()
    recorded = Recorded(
        ids=("a", "b", "c"), values=np.array([[4.0], [0.5], [9.0]]), labels=np.array([1.0, 0, 1])
    )
    settings = OwnTraining(
        budget=BUDGET, people=8, rate=0.5, steps=1, optimiser="sgd", learning_rate=1.0
    )
    noise = Told([np.array([True, True, False])])
    taught = teach(network, recorded, settings, noise, np.random.default_rng(1))
    assert flat(taught.network) == pytest.approx([0.1875], abs=1e-5)
    assert flat(network) == [0.0]
    assert noise.asked == [(taught.multiplier * GRAIN, (1,))]


@pytest.mark.usefixtures("known_noise")
def test_an_empty_batch_is_noise_alone():
    torch_or_skip()
    recorded = people(20, np.random.default_rng(1))
    settings = OwnTraining(budget=BUDGET, people=20, steps=1, optimiser="sgd")
    noise = Told([np.zeros(20, dtype=bool)])
    network = pooled()
    taught = teach(network, recorded, settings, noise, np.random.default_rng(1))
    assert flat(taught.network) == pytest.approx(flat(network))
    assert len(noise.asked) == 1


@pytest.mark.parametrize("clip", [1e-3, 0.1, 10.0])
def test_a_persons_gradient_is_shortened_as_a_whole(clip):
    """Against autograd, one person at a time: windows are not clipped, people are."""
    torch, _ = torch_or_skip()
    network = pooled().eval()
    rng = np.random.default_rng(2)
    recorded = people(9, rng)
    expected = np.zeros(flat(network).size)
    for one in range(9):
        network.zero_grad()
        told = network(tensor_of(recorded.values[[one]])).reshape(1)
        labels = tensor_of(recorded.labels[[one]])
        torch.nn.functional.binary_cross_entropy_with_logits(told, labels).backward()
        row = np.concatenate([p.grad.numpy().ravel() for p in network.parameters()])
        expected += row * min(1.0, clip / np.linalg.norm(row))
    pupil = copy.deepcopy(network)
    ghost = ghost_of(pupil, clip)
    pupil.skip.eval()
    total, lengths = clipped_sum(
        ghost, weights_of(pupil), tensor_of(recorded.values), tensor_of(recorded.labels)
    )
    np.testing.assert_allclose(total.numpy(), expected, rtol=1e-3, atol=1e-5 * clip)
    assert lengths.shape == (9,)


def test_one_person_moves_the_sum_by_the_bound_at_most():
    torch_or_skip()
    rng = np.random.default_rng(3)
    network = pooled()
    pupil = copy.deepcopy(network)
    ghost, weights = ghost_of(pupil, 0.5), weights_of(pupil)
    pupil.skip.eval()
    recorded = people(30, rng, signal=100.0)

    def total(there):
        values, labels = tensor_of(recorded.values[there]), tensor_of(recorded.labels[there])
        return clipped_sum(ghost, weights, values, labels)[0].numpy()

    everybody = total(np.arange(30))
    for person in range(30):
        moved = np.linalg.norm(everybody - total(np.arange(30) != person))
        assert moved <= 0.5 * (1 + 1e-4)


def each_persons_mean(self, values):
    return self.tell(values).mean(dim=1)


@pytest.mark.usefixtures("known_noise")
@pytest.mark.parametrize("amplitude", [1e3, 1e6, 1e30])
def test_windows_that_cancel_are_not_measured_as_none(amplitude):
    """Their gradient is a small difference of large products: in single precision, noise."""
    torch, _ = torch_or_skip()
    settings = OwnTraining(
        budget=BUDGET, people=1, rate=1.0, steps=1, optimiser="sgd", learning_rate=1.0
    )
    network = made(each_persons_mean, tell=(FEATURES, 1))
    with torch.no_grad():
        network.tell.weight *= 1e-9
    for seed in range(20):
        rng = np.random.default_rng(seed)
        values = rng.normal(size=(1, WINDOWS, FEATURES)) * amplitude
        values -= values.mean(axis=1, keepdims=True)
        values += rng.normal(size=(1, 1, FEATURES)) * amplitude * 3e-4
        alone = Recorded(ids=("a",), values=values, labels=np.ones(1))
        told = Told([np.ones(1, dtype=bool)])
        taught = own_network.teach(network, alone, settings, told, rng).network
        assert np.linalg.norm(flat(taught) - flat(network)) <= settings.clip * (1 + 1e-3)


def test_planted_people_are_told_apart_and_null_people_are_not():
    torch_or_skip()
    rng = np.random.default_rng(4)
    found = {}
    for signal in (1.5, 0.0):
        taught = teach(pooled(), people(200, rng, signal), SETTINGS, seeded(rng), rng)
        other = people(600, rng, signal)
        found[signal] = auc_of(taught.log_odds(other.values)[:, None], other.labels > 0)[0]
    assert found[1.5] > 0.9
    assert abs(found[0.0] - 0.5) < 0.1


def test_the_promise_is_of_what_ran():
    torch_or_skip()
    rng = np.random.default_rng(5)
    taught = teach(pooled(), people(50, rng), SETTINGS, os_noise(), rng)
    promise = taught.guarantee
    assert (promise.epsilon, promise.delta, promise.label) == (3.0, 1e-4, "accounted")
    spent = epsilon_of_training(Training(rate=0.2, steps=30), taught.multiplier, 1e-4)
    assert 2.97 < spent <= 3.0
    assert "30 steps" in promise.mechanisms[0]
    assert "divided by 40" in promise.mechanisms[0]


@pytest.mark.usefixtures("known_noise")
def test_noise_is_as_large_as_is_said():
    """Nobody is ever drawn with a signal: what is left of 300 weights is noise, step by step."""
    torch, _ = torch_or_skip()
    network = torch.nn.Linear(300, 1)
    recorded = Recorded(ids=("a",), values=np.zeros((1, 300)), labels=np.ones(1))
    settings = OwnTraining(
        budget=BUDGET, people=200, rate=0.2, steps=1, optimiser="sgd", learning_rate=1.0, clip=2.0
    )
    rng = np.random.default_rng(6)
    taught = teach(network, recorded, settings, seeded(rng), rng)
    moved = (taught.network.weight - network.weight).detach().numpy().ravel()
    assert moved.std() == pytest.approx(taught.multiplier * 2.0 / 40.0, rel=0.12)


def test_the_same_chance_teaches_the_same_network():
    torch, _ = torch_or_skip()
    pair = []
    for _ in range(2):
        rng = np.random.default_rng(7)
        network, state = pooled(), torch.random.get_rng_state()
        pair.append(flat(teach(network, people(40, rng), SETTINGS, seeded(rng), rng).network))
        assert (torch.random.get_rng_state() == state).all()
    assert (pair[0] == pair[1]).all()


def test_nothing_of_a_batch_hangs_on_what_is_given_back():
    torch_or_skip()
    rng = np.random.default_rng(8)
    network = teach(pooled(), people(40, rng), SETTINGS, seeded(rng), rng).network
    for part in network.modules():
        assert not hasattr(part, "activations")
    for weight in network.parameters():
        assert weight.grad is None
        assert not [name for name in vars(weight) if "norm" in name or "grad" in name]


def made(forward, **layers):
    """Return a network with these layers, in the order in which they are used."""
    torch, _ = torch_or_skip()

    class Made(torch.nn.Module):
        def __init__(self):
            super().__init__()
            for name, (inputs, outputs) in layers.items():
                setattr(self, name, torch.nn.Linear(inputs, outputs))

        def forward(self, values):
            return forward(self, values)

    return Made()


def batch_normed():
    torch, _ = torch_or_skip()
    wide = torch.nn.Linear(WINDOWS * FEATURES, 4)
    return torch.nn.Sequential(
        torch.nn.Flatten(), wide, torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 1)
    )


def remembering():
    torch, _ = torch_or_skip()
    norm = torch.nn.InstanceNorm1d(WINDOWS, affine=False, track_running_stats=True)
    wide = torch.nn.Linear(WINDOWS * FEATURES, 1)
    return torch.nn.Sequential(norm, torch.nn.Flatten(), wide)


def centred(self, values):
    told = self.tell(values.mean(dim=1))
    return told - told.mean(dim=0)


def unrolled(self, values):
    told = self.tell(values.reshape(-1, FEATURES))
    return told.reshape(len(values), -1).mean(dim=1)


def each_window(self, values):
    return self.tell(values).reshape(-1)


def twice(self, values):
    return self.tell(self.read(self.read(values)).mean(dim=1))


def averaged(self, values):
    return self.tell(values.mean(dim=1))


MIXING = {
    "norm": (batch_normed, "BatchNorm1d, which mixes the people"),
    "centred": (
        lambda: made(centred, tell=(FEATURES, 1)),
        "does not treat each person alone",
    ),
    "unrolled": (
        lambda: made(unrolled, tell=(FEATURES, 1)),
        "sees 20 samples where there are 4 people",
    ),
    "windows": (lambda: made(each_window, tell=(FEATURES, 1)), "one number a person"),
    "twice": (
        lambda: made(twice, read=(FEATURES, FEATURES), tell=(FEATURES, 1)),
        "cannot be measured for each person",
    ),
    "unused": (
        lambda: made(averaged, tell=(FEATURES, 1), rest=(2, 2)),
        "cannot be measured for each person",
    ),
    "shape": (
        lambda: made(averaged, tell=(FEATURES + 1, 1)),
        "cannot be measured for each person",
    ),
    "frozen": (lambda: made(averaged), "no weights to learn"),
    "remembering": (remembering, "keeps numbers of whoever it is shown"),
}


@pytest.mark.parametrize("name", MIXING)
def test_networks_that_mix_people_are_refused_before_anybody_is_looked_at(name):
    build, words = MIXING[name]
    network = build()
    rng = np.random.default_rng(9)
    noise = Told([])  # nobody may be drawn
    with pytest.raises(InputError, match=words):
        teach(network, people(20, rng), SETTINGS, noise, rng)
    assert noise.asked == []


@pytest.mark.usefixtures("known_noise")
def test_whatever_a_network_keeps_of_people_stays_behind():
    """It keeps the last batch only where nobody looks: while it is in training on many."""
    torch, _ = torch_or_skip()

    class Sly(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.tell = torch.nn.Linear(FEATURES, 1)
            self.register_buffer("seen", torch.zeros(()))

        def forward(self, values):
            if len(values) > 10:
                self.seen = values.detach().sum()
            return self.tell(values.mean(dim=1))

    settings = OwnTraining(budget=BUDGET, people=20, rate=1.0, steps=1)
    noise = Told([np.ones(20, dtype=bool)])
    rng = np.random.default_rng(3)
    assert teach(Sly(), people(20, rng), settings, noise, rng).network.seen == 0.0


def test_ways_to_read_windows_that_are_each_persons_own_pass():
    torch, _ = torch_or_skip()
    rng = np.random.default_rng(10)
    along_time = torch.nn.Sequential(
        torch.nn.Conv1d(WINDOWS, 4, 2),
        torch.nn.GroupNorm(2, 4),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(8, 1),
    )
    for network in (pooled(), along_time):
        check_one_by_one(network, (WINDOWS, FEATURES), 0.1, rng)


@pytest.mark.usefixtures("known_noise")
def test_training_that_runs_away_is_no_measurement():
    torch, _ = torch_or_skip()
    network = torch.nn.Linear(1, 1)
    recorded = Recorded(ids=("a", "b"), values=np.ones((2, 1)), labels=np.array([1.0, 1.0]))
    settings = OwnTraining(
        budget=BUDGET, people=2, rate=0.5, steps=3, optimiser="sgd", learning_rate=3e38
    )
    batches = Told([np.ones(2, dtype=bool)] * 3)
    with pytest.raises(InvalidMeasurement, match="smaller learning rate"):
        teach(network, recorded, settings, batches, np.random.default_rng(1))


@pytest.mark.usefixtures("known_noise")
def test_a_person_without_a_finite_gradient_changes_nothing_and_raises_nothing():
    """An error would tell that she is there; no noise hides an error."""
    torch, _ = torch_or_skip()

    class Steep(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.tell = torch.nn.Linear(3, 1)

        def forward(self, values):
            return self.tell(values.exp())

    torch.manual_seed(2)
    network = Steep()
    values = np.random.default_rng(1).normal(size=(6, 3))
    values[0] = 1e30
    labels = np.array([1.0, 0.0, 1.0, 0.0, 1.0, 0.0])
    learnt = []
    for first in (0, 1):
        there = Recorded(ids=tuple("abcdef"[first:]), values=values[first:], labels=labels[first:])
        batches = Told([np.ones(6 - first, dtype=bool)] * 30)
        learnt.append(
            flat(teach(network, there, SETTINGS, batches, np.random.default_rng(1)).network)
        )
    np.testing.assert_allclose(*learnt, rtol=1e-5)
    assert np.abs(learnt[0] - flat(network)).max() > 0.01


@pytest.mark.parametrize("missing", ["torch", "opacus"])
def test_a_missing_package_is_one_sentence(missing, monkeypatch):
    module = {"torch": "torch", "opacus": "opacus.grad_sample"}[missing]
    torch = pytest.importorskip("torch")
    network = torch.nn.Linear(3, 1)
    monkeypatch.setitem(sys.modules, module, None)
    recorded = Recorded(ids=("a", "b"), values=np.zeros((2, 3)), labels=np.array([1.0, 0.0]))
    with pytest.raises(InputError, match=rf"needs {missing}: pip install 'mindveil\[opacus\]'"):
        own_network.teach(network, recorded, SETTINGS, Told([]), np.random.default_rng(1))


VALUES, LABELS = np.zeros((3, 2)), np.array([1.0, 0.0, 1.0])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: Recorded(ids=("a", "a", "b"), values=VALUES, labels=LABELS),
            "3 samples are of 2 people: a sample must be a person",
        ),
        (lambda: Recorded(ids=("a", "b"), values=VALUES, labels=LABELS), "2 ids, 3 samples"),
        (
            lambda: Recorded(ids=tuple("abc"), values=VALUES * math.nan, labels=LABELS),
            "not a finite number",
        ),
        (lambda: Recorded(ids=tuple("abc"), values=VALUES, labels=LABELS * 2), "neither 0 nor 1"),
        (lambda: OwnTraining(budget=BUDGET, people=200, steps=0), "0 steps"),
        (lambda: OwnTraining(budget=BUDGET, people=200, clip=0.0), "clipped at 0.0"),
        (lambda: OwnTraining(budget=BUDGET, people=200, rate=1.5), "cannot be accounted"),
    ],
)
def test_what_cannot_be_taught_is_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_a_delta_that_gives_whole_people_away_is_refused():
    with pytest.raises(RefusedError, match="too large for 2000 people"):
        OwnTraining(budget=BUDGET, people=2000)
