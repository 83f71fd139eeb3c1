"""Verbs on a suite of threats: benchmark list, run, table, verify, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mindveil.cli.printing import Progress, say, say_json, say_table
from mindveil.engine.local import LocalPool
from mindveil.errors import Interrupted
from mindveil.notebook import workers_here
from mindveil.suite.benchmark import Wanted, run_benchmark
from mindveil.suite.entrants import entrant_of
from mindveil.suite.score_sheet import SHEET, ScoreSheet, read_sheet, write_sheet
from mindveil.suite.suite_corpora import export as export_corpus
from mindveil.suite.suite_file import SHIPPED, Suite, load_suite
from mindveil.suite.table import made_by, tables, write_tables
from mindveil.suite.verification import faults_of, remarks_on

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
SuiteName = Annotated[
    str, typer.Option("--suite", help="A suite by name, or a suite file of your own.")
]
Data = Annotated[
    Path | None,
    typer.Option("--data", help="The folder that holds public sets, where you have it."),
]

PARTLY_FAILED = 3
BROKEN = 1
MINUTES = 60.0
NEWEST = SHIPPED[-1]

app = typer.Typer(
    name="benchmark",
    help="A frozen list of threats: run it on your own defence, and cite the result.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


def add_to(verbs: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command("list")(list_)
    for verb in (run, table, verify, export):
        app.command()(verb)
    verbs.add_typer(app, name="benchmark")


def list_(suite: SuiteName = NEWEST, json: Json = False) -> None:
    """Say what a suite holds: its tracks, its attacks, its defences, and its digest."""
    found = load_suite(suite)
    if json:
        say_json(_told(found))
        return
    say(f"{found.title}: {found.part.about}\ndigest {found.digest}\n")
    for track in found.part.tracks:
        asked = "by default" if track.default else f"with --track {track.name}"
        say(f"{track.name}: {track.lineup} candidates of {track.corpus}, {asked}")
        say(f"  attacks   {', '.join(track.attacks)}")
        say(f"  defences  {', '.join(d.name for d in track.defences)}\n")
    say("Public sets are read from a folder of yours, --data DIR:")
    for corpus in found.part.corpora:
        if corpus.path:
            say(f"  {corpus.name}: DIR/{corpus.path}, from {corpus.where} ({corpus.licence})")


def run(
    suite: SuiteName = NEWEST,
    track: Annotated[
        list[str] | None, typer.Option(help="Run these tracks; default: those that are fast.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where to put the results.")] = Path("benchmark"),
    defence: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=my_package.defences:MyDefence, NAME=FOLDER, NAME=FOLDER,AGAIN or "
            'NAME=[{ use = "text/redact" }].'
        ),
    ] = None,
    attack: Annotated[
        list[str] | None, typer.Option(help="Also send my_package.attacks:MyAttack.")
    ] = None,
    data: Data = None,
    workers: Annotated[int, typer.Option(min=0, help="Worker processes; 0: one a core.")] = 0,
    json: Json = False,
) -> None:
    """Send the frozen attackers at the reference defences and at yours; write the score sheet."""
    wanted = Wanted(
        out=out,
        tracks=tuple(track or ()),
        entrants=tuple(entrant_of(d) for d in defence or ()),
        attacks=tuple(attack or ()),
        data=data,
    )
    progress = Progress(quiet=json)
    pool = LocalPool(workers=workers_here(workers), minutes=MINUTES)
    try:
        sheet = run_benchmark(load_suite(suite), wanted, pool, progress.tell)
    except KeyboardInterrupt:
        raise Interrupted(
            "interrupted; run the same command again to go on where it stopped"
        ) from None
    write_sheet(sheet, out)
    write_tables(sheet, out)
    failed = sum(f.status == "failed" for t in sheet.tracks for f in t.figures)
    _show(sheet, out / SHEET, json)
    if failed:
        raise typer.Exit(PARTLY_FAILED)


def table(
    out: Annotated[Path, typer.Argument(help="The folder of a run, or a score sheet.")],
    json: Json = False,
) -> None:
    """Print the tables of a score sheet."""
    _show(read_sheet(out), out, json)


def verify(
    sheet: Annotated[Path, typer.Argument(help="A score sheet, or the folder of a run.")],
    suite: Annotated[
        str | None, typer.Option(help="The suite file it was made with; default: by its name.")
    ] = None,
    json: Json = False,
) -> None:
    """Leave with 0 if a score sheet is whole and of the suite it names, with 1 if not."""
    found = read_sheet(sheet)
    faults = faults_of(found, _suite_of(found, suite))
    remarks = remarks_on(found)
    if json:
        say_json({"ok": not faults, "faults": faults, "remarks": remarks, "digest": found.digest})
    else:
        for fault in faults:
            say(f"fault: {fault}")
        for remark in remarks:
            say(f"note: {remark}")
        if not faults:
            say(f"good: {found.suite.title}, score sheet {found.digest}")
    raise typer.Exit(BROKEN if faults else 0)


def export(
    track: Annotated[str, typer.Argument(help="The track that your defence is for.")],
    out: Annotated[Path, typer.Argument(help="The corpus folder to write; it must not exist.")],
    suite: SuiteName = NEWEST,
    data: Data = None,
    json: Json = False,
) -> None:
    """Write the originals of a track under codes, to protect them with a tool of your own."""
    found = load_suite(suite)
    part = found.track(track)
    people = export_corpus(found, part, data, out)
    if json:
        say_json({"people": people, "out": str(out), "suite": found.title})
    else:
        say(
            f"wrote {people} people to {out}; protect them, keep the codes, then: "
            f"mindveil benchmark run --track {track} --defence mine=FOLDER"
        )


def _suite_of(sheet: ScoreSheet, named: str | None) -> Suite | None:
    if named:
        return load_suite(named)
    return load_suite(sheet.suite.name) if sheet.suite.name in SHIPPED else None


def _show(sheet: ScoreSheet, place: Path, json: bool) -> None:
    found = tables(sheet)
    if json:
        rows = [
            {"title": t.title, "rows": [dict(zip(t.head, r, strict=True)) for r in t.rows]}
            for t in found
        ]
        say_json({"sheet": str(place), "tables": rows, "made_by": made_by(sheet)})
        return
    for one in found:
        say_table(one.title, list(one.head), [list(r) for r in one.rows])
        say("")
    for line in made_by(sheet):
        say(line)


def _told(suite: Suite) -> dict[str, object]:
    """Return what a suite holds, for another program."""
    return {
        "suite": suite.part.name,
        "version": suite.part.version,
        "digest": suite.digest,
        "frozen": suite.frozen,
        "title": suite.title,
        "about": suite.part.about,
        "corpora": [c.model_dump(mode="json", exclude={"options"}) for c in suite.part.corpora],
        "tracks": [
            {
                "track": t.name,
                "default": t.default,
                "corpus": t.corpus,
                "attacks": list(t.attacks),
                "attackers": list(t.attackers),
                "lineup": t.lineup,
                "recordings": list(t.recordings),
                "defences": [d.name for d in t.defences],
            }
            for t in suite.part.tracks
        ],
    }
