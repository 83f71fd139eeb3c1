"""The seam of every attack: what an adversary is given, and what he hands back.

An attack never sees who is who. It returns scores or guesses about pseudonymous records;
``mindveil.evidence``, which alone is given the truth, turns them into estimates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol, TypeGuard

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.canaries import Canaries, Exposures
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import MindveilError
from mindveil.release import DataRelease
from mindveil.train.base import Recipe
from mindveil.train.detector import ModelRelease
from mindveil.train.update_release import UpdateRelease

Attacker = Literal["ignorant", "lazy-informed", "semi-informed"]
Tier = Literal["light", "trained", "external"]
TIERS: tuple[Tier, ...] = ("light", "trained", "external")
"""From the attacker that is bundled to one's own."""
Holding = Literal["earlier-sessions", "same-records", "all-but-one", "nothing"]
"""What the adversary holds of his targets: recordings of another day, the very answers, those of
everybody but one, nothing."""

ATTACKERS: tuple[Attacker, ...] = ("ignorant", "lazy-informed", "semi-informed")
"""From weakest to strongest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What an attacker may use beside the release itself.

    ``known`` holds originals of candidate people under their real ids: some of them are in the
    release, some are not, and nothing here says which. ``reference`` holds originals of other
    people, from whom he may learn. ``protect`` protects any corpus the way the release was made,
    with fresh randomness; an ignorant attacker has none.
    """

    attacker: Attacker
    known: Corpus
    reference: Corpus
    protect: Callable[[Corpus, np.random.Generator], Corpus] | None
    recordings: int = 1

    def protected(self, people: Corpus, rng: np.random.Generator) -> Corpus | None:
        """Return people protected as the release was, to learn from; None where that cannot be.

        He does not know the protection, or it refuses the few people he has.
        """
        if self.protect is None:
            return None
        try:
            return self.protect(people, rng)
        except MindveilError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkScores:
    """How alike each query is to each candidate; higher is more alike.

    ``scores`` has shape (queries, candidates). Queries are released records and candidates are
    known people (``queries_are = "records"``: who is this?), or the other way round
    (``"people"``: which record is hers?). A query may come again, once for each recording that
    is asked about: all of a person count as one person. ``-inf`` rules a pair out; ties are
    shared.
    """

    queries: tuple[str, ...]
    candidates: tuple[str, ...]
    scores: NDArray[np.float64]
    queries_are: Literal["records", "people"] = "records"
    whole_table: bool = False
    """The line-up is everybody, whatever the study says: a table is searched as a whole."""
    tier: Tier = "light"
    setting: str = ""
    """What this question was, where one attack asks several (``known answers: 7``)."""
    curves: bool = False
    """Also show the risk against the number of candidates, and how linkable the scores are."""
    silent: tuple[str, ...] = ()
    """Modalities that were released and known, but could not be compared: no merit of a release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """A sentence of the form "the only person with a = x, b = y ...".

    ``record`` is the released record it was read from; ``terms`` maps a field (a column of
    participants.tsv, or ``tool_01`` for an item) to the released value.
    """

    record: str
    terms: Mapping[str, str | float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicates:
    """Guesses of a singling-out attack: at most one predicate a released record."""

    made: tuple[Predicate, ...]
    records: int
    tier: Tier = "trained"
    of_nobody: bool = False
    """The table is taken for one whose records are nobody's: whom a predicate fits counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an adversary can read in each released record: the turns of each session."""

    records: Mapping[str, tuple[tuple[str, ...], ...]]
    tier: Tier = "trained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """What an adversary takes each released person to be: sex, age group.

    ``guesses`` maps a field to one level a record, in the words of
    :func:`mindveil.attack.attribute_levels.level_of`; ``stated`` says of which records the
    release itself tells the level, so that nothing is left to infer.
    """

    records: tuple[str, ...]
    guesses: Mapping[str, tuple[str, ...]]
    stated: Mapping[str, tuple[bool, ...]]
    tier: Tier = "trained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """How surely each known person was among those a synthetic release was made from.

    ``scores`` has shape (people,), higher is surer; who really was is not known to the attacker.
    """

    people: tuple[str, ...]
    scores: NDArray[np.float64]
    tier: Tier = "trained"
    setting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Which record of a table that is nobody's an adversary takes to be that of each person.

    ``records`` holds an id of the release, empty where he claims none. Right is the person, not
    the content: the record must be nearer to the original of the one it is claimed for than to
    any other's.
    """

    people: tuple[str, ...]
    records: tuple[str, ...]
    tier: Tier = "trained"
    setting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inferred:
    """What an adversary takes a secret field of each known person to be."""

    people: tuple[str, ...]
    field: str
    guesses: tuple[str, ...]
    tier: Tier = "trained"
    setting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worlds:
    """Of which of two kinds each of many models is taken to be: shares of a group, not people.

    ``truth`` and ``guessed`` have shape (divisions, models): a row for each way of dividing people
    into those he learns from and those he is judged on. The worlds are his own: models that he had
    taught alike by people whom his rule never saw, so that he knows what is right.
    """

    truth: NDArray[np.bool_]
    guessed: NDArray[np.bool_]
    tier: Tier = "trained"
    setting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconstructions:
    """Rows of people that an adversary worked out, (found, columns), of length at most 1.

    Where ``codes`` are given, row i is that of the one person behind code i; otherwise a row may be
    anybody's, and the nearest to each person counts.
    """

    rows: NDArray[np.float64]
    codes: tuple[str, ...] = ()
    tier: Tier = "trained"
    setting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sabotage:
    """What heads say of people who taught none of them, with and without a poisoned client.

    All of shape (people,). ``harmless`` and ``poisoned`` are log-odds; ``labels`` are 1 for cases;
    ``triggered`` are the log-odds of the poisoned head where every row carries its trigger. The
    federation is the adversary's own, taught alike by people whom he knows.
    """

    people: tuple[str, ...]
    labels: NDArray[np.float64]
    harmless: NDArray[np.float64]
    poisoned: NDArray[np.float64]
    triggered: NDArray[np.float64] | None = None
    tier: Tier = "trained"
    setting: str = ""


