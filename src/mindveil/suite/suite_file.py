"""A suite of threats: corpora, tracks, attackers and reference defences, frozen under one digest.

Whoever cites a suite cites its digest. A file that was changed is another suite, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mindveil.attack.base import ATTACKERS, Attacker
from mindveil.corpus.model import Stream
from mindveil.errors import InputError
from mindveil.store.cache import Json, digest
from mindveil.study import Setting, StepPart
from mindveil.study_file import did_you_mean, read_toml, sentence_of

SHIPPED: tuple[str, ...] = ("threats-v1",)
"""Suites that come with the package."""

FROZEN: Mapping[str, str] = MappingProxyType({"threats-v1": "34cb73f8c198325476e69b45a9b0fb59"})
"""What each suite that was ever published has for a digest; ``mindveil benchmark list`` prints it."""

SAMPLE, FOLDER = "sample", "folder"
"""Sources that are no import: the cohort of the package, and a corpus that lies in the layout."""

NONE = "none"
"""How the undefended release is called in a table."""

_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CorpusPart(_Part):
    """[[corpus]]: people by content hash: the embedded sample, or a recipe for a public set.

    ``source`` is ``sample``, ``folder`` (a corpus in the layout) or a kind of ``mindveil import``;
    ``path`` lies below the folder of data that the user names; ``options`` are the map of the
    import.
    """

    name: str = Field(pattern=_NAME)
    source: str
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str
    where: str
    people: int = Field(0, ge=0)
    media: bool = False
    path: str = ""
    options: dict[str, object] = Field(default_factory=dict)


class DefencePart(_Part):
    """[[track.defence]]: a reference defence, by steps."""

    name: str = Field(pattern=_NAME)
    steps: tuple[StepPart, ...]


class TrackPart(_Part):
    """[[track]]: one corpus, the attackers that are sent at it, and what must survive.

    ``headline`` is the question whose figure ``metric`` stands in the table; empty where the
    corpus has no labels.
    """

    name: str = Field(pattern=_NAME)
    corpus: str
    default: bool = False
    attacks: tuple[str, ...] = Field(min_length=1)
    attackers: tuple[Attacker, ...] = ATTACKERS
    lineup: int = Field(ge=2)
    recordings: tuple[int, ...] = (1,)
    settings: dict[str, dict[str, Setting]] = Field(default_factory=dict)
    utility: tuple[str, ...] = ()
    streams: tuple[Stream, ...] = ()
    headline: str = ""
    metric: str = "auroc"
    defences: tuple[DefencePart, ...] = Field((), alias="defence")


class SuitePart(_Part):
    """A whole suite file."""

    name: str = Field(pattern=_NAME)
    version: str
    seed: int = Field(ge=0)
    folds: int = Field(5, ge=3, le=50)
    licence: str
    about: str
    corpora: tuple[CorpusPart, ...] = Field(alias="corpus", min_length=1)
    tracks: tuple[TrackPart, ...] = Field(alias="track", min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> SuitePart:
        there = {c.name for c in self.corpora}
        names = [t.name for t in self.tracks]
        for track in self.tracks:
            if track.corpus not in there:
                raise ValueError(f"track {track.name!r} names no corpus of this suite")
            if names.count(track.name) > 1:
                raise ValueError(f"track name {track.name!r} is used twice")
            told = [d.name for d in track.defences]
            if len(set(told)) < len(told) or {NONE, "original"} & set(told):
                raise ValueError(
                    f"track {track.name!r}: names of defences are unique, and none of them is "
                    "'none' or 'original'"
                )
            if track.headline and track.headline not in track.utility:
                raise ValueError(f"track {track.name!r}: its headline is not in its utility")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite as it was read, and the digest of all that it says."""

    part: SuitePart
    digest: str

    @property
    def frozen(self) -> bool:
        """Whether it is, to the letter, a suite that was published."""
        return FROZEN.get(self.part.name) == self.digest

    @property
    def title(self) -> str:
        """What results are called: a changed copy is another suite and says so."""
        if self.frozen:
            return f"{self.part.name} {self.part.version}"
        changed = f"not {self.part.name}: a changed copy" if self.part.name in FROZEN else "own"
        return f"{changed} (digest {self.digest[:12]})"

    def track(self, name: str) -> TrackPart:
        """Return the track of this name; raises InputError where there is none."""
        found = next((t for t in self.part.tracks if t.name == name), None)
        if found is None:
            names = [t.name for t in self.part.tracks]
            raise InputError(f"the suite has no track {name!r}{did_you_mean(name, names)}")
        return found

    def corpus(self, track: TrackPart) -> CorpusPart:
        """Return what a track says of its people."""
        return next(c for c in self.part.corpora if c.name == track.corpus)


def load_suite(named: str) -> Suite:
    """Return a suite that comes with the package, by name, or one of your own, by its file.

    >>> load_suite("threats-v1").part.name
    'threats-v1'

    Raises:
        InputError: there is none of that name, or the file cannot be used as it is.
    """
    if named in SHIPPED:
        path = Path(str(files("mindveil").joinpath("suites", f"{named}.toml")))
    else:
        path = Path(named)
        if not path.is_file():
            raise InputError(
                f"there is no suite {named!r}{did_you_mean(named, SHIPPED)} "
                "Or give the path of a suite file (.toml)"
            )
    return parse_suite(read_toml(path), path.name)


def parse_suite(raw: Mapping[str, object], name: str) -> Suite:
    """Check the content of a suite file; ``name`` is what messages call it."""
    try:
        part = SuitePart.model_validate(raw)
    except ValidationError as fault:
        raise InputError(f"{name}: {sentence_of(fault, _keys_at)}") from None
    return Suite(part=part, digest=digest({"suite": _plain(raw)}))


def _plain(value: object) -> Json:
    """Return what a TOML file holds as plain data; a date would be written as text."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value if isinstance(value, bool | int | float | str) else str(value)


def _keys_at(parents: list[str]) -> list[str]:
    part: type[BaseModel] = SuitePart
    for parent in (p for p in parents if not p.isdigit()):
        field = next((f for n, f in part.model_fields.items() if parent in (n, f.alias)), None)
        inner = [a for a in get_args(field.annotation) if _is_part(a)] if field else []
        if not inner:
            break
        part = inner[0]
    return [f.alias or n for n, f in part.model_fields.items()]


def _is_part(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
