"""Verbs on model weights: the only ones that may use a network, and only `install`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mindveil.cli.printing import say, say_json, say_table
from mindveil.features import weights

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Keys = Annotated[list[str] | None, typer.Argument(help="Which weights; default: the usual ones.")]

app = typer.Typer(
    help="Model weights: pinned, verified, kept outside the project.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_(json: Json = False) -> None:
    """Show what can be installed, from where, under which licence, and whether it is."""
    rows = [
        {
            "key": weight.key,
            "state": state,
            "MB": f"{weight.size / 1e6:.0f}",
            "by default": "yes" if weight.default else "no",
            "licence": weight.licence,
            "source": ", ".join(f"{a.package} {a.version}" for a in weight.archives),
            "purpose": weight.purpose,
        }
        for weight, state in weights.table()
    ]
    if json:
        say_json(rows)
    else:
        say_table("", list(rows[0]), [list(r.values()) for r in rows])


@app.command()
def install(
    keys: Keys = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="A folder of archives, instead of the network.")
    ] = None,
    json: Json = False,
) -> None:
    """Download (or take from a folder), verify and unpack weights.

    Without names, large weights that few need are left out; it says which.
    """
    wanted = _keys(keys)
    folders = weights.install(wanted, source=source)
    _tell({k: str(f) for k, f in zip(wanted, folders, strict=True)}, "installed", json)
    for weight, state in () if keys or json else weights.table():
        if state == "missing":
            say(
                f"left out {weight.key} ({weight.size / 1e6:.0f} MB, {weight.purpose}); "
                f"to have it: mindveil models install {weight.key}"
            )


@app.command()
def verify(keys: Keys = None, json: Json = False) -> None:
    """Hash the installed weights again and compare them with the table."""
    there = [weight.key for weight, state in weights.table() if state != "missing"]
    wanted = keys or list(dict.fromkeys([*_keys(keys), *there]))
    _tell(weights.verify(wanted), "verified", json)


@app.command()
def bundle(
    out: Annotated[Path, typer.Argument(help="The folder to fill.")],
    keys: Keys = None,
    json: Json = False,
) -> None:
    """Collect the archives in a folder, to carry to a site without a network."""
    paths = weights.bundle(_keys(keys), out)
    _tell({p.name: str(p) for p in paths}, "bundled", json)


def _keys(keys: list[str] | None) -> list[str]:
    return keys or [weight.key for weight, _ in weights.table() if weight.default]


def _tell(found: dict[str, str], verb: str, json: bool) -> None:
    if json:
        say_json(found)
    else:
        for key, value in found.items():
            say(f"{verb} {key}: {value}")
