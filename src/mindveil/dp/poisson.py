"""Training in steps on random people: how much noise a step needs.

In each step every person is chosen alone with the same probability (Poisson sampling, from
``Noise.chosen``), contributes one clipped row, and Gaussian noise of ``multiplier`` times the
clipping bound is added to the sum. What all steps cost together is computed by Google's
dp_accounting: privacy loss distributions, whose rounding is upwards, so that the answer is never
below the truth (Koskela, Jälkö & Honkela 2020; Doroshenko et al. 2022); Renyi divergences
(Mironov, Talwar & Zhang 2019) as a cross-check that is always a little above.

Sampler and accountant are one: what is accounted here holds for batches of random size only, not
for batches of a fixed size or for shuffled epochs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mindveil.dp.accounting import Budget
from mindveil.dp.conversion import check_promise, epsilon_of_mu
from mindveil.errors import InputError
from mindveil.release import Guarantee
from mindveil.store.files import Json, write_json

if TYPE_CHECKING:
    from dp_accounting import DpEvent, PrivacyAccountant

Method = Literal["pld", "rdp"]

COARSE, FINE = 3e-4, 1e-4
"""Steps of privacy loss in a search, and in what is stated."""

_TIGHT = 0.99
"""A calibration that leaves more than this unspent is not accepted from a file."""

_ORDERS = (*range(2, 65), 72, 80, 96, 112, 128, 160, 192, 256, 512, 1024)


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How people are drawn: ``steps`` times with probability ``rate`` each.

    ``beside`` is the mu (sensitivity / sigma) of everything that the same release spends on
    Gaussian mechanisms over all people, 0 for nothing: it is composed with the steps.
    """

    rate: float
    steps: int
    beside: float = 0.0

    def __post_init__(self) -> None:
        if not (0.0 < self.rate <= 1.0 and self.steps >= 0 and 0.0 <= self.beside < math.inf):
            raise InputError(
                f"training of {self.steps} steps at rate {self.rate!r} beside mu {self.beside!r} "
                "cannot be accounted; steps and mu are 0 or more, the rate above 0 and at most 1"
            )


@lru_cache(maxsize=1024)
def epsilon_of_training(
    training: Training,
    multiplier: float,
    delta: float,
    method: Method = "pld",
    interval: float = FINE,
) -> float:
    """Return the epsilon that all steps cost together; never below the truth."""
    check_promise(1.0, delta)
    if training.steps == 0 and training.beside == 0.0:
        return 0.0
    accountant = _accountant(training, multiplier, method, interval)
    return max(0.0, float(accountant.get_epsilon(delta)))


@lru_cache(maxsize=256)
def advantage_of_training(training: Training, multiplier: float) -> float:
    """Return the largest TPR - FPR that the steps permit: the delta at epsilon 0."""
    if training.steps == 0 and training.beside == 0.0:
        return 0.0
    accountant = _accountant(training, multiplier, "pld", FINE)
    return min(1.0, float(accountant.get_delta(0.0)))


def multiplier_of(budget: Budget, training: Training, shelf: Path | None = None) -> float:
    """Return the least noise multiplier, to a thousandth, that keeps the budget.

    ``shelf`` is a JSON file of earlier answers. An answer is used only if one evaluation shows
    that it keeps the budget and wastes less than 1 % of it; any other is computed anew, so that
    a damaged or foreign file can cost time but no privacy.
    """
    if training.steps == 0:
        raise InputError("training of 0 steps needs no noise; give at least one step")
    key = _key(budget, training)
    known = _shelved(shelf).get(key)
    if known is not None and _keeps(budget, training, known):
        return known
    found = _search(budget, training)
    if shelf is not None:
        kept: dict[str, Json] = {**_shelved(shelf), key: found}
        write_json(shelf, kept)
    return found


