"""A student of teachers: by hand, what it promises, signal where there is one, and none elsewhere."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.train.taught_people import Silent, auc, budget, cohort, table

from mindveil.dp.clipping import exact_sum, whole
from mindveil.dp.distinguish import distinguishable
from mindveil.dp.noise import os_noise, seeded
from mindveil.errors import InputError, RefusedError
from mindveil.train import corrected_line, pate
from mindveil.train.moments import UNITS
from mindveil.train.pate import LINE, Pate
from mindveil.train.plain import PlainRidge

ANSWERS = ("share", "label")
PROMISE = budget(1.0, 1e-2)

# Two sites. At the first the far one pulls the teacher over to the other side of everything.
PAIR = replace(
    table([[9.0], [0.1], [0.1], [-0.2], [0.2]], [27.0, 9.0, 11.0, 9.0, 10.0]),
    sites=(0, 0, 1, 1, 1),
)
OTHERS = PAIR.of(np.arange(5) > 0)


def noise(seed=1):
    return seeded(np.random.default_rng(seed))


def rng(seed=1):
    return np.random.default_rng(seed)


def everybody(people, heads):
    return np.ones((len(people.ids), heads), np.bool_)


@pytest.mark.parametrize("answer", ANSWERS)
def test_one_column_without_noise_by_hand(answer):
    """600 people on the line: total = 9.5 + 8 x, x within the reach of .7."""
    rows = np.tile(np.linspace(-0.6, 0.6, 12), 50)[:, None]
    people = table(rows, 9.5 + 8.0 * rows[:, 0])
    recipe = Pate(budget=budget(1e6, 1e-4), answer=answer, small_cohort=True)
    head = recipe.fit(people, Silent(), rng()).head
    told = head.severity(np.array([[0.5], [0.0], [9.0]]))
    # Shortened a little where people are looked at again; flat beyond the reach.
    assert told.tolist() == pytest.approx([13.5, 9.5, 15.1], abs=0.3)
    assert head.log_odds(np.array([[0.0]]))[0] == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("answer", ANSWERS)
def test_votes_and_line_pay_for_everything(answer):
    silent, promise = Silent(), budget(1.0, 1e-4)
    Pate(budget=promise, answer=answer, queries=32).fit(cohort(1), silent, rng())
    moved = 2.0 * UNITS if answer == "share" else math.sqrt(2.0 * 32)
    assert silent.sigmas == [
        pytest.approx(promise.share(1.0 - LINE).sigma(moved)),
        pytest.approx(promise.share(LINE).sigma(UNITS)),
    ]
    rho = (moved / silent.sigmas[0]) ** 2 / 2.0 + (UNITS / silent.sigmas[1]) ** 2 / 2.0
    assert rho == pytest.approx(promise.rho)


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(answer):
    people, recipe = cohort(1), Pate(budget=budget(), answer=answer)
    heads = [recipe.fit(people, noise(seed), rng(seed)).head for seed in (3, 3, 4)]
    said = [head.log_odds(people.rows).tobytes() for head in heads]
    assert said[0] == said[1] != said[2]
    inside = rng(5).random((240, 3)) < 0.5
    shadows = [recipe.shadows(people, inside, people.rows, rng(s)).tobytes() for s in (3, 3, 4)]
    assert shadows[0] == shadows[1] != shadows[2]


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_promise_says_what_hides_whom(answer):
    people, recipe = cohort(1), Pate(budget=budget(), answer=answer)
    groups = recipe.fit(people, os_noise(), rng()).guarantee
    assert (groups.label, groups.epsilon, groups.unit) == ("proved", 3.0, "person")
    assert ("GNMax" in groups.mechanisms[0]) is (answer == "label")
    assert "site" not in " ".join(groups.mechanisms)
    placed = replace(people, sites=tuple(i % 7 for i in range(240)))
    sites = recipe.fit(placed, noise(), rng()).guarantee
    assert sites.label == "accounted"
    assert "hide a whole site" in sites.mechanisms[0]
    assert sites.mechanisms[1].endswith("hiding one person")


def test_a_delta_that_gives_people_away_is_refused_unless_asked_for():
    people, promise = cohort(2), budget(3.0, 5e-3)
    with pytest.raises(RefusedError, match="too large"):
        Pate(budget=promise).fit(people, noise(), rng())
    asked = Pate(budget=promise, small_cohort=True).fit(people, noise(), rng())
    assert asked.guarantee.delta == 5e-3


@pytest.mark.parametrize("settings", [{"teachers": 0}, {"queries": 1}, {"queries": 1 << 19}])
def test_settings_that_ask_nobody_or_too_much_are_refused(settings):
    with pytest.raises(InputError, match="cannot be asked"):
        Pate(budget=budget(), **settings)


@pytest.mark.parametrize("teachers", [10, 50])
@pytest.mark.parametrize("answer", ANSWERS)
def test_three_hundred_people_teach_what_is_there(answer, teachers):
    """Planted, epsilon 8: over 5 cohorts, within .02 of what is lost to nobody."""
    recipe = Pate(budget=budget(8.0), answer=answer, teachers=teachers)
    lost, error, naive = [], [], []
    for seed in range(5):
        people, others = cohort(seed, 300), cohort(500 + seed, 2000)
        head = recipe.fit(people, noise(seed), rng(seed)).head
        plain = PlainRidge().fit(people, noise(), rng()).head.log_odds(others.rows)
        told = head.log_odds(others.rows)
        lost.append(auc(plain, others.labels) - auc(told, others.labels))
        error.append(np.abs(head.severity(others.rows) - others.totals).mean())
        naive.append(np.abs(others.totals - others.totals.mean()).mean())
    assert np.mean(lost) < 0.02
    assert np.mean(error) < np.mean(naive) - 0.5


@pytest.mark.parametrize("answer", ANSWERS)
def test_probabilities_mean_what_they_say(answer):
    people, others = cohort(3, 4000), cohort(4, 3000)
    told = Pate(budget=budget(8.0, 1e-6), answer=answer).fit(people, noise(), rng()).head
    chance = 1 / (1 + np.exp(-told.log_odds(others.rows)))
    assert chance.mean() == pytest.approx(others.labels.mean(), abs=0.05)
    sure = chance > 0.8
    assert others.labels[sure].mean() == pytest.approx(chance[sure].mean(), abs=0.07)


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize(("epsilon", "told"), [(3.0, False), (0.01, True)])
def test_nothing_is_learnt_where_nothing_is_told_or_hardly_anything_may_be(answer, epsilon, told):
    """Null: over 40 cohorts, heads order other people by chance."""
    recipe, found = Pate(budget=budget(epsilon), answer=answer), []
    for seed in range(40):
        people, others = cohort(seed, 120, told=told), cohort(1000 + seed, 300, told=told)
        said = recipe.shadows(people, everybody(people, 1), others.rows, rng(seed))
        found.append(auc(said[:, 0], others.labels))
    assert abs(np.mean(found) - 0.5) < 3.5 * np.std(found) / math.sqrt(len(found))


@pytest.mark.parametrize("answer", ANSWERS)
def test_shadows_are_heads_of_the_same_kind(answer):
    """Mean and spread over 60 shadows match those over 60 fits, at what is said of one person."""
    people, recipe = cohort(5, 150), Pate(budget=budget(), answer=answer)
    asked = people.rows[:3]
    fits = np.stack([recipe.fit(people, noise(s), rng(s)).head.log_odds(asked) for s in range(60)])
    shadows = recipe.shadows(people, everybody(people, 60), asked, rng(7))
    for one, other in zip(fits.T, shadows, strict=True):
        spread = np.hypot(one.std(), other.std())
        assert abs(one.mean() - other.mean()) < 4.0 * spread / math.sqrt(60)
        assert 0.6 < one.std() / other.std() < 1.7


@pytest.mark.parametrize("sites", [False, True])
def test_a_shadow_learns_from_those_inside_alone(sites):
    people, recipe = cohort(6, 80), Pate(budget=budget(3.0, 1e-3))
    if sites:
        people = replace(people, sites=tuple(i % 5 for i in range(80)))
    inside = rng(1).random((80, 4)) < 0.5
    said = recipe.shadows(people, inside, people.rows, rng(2))
    spoiled = people.rows.copy()
    spoiled[~inside[:, 2]] = -9.0
    other = recipe.shadows(replace(people, rows=spoiled), inside, people.rows, rng(2))
    assert said[:, 2].tolist() == pytest.approx(other[:, 2].tolist(), rel=1e-4, abs=1e-4)
    assert not np.allclose(said[:, 1], other[:, 1])


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("people", [0, 1, 2, 5, 20])
def test_hardly_anybody_gives_a_head_all_the_same(people, answer):
    few = table(np.full((people, 3), 1e6), np.full(people, 27.0))
    recipe = Pate(budget=budget(1.0, 1e-3), answer=answer, small_cohort=True)
    rows = np.array([[0.0, 0.0, 0.0], [1e6, -1e6, 3.0]])
    for taught in (few, replace(few, sites=(0,) * people), replace(few, sites=(99,) * people)):
        head = recipe.fit(taught, noise(), rng()).head
        assert np.isfinite(head.log_odds(rows)).all()
        assert np.all((head.severity(rows) >= 0.0) & (head.severity(rows) <= 27.0))


def test_more_columns_than_questions_are_learnt_too():
    people = cohort(7, 60, columns=40)
    head = Pate(budget=budget(), queries=16).fit(people, noise(), rng()).head
    assert np.isfinite(head.log_odds(people.rows)).all()


def test_sites_are_teachers_whoever_draws_lots():
    """Lots change nothing where sites are known; a site's number decides who teaches whom."""
    people = replace(cohort(8, 100), sites=tuple(i // 20 for i in range(100)))
    recipe = Pate(budget=budget(8.0, 1e-4), teachers=5)
    said = [recipe.fit(people, noise(3), rng(s)).head.log_odds(people.rows) for s in (1, 2)]
    assert said[0].tobytes() == said[1].tobytes()
    mixed = replace(people, sites=tuple(i % 5 for i in range(100)))
    other = recipe.fit(mixed, noise(3), rng(1)).head.log_odds(people.rows)
    assert not np.allclose(said[0], other)


def counted(people, recipe, monkeypatch):
    """Return all that is counted of teachers' answers, and the noise that protects it."""
    kept = []

    def spy(told, sigma, source):
        kept.append((told.ravel(), sigma))
        return told + source.gaussian(sigma, told.shape)

    with monkeypatch.context() as patched:
        patched.setattr(pate, "noisy_votes", spy)
        recipe.fit(people, Silent(), rng())
    return kept[0]


@pytest.mark.parametrize(("part", "alarm"), [(1.0, False), (0.5, True), (0.0, True)])
@pytest.mark.parametrize("answer", ANSWERS)
def test_votes_keep_their_promise_and_less_noise_does_not(answer, part, alarm, monkeypatch):
    """The far one turns all answers of her teacher; the attacker looks along that direction."""
    recipe = Pate(budget=PROMISE, answer=answer, teachers=2, queries=16, small_cohort=True)
    (here, sigma), (there, _) = (counted(p, recipe, monkeypatch) for p in (PAIR, OTHERS))
    toward = (here - there) / np.linalg.norm(here - there)
    drawn = [noise(s).gaussian(sigma, (20_000, here.size)) for s in (1, 2)]
    found = distinguishable(
        (here + part * drawn[0]) @ toward, (there + part * drawn[1]) @ toward, 1.0, 1e-2
    )
    assert found.alarm is alarm
    assert (found.epsilon > 1.0) is alarm


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_far_one_moves_the_votes_as_far_as_was_paid_for(answer, monkeypatch):
    recipe = Pate(budget=PROMISE, answer=answer, teachers=2, queries=16, small_cohort=True)
    (here, sigma), (there, _) = (counted(p, recipe, monkeypatch) for p in (PAIR, OTHERS))
    paid = sigma * math.sqrt(2.0 * PROMISE.share(1.0 - LINE).rho)
    assert 0.7 * paid < np.linalg.norm(here - there) <= paid * (1 + 1e-9)


@pytest.mark.parametrize("people", [2, 5, 20])
@pytest.mark.parametrize("answer", ANSWERS)
def test_small_cohorts_keep_their_epsilon(answer, people):
    """4,000 heads on few people: what they say of the far one shows no more than epsilon."""
    source = rng(people)
    rows = source.normal(size=(people, 3)) / 3
    rows[0] = [50.0, 0.0, 0.0]
    all_of = table(rows, np.append(27.0, source.integers(0, 27, people - 1)))
    recipe = Pate(budget=PROMISE, answer=answer, teachers=3, queries=16, small_cohort=True)
    outputs = [
        recipe.shadows(taught, everybody(taught, 4000), rows[:1], source)[0]
        for taught in (all_of, all_of.of(np.arange(people) > 0))
    ]
    found = distinguishable(*outputs, 1.0, 1e-2)
    assert not found.alarm
    assert found.epsilon <= 1.0


@pytest.mark.parametrize("answer", ANSWERS)
def test_released_numbers_rest_on_whole_numbers_that_any_neighbour_can_have(answer, monkeypatch):
    """Noise that makes up for the one who is missing makes the same head, to the byte."""
    recipe = Pate(budget=PROMISE, answer=answer, teachers=2, queries=16, small_cohort=True)
    votes, sums = pate.noisy_votes, corrected_line.noisy_sum
    for seed in range(30):
        seen: list[np.ndarray] = []

        def kept_votes(told, sigma, source, seen=seen):
            seen.append(votes(told, sigma, source))
            return seen[-1]

        def kept_sums(told, share, source, seen=seen):
            seen.append(sums(told, share, source))
            return seen[-1]

        def same_votes(told, sigma, source, seen=seen):
            drawn = seen[0] - told
            assert drawn.dtype == np.int64
            assert np.abs(drawn).max() < 60 * sigma
            return told + drawn

        def same_sums(told, share, source, seen=seen):
            drawn = seen[1] - exact_sum(whole(told, UNITS, UNITS))
            assert np.abs(drawn).max() < 60 * share.sigma(UNITS)
            return seen[1]

        heads = []
        for people, of_votes, of_sums in (
            (PAIR, kept_votes, kept_sums),
            (OTHERS, same_votes, same_sums),
        ):
            with monkeypatch.context() as patched:
                patched.setattr(pate, "noisy_votes", of_votes)
                patched.setattr(corrected_line, "noisy_sum", of_sums)
                heads.append(recipe.fit(people, noise(seed), rng(seed)).head)
        assert len(seen) == 2
        assert heads[0].weights.tobytes() == heads[1].weights.tobytes()
        assert heads[0].facts() == heads[1].facts()


def test_the_twin_promises_nothing_and_reads_the_same_columns():
    taught = Pate(budget=budget()).twin().fit(cohort(8), noise(), rng())
    assert taught.guarantee is None
    assert taught.head.log_odds(cohort(9).rows).shape == (240,)
