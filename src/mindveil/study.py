"""The study: what is released, who attacks, what must survive, and where it runs.

The fields are those of the study file; :mod:`mindveil.study_file` reads it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from mindveil.attack.base import ATTACKERS, Attacker
from mindveil.corpus.folds import Split
from mindveil.corpus.model import MODALITIES, Stream
from mindveil.errors import InputError
from mindveil.ranges import SweepPart

Context = Literal["open", "registered", "controlled", "internal"]
Setting = str | int | float | bool | list[str] | list[int] | list[float]
ORIGINAL = "original"
UNDEFENDED = ".undefended"
"""How the names of releases end that are twins of a private detector, without its promise."""

STREAMS: tuple[Stream, ...] = ("fused", *MODALITIES)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class SplitPart(_Part):
    """[split]: by person; see mindveil.corpus.folds."""

    folds: int = Field(5, ge=2, le=50)
    repeats: int = Field(1, ge=1, le=100)
    reference: int = Field(1, ge=0, le=10)


class StepPart(BaseModel):
    """One step of a release: a protection by name, and its settings."""

    model_config = ConfigDict(extra="allow", frozen=True)
    use: str

    @property
    def settings(self) -> dict[str, Setting]:
        """The keys beside ``use``."""
        return dict(self.model_extra or {})


class ReleasePart(_Part):
    """[[release]]: what would leave the building."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$")
    steps: tuple[StepPart, ...] = ()
    pseudonyms: Literal["random", "keyed"] = "random"


class AttackPart(_Part):
    """[attack]: which adversaries, how strong, against how many.

    ``public`` is a corpus of other people, from whom attackers may learn beside the reference.
    """

    use: tuple[str, ...] = ("all",)
    attackers: tuple[Attacker, ...] = ATTACKERS
    lineup: int = Field(100, ge=2)
    recordings: tuple[int, ...] = (1,)
    public: Path | None = None
    settings: dict[str, dict[str, Setting]] = Field(default_factory=dict)


class UtilityPart(_Part):
    """[utility]: the clinical questions, and how much of an answer may be lost."""

    use: tuple[str, ...] = ()
    modalities: tuple[Stream, ...] = ()
    margin: float = Field(0.05, gt=0, lt=1)


class PolicyPart(_Part):
    """[policy]: what a release must show before it may leave.

    A limit that is not set is that of the context: see mindveil.evidence.contexts.
    ``max_epsilon`` is what one corpus may ever spend, over all its releases.
    """

    context: Context = "open"
    max_match: float | None = Field(None, gt=0, le=1)
    max_advantage: float | None = Field(None, gt=0, le=1)
    max_epsilon: float | None = Field(None, gt=0)
    min_utility: dict[str, dict[str, float]] = Field(default_factory=dict)
    min_risk_reduction: float | None = Field(None, ge=0, le=1)
    months_valid: int = Field(12, ge=1, le=60)


class ExecutePart(_Part):
    """[execute]: where it runs; nothing above this changes with it."""

    where: Literal["local", "shard", "ray", "flower"] = "local"
    reproducible: bool = False
    workers: int = Field(0, ge=0, le=256)
    cell_minutes: float = Field(60.0, gt=0)


class Study(_Part):
    """A whole study file; paths are resolved against the folder it lies in."""

    study: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")
    seed: int = Field(20261122, ge=0)
    corpus: Path
    out: Path
    split: SplitPart = SplitPart()
    releases: tuple[ReleasePart, ...] = Field((), alias="release", validate_default=True)
    attack: AttackPart = AttackPart()
    utility: UtilityPart = UtilityPart()
    policy: PolicyPart = PolicyPart()
    execute: ExecutePart = ExecutePart()
    sweeps: tuple[SweepPart, ...] = Field((), alias="sweep")

    @field_validator("releases")
    @classmethod
    def _with_original(cls, releases: tuple[ReleasePart, ...]) -> tuple[ReleasePart, ...]:
        names = [r.name for r in releases]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ValueError(f"release name {twice[0]!r} is used twice; names are unique")
        if ORIGINAL in names:
            mine = releases[names.index(ORIGINAL)]
            if mine.steps:
                raise ValueError("release 'original' is the undefended twin and takes no steps")
            return releases
        return (ReleasePart(name=ORIGINAL), *releases)

    @property
    def division(self) -> Split:
        """How people are divided."""
        return Split(
            folds=self.split.folds, repeats=self.split.repeats, reference=self.split.reference
        )

    def asks(self, release: str, kind: Literal["attack", "utility"], measure: str) -> bool:
        """Whether a question is put to a release: the points of a sweep may be asked fewer."""
        return all(s.asks(kind, measure) for s in self.sweeps if s.made(release))

    def checked(self) -> Study:
        """Return the study, or say which combination of its parts cannot be."""
        if not self.split.reference and self.attack.use:
            raise InputError(
                "[split] reference = 0 leaves attackers nobody to learn from; "
                "set it to 1, or [attack] use = []"
            )
        if self.execute.where not in {"local", "flower"}:
            raise InputError(
                f"[execute] where = {self.execute.where!r} is not available in this version; "
                'use where = "local", or "flower" for train/federated'
            )
        _ = self.division
        return self
