"""The study file: what is released, who attacks, what must survive, and where it runs.

TOML on disk, checked at this one edge, frozen afterwards. A key that is not known is refused
with the nearest one that is.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from mindveil.attack.base import ATTACKERS, Attacker
from mindveil.corpus.folds import Split
from mindveil.corpus.model import MODALITIES
from mindveil.errors import InputError
from mindveil.utility.base import Stream

Context = Literal["open", "registered", "controlled", "internal"]
Setting = str | int | float | bool | list[str] | list[int] | list[float]
ORIGINAL = "original"


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

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    steps: tuple[StepPart, ...] = ()
    pseudonyms: Literal["random", "keyed"] = "random"


class AttackPart(_Part):
    """[attack]: which adversaries, how strong, against how many."""

    use: tuple[str, ...] = ("all",)
    attackers: tuple[Attacker, ...] = ATTACKERS
    lineup: int = Field(100, ge=2)
    recordings: tuple[int, ...] = (1,)
    settings: dict[str, dict[str, Setting]] = Field(default_factory=dict)


class UtilityPart(_Part):
    """[utility]: the clinical questions, and how much of an answer may be lost."""

    use: tuple[str, ...] = ()
    modalities: tuple[Stream, ...] = ()
    margin: float = Field(0.05, gt=0, lt=1)


class PolicyPart(_Part):
    """[policy]: what a release must show before it may leave."""

    context: Context = "open"
    max_match: float = Field(0.09, gt=0, le=1)
    max_advantage: float = Field(0.10, gt=0, le=1)
    min_utility: dict[str, dict[str, float]] = Field(default_factory=dict)
    min_risk_reduction: float = Field(0.92, ge=0, le=1)
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
    releases: tuple[ReleasePart, ...] = Field((), alias="release")
    attack: AttackPart = AttackPart()
    utility: UtilityPart = UtilityPart()
    policy: PolicyPart = PolicyPart()
    execute: ExecutePart = ExecutePart()

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

    def checked(self) -> Study:
        """Return the study, or say which combination of its parts cannot be."""
        if not self.split.reference and self.attack.use:
            raise InputError(
                "[split] reference = 0 leaves attackers nobody to learn from; "
                "set it to 1, or [attack] use = []"
            )
        if self.execute.where != "local":
            raise InputError(
                f"[execute] where = {self.execute.where!r} is not available in this version; "
                'use where = "local"'
            )
        _ = self.division
        return self


def load_study(path: Path) -> Study:
    """Read a study file; raises InputError with one sentence that names the key and the remedy."""
    if not path.is_file():
        raise InputError(
            f"study file {path.name} does not exist; `mindveil init` writes one to start from"
        )
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise InputError(f"{path.name} is not UTF-8 text; save it again as UTF-8") from fault
    except tomllib.TOMLDecodeError as fault:
        raise InputError(f"{path.name} is not valid TOML: {fault}") from fault
    return parse_study(raw, path.name, path.resolve().parent)


def parse_study(raw: dict[str, object], name: str, folder: Path) -> Study:
    """Check the content of a study file; ``name`` is what messages call it."""
    try:
        study = Study.model_validate(raw)
    except ValidationError as fault:
        raise InputError(f"{name}: {_sentence(fault)}") from None
    resolved = {
        "corpus": (folder / study.corpus).resolve(),
        "out": (folder / study.out).resolve(),
    }
    return study.model_copy(update=resolved).checked()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known word, or what there is.

    >>> did_you_mean("sede", ["seed", "study"])
    "; did you mean 'seed'?"
    """
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known: {', '.join(names)}" if names else ""


def _sentence(fault: ValidationError) -> str:
    first = fault.errors()[0]
    where = ".".join(str(p + 1) if isinstance(p, int) else p for p in first["loc"])
    if first["type"] == "extra_forbidden":
        *parents, key = (str(p) for p in first["loc"])
        return f"unknown key {where!r}{did_you_mean(key, _keys_at(parents))}"
    if first["type"] == "missing":
        return f"key {where!r} is missing; add it"
    message = first["msg"].removeprefix("Value error, ")
    given = first.get("input")
    shown = f" (it is {given!r})" if isinstance(given, str | int | float) else ""
    return f"{where}: {message[0].lower()}{message[1:]}{shown}"


def _keys_at(parents: list[str]) -> list[str]:
    part: type[BaseModel] = Study
    for parent in parents:
        if parent.isdigit():
            continue
        field = next((f for n, f in part.model_fields.items() if parent in (n, f.alias)), None)
        if field is None:
            break
        inner = [
            a
            for a in (field.annotation, *get_args(field.annotation))
            if isinstance(a, type) and issubclass(a, BaseModel)
        ]
        if inner:
            part = inner[0]
    return [f.alias or n for n, f in part.model_fields.items()]


STREAMS: tuple[Stream, ...] = ("fused", *MODALITIES)
