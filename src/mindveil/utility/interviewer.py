"""Do an interviewer's questions tell the diagnosis?"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.corpus.instruments import meets, parse_target
from mindveil.corpus.model import Corpus, Modality, Speaker, Stream
from mindveil.errors import InvalidMeasurement
from mindveil.features.cases import Cases, cases_of
from mindveil.train.ridge import fit_head, fuse
from mindveil.utility.base import Predictions
from mindveil.utility.validity import Family, Meeting, words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Interviewer:
    """Tell who is ill from what the interviewer says, from what the participant says, and from both.

    An interviewer who asks the people who suffer about their treatment tells the diagnosis, and a
    detector that reads the whole transcript learns the interviewer. Mindveil's detectors never
    read those turns; the check says what somebody who does would gain: ``interviewer-share``.
    ``target`` is a questionnaire, an operator and a cut, as in ``phq9>=10``.

    Source: Burdisso et al. 2024, "DAIC-WOZ: On the Validity of Using the Therapist's prompts in
    Automatic Depression Detection from Clinical Interviews" (arXiv 2404.14463).

    Limits: words are counted and their order is not looked at, so that an interviewer who gives
    the diagnosis away by when a question comes, or by a tone of voice, is not found. It is no
    judgement of an interview: whoever asks more where more is wrong does what is right.
    """

    family: ClassVar[Family] = "interviewer"
    target: str
    modality: Stream = "text"

    @property
    def name(self) -> str:
        """Return the measure, as in ``interviewer/phq9>=10``."""
        return f"interviewer/{self.target}"

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        return frozenset({"text"})

    def tell(self, meeting: Meeting, rng: np.random.Generator) -> Mapping[str, Predictions]:
        """Return what is predicted of people never seen from either side, and from both.

        Raises:
            InvalidMeasurement: too few people have both a score and turns of either side.
        """
        _ = rng  # nothing is drawn: the same people always give the same heads
        learn, check = (self._cases(c) for c in (meeting.training, meeting.fresh))
        target = parse_target(self.target)
        labels = meets(target, learn.totals)
        if not len(learn.ids) or not len(check.ids):
            raise InvalidMeasurement("nobody has both a score and turns of an interviewer")
        heads, blocks = [], []
        for speaker in ("participant", "interviewer"):
            mine, theirs = words_of(_turns(learn, speaker), _turns(check, speaker))
            heads.append(fit_head([mine], learn.totals, labels))
            blocks.append([theirs])
        log_odds = [head.log_odds(block) for head, block in zip(heads, blocks, strict=True)]
        told = {
            "participant": heads[0].probability(blocks[0]),
            "interviewer": heads[1].probability(blocks[1]),
            "both": fuse([head.inside for head in heads], labels).probability(log_odds),
        }
        truth, guess = meets(target, check.totals), np.full(len(check.ids), labels.mean())
        return {
            name: Predictions(ids=check.ids, truth=truth, predicted=predicted, guess=guess)
            for name, predicted in told.items()
        }

    def _cases(self, corpus: Corpus) -> Cases:
        """Return the people of whom both sides were written down at the visit of the answers."""
        target = parse_target(self.target)
        found = cases_of(corpus, target.tool, target.subscale, "text")
        sides = [_turns(found, speaker) for speaker in ("participant", "interviewer")]
        both = {p for p, one, two in zip(found.ids, *sides, strict=True) if one and two}
        return cases_of(corpus.select(both), target.tool, target.subscale, "text")


def has_interviewer(corpus: Corpus) -> bool:
    """Whether a transcript of the corpus has a turn of an interviewer."""
    turns = (t for p in corpus.participants for s in p.sessions for t in s.transcript)
    return any(t.speaker == "interviewer" and t.text.strip() for t in turns)


def _turns(cases: Cases, speaker: Speaker) -> list[tuple[str, ...]]:
    return [
        tuple(t.text for s in mine for t in s.transcript if t.speaker == speaker and t.text.strip())
        for mine in cases.visits
    ]
