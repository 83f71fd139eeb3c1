"""Whose voice is this? Linkage of released recordings to earlier recordings of known people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.back_ends import cosine
from mindveil.attack.base import ATTACKERS, Attacker, Holding, Knowledge, LinkScores, Tier
from mindveil.attack.score_fusion import both_ways, fuse
from mindveil.attack.speaker_training import Trained, train
from mindveil.attack.voices import (
    ENCODERS,
    OWN,
    PROSODY,
    Group,
    Heard,
    check_language,
    hear,
    in_groups,
    pooled,
    whole,
)
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InvalidMeasurement
from mindveil.release import DataRelease

Floats = NDArray[np.float64]


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
        queries = in_groups(release.corpus, max(1, knowledge.recordings))
        if not queries or not whole(knowledge.known):
            raise InvalidMeasurement(
                "nobody has two sessions with recordings: linkage enrols on an earlier session"
            )
        encoders = (*ENCODERS, OWN) if self.encoder else ENCODERS
        channels = (*encoders, PROSODY)
        known = {"original": knowledge.known}
        if knowledge.protect is not None:
            known["protected"] = knowledge.protect(knowledge.known, rng)
        trained = None
        if knowledge.attacker == "semi-informed":
            trained = train(knowledge, channels, self.encoder, rng)
        stand = _Stand(
            queries=queries,
            known=whole(knowledge.known),
            released={c: hear(c, release.corpus, self.encoder) for c in channels},
        )
        if not any(np.isfinite(h.plain).any() for h in stand.released.values()):
            raise InvalidMeasurement("no voice can be heard in any released recording")
        if trained is None:
            side = "original" if knowledge.protect is None else "protected"
            found = _plainly(stand, known[side], encoders, self.encoder)
        else:
            found = _as_trained(stand, known, trained, self.encoder)
        light: Tier = "light" if trained is None else "trained"
        tier: Tier = "external" if self.encoder else light
        return tuple(
            LinkScores(
                queries=tuple(g.person for g in queries),
                candidates=tuple(g.person for g in stand.known),
                scores=scores,
                tier=tier,
                setting=setting,
                curves=not setting,
            )
            for setting, scores in found.items()
            if not setting or np.isfinite(scores).any()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stand:
    """The released recordings as each channel hears them, and whom they are compared with."""

    queries: tuple[Group, ...]
    known: tuple[Group, ...]
    released: Mapping[str, Heard]


def _plainly(
    stand: _Stand, known: Corpus, encoders: Sequence[str], encoder: str
) -> dict[str, Floats]:
    """Return scores by question, the headline (the encoders together) first."""
    alone = {}
    for channel, heard in stand.released.items():
        theirs = _enrolled(hear(channel, known, encoder).plain, known, stand.known)
        alone[channel] = both_ways(cosine(pooled(heard.plain, stand.queries), theirs))
    together = np.stack([alone[c] for c in encoders])
    return {"": fuse(together, np.full(len(encoders), 1 / len(encoders))), **alone}


def _as_trained(
    stand: _Stand, known: Mapping[str, Corpus], trained: Trained, encoder: str
) -> dict[str, Floats]:
    """Return scores by question: all channels as they were learned to be weighed, then each."""
    scores = []
    for way in trained.ways:
        heard = stand.released[way.channel]
        corpus = known[way.side]
        theirs = hear(way.channel, corpus, encoder)
        enrolled = _enrolled(way.rows(theirs), corpus, stand.known)
        scores.append(both_ways(way.score(pooled(way.rows(heard), stand.queries), enrolled)))
    channels = np.stack(scores)
    found = {"": fuse(channels, trained.weights)}
    for channel in stand.released:
        mine = np.array([w.channel == channel for w in trained.ways])
        weights = np.where(mine, trained.weights, 0.0)
        weights = weights if weights.sum() > 0 else mine.astype(np.float64)
        found[channel] = fuse(channels, weights / weights.sum())
    return found


def _enrolled(rows: Floats, corpus: Corpus, known: Sequence[Group]) -> Floats:
    """Return a row for each known person, also where a copy of the corpus has lost somebody."""
    groups = {g.person: g for g in whole(corpus)}
    nobody = tuple[int, ...]()
    return pooled(
        rows,
        [groups.get(k.person, Group(person=k.person, rows=nobody)) for k in known],
    )
