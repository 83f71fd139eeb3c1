"""Is anybody in the corpus twice, under two names?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from mindveil.corpus.duplicates import Duplicate, duplicates_in, holds
from mindveil.corpus.model import Corpus, Modality


@dataclass(frozen=True, slots=True, kw_only=True)
class Contamination:
    """Look for people whose session is also somebody else's, before any split is believed.

    Somebody who stands under two ids is at once in the release and held out: attacks look
    stronger, detectors look better, and no interval says so. Texts are compared by words in rows
    of five, sounds and pictures by fingerprints that outlive another encoding, answers of 15
    items or more where equal ones are not to be expected by chance. Asked of the original of
    every study.

    Source: Broder 1997 (resemblance of texts); Haitsma & Kalker 2002, ISMIR (fingerprints of
    sound).

    Limits: One person with different recordings under two ids is not seen, and neither are short
    texts and questionnaires of few items, which may be equal by chance. What half of the people
    say (five at least) is taken for a script that was read.
    """

    family: ClassVar[Literal["contamination"]] = "contamination"
    modality: Modality

    @property
    def name(self) -> str:
        """Return the measure, as in ``contamination/text``."""
        return f"{self.family}/{self.modality}"

    def find(self, corpus: Corpus) -> tuple[Duplicate, ...]:
        """Return every pair of sessions that hold the same."""
        return duplicates_in(corpus, self.modality)

    def people(self, corpus: Corpus) -> tuple[str, ...]:
        """Return the people who have something that can be compared."""
        there = (p for p in corpus.participants if any(holds(s, self.modality) for s in p.sessions))
        return tuple(p.participant_id for p in there)
