"""What clients learn: by hand, one person at a time, alone and in a stack, against central heads."""

from __future__ import annotations

import math
import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.train.one_by_one import Layers, clipped, row_gradient

from mindveil.errors import InputError
from mindveil.train import client_steps
from mindveil.train.client_steps import (
    ClientPeople,
    Local,
    begun,
    contributions,
    flat_of,
    parameters_of,
    tensors_of,
)
from mindveil.train.heads import Examples, Shape, Steps, train_heads

Floats = NDArray[np.float64]

SHAPES = [Shape(columns=5), Shape(columns=5, hidden=4), Shape(columns=5, hidden=3, classes=3)]


@dataclass(frozen=True)
class Given:
    """Draws that begin where they are told, a layer a call."""

    weights: list[Floats]

    def batches(self, rate: float, people: int, steps: int) -> list[NDArray[np.intp]]:
        raise AssertionError("everybody is in each step")

    def normals(self, first: int, out: NDArray[np.float32]) -> None:
        out[:] = self.weights.pop(0).ravel()


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng([78, seed])


def federation(sizes: list[int], shape: Shape, seed: int = 0) -> ClientPeople:
    """People with soft answers (whole ones where there are three classes)."""
    source = rng(seed)
    client = source.permutation(np.repeat(np.arange(len(sizes)), sizes))
    rows = source.standard_normal((client.size, shape.columns))
    answers = source.random(client.size)
    if shape.outputs > 1:
        answers = np.floor(answers * shape.classes)
    return ClientPeople.of(rows, answers, client, len(sizes))


def everyone(people: ClientPeople) -> NDArray[np.intp]:
    return np.arange(people.clients)


def one_by_one(people: ClientPeople, shape: Shape, local: Local, sent: Floats) -> Floats:
    """What one client's weights move by, in double precision, a person at a time."""
    start = tuple(np.array(t, np.float64) for t in tensors_of(shape, sent))
    layers: Layers = tuple(t.copy() for t in start)
    count = len(people.answers)
    size = min(local.batch or count, count)
    for step in range(local.steps):
        members = [(step * size + i) % count for i in range(size)]
        total = tuple(np.zeros_like(t) for t in layers)
        for i in members:
            row = people.rows[i].astype(np.float64)
            gradient = row_gradient(layers, row, float(people.answers[i]))
            if math.isfinite(local.clip):
                gradient = clipped(gradient, local.clip)
            total = tuple(t + g for t, g in zip(total, gradient, strict=True))
        share = 1.0 if math.isfinite(local.clip) else 1.0 / size
        pull = tuple(local.proximal * (w - s) for w, s in zip(layers, start, strict=True))
        shrink = tuple(local.l2 * np.hstack([w[:, :-1], 0 * w[:, -1:]]) for w in layers)
        layers = tuple(
            w - local.learning_rate * (share * t + p + s)
            for w, t, p, s in zip(layers, total, pull, shrink, strict=True)
        )
    return flat_of(layers) - flat_of(start)


def test_two_people_by_hand() -> None:
    """From zero both odds are 0: a half; the mean of (half - answer) x (row, 1) is walked back."""
    people = ClientPeople.of(
        np.array([[2.0], [4.0]]), np.array([1.0, 0.0]), np.array([0, 0]), clients=1
    )
    shape, chosen = Shape(columns=1), np.array([0])
    plain = contributions(people, shape, Local(learning_rate=0.5), np.zeros(2), chosen)
    assert plain.tolist() == [[2 * 0.5 * -(-0.5 * 2 + 0.5 * 4) / 2, 0.0, 2.0]]
    limited = contributions(people, shape, Local(learning_rate=0.5, clip=0.1), np.zeros(2), chosen)
    first, second = np.array([2, 1]) / 5**0.5, np.array([4, 1]) / 17**0.5
    np.testing.assert_allclose(limited[0], [*0.05 * (first - second), 0.0], rtol=1e-5)


@pytest.mark.parametrize(
    ("shape", "count", "layers"),
    [
        (Shape(columns=3), 4, [(1, 4)]),
        (Shape(columns=3, classes=3), 12, [(3, 4)]),
        (Shape(columns=3, hidden=2), 11, [(2, 4), (1, 3)]),
        (Shape(columns=3, hidden=2, classes=3), 17, [(2, 4), (3, 3)]),
    ],
)
def test_flat_weights_are_layers_one_after_another(
    shape: Shape, count: int, layers: list[tuple[int, int]]
) -> None:
    flat = np.arange(2.0 * count).reshape(2, count)
    tensors = tensors_of(shape, flat)
    assert parameters_of(shape) == count
    assert [t.shape for t in tensors] == [(2, *layer) for layer in layers]
    assert all(np.shares_memory(t, flat) for t in tensors)
    assert (flat_of(tensors_of(shape, flat[1])) == flat[1]).all()


