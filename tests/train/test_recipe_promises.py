"""Trust: the tester finds nothing in our recipes, and every bug that was put into them.

Six people at most, one of them as far out as can be, at epsilon 1 and delta .01: whoever knows all
the others looks along the direction in which that one moves what is released.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from tests.train.taught_people import Silent, budget, table

from mindveil.dp.clipping import clip_norm, exact_sum, whole
from mindveil.dp.distinguish import distinguishable
from mindveil.dp.noise import seeded
from mindveil.train import adassp, corrected_line, noisy_gradient
from mindveil.train.adassp import AdaSSP
from mindveil.train.draws import SeededDraws
from mindveil.train.heads import Examples, Shape, Steps, train_heads
from mindveil.train.moments import UNITS
from mindveil.train.noisy_gradient import NoisyGradient
from mindveil.train.objective_perturbation import ObjectivePerturbation
from mindveil.train.output_perturbation import OutputPerturbation
from mindveil.train.sampled_gradient import SampledGradient
from mindveil.train.unit_rows import unit_rows, with_constant

EPSILON, DELTA = 1.0, 1e-2
PROMISE = budget(EPSILON, DELTA)
RUNS = 20_000

PEOPLE = table(
    [[9.0, 0.0], [0.1, -0.2], [0.05, 0.3], [-0.2, 0.1], [0.1, 0.05], [-0.1, -0.3]],
    [27.0, 8.0, 11.0, 9.0, 10.0, 7.0],
)
OTHERS = PEOPLE.of(np.arange(6) > 0)


def finding(here, there):
    return distinguishable(here, there, EPSILON, DELTA)


def taught_sums(people, monkeypatch, unit=unit_rows):
    """Run the recipe and return what each person added, and the noise that was asked for."""
    added, silent = [], Silent()
    plain = adassp.noisy_sum

    def spy(told, share, noise):
        added.append(told)
        return plain(np.clip(told, -1, 1), share, noise)

    with monkeypatch.context() as patched:
        patched.setattr(adassp, "noisy_sum", spy)
        patched.setattr(adassp, "unit_rows", unit)
        AdaSSP(budget=PROMISE, small_cohort=True).fit(people, silent, np.random.default_rng(1))
    return added[0], silent.sigmas[0]


def unclipped(rows, reach):
    return rows / (reach * math.sqrt(rows.shape[1]))


def ours(told, sigma, rng):
    summed = exact_sum(whole(told, UNITS, UNITS))
    return summed + seeded(rng).gaussian(sigma, (RUNS, told.shape[1]))


def no_noise(told, sigma, rng):
    return np.tile(exact_sum(whole(told, UNITS, UNITS)), (RUNS, 1))


def half_noise(told, sigma, rng):
    return ours(told, sigma / 2.0, rng)


def noise_before_clipping(told, sigma, rng):
    """Everybody's share of the noise is added to her row, and the clipping takes it off again."""
    summed = np.zeros((RUNS, told.shape[1]))
    for row in told:
        noisy = row + rng.normal(0, sigma / UNITS / math.sqrt(len(told)), (RUNS, told.shape[1]))
        summed += UNITS * clip_norm(noisy, 1.0)
    return summed


def clip_per_batch(told, sigma, rng):
    """What three people add together is clipped, not what one of them adds."""
    parts = [clip_norm(told[i : i + 3].sum(axis=0)[None], 3.0) for i in range(0, len(told), 3)]
    return UNITS * np.sum(parts, axis=0) + rng.normal(0, sigma, (RUNS, told.shape[1]))


def count_in_the_normaliser(told, sigma, rng):
    """Means over n people: the neighbour has another n, and finer noise."""
    return ours(told, sigma, rng) / len(told)


