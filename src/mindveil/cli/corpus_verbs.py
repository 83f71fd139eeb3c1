"""Verbs on a corpus: import, check, look."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

import typer

from mindveil.cli.printing import say, say_json, say_table
from mindveil.corpus.checks import check_corpus
from mindveil.corpus.imports.sources import IMPORTERS
from mindveil.corpus.manifest import load_corpus
from mindveil.corpus.workshop import bench_beside
from mindveil.errors import InputError
from mindveil.harness.context import context_of
from mindveil.harness.exposures import worst_exposures
from mindveil.study_file import did_you_mean, load_study

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]

BAD_INPUT = 2
SHOWN = 10


def add_to(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command("import")(import_)
    for verb in (check, look):
        app.command()(verb)


def import_(
    kind: Annotated[
        str, typer.Argument(help=f"What the source is: {', '.join(sorted(IMPORTERS))}.")
    ],
    source: Annotated[Path, typer.Argument(help="The file or folder to read.")],
    out: Annotated[Path, typer.Argument(help="The corpus folder to write; it must not exist.")],
    options: Annotated[
        Path | None, typer.Option("--map", help="A TOML file that says what the columns mean.")
    ] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="One option as key=value (TOML value).")
    ] = None,
    json: Json = False,
) -> None:
    """Write the corpus layout from what you have."""
    if kind not in IMPORTERS:
        raise InputError(f"unknown kind of source {kind!r}{did_you_mean(kind, IMPORTERS)}")
    with bench_beside(out):
        imported = IMPORTERS[kind].read(source, _options(options, setting or []))
        imported.save(out)
    people = len(imported.corpus.participants)
    if json:
        say_json({"people": people, "out": str(out), "notes": list(imported.notes)})
        return
    for note in imported.notes:
        say(f"note: {note}")
    say(f"wrote {people} people to {out}; next: mindveil check {out}; mindveil look {out}")


def check(
    path: Annotated[Path, typer.Argument(help="A corpus folder or a study file.")],
    json: Json = False,
) -> None:
    """Say in plain words what is wrong with a corpus or a study, and how to mend it."""
    if path.suffix == ".toml" or path.is_file():
        study = load_study(path)
        context = context_of(study)
        told = [f"{len(context.plan.cells)} cells can be computed", *context.plan.skipped]
        if json:
            say_json({"ok": True, "cells": len(context.plan.cells), "skipped": told[1:]})
        else:
            say(f"{path.name}: good. {'; '.join(told)}")
        return
    findings = check_corpus(path)
    errors = [f for f in findings if f.severity == "error"]
    if json:
        say_json(
            {
                "ok": not errors,
                "findings": [
                    {"severity": f.severity, "kind": f.kind, "where": f.where, "what": f.sentence}
                    for f in findings
                ],
            }
        )
    else:
        for finding in findings:
            say(f"{finding.severity}: {finding}")
        if not errors:
            corpus = load_corpus(path)
            say(
                f"{path.name}: good. {len(corpus.participants)} people; "
                f"{', '.join(sorted(corpus.modalities))}; {', '.join(corpus.tools)}"
            )
    if errors:
        raise typer.Exit(BAD_INPUT)


def look(
    folder: Annotated[Path, typer.Argument(help="A corpus folder.")], json: Json = False
) -> None:
    """Show the ten worst exposures of a corpus as it lies there, without a study."""
    found = worst_exposures(folder)[:SHOWN]
    if json:
        say_json([{"exposure": f.name, "figure": f.figure, "what": f.sentence} for f in found])
        return
    say_table(
        "", ["exposure", "figure", "what it means"], [[f.name, f.figure, f.sentence] for f in found]
    )
    say("next: mindveil init; then mindveil run study.toml shows what a release would change")


def _options(path: Path | None, settings: list[str]) -> dict[str, object]:
    options: dict[str, object] = {}
    if path is not None:
        if not path.is_file():
            raise InputError(f"--map {path}: there is no such file")
        try:
            options = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except tomllib.TOMLDecodeError as fault:
            raise InputError(f"--map {path.name} is not valid TOML: {fault}") from fault
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise InputError(f"--set {setting!r}: write key=value")
        try:
            options[key.strip()] = tomllib.loads(f"it = {value}")["it"]
        except tomllib.TOMLDecodeError:
            options[key.strip()] = value
    return options
