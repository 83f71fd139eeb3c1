"""What voices and faces usually measure: public constants that centre and scale a detector's rows.

Typical value and spread between visits, rounded to two digits of the spread, of the 80 recordings of
the sample cohort, whose people do not exist. A measure off its typical value costs a detector some
of the room between -1 and 1, never its guarantee.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np

from mindveil.features.measures import MEASURED
from mindveil.train.base import Floats, Part

Heard = Literal["voice", "face"]
REACH = 3.0
"""Spreads from the typical value that become 1; what lies farther is 1 too."""
_NAMES: Mapping[Heard, str] = MappingProxyType({"voice": "prosody", "face": "expression"})

TYPICAL: Mapping[Heard, Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "voice": MappingProxyType(
            {
                "f0-level": (162.0, 39.0),
                "f0-variability": (2.72, 0.79),
                "f0-range": (8.9, 2.7),
                "energy-level": (-23.3, 1.6),
                "energy-variability": (7.9, 1.8),
                "pause-share": (0.17, 0.13),
                "pauses-per-minute": (22.0, 15.0),
                "pause-length": (0.48, 0.17),
                "speech-rate": (3.45, 0.69),
                "articulation-rate": (4.19, 0.63),
                "jitter": (1.52, 0.45),
                "shimmer": (9.0, 1.3),
                "hnr": (17.9, 2.6),
                "voiced-share": (0.724, 0.079),
                "spectral-tilt": (-11.1, 3.0),
            }
        ),
        "face": MappingProxyType(
            {
                "brow-height": (0.368, 0.028),
                "brow-gap": (0.445, 0.014),
                "mouth-width": (0.875, 0.048),
                "mouth-opening": (0.054, 0.013),
                "lip-corners": (0.059, 0.013),
                "lip-thickness": (0.261, 0.015),
                "jaw-drop": (0.912, 0.055),
                "cheek-height": (0.581, 0.027),
                "eye-opening": (0.217, 0.024),
                "head-yaw": (-0.6, 4.0),
                "head-pitch": (-4.9, 3.8),
                "head-roll": (-0.2, 2.3),
                "brow-height-spread": (0.0159, 0.0044),
                "brow-gap-spread": (0.00541, 0.00057),
                "mouth-width-spread": (0.046, 0.024),
                "mouth-opening-spread": (0.0339, 0.0064),
                "lip-corners-spread": (0.0157, 0.0077),
                "lip-thickness-spread": (0.0092, 0.0034),
                "jaw-drop-spread": (0.0277, 0.0049),
                "cheek-height-spread": (0.0127, 0.0025),
                "eye-opening-spread": (0.033, 0.011),
                "head-yaw-spread": (5.2, 1.4),
                "head-pitch-spread": (3.63, 0.95),
                "head-roll-spread": (2.27, 0.64),
            }
        ),
    }
)
"""Typical value and spread by measure, in the measure's own unit."""


def measure_rows(rows: Floats, modality: Heard) -> Floats:
    """Return measures (people, measures) within -1..1; NaN stays where nothing was measured."""
    table = [TYPICAL[modality][name] for name in MEASURED[modality]]
    centre, spread = np.array(table).T
    return np.asarray(np.clip((rows - centre) / (REACH * spread), -1.0, 1.0))


def measure_parts(modality: Heard) -> tuple[Part, ...]:
    """Return what a row of measures consists of."""
    return (Part(modality=modality, name=_NAMES[modality], width=len(MEASURED[modality])),)
