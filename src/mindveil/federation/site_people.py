"""The people of one site as a study reads them: who teaches, and who is held out of all teaching."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mindveil.corpus.manifest import load_corpus
from mindveil.corpus.model import Corpus
from mindveil.federation.agreement import Agreement
from mindveil.federation.site_folder import SiteFolder
from mindveil.federation.site_policy import SitePolicy
from mindveil.randomness import stream
from mindveil.train.base import Lessons
from mindveil.train.federation_terms import Terms
from mindveil.train.reader import Reader
from mindveil.train.site_answers import SiteData


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePeople:
    """The corpus of a site after the steps of a study, its reader, and what its people teach.

    ``held_out`` are those of ``everybody`` who teach nothing here, ever.
    """

    corpus: Corpus
    reader: Reader
    everybody: Lessons
    held_out: frozenset[str]

    @property
    def columns(self) -> int:
        """How many numbers are read of a person."""
        return int(self.everybody.rows.shape[1])

    @property
    def taught(self) -> Lessons:
        """What those teach who are not held out."""
        return self.everybody.of(np.array([i not in self.held_out for i in self.everybody.ids]))

    @property
    def tested(self) -> Lessons:
        """What is known of those who are held out."""
        return self.everybody.of(np.array([i in self.held_out for i in self.everybody.ids]))

    def data(self, agreement: Agreement) -> SiteData:
        """Return those who teach as the only client of this site."""
        taught = self.taught
        alone = np.zeros(len(taught.ids), np.intp)
        return SiteData.of(taught, alone, 1, agreement.training.recipe().reach)

    def terms(self, agreement: Agreement) -> Terms:
        """Return how all sites learn from rows as these."""
        return agreement.terms(self.columns)


def people_of(policy: SitePolicy, folder: SiteFolder, agreement: Agreement) -> SitePeople:
    """Return the people of a site as a study that it agreed to reads them.

    Raises:
        InputError: the corpus cannot be read so; the sentence may name people, and stays here.
    """
    corpus = load_corpus(policy.corpus)
    for step in agreement.steps_before().alone:
        corpus = step.apply(corpus, stream(agreement.seed, "federation", policy.site, step.name))
    reader = agreement.training.reader(corpus)
    everybody = reader.lessons(corpus)
    return SitePeople(
        corpus=corpus,
        reader=reader,
        everybody=everybody,
        held_out=folder.held_out(everybody.ids, policy.held_out),
    )