def test_a_start_is_zero_or_narrow_and_repeats() -> None:
    assert not begun(Shape(columns=3), rng()).any()
    shape = Shape(columns=300, hidden=50)
    first, last = tensors_of(shape, begun(shape, rng()))
    assert first.std() == pytest.approx((1 / 900) ** 0.5, rel=0.05)
    assert last.std() == pytest.approx((1 / 150) ** 0.5, rel=0.4)
    assert begun(shape, rng()).tobytes() == begun(shape, rng()).tobytes()
    assert (begun(shape, rng()) == begun(shape, rng()).astype(np.float32)).all()


@given(
    sizes=st.lists(st.integers(0, 7), min_size=1, max_size=4),
    which=st.sampled_from(range(len(SHAPES))),
    local=st.builds(
        Local,
        steps=st.integers(1, 4),
        batch=st.integers(0, 5),
        proximal=st.sampled_from([0.0, 0.7]),
        l2=st.sampled_from([0.0, 0.2]),
    ),
)
def test_steps_are_those_taken_one_person_at_a_time(
    sizes: list[int], which: int, local: Local
) -> None:
    shape = SHAPES[which]
    people = federation(sizes, shape)
    sent = begun(Shape(columns=5, hidden=shape.hidden or 1, classes=shape.classes), rng(1))
    sent = np.resize(sent, parameters_of(shape))
    told = contributions(people, shape, local, sent, everyone(people))
    assert told[:, -1].tolist() == sizes
    for client, size in enumerate(sizes):
        moved = one_by_one(people.only(client), shape, local, sent) if size else 0.0 * sent
        np.testing.assert_allclose(told[client, :-1], size * moved, atol=5e-6)


@given(
    sizes=st.lists(st.integers(0, 7), min_size=1, max_size=4),
    which=st.sampled_from(range(len(SHAPES))),
    clip=st.sampled_from([1e-3, 0.3, 1.0, 50.0]),
    rate=st.sampled_from([0.1, 1.0]),
)
def test_a_clipped_sum_is_the_sum_over_people_clipped_one_by_one(
    sizes: list[int], which: int, clip: float, rate: float
) -> None:
    shape = SHAPES[which]
    people = federation(sizes, shape)
    local = Local(clip=clip, learning_rate=rate)
    sent = rng(2).standard_normal(parameters_of(shape)) / 3
    told = contributions(people, shape, local, sent, everyone(people))
    assert not told[:, -1].any(), "how many people a client has is not told"
    for client, size in enumerate(sizes):
        moved = one_by_one(people.only(client), shape, local, sent) if size else 0.0 * sent
        np.testing.assert_allclose(told[client, :-1], moved, rtol=1e-4, atol=1e-5 * clip)


@given(seed=st.integers(0, 500), clip=st.floats(1e-4, 10.0), scale=st.floats(1e-3, 1e4))
def test_nobody_teaches_more_than_the_limit(seed: int, clip: float, scale: float) -> None:
    """A client of one person is that person: its sum is never longer than the limit."""
    source = rng(seed)
    for shape in SHAPES:
        rows = scale * source.standard_normal((6, 5))
        people = ClientPeople.of(rows, np.ones(6), np.arange(6), clients=6)
        sent = source.standard_normal(parameters_of(shape))
        local = Local(clip=clip, learning_rate=1.0)
        told = contributions(people, shape, local, sent, everyone(people))
        assert (np.linalg.norm(told, axis=1) <= clip * (1.0 + 1e-6)).all()


