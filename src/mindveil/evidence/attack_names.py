"""How attacks and their questions are called, for readers of the evidence who see no attack itself."""

from __future__ import annotations

from mindveil.attack.base import (
    ANSWER_ALONE,
    OF_MEASURES,
    OF_MODELS,
    OF_TRAINED,
    OF_TRAINERS,
    OF_UPDATES,
)

__all__ = [
    "ANSWER_ALONE",
    "OF_MEASURES",
    "OF_MODELS",
    "OF_TRAINED",
    "OF_TRAINERS",
    "OF_UPDATES",
]
