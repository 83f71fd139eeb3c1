"""The score sheet: every figure of a benchmark with its doubt, its cell, and what it was made with.

JSON, the same bytes for the same suite, code, weights and defences. It holds no date, no path and
nothing about a person. ``digest`` shows a slip of the hand, not a forger: a sheet is believed
because others can run the suite again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mindveil.attack.base import Tier
from mindveil.errors import InputError
from mindveil.evidence.scorecard import Kind, Label, Row, Status
from mindveil.store.cache import digest
from mindveil.store.files import json_text, write_text
from mindveil.study_file import sentence_of
from mindveil.suite.entrants import Origin

FORMAT: Literal[1] = 1
SHEET = "scores.json"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(_Part):
    """One number: who said it of which defence, with interval, people, baseline and control.

    ``cell`` is the content address of what computed it; ``tier`` how strong the attacker was.
    """

    defence: str
    kind: Kind
    measure: str
    modality: str
    attacker: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    baseline: float | None
    control: float | None
    unit: str
    status: Status
    label: Label
    note: str
    tier: Tier | None
    cell: str = Field(pattern=r"^[0-9a-f]{32}$")

    @model_validator(mode="after")
    def _bounded(self) -> Figure:
        numbers = (self.value, self.low, self.high)
        if self.status == "ok" and (None in numbers or not self.n):
            raise ValueError("a believed figure has a value, both ends and people")
        if self.value is not None and self.low is not None and self.high is not None:
            slack = 1e-9
            if not self.low - slack <= self.value <= self.high + slack:
                raise ValueError("a value lies outside its interval")
        return self

    def row(self) -> Row:
        """Return the row of a scorecard that it was, of a release by the defence's name."""
        mine = {k: getattr(self, k) for k in Figure.model_fields if k in _ROW}
        return Row(release=self.defence, **mine)


_ROW = {f for f in Row.__slots__ if f not in {"release", "seed"}}


class DefenceSheet(_Part):
    """A defence that took part: where it came from, its steps, and who was sent at it."""

    name: str
    origin: Origin
    steps: tuple[dict[str, object], ...]
    attackers: tuple[str, ...]


class TrackSheet(_Part):
    """What came of one track."""

    track: str
    corpus: str
    corpus_digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    people: int = Field(ge=1)
    lineup: int
    seed: int
    attacks: tuple[str, ...]
    entered_attacks: tuple[str, ...]
    headline: str
    metric: str
    defences: tuple[DefenceSheet, ...]
    figures: tuple[Figure, ...]

    @model_validator(mode="after")
    def _known(self) -> TrackSheet:
        names = {d.name for d in self.defences}
        if any(f.defence not in names for f in self.figures):
            raise ValueError("a figure is of no defence of the track")
        return self


class NotRun(_Part):
    """A part of the suite that was not run, and why."""

    track: str
    what: str
    why: str


class SuiteSheet(_Part):
    """Which suite it was; ``frozen`` says that it was one that was published, to the letter."""

    name: str
    version: str
    digest: str
    frozen: bool
    title: str


class ScoreSheet(_Part):
    """All results of one run of a suite."""

    format: Literal[1]
    suite: SuiteSheet
    made_with: dict[str, str]
    tracks: tuple[TrackSheet, ...]
    not_run: tuple[NotRun, ...]
    digest: str

    def content_digest(self) -> str:
        """Return the digest of everything else in the sheet."""
        return digest(self.model_dump(mode="json", exclude={"digest"}))

    def sealed(self) -> ScoreSheet:
        """Return the sheet with its digest in it."""
        return self.model_copy(update={"digest": self.content_digest()})


def write_sheet(sheet: ScoreSheet, out: Path) -> None:
    """Write scores.json, whole or not at all."""
    write_text(out / SHEET, json_text(sheet.model_dump(mode="json")))


def read_sheet(path: Path) -> ScoreSheet:
    """Read a score sheet, or the one in an output folder.

    Raises:
        InputError: there is none, or it is not as docs/benchmark.md says.
    """
    place = path / SHEET if path.is_dir() else path
    if not place.is_file():
        raise InputError(
            f"there is no score sheet at {path.name!r}; give the folder or the {SHEET} that "
            "`mindveil benchmark run` wrote"
        )
    try:
        return ScoreSheet.model_validate_json(place.read_bytes())
    except ValidationError as fault:
        raise InputError(f"{place.name}: {sentence_of(fault, _keys_at)}") from None


def _keys_at(parents: list[str]) -> list[str]:
    _ = parents
    return list(ScoreSheet.model_fields)