@pytest.mark.parametrize("shape", [*SHAPES, Shape(columns=64, hidden=32), Shape(columns=384)])
@pytest.mark.parametrize(
    "local",
    [
        Local(),
        Local(steps=7, batch=4, proximal=0.1, l2=0.01),
        Local(steps=2, batch=16),
        Local(clip=0.5),
    ],
)
def test_a_client_alone_gets_the_same_bits_as_in_a_stack(
    shape: Shape, local: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = federation([20, 3, 20, 33, 1, 20, 0, 33, 17], shape)
    sent = begun(shape, rng(3))
    together = contributions(people, shape, local, sent, everyone(people))
    for client in range(people.clients):
        alone = contributions(people.only(client), shape, local, sent, np.array([0]))
        assert alone[0].tobytes() == together[client].tobytes()
    some = np.array([7, 0, 2])
    assert contributions(people, shape, local, sent, some).tobytes() == together[some].tobytes()
    monkeypatch.setattr(client_steps, "ROOM", 1)
    one_at_a_time = contributions(people, shape, local, sent, everyone(people))
    assert one_at_a_time.tobytes() == together.tobytes()


def test_many_clients_need_little_more_room_than_their_answers() -> None:
    shape = Shape(columns=64, hidden=32)
    people = federation([20] * 400, shape)
    sent, chosen = begun(shape, rng(7)), everyone(people)
    tracemalloc.start()
    told = contributions(people, shape, Local(steps=2), sent, chosen)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most - told.nbytes < 4e6


@pytest.mark.parametrize("shape", SHAPES)
def test_a_lone_client_learns_what_a_central_head_learns(shape: Shape) -> None:
    people = federation([40], shape)
    sent = begun(shape, rng(4))
    tensors = tensors_of(shape, sent)
    spread = [1.0] if not shape.hidden else [(3 * (t.shape[1] - 1)) ** 0.5 for t in tensors]
    draws = Given([t * s for t, s in zip(tensors, spread, strict=True)])
    steps = Steps(steps=25, people=40.0, learning_rate=0.8, l2=0.01)
    central = train_heads(Examples(rows=people.rows, labels=people.answers), shape, steps, draws, 1)
    local = Local(steps=25, learning_rate=0.8, l2=0.01)
    told = contributions(people, shape, local, sent, np.array([0]))[0]
    reached = sent + told[:-1] / told[-1]
    np.testing.assert_allclose(reached, flat_of(central.tensors), atol=3e-6)


def test_clients_may_begin_each_from_its_own_weights() -> None:
    shape = SHAPES[1]
    people = federation([6, 4, 6], shape)
    sent = rng(5).standard_normal((3, parameters_of(shape)))
    order = np.array([2, 0, 1])
    told = contributions(people, shape, Local(steps=3), sent, order)
    for place, client in enumerate(order):
        alone = contributions(people, shape, Local(steps=3), sent[place], np.array([client]))
        assert (alone[0] == told[place]).all()


def test_the_proximal_pull_keeps_clients_near_what_was_sent() -> None:
    shape = SHAPES[0]
    people = federation([9, 30], shape)
    lengths = [
        np.linalg.norm(
            contributions(
                people, shape, Local(steps=60, proximal=mu), np.zeros(6), everyone(people)
            )[:, :-1]
        )
        for mu in (0.0, 0.3, 1.5)
    ]
    assert lengths[0] > 1.2 * lengths[1] > 1.2 * 1.2 * lengths[2] > 0.0


def test_averaged_rounds_find_the_planted_line() -> None:
    """Ten clients whose people follow one line: the average learns it, and not from coin flips."""
    source, shape = rng(6), Shape(columns=8)
    line = source.standard_normal(8)
    rows, asked = source.standard_normal((600, 8)), source.standard_normal((2000, 8))
    client = source.integers(0, 10, 600)
    found = {}
    for name, answers in {
        "planted": (rows @ line > 0.0).astype(float),
        "null": source.integers(0, 2, 600).astype(float),
    }.items():
        people, weights = ClientPeople.of(rows, answers, client, 10), begun(shape, source)
        for _ in range(30):
            told = contributions(people, shape, Local(steps=5), weights, np.arange(10))
            weights = weights + told[:, :-1].sum(axis=0) / told[:, -1].sum()
        found[name] = np.mean((asked @ weights[:-1] + weights[-1] > 0.0) == (asked @ line > 0.0))
    assert found["planted"] > 0.95
    assert 0.2 < found["null"] < 0.8


@pytest.mark.parametrize(
    "settings",
    [
        {"steps": 0},
        {"learning_rate": 0.0},
        {"learning_rate": math.nan},
        {"batch": -1},
        {"proximal": -0.1},
        {"l2": math.inf},
        {"clip": 0.0},
        {"clip": math.nan},
        {"clip": 1.0, "steps": 2},
        {"clip": 1.0, "batch": 8},
        {"clip": 1.0, "l2": 0.1},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(InputError):
        Local(**settings)  # type: ignore[arg-type]


def test_weights_that_run_away_are_refused() -> None:
    people = ClientPeople.of(np.full((3, 5), 1e3), np.zeros(3), np.zeros(3, np.intp), 1)
    sent = np.full(6, 1.0)
    with pytest.raises(InputError, match="lower the rate"):
        contributions(
            people, SHAPES[0], Local(steps=60, learning_rate=3.0, l2=9.0), sent, np.array([0])
        )


def test_what_does_not_fit_is_refused() -> None:
    shape = SHAPES[0]
    people, sent, one = federation([3, 2], shape), np.zeros(6), np.array([0])
    for other, weights, chosen in (
        (Shape(columns=4), np.zeros(5), one),
        (shape, np.zeros(7), one),
        (shape, np.zeros((2, 6)), one),
        (shape, np.full(6, np.nan), one),
        (shape, sent, np.array([2])),
        (shape, sent, np.array([-1])),
    ):
        with pytest.raises(InputError):
            contributions(people, other, Local(), weights, chosen)
    above = ClientPeople.of(np.zeros((1, 5)), np.array([2.0]), np.array([0]), 1)
    with pytest.raises(InputError, match="the last class"):
        contributions(above, shape, Local(), sent, one)
    assert contributions(people, shape, Local(), sent, np.arange(0)).shape == (0, 7)
