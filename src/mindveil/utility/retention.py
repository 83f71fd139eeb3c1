"""What is kept of the measures that clinicians read off voices and faces?"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import MediaFile, Modality
from mindveil.errors import InvalidMeasurement
from mindveil.features.expression import EXPRESSIONS, expression_rows
from mindveil.features.prosody import MEASURES, prosody_rows
from mindveil.utility.base import Retained, Trial
from mindveil.utility.recordings import Medium, pairs_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Say how far each measure of a protected recording agrees with the original's.

    Between people (is who speaks slowly still who speaks slowly?) and within a person (is the bad
    day still the bad day?): a protection may keep the one and lose the other. Of voices: level
    and variability of pitch, energy, pauses, rates, jitter, shimmer, harmonics-to-noise ratio; of
    faces: brows, eyes, mouth, head pose, their level and how much they move.

    Source: Eyben et al. 2016 (measures of the voice); Low, Bentley & Ghosh 2020 (which of them go
    with illness).

    Limits: It compares measures, and not what a clinician hears or sees. A measure that is kept on
    average may be lost in those who need it most.
    """

    family: ClassVar[Literal["retention", "recognition", "intelligibility"]] = "retention"
    modality: Medium

    @property
    def name(self) -> str:
        """Return the measure, as in ``retention/voice``."""
        return f"retention/{self.modality}"

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        return frozenset({self.modality})

    def measure(self, trial: Trial, rng: np.random.Generator) -> Retained:
        """Return the measures of held-out people's recordings before and after protection."""
        _ = rng  # nothing is drawn
        pairs = pairs_of(trial.test, trial.original, self.modality)
        if not pairs:
            raise InvalidMeasurement(f"no held-out person has a {self.modality} recording")
        names, before = _read(self.modality, [heard.file for heard, _ in pairs])
        after = np.full_like(before, np.nan)
        left = [(i, copy) for i, (_, copy) in enumerate(pairs) if copy is not None]
        if left:
            after[[i for i, _ in left]] = _read(self.modality, [copy for _, copy in left])[1]
        return Retained(
            people=tuple(heard.person for heard, _ in pairs),
            measures=names,
            original=before,
            released=after,
        )


def _read(medium: Medium, files: Sequence[MediaFile]) -> tuple[tuple[str, ...], Floats]:
    if medium == "voice":
        return MEASURES, prosody_rows([f.path for f in files])
    return (*EXPRESSIONS, *(f"{name}-movement" for name in EXPRESSIONS)), expression_rows(files)
