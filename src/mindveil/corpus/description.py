"""The JSON files of a corpus: what it is, what its columns mean, what a questionnaire asks.

Checked here, at the edge, and nowhere else. A key that is not known is an error with the nearest
one that is: a misspelt ``role`` must not leave a column unprotected.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from mindveil.corpus.findings import Finding, error, meant
from mindveil.corpus.model import Kind, Modality, Role
from mindveil.corpus.tables import read_text

FORMAT = 1
"""Version of the layout on disk; a corpus of a later one is refused."""

_LARGEST_CHARACTERS = 1 << 24
_LANGUAGE = r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$"


class _Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DatasetSheet(_Sheet):
    """dataset_description.json: what the corpus is and what people agreed to."""

    name: str = Field(min_length=1, max_length=200)
    format: int = Field(FORMAT, ge=1)
    licence: str = ""
    language: str = Field("en", pattern=_LANGUAGE)
    consent: dict[Modality, str] = Field(default_factory=dict)
    pseudo_sessions: str = ""
    synthetic: bool = False

    @field_validator("format")
    @classmethod
    def _is_read(cls, version: int) -> int:
        if version > FORMAT:
            newer = f"layout {version} is newer than this Mindveil reads ({FORMAT})"
            raise ValueError(f"{newer}; update Mindveil")
        return version


class ColumnSheet(_Sheet):
    """One entry of participants.json: what a column of participants.tsv means."""

    role: Role | None = None
    kind: Kind | None = None
    levels: list[str] = Field(default_factory=list)
    description: str = ""
    low: float | None = None
    high: float | None = None
    found: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> ColumnSheet:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low = {self.low:g} is not below high = {self.high:g}")
        return self


class ColumnsSheet(_Sheet):
    """participants.json, by the name of the column."""

    columns: dict[str, ColumnSheet]


class ToolSheet(_Sheet):
    """phenotype/<tool>.json: the shape of a questionnaire that is not in the table.

    ``low`` and ``high`` bound an answer; with ``items = 0``, only totals are held and they
    bound the total.
    """

    items: int = Field(ge=0, le=999)
    low: int
    high: int
    name: str = ""
    description: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> ToolSheet:
        if self.low >= self.high:
            raise ValueError(f"low = {self.low} is not below high = {self.high}")
        return self


_BRANCHES = {
    "str": "a text",
    "list[str]": "a list of texts",
    "dict[str,str]": "a mapping of texts",
    "dict[str,int]": "a mapping to whole numbers",
}
Sheet = TypeVar("Sheet", bound=BaseModel)


def read_json(root: Path, file: str) -> tuple[dict[str, object] | None, list[Finding]]:
    """Read a JSON file whose outside is a mapping, or say why it cannot be read."""
    text, findings = read_text(root, file)
    if text is None:
        return None, findings
    if len(text) > _LARGEST_CHARACTERS:
        return None, [*findings, error("too-large", file, "more than 16 MB; check the file")]
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as fault:
        sentence = f"not valid JSON at column {fault.colno} ({fault.msg.lower()}); correct it"
        return None, [*findings, error("json", file, sentence, fault.lineno)]
    except (RecursionError, ValueError):
        sentence = "not usable JSON (too deep, or a number of thousands of digits); correct it"
        return None, [*findings, error("json", file, sentence)]
    if not isinstance(value, dict):
        return None, [*findings, error("json", file, "must be a mapping: { ... }; correct it")]
    return value, findings


def read_sheet(
    kind: type[Sheet], root: Path, file: str, under: str = ""
) -> tuple[Sheet | None, list[Finding]]:
    """Read and check a JSON file; ``under`` puts its content below one key of the sheet first."""
    raw, findings = read_json(root, file)
    if raw is None:
        return None, findings
    try:
        return kind.model_validate({under: raw} if under else raw), findings
    except ValidationError as fault:
        faults = sentences(fault, kind, skip=1 if under else 0)
        return None, findings + [error("sheet", file, sentence) for sentence in faults]


def sentences(fault: ValidationError, sheet: type[BaseModel], skip: int = 0) -> Iterator[str]:
    """Say each fault of a mapping in one sentence; ``skip`` leading keys are not shown.

    Values are left out unless they are one of a few known words: they may be a person's.
    """
    branches: dict[str, list[str]] = {}
    for one in fault.errors(include_url=False):
        path = [part for part in one["loc"] if part != "[key]"]
        where = ".".join(str(part) for part in path[skip:])
        tag = next((n for n, part in enumerate(path) if str(part) in _BRANCHES), len(path))
        if tag < len(path):
            # One of several allowed types: pydantic reports each; they are said together.
            base = ".".join(str(part) for part in path[skip:tag])
            branches.setdefault(base, []).append(_BRANCHES[str(path[tag])])
        elif one["type"] == "extra_forbidden":
            known = _keys_at(sheet, path[:-1])
            near = meant(str(path[-1]), known) or f"; known keys: {', '.join(known)}"
            yield f"unknown key {where!r}{near}"
        elif one["type"] == "missing":
            yield f"key {where!r} is missing; add it"
        elif one["type"] == "literal_error":
            choices = str(one.get("ctx", {}).get("expected", "")).replace("'", "")
            near = meant(str(one["input"]), choices.replace(" or ", ", ").split(", "))
            yield f"{where} must be one of: {choices}{near}"
        else:
            message = one["msg"].removeprefix("Value error, ")
            remedy = "" if "; " in message else "; correct it"
            yield f"{where}{': ' if where else ''}{message[0].lower()}{message[1:]}{remedy}"
    for where, kinds in branches.items():
        yield f"{where} must be {' or '.join(dict.fromkeys(kinds))}; correct it"


def _keys_at(sheet: type[BaseModel], path: list[int | str]) -> list[str]:
    """Return the keys that a sheet allows at a path such as ``columns.age``."""
    here: object = sheet
    for part in path:
        here = _inner(here, str(part))
    here = _required(here)
    if isinstance(here, type) and issubclass(here, BaseModel):
        return [f.alias or name for name, f in here.model_fields.items()]
    return []


def _inner(kind: object, key: str) -> object:
    """Return the type of one key of a sheet, or of any entry of a mapping or a list."""
    kind = _required(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {f.alias or name: f.annotation for name, f in kind.model_fields.items()}
        return fields.get(key)
    inner = get_args(kind)
    if not inner:
        return None
    return inner[1] if get_origin(kind) is dict else inner[0]


def _required(kind: object) -> object:
    """Return ``X`` for ``X | None``."""
    if get_origin(kind) in (Union, types.UnionType):
        return next(inner for inner in get_args(kind) if inner is not type(None))
    return kind
