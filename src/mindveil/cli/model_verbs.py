"""Verbs on models: `predict` asks a detector; `models` keeps the weights that features are read with.

The only verb that may use a network is `models install`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mindveil.attack.base import OF_MODELS
from mindveil.cli.printing import say, say_json, say_table
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.model_audit import audit_file
from mindveil.evidence.scorecard import csv_text
from mindveil.features import weights
from mindveil.harness.predict import predict_corpus
from mindveil.randomness import stream
from mindveil.store.files import write_text

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
_CUT = 0.5

Keys = Annotated[list[str] | None, typer.Argument(help="Which weights; default: the usual ones.")]

app = typer.Typer(
    help="Model weights: pinned, verified, kept outside the project.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(verbs: typer.Typer) -> None:
    """Add the verbs to the command line."""
    verbs.command()(predict)
    verbs.command()(audit)
    verbs.add_typer(app, name="models")


def predict(
    model: Annotated[Path, typer.Argument(help="The folder of a detector.")],
    corpus: Annotated[Path, typer.Argument(help="The corpus folder of the people to ask about.")],
    out: Annotated[
        Path | None, typer.Option(help="Write a CSV file here instead of printing.")
    ] = None,
    json: Json = False,
) -> None:
    """Say of each person how likely and how severe; undecided where it is too close to call."""
    target, found = predict_corpus(model, corpus)
    head = ["participant_id", "probability", "severity", "decision"]
    columns = found.probability.tolist(), found.severity.tolist(), found.decided.tolist()
    rows = [
        [person, f"{chance:.3f}", f"{score:.1f}", _decision(chance, decided)]
        for person, chance, score, decided in zip(found.ids, *columns, strict=True)
    ]
    if out is not None:
        write_text(out, csv_text([head, *rows]))
    if json:
        shown = {} if out else {"predictions": [dict(zip(head, r, strict=True)) for r in rows]}
        say_json({"target": target, "people": len(rows), **shown})
    elif out is not None:
        say(f"{target}: wrote {len(rows)} people to {out}")
    else:
        say_table(target, head, rows)


def audit(
    answers: Annotated[
        Path,
        typer.Argument(
            help="Answers of a model of your own (csv or npz): member, label, log_odds or "
            "probability; person, shadow_01, shadow_01_inside ... where there are any."
        ),
    ],
    seed: Annotated[int, typer.Option(help="Decides halves and resamples.")] = 20261122,
    json: Json = False,
) -> None:
    """Say what a model of your own gives away about who taught it, from its answers alone."""
    found = audit_file(answers, stream(seed, "audit"))
    rows = [
        [f.attack, f.setting, m.metric, *_figures(m.estimate), m.note]
        for f in found
        for m in f.measured
    ]
    rows += [[f.attack, f.setting, "invalid", "", "", "", f.invalid] for f in found if f.invalid]
    head = ["attack", "question", "metric", "value", "95 % interval", "n", "note"]
    if json:
        say_json([dict(zip(head, row, strict=True)) for row in rows])
        return
    say_table("", head[:-1], [[row[0].removeprefix(OF_MODELS), *row[1:-1]] for row in rows])
    for note in dict.fromkeys(row[-1] for row in rows if row[-1]):
        say(f"- {note}")


def _figures(e: Estimate) -> list[str]:
    return [f"{e.value:.3f}", f"[{e.low:.3f}, {e.high:.3f}]", str(e.n)]


def _decision(probability: float, decided: bool) -> str:
    if not decided:
        return "undecided"
    return "yes" if probability >= _CUT else "no"


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