@pytest.mark.parametrize(
    ("mechanism", "unit", "alarm"),
    [
        (ours, unit_rows, False),
        (no_noise, unit_rows, True),
        (half_noise, unit_rows, True),
        (noise_before_clipping, unclipped, True),
        (clip_per_batch, unclipped, True),
        (count_in_the_normaliser, unit_rows, True),
    ],
)
def test_one_noisy_sum(mechanism, unit, alarm, monkeypatch):
    pair = PEOPLE, OTHERS
    if mechanism is count_in_the_normaliser:
        # Two people and one of them: the fewer there are, the more their number tells.
        pair = PEOPLE.of(np.arange(6) < 2), PEOPLE.of(np.arange(6) == 1)
    sides = [taught_sums(people, monkeypatch, unit) for people in pair]
    rng = np.random.default_rng(7)
    here, there = (mechanism(told, sigma, rng) for told, sigma in sides)
    toward = here.mean(axis=0) - there.mean(axis=0)
    toward /= np.linalg.norm(toward)
    found = finding(here @ toward, there @ toward)
    assert found.alarm is alarm
    assert (found.epsilon > EPSILON) is alarm


def test_one_person_at_the_corner_moves_the_sum_as_far_as_was_paid_for(monkeypatch):
    far = table([[9.0, 0.0], [0.0, 0.1]], [27.0, 9.0])
    (here, sigma), (there, _) = (
        taught_sums(p, monkeypatch) for p in (far, far.of(np.array([False, True])))
    )
    moved = exact_sum(whole(here, UNITS, UNITS)) - exact_sum(whole(there, UNITS, UNITS))
    paid = sigma * math.sqrt(2.0 * PROMISE.rho)
    assert 0.99 * paid < np.linalg.norm(moved) <= paid * (1 + 1e-9)


def descended(people, rng, monkeypatch, runs=8000):
    """Run many descents at once; return the likelihood that the far one was in, one a run.

    The attacker sees every noisy sum, knows all others, and adds up, over the steps, how far the
    sum lies beyond theirs in the direction in which the far one would pull.
    """
    recipe = NoisyGradient(budget=PROMISE, small_cohort=True)
    kept = {}
    far = with_constant(unit_rows(PEOPLE.rows, recipe.reach))[:1]
    severity = PEOPLE.scale.severity(PEOPLE.totals)
    rest = with_constant(unit_rows(OTHERS.rows, recipe.reach))
    plain = NoisyGradient._descended

    def watched(self, gradient, counted, columns):
        score = np.zeros(runs)

        def spy(weights):
            seen = gradient(weights)
            pulled = noisy_gradient.pulls_of(rest @ weights - severity[1:, None], self.pull)
            theirs = rest.T @ pulled / self.pull
            mine = far.T @ noisy_gradient.pulls_of(far @ weights - severity[0], self.pull)
            score[:] += ((seen - theirs) * mine / self.pull).sum(axis=0)
            return seen

        found = plain(self, spy, counted, columns)
        kept["score"] = score
        return found

    monkeypatch.setattr(NoisyGradient, "_descended", watched)
    recipe.shadows(people, np.ones((len(people.ids), runs), np.bool_), people.rows[:1], rng)
    monkeypatch.undo()
    return kept["score"]


@pytest.mark.parametrize(("share", "alarm"), [(1.0, False), (0.5, True), (1e-9, True)])
def test_steps_downhill_keep_their_promise_and_less_noise_does_not(share, alarm, monkeypatch):
    sigma = noisy_gradient.sigma_in_people
    sides = []
    for people in (PEOPLE, OTHERS):
        monkeypatch.setattr(noisy_gradient, "sigma_in_people", lambda s: share * sigma(s))
        sides.append(descended(people, np.random.default_rng(len(sides)), monkeypatch))
    assert finding(*sides).alarm is alarm


def test_steps_downhill_in_which_nobody_is_clipped_raise_the_alarm(monkeypatch):
    sides = []
    for people in (PEOPLE, OTHERS):
        monkeypatch.setattr(noisy_gradient, "unit_rows", unclipped)
        sides.append(descended(people, np.random.default_rng(len(sides)), monkeypatch))
    assert finding(*sides).alarm


