"""What does a release add to real people who are there already?

A site that has its own patients trains on them and on the release together. Where the release
adds nothing, or harm, the detector is no better than from the site's people alone. Real people
are the released people's originals: all of them, and small samples of them, because a release
made from many may help those who have few.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np

from mindveil.corpus.model import Corpus, Modality, Stream
from mindveil.errors import InvalidMeasurement
from mindveil.utility.base import Added, Lesson
from mindveil.utility.detection import Detection
from mindveil.utility.forecast import needs_of

SIZES = (100, 300)
"""Small samples of real people; those that the fold does not hold are left out."""
ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """Detect from real people with the release, against from the same real people alone.

    ``target`` as in ``detect/``; the detector is the same. Tested on held-out people.

    Source: van Breugel, Qian & van der Schaar 2023, on synthetic data beside real ones.

    Limits: It asks of one detector and one target. A gain may come from the generator's assumptions
    as well as from people; that there is none does not make a release useless.
    """

    family: ClassVar[Literal["augment"]] = "augment"
    target: str
    modality: Stream = "scales"

    @property
    def name(self) -> str:
        """Return the measure, as in ``augment/phq9>=10``."""
        return f"augment/{self.target}"

    @property
    def needs(self) -> AbstractSet[Modality]:
        """Return what the corpus must hold."""
        return needs_of(self.modality)

    def add(self, lesson: Lesson, rng: np.random.Generator) -> Mapping[str, Added]:
        """Return the predictions by number of real people; a size too small to learn is left out.

        Raises:
            InvalidMeasurement: no number of real people is enough to learn from.
        """
        task = Detection(target=self.target, modality=self.modality)
        people = lesson.original.participants
        order = rng.permutation(len(people))
        found: dict[str, Added] = {}
        why = InvalidMeasurement("there are no real people to add the release to")
        for size in (*SIZES, len(people)):
            if size > len(people) or (size == len(people) and ALL in found):
                continue
            name = ALL if size == len(people) else str(size)
            mine = lesson.original.with_people(people[i] for i in sorted(order[:size]))
            try:
                alone = task.predict(mine, lesson.test, rng)
                joined = task.predict(together(mine, lesson.release), lesson.test, rng)
            except InvalidMeasurement as fault:
                why = fault
                continue
            found[name] = Added(alone=alone, joined=joined)
        if not found:
            raise why
        return found


def together(real: Corpus, release: Corpus) -> Corpus:
    """Return real people and those of a release in one corpus, under ids that cannot meet."""
    people = [
        replace(p, participant_id=f"{kind}-{number}")
        for kind, corpus in (("real", real), ("release", release))
        for number, p in enumerate(corpus.participants)
    ]
    return real.with_people(people)
