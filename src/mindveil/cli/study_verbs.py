"""Verbs on a study: init, plan, run, report, protect, demo."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from mindveil.cli.printing import Progress, clock, say, say_json, say_table
from mindveil.cli.sweep_verbs import tell_sweeps
from mindveil.cli.templates import DEMO_STUDY, NEW_STUDY
from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.sample.load import load_sample
from mindveil.corpus.workshop import bench_beside
from mindveil.errors import InputError, Interrupted
from mindveil.evidence.dossier import Dossier
from mindveil.harness.context import Context, context_of
from mindveil.harness.estimate import cost
from mindveil.harness.paid_release import outlooks, sheets
from mindveil.harness.protect import Beside, protect_corpus
from mindveil.harness.summary import load_dossier
from mindveil.notebook import pool_of, run_all, workers_here
from mindveil.report.html import render
from mindveil.store.files import write_bytes, write_text
from mindveil.study_file import load_study
from mindveil.sweep import outlines

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
StudyFile = Annotated[Path, typer.Argument(help="The study file (TOML).")]
RunFolderPath = Annotated[Path, typer.Argument(help="The folder that `mindveil run` wrote.")]
Workers = Annotated[int, typer.Option(min=0, help="Worker processes; 0: one a core.")]

PARTLY_FAILED = 3


def add_to(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    for verb in (init, plan, run, report, protect, demo):
        app.command()(verb)


def init(
    folder: Annotated[Path, typer.Argument(help="Where to put study.toml.")] = Path(),
    json: Json = False,
) -> None:
    """Write a study file to start from."""
    path = folder / "study.toml"
    if path.exists():
        raise InputError(f"{path} exists already; edit it, or give another folder")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(path, NEW_STUDY)
    if json:
        say_json({"study": str(path)})
    else:
        say(f"wrote {path}; set `corpus`, then: mindveil check {path}; mindveil run {path}")


def plan(study: StudyFile, json: Json = False) -> None:
    """Say what a run will compute, how long it takes and what it will hold in memory."""
    context = context_of(load_study(study))
    guess = cost(context, workers_here(context.study.execute.workers))
    cells = [
        {
            "release": c.release,
            "kind": c.kind,
            "measure": c.measure,
            "modality": c.modality,
            "attacker": c.attacker,
        }
        for c in context.plan.cells
    ]
    promised, foretold = sheets(context), outlooks(context)
    spent = {n: s.epsilon for n, s in promised.items()}
    spent |= {n: o.epsilon for n, o in foretold.items()}
    if json:
        told = {"skipped": list(context.plan.skipped), **guess.as_dict()}
        budgets = {name: asdict(s) for name, s in promised.items()}
        budgets |= {name: asdict(o) for name, o in foretold.items()}
        told["sweeps"] = [asdict(o) for o in outlines(context)]
        say_json({"cells": cells, **told, "epsilon": sum(spent.values()), "budgets": budgets})
        return
    say_table("", list(cells[0]) if cells else ["release"], [list(c.values()) for c in cells])
    for why in context.plan.skipped:
        say(f"skipped: {why}")
    for name, found in promised.items():
        say(f"{name}: epsilon {found.epsilon:g}, delta {found.delta:g}: {found.advice}")
    _tell_outlooks(context)
    tell_sweeps(context)
    say(
        f"{len(cells)} cells, {guess.finished} of them done; about {clock(guess.seconds)} with "
        f"{guess.workers} workers (within a factor of 3), {guess.megabytes} MB each; "
        f"epsilon of one release each: {sum(spent.values()):g}"
        f"{'' if spent else ' (no step carries a guarantee)'}"
    )


def run(study: StudyFile, workers: Workers = 0, json: Json = False) -> None:
    """Make the releases, attack them, measure what is left, and write the report."""
    context = context_of(load_study(study))
    _end(*_run(context, workers, json), context.study.out, json)


def report(
    run_folder: RunFolderPath,
    out: Annotated[Path | None, typer.Option(help="Where to write it.")] = None,
    json: Json = False,
) -> None:
    """Write the report of a finished run again."""
    path = out or run_folder / "report.html"
    write_bytes(path, render(load_dossier(run_folder)).encode())
    if json:
        say_json({"report": str(path)})
    else:
        say(f"wrote {path}")


def protect(
    study: StudyFile,
    release: Annotated[str, typer.Argument(help="The name of the release in the study.")],
    out: Annotated[Path, typer.Argument(help="The folder to write; it must not exist.")],
    table: Annotated[
        Path | None,
        typer.Option(help="Also write the sealed re-identification table here (needs a key)."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Also keep the generator of a synthetic release here.")
    ] = None,
    json: Json = False,
) -> None:
    """Apply one release's steps to the whole corpus and write the protected corpus."""
    context = context_of(load_study(study))
    if not json:
        _tell_outlooks(context, only=release)
    people = protect_corpus(context, release, out, Beside(table=table, model=model))
    if people is None:
        if json:
            say_json({"detector": str(out)})
        else:
            say(f"wrote a detector to {out}; to use it: mindveil predict {out} CORPUS")
    elif json:
        say_json({"people": people, "out": str(out)})
    else:
        say(f"wrote {people} people to {out}; measure it first: mindveil run {study}")


