"""The two tables of the comparison, each with people to attack, people to learn from and a test."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from mindveil.corpus.manifest import load_corpus
from mindveil.synthesise.codebook import Codebook, Codes
from mindveil.synthesise.encoding import Encoding

ROOT = Path(__file__).parents[2]
FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One seed's people: those whom the table is made of, and those it knows nothing of.

    ``controls`` are also who predictions are tested on; ``others`` are a second sample of as many
    people as there are members, where there are more of them to be had.
    """

    seed: int
    members: Codes
    controls: Codes
    reference: Codes
    others: Codes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table: its codebook, the cut-off of each scale, and where its people come from."""

    name: str
    key: str
    codebook: Codebook
    cuts: Mapping[str, int]
    people: Codes | None
    size: int

    def scene(self, seed: int) -> Scene:
        """Return the people of a seed: a fold of real ones, or newly made ones."""
        if self.people is None:
            rng = np.random.default_rng([2026, seed])
            third = self.size // 3
            drawn = _questionnaire().questionnaire_table(rng, 2 * self.size + 2 * third)
            ends = np.cumsum([self.size, third, third])
            members, controls, reference, others = np.split(drawn, ends)
            return Scene(
                seed=seed, members=members, controls=controls, reference=reference, others=others
            )
        order = np.random.default_rng([2026, seed // FOLDS]).permutation(len(self.people))
        parts = np.array_split(self.people[order], FOLDS)
        one, two, *rest = parts[seed % FOLDS :] + parts[: seed % FOLDS]
        members = np.concatenate(rest)[: self.size]
        return Scene(seed=seed, members=members, controls=one, reference=two, others=None)


def made_table(size: int) -> Source:
    """Return the table of made-up people with known figures: PHQ-9, GAD-7, four demographics."""
    made = _questionnaire()
    return Source(
        name="questionnaires of made-up people (PHQ-9, GAD-7, 4 demographics)",
        key="made",
        codebook=made.codebook(),
        cuts={"phq9": 10, "gad7": 10},
        people=None,
        size=size,
    )


def dass_table(data: Path, size: int) -> Source | None:
    """Return the DASS-42 of real adults, or nothing where the folder does not hold them.

    Columns whose levels are not public (countries) are left out: for all methods alike.
    """
    table = data / "tabular" / "dass42_adults.csv"
    if not table.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder) / "dass"
        told = ROOT / "examples" / "real" / "dass42_adults.toml"
        command = [sys.executable, "-m", "mindveil.cli", "import", "csv", str(table), str(there)]
        subprocess.run([*command, "--map", str(told)], check=True, capture_output=True)
        corpus = load_corpus(there)
        encoding = Encoding.of(corpus, private=True)
        codes = encoding.encode(corpus)
    public = [i for i, v in enumerate(encoding.codebook.variables) if not v.found]
    variables = tuple(encoding.codebook.variables[i] for i in public)
    return Source(
        name="DASS-42 of real adults, 3/5 of them",
        key="dass",
        codebook=Codebook(variables=variables),
        cuts={"dass42.depression": 14, "dass42.anxiety": 10, "dass42.stress": 19},
        people=codes[:, public],
        size=size,
    )


def _questionnaire() -> ModuleType:
    """Return the generator of the made-up people, which the tests use too."""
    path = ROOT / "tests" / "synthesise" / "questionnaire_table.py"
    spec = importlib.util.spec_from_file_location("questionnaire_table", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made