def test_fits_descend_as_shadows_do():
    """The same sums are asked for in whole numbers and in floats, with the same noise."""
    recipe, silent = NoisyGradient(budget=PROMISE, small_cohort=True), Silent()
    head = recipe.fit(PEOPLE, silent, np.random.default_rng(1)).head
    step = PROMISE.share((1.0 - noisy_gradient.COUNT - noisy_gradient.LINE) / recipe.steps)
    assert silent.sigmas[1:-1] == [pytest.approx(step.sigma(UNITS))] * recipe.steps
    rho = math.fsum((UNITS / sigma) ** 2 / 2.0 for sigma in silent.sigmas)
    assert rho == pytest.approx(PROMISE.rho)
    assert np.isfinite(head.weights).all()


@pytest.mark.parametrize(("share", "alarm"), [(1.0, False), (0.4, True)])
@pytest.mark.parametrize("make", [OutputPerturbation, ObjectivePerturbation])
def test_perturbed_weights_keep_their_promise_and_less_noise_does_not(make, share, alarm):
    """Only the weights are looked at: they have .85 of the budget, or .8 of epsilon."""
    recipe, sides = make(budget=PROMISE, small_cohort=True), []
    rng = np.random.default_rng(11)
    for people in (PEOPLE, OTHERS):
        rows, severity = unit_rows(people.rows, recipe.reach), PEOPLE.scale.severity(people.totals)
        if make is OutputPerturbation:
            found = recipe._minimum(rows, severity, np.ones((len(rows), 1)))
            sigma = recipe._sigma(3) / UNITS * recipe.pull / recipe.penalty
            found = found + share * sigma * rng.standard_normal((3, RUNS))
        else:
            drawn = share * rng.standard_normal((3, RUNS))
            found = recipe._minimum(rows, severity, np.ones((len(rows), RUNS)), drawn)
        sides.append(found[0] + 0.5 * found[2])
    assert finding(*sides).alarm is alarm


@pytest.mark.parametrize("people", [2, 5, 20])
@pytest.mark.parametrize("make", [AdaSSP, NoisyGradient, OutputPerturbation, ObjectivePerturbation])
def test_small_cohorts_keep_their_epsilon(make, people):
    """10,000 heads on few people: what they say of the far one shows no more than epsilon."""
    rng = np.random.default_rng(people)
    rows = rng.normal(size=(people, 3)) / 3
    rows[0] = [50.0, 0.0, 0.0]
    all_of = table(rows, np.append(27.0, rng.integers(0, 27, people - 1)))
    recipe = make(budget=PROMISE, small_cohort=True)
    outputs = []
    for taught in (all_of, all_of.of(np.arange(people) > 0)):
        inside = np.ones((len(taught.ids), 10_000), np.bool_)
        outputs.append(recipe.shadows(taught, inside, rows[:1], rng)[0])
    found = finding(*outputs)
    assert not found.alarm
    assert found.epsilon <= EPSILON


