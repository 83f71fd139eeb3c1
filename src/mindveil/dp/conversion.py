"""From the currency of privacy to (epsilon, delta), to an attacker's largest advantage, and back.

Only the mathematical functions of the standard library are used. Where a minimum or a root is
searched, an inexact answer errs to the side of more noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from mindveil.errors import InputError


def check_promise(epsilon: float, delta: float) -> None:
    """Refuse an epsilon or delta that promises nothing or cannot be kept."""
    if not (math.isfinite(epsilon) and epsilon > 0.0):
        raise InputError(f"epsilon is {epsilon!r}; it must be a positive number")
    if not 0.0 < delta < 1.0:
        raise InputError(f"delta is {delta!r}; it must be between 0 and 1")


@lru_cache(maxsize=4096)
def epsilon_of(rho: float, delta: float) -> float:
    """Return the smallest epsilon that proposition 12 of Canonne et al. (2020) gives for rho.

    epsilon = min over alpha > 1 of alpha rho + (log(1 / delta) - log(alpha)) / (alpha - 1)
    + log(1 - 1 / alpha). Each alpha gives a valid bound, so a minimum that was not quite found
    errs to the safe side.

    >>> epsilon_of(0.0, 1e-5), round(epsilon_of(0.1, 1e-5), 3)
    (0.0, 1.914)
    """
    if not (math.isfinite(rho) and rho >= 0.0 and 0.0 < delta < 1.0):
        raise InputError(f"rho {rho!r} or delta {delta!r} is out of range: rho >= 0, 0 < delta < 1")
    if rho == 0.0:
        return 0.0

    def bound(log_order: float) -> float:
        less_one = math.exp(log_order)
        order = 1.0 + less_one
        return (
            order * rho
            - (math.log(delta) + math.log(order)) / less_one
            + math.log(less_one / order)
        )

    # The bound is close to log(1 / delta) / (order - 1) + rho * order: least near this order.
    centre = 0.5 * math.log(-math.log(delta) / rho)
    return max(0.0, bound(_least(bound, centre - 6.0, centre + 6.0)))


@lru_cache(maxsize=4096)
def rho_of(epsilon: float, delta: float) -> float:
    """Return the largest rho for which ``epsilon_of`` stays within epsilon.

    >>> round(rho_of(3.0, 1e-5), 4)
    0.2242
    """
    check_promise(epsilon, delta)
    return _largest(lambda rho: epsilon_of(rho, delta) <= epsilon)


@lru_cache(maxsize=4096)
def mu_of(epsilon: float, delta: float) -> float:
    """Return the largest mu of a Gaussian mechanism (sensitivity / sigma) that is within both.

    >>> round(mu_of(3.0, 1e-5), 3), round(mu_of(0.73, 1e-5), 3)
    (0.719, 0.201)
    """
    check_promise(epsilon, delta)
    return _largest(lambda mu: delta_of_mu(mu, epsilon) <= delta)


def delta_of_mu(mu: float, epsilon: float) -> float:
    """Return the exact delta of a Gaussian mechanism at this epsilon (Balle & Wang 2018).

    Phi(mu / 2 - epsilon / mu) - exp(epsilon) Phi(-mu / 2 - epsilon / mu), computed so that
    neither the exponential nor the difference loses digits.
    """
    if mu <= 0.0:
        return 0.0
    low, high = epsilon / mu - mu / 2.0, epsilon / mu + mu / 2.0
    first, second = _log_tail(low), epsilon + _log_tail(high)
    return -math.exp(first) * math.expm1(min(0.0, second - first))


@lru_cache(maxsize=4096)
def epsilon_of_mu(mu: float, delta: float) -> float:
    """Return the smallest epsilon, to 12 digits and rounded up, of a Gaussian mechanism."""
    if not (math.isfinite(mu) and mu >= 0.0 and 0.0 < delta < 1.0):
        raise InputError(f"mu {mu!r} or delta {delta!r} is out of range: mu >= 0, 0 < delta < 1")
    if delta_of_mu(mu, 0.0) <= delta:
        return 0.0
    low = _largest(lambda epsilon: delta_of_mu(mu, epsilon) > delta)
    return low * (1.0 + 1e-12)


def advantage_of(epsilon: float, delta: float) -> float:
    """Return the largest TPR - FPR that (epsilon, delta) permits, whatever the mechanism.

    (exp(epsilon) - 1 + 2 delta) / (exp(epsilon) + 1) (Kairouz, Oh & Viswanath 2015). Where the
    mechanism is known, ``advantage_of_rho`` and ``advantage_of_mu`` say much less.

    >>> round(advantage_of(3.0, 1e-5), 3)
    0.905
    """
    check_promise(epsilon, delta)
    # exp(-epsilon) in place of exp(epsilon): no epsilon is too large for it
    rest = math.exp(-epsilon)
    return min(1.0, math.tanh(epsilon / 2.0) + 2.0 * delta * rest / (1.0 + rest))


def advantage_of_mu(mu: float) -> float:
    """Return the largest TPR - FPR against a Gaussian mechanism: 2 Phi(mu / 2) - 1, exact.

    >>> round(advantage_of_mu(0.2), 4)
    0.0797
    """
    return math.erf(mu / math.sqrt(8.0))


@lru_cache(maxsize=4096)
def advantage_of_rho(rho: float) -> float:
    """Return the largest TPR - FPR that rho permits for any mechanism.

    An attack turns a release into yes or no, which cannot raise a divergence. Averaging a pair of
    rates (TPR, FPR) with its mirror image (1 - FPR, 1 - TPR) keeps the advantage a and raises
    no divergence either, so that the worst pair is ((1 + a) / 2, (1 - a) / 2); its Renyi
    divergence of each order must be within order x rho. The order 1 gives
    a log((1 + a) / (1 - a)) <= rho, a sharper Pinsker inequality; higher orders can only cut more.

    >>> round(advantage_of_rho(0.02), 4)
    0.0998
    """
    if not (math.isfinite(rho) and rho >= 0.0):
        raise InputError(f"rho {rho!r} is out of range; it is 0 or more")
    return min(1.0, _largest(lambda a: a < 1.0 and _permitted(a, rho)) + 1e-15)


_ORDERS = (1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0)


def _permitted(advantage: float, rho: float) -> bool:
    yes, no = math.log((1.0 + advantage) / 2.0), math.log((1.0 - advantage) / 2.0)
    if advantage * (yes - no) > rho:
        return False
    for order in _ORDERS:
        one, two = order * yes + (1.0 - order) * no, order * no + (1.0 - order) * yes
        top = max(one, two)
        total = top + math.log(math.exp(one - top) + math.exp(two - top))
        if total > (order - 1.0) * order * rho:
            return False
    return True


def _largest(within: Callable[[float], bool]) -> float:
    """Return the largest positive number, from below, that is within; all smaller ones are."""
    high = 1.0
    while within(high) and high < 1e9:
        high *= 2.0
    low = 0.0
    for _ in range(200):
        middle = (low + high) / 2.0
        if middle in (low, high):
            break
        if within(middle):
            low = middle
        else:
            high = middle
    return low


def _least(bound: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function with one valley is least (golden section)."""
    ratio = (math.sqrt(5.0) - 1.0) / 2.0
    for _ in range(60):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if bound(left) <= bound(right):
            high = right
        else:
            low = left
    return (low + high) / 2.0


def _log_tail(x: float) -> float:
    """Return log P(a standard normal exceeds x), also where that is too small for a float."""
    if x < 25.0:
        return math.log(0.5 * math.erfc(x / math.sqrt(2.0)))
    # Continued fraction of Mills' ratio; five steps are exact to 1e-12 from 25 on.
    ratio = x
    for k in range(12, 0, -1):
        ratio = x + k / ratio
    return -x * x / 2.0 - 0.5 * math.log(2.0 * math.pi) - math.log(ratio)
