"""Noise that carries a guarantee: whole numbers, drawn exactly, from the operating system.

Floating-point noise leaks: its low bits tell which values were possible before it was added
(Mironov 2012), so that most outputs of a textbook Laplace mechanism are impossible for the
neighbour. Here noise is a whole number, and every decision on the way to it is a comparison of
whole numbers made of random bits; no float is asked (Canonne, Kamath & Steinke, "The discrete
Gaussian for differential privacy", 2020; Karney, "Sampling exactly from the normal
distribution", 2016, for splitting the exponent so that all numbers stay below 2**63).

Gaussian noise is drawn as a discrete Gaussian on a grid so fine that its scale is 2**26 steps or
more, and is then rounded to whole numbers. Rounding after the fact cannot cost privacy, so that
the noise keeps the guarantee of the discrete Gaussian (zero-concentrated differential privacy, in
any number of dimensions). In addition it is within a total variation of 1 / (12 * 2**52) a number
of a rounded continuous Gaussian, whose exact trade-off function (Dong, Roth & Su 2022) needs 7 to
9 % less noise for the same epsilon: ``accounting`` may use either.

A scale is a float, that is an exact fraction. It is rounded **up** to one with a short
denominator (by less than one part in 10 million from 1 on): the noise is never smaller than asked.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Words = Callable[[int], NDArray[np.uint64]]
"""A source of this many words of 64 random bits."""

LARGEST_SCALE = 2.0**27
"""Above this, numbers on the way to a draw would no longer fit 64 bits."""

SMALLEST_SIGMA = 2.0**-20
"""Below this, Gaussian noise on whole numbers would always be zero."""

DISTANCE = 1.0 / (12.0 * 2.0**52)
"""Total variation between one Gaussian draw and a rounded continuous Gaussian, at most.

A cell's mass and its height at the centre differ by at most max |phi''| / 24; summed over cells
of a Gaussian of s steps that is below 1 / (24 s**2), and s is at least 2**26 here."""

_BATCH = 1 << 17


class Noise(Protocol):
    """A source of discrete noise; ``proved`` where its entropy is the operating system's."""

    @property
    def proved(self) -> bool:
        """Whether nobody could draw the same noise again."""
        ...

    def gaussian(self, sigma: float, shape: tuple[int, ...]) -> Integers:
        """Return whole-number Gaussian noise: a discrete Gaussian on a fine grid, rounded."""
        ...

    def laplace(self, scale: float, shape: tuple[int, ...]) -> Integers:
        """Return discrete Laplace noise: P(x) proportional to exp(-|x| / scale)."""
        ...

    def chosen(self, rate: float, people: int) -> Flags:
        """Return who is in a Poisson sample: each person alone, with this probability."""
        ...


@dataclass(frozen=True, slots=True)
class OsNoise:
    """Noise from the operating system's entropy; nobody can draw it again."""

    @property
    def proved(self) -> bool:
        """Return True: this is the only source whose noise may be called proved."""
        return True

    def gaussian(self, sigma: float, shape: tuple[int, ...]) -> Integers:
        """Return whole-number Gaussian noise of this standard deviation."""
        return _shaped(lambda n: _rounded_gaussian(_os_words, sigma, n), shape)

    def laplace(self, scale: float, shape: tuple[int, ...]) -> Integers:
        """Return discrete Laplace noise of this scale."""
        return _shaped(lambda n: _laplace(_os_words, scale, n), shape)

    def chosen(self, rate: float, people: int) -> Flags:
        """Return who is in a Poisson sample."""
        return _chosen(_os_words, rate, people)


@dataclass(frozen=True, slots=True)
class SeededNoise:
    """The same distributions from a seed: to repeat a run, never to protect anybody."""

    rng: np.random.Generator

    @property
    def proved(self) -> bool:
        """Return False: whoever knows the seed subtracts the noise."""
        return False

    def gaussian(self, sigma: float, shape: tuple[int, ...]) -> Integers:
        """Return whole-number Gaussian noise of this standard deviation."""
        return _shaped(lambda n: _rounded_gaussian(self._words, sigma, n), shape)

    def laplace(self, scale: float, shape: tuple[int, ...]) -> Integers:
        """Return discrete Laplace noise of this scale."""
        return _shaped(lambda n: _laplace(self._words, scale, n), shape)

    def chosen(self, rate: float, people: int) -> Flags:
        """Return who is in a Poisson sample."""
        return _chosen(self._words, rate, people)

    def _words(self, count: int) -> NDArray[np.uint64]:
        return self.rng.integers(0, 1 << 64, size=count, dtype=np.uint64)


