"""Who a made-up participant is: identity, life, manner of speaking, body and latent factors.

Nothing here is drawn; ``lives.py`` does that. ``Body`` is what voice and face are made with
(``voices.py``, ``faces.py``, ``expressions.py``): it is kept in the truth, and changes no text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sex = Literal["female", "male", "other"]

FACTORS: tuple[str, ...] = ("depression", "anxiety", "ptsd", "mania", "psychosis")
"""The latent traits, in the order of every factor vector."""

VOICES = 28
FEMALE_VOICES: tuple[int, ...] = (*range(11), *range(20, 24))
"""Indexes of women among the 28 English voices of Kokoro-82M in alphabetical order of name.

American women come first (11), then American men (9), British women (4) and British men (4).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What names a person or narrows them down."""

    first: str
    last: str
    sex: Sex
    age: int
    birth_date: tuple[int, int, int]
    """Day, month, year."""
    nationality: str
    birthplace: str
    school: str
    phone: str
    email: str
    street: str
    house: int
    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Work, place, household and pastimes; empty text where there is none."""

    sector: str
    occupation: str
    employer: str
    town: str
    region: str
    town_size: str
    education: str
    marital: str
    partner: str
    """What the partner is called: wife, husband, partner."""
    partner_name: str
    child: str
    child_name: str
    children: int
    friend: str
    doctor: str
    manager: str
    sibling: str
    pet: str
    hobbies: tuple[str, ...]
    concerns: tuple[str, ...]
    """What is on their mind at every visit: the divorce, my hip."""
    confidants: tuple[str, ...]
    """Who comes up when others are quoted: my neighbour, my sister."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a person talks; rates are chances a sentence or turn, wordiness is a multiplier."""

    wordiness: float
    opener_rate: float
    filler_rate: float
    closer_rate: float
    repair_rate: float
    link_rate: float
    saying_rate: float
    expand_rate: float
    candour: float
    """Added to how bad things are said to be: below 0 plays down, above 0 dramatises."""
    indiscretion: float
    """How readily identifiers are spoken; 0 never names anybody or any contact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What recordings are made with; ``face`` holds eight standard normal proportions."""

    voice_id: int
    pitch_semitones: float
    words_per_minute: float
    expressivity: float
    face: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """One person who does not exist; ``factors`` are standard normal, in the order of FACTORS."""

    participant_id: str
    identity: Identity
    life: Life
    manner: Manner
    body: Body
    factors: tuple[float, ...]
    sessions: int
