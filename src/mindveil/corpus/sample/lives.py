"""Draw a made-up person: each from streams of their own, so that others may come and go."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import cast

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.sample.personas import (
    FEMALE_VOICES,
    VOICES,
    Body,
    Identity,
    Life,
    Manner,
    Persona,
    Sex,
)
from mindveil.randomness import stream

INTERVIEW_YEAR = 2026
EDUCATION: tuple[str, ...] = ("school", "vocational", "bachelor", "postgraduate")
TOWN_SIZES: tuple[str, ...] = ("small town", "town", "city")
SEXES: tuple[str, ...] = ("female", "male", "other")
MARITAL: tuple[str, ...] = ("single", "with partner", "married", "divorced", "widowed")

FACTOR_CORRELATION: NDArray[np.float64] = np.array(
    [
        [1.00, 0.82, 0.62, 0.20, 0.42],
        [0.82, 1.00, 0.62, 0.24, 0.42],
        [0.62, 0.62, 1.00, 0.24, 0.46],
        [0.20, 0.24, 0.24, 1.00, 0.42],
        [0.42, 0.42, 0.46, 0.42, 1.00],
    ]
)
"""Between latent traits; set so that observed PHQ-9 and GAD-7 totals correlate .65-.75."""

_PHONE_STEP = 377
_RECORD_STEP = 7_654_321
_THIRD_SESSION = 0.5
_GUARDED = 0.1
"""Share of people who never speak a direct identifier."""

Table = Mapping[str, object]


@cache
def world() -> dict[str, Table]:
    """Return the tables of names, places and jobs that lives are drawn from."""
    return tomllib.loads(files(__package__).joinpath("people.toml").read_text(encoding="utf-8"))


def words(table: Table, key: str) -> Sequence[str]:
    """Return a list of words of a table."""
    return cast("Sequence[str]", table[key])


def subtable(table: Table, key: str) -> Table:
    """Return a table inside a table."""
    return cast("Table", table[key])


def pick[T](options: Sequence[T], rng: np.random.Generator) -> T:
    """Return one of the options, each as likely."""
    return options[int(rng.integers(len(options)))]
