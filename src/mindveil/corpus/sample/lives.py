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
        [1.00, 0.82, 0.76, 0.22, 0.46],
        [0.82, 1.00, 0.70, 0.26, 0.45],
        [0.76, 0.70, 1.00, 0.26, 0.50],
        [0.22, 0.26, 0.26, 1.00, 0.42],
        [0.46, 0.45, 0.50, 0.42, 1.00],
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


def pick(options: Sequence[str], rng: np.random.Generator) -> str:
    """Return one of the options, each as likely."""
    return options[int(rng.integers(len(options)))]


def _some(options: Sequence[str], count: int, rng: np.random.Generator) -> tuple[str, ...]:
    return tuple(options[int(i)] for i in rng.choice(len(options), count, replace=False))


def draw_persona(seed: int, number: int) -> Persona:
    """Return the person of this number (from 1): the same whoever else is drawn.

    >>> draw_persona(7, 3) == draw_persona(7, 3)
    True
    """
    name = f"P{number:03d}"
    rng = stream(seed, "persona", name)
    sex = cast("Sex", SEXES[int(np.searchsorted([0.56, 0.97], rng.random()))])
    sector = pick(tuple(world()["sectors"]), rng)
    age = _draw_age(sector, rng)
    factors = _draw_factors(sex, sector, age, stream(seed, "factors", name))
    identity = _draw_identity(seed, number, (sex, age), stream(seed, "identity", name))
    life = _draw_life(sector, (identity, age), stream(seed, "life", name))
    return Persona(
        participant_id=name,
        identity=identity,
        life=life,
        manner=_draw_manner(stream(seed, "manner", name)),
        body=_draw_body(sex, factors[0], stream(seed, "body", name)),
        factors=factors,
        sessions=2 + int(rng.random() < _THIRD_SESSION),
    )


def _draw_age(sector: str, rng: np.random.Generator) -> int:
    low, high = {"study": (18, 27), "retired": (63, 82)}.get(sector, (21, 64))
    return int(rng.integers(low, high + 1))


def _draw_factors(sex: Sex, sector: str, age: int, rng: np.random.Generator) -> tuple[float, ...]:
    """Draw correlated traits; women, the young and those without work carry somewhat more."""
    draw = np.linalg.cholesky(FACTOR_CORRELATION) @ rng.standard_normal(len(FACTOR_CORRELATION))
    burden = 0.15 * (sex == "female") + 0.35 * (sector == "home") - 0.006 * (age - 43)
    shift = np.array([burden, burden, burden / 2, 0.0, 0.0]) - np.array([0.1, 0.1, 0.05, 0, 0])
    return tuple(round(float(v), 3) for v in draw + shift)


def _draw_identity(
    seed: int, number: int, person: tuple[Sex, int], rng: np.random.Generator
) -> Identity:
    sex, age = person
    origins = world()["origins"]
    weights = np.array([cast("int", subtable(origins, o)["weight"]) for o in origins], dtype=float)
    origin = tuple(origins)[int(rng.choice(len(weights), p=weights / weights.sum()))]
    names = subtable(origins, origin)
    gender = sex if sex != "other" else pick(("female", "male"), rng)
    first, last = pick(words(names, gender), rng), pick(words(names, "last"), rng)
    invented = world()["invented"]
    year = INTERVIEW_YEAR - age
    offset = int(stream(seed, "numbers").integers(10**6))
    return Identity(
        first=first,
        last=last,
        sex=sex,
        age=age,
        birth_date=(int(rng.integers(1, 29)), int(rng.integers(1, 11)), year),
        nationality=origin,
        birthplace=_draw_birthplace(origin, rng),
        school=pick(words(invented, "schools"), rng),
        phone=f"07700 900{(offset + number * _PHONE_STEP) % 1000:03d}",
        email=f"{first}.{last}{year % 100:02d}@{pick(words(invented, 'domains'), rng)}".lower(),
        street=pick(words(invented, "streets"), rng),
        house=int(rng.integers(1, 140)),
        record=f"{(offset + number * _RECORD_STEP) % 9_000_000 + 1_000_000}",
    )


def _draw_birthplace(origin: str, rng: np.random.Generator) -> str:
    if origin in world()["abroad"]:
        return pick(words(world()["abroad"], origin), rng)
    return _draw_town(rng)[0]


def _draw_town(rng: np.random.Generator) -> tuple[str, str, str]:
    towns = world()["towns"]
    region = pick(tuple(towns), rng)
    name, size = cast("Sequence[Sequence[str]]", towns[region])[
        int(rng.integers(len(words(towns, region))))
    ]
    return name, size, region


