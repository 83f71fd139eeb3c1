"""Bad releases with a known answer, for tests of what must catch them.

``IndependentMargins`` keeps each column and nothing between them: utility must fail it.
``VerbatimCopy`` hands out training rows and keeps them in its model: every attack must win.
``Pram`` keeps each cell with a chance and draws it anew otherwise (post-randomisation, Gouweleeuw
et al. 1998): every released record is still somebody's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from mindveil.corpus.model import Corpus
from mindveil.release import Guarantee
from mindveil.synthesise.codebook import Codebook, Codes
from mindveil.synthesise.encoding import Encoding
from mindveil.synthesise.people import PeopleModel


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginsModel:
    """Each column drawn by itself, missing cells as a last one."""

    kind: ClassVar[str] = "planted-margins"

    codebook: Codebook
    people: int
    margins: tuple[np.ndarray, ...]
    guarantee: Guarantee | None = None

    def draw(self, people: int, rng: np.random.Generator) -> Codes:
        columns = [rng.choice(len(m), size=people, p=m) for m in self.margins]
        cells = np.array([v.cells for v in self.codebook.variables])
        drawn = np.array(columns).T
        return np.where(drawn == cells, -1, drawn).astype(np.int16)

    def tensors(self) -> Mapping[str, np.ndarray]:
        return {f"margin.{i}": m for i, m in enumerate(self.margins)}

    def facts(self) -> Mapping[str, Any]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyModel:
    """Keeps everybody's row, and hands rows out."""

    kind: ClassVar[str] = "planted-copy"

    codebook: Codebook
    rows: Codes
    guarantee: Guarantee | None = None

    @property
    def people(self) -> int:
        return len(self.rows)

    def draw(self, people: int, rng: np.random.Generator) -> Codes:
        order = np.concatenate(
            [rng.permutation(len(self.rows)) for _ in range(-(-people // len(self.rows)))]
        )
        return self.rows[order[:people]]

    def tensors(self) -> Mapping[str, np.ndarray]:
        return {"rows": self.rows.astype(np.int64)}

    def facts(self) -> Mapping[str, Any]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class PramModel:
    """Keeps everybody's row, and hands rows out with some cells drawn from their margin."""

    kind: ClassVar[str] = "planted-pram"

    codebook: Codebook
    rows: Codes
    keep: float
    guarantee: Guarantee | None = None

    @property
    def people(self) -> int:
        return len(self.rows)

    def draw(self, people: int, rng: np.random.Generator) -> Codes:
        copied = CopyModel(codebook=self.codebook, rows=self.rows).draw(people, rng)
        others = np.column_stack([rng.choice(column, size=people) for column in self.rows.T])
        return np.where(rng.random(copied.shape) < self.keep, copied, others).astype(np.int16)

    def tensors(self) -> Mapping[str, np.ndarray]:
        return {"rows": self.rows.astype(np.int64)}

    def facts(self) -> Mapping[str, Any]:
        return {}


def margins_model(codes: Codes, codebook: Codebook) -> MarginsModel:
    margins = []
    for column, v in zip(codes.T, codebook.variables, strict=True):
        counts = np.bincount(np.where(column < 0, v.cells, column), minlength=v.cells + 1)
        margins.append(counts / counts.sum())
    return MarginsModel(codebook=codebook, people=len(codes), margins=tuple(margins))


def _fitted(corpus: Corpus, model_of: Callable[[Codes, Codebook], Any]) -> PeopleModel:
    encoding = Encoding.of(corpus)
    return PeopleModel(
        encoding=encoding, model=model_of(encoding.encode(corpus), encoding.codebook)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IndependentMargins:
    """A synthesiser that keeps each column and nothing between them."""

    name: ClassVar[str] = "planted/independent"
    changes: ClassVar[frozenset[str]] = frozenset({"scales"})
    alone: ClassVar[bool] = False

    def fit(self, corpus, rng, noise):
        return _fitted(corpus, margins_model)

    def apply(self, corpus, rng):
        return self.fit(corpus, rng, None).sample(None, rng)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbatimCopy:
    """A "synthesiser" that hands out the rows it was fitted to, in another order."""

    name: ClassVar[str] = "planted/copy"
    changes: ClassVar[frozenset[str]] = frozenset({"scales"})
    alone: ClassVar[bool] = False

    def fit(self, corpus, rng, noise):
        return _fitted(corpus, lambda codes, book: CopyModel(codebook=book, rows=codes))

    def apply(self, corpus, rng):
        return self.fit(corpus, rng, None).sample(None, rng)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pram:
    """Post-randomisation: each cell kept with a chance, else drawn from its column."""

    name: ClassVar[str] = "planted/pram"
    changes: ClassVar[frozenset[str]] = frozenset({"scales"})
    alone: ClassVar[bool] = False

    keep: float = 0.8

    def fit(self, corpus, rng, noise):
        return _fitted(
            corpus, lambda codes, book: PramModel(codebook=book, rows=codes, keep=self.keep)
        )

    def apply(self, corpus, rng):
        return self.fit(corpus, rng, None).sample(None, rng)
