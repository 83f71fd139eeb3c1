"""Where each person was seen, read from a column of participants.tsv, and what sites taught.

``train/federated`` and ``train/pate`` share it: both learn from people who stay at their sites.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from mindveil.corpus.model import Corpus
from mindveil.errors import InputError
from mindveil.train.base import Lessons, Taught
from mindveil.train.detector import Detector
from mindveil.train.reader import Reader

_CHANCE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteColumn:
    """The column that says who was seen where, as a step of a study names it.

    ``step`` and ``setting`` are what to call the step, and its number of sites, where something
    is wrong; ``number`` is how many sites it expects.
    """

    step: str
    column: str
    setting: str
    number: int

    def levels(self, corpus: Corpus) -> tuple[str, ...]:
        """Return the sites that a corpus declares, in their order.

        Levels that were found in the data are none: they would tell who is there.

        Raises:
            InputError: no such column, no declared levels, or not as many as are expected.
        """
        declared = corpus.columns.get(self.column)
        if declared is None or not declared.levels or declared.found:
            raise InputError(
                f"{self.step} site = {self.column!r}: participants.json declares no levels of "
                "that column; declare the sites there"
            )
        if len(declared.levels) != self.number:
            raise InputError(
                f"{self.step} {self.setting} = {self.number}: column {self.column!r} declares "
                f"{len(declared.levels)} sites; set {self.setting} = {len(declared.levels)}"
            )
        return declared.levels

    def lessons(self, corpus: Corpus, reader: Reader) -> Lessons:
        """Return what these people teach, and at which site each of them was seen.

        Raises:
            InputError: the sites are not declared, or somebody was seen at none of them.
        """
        places = {level: place for place, level in enumerate(self.levels(corpus))}
        found = reader.lessons(corpus)
        seen = {p.participant_id: p.attributes.get(self.column, "") for p in corpus.participants}
        sites = [places.get(str(seen[i]), -1) for i in found.ids]
        lost = sites.count(-1)
        if lost:
            who = "1 person was" if lost == 1 else f"{lost} people were"
            raise InputError(
                f"{self.step} site = {self.column!r}: {who} seen at none of the sites that "
                "participants.json declares; mend their rows"
            )
        return replace(found, sites=tuple(sites))


def check_sure(step: str, sure: float) -> None:
    """Refuse a probability from which a detector cannot decide.

    Raises:
        InputError: below a half, or 1 and more.
    """
    if not _CHANCE <= sure < 1.0:
        raise InputError(f"{step} sure = {sure:g}: give a probability from 0.5 on, below 1")


def detector_of(reader: Reader, taught: Taught, sure: float) -> Detector:
    """Return the detector of a head that sites taught.

    It decides on people of whom it is as ``sure`` as that: a public limit, which costs nothing.
    """
    least = math.log(sure / (1.0 - sure))
    return Detector(reader=reader, head=taught.head, guarantee=taught.guarantee, least=least)
