"""Read a study file: TOML, checked at this one edge, frozen afterwards.

A key that is not known is refused with the nearest one that is.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError

from mindveil.errors import InputError
from mindveil.study import Study


def load_study(path: Path) -> Study:
    """Read a study file; raises InputError with one sentence that names the key and the remedy."""
    if not path.is_file():
        raise InputError(
            f"study file {path.name} does not exist; `mindveil init` writes one to start from"
        )
    return parse_study(read_toml(path), path.name, path.resolve().parent)


def read_toml(path: Path) -> dict[str, object]:
    """Return what a TOML file that people wrote holds; raises InputError where it is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise InputError(f"{path.name} is not UTF-8 text; save it again as UTF-8") from fault
    except tomllib.TOMLDecodeError as fault:
        raise InputError(f"{path.name} is not valid TOML: {fault}") from fault


def parse_study(raw: dict[str, object], name: str, folder: Path) -> Study:
    """Check the content of a study file; ``name`` is what messages call it."""
    try:
        study = Study.model_validate(raw)
    except ValidationError as fault:
        raise InputError(f"{name}: {sentence_of(fault, _keys_at)}") from None
    resolved: dict[str, object] = {
        "corpus": (folder / study.corpus).resolve(),
        "out": (folder / study.out).resolve(),
    }
    if study.attack.public is not None:
        public = (folder / study.attack.public).resolve()
        resolved["attack"] = study.attack.model_copy(update={"public": public})
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


def sentence_of(fault: ValidationError, keys_at: Callable[[list[str]], Iterable[str]]) -> str:
    """Return in one sentence what is wrong with a file; ``keys_at`` says what stands under keys."""
    first = fault.errors()[0]
    where = ".".join(str(p + 1) if isinstance(p, int) else p for p in first["loc"])
    if first["type"] == "extra_forbidden":
        *parents, key = (str(p) for p in first["loc"])
        return f"unknown key {where!r}{did_you_mean(key, keys_at(parents))}"
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
