"""The seam of every importer: from what people have to a corpus.

An importer is told where the source lies and how to read it, and returns a corpus in memory with
notes for the user: what was left out, what was set to missing. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from mindveil.corpus.description import ToolSheet, sentences
from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.model import Corpus
from mindveil.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A corpus made from a source, and what the user should know about the making.

    ``tools`` holds the shape of questionnaires that are not in the table of instruments.
    """

    corpus: Corpus
    notes: tuple[str, ...] = ()
    tools: Mapping[str, ToolSheet] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write the corpus folder, annotated identifiers included: it is an original."""
        save_corpus(self.corpus, path, truth=True, tools=self.tools)


class Importer(Protocol):
    """A kind of source, by the name that `mindveil import` knows it by."""

    kind: ClassVar[str]

    def read(self, source: Path, options: Mapping[str, object]) -> Imported:
        """Return the corpus; ``options`` come from flags or a TOML file.

        Raises:
            InputError: the source or an option cannot be used as it is.
        """
        ...


class Options(BaseModel):
    """Base of the options of an importer: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


Known = TypeVar("Known", bound=Options)


def checked(kind: type[Known], options: Mapping[str, object]) -> Known:
    """Return the options, or raise one sentence about the first that is wrong."""
    try:
        return kind.model_validate(dict(options))
    except ValidationError as fault:
        raise InputError(f"import options: {next(sentences(fault, kind))}") from None
