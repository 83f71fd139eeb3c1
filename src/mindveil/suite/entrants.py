"""What enters a benchmark: a step by dotted path, steps of this package, or a protected folder.

``NAME=my_package.defences:MyDefence`` is attacked by everybody, because who knows a callable can
protect people of his own with it. ``NAME=FOLDER`` is attacked by those alone who do not know that
it was protected; ``NAME=FOLDER,AGAIN`` by everybody: the second folder holds the same people,
protected once more.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from mindveil import catalog
from mindveil.anonymise.base import Protection
from mindveil.errors import InputError
from mindveil.study import StepPart
from mindveil.study_file import did_you_mean
from mindveil.suite.defences import AsProtected
from mindveil.suite.suite_file import NONE
from mindveil.synthesise.base import Synthesiser

Origin = Literal["reference", "steps", "folder", "two folders"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_STEPS: TypeAdapter[tuple[StepPart, ...]] = TypeAdapter(tuple[StepPart, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """A defence that takes part: its steps, or the folder that it wrote, and where it came from."""

    name: str
    origin: Origin
    steps: tuple[StepPart, ...]
    folder: Path | None = None
    again: Path | None = None

    @property
    def informed(self) -> bool:
        """Whether attackers who know the defence can be sent at it."""
        return self.origin != "folder"


def entrant_of(spec: str) -> Entrant:
    """Return the defence that ``NAME=SPEC`` names.

    Raises:
        InputError: nothing can be made of it; one sentence says what.
    """
    name, equals, what = spec.partition("=")
    if not equals or not _NAME.fullmatch(name):
        raise InputError(
            f"--defence {spec!r}: write NAME=SPEC, with letters, digits, '.', '-' and '_' in NAME"
        )
    if name in {NONE, "original"}:
        raise InputError(f"--defence: {name!r} is the undefended release; choose another name")
    if what.startswith("["):
        return Entrant(name=name, origin="steps", steps=_listed(name, what))
    if ":" in what or what in catalog.PROTECTIONS:
        return Entrant(name=name, origin="steps", steps=_checked(name, (StepPart(use=what),)))
    return _folders(name, what)


def check_names(names: list[str]) -> None:
    """Refuse two defences of one name."""
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise InputError(f"the name {twice[0]!r} is taken by another defence; choose another")


def _listed(name: str, text: str) -> tuple[StepPart, ...]:
    """Return steps as a study file writes them: ``[{ use = "text/redact" }, ...]``."""
    try:
        return _checked(name, _STEPS.validate_python(tomllib.loads(f"steps = {text}")["steps"]))
    except (tomllib.TOMLDecodeError, ValidationError):
        raise InputError(
            f'--defence {name}: the steps are not TOML; write [{{ use = "...", key = value }}]'
        ) from None


def _checked(name: str, steps: tuple[StepPart, ...]) -> tuple[StepPart, ...]:
    for step in steps:
        kind = catalog.explained(step.use)
        if kind is None:
            known = did_you_mean(step.use, catalog.PROTECTIONS)
            raise InputError(f"--defence {name}: unknown step {step.use!r}{known}")
        if not (isinstance(kind, type) and dataclasses.is_dataclass(kind)):
            raise InputError(
                f"--defence {name}: {step.use} is no dataclass; a defence is a frozen dataclass "
                "with name, changes, alone and apply(corpus, rng)"
            )
        made = catalog.step(step.use, step.settings)
        if not isinstance(made, Protection) or isinstance(made, Synthesiser):
            raise InputError(
                f"--defence {name}: {step.use} does not protect people's records; this suite "
                "attacks those alone, so enter a defence with name, changes, alone and "
                "apply(corpus, rng)"
            )
    return steps


def _folders(name: str, what: str) -> Entrant:
    first, _, second = what.partition(",")
    for place in filter(None, (first, second)):
        if not Path(place).is_dir():
            raise InputError(
                f"--defence {name}: {place!r} is no folder, no step of this package and no "
                "dotted path (my_package.defences:MyDefence)"
            )
    return Entrant(
        name=name,
        origin="two folders" if second else "folder",
        steps=(StepPart(use=AsProtected.name),),
        folder=Path(first),
        again=Path(second) if second else None,
    )
