"""Which names, numbers and places can still be read in a release?"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.attack.base import Attacker, Holding, Knowledge, Reading
from mindveil.corpus.model import Modality
from mindveil.release import DataRelease


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualIdentifiers:
    """Read every released transcript and note each identifier that was left in it.

    The attacker is a perfect reader: whatever annotated mention still stands counts as read, so
    no weakness of a recogniser flatters the release. A thing is hidden only if all its mentions
    are (the TAB rule, Pilan et al. 2022). Needs annotated identifiers in the corpus.

    Source: Pilan et al. 2022 (the Text Anonymization Benchmark); HIPAA Safe Harbor (45 CFR
    164.514(b)(2)) for the kinds.

    Limits: It counts annotated identifiers alone: what nobody marked is not missed. Whether a
    hidden mention can be guessed from its surroundings is not asked.
    """

    name: ClassVar[str] = "text/residual-identifiers"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"text"})
    modality: ClassVar[str] = "text"
    holding: ClassVar[Holding] = "nothing"
    attackers: ClassVar[tuple[Attacker, ...]] = ("ignorant",)

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[Reading, ...]:
        """Return all that can be read."""
        _ = knowledge, rng
        records = {
            p.participant_id: tuple(
                tuple(t.text for t in s.transcript) for s in p.sessions if s.transcript
            )
            for p in release.corpus.participants
        }
        return (Reading(records=records),)
