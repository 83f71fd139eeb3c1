"""Who is it, by all that was released of a person? One attacker who joins every modality."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.background import background
from mindveil.attack.base import ATTACKERS, Attacker, Holding, Knowledge, LinkScores, Tier
from mindveil.attack.evidence_weights import believe
from mindveil.attack.fused_evidence import Engines, Evidence, copied_once, gather, rehearse
from mindveil.attack.score_fusion import Block
from mindveil.corpus.model import Modality
from mindveil.release import DataRelease

Floats = NDArray[np.float64]

WITH_BACKGROUND = "with demographics"
ALONE = " alone"
LEFT_OUT = "without "


@dataclass(frozen=True, slots=True, kw_only=True)
class FusedLinkage:
    """Name the person behind each released record by everything that was recorded of her.

    The attacker holds earlier visits of known people, in whatever modality there was, and gives
    each released person's words, voice, face and answers to the attacks by that modality alone.
    What they say is turned into log-likelihood ratios and added, so that a modality counts by how
    well it tells people apart; one that a person lacks says nothing of her. What a score is worth
    is read off the scores themselves: each record has one right person, on whom the modalities
    agree. The semi-informed attacker, whose single attacks were trained, rehearses as well on
    reference people of whom he knows the truth, whose scores count beside those. A guesser
    reaches ``1 / lineup``.

    Further questions are asked of the same people and candidates: with demographics beside; by
    each modality alone; without each modality. What is lost without one is what only that
    modality tells: of two that tell the same, none is missed. Source of the sum: Fellegi & Sunter
    1969; of scores as likelihood ratios: Brümmer & du Preez 2006.

    Limits: It is as strong as the attacks on single kinds of recordings that it adds up, and no
    stronger where those are weak. Modalities are added as if they were independent. It needs two
    visits of a person.
    """

    voice_encoder: str = ""
    face_encoder: str = ""

    name: ClassVar[str] = "fused/linkage"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "fused"
    holding: ClassVar[Holding] = "earlier-sessions"
    attackers: ClassVar[tuple[Attacker, ...]] = ATTACKERS

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[LinkScores, ...]:
        """Return how alike each released record is to each known person, a question at a time.

        Raises:
            InvalidMeasurement: no modality of the release can be compared with an earlier visit.
        """
        engines = Engines(voice_encoder=self.voice_encoder, face_encoder=self.face_encoder)
        knowledge = copied_once(knowledge, rng)
        seen = gather(release, knowledge, engines, rng)
        there = list(seen.scores)
        blocks = rehearse(knowledge, engines, there, rng)
        made = [_asked(seen, blocks, there, "")]
        traits = background(release, knowledge, rng)
        if traits is not None:
            # rows of one person come again as often as she is asked about
            row = [release.corpus.ids.index(q) for q in seen.queries]
            joined = made[0].scores + traits[row]
            made.append(replace(made[0], scores=joined, setting=WITH_BACKGROUND, curves=False))
        if len(there) > 1:
            for one in there:
                made.append(_asked(seen, blocks, [one], f"{one}{ALONE}"))
                rest = [m for m in there if m != one]
                made.append(_asked(seen, blocks, rest, f"{LEFT_OUT}{one}"))
        return tuple(made)


def _asked(
    seen: Evidence, blocks: Sequence[Block], used: Sequence[Modality], setting: str
) -> LinkScores:
    """Return the scores by some of the modalities, believed as far as these bear it out."""
    place = [list(seen.scores).index(m) for m in used]
    channels = seen.stacked(used)
    mine = [replace(b, channels=b.channels[place]) for b in blocks]
    belief = believe(channels, mine)
    tier: Tier = "trained" if mine and seen.tier == "light" else seen.tier
    return LinkScores(
        queries=seen.queries,
        candidates=seen.candidates,
        scores=np.round(belief.ratios(channels), 9),
        tier=tier,
        setting=setting,
        curves=not setting,
        silent=seen.silent,
    )