Guesses = (
    LinkScores
    | Predicates
    | Reading
    | Attributes
    | Membership
    | Claims
    | Inferred
    | Worlds
    | Canaries
    | Exposures
    | Reconstructions
    | Sabotage
)

SYNTHETIC = "synthetic/"
"""How the names of attacks on tables begin whose records belong to nobody."""

OF_GENERATORS = frozenset({"synthetic/artefact", "synthetic/stolen-model"})
"""Attacks on a stolen generator: the original has none, and they show their power otherwise."""

OF_MEASURES = frozenset({"text/inversion", "voice/inversion"})
"""Attacks on releases that hold measures of recordings and nothing that they were read from."""

ANSWER_ALONE = "answer alone"
"""A question about an answer that was handed out with a model: told, but a release of the model
holds no answers, and no promise to those who taught it covers them."""

SEARCHES = frozenset({"model/artefact"})
"""Searches of files, which show their power on decoys: where nothing is held, nothing is found."""


class Attack(Protocol):
    """A question that an adversary asks of a release; a frozen dataclass of its settings."""

    name: ClassVar[str]
    needs: ClassVar[AbstractSet[Modality]]
    modality: ClassVar[str]
    holding: ClassVar[Holding]
    attackers: ClassVar[tuple[Attacker, ...]]
    """The kinds that differ for this attack, weakest first."""

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return the guesses, one entry a question asked; the first is the headline."""
        ...


OF_MODELS = "model/"
"""How the names of attacks on trained models begin."""

OF_UPDATES = "updates/"
"""How the names of attacks on what clients of a federation send begin."""

OF_TRAINED = (OF_MODELS, OF_UPDATES)
"""How the names of attacks on training begin, whatever they look at."""

OF_TRAINERS = frozenset(
    {"model/exposure", "model/one-run-audit", "model/property-inference", "updates/poisoning"}
)
"""Attacks that judge how a model is taught by models of their own: their unit is no person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelKnowledge:
    """What an attacker of a model may use beside the model itself.

    ``known`` holds candidate people, some of whom taught the model and some of whom did not, and
    nothing here says which; ``reference`` other people, from whom he may learn. Both are as the
    model would meet them (after the data steps of the release), with their answers. ``recipe``
    is how the head was learnt: whoever knows it can train heads of his own (shadow models).
    """

    attacker: Attacker
    known: Corpus
    reference: Corpus
    recipe: Recipe
    insiders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For an attack that holds ``all-but-one``: by the code of a game, everybody else who taught
    the model. The one who is missing and all who did not teach it are the line-up."""
    answers: Mapping[str, float] = field(default_factory=dict)
    """By the code of a game, the log-odds that the model gives of the one who is missing."""


class ModelAttack(Protocol):
    """A question that an adversary asks of a trained model; a frozen dataclass of its settings."""

    name: ClassVar[str]
    needs: ClassVar[AbstractSet[Modality]]
    modality: ClassVar[str]
    holding: ClassVar[Holding]
    attackers: ClassVar[tuple[Attacker, ...]]

    def run(
        self, release: ModelRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return the guesses, one entry a question asked; the first is the headline."""
        ...


class UpdateAttack(Protocol):
    """A question that an adversary in the server's seat asks; a frozen dataclass of its settings.

    ``knowledge.known`` are candidates, some of whom are at the clients; ``knowledge.recipe`` is
    how the federation learns, so that he can compute what anybody would have sent.
    """

    name: ClassVar[str]
    needs: ClassVar[AbstractSet[Modality]]
    modality: ClassVar[str]
    holding: ClassVar[Holding]
    attackers: ClassVar[tuple[Attacker, ...]]

    def run(
        self, release: UpdateRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return the guesses, one entry a question asked; the first is the headline."""
        ...


AnyAttack = Attack | ModelAttack | UpdateAttack


def is_on_models(attack: AnyAttack) -> TypeGuard[ModelAttack]:
    """Whether an attack is one on trained models."""
    return attack.name.startswith(OF_MODELS)


def is_on_updates(attack: AnyAttack) -> TypeGuard[UpdateAttack]:
    """Whether an attack is one on what clients of a federation send."""
    return attack.name.startswith(OF_UPDATES)


def is_on_data(attack: AnyAttack) -> TypeGuard[Attack]:
    """Whether an attack is one on released records."""
    return not attack.name.startswith(OF_TRAINED)