def training_statement(
    budget: Budget,
    training: Training,
    multiplier: float,
    mechanisms: tuple[str, ...],
    proved: bool,  # noqa: FBT001 - as in ``accounting.statement``
) -> Guarantee:
    """Return the guarantee of a model that was trained in steps.

    ``proved`` asks for whole-number contributions, noise **and** sampling from the operating
    system. Raises InputError where the noise does not keep the budget.
    """
    spent = epsilon_of_training(training, multiplier, budget.delta)
    if spent > budget.epsilon:
        raise InputError(
            f"noise multiplier {multiplier:g} costs epsilon {spent:.3f}, more than the "
            f"{budget.epsilon:g} of the budget; take multiplier_of(budget, training)"
        )
    return Guarantee(
        epsilon=budget.epsilon,
        delta=budget.delta,
        accountant="privacy loss distributions of Poisson-sampled Gaussian steps (dp_accounting)",
        label="proved" if proved else "accounted",
        advantage=advantage_of_training(training, multiplier),
        mechanisms=mechanisms,
    )


@lru_cache(maxsize=256)
def _search(budget: Budget, training: Training) -> float:
    def spent(multiplier: float, interval: float) -> float:
        return epsilon_of_training(training, multiplier, budget.delta, "pld", interval)

    def keeps(multiplier: float) -> bool:
        return spent(multiplier, COARSE) <= budget.epsilon

    low, high = 0.2, 1.0
    if epsilon_of_mu(training.beside, budget.delta) > 0.999 * budget.epsilon:
        raise InputError(
            f"no noise keeps epsilon {budget.epsilon:g} at delta {budget.delta:g}: what is "
            f"spent beside the steps (mu {training.beside:g}) leaves nothing"
        )
    while not keeps(high):
        low, high = high, high * 2.0
    found = _bisected(keeps, low, high)
    if spent(found, FINE) < _TIGHT * budget.epsilon:
        found = _bisected(lambda m: spent(m, FINE) <= budget.epsilon, found / 1.1, found)
    while spent(found, FINE) > budget.epsilon:
        found *= 1.0005
    return found


def _bisected(keeps: Callable[[float], bool], low: float, high: float) -> float:
    while high / low > 1.0005:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if keeps(middle) else (middle, high)
    return high


def _keeps(budget: Budget, training: Training, multiplier: float) -> bool:
    spent = epsilon_of_training(training, multiplier, budget.delta)
    return _TIGHT * budget.epsilon <= spent <= budget.epsilon


def _key(budget: Budget, training: Training) -> str:
    parts: dict[str, float | str] = {**asdict(budget), **asdict(training)}
    return json.dumps(parts, sort_keys=True)


def _shelved(shelf: Path | None) -> dict[str, float]:
    """Return what a file of earlier answers says; nothing where it cannot be read."""
    if shelf is None or not shelf.is_file():
        return {}
    try:
        found = json.loads(shelf.read_bytes())
    except ValueError:
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {
        str(key): float(value)
        for key, value in pairs
        if isinstance(value, (int, float)) and math.isfinite(value) and 0.0 < value < 1e7
    }


def _accountant(
    training: Training, multiplier: float, method: Method, interval: float
) -> PrivacyAccountant:
    if not (math.isfinite(multiplier) and multiplier > 0.0):
        raise InputError(f"a noise multiplier of {multiplier!r} protects nobody; it is above 0")
    # Takes a second to import, which nothing but private training should pay for.
    from dp_accounting import pld, rdp  # noqa: PLC0415

    accountant: PrivacyAccountant = (
        pld.PLDAccountant(value_discretization_interval=interval)
        if method == "pld"
        else rdp.RdpAccountant(orders=_ORDERS)
    )
    accountant.compose(_event(training, multiplier))
    return accountant


def _event(training: Training, multiplier: float) -> DpEvent:
    import dp_accounting as dp  # noqa: PLC0415

    step = dp.PoissonSampledDpEvent(training.rate, dp.GaussianDpEvent(multiplier))
    events: list[DpEvent] = []
    if training.steps:
        events.append(dp.SelfComposedDpEvent(step, training.steps))
    if training.beside:
        events.append(dp.GaussianDpEvent(1.0 / training.beside))
    return dp.ComposedDpEvent(events)
