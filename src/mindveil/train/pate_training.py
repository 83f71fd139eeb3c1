"""``train/pate``: a detector that learnt from the noisy votes of teachers, and from no person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from mindveil.corpus.model import Corpus, Stream
from mindveil.dp.accounting import Budget
from mindveil.dp.composition import Cost
from mindveil.dp.noise import Noise
from mindveil.train.base import Lessons
from mindveil.train.central import CentralTraining
from mindveil.train.detector import Detector
from mindveil.train.lessons_at_sites import SiteColumn, check_sure, detector_of
from mindveil.train.pate import Pate
from mindveil.train.reader import Inputs, Reader
from mindveil.train.votes import Answer

if TYPE_CHECKING:
    from mindveil.train.outlook import Outlook


@dataclass(frozen=True, slots=True, kw_only=True)
class PateTraining:
    """A detector for one cut-off, taught by a student of teachers who alone see people.

    Each of ``teachers`` learns from its own people, and is asked about ``queries`` public rows
    that are nobody's; ``answer`` "share" lets it say how severe each row is, "label" case or no
    case. ``site`` names the column of participants.tsv that says where each person was seen: then
    every site is a teacher, and votes hide whole sites. Without one, people are dealt out by lot.

    All of ``epsilon`` and ``delta`` is spent on one student: most on the votes, the rest on its
    line to probabilities. ``people`` is about how many there are, as anybody may know: what is
    expected of this step before anything is read depends on it, and nothing else does.

    Sources: Papernot et al. 2017 (PATE), 2018 (GNMax).

    Limits: The promise is about each person (or site), and says nothing of what the detector tells
    of groups. It needs enough people for every teacher; with few of them the student learns next to
    nothing.
    """

    name: ClassVar[str] = "train/pate"

    target: str
    modality: Stream = "fused"
    inputs: Inputs = "contrasts"
    teachers: int = 50
    queries: int = 512
    answer: Answer = "share"
    site: str = ""
    epsilon: float = 3.0
    delta: float = 1e-5
    people: int = 300
    sure: float = 0.75
    small_cohort: bool = False

    def __post_init__(self) -> None:
        check_sure(self.name, self.sure)
        self.recipe()

    @property
    def budget(self) -> Budget:
        """What one detector spends."""
        return Budget(epsilon=self.epsilon, delta=self.delta, accountant="gaussian")

    @property
    def cost(self) -> Cost:
        """What the ledger is debited with before anything is drawn."""
        return Cost.of(self.budget)

    def recipe(self) -> Pate:
        """Return how the head is learnt, and what it promises."""
        return Pate(
            budget=self.budget,
            teachers=self.teachers,
            queries=self.queries,
            answer=self.answer,
            small_cohort=self.small_cohort,
        )

    def outlook(self, columns: int) -> Outlook:
        """Return what to expect at this budget, before anything is looked at.

        People of the outlook are dealt out by lot: of sites that differ, less is to be expected.
        """
        from mindveil.train.outlook import outlook  # noqa: PLC0415 - loaded when it is asked for

        return outlook(self.people, columns, self.budget, [self.recipe()])

    def undefended(self) -> CentralTraining:
        """Return the step that learns a ridge of everybody in one place and promises nothing."""
        return CentralTraining(
            target=self.target, modality=self.modality, method="ridge", inputs=self.inputs
        )

    def reader(self, corpus: Corpus) -> Reader:
        """Return how people are read; what the corpus declares decides."""
        return Reader.of(corpus, self.target, self.modality, self.inputs)

    def lessons(self, corpus: Corpus) -> Lessons:
        """Return what these people teach, and whose teacher each of them teaches, if sites do.

        Raises:
            InputError: no such column, no declared sites, or somebody was seen at none of them.
        """
        reader = self.reader(corpus)
        if not self.site:
            return reader.lessons(corpus)
        column = SiteColumn(
            step=self.name, column=self.site, setting="teachers", number=self.teachers
        )
        return column.lessons(corpus, reader)

    def train(self, corpus: Corpus, noise: Noise, rng: np.random.Generator) -> Detector:
        """Return a detector that these people's teachers taught."""
        taught = self.recipe().fit(self.lessons(corpus), noise, rng)
        return detector_of(self.reader(corpus), taught, self.sure)