def _tell_outlooks(context: Context, only: str = "") -> None:
    """Say what each private detector can be expected to reach, before it is trained."""
    for name, found in outlooks(context).items():
        if only in {"", name}:
            head = ["recipe", "noise", "S/N", "AUC without", "AUC with", "loss"]
            rows = [
                [
                    r.recipe.removesuffix("-perturbation"),
                    f"{r.multiplier:.2f}",
                    f"{r.signal_to_noise:.1f}",
                    f"{r.plain:.3f}",
                    f"{r.auc:.3f}",
                    f"{r.loss:.3f} +- {r.spread:.3f}",
                ]
                for r in found.rows
            ]
            say_table(f"{name}: epsilon {found.epsilon:g}, delta {found.delta:g}", head, rows)
            say(f"{name}: {found.best}. {found.advice}")


def demo(
    out: Annotated[Path, typer.Argument(help="Where to put the demonstration.")] = Path("demo"),
    workers: Workers = 0,
    json: Json = False,
) -> None:
    """Run the main job on the embedded sample cohort: people who do not exist."""
    out.mkdir(parents=True, exist_ok=True)
    if not (out / "corpus").is_dir():
        with bench_beside(out / "corpus") as bench:
            save_corpus(load_sample(bench), out / "corpus", truth=True)
    if not (out / "study.toml").is_file():
        write_text(out / "study.toml", DEMO_STUDY)
    context = context_of(load_study(out / "study.toml"))
    _end(*_run(context, workers, json), context.study.out, json)


def _run(context: Context, workers: int, json: bool) -> tuple[Dossier, int]:
    study = context.study
    count = workers_here(workers or study.execute.workers)
    if not json:
        _tell_outlooks(context)
        tell_sweeps(context)
    progress = Progress(quiet=json)
    pool = pool_of(context, count)
    try:
        dossier = run_all(context, pool, progress.tell)
    except KeyboardInterrupt:
        raise Interrupted(
            "interrupted; run the same command again to go on where it stopped"
        ) from None
    return dossier, sum(r.status == "failed" for r in dossier.rows)


def _end(dossier: Dossier, failed: int, out: Path, json: bool) -> None:
    verdicts = dossier.judgement.releases
    if json:
        say_json(
            {
                "out": str(out),
                "failed": failed,
                "releases": {v.release: v.decision for v in verdicts},
            }
        )
    else:
        say("")
        for verdict in verdicts:
            say(f"{verdict.decision:>14}  {verdict.sentence}")
        say(f"\nreport: {out / 'report.html'}\nscorecard: {out / 'scorecard.csv'}")
    if failed:
        if not json:
            say(
                f"{failed} cells failed; the report shows the holes. What was in the way is said "
                "above, and `mindveil check` on the corpus says where; mend it, and run this again"
            )
        raise typer.Exit(PARTLY_FAILED)