def _draw_life(sector: str, person: tuple[Identity, int], rng: np.random.Generator) -> Life:
    identity, age = person
    jobs = subtable(world()["sectors"], sector)
    town, size, region = _draw_town(rng)
    marital = _draw_marital(age, rng)
    paired = marital in {"with partner", "married"}
    partner_sex = _partner_sex(identity.sex, rng)
    taken = {identity.first}
    children = int(rng.choice(4, p=(0.35, 0.25, 0.28, 0.12))) if age > 25 else 0
    daughter = bool(rng.random() < 0.5)
    given, invented = world()["given"], world()["invented"]
    child_name = pick(words(given, "daughters" if daughter else "sons"), rng)
    sibling = pick(words(invented, "siblings"), rng)
    partner = _partner_word(marital, partner_sex) if paired else ""
    return Life(
        sector=sector,
        occupation=pick(words(jobs, "jobs"), rng),
        employer=pick(words(jobs, "employers"), rng),
        town=town,
        region=region,
        town_size=size,
        education=_draw_education(sector, rng),
        marital=marital,
        partner=partner,
        partner_name=_other_name(partner_sex, taken, rng) if paired else "",
        child=("daughter" if daughter else "son") if children else "",
        child_name=child_name if children else "",
        children=children,
        friend=_full_name(taken, rng),
        doctor=pick(words(given, "doctors"), rng),
        manager=_full_name(taken, rng),
        sibling=sibling if rng.random() < 0.7 else "",
        pet=pick(("dog", "dog", "cat", "cat", "birds", "fish", "none", "none", "none"), rng),
        hobbies=_some(words(invented, "hobbies"), 3, rng),
        concerns=_some(words(invented, "concerns"), 2, rng),
        confidants=_draw_confidants(partner, sibling, rng),
    )


def _draw_confidants(partner: str, sibling: str, rng: np.random.Generator) -> tuple[str, ...]:
    options = [
        *([f"my {partner}"] * 2 if partner else []),
        f"my {sibling}",
        *("my mum", "my neighbour", "a friend of mine", "my best friend", "my cousin", "my aunt"),
        *("a colleague", "my flatmate" if not partner else "my mother-in-law"),
    ]
    return _some(options, 3, rng)


def _draw_marital(age: int, rng: np.random.Generator) -> str:
    chances = (0.65, 0.3, 0.05, 0.0, 0.0) if age < 30 else (0.2, 0.15, 0.46, 0.15, 0.04)
    if age > 64:
        chances = (0.08, 0.05, 0.5, 0.15, 0.22)
    return MARITAL[int(rng.choice(5, p=chances))]


def _partner_sex(sex: Sex, rng: np.random.Generator) -> str:
    same = bool(rng.random() < 0.06)
    if sex == "other":
        return pick(("female", "male"), rng)
    return sex if same else {"female": "male", "male": "female"}[sex]


def _partner_word(marital: str, partner_sex: str) -> str:
    if marital == "married":
        return "wife" if partner_sex == "female" else "husband"
    return "partner"


def _other_name(gender: str, taken: set[str], rng: np.random.Generator) -> str:
    """Draw the first name of somebody else in this life, unlike those already in it."""
    names = words(subtable(world()["origins"], "British"), gender)
    name = pick([n for n in names if n not in taken], rng)
    taken.add(name)
    return name


def _full_name(taken: set[str], rng: np.random.Generator) -> str:
    return f"{_other_name(pick(('female', 'male'), rng), taken, rng)} {_any_last(rng)}"


def _any_last(rng: np.random.Generator) -> str:
    return pick(words(subtable(world()["origins"], "British"), "last"), rng)


def _draw_education(sector: str, rng: np.random.Generator) -> str:
    taught = {"health", "school", "computing", "office"}
    chances = (0.05, 0.15, 0.5, 0.3) if sector in taught else (0.35, 0.4, 0.2, 0.05)
    return EDUCATION[int(rng.choice(4, p=chances))]


def _draw_manner(rng: np.random.Generator) -> Manner:
    def rate(low: float, high: float) -> float:
        return round(float(low + (high - low) * rng.beta(1.2, 1.8)), 3)

    return Manner(
        wordiness=rate(0.4, 1.0),
        opener_rate=rate(0.05, 0.75),
        filler_rate=rate(0.0, 0.6),
        closer_rate=rate(0.0, 0.4),
        repair_rate=rate(0.0, 0.2),
        link_rate=rate(0.05, 0.7),
        saying_rate=rate(0.08, 0.5),
        expand_rate=rate(0.0, 0.7),
        candour=round(float(rng.normal(0.0, 1.0)), 3),
        indiscretion=0.0 if rng.random() < _GUARDED else rate(0.4, 1.8),
    )


def _draw_body(sex: Sex, depression: float, rng: np.random.Generator) -> Body:
    men = tuple(v for v in range(VOICES) if v not in FEMALE_VOICES)
    voices = {"female": FEMALE_VOICES, "male": men}.get(sex, tuple(range(VOICES)))
    return Body(
        voice_id=voices[int(rng.integers(len(voices)))],
        pitch_semitones=round(float(rng.normal(0.0, 1.5)), 2),
        words_per_minute=round(float(np.clip(rng.normal(155 - 8 * depression, 18), 100, 210)), 1),
        expressivity=round(float(np.clip(rng.normal(0.6 - 0.1 * depression, 0.15), 0.1, 1)), 3),
        face=tuple(round(float(v), 3) for v in rng.standard_normal(8)),
    )