def os_noise() -> Noise:
    """Return the noise that carries a guarantee."""
    return OsNoise()


def seeded(rng: np.random.Generator) -> Noise:
    """Return noise that a seed repeats: a release made with it is "accounted", never "proved".

    >>> seeded(np.random.default_rng(7)).gaussian(10.0, (4,)).dtype
    dtype('int64')
    """
    return SeededNoise(rng)


def short_fraction(scale: float, limit: float = LARGEST_SCALE) -> Fraction:
    """Return the smallest multiple of a power of two that is not below the scale.

    The power is the largest for which numerator and denominator stay below about ``limit``.
    Raises InputError where the scale is not a positive number up to ``limit``.

    >>> short_fraction(2.5)
    Fraction(5, 2)
    """
    if not (math.isfinite(scale) and 0.0 < scale <= limit):
        raise InputError(
            f"noise of scale {scale!r} cannot be drawn: it must be above 0 and at most "
            f"{limit:.0f}; count in coarser or finer units"
        )
    exact = Fraction(scale)
    unit = 1 << max(0, math.floor(math.log2(limit / max(scale, 1.0))))
    return Fraction(math.ceil(exact * unit), unit)


def _shaped(draw: Callable[[int], Integers], shape: tuple[int, ...]) -> Integers:
    count = math.prod(shape)
    parts = [draw(min(_BATCH, count - start)) for start in range(0, count, _BATCH)]
    return np.concatenate([*parts, np.zeros(0, np.int64)]).reshape(shape)


def _os_words(count: int) -> NDArray[np.uint64]:
    return np.frombuffer(os.urandom(8 * count), dtype=np.uint64)