@dataclass
class Shuffled:
    """An epoch of ten batches, everybody in one of them; only the far one's batch is looked at."""

    plain: SeededDraws
    people: int

    def batches(self, rate, people, steps):
        return [np.arange(people)[: max(1, people // 10)]] * steps

    def normals(self, first, out):
        self.plain.normals(first, out)


def stepped(recipe, people, models, rng, *, shuffled):
    """Train so many heads; return how far their weights lie where the far one pulls them.

    Nobody but the far one moves them: the others have rows of nothing and lie on the edge.
    """
    there = people.ids[:1] == PEOPLE.ids[:1]
    rows = np.zeros((len(people.ids), 2))
    rows[0, 0] = float(there)
    labels = np.full(len(rows), 0.5)
    labels[0] += 0.5 * there
    steps = Steps(
        steps=1 if shuffled else recipe.steps,
        people=6.0,
        rate=recipe.rate,
        learning_rate=recipe.learning_rate,
        clip=recipe.clip,
        multiplier=recipe.multiplier,
    )
    draws = SeededDraws.of(models, rng)
    chance = Shuffled(draws, len(rows)) if shuffled else draws
    taught = Examples(rows=rows, labels=labels)
    found = train_heads(taught, Shape(columns=2), steps, chance, models).tensors[0]
    # The row of the far one is (1, 0), and the constant 1.
    return found[:, 0, 0].astype(float) + found[:, 0, 2]


SAMPLED = SampledGradient(budget=PROMISE, small_cohort=True, people=6, rate=0.1, steps=10)


def test_shuffled_steps_with_the_noise_of_sampled_ones_raise_the_alarm():
    rng = np.random.default_rng(5)
    sides = [stepped(SAMPLED, p, 8000, rng, shuffled=True) for p in (PEOPLE, OTHERS)]
    assert finding(*sides).alarm


@pytest.mark.slow
def test_sampled_steps_keep_their_promise():
    """Each of 10,000 heads is trained alone: heads trained together share their batches."""
    rng = np.random.default_rng(6)
    sides = [
        np.concatenate([stepped(SAMPLED, p, 1, rng, shuffled=False) for _ in range(10_000)])
        for p in (PEOPLE, OTHERS)
    ]
    assert not finding(*sides).alarm


@pytest.mark.slow
@pytest.mark.parametrize("people", [2, 5, 20])
def test_small_cohorts_in_sampled_steps_keep_their_epsilon(people):
    """Divided by a public number and never by how many there are, whoever is far out."""
    rng = np.random.default_rng(people)
    rows = rng.normal(size=(people, 2)) / 3
    rows[0] = [50.0, 0.0]
    all_of = table(rows, np.append(27.0, rng.integers(0, 27, people - 1)))
    sides = [
        np.concatenate([stepped(SAMPLED, p, 1, rng, shuffled=False) for _ in range(10_000)])
        for p in (all_of, all_of.of(np.arange(people) > 0))
    ]
    assert np.mean(sides[0]) != pytest.approx(np.mean(sides[1]), abs=0.01)
    found = finding(*sides)
    assert not found.alarm
    assert found.epsilon <= EPSILON


def test_released_numbers_are_a_function_of_whole_numbers_that_any_neighbour_can_have():
    """No float reaches a proved head but through noisy whole numbers: same sums, same bytes."""

    class Shifted(Silent):
        def gaussian(self, sigma, shape):
            return self.shift if shape == self.shift.shape else np.zeros(shape, np.int64)

    sums = []
    for people in (PEOPLE, OTHERS):
        with pytest.MonkeyPatch.context() as patched:
            told, _ = taught_sums(people, patched)
        sums.append(exact_sum(whole(told, UNITS, UNITS)))
    recipe, rng = AdaSSP(budget=PROMISE, small_cohort=True), np.random.default_rng(3)
    for _ in range(200):
        drawn = rng.integers(-20_000, 20_000, len(sums[0]))
        here, there = Shifted(), Shifted()
        here.shift, there.shift = drawn, drawn + sums[0] - sums[1]
        one = recipe.fit(PEOPLE, here, rng).head
        other = recipe.fit(OTHERS, there, rng).head
        assert one.weights.tobytes() == other.weights.tobytes()
        assert one.facts() == other.facts()


def test_every_step_downhill_rests_on_whole_numbers_that_any_neighbour_can_have(monkeypatch):
    """Noise that makes up for the one who is missing makes the same head, to the byte."""
    recipe = NoisyGradient(budget=PROMISE, small_cohort=True)
    plain, rng = noisy_gradient.noisy_sum, np.random.default_rng(3)
    for seed in range(50):
        seen: list[np.ndarray] = []

        def kept(told, share, noise, seen=seen):
            seen.append(plain(told, share, noise))
            return seen[-1]

        def made_up(told, share, noise, seen=seen):
            noisy = seen.pop(0)
            counted = exact_sum(whole(told, UNITS, UNITS))
            drawn = noisy - counted
            assert drawn.dtype == np.int64
            assert np.abs(drawn).max() < 60 * share.sigma(UNITS)
            return counted + drawn

        heads = []
        for people, way in ((PEOPLE, kept), (OTHERS, made_up)):
            with monkeypatch.context() as patched:
                for module in (noisy_gradient, corrected_line):
                    patched.setattr(module, "noisy_sum", way)
                heads.append(recipe.fit(people, seeded(np.random.default_rng(seed)), rng).head)
        assert not seen
        assert heads[0].weights.tobytes() == heads[1].weights.tobytes()
        assert heads[0].facts() == heads[1].facts()
