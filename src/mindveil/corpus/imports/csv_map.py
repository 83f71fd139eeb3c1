"""What the columns of a table mean: the map that `mindveil import csv --map` reads.

::

    name = "dass42-adults"             # default: the name of the file
    id = "pid"                         # default: people are numbered P0001, P0002, ...
    session = "visit"                  # default: everybody came once
    drop = ["dasssum"]
    beside = ["demography.csv"]        # further tables: the same people in the same order

    [questionnaires.dass42]
    items = "dass{n}_[DAS]"            # or a list of columns, or prefix = "dass"
    recode = "subtract 1"              # or "add 1", "reverse", { never = 0, often = 1 }

    [questionnaires.gad7]
    total = "GAD7tot"                  # where the items are not known

    [columns.Age]
    rename = "age"
    min = 18                           # a value outside becomes missing, and is counted
    max = 110

    [text]
    columns = ["Deptext", "Wortext"]   # one turn each
    pseudo_sessions = [["Deptext"], ["Wortext"]]
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from mindveil.corpus.imports.base import Options
from mindveil.corpus.imports.spreadsheet import Encoding, Separator
from mindveil.corpus.model import Kind, Modality, Role

_RECODE = re.compile(r"(?:add|subtract) [0-9]{1,3}|reverse")


class QuestionnairePart(Options):
    """[questionnaires.<tool>]: which columns hold the items or the total, and how coded.

    ``reverse`` lists items to turn round after recoding. ``low`` and ``high`` bound an answer
    of a questionnaire that is not in the table of instruments.
    """

    items: str | list[str] | None = None
    prefix: str | None = None
    total: str | None = None
    recode: str | dict[str, int] | None = None
    reverse: list[int] = Field(default_factory=list)
    low: int | None = None
    high: int | None = None

    @field_validator("recode")
    @classmethod
    def _is_known(cls, recode: str | dict[str, int] | None) -> str | dict[str, int] | None:
        if isinstance(recode, str) and not _RECODE.fullmatch(recode):
            raise ValueError('must be "subtract N", "add N", "reverse" or a mapping')
        return recode

    @model_validator(mode="after")
    def _names_columns(self) -> QuestionnairePart:
        if self.items is not None and self.prefix is not None:
            raise ValueError("items and prefix say the same; keep one")
        if self.items is None and self.prefix is None and self.total is None:
            raise ValueError("one of items, prefix or total is needed")
        if isinstance(self.items, str) and self.items.count("{n}") != 1:
            raise ValueError("items must hold {n} once, where the number of the item stands")
        return self


class ColumnPart(Options):
    """[columns.<name>]: what a column means, and which of its values can be believed.

    ``levels`` is a list of the values in order, or a mapping from codes to names. ``blank``
    replaces the usual signs of a missing value in this column.
    """

    role: Role | None = None
    kind: Kind | None = None
    rename: str | None = None
    levels: list[str] | dict[str, str] = Field(default_factory=list)
    blank: list[str] | None = None
    min: float | None = None
    max: float | None = None
    description: str = ""


class TextPart(Options):
    """[text]: columns of free text, one turn of the participant each.

    ``pseudo_sessions`` are groups of these columns that stand for sessions.
    """

    columns: list[str] = Field(min_length=1)
    form: Literal["turns"] = Field("turns", alias="as")
    pseudo_sessions: list[list[str]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _groups_match(self) -> TextPart:
        grouped = [name for group in self.pseudo_sessions for name in group]
        if grouped and sorted(grouped) != sorted(self.columns):
            raise ValueError("pseudo_sessions must hold each of the text columns once")
        return self


class CsvMap(Options):
    """A whole map."""

    name: str = ""
    licence: str = ""
    language: str = "en"
    consent: dict[Modality, str] = Field(default_factory=dict)
    synthetic: bool = False
    encoding: Encoding = "utf-8"
    separator: Separator | None = None
    id: str | None = None
    session: str | None = None
    blank: list[str] = Field(default_factory=list)
    beside: list[str] = Field(default_factory=list)
    drop: list[str] = Field(default_factory=list)
    questionnaires: dict[str, QuestionnairePart] = Field(default_factory=dict)
    columns: dict[str, ColumnPart] = Field(default_factory=dict)
    text: TextPart | None = None

    @model_validator(mode="after")
    def _one_kind_of_session(self) -> CsvMap:
        if self.session is not None and self.text is not None and self.text.pseudo_sessions:
            raise ValueError("session and text.pseudo_sessions exclude each other; keep one")
        return self
