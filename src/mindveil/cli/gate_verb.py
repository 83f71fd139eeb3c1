"""The verb that a pipeline asks: may these releases leave, today, and no worse than before?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from mindveil.cli.printing import say, say_json
from mindveil.evidence.comparison import Comparison, compare
from mindveil.evidence.gate import Earlier, Gate, gated, names_of
from mindveil.evidence.gate_documents import junit, lost_sentence, sarif
from mindveil.harness.summary import load_dossier, today
from mindveil.report.figures import discreet
from mindveil.store.files import write_json, write_text

GATE_FAILED = 1


def add_to(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command()(gate)


def gate(
    run_folder: Annotated[Path, typer.Argument(help="The folder that `mindveil run` wrote.")],
    release: Annotated[
        list[str] | None, typer.Option(help="Check these releases only; default: all but original.")
    ] = None,
    allow: Annotated[
        Literal["release", "controlled"], typer.Option(help="The weakest verdict that passes.")
    ] = "release",
    baseline: Annotated[
        Path | None,
        typer.Option(
            help="An earlier run of the same people: fail where a release is surely worse."
        ),
    ] = None,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", help="Also write the conditions as JUnit XML here.")
    ] = None,
    sarif_file: Annotated[
        Path | None, typer.Option("--sarif", help="Also write what is not met as SARIF 2.1.0 here.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of text.")
    ] = False,
) -> None:
    """Leave with 0 if every release passes the policy of its study, with 1 if not."""
    dossier = load_dossier(run_folder)
    names = names_of(dossier, release or ())
    before = load_dossier(baseline) if baseline else None
    earlier = (
        Earlier(dossier=before, comparison=compare(dossier, before, names)) if before else None
    )
    found = gated(dossier, names, allow, today(), earlier)
    dropped = earlier.dropped(dossier) if earlier else ()
    compared = earlier.comparison if earlier else None
    if junit_file is not None:
        write_text(junit_file, junit(found, dossier, discreet))
    if sarif_file is not None:
        write_json(sarif_file, sarif(found, dossier, discreet))
    if json:
        say_json(_document(found, compared, dropped))
    else:
        _tell(found, compared, dropped)
    raise typer.Exit(0 if found.passed else GATE_FAILED)


def _document(
    found: Gate, compared: Comparison | None, dropped: tuple[str, ...]
) -> dict[str, object]:
    told: dict[str, object] = {
        "passed": found.passed,
        "expires": found.expires.isoformat(),
        "expired": found.expired,
        "releases": {r.verdict.release: r.verdict.decision for r in found.releases},
    }
    if compared is not None:
        told["worse"] = [f"{c.release}: {c.sentence}" for r in found.releases for c in r.worse]
        told["lost"] = [f"{r.verdict.release}: {m}" for r in found.releases for m in r.lost]
        told["left_out"] = list(compared.left_out)
        told["dropped"] = list(dropped)
    return told


def _tell(found: Gate, compared: Comparison | None, dropped: tuple[str, ...]) -> None:
    for one in found.releases:
        say(f"{one.verdict.decision}: {discreet(one.verdict.sentence)}")
        for change in one.worse:
            say(f"  worse: {change.sentence}")
        for measure in one.lost:
            say(f"  lost: {lost_sentence(measure)}")
        if compared is not None and not one.worse:
            mine = [c for c in compared.changes if c.release == one.verdict.release]
            say(f"  no worse for sure than in the earlier run ({len(mine)} figures compared)")
    for missing in compared.left_out if compared else ():
        say(f"not compared: {missing}")
    for name in dropped:
        say(f"no longer there: release {name} of the earlier run")
    if found.expired:
        say(
            f"the verdict expired on {found.expires.isoformat()}: attacks improve and other data "
            "appear; run the study again"
        )