def _rounded_gaussian(words: Words, sigma: float, count: int) -> Integers:
    if not SMALLEST_SIGMA <= sigma <= LARGEST_SCALE:
        raise InputError(
            f"Gaussian noise of scale {sigma!r} cannot be drawn: it must be from "
            f"{SMALLEST_SIGMA:.1g} to {LARGEST_SCALE:.0f}; count in coarser or finer units"
        )
    grid = 1 << max(0, math.floor(math.log2(LARGEST_SCALE / sigma)))
    fine = _gaussian(words, sigma * grid, count)
    return (fine + grid // 2) // grid


def _gaussian(words: Words, sigma: float, count: int) -> Integers:
    """Draw by rejection from a discrete Laplace of scale t = floor(sigma) + 1.

    With sigma = a / b, a proposal y is kept with probability exp(-z**2 / 2), where
    z = | |y| / sigma - sigma / t | = | |y| t b**2 - a**2 | / (a b t).
    """
    exact = short_fraction(sigma)
    a, b, t = exact.numerator, exact.denominator, math.floor(exact) + 1
    kept: list[Integers] = []
    missing = count
    while missing > 0:
        steps, sign = _two_sided(words, Fraction(t), 2 * missing + 16)
        # Far proposals (one in exp(64)) leave 64 bits: whole numbers of any length then.
        far = int(steps.max(initial=0)) >= 64 * t
        distance = np.abs((steps.astype(object) if far else steps) * (t * b * b) - a * a)
        whole, rest = distance // (a * b * t), distance % (a * b * t)
        found = np.flatnonzero(
            _half_square(words, whole.astype(np.int64), rest.astype(np.int64), a * b * t)
        )[:missing]
        kept.append(np.where(sign, -steps, steps)[found])
        missing -= found.size
    return np.concatenate([*kept, np.zeros(0, np.int64)])


def _laplace(words: Words, scale: float, count: int) -> Integers:
    exact = short_fraction(scale)
    kept: list[Integers] = []
    missing = count
    while missing > 0:
        size, sign = _two_sided(words, exact, missing + missing // 2 + 16)
        kept.append(np.where(sign, -size, size)[:missing])
        missing -= min(missing, size.size)
    return np.concatenate([*kept, np.zeros(0, np.int64)])


def _chosen(words: Words, rate: float, people: int) -> Flags:
    """Flip a coin a person; a rate is rounded down to 62 bits, which can only favour privacy."""
    if not 0.0 < rate <= 1.0:
        raise InputError(f"a sampling rate of {rate!r} chooses nobody; it is above 0, at most 1")
    limit = np.uint64(math.floor(Fraction(rate) * (1 << 62)))
    flags: Flags = (words(people) >> np.uint64(2)) < limit
    return flags


def _two_sided(words: Words, scale: Fraction, tries: int) -> tuple[Integers, Flags]:
    """Return sizes and signs of discrete Laplace draws: as many of the tries as were accepted."""
    t, s = scale.numerator, scale.denominator
    part = _below(words, np.full(tries, t, np.int64))
    part = part[_exp(words, part, t)]
    size = (part + t * _successes(words, part.size)) // s
    sign = _below(words, np.full(size.size, 2, np.int64)) == 1
    once = ~(sign & (size == 0))  # zero has one sign, or it would come twice as often
    return size[once], sign[once]


def _half_square(words: Words, whole: Integers, rest: Integers, unit: int) -> Flags:
    """Return True with probability exp(-z**2 / 2), z = whole + x, x = rest / unit below 1.

    exp(-z**2 / 2) = exp(-1/2)**(whole**2) * exp(-x)**whole * exp(-x**2 / 2): each factor is
    flipped on its own, so that no square of a numerator has to be formed.
    """
    alive = np.flatnonzero(_all_of(words, whole * whole, np.ones_like(whole), 2))
    alive = alive[_all_of(words, whole[alive], rest[alive], unit)]
    alive = alive[_exp(words, rest[alive], unit, squared=True)]
    flags = np.zeros(whole.size, np.bool_)
    flags[alive] = True
    return flags


def _all_of(words: Words, times: Integers, numerator: Integers, unit: int) -> Flags:
    """Return whether all of ``times`` coins of chance exp(-numerator / unit) show heads."""
    flags = np.ones(times.size, np.bool_)
    left = np.flatnonzero(times > 0)
    done = 0
    while left.size:
        heads = _exp(words, numerator[left], unit)
        flags[left[~heads]] = False
        done += 1
        left = left[heads]
        left = left[times[left] > done]
    return flags


def _successes(words: Words, count: int) -> Integers:
    """Return how many coins of chance 1 / e show heads before the first that does not."""
    total = np.zeros(count, np.int64)
    left = np.arange(count)
    while left.size:
        left = left[_exp(words, np.ones(left.size, np.int64), 1)]
        total[left] += 1
    return total


def _exp(words: Words, numerator: Integers, unit: int, *, squared: bool = False) -> Flags:
    """Return True with probability exp(-x), x = numerator / unit in [0, 1]; or exp(-x**2 / 2).

    Von Neumann's series: throw coins of chance x / 1, x / 2, x / 3 ... until one shows tails;
    an odd number of throws has probability 1 - x + x**2 / 2! - ... = exp(-x). A coin of chance
    x / k is two: one of chance x and one of chance 1 / k.
    """
    throws = np.ones(numerator.size, np.int64)
    left = np.arange(numerator.size)
    k = 0
    while left.size:
        k += 1
        if k > 1 or squared:
            turned = _below(words, np.full(left.size, 2 * k if squared else k, np.int64)) == 0
        else:
            turned = np.ones(left.size, np.bool_)
        left = left[turned]
        for _ in range(2 if squared else 1):
            left = left[_below(words, np.full(left.size, unit, np.int64)) < numerator[left]]
        throws[left] += 1
    odd: Flags = throws % 2 == 1
    return odd


def _below(words: Words, limit: Integers) -> Integers:
    """Return whole numbers uniform in [0, limit); words that would favour the low are redrawn."""
    out = np.zeros(limit.size, np.int64)
    left = np.arange(limit.size)
    while left.size:
        bound = limit[left].astype(np.uint64)
        word = words(left.size)
        value = word % bound
        # word - value is the start of its block; the last block may be cut short by 2**64.
        whole = (word - value) <= (np.uint64(0) - bound)
        out[left[whole]] = value[whole].astype(np.int64)
        left = left[~whole]
    return out
