"""The seam of every synthesiser: it is fitted to released people and draws people who do not exist."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Corpus, Modality
from mindveil.dp.noise import Noise
from mindveil.release import Guarantee
from mindveil.store.cache import Json
from mindveil.synthesise.codebook import Codebook, Codes

Tensors = Mapping[str, NDArray[np.float64] | NDArray[np.float32] | NDArray[np.int64]]


class TableModel(Protocol):
    """A distribution over coded tables, fitted to one; a frozen dataclass.

    ``tensors`` and ``facts`` are all there is to it: they are what is saved, and no row of
    the training table may be found in them.
    """

    kind: ClassVar[str]

    @property
    def codebook(self) -> Codebook:
        """What the columns of a drawn table mean."""
        ...

    @property
    def people(self) -> int:
        """How many people a release holds: as many as there were, or a noisy count of them."""
        ...

    @property
    def guarantee(self) -> Guarantee | None:
        """What was promised of everything that was looked at, if anything was."""
        ...

    def draw(self, people: int, rng: np.random.Generator) -> Codes:
        """Return a table of new people, shape (people, variables)."""
        ...

    def tensors(self) -> Tensors:
        """Return the fitted numbers by name."""
        ...

    def facts(self) -> Mapping[str, Json]:
        """Return the settings and whatever else is not a tensor."""
        ...


class Generator(Protocol):
    """A fitted synthesiser: draws corpora of people who do not exist."""

    @property
    def guarantee(self) -> Guarantee | None:
        """What was promised of everything that was looked at, if anything was."""
        ...

    def sample(self, people: int | None, rng: np.random.Generator) -> Corpus:
        """Return so many synthetic people; ``None``: as many as the release should hold."""
        ...


@runtime_checkable
class Saved(Protocol):
    """A generator that can be kept: numbers and settings in a folder, and no row of anybody."""

    def save(self, folder: Path) -> None:
        """Write it into a folder that is there."""
        ...


@runtime_checkable
class Synthesiser(Protocol):
    """A protection that replaces everybody; a frozen dataclass of its settings.

    The people it makes belong to nobody, so that no record can be linked to a person by its id.
    Noise that carries a guarantee comes from ``noise``, everything else from ``rng``.
    """

    name: ClassVar[str]
    changes: ClassVar[AbstractSet[Modality]]
    alone: ClassVar[bool]

    def fit(self, corpus: Corpus, rng: np.random.Generator, noise: Noise) -> Generator:
        """Return a generator of people like these.

        Raises:
            InputError: the corpus holds nothing that can be synthesised, or too few people.
        """
        ...

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return as many synthetic people; noise is seeded: for attackers' copies and tests."""
        ...
