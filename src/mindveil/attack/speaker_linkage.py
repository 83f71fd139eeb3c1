"""Whose voice is this? Linkage of released recordings to earlier recordings of known people."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from mindveil.attack.base import ATTACKERS, Attacker, Holding, Knowledge, LinkScores
from mindveil.attack.groups import OWN
from mindveil.attack.line_up import link
from mindveil.attack.senses import Sense
from mindveil.attack.voices import ENCODERS, PROSODY, check_language, count, hear
from mindveil.corpus.model import Modality
from mindveil.release import DataRelease


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerLinkage:
    """Name the person behind each released voice, from earlier recordings of known people.

    The attacker pools as many released recordings as the study lets him hold and compares them,
    by two speaker encoders, with all that he has of each known person. An ignorant attacker
    compares with originals; a lazy-informed one protects his originals the same way first. A
    semi-informed one practises on protected recordings of other people: he learns which
    directions of an embedding still tell people apart, listens to the prosody as well, compares
    with originals and with protected copies, and weighs all that by how well it worked. He needs
    8 people with 2 recordings to learn from; with fewer he does what the lazy-informed one does.
    ``encoder`` is an encoder of your own (see ``mindveil models``), which joins the bundled ones.
    Each encoder alone and prosody alone are further questions. A guesser reaches ``1 / lineup``.
    Source: the attackers of VoicePrivacy (Tomashenko et al. 2022).

    Limits: The bundled encoders are small; one that was taught by thousands of protected voices
    recognises more, so that a pass at a light tier is no proof. It needs recordings of two days,
    and with few people to practise on it is weak.
    """

    encoder: str = ""

    name: ClassVar[str] = "voice/speaker-linkage"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"voice"})
    modality: ClassVar[str] = "voice"
    holding: ClassVar[Holding] = "earlier-sessions"
    attackers: ClassVar[tuple[Attacker, ...]] = ATTACKERS

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[LinkScores, ...]:
        """Return how alike each group of released recordings is to each known person."""
        check_language(release.corpus)
        return link(release.corpus, knowledge, sense_of(self.encoder), rng)


def sense_of(encoder: str) -> Sense:
    """Return how voices are listened to, by an encoder of one's own too where one is named."""
    encoders = (*ENCODERS, OWN) if encoder else ENCODERS
    channels = (*encoders, PROSODY)
    return Sense(
        medium="recordings",
        nothing="no voice can be heard",
        count=count,
        read=partial(hear, encoder=encoder),
        channels=channels,
        safe=frozenset(encoders),
        naive=frozenset(encoders),
        questions={c: (c,) for c in channels},
    )
