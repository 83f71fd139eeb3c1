"""The verb ``explain``: what an attack, a protection or a task does, and what it cannot see."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from mindveil import catalog
from mindveil.cli.explained import Explained, describe, everything
from mindveil.cli.printing import say, say_json, say_table
from mindveil.errors import InputError
from mindveil.study_file import did_you_mean

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


def add_to(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command()(explain)


def explain(
    name: Annotated[
        str, typer.Argument(help="An attack, a protection or a task; all of them where none.")
    ] = "",
    json: Json = False,
) -> None:
    """Say what an attack, a protection or a task does, where it comes from, and its limits."""
    if not name:
        _say_all(json=json)
        return
    kind = catalog.explained(name) or catalog.explained(name.partition("/")[0])
    if kind is None:
        known = [n for names in everything().values() for n in names]
        raise InputError(f"nothing is called {name!r}{did_you_mean(name, known)}")
    told = describe(name, kind)
    if json:
        say_json(_document(told))
    else:
        _say_one(told)


def _say_all(*, json: bool) -> None:
    """Print every name with its first sentence, by kind."""
    told = {
        kind: {name: describe(name, _class_of(name)).first for name in names}
        for kind, names in everything().items()
    }
    if json:
        say_json(told)
        return
    for kind, names in told.items():
        say_table(kind, ["name", "what it does"], [[n, first] for n, first in names.items()])
        say("")
    say("next: mindveil explain NAME")


def _class_of(name: str) -> type[object]:
    kind = catalog.explained(name)
    assert kind is not None
    return kind


def _say_one(told: Explained) -> None:
    say(f"{told.name}  ({told.kind})")
    for heading, text in (
        ("What it does", told.does),
        ("Who does it and what they know", told.who),
        ("Where it comes from", told.source),
        ("Limits", told.limits),
    ):
        if text:
            say(f"\n{heading}\n{text.replace('``', '')}")
    if told.settings:
        say("")
        rows = [[s.name, s.default, s.meaning] for s in told.settings]
        say_table("Settings", ["setting", "default", "what it means"], rows)
    if told.figures:
        say("")
        say_table(
            "Figures that it writes", ["figure", "what it says"], list(map(list, told.figures))
        )


def _document(told: Explained) -> dict[str, object]:
    return {
        "name": told.name,
        "kind": told.kind,
        "does": told.does,
        "who": told.who,
        "source": told.source,
        "limits": told.limits,
        "settings": [dataclasses.asdict(s) for s in told.settings],
        "figures": dict(told.figures),
    }
